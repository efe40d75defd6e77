/** One JSON error answer: the HTTP status and the body, to which the time (`dt`) is added. */
export interface ErrorAnswer {
	httpStatus: number;
	body: Readonly<Record<string, unknown>>;
}

/**
 * What the documentation leaves unknown. Every default here is an assumption of the sandbox, made so
 * that there is something to test against; none of it is known behaviour of FreedomPay. The codes
 * are those of the sibling E-Money API.
 */
export interface Assumptions {
	/** To a request id that was used before. */
	repeatedRequestId: ErrorAnswer;
	/** To `request/status` of an id that was never received. */
	unknownRequest: ErrorAnswer;
	/** To a signature that does not verify. */
	badSignature: ErrorAnswer;
	/** To a body that breaks the documented contract. Such a request leaves its id unused. */
	invalidParameters: ErrorAnswer;
	/**
	 * To a command that cannot be done, such as closing a closed card, and to a read about something that does not exist. Why is
	 * told in `error_description`. A request with an id is remembered as failed.
	 */
	commandFailed: ErrorAnswer;
	/** The days before its end that a statement is about when no start is asked for. Without an end it ends now. */
	statementDays: number;
	/**
	 * To a path below `/v5/` that is not documented publicly: taken as a command that succeeds and changes nothing that the sandbox
	 * knows, its request id remembered; or refused with HTTP 404. The journal says `assumed` of such a request.
	 */
	undocumentedPaths: 'accept' | 'refuse';
	/** The `status` of a `request/status` answer about a request that failed. */
	statusOfFailedRequest: 'ok' | 'error';
}

/** The sandbox's assumptions unless told otherwise. */
export const assumptions: Assumptions = {
	repeatedRequestId: {
		httpStatus: 200,
		body: {
			status: 'error',
			request_status: 'error',
			error_code: 1002,
			error_description: 'request_id is not unique',
		},
	},
	unknownRequest: {
		httpStatus: 200,
		body: { status: 'error', error_code: 1006, error_description: 'request not found' },
	},
	badSignature: {
		httpStatus: 401,
		body: { status: 'error', error_code: 1003, error_description: 'signature is not valid' },
	},
	invalidParameters: {
		httpStatus: 200,
		body: { status: 'error', error_code: 1001, error_description: 'parameters are not valid' },
	},
	commandFailed: {
		httpStatus: 200,
		body: { status: 'error', request_status: 'error' },
	},
	statementDays: 30,
	undocumentedPaths: 'accept',
	statusOfFailedRequest: 'ok',
};

/** Other forms that the answer about an unknown request id may have. */
export const unknownRequestForms = {
	/** The default: HTTP 200 with the code of the E-Money API. */
	withCode: assumptions.unknownRequest,
	/** HTTP 200 without any code or text. */
	bare: { httpStatus: 200, body: { status: 'error', request_status: 'error' } },
	http404: { httpStatus: 404, body: assumptions.unknownRequest.body },
	http400: { httpStatus: 400, body: assumptions.unknownRequest.body },
} as const satisfies Record<string, ErrorAnswer>;

/** Other forms that the answer to a repeated request id may have. */
export const repeatedRequestIdForms = {
	/** The default: HTTP 200 with the code of the E-Money API. */
	withCode: assumptions.repeatedRequestId,
	/** HTTP 200 without any code or text. */
	bare: { httpStatus: 200, body: { status: 'error', request_status: 'error' } },
	http400: { httpStatus: 400, body: assumptions.repeatedRequestId.body },
	http409: { httpStatus: 409, body: assumptions.repeatedRequestId.body },
} as const satisfies Record<string, ErrorAnswer>;

/** What can be changed while the sandbox runs. */
export interface Settings extends Assumptions {
	/** 0: commands are `success` at once. Else they answer `process` and settle that much later. */
	processingMs: number;
	/** How long the server takes before it acts on a request. */
	latencyMs: number;
	/** How long `request/status` does not know of a request that came. */
	statusLagMs: number;
	/**
	 * Whether requests about cards, clients, accounts and transactions that do not exist are refused, or taken as if these
	 * existed: a card is then a new one.
	 */
	unknownIds: 'refuse' | 'accept';
}

/** Settings with every default filled in; whatever else is given is left out. */
export function settingsFrom(given: Partial<Settings>): Settings {
	const defaults: Settings = { processingMs: 0, latencyMs: 0, statusLagMs: 0, unknownIds: 'refuse', ...assumptions };
	const known = Object.entries(given).filter(([name, value]) => name in defaults && value !== undefined);
	return { ...defaults, ...Object.fromEntries(known) };
}
