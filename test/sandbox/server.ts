import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { parseJson } from '../../nodes/card-api/json/parseJson';
import { methods as declared } from '../../nodes/card-api/methods';
import type { Method } from '../../nodes/card-api/methods/define';
import type { InSandbox } from '../../nodes/card-api/methods/inSandbox';
import { methodFileOf } from '../support/methodFiles';
import { book, type Booking } from './booking';
import { control, CONTROL, snapshot } from './control';
import { Faults } from './faults';
import { Gate } from './gate';
import { restartGauges, startingGauges, type Gauges } from './gauges';
import { Journal } from './journal';
import { Ledger } from './ledger';
import { deliver, forcedEnds, misbehaveBefore, type Delivery } from './misbehaving';
import type { Operation } from './operations';
import { Processing, type Answer } from './processing';
import { settingsFrom, type Settings } from './settings';
import { checkSignature } from './signature';
import { World } from './world';

export interface SandboxOptions extends Partial<Settings> {
	/** 0, the default, takes a free one. */
	port?: number;
	/** PEM texts; without them the sandbox speaks plain http. */
	tls?: { key: string; cert: string };
	authId?: string;
	partnerKey?: string;
	/** Card ids to seed besides those of `seeds`: active cards without client and accounts. */
	cards?: Iterable<string>;
	/** The methods to serve, by default all that the node declares. One that the node does not declare changes nothing that the sandbox knows. */
	methods?: readonly Method[];
	/** `counts` keeps no requests, for runs of many thousands. */
	journal?: 'full' | 'counts';
	/** The clock, in milliseconds since 1970. */
	now?: () => number;
}

/** A running sandbox. */
export interface Sandbox {
	/** Scheme, host and port, without a slash at the end. */
	readonly url: string;
	readonly port: number;
	readonly authId: string;
	readonly partnerKey: string;
	/** The data of a FreedomPay API credential that fits. */
	readonly credential: {
		environment: 'custom';
		baseUrl: string;
		authId: string;
		partnerKey: string;
		algorithm: 'HS512' | 'HS256';
	};
	/** May be changed while it runs. */
	readonly settings: Settings;
	readonly faults: Faults;
	readonly ledger: Ledger;
	readonly journal: Journal;
	readonly gauges: Readonly<Gauges>;
	readonly gate: Gate;
	/** Cards, clients, gift cards and requests as they are now. */
	state(): ReturnType<typeof snapshot>;
	/** Books an operation of a card; gives it, to be changed afterwards. */
	book(booking: Booking): Operation;
	/** Back to the seeds: no requests, no effects, no faults, nothing held or late. Settings stay. */
	reset(): void;
	/** Cuts every connection and stops. */
	stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Starts a server on loopback that behaves as FreedomPay's documentation says, and, where that says
 * nothing, as its settings say (see `Assumptions`).
 * @throws when the port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const { port = 0, tls, authId = '123456', partnerKey = 'secret', cards } = options;
	const { methods = declared, journal: mode = 'full', now = Date.now } = options;
	const settings = settingsFrom(options);
	const world = new World([...(cards ?? [])]);
	const ledger = new Ledger(() => processing.settle());
	const processing = new Processing(await behavioursOf(methods), world, ledger, settings, now);
	const journal = new Journal(mode);
	const faults = new Faults();
	const gauges = startingGauges();
	const gate = new Gate();
	let connections = 0;
	const connectionNumbers = new WeakMap<Socket, number>();
	const closing = new AbortController();

	const reset = () => {
		processing.clear();
		world.seed();
		ledger.clear();
		journal.clear();
		faults.clear();
		gate.reset();
		restartGauges(gauges);
	};
	const pause = async (ms: number) => {
		if (ms > 0) await wait(ms, undefined, { signal: closing.signal });
	};

	const answerControl = async (request: IncomingMessage, response: ServerResponse, name: string) => {
		// A web page that is open in a browser must not steer the sandbox.
		const allowed = isLoopback(request.socket.remoteAddress) && request.headers.origin === undefined;
		const reply = allowed
			? control({ world, ledger, journal, faults, settings, gauges, now, settle: processing.settle, reset }, request.method ?? 'GET', name, parseJson((await bytesOf(request)).toString('utf8'))?.value)
			: { status: 403, body: { error: 'only from this machine, and not from a web page' } };
		response.writeHead(reply.status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(reply.body));
	};

