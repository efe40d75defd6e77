import type { IHttpRequestOptions } from 'n8n-workflow';

import { parseAnswer, type JsonObject } from '../json/exactJson';

/** An answer is cut off here: no documented one comes near it. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** What kept a request from leaving. */
export interface Hindrance {
	code: string;
	reason: string;
	/**
	 * n8n's own guard against internal addresses, the proxy that n8n is set to use, or a file that could not be read again; absent:
	 * none of these, as far as can be told.
	 */
	by?: 'ssrfProtection' | 'proxy' | 'file';
	/** The host that the request was for. */
	host: string;
	/** What the proxy answered. */
	httpStatus?: number;
}

/** What one request on the wire came to. An attempt never throws. */
export type Reply =
	/** A whole answer. `json` is absent when the body is no JSON object. */
	| { kind: 'answered'; httpStatus: number; headers: Readonly<Record<string, unknown>>; text: string; json: JsonObject | undefined }
	/** The request never left: no connection came about, or (`blocked`) it was not allowed to, and the next one would not be either. */
	| ({ kind: 'notSent' | 'blocked' } & Hindrance)
	/** The request may have arrived; its answer did not, or not whole. */
	| { kind: 'lost'; code: string; httpStatus?: number }
	/** The execution was cancelled. `sent` tells whether the request may have arrived. */
	| { kind: 'cancelled'; sent: boolean };

/** What ends a request before its answer is in. Requests that begin at about the same time can share one. */
export interface Stop {
	/** Aborts at the deadline for the whole answer. */
	deadline: AbortSignal;
	/** The execution's. */
	cancel: AbortSignal | undefined;
	/** Aborts with either. */
	signal: AbortSignal;
}

/** One request's sender: n8n's own helper, which signs through the credential. */
export type SendRequest = (options: IHttpRequestOptions & { abortSignal: AbortSignal }) => Promise<unknown>;

/** The way to the API with one credential. */
export interface Route {
	/** Scheme, host and port. */
	origin: string;
	/** The same for the same credential, and only in memory. */
	key: string;
	send: SendRequest;
}

interface Fault {
	code: string;
	syscall: string;
	message: string;
	name: string;
	/** That of the request: null when it never got one, undefined when nothing tells. */
	socket: { encrypted?: boolean } | null | undefined;
	/** The answer that n8n made an error of. */
	response: { status: number; headers: Readonly<Record<string, unknown>>; data: Incoming } | undefined;
}

/** Finds the socket's own error inside what n8n, axios and Node.js (for several addresses of one host) wrapped around it. */
function faultOf(error: unknown): Fault {
	const fault: Fault = { code: '', syscall: '', message: '', name: '', socket: undefined, response: undefined };
	for (let depth = 0, inner = error; depth < 6 && typeof inner === 'object' && inner !== null; depth++) {
		const { request, response } = inner as { request?: Pick<Fault, 'socket'>; response?: Fault['response'] };
		if (fault.socket === undefined) fault.socket = request?.socket;
		fault.response ??= response;
		for (const key of ['code', 'syscall', 'message', 'name'] as const) {
			const value = (inner as Record<string, unknown>)[key];
			if (typeof value === 'string' && value !== '') fault[key] = value;
		}
		const { cause, errors } = inner as { cause?: unknown; errors?: unknown };
		inner = cause ?? (Array.isArray(errors) ? (errors[0] as unknown) : undefined);
	}
	return fault;
}

/** Codes that only looking a host up or connecting to it gives. */
const NO_CONNECTION = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const HANDSHAKE_REFUSED = /wrong version number|handshake failure|unsupported protocol|no protocols available|before secure TLS connection was established/;

/**
 * Whether a fault came before the request could leave. A reset or an unreachable host says nothing of the kind unless it came
 * while connecting or in the TLS handshake: the network may go away with a request on its way.
 */
function cameBeforeSending({ code, syscall, message }: Fault): boolean {
	return (
		NO_CONNECTION.has(code) ||
		syscall === 'connect' ||
		syscall.startsWith('getaddrinfo') ||
		/^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/.test(code) ||
		HANDSHAKE_REFUSED.test(message)
	);
}

/** What a proxy answers that may answer otherwise the next time: that the host or the proxy itself is busy or down. */
const mayPass = (httpStatus: number) => httpStatus >= 500 || httpStatus === 408 || httpStatus === 429;

/**
 * Who kept a request from leaving, if somebody on the way did. n8n goes through a proxy to an https host by a tunnel (RFC 9110, section
 * 9.3.6), and gives the request a connection when that is there. What a proxy answers instead looks like the host's own answer, but
 * came over a connection without TLS.
 */
