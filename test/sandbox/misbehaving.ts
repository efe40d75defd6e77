import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';

import type { Fault, FaultKind } from './faults';
import type { JournalEntry } from './journal';
import type { Answer, ForcedEnd } from './processing';

const HUGE_BYTES = 200 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const TRICKLE_MS = 100;
const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' };

const REASONS: Readonly<Record<number, string>> = {
	404: 'Not Found',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Time-out',
};

/** The ends that some faults force on a command instead of doing it. */
export const forcedEnds: Partial<Record<FaultKind, ForcedEnd>> = {
	errorRequestStatus: 'error',
	processForever: 'process',
	unknownRequestStatus: 'undocumented',
};

/** What delivering an answer, well or badly, works with. */
export interface Delivery {
	response: ServerResponse;
	entry: JournalEntry;
	now: () => number;
	/** Waits; rejects when the sandbox closes. */
	pause: (ms: number) => Promise<void>;
	/** Waits until the gate lets answers to this path through. */
	turn: () => Promise<void>;
	/** Waits for a time, or until the gate is opened; rejects when the request is forgotten. */
	takeTime: (ms: number | undefined) => Promise<void>;
}

function html(status: number): string {
	const title = `${status} ${REASONS[status] ?? 'Error'}`;
	return `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n<body><h1>${title}</h1><hr>sandbox</body></html>\n`;
}

/** Sends a whole answer. */
export function send(
	{ response, entry }: Delivery,
	status: number,
	headers: Record<string, string>,
	body: string,
	told: unknown = body,
): void {
	entry.status = status;
	entry.answer = told;
	response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
	response.end(body);
}

/** Sends an answer as it should be. */
function sendJson(delivery: Delivery, { httpStatus, body }: Pick<Answer, 'httpStatus' | 'body'>): void {
	send(delivery, httpStatus, JSON_TYPE, JSON.stringify(body), body);
}

function drop({ response }: Delivery, reset: boolean | undefined): void {
	const { socket } = response;
	// A TLS socket cannot be reset.
	if (reset && socket !== null && !('encrypted' in socket)) socket.resetAndDestroy();
	else socket?.destroy();
}

function retryAfter({ retryAfter: told }: Fault, now: number): Record<string, string> {
	if (told === undefined) return {};
	return { 'retry-after': typeof told === 'object' ? new Date(now + told.inMs).toUTCString() : String(told) };
}

function sendRaw(delivery: Delivery, { status = 200, body = '', headers = {} }: Fault): void {
	send(delivery, status, { ...JSON_TYPE, ...headers }, typeof body === 'string' ? body : JSON.stringify(body), body);
}

type Misbehaviour = (delivery: Delivery, fault: Fault) => void | Promise<void>;

const sendHtml =
	(status: number): Misbehaviour =>
	(delivery) =>
		send(delivery, status, HTML_TYPE, html(status));

const refuseJson =
	(status: number, description: string): Misbehaviour =>
	(delivery) =>
		sendJson(delivery, { httpStatus: status, body: { status: 'error', error_description: description } });

/** The faults that keep a request from acting. */
const insteadOfActing: Partial<Record<FaultKind, Misbehaviour>> = {
	dropBefore: (delivery, { reset }) => drop(delivery, reset),
	stallBefore: () => {},
	http500Before: sendHtml(500),
	http502Before: sendHtml(502),
	http503Before: sendHtml(503),
	http504Before: sendHtml(504),
	notFound: sendHtml(404),
	unauthorized: refuseJson(401, 'unauthorized'),
	forbidden: refuseJson(403, 'forbidden'),
	notFoundJson: refuseJson(404, 'not found'),
	conflict: refuseJson(409, 'conflict'),
	rateLimit(delivery, fault) {
		const body = { status: 'error', error_description: 'too many requests' };
		send(delivery, 429, { ...JSON_TYPE, ...retryAfter(fault, delivery.now()) }, JSON.stringify(body), body);
	},
	redirect(delivery, { status = 307, location = 'https://elsewhere.example/' }) {
		send(delivery, status, { location }, '');
	},
	refuse(delivery, { body }) {
		const fields = typeof body === 'object' ? body : { error_description: 'refused' };
		sendJson(delivery, { httpStatus: 200, body: { status: 'error', request_status: 'error', ...fields } });
	},
	rawBefore: sendRaw,
};

/** The faults after which nobody hears of what the request does. */
const beforeActing: Partial<Record<FaultKind, Misbehaviour>> = {
	async late(delivery, { reset, delayMs }) {
		drop(delivery, reset);
		await delivery.takeTime(delayMs);
	},
};

/** The faults that spoil an answer after the request acted. */
const insteadOfAnswering: Partial<Record<FaultKind, (delivery: Delivery, fault: Fault, answer: Answer) => void | Promise<void>>> = {
	dropAfter: (delivery, { reset }) => drop(delivery, reset),
	stallAfter: () => {},
	late: () => {},
	async delayAfter(delivery, { delayMs = TRICKLE_MS }, answer) {
		await delivery.pause(delayMs);
		sendJson(delivery, answer);
	},
	http500After: sendHtml(500),
	http502After: sendHtml(502),
	http503After: sendHtml(503),
	http504After: sendHtml(504),
	html200After: (delivery) => send(delivery, 200, HTML_TYPE, html(200)),
	empty200After: (delivery) => send(delivery, 200, JSON_TYPE, ''),
	rawAfter: sendRaw,
	invalidJsonAfter: (delivery) => send(delivery, 200, JSON_TYPE, '{"status":"ok","request_status":'),
	truncatedAfter: async (delivery, _fault, answer) => await truncate(delivery, answer, true),
	truncatedChunkedAfter: async (delivery, _fault, answer) => await truncate(delivery, answer, false),
	hugeAfter: sendHuge,
	gzipBombAfter: sendGzipBomb,
	trickleHeadersAfter: trickleHeaders,
	trickleBodyAfter: trickleBody,
};

