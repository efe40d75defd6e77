import type { IncomingHttpHeaders } from 'node:http';

import { masked } from './masking';
import type { SignatureCheck } from './signature';

/** One request that was received, whatever became of it. */
export interface JournalEntry {
	/** Counts from 1, in the order in which the bodies were complete. */
	n: number;
	at: number;
	/** The number of the connection, from 1. */
	connection: number;
	method: string;
	path: string;
	query: string;
	headers: IncomingHttpHeaders;
	/** The very bytes received. Held in memory only. */
	rawBody: Buffer;
	/** The body as parsed, undefined when it is not JSON. */
	body: unknown;
	requestId: string | undefined;
	signature: SignatureCheck;
	signatureVerified: boolean;
	/** The kind of the fault applied. */
	fault: string | undefined;
	/** Whether nothing but an assumption of the sandbox says how its path is answered. */
	assumed: boolean;
	/** Whether a command was accepted: done at once, or taken for processing. */
	acted: boolean;
	/** The HTTP status answered; undefined when nothing was. */
	status: number | undefined;
	/** The answer's body, as an object when it was JSON. */
	answer: unknown;
	/** For very large answers: how many bytes left for the client. */
	bytesSent: number | undefined;
}

/** Every request received, or in `counts` mode only how many there were. */
export class Journal {
	private readonly entries: JournalEntry[] = [];
	private received = 0;
	private readonly byPath: Record<string, number> = {};
	private readonly byFault: Record<string, number> = {};
	private unverified = 0;

	constructor(readonly mode: 'full' | 'counts') {}

	/** Every request, oldest first. Empty in `counts` mode. */
	get all(): readonly JournalEntry[] {
		return this.entries;
	}

	/** The requests to one path. */
	to(path: string): readonly JournalEntry[] {
		return this.entries.filter((entry) => entry.path === path);
	}

	/** The requests that carried one request id, to any path or to one. */
	of(requestId: string, path?: string): readonly JournalEntry[] {
		return this.entries.filter(
			(entry) => entry.requestId === requestId && (path === undefined || entry.path === path),
		);
	}

	/** The requests about one card, to any path or to one. */
	about(cardId: string | number, path?: string): readonly JournalEntry[] {
		return this.entries.filter(
			({ body, path: to }) =>
				typeof body === 'object' &&
				body !== null &&
				'card_id' in body &&
				String(body.card_id) === String(cardId) &&
				(path === undefined || to === path),
		);
	}

	/** Figures that both modes keep. */
	counts(): { received: number; unverified: number; byPath: Record<string, number>; byFault: Record<string, number> } {
		return {
			received: this.received,
			unverified: this.unverified,
			byPath: { ...this.byPath },
			byFault: { ...this.byFault },
		};
	}

	/** Adds a request. Only the sandbox does. */
	record(request: Pick<JournalEntry, 'at' | 'connection' | 'method' | 'path' | 'query' | 'headers' | 'rawBody' | 'body' | 'requestId' | 'signature' | 'fault' | 'assumed'>): JournalEntry {
		this.received += 1;
		const { path, fault, signature } = request;
		this.byPath[path] = (this.byPath[path] ?? 0) + 1;
		if (fault !== undefined) this.byFault[fault] = (this.byFault[fault] ?? 0) + 1;
		if (!signature.verified) this.unverified += 1;
		const entry: JournalEntry = {
			n: this.received,
			...request,
			signatureVerified: signature.verified,
			acted: false,
			status: undefined,
			answer: undefined,
			bytesSent: undefined,
		};
		if (this.mode === 'full') this.entries.push(entry);
		return entry;
	}

	clear(): void {
		this.entries.length = 0;
		this.received = 0;
		this.unverified = 0;
		for (const counts of [this.byPath, this.byFault]) for (const key of Object.keys(counts)) delete counts[key];
	}
}

/** An entry for the outside: no raw bytes, no headers, one-time codes and PINs masked. */
export function shown(entry: JournalEntry): Record<string, unknown> {
	const { n, method, path, status, signature, signatureVerified, requestId, fault, acted, assumed } = entry;
	return {
		n,
		method,
		path,
		status: status ?? null,
		signatureVerified,
		...(signature.verified ? {} : { signatureProblem: signature.reason }),
		body: masked(entry.body) ?? null,
		requestId: requestId ?? null,
		fault: fault ?? null,
		acted,
		...(assumed && { assumed: 'This path is not documented publicly: that it is a command which succeeds is an assumption of the sandbox.' }),
	};
}
