import type { Step } from '../refusals';

/** One status of the dictionary of gift requests. */
export interface GiftStatus extends Partial<Step> {
	code: number;
	/** In the dictionary's words. */
	means: string;
}

/**
 * The dictionary of gift request statuses (https://docs.freedompay.kz/doc-761007), by the names that this package calls them. What a status
 * means to one method stands in its declaration.
 */
export const GIFT = {
	success: { code: 0, means: 'successful' },
	generalError: { code: -1, means: 'general error without description', then: 'again' },
	noName: { code: -2, means: 'name missing or incorrect', then: 'again' },
	noPhone: { code: -3, means: 'missing or invalid phone number', then: 'again' },
	productNotFound: { code: -4, means: 'product code not found', then: 'again' },
	issueFailed: {
		code: -5,
		means: 'card issue error on the bank side',
		step: 'The bank could not issue the card. Wait a while, and ask FreedomPay if it stays so.',
		then: 'again',
	},
	notEnoughFunds: {
		code: -6,
		means: "not enough funds on the partner's account to issue the card",
		step: 'Have money added to your account as a partner of FreedomPay.',
		then: 'again',
	},
	cardNotFound: {
		code: -7,
		means: 'invalid or not found card ID',
		step: 'Check the Card ID of the gift card, and the Environment of the credential.',
		cause: 'card_not_found',
	},
	wrongCode: { code: -8, means: 'incorrect OTP', cause: 'wrong_code' },
	activationFailed: {
		code: -9,
		means: "failed to activate the card on the bank's side",
		step: 'The bank could not activate the card. Wait a while, and ask FreedomPay if it stays so.',
		then: 'again',
	},
	alreadyActivated: { code: -10, means: 'card is already activated', cause: 'already_activated' },
	notAllowed: {
		code: -11,
		means: 'access denied to product or card',
		step: 'Ask FreedomPay whether your Auth ID may use this product and this card.',
		cause: 'not_allowed',
		then: 'again',
	},
} as const satisfies Readonly<Record<string, GiftStatus>>;

const BY_CODE: ReadonlyMap<string, GiftStatus> = new Map(Object.values(GIFT).map((status) => [String(status.code), status]));

/** The dictionary's entry of a status, given as its digits; undefined where it has none. */
export function giftStatusOf(code: string): GiftStatus | undefined {
	return BY_CODE.get(code);
}

/** The dictionary of gift card statuses (https://docs.freedompay.kz/doc-761007). `hinders`: it may be why a request about the card is refused. */
const CARD_STATUSES: Readonly<Record<string, { means: string; hinders?: true }>> = {
	'0': { means: 'unknown' },
	'1': { means: 'issued' },
	'2': { means: 'activated' },
	'3': { means: 'canceled', hinders: true },
	'4': { means: 'blocked', hinders: true },
	'5': { means: 'expired', hinders: true },
};

export const GIFT_CARD_STATUSES: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(CARD_STATUSES).map(([code, { means }]) => [code, means]));

/** What a gift card is that cannot be used, by the digits of its status; undefined where it can, or nobody knows. */
export function hindranceOf(code: string): string | undefined {
	const status = CARD_STATUSES[code];
	return status?.hinders === true ? status.means : undefined;
}