	const answerApi = async (request: IncomingMessage, response: ServerResponse, path: string, query: string) => {
		const { method = 'GET', headers, socket } = request;
		const rawBody = await bytesOf(request);
		const signatureHeader = headers['x-jws-signature'];
		const signature = await checkSignature(
			{ method, path, query, rawBody, signature: typeof signatureHeader === 'string' ? signatureHeader : undefined },
			{ authId, partnerKey },
		);
		const body = parseJson(rawBody.toString('utf8'))?.value;
		const requestId = textField(body, 'request_id');
		const fault = faults.meet({ path, requestId, cardId: textField(body, 'card_id') });
		const entry = journal.record({
			at: now(),
			connection: connectionNumbers.get(socket) ?? 0,
			method,
			path,
			query,
			headers,
			rawBody,
			body,
			requestId,
			signature,
			fault: fault?.kind,
			assumed: processing.assumes(path),
		});
		const answerOf = (): Answer => {
			if (!signature.verified) return processing.refusal(settings.badSignature);
			if (!processing.serves(path)) return notServed(404, 'the sandbox does not know this path');
			if (method !== 'POST') return notServed(405, 'the Card API takes POST requests only');
			return processing.answer(path, body, entry.n, fault && forcedEnds[fault.kind]);
		};
		const turn = async () => await gate.pass(path);
		const takeTime = async (ms: number | undefined) => await gate.takeTime(ms);
		const delivery: Delivery = { response, entry, now, pause, turn, takeTime };

		await pause(settings.latencyMs);
		if (fault !== undefined && (await misbehaveBefore(delivery, fault))) return;
		const answer = answerOf();
		entry.acted = answer.acted;
		await deliver(delivery, fault, answer);
	};

	const listener: RequestListener = (request, response) => {
		const [path = '', query = ''] = split(request.url ?? '/', '?');
		const isControl = path.startsWith(CONTROL);
		if (!isControl) {
			gauges.inFlight += 1;
			gauges.maxInFlight = Math.max(gauges.maxInFlight, gauges.inFlight);
			response.once('close', () => {
				gauges.inFlight -= 1;
			});
		}
		const answered = isControl
			? answerControl(request, response, path.slice(CONTROL.length))
			: answerApi(request, response, path, query);
		answered.catch((error: unknown) => {
			const isOver = closing.signal.aborted || request.socket.destroyed;
			// Neither a client that left nor a sandbox that closes is a mistake of the sandbox.
			if (!isOver) console.error('The sandbox failed', error);
			request.socket.destroy();
		});
	};

	const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
	server.keepAliveTimeout = 60_000;
	server.on('connection', (socket: Socket) => {
		gauges.connectionsOpened += 1;
		gauges.openConnections += 1;
		gauges.maxOpenConnections = Math.max(gauges.maxOpenConnections, gauges.openConnections);
		socket.once('close', () => {
			gauges.openConnections -= 1;
		});
	});
	server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
		connections += 1;
		connectionNumbers.set(socket, connections);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, HOST, resolve);
	});

	const { port: boundPort } = server.address() as AddressInfo;
	const url = `${tls === undefined ? 'http' : 'https'}://${HOST}:${boundPort}`;
	return {
		url,
		port: boundPort,
		authId,
		partnerKey,
		credential: { environment: 'custom', baseUrl: url, authId, partnerKey, algorithm: 'HS512' },
		settings,
		faults,
		ledger,
		journal,
		gauges,
		gate,
		state: () => snapshot({ world, settle: processing.settle }),
		book: (booking) => book(world, { now: now(), unknownIds: settings.unknownIds }, booking),
		reset,
		async stop() {
			closing.abort();
			gate.reset();
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
}

/** What the sandbox does with the requests of each method: the method's file says it. */
async function behavioursOf(methods: readonly Method[]): Promise<Map<Method, InSandbox>> {
	const behaviourOf = async (method: Method) => (declared.includes(method) ? ((await methodFileOf(method)).inSandbox ?? {}) : {});
	return new Map(await Promise.all(methods.map(async (method) => [method, await behaviourOf(method)] as const)));
}

function isLoopback(address: string | undefined): boolean {
	return address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1';
}

function notServed(httpStatus: number, description: string): Answer {
	return { httpStatus, body: { status: 'error', error_description: description }, acted: false };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

function textField(body: unknown, name: string): string | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const value = (body as Record<string, unknown>)[name];
	return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function split(text: string, separator: string): [string, string] {
	const at = text.indexOf(separator);
	return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
