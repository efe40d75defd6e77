import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire. */
export interface Received {
	method: string;
	/** Path and query. */
	target: string;
	headers: IncomingHttpHeaders;
	rawBody: Buffer;
}

/** A server on loopback that takes whatever comes, and keeps it. */
export interface Listener {
	/** Scheme, host and port. */
	readonly url: string;
	readonly received: readonly Received[];
	stop(): Promise<void>;
}

const running = new Set<Listener>();
// A test that fails may leave its server running.
if (typeof afterAll === 'function') afterAll(() => Promise.all([...running].map((listener) => listener.stop())));

/**
 * Starts a server of a test's own.
 * @param answer by default an empty JSON object; one that never answers lets the client wait
 */
export async function startListener(answer: (request: Received, response: ServerResponse) => void = answerJson({})): Promise<Listener> {
	const received: Received[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const { method = '', url: target = '', headers } = request;
			const complete = { method, target, headers, rawBody: Buffer.concat(chunks) };
			received.push(complete);
			answer(complete, response);
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const listener: Listener = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		received,
		async stop() {
			if (!running.delete(listener)) return;
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			server.closeAllConnections();
			await closed;
		},
	};
	running.add(listener);
	return listener;
}

/** An answer that is always the same JSON. */
export function answerJson(body: unknown, status = 200): (request: Received, response: ServerResponse) => void {
	return (_request, response) => {
		response.writeHead(status, { 'content-type': 'application/json' });
		response.end(JSON.stringify(body));
	};
}

/** The address of a port on loopback where nothing listens. */
export async function unusedUrl(): Promise<string> {
	const listener = await startListener();
	await listener.stop();
	return listener.url;
}
