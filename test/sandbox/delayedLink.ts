import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A network of a given round trip in front of a server on loopback. */
export interface DelayedLink {
	port: number;
	stop(): Promise<void>;
}

const HOST = '127.0.0.1';

/** Passes bytes on after a delay, in order. */
function delayed(from: Socket, to: Socket, delayMs: number, firstDelayMs: number): void {
	let dueAt = 0;
	const pending: Array<() => void> = [];
	const later = (act: () => void, ms: number) => {
		// Later bytes never overtake earlier ones, such as those that wait for the handshake: a timer
		// that is up, whichever it is, lets the oldest go.
		dueAt = Math.max(dueAt, performance.now() + ms);
		pending.push(act);
		setTimeout(() => pending.shift()?.(), Math.max(1, dueAt - performance.now()));
	};
	let isFirst = true;
	from.on('data', (chunk: Buffer) => {
		later(() => to.write(chunk), isFirst ? firstDelayMs : delayMs);
		isFirst = false;
	});
	from.on('end', () => later(() => to.end(), delayMs));
	from.on('close', (hadError) => hadError && to.destroy());
	from.on('error', () => to.destroy());
}

/**
 * Starts a TCP relay that makes a server on loopback seem `roundTripMs` away: every byte takes half of
 * that, and a new connection a whole one before its first byte leaves, as the TCP handshake would.
 */
export async function startDelayedLink(toPort: number, roundTripMs: number): Promise<DelayedLink> {
	const open = new Set<Socket>();
	const server = createServer({ noDelay: true }, (client) => {
		const upstream = connect({ port: toPort, host: HOST, noDelay: true });
		for (const socket of [client, upstream]) {
			open.add(socket);
			socket.once('close', () => open.delete(socket));
		}
		delayed(client, upstream, roundTripMs / 2, roundTripMs * 1.5);
		delayed(upstream, client, roundTripMs / 2, roundTripMs / 2);
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, HOST, resolve);
	});
	return {
		port: (server.address() as AddressInfo).port,
		async stop() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			for (const socket of open) socket.destroy();
			await closed;
		},
	};
}
