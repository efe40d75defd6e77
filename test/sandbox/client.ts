import { randomUUID } from 'node:crypto';

import { FlattenedSign } from 'jose';
import { Agent, request, type Dispatcher } from 'undici';

import { CLOSE, STATUS } from '../support/paths';
import { standingFor } from '../support/standingFor';
import { startSandbox, type Sandbox, type SandboxOptions } from '.';

/** How a request is signed: as the sandbox's credential has it, unless told otherwise. */
export interface Signing {
	key?: string;
	alg?: string;
	/** Members of the protected header that differ. */
	header?: Record<string, unknown>;
}

/** A detached JWS over a body, by an implementation other than the package's. */
export async function sign(path: string, body: string, { key = 'secret', alg = 'HS512', header }: Signing = {}): Promise<string> {
	const jws = await new FlattenedSign(new TextEncoder().encode(body))
		.setProtectedHeader({ uri: path, auth_id: '123456', method: 'POST', params: '', ...header, alg })
		.sign(new TextEncoder().encode(key));
	return `${jws.protected}..${jws.signature}`;
}

export interface Json {
	status?: unknown;
	request_status?: unknown;
	error_code?: unknown;
	error?: unknown;
	[name: string]: unknown;
}

export interface Answer {
	status: number;
	headers: Dispatcher.ResponseData['headers'];
	bytes: Buffer;
	text: string;
	/** What it means; empty when it is not JSON. */
	json: Json;
}

export interface Call extends Signing {
	/** The header as it is, instead of a signature over the body. */
	signature?: string | undefined;
	query?: string;
	signal?: AbortSignal;
	dispatcher?: Dispatcher;
	url?: string;
}

/** Undefined for what is not JSON. */
export function parsed(text: string): Json | undefined {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return undefined;
	}
}

/* Jest's matchers are of any type. */
export const anyText: unknown = expect.any(String);
export const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** A client of a sandbox that each test of a file starts with options of its own, and that ends with the test. */
export function useClient() {
	let started: Sandbox;
	let current: Agent;
	const sandbox = standingFor(() => started);
	const agent = standingFor(() => current);

	beforeEach(() => {
		current = new Agent();
	});
	afterEach(async () => {
		await current.destroy();
		await started.stop();
	});

	async function start(options: SandboxOptions = {}): Promise<Sandbox> {
		return (started = await startSandbox(options));
	}

	async function send(path: string, body: string, call: Call = {}): Promise<Answer> {
		const { signature = await sign(path, body, call), query = '', signal, dispatcher = agent, url = sandbox.url } = call;
		const response = await request(`${url}${path}${query}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json', ...(signature !== '' && { 'x-jws-signature': signature }) },
			body,
			dispatcher,
			signal: signal ?? null,
		});
		const bytes = Buffer.from(await response.body.arrayBuffer());
		const text = bytes.toString('utf8');
		return { status: response.statusCode, headers: response.headers, bytes, text, json: parsed(text) ?? {} };
	}

	const post = async (path: string, body: unknown, call?: Call) => await send(path, JSON.stringify(body), call);

	const close = async (card = 'card-1001', requestId: string = randomUUID(), call?: Call) =>
		await post(CLOSE, { request_id: requestId, card_id: card, description: 'lost' }, call);

	const ask = async (requestId: string) => await post(STATUS, { request_id: requestId });

	/** Speaks to the sandbox about itself. */
	async function control(name: string, options: { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown; headers?: Record<string, string> } = {}) {
		const { method = 'GET', body, headers = {} } = options;
		const response = await request(`${sandbox.url}/_sandbox/${name}`, {
			method,
			headers,
			body: body === undefined ? null : JSON.stringify(body),
			dispatcher: agent,
		});
		const text = await response.body.text();
		return { status: response.statusCode, text, json: JSON.parse(text) as Json };
	}

	return { sandbox, agent, start, send, post, close, ask, control };
}
