import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { codeOf } from './child.ts';
import { Problem } from './problem.mjs';

/** A port that is free on the loopback interface at the moment. */
export async function freePort(): Promise<number> {
	return await listenOnce(0);
}

/**
 * Makes sure that a port can be listened on.
 *
 * @param user what needs it, as it appears in the message
 * @param variable the environment variable that changes it
 * @throws {Problem} when it is in use, or no port
 */
export async function requirePort(port: number, user: string, variable: string): Promise<void> {
	if (!Number.isInteger(port) || port < 1 || port > 65535) {
		throw new Problem(`${variable} has to be a port number from 1 to 65535.`);
	}
	try {
		await listenOnce(port);
		await listenOnce(port, '::1').catch(unlessNoIpv6);
	} catch (error) {
		const reason =
			codeOf(error) === 'EADDRINUSE'
				? `Port ${port}, which ${user} needs, is in use by another program.`
				: `Port ${port}, which ${user} needs, cannot be listened on (${codeOf(error) ?? String(error)}).`;
		throw new Problem(
			`${reason}\nEither stop that program, or choose another port: ${variable}=${port + 10} npm start`,
		);
	}
}

/** Without IPv6, nobody else can have the port there either. */
function unlessNoIpv6(error: unknown): void {
	if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error) ?? '')) throw error;
}

async function listenOnce(port: number, host = '127.0.0.1'): Promise<number> {
	const server = createServer();
	server.listen(port, host);
	await once(server, 'listening');
	const { port: listened } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return listened;
}
