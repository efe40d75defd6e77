import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { importExamples } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { startSandbox } from '../n8n/sandbox.ts';

/**
 * What `npm start` starts, on free ports and with new data: the sandbox and a real n8n with the packed package.
 *
 * @param {string} name of its logs in build/logs
 * @param {object} [options]
 * @param {number} [options.sandboxPort] a port for the sandbox that is not just any free one
 * @param {Record<string, string>} [options.settings] further variables of n8n's environment
 * @param {() => Promise<void>} [options.prepare] what is to be done when everything is built, before n8n starts
 * @param {string} [options.from] the folder of another n8n's package.json and package-lock.json
 */
export async function startPlayground(name, { sandboxPort, from, settings, prepare = async () => {} } = {}) {
	const tarball = await buildAndPack();
	const n8n = await installN8n({ from });
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
	const logFile = (server) => join(BUILD_FOLDER, 'logs', `e2e-${name}-${server}.log`);

	const port = await freePort();
	const start = async (more) => await startN8n({ n8n, tarball, userFolder, port, logFile: logFile('n8n'), settings: { ...settings, ...more } });
	let sandbox;
	let host;
	async function stop() {
		await Promise.all([host?.stop(), sandbox?.stop()]);
		rmSync(userFolder, { recursive: true, force: true });
	}

	try {
		sandbox = await startSandbox({ port: sandboxPort ?? (await freePort()), logFile: logFile('sandbox') });
		await prepare();
		host = await start();
		await importExamples(host, sandbox.credential);
		return {
			sandbox,
			/** The n8n that runs at present. */
			get host() {
				return host;
			},
			/** Starts n8n with the data of the one before, and further variables of its environment. */
			async restart(more) {
				await host.stop();
				host = await start(more);
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
