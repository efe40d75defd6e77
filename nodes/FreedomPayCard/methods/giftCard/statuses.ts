/** The dictionary of gift request statuses (https://docs.freedompay.kz/doc-761007). */
export const GIFT_STATUSES: Readonly<Record<string, string>> = {
	'0': 'successful',
	'-1': 'general error without description',
	'-2': 'name missing or incorrect',
	'-3': 'missing or invalid phone number',
	'-4': 'product code not found',
	'-5': 'card issue error on the bank side',
	'-6': "not enough funds on the partner's account to issue the card",
	'-7': 'invalid or not found card ID',
	'-8': 'incorrect OTP',
	'-9': "failed to activate the card on the bank's side",
	'-10': 'card is already activated',
	'-11': 'access denied to product or card',
};

/** The dictionary of gift card statuses (https://docs.freedompay.kz/doc-761007). */
export const GIFT_CARD_STATUSES: Readonly<Record<string, string>> = {
	'0': 'unknown',
	'1': 'issued',
	'2': 'activated',
	'3': 'canceled',
	'4': 'blocked',
	'5': 'expired',
};