function hindranceOf(url: string, { code, name, message, socket, response }: Fault): ({ kind: 'notSent' | 'blocked' } & Hindrance) | undefined {
	const { protocol, hostname: host } = new URL(url);
	if (/^Ssrf/.test(name)) return { kind: 'blocked', by: 'ssrfProtection', code: 'SSRF_PROTECTION', reason: message, host };
	// The host's address was checked before: it is the proxy's.
	if (code === 'ERR_INVALID_URL') return { kind: 'blocked', by: 'proxy', code, reason: '', host };
	const hasNoTls = protocol === 'https:' && typeof socket === 'object' && socket?.encrypted !== true;
	if (response === undefined) return socket === null || hasNoTls ? { kind: 'notSent', by: 'proxy', code: code || 'NO_TUNNEL', reason: '', host } : undefined;
	const { status: httpStatus } = response;
	// Only proxies answer 407 (RFC 9110, section 15.5.8).
	if (!hasNoTls && httpStatus !== 407) return undefined;
	return { kind: mayPass(httpStatus) ? 'notSent' : 'blocked', by: 'proxy', code: `PROXY_HTTP_${httpStatus}`, reason: '', host, httpStatus };
}

/** A body as it comes, in the part of Node.js's `Readable` that is used here. */
interface Incoming {
	on(event: 'data', listener: (chunk: Buffer) => void): this;
	on(event: 'error', listener: (error: Error) => void): this;
	on(event: 'end' | 'close', listener: () => void): this;
	destroy(): void;
}

interface Response {
	body: Incoming;
	headers: Readonly<Record<string, unknown>>;
	statusCode: number;
}

/**
 * Reads a body to its end; undefined when it is too large. By events: iterating over the stream costs
 * several times as much.
 */
async function readText(body: Incoming): Promise<string | undefined> {
	return await new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		body.on('data', (chunk) => {
			size += chunk.length;
			if (size <= MAX_ANSWER_BYTES) {
				chunks.push(chunk);
				return;
			}
			chunks.length = 0;
			resolve(undefined);
			body.destroy();
		});
		let hasEnded = false;
		body.on('end', () => {
			hasEnded = true;
			resolve(Buffer.concat(chunks).toString('utf8'));
		});
		body.on('error', reject);
		// An end that was none: whatever came is not the whole answer.
		body.on('close', () => (hasEnded ? undefined : reject(new Error('The connection was closed'))));
	});
}

/**
 * The answers that n8n is to make errors of, since only its error tells over which connection one came: all that may be a proxy's. After
 * a 401 it would send the request again.
 */
const TOLD_AS_ERRORS = Array.from({ length: 300 }, (_, index) => 300 + index).filter((status) => status !== 401);

/** The answer that n8n made an error of. */
function answerIn({ response }: Fault): Response | undefined {
	return response && { body: response.data, headers: response.headers, statusCode: response.status };
}

/** Sends a request once and reads its whole answer. */
export async function attempt(send: SendRequest, url: string, body: Buffer, { deadline, cancel, signal }: Stop): Promise<Reply> {
	if (cancel?.aborted) return { kind: 'cancelled', sent: false };
	let httpStatus: number | undefined;
	const broken = (fault: Fault): Reply => {
		if (cancel?.aborted) return { kind: 'cancelled', sent: true };
		const status = httpStatus === undefined ? {} : { httpStatus };
		if (deadline.aborted) return { kind: 'lost', code: 'TIMEOUT', ...status };
		if (httpStatus === undefined && cameBeforeSending(fault)) {
			return { kind: 'notSent', code: fault.code, reason: fault.message, host: new URL(url).hostname };
		}
		return { kind: 'lost', code: fault.code === '' ? 'NO_ANSWER' : fault.code, ...status };
	};
	let response: Response | undefined;
	let fault: Fault | undefined;
	try {
		response = (await send({
			method: 'POST',
			url,
			headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
			body,
			encoding: 'stream',
			returnFullResponse: true,
			ignoreHttpStatusErrors: { ignore: true, except: TOLD_AS_ERRORS },
			disableFollowRedirect: true,
			sendCredentialsOnCrossOriginRedirect: false,
			// n8n's own limit of five minutes is an idle timer, and shorter than some deadlines.
			timeout: 0,
			abortSignal: signal,
		})) as Response;
	} catch (error) {
		fault = faultOf(error);
		response = answerIn(fault);
	}
	try {
		const hindrance = fault === undefined ? undefined : hindranceOf(url, fault);
		if (hindrance !== undefined) {
			// A proxy's page is read for the connection's sake only: it may name who asks.
			await (response && readText(response.body).catch(() => undefined));
			return deadline.aborted ? { ...hindrance, code: 'TIMEOUT' } : hindrance;
		}
		if (response === undefined) return broken(fault ?? faultOf(undefined));
		httpStatus = response.statusCode;
		const text = await readText(response.body);
		if (text === undefined) return { kind: 'lost', code: 'ANSWER_TOO_LARGE', httpStatus };
		return { kind: 'answered', httpStatus, headers: response.headers, text, json: parseAnswer(text) };
	} catch (error) {
		return broken(faultOf(error));
	}
}
