/** Names of fields that hold what must not be shown, in requests and answers alike. */
export const SECRET_NAMES = /^(?:otp|pin|cvv2?|cvc2?|pan|card_number|partner_key)$/i;
