import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

/**
 * Starts a server on loopback that keeps the bytes of every request, and hands it on where a target is given.
 *
 * @param {string} [target] the address that requests are handed on to; without it each is answered with 200
 */
export async function startRecorder(target) {
	let requests = [];
	const server = createServer(async (request, response) => {
		const { method, url, headers } = request;
		const bytes = await buffer(request);
		requests.push({ method, url, headers, bytes });
		if (target === undefined) return response.end('{}');

		const answer = await fetch(target + url, { method, headers: passedOn(headers), body: bytes.length > 0 ? bytes : undefined, redirect: 'manual' });
		const location = answer.headers.get('location');
		response.writeHead(answer.status, { 'content-type': 'application/json', ...(location && { location }) });
		response.end(Buffer.from(await answer.arrayBuffer()));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');

	return {
		url: `http://127.0.0.1:${server.address().port}`,
		/** What it received since the last call, and forgets it. */
		take() {
			const taken = requests;
			requests = [];
			return taken;
		},
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
}

/** The headers that say something about the body. */
function passedOn(headers) {
	return Object.fromEntries(Object.entries(headers).filter(([name]) => ['content-type', 'x-jws-signature'].includes(name)));
}
