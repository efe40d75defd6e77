import { selfSigned, startDelayedLink, startSandbox, type DelayedLink, type Sandbox } from '../sandbox';
import type { FromServer, Network, ToServer } from './protocol';

/** The sandbox in a process of its own, so that it costs the sender no time. Ends with its parent. */

let sandbox: Sandbox;
let link: DelayedLink;

async function start({ roundTripMs, serverMs, processingMs }: Network, tls: ReturnType<typeof selfSigned>): Promise<FromServer> {
	sandbox = await startSandbox({ tls, latencyMs: serverMs, processingMs, unknownIds: 'accept', journal: 'counts' });
	link = await startDelayedLink(sandbox.port, roundTripMs);
	const baseUrl = sandbox.url.replace(/\d+$/, String(link.port));
	return { say: 'started', credential: { ...sandbox.credential, baseUrl } };
}

async function answer(told: ToServer): Promise<FromServer> {
	switch (told.say) {
		case 'start':
			return await start(told.network, told);
		case 'reset':
			sandbox.reset();
			return { say: 'reset' };
		case 'tell': {
			const { byPath, unverified } = sandbox.journal.counts();
			const { connectionsOpened, maxOpenConnections, maxInFlight } = sandbox.gauges;
			return { say: 'report', report: { requests: byPath, unverified, connectionsOpened, maxOpenConnections, maxInFlight } };
		}
	}
}

process.on('message', (told: ToServer) => {
	void answer(told).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
