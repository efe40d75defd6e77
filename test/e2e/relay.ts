import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import { freePort } from '../n8n/ports.ts';

const HOST = '127.0.0.1';

/** A way to a server on loopback that can be cut. */
export interface Relay {
	url: string;
	/** Called with what the server answers, when it has gone on to whoever asked. */
	onAnswer: (answer: string) => void;
	/** Lets connections through. */
	open: () => Promise<void>;
	/** Cuts all connections, and refuses new ones. */
	cut: () => Promise<void>;
}

/** Makes a relay to a port, which refuses connections until it is opened. */
export async function relayTo(toPort: number): Promise<Relay> {
	const port = await freePort();
	const sockets = new Set<Socket>();
	let server: Server | undefined;

	const relay: Relay = {
		url: `http://localhost:${port}`,
		onAnswer: () => {},
		async open() {
			if (server !== undefined) return;
			server = createServer((client) => {
				const upstream = connect({ port: toPort, host: HOST });
				for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
					sockets.add(socket);
					socket.once('close', () => {
						sockets.delete(socket);
						other.destroy();
					});
					socket.on('error', () => other.destroy());
				}
				client.pipe(upstream);
				upstream.on('data', (chunk: Buffer) => client.write(chunk, () => relay.onAnswer(chunk.toString('utf8'))));
			});
			await once(server.listen(port), 'listening');
		},
		async cut() {
			const closed = server && once(server, 'close');
			server?.close();
			for (const socket of sockets) socket.destroy();
			await closed;
			server = undefined;
		},
	};
	return relay;
}
