import { CLOSED, NOT_FOUND, NOT_FOUND_BEFORE, SAYS_REPEATED, says, type RefusalMeaning } from './refusals';

const THE_CARD_AND_ITS_ENVIRONMENT = 'Check the Card ID, and that the Environment of the credential is the one that the card belongs to.';
const CREATE_THE_CLIENT = 'Check the Client ID, or create the client first with Client: Create and use the client_id of its answer.';

/** What a refusal means, whatever the method. */
export interface GeneralRefusal extends RefusalMeaning {
	/** The fields that the request must have for it to count. */
	with?: readonly string[];
}

/** By what FreedomPay says in words to whatever method, which nobody documents. What a method's own refusals mean stands with it. The first row that fits counts, and only as far as the words mean that. */
export const GENERAL_REFUSALS: readonly GeneralRefusal[] = [
	{
		says: says('card', CLOSED),
		example: 'card is closed',
		cause: 'card_closed',
		step: 'FreedomPay says that the card is closed, which cannot be undone. Use another card.',
	},
	{
		says: says('card', '(?:is |was |has been )(?:temporarily )?blocked|заблокирована?(?!\\p{L})'),
		example: 'card is blocked',
		with: ['card_id'],
		cause: 'card_blocked',
		step: 'FreedomPay says that the card is blocked. Unblock it with Card: Unblock, or ask FreedomPay why it is blocked.',
		then: 'again',
	},
	{
		says: SAYS_REPEATED,
		example: 'request id is not unique',
		cause: 'request_id_used',
		step: 'FreedomPay says that the request ID was used before, and then a request is not processed. Look it up with Request: Get Status before you send it under another one.',
	},
	{
		says: says('client', NOT_FOUND, NOT_FOUND_BEFORE),
		example: 'client not found',
		with: ['client_id'],
		cause: 'client_not_found',
		step: `FreedomPay says that it does not know the client. ${CREATE_THE_CLIENT}`,
	},
	{
		says: says('card', NOT_FOUND, NOT_FOUND_BEFORE),
		example: 'card not found',
		with: ['card_id'],
		cause: 'card_not_found',
		step: `FreedomPay says that it does not know the card. ${THE_CARD_AND_ITS_ENVIRONMENT}`,
	},
	{
		says: says('transaction', NOT_FOUND, NOT_FOUND_BEFORE),
		example: 'transaction not found',
		with: ['transaction_id'],
		cause: 'transaction_not_found',
		step: 'FreedomPay says that it does not know the transaction. Check the Order ID and the Transaction ID, and that the Environment of the credential is theirs.',
	},
	{
		says: says('request', NOT_FOUND, NOT_FOUND_BEFORE),
		example: 'request not found',
		with: ['request_id'],
		cause: 'request_not_found',
		step: 'FreedomPay says that it does not know the request. Check the Request ID, and that the credential is the one it was sent with. Of an old request this is no proof that nothing happened.',
	},
	{
		says: /^(?:(?:object|record|entity|resource|data) )?not found|^не найден/,
		example: 'not found',
		with: ['card_id', 'client_id'],
		step: `FreedomPay does not say what it did not find: the card or the client. ${THE_CARD_AND_ITS_ENVIRONMENT} ${CREATE_THE_CLIENT}`,
	},
	{
		says: /^(?:(?:object|record|entity|resource|data) )?not found|^не найден/,
		example: 'not found',
		with: ['card_id'],
		step: `FreedomPay does not say what it did not find. ${THE_CARD_AND_ITS_ENVIRONMENT}`,
	},
	{
		says: /(?:wrong|incorrect|invalid) (?:otp|(?:one-time |confirmation )?code)(?=$|[.,;:!(])|неверн\S+ (?:otp|код(?: подтверждения| из (?:sms|смс))?)(?=$|[.,;:!(])/,
		example: 'wrong code',
		cause: 'wrong_code',
		step: 'FreedomPay says that the code is wrong. Ask the customer for the code of the last message, and send that one.',
	},
	{
		says: /access (?:is )?denied|permission denied|not (?:allowed|permitted)|forbidden|доступ запрещ|нет доступа|недостаточно прав/,
		example: 'access denied',
		cause: 'not_allowed',
		step: 'FreedomPay says that this is not allowed. Ask FreedomPay whether your Auth ID may do this, and for this card or client.',
		then: 'again',
	},
];
