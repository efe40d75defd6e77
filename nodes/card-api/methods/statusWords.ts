/*
 * The words that answers tell their outcome in (page "Dictionaries"), one table each. A word that is not here tells nothing: a command is
 * asked about then, and a read passes it on with a hint.
 */

/** What a request has come to, in the words of the page. */
export type RequestState = 'success' | 'process' | 'error';

/** What each word of `request_status` says that a request has come to. */
const REQUEST_STATUS = {
	success: 'success',
	process: 'process',
	error: 'error',
} as const satisfies Readonly<Record<string, RequestState>>;

/** What each word of `status` says of the request that was answered: taken, or not. That it is being processed is for `request_status` to say. */
const STATUS = { ok: 'success', error: 'error' } as const satisfies Readonly<Record<string, Exclude<RequestState, 'process'>>>;

export const REQUEST_STATUS_WORDS = Object.keys(REQUEST_STATUS) as Array<keyof typeof REQUEST_STATUS>;
export const STATUS_WORDS = Object.keys(STATUS) as Array<keyof typeof STATUS>;

/** The fields of an answer that hold such words, and what each word says. */
export const STATES_BY_WORD: Readonly<Record<'status' | 'request_status', ReadonlyMap<string, RequestState>>> = {
	status: new Map(Object.entries(STATUS)),
	request_status: new Map(Object.entries(REQUEST_STATUS)),
};

/** The words of an answer by which a request was carried out. */
export const OF_SUCCESS = { status: 'ok', request_status: 'success' } as const satisfies { status: keyof typeof STATUS; request_status: keyof typeof REQUEST_STATUS };
