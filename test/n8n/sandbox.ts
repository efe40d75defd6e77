import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { lastLines, startChild } from './child.ts';
import { BUILD_FOLDER } from './paths.mjs';
import { Problem } from './problem.mjs';

const SANDBOX = join(BUILD_FOLDER, 'sandbox.cjs');

/**
 * A running sandbox of the Card API.
 *
 * @typedef {object} Sandbox
 * @property {string} url
 * @property {string} [cert] the certificate of one that speaks https, as PEM text
 * @property {{ environment: string, baseUrl: string, authId: string, partnerKey: string, algorithm: string }} credential
 * @property {Array<[name: string, text: string]>} samples what there is to play with, in lines
 * @property {() => Promise<any[]>} journal what it received
 * @property {() => Promise<any[]>} ledger what its commands did
 * @property {() => Promise<any>} state its cards, clients, gift cards, limits and requests
 * @property {() => Promise<any>} gauges how busy it is
 * @property {(...faults: object[]) => Promise<void>} misbehave adds faults
 * @property {() => Promise<void>} behave takes all faults away
 * @property {(settings: { latencyMs?: number, processingMs?: number, statusLagMs?: number }) => Promise<any>} takeTime gives the settings as
 *   they are then
 * @property {() => Promise<void>} reset forgets cards, requests, effects and faults, and answers at once again
 * @property {import('./child.ts').Child['ended']} ended resolves when it has ended
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the sandbox that the build has bundled.
 *
 * @param {object} options
 * @param {number} options.port
 * @param {string} options.logFile
 * @param {boolean} [options.acceptUnknown] takes every card, client, account and transaction for an existing one
 * @param {boolean} [options.tls] speaks https; who asks it what it received has to trust its certificate
 * @returns {Promise<Sandbox>}
 */
export async function startSandbox({ port, logFile, acceptUnknown = false, tls = false }) {
	const args = ['--port', String(port), ...(acceptUnknown ? ['--accept-unknown'] : []), ...(tls ? ['--tls'] : [])];
	const child = startChild([SANDBOX, ...args], { logFile, pipeStdout: true });
	const lines = createInterface({ input: child.process.stdout });
	const [line] = await Promise.race([once(lines, 'line'), child.ended.then(() => [])]);
	if (!line) throw new Problem(`The sandbox did not start. The end of its log, ${logFile}:\n${lastLines(child.output())}`);

	const { url, cert, authId, partnerKey, algorithm, samples } = JSON.parse(line);
	async function control(method, name, body) {
		const response = await fetch(`${url}/_sandbox/${name}`, { method, body: body && JSON.stringify(body) });
		if (!response.ok) throw new Error(`The sandbox refuses ${method} ${name}: ${await response.text()}`);
		return await response.json();
	}

	return {
		url,
		cert,
		credential: { environment: 'custom', baseUrl: url, authId, partnerKey, algorithm },
		samples,
		journal: () => control('GET', 'journal'),
		ledger: () => control('GET', 'ledger'),
		state: () => control('GET', 'state'),
		gauges: () => control('GET', 'gauges'),
		misbehave: (...faults) => control('POST', 'faults', faults),
		behave: () => control('DELETE', 'faults'),
		takeTime: (settings) => control('POST', 'settings', settings),
		async reset() {
			await control('POST', 'reset');
			await control('POST', 'settings', { latencyMs: 0, processingMs: 0, statusLagMs: 0 });
		},
		ended: child.ended,
		stop: child.stop,
	};
}
