import type { IncomingHttpHeaders } from 'node:http';

import { answerJson, startListener, type Received } from '../support/listener.ts';

/** A server that keeps what it receives. */
export interface Recorder {
	url: string;
	/** What it received since the last call. */
	take: () => Received[];
	stop: () => Promise<void>;
}

/**
 * Starts a server on loopback that keeps the bytes of every request, and hands it on where a target is given.
 *
 * @param target the address that requests are handed on to; without it each is answered with 200
 */
export async function startRecorder(target?: string): Promise<Recorder> {
	const listener = await startListener(target === undefined ? answerJson({}) : (request, response) => void handOn(request, target).then(async (answer) => {
		const location = answer.headers.get('location');
		response.writeHead(answer.status, { 'content-type': 'application/json', ...(location !== null && { location }) });
		response.end(Buffer.from(await answer.arrayBuffer()));
	}));
	let taken = 0;
	return {
		url: listener.url,
		take() {
			const requests = listener.received.slice(taken);
			taken = listener.received.length;
			return requests;
		},
		stop: () => listener.stop(),
	};
}

const handOn = async ({ method, target: path, headers, rawBody }: Received, target: string): Promise<Response> =>
	await fetch(target + path, { method, headers: passedOn(headers), ...(rawBody.length > 0 && { body: new Uint8Array(rawBody) }), redirect: 'manual' });

/** The headers that say something about the body. */
function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
	const names = ['content-type', 'x-jws-signature'];
	return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])));
}
