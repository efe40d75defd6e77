/*
 * What it means that FreedomPay refuses. Its words are not documented: a pattern counts only as far as the words mean that, and none
 * makes of a command that was not done one that was.
 */

/** Why an item failed. */
export const CAUSES = [
	'input', 'credential', 'unreachable', 'blocked', 'wrong_host', 'rate_limit', 'canceled', 'no_answer', 'defect', 'request_id_used',
	'already_closed', 'already_linked', 'already_activated', 'already_refunded', 'already_exists', 'not_blocked', 'card_blocked',
	'card_closed', 'card_not_found', 'client_not_found', 'transaction_not_found', 'request_not_found', 'wrong_code', 'not_allowed', 'other',
] as const;

export type CauseWord = (typeof CAUSES)[number];

/** A next step. `then`: that nothing is left to do, or that the same command is worth sending again. */
export interface Step {
	step: string;
	/** Where FreedomPay's words or its dictionary tell. */
	cause?: CauseWord;
	then?: 'nothing' | 'again';
}

/** What it means that the API says something when it refuses. */
export interface RefusalMeaning extends Step {
	/** What FreedomPay says: in small letters, white space as single spaces. */
	says: RegExp;
	/** Words that it may say so in. */
	example: string;
}

const NOUNS = {
	account: 'account|сч[её]т',
	card: 'card(?! ?holder)|карт',
	client: 'client|customer|card ?holder|клиент|держател',
	request: 'request|запрос|заявк',
	transaction: 'transaction|order|payment|транзакц|заказ|плат[её]ж',
} as const;

const START = '(?<![\\p{L}\\p{N}])';

/** Whose state it is, if a sentence names two of these, is more than a pattern can tell. */
const HOLDERS = `${START}(?:${NOUNS.account}|${NOUNS.card}|${NOUNS.client})`;

/** Matches words of the API that say something of something, without a "not" between the two, in either order. */
export function says(noun: keyof typeof NOUNS, what: string, before = what): RegExp {
	const gap = `(?: (?!not |не |будет |быть |${HOLDERS})[^\\s.;,]+){0,5}`;
	const after = `(?<!${HOLDERS}[^.:;,]*)${START}(?:${NOUNS[noun]})[^\\s.;,]*${gap} (?:${what})`;
	return new RegExp(`${after}|${START}(?:${before})(?: the| this)? (?:${NOUNS[noun]})`, 'u');
}

export const NOT_FOUND = '(?:is |was )?(?:not found|unknown|not known)|do(?:es)? ?(?:not|n[\'’]t) exist|(?:not|cannot) be found|не найден|не существует|неизвест';
export const NOT_FOUND_BEFORE = 'unknown|no such|not found|(?:could|can) ?not find|не найден\\S*|неизвестн\\S*|не существует';
export const CLOSED = 'already (?:been )?closed|closed already|(?:is|was|has been) closed|(?:уже )?(?:была? )?закрыта?(?!\\p{L})';

/** That a request id was used before. */
export const SAYS_REPEATED = /request[ _]?id\S* (?:is |was )?(?:not unique|already used|already exists)|duplicate request|не уникал/;
