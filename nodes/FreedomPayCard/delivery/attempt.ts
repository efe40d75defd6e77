import type { IHttpRequestOptions } from 'n8n-workflow';

import type { Clock } from './clock';
import { parseAnswer, type JsonObject } from '../json/exactJson';

/** An answer is cut off here: no documented one comes near it. */
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** What one request on the wire came to. An attempt never throws. */
export type Reply =
	/** A whole answer. `json` is absent when the body is no JSON object. */
	| { kind: 'answered'; httpStatus: number; headers: Readonly<Record<string, unknown>>; text: string; json: JsonObject | undefined }
	/** The request never left: no connection came about. */
	| { kind: 'notSent'; code: string; reason: string }
	/** The request may have arrived; its answer did not, or not whole. */
	| { kind: 'lost'; code: string; httpStatus?: number }
	/** The execution was cancelled. `sent` tells whether the request may have arrived. */
	| { kind: 'cancelled'; sent: boolean };

/** One request's sender: n8n's own helper, which signs through the credential. */
export type SendRequest = (options: IHttpRequestOptions, signal: AbortSignal) => Promise<unknown>;

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
}

/** Finds the socket's own error inside what n8n, axios and Node.js (for several addresses of one host) wrapped around it. */
function faultOf(error: unknown): Fault {
	const fault: Fault = { code: '', syscall: '', message: '', name: '' };
	for (let depth = 0, inner = error; depth < 6 && typeof inner === 'object' && inner !== null; depth++) {
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
function cameBeforeSending({ code, syscall, message, name }: Fault): boolean {
	return (
		NO_CONNECTION.has(code) ||
		syscall === 'connect' ||
		syscall.startsWith('getaddrinfo') ||
		/^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH)/.test(code) ||
		HANDSHAKE_REFUSED.test(message) ||
		// n8n's own guard against internal addresses.
		/^Ssrf/.test(name)
	);
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
		body.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
		body.on('error', reject);
		// An end that was none: whatever came is not the whole answer.
		body.on('close', () => reject(new Error('The connection was closed')));
	});
}

/**
 * Sends a request once and reads its whole answer.
 * @param timeoutMs a deadline for the whole answer, not an idle timer
 * @param cancel the execution's signal
 */
export async function attempt(
	send: SendRequest,
	url: string,
	body: Buffer,
	{ timeoutMs, cancel, clock }: { timeoutMs: number; cancel: AbortSignal | undefined; clock: Clock },
): Promise<Reply> {
	if (cancel?.aborted) return { kind: 'cancelled', sent: false };
	const stop = new AbortController();
	const deadline = clock.deadline(timeoutMs);
	const abort = () => stop.abort();
	deadline.addEventListener('abort', abort);
	cancel?.addEventListener('abort', abort);
	let httpStatus: number | undefined;
	try {
		const response = (await send(
			{
				method: 'POST',
				url,
				headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
				body,
				encoding: 'stream',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
				sendCredentialsOnCrossOriginRedirect: false,
			},
			stop.signal,
		)) as Response;
		httpStatus = response.statusCode;
		const text = await readText(response.body);
		if (text === undefined) return { kind: 'lost', code: 'ANSWER_TOO_LARGE', httpStatus };
		return { kind: 'answered', httpStatus, headers: response.headers, text, json: parseAnswer(text) };
	} catch (error) {
		if (cancel?.aborted) return { kind: 'cancelled', sent: true };
		const status = httpStatus === undefined ? {} : { httpStatus };
		if (deadline.aborted) return { kind: 'lost', code: 'TIMEOUT', ...status };
		const fault = faultOf(error);
		if (httpStatus === undefined && cameBeforeSending(fault)) {
			return { kind: 'notSent', code: fault.code, reason: fault.message };
		}
		return { kind: 'lost', code: fault.code === '' ? 'NO_ANSWER' : fault.code, ...status };
	} finally {
		deadline.removeEventListener('abort', abort);
		cancel?.removeEventListener('abort', abort);
	}
}
