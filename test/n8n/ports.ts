import { once } from 'node:events';
import { createServer } from 'node:net';

import { Problem } from './problem.mjs';

/** @returns {Promise<number>} a port that is free on the loopback interface at the moment */
export async function freePort() {
	return await listenOnce(0);
}

/**
 * Makes sure that a port can be listened on.
 *
 * @param {number} port
 * @param {string} user what needs it, as it appears in the message
 * @param {string} variable the environment variable that changes it
 */
export async function requirePort(port, user, variable) {
	if (!Number.isInteger(port) || port < 1 || port > 65535) {
		throw new Problem(`${variable} has to be a port number from 1 to 65535.`);
	}
	try {
		await listenOnce(port);
		await listenOnce(port, '::1').catch(unlessNoIpv6);
	} catch (error) {
		const reason =
			error.code === 'EADDRINUSE'
				? `Port ${port}, which ${user} needs, is in use by another program.`
				: `Port ${port}, which ${user} needs, cannot be listened on (${error.code}).`;
		throw new Problem(
			`${reason}\nEither stop that program, or choose another port: ${variable}=${port + 10} npm start`,
		);
	}
}

/** Without IPv6, nobody else can have the port there either. */
function unlessNoIpv6(error) {
	if (!['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) throw error;
}

async function listenOnce(port, host = '127.0.0.1') {
	const server = createServer();
	server.listen(port, host);
	await once(server, 'listening');
	const { port: listened } = server.address();
	server.close();
	await once(server, 'close');
	return listened;
}
