import type { Step } from '../refusals';

/** One status of the dictionary of gift requests. */
export interface GiftStatus {
	code: number;
	/** In the dictionary's words. */
	means: string;
	/** What to do about it, where Confirm is refused with it. */
	refusal?: Step;
}

/** The dictionary of gift request statuses (https://docs.freedompay.kz/doc-761007), by the names that this package calls them. */
export const GIFT = {
	success: { code: 0, means: 'successful' },
	generalError: {
		code: -1,
		means: 'general error without description',
		refusal: { step: 'FreedomPay gives no reason. Check the one-time code and the Card ID; if both are right, ask FreedomPay.', then: 'again' },
	},
	noName: {
		code: -2,
		means: 'name missing or incorrect',
		refusal: { step: 'A confirmation carries no name. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	},
	noPhone: {
		code: -3,
		means: 'missing or invalid phone number',
		refusal: { step: 'A confirmation carries no phone number. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	},
	productNotFound: {
		code: -4,
		means: 'product code not found',
		refusal: { step: 'A confirmation carries no product code. Have FreedomPay correct it, or correct it where the gift card is issued.', then: 'again' },
	},
	issueFailed: {
		code: -5,
		means: 'card issue error on the bank side',
		refusal: { step: 'The bank could not issue the card. Wait a while, and ask FreedomPay if it stays so.', then: 'again' },
	},
	notEnoughFunds: {
		code: -6,
		means: "not enough funds on the partner's account to issue the card",
		refusal: { step: 'Have money added to your account as a partner of FreedomPay.', then: 'again' },
	},
	cardNotFound: {
		code: -7,
		means: 'invalid or not found card ID',
		refusal: { step: 'Check the Card ID of the gift card, and the Environment of the credential.', cause: 'card_not_found' },
	},
	wrongCode: {
		code: -8,
		means: 'incorrect OTP',
		refusal: { step: 'Ask the customer for the code of the last message, and confirm again with that one.', cause: 'wrong_code' },
	},
	activationFailed: {
		code: -9,
		means: "failed to activate the card on the bank's side",
		refusal: { step: 'The bank could not activate the card. Wait a while, and ask FreedomPay if it stays so.', then: 'again' },
	},
	alreadyActivated: {
		code: -10,
		means: 'card is already activated',
		refusal: { step: 'The gift card is activated already: nothing is left to do.', cause: 'already_activated', then: 'nothing' },
	},
	notAllowed: {
		code: -11,
		means: 'access denied to product or card',
		refusal: { step: 'Ask FreedomPay whether your Auth ID may use this product and this card.', cause: 'not_allowed', then: 'again' },
	},
} as const satisfies Readonly<Record<string, GiftStatus>>;

const BY_CODE: ReadonlyMap<string, GiftStatus> = new Map(Object.values(GIFT).map((status) => [String(status.code), status]));

/** The dictionary's entry of a status, given as its digits; undefined where it has none. */
export function giftStatusOf(code: string): GiftStatus | undefined {
	return BY_CODE.get(code);
}

/** The dictionary of gift card statuses (https://docs.freedompay.kz/doc-761007). */
export const GIFT_CARD_STATUSES: Readonly<Record<string, string>> = {
	'0': 'unknown',
	'1': 'issued',
	'2': 'activated',
	'3': 'canceled',
	'4': 'blocked',
	'5': 'expired',
};
