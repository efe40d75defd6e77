import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/*
 * A company's forward proxy on loopback: plain http is forwarded (RFC 9112, section 3.2.2), https is tunnelled (RFC 9110, section 9.3.6).
 * In the part of TypeScript that Node.js runs as it is, for the tests of the real n8n use it too.
 */

/** What the proxy does with a request instead of passing it on. */
export type Refusal =
	/** Answers with a page of its own. */
	| { status: number; headers?: Record<string, string>; body?: string }
	/** Ends the connection, or resets it, when it has read the request and passed nothing on. */
	| 'cutBefore'
	| 'resetBefore'
	/** Never answers. */
	| 'hang'
	/** Passes the request on and ends the connection when the answer begins; of a tunnel, when it is there. */
	| 'cutAfter';

export interface ForwardProxy {
	/** For `HTTP_PROXY` and `HTTPS_PROXY`, with the account if there is one. */
	readonly url: string;
	/** What was asked of it: method, and target as it stood in the request. */
	readonly asked: string[];
	/** What it does with each of the next requests, or with `always` all of them; without any, it passes them on. */
	refuse(refusal: Refusal, times?: number | 'always'): void;
	/** Cuts every connection that is open now, as a proxy does that dies. */
	cut(): void;
	/** Forgets what was asked, and refuses nothing any more. */
	reset(): void;
	stop(): Promise<void>;
}

const PAGE = '<!DOCTYPE html><html><head><title>Gateway</title></head><body>The gateway of the company</body></html>';

/**
 * Starts a forward proxy.
 * @param account the name and password that it asks for; without, it takes everybody
 */
export async function startForwardProxy(account?: { user: string; password: string }): Promise<ForwardProxy> {
	const asked: string[] = [];
	const sockets = new Set<Socket>();
	let refusals: Array<{ refusal: Refusal; times: number }> = [];

	const kept = (socket: Socket): Socket => {
		sockets.add(socket);
		socket.on('error', () => {});
		return socket.once('close', () => sockets.delete(socket));
	};

	/** What to do with a request instead of passing it on. */
	function refusalOf({ method = '', url = '', headers }: IncomingMessage): Refusal | undefined {
		asked.push(`${method} ${url}`);
		const [first] = refusals;
		if (first !== undefined) {
			first.times -= 1;
			if (first.times === 0) refusals.shift();
			return first.refusal;
		}
		if (account === undefined) return undefined;
		const expected = `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}`;
		return headers['proxy-authorization'] === expected ? undefined : { status: 407, headers: { 'proxy-authenticate': 'Basic realm="company"' } };
	}

	function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
		const refusal = refusalOf(incoming);
		if (typeof refusal === 'object') {
			incoming.resume();
			incoming.once('end', () => {
				outgoing.writeHead(refusal.status, { 'content-type': 'text/html', ...refusal.headers });
				outgoing.end(refusal.body ?? PAGE);
			});
			return;
		}
		if (refusal === 'hang') return void incoming.resume();
		if (refusal === 'cutBefore' || refusal === 'resetBefore') {
			incoming.resume();
			incoming.once('end', () => (refusal === 'cutBefore' ? incoming.socket.destroy() : incoming.socket.resetAndDestroy()));
			return;
		}
		const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !name.startsWith('proxy-')));
		const onward = request(incoming.url ?? '', { method: incoming.method, headers, agent: false }, (answer) => {
			if (refusal === 'cutAfter') {
				answer.resume();
				incoming.socket.destroy();
				return;
			}
			outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(outgoing);
		});
		onward.on('socket', kept);
		onward.on('error', () => incoming.socket.destroy());
		incoming.pipe(onward);
	}

	function tunnel(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
		const refusal = refusalOf(incoming);
		if (typeof refusal === 'object') {
			const body = refusal.body ?? PAGE;
			const headers = { 'Content-Type': 'text/html', 'Content-Length': Buffer.byteLength(body), ...refusal.headers };
			const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
			socket.write(`HTTP/1.1 ${refusal.status} Refused\r\n${lines.join('')}\r\n${body}`);
			socket.destroySoon();
			return;
		}
		if (refusal === 'hang') return void socket.resume();
		if (refusal === 'resetBefore') return void socket.resetAndDestroy();
		if (refusal === 'cutBefore') return void socket.destroySoon();
		const { hostname, port } = new URL(`http://${incoming.url ?? ''}`);
		const onward = kept(connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
			socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
			if (refusal === 'cutAfter') return void socket.destroySoon();
			onward.write(head);
			socket.pipe(onward).pipe(socket);
		}));
		onward.once('close', () => socket.destroy());
		socket.once('close', () => onward.destroy());
	}

	const server: Server = createServer(forward);
	server.on('connect', tunnel);
	server.on('connection', kept);
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const credentials = account === undefined ? '' : `${encodeURIComponent(account.user)}:${encodeURIComponent(account.password)}@`;
	const cut = () => sockets.forEach((socket) => socket.destroy());
	return {
		url: `http://${credentials}127.0.0.1:${port}`,
		asked,
		refuse: (refusal, times = 1) => void refusals.push({ refusal, times: times === 'always' ? Infinity : times }),
		cut,
		reset() {
			asked.length = 0;
			refusals = [];
		},
		async stop() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			cut();
			await closed;
		},
	};
}