/** Misbehaves instead of acting. Gives false when the fault lets the request act. */
export async function misbehaveBefore(delivery: Delivery, fault: Fault): Promise<boolean> {
	const misbehave = insteadOfActing[fault.kind];
	if (misbehave === undefined) {
		await beforeActing[fault.kind]?.(delivery, fault);
		return false;
	}
	await delivery.turn();
	await misbehave(delivery, fault);
	return true;
}

/** Delivers an answer, spoiled if the fault wants it so. */
export async function deliver(delivery: Delivery, fault: Fault | undefined, answer: Answer): Promise<void> {
	await delivery.turn();
	const spoil = fault === undefined ? undefined : insteadOfAnswering[fault.kind];
	if (fault === undefined || spoil === undefined) sendJson(delivery, answer);
	else await spoil(delivery, fault, answer);
}

async function truncate({ response, entry }: Delivery, { body }: Answer, lengthIsTold: boolean): Promise<void> {
	const text = Buffer.from(JSON.stringify(body));
	entry.status = 200;
	response.writeHead(200, {
		...JSON_TYPE,
		...(lengthIsTold && { 'content-length': String(text.length) }),
	});
	// Without a length Node.js sends chunks, of which the last, empty one is missing here.
	await new Promise<void>((resolve) => {
		response.write(text.subarray(0, Math.floor(text.length / 2)), () => resolve());
	});
	response.socket?.destroy();
}

/** Writes until the client has everything or has left; tells how many bytes left for it. */
async function stream({ response, entry }: Delivery, chunks: Iterable<Uint8Array>): Promise<void> {
	const { socket } = response;
	const before = socket?.bytesWritten ?? 0;
	const left = once(response, 'close').catch(() => undefined);
	for (const chunk of chunks) {
		if (response.destroyed || socket?.destroyed) break;
		if (!response.write(chunk)) await Promise.race([once(response, 'drain'), left]);
		entry.bytesSent = (socket?.bytesWritten ?? before) - before - (socket?.writableLength ?? 0);
	}
	if (!response.destroyed) response.end();
}

function* hugeJson(bytes: number): Generator<Buffer> {
	const [start, end] = ['{"status":"ok","request_status":"success","padding":"', '"}'].map((part) => Buffer.from(part));
	const filler = Buffer.alloc(CHUNK_BYTES, 'a');
	if (start === undefined || end === undefined) return;
	yield start;
	for (let left = bytes - start.length - end.length; left > 0; left -= CHUNK_BYTES) {
		yield left < CHUNK_BYTES ? filler.subarray(0, left) : filler;
	}
	yield end;
}

async function sendHuge(delivery: Delivery, { bytes = HUGE_BYTES }: Fault): Promise<void> {
	delivery.entry.status = 200;
	delivery.response.writeHead(200, { ...JSON_TYPE, 'content-length': String(bytes) });
	await stream(delivery, hugeJson(bytes));
}

const bombs = new Map<number, Promise<Buffer>>();

async function packed(bytes: number): Promise<Buffer> {
	const gzip = createGzip({ level: 9 });
	const write = promisify((chunk: Buffer, done: (error?: Error | null) => void) => gzip.write(chunk, done));
	const parts: Buffer[] = [];
	gzip.on('data', (part: Buffer) => parts.push(part));
	for (const chunk of hugeJson(bytes)) await write(chunk);
	gzip.end();
	await once(gzip, 'end');
	return Buffer.concat(parts);
}

async function sendGzipBomb(delivery: Delivery, { bytes = HUGE_BYTES }: Fault): Promise<void> {
	let bomb = bombs.get(bytes);
	if (bomb === undefined) bombs.set(bytes, (bomb = packed(bytes)));
	const body = await bomb;
	delivery.entry.status = 200;
	delivery.response.writeHead(200, {
		...JSON_TYPE,
		'content-encoding': 'gzip',
		'content-length': String(body.length),
	});
	await stream(delivery, [body]);
}

async function trickle({ response, pause }: Delivery, text: Buffer, intervalMs: number, write: (byte: Uint8Array) => void): Promise<void> {
	for (let at = 0; at < text.length; at += 1) {
		if (response.destroyed || response.socket?.destroyed !== false) return;
		write(text.subarray(at, at + 1));
		await pause(intervalMs);
	}
}

async function trickleBody(delivery: Delivery, { intervalMs = TRICKLE_MS }: Fault, answer: Answer): Promise<void> {
	const { response, entry } = delivery;
	const text = Buffer.from(JSON.stringify(answer.body));
	entry.status = 200;
	entry.answer = answer.body;
	response.writeHead(200, { ...JSON_TYPE, 'content-length': String(text.length) });
	response.flushHeaders();
	await trickle(delivery, text, intervalMs, (byte) => response.write(byte));
	if (!response.destroyed) response.end();
}

/** Node.js sends headers at once, so these bytes go past its response to the socket. */
async function trickleHeaders(delivery: Delivery, { intervalMs = TRICKLE_MS }: Fault, answer: Answer): Promise<void> {
	const { response, entry } = delivery;
	const { socket } = response;
	const body = JSON.stringify(answer.body);
	entry.status = 200;
	entry.answer = answer.body;
	const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
	await trickle(delivery, Buffer.from(head), intervalMs, (byte) => socket?.write(byte));
	if (socket?.destroyed === false) socket.end(body);
}
