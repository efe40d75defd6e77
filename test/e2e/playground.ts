import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { importExamples } from '../n8n/examples.ts';
import { startN8n, type Host, type N8nSettings } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { startSandbox, type Sandbox } from '../n8n/sandbox.ts';
import { startedData } from './startedData.ts';
import './connections.ts';

/** What a playground may differ in. */
export interface PlaygroundOptions {
	/** Has the sandbox take every card, client and transaction for an existing one. */
	acceptUnknown?: boolean;
	/** A port for the sandbox that is not just any free one. */
	sandboxPort?: number;
	/** Further variables of n8n's environment. */
	settings?: N8nSettings;
	/** What is to be done when everything is built, before n8n starts. */
	prepare?: () => Promise<void>;
	/** The folder of another n8n's package.json and package-lock.json. */
	from?: string;
}

/** A sandbox, and a real n8n with the packed package, the example workflows and the credentials that they name. */
export interface Playground {
	readonly sandbox: Sandbox;
	/** The n8n that runs at present. */
	readonly host: Host;
	/** Starts n8n with the data of the one before, which may have been killed, and further variables of its environment. */
	restart: (more?: N8nSettings) => Promise<void>;
	/** Ends n8n and whatever it started by SIGKILL. */
	kill: () => Promise<void>;
	/** Stops n8n and starts one with a new database under the same encryption key. */
	startAnew: () => Promise<void>;
	stop: () => Promise<void>;
}

/**
 * Starts what `npm start` starts, on free ports and with new data.
 *
 * @param name of its logs in build/logs
 */
export async function startPlayground(name: string, { acceptUnknown = false, sandboxPort, from, settings, prepare }: PlaygroundOptions = {}): Promise<Playground> {
	const logFile = (server: string) => join(BUILD_FOLDER, 'logs', `e2e-${name}-${server}.log`);
	const tarball = await buildAndPack();
	const n8n = await installN8n({ from });
	const port = await freePort();
	const sandbox = await startSandbox({ port: sandboxPort ?? (await freePort()), logFile: logFile('sandbox'), acceptUnknown });
	const userFolders: string[] = [];
	let host: Host | undefined;
	let starts = 0;

	async function start(userFolder: string, more: N8nSettings = {}): Promise<Host> {
		starts += 1;
		return await startN8n({ n8n, tarball, userFolder, port, logFile: logFile(`n8n-${starts}`), settings: { ...settings, ...more } });
	}

	async function startNew(): Promise<Host> {
		const userFolder = mkdtempSync(join(tmpdir(), 'n8n-e2e-'));
		userFolders.push(userFolder);
		cpSync(await startedData({ n8n, tarball }), userFolder, { recursive: true });
		const started = await start(userFolder);
		host = started;
		await importExamples(started, sandbox.credential);
		return started;
	}

	async function stop(): Promise<void> {
		await Promise.all([host?.stop(), sandbox.stop()]);
		for (const folder of userFolders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	}

	try {
		await prepare?.();
		let running = await startNew();
		return {
			sandbox,
			get host() {
				return running;
			},
			async restart(more) {
				await running.stop();
				host = running = await start(running.userFolder, more);
			},
			async kill() {
				process.kill(-running.pid, 'SIGKILL');
				await running.ended;
			},
			async startAnew() {
				await running.stop();
				running = await startNew();
			},
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}
