import type { Step } from '../refusals';

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

/** By the dictionary of gift request statuses, where Confirm has to say something of its own. */
export const GIFT_REFUSALS: Readonly<Record<string, Step>> = {
	'-1': { step: 'FreedomPay gives no reason. Check the one-time code and the Card ID; if both are right, ask FreedomPay.', then: 'again' },
	'-2': { step: 'A confirmation carries no name. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	'-3': { step: 'A confirmation carries no phone number. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	'-4': { step: 'A confirmation carries no product code. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	'-5': { step: 'The bank could not issue the card. Wait a while, and ask FreedomPay if it stays so.', then: 'again' },
	'-6': { step: 'Have money added to your account as a partner of FreedomPay.', then: 'again' },
	'-7': { step: 'Check the Card ID of the gift card, and the Environment of the credential.', cause: 'card_not_found' },
	'-8': { step: 'Ask the customer for the code of the last message, and confirm again with that one.', cause: 'wrong_code' },
	'-9': { step: 'The bank could not activate the card. Wait a while, and ask FreedomPay if it stays so.', then: 'again' },
	'-10': { step: 'The gift card is activated already: nothing is left to do.', cause: 'already_activated', then: 'nothing' },
	'-11': { step: 'Ask FreedomPay whether your Auth ID may use this product and this card.', cause: 'not_allowed', then: 'again' },
};
