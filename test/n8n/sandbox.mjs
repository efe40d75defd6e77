import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { lastLines, startChild } from './child.mjs';
import { BUILD_FOLDER } from './paths.mjs';
import { Problem } from './problem.mjs';

const SANDBOX = join(BUILD_FOLDER, 'sandbox.cjs');

/**
 * A running sandbox of the Card API.
 *
 * @typedef {object} Sandbox
 * @property {string} url
 * @property {{ environment: string, baseUrl: string, authId: string, partnerKey: string, algorithm: string }} credential
 * @property {() => Promise<any[]>} journal what it received and did
 * @property {() => Promise<any>} state its cards, clients, gift cards and requests
 * @property {import('./child.mjs').Child['ended']} ended resolves when it has ended
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the sandbox that the build has bundled.
 *
 * @param {object} options
 * @param {number} options.port
 * @param {string} options.logFile
 * @returns {Promise<Sandbox>}
 */
export async function startSandbox({ port, logFile }) {
	const child = startChild([SANDBOX, '--port', String(port)], { logFile, pipeStdout: true });
	const lines = createInterface({ input: child.process.stdout });
	const [line] = await Promise.race([once(lines, 'line'), child.ended.then(() => [])]);
	if (!line) throw new Problem(`The sandbox did not start. The end of its log, ${logFile}:\n${lastLines(child.output())}`);

	const { url, authId, partnerKey, algorithm } = JSON.parse(line);
	const read = async (path) => (await fetch(new URL(path, url))).json();
	return {
		url,
		credential: { environment: 'custom', baseUrl: url, authId, partnerKey, algorithm },
		journal: () => read('/_sandbox/journal'),
		state: () => read('/_sandbox/state'),
		ended: child.ended,
		stop: child.stop,
	};
}
