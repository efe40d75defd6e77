import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { lastLines, startChild } from './child.ts';
import { listPackage, unpackPackage } from './installedPackage.ts';
import { freePort } from './ports.ts';
import { Problem } from './problem.mjs';
import { RestClient } from './rest.ts';

const START_TIMEOUT_MS = 180_000;

/**
 * A running n8n.
 *
 * @typedef {object} Host
 * @property {string} url its address
 * @property {number} pid its process
 * @property {string} userFolder
 * @property {RestClient} rest signed in as the owner
 * @property {import('./child.ts').Child['ended']} ended resolves when n8n has ended
 * @property {() => string} output n8n's log
 * @property {(args: string[]) => Promise<string>} command runs one of n8n's commands beside it; its standard output
 * @property {(workflowId: string) => Promise<void>} publish makes a workflow's trigger live
 * @property {(workflowId: string) => Promise<void>} untilLive waits until the trigger of a workflow that was published is live
 * @property {(executionId: string) => Promise<any>} readExecution a stored execution with its run data
 * @property {() => Promise<void>} stop stops it and the processes it started
 */

/**
 * Starts a real n8n with the packed package installed in it, and signs in.
 *
 * @param {object} options
 * @param {string} options.n8n the folder that n8n is installed in
 * @param {string} options.tarball the packed package
 * @param {string} options.userFolder keeps n8n's data; a new one gives a new n8n
 * @param {number} options.port
 * @param {string} options.logFile
 * @param {AbortSignal} [options.signal] gives up starting
 * @param {Record<string, string>} [options.settings] more of n8n's variables; with a database server, the package is not listed
 * @returns {Promise<Host>}
 */
export async function startN8n({ n8n, tarball, userFolder, port, logFile, signal, settings = {} }) {
	unpackPackage(tarball, userFolder);

	const requireFromN8n = createRequire(join(n8n, 'package.json'));
	const cli = n8nCli(n8n);
	const environment = (brokerPort) => n8nEnvironment({ n8n, userFolder, port, brokerPort, settings });

	const child = startChild([cli, 'start'], { env: environment(await freePort()), logFile });
	const url = `http://localhost:${port}`;
	const rest = new RestClient(url);
	try {
		await untilReady(child, rest, logFile, signal);
		await rest.signIn();
		if (!settings.DB_TYPE) await listPackage({ userFolder, rest, requireFromN8n });
	} catch (error) {
		await child.stop();
		throw error;
	}

	async function command(args) {
		const commandLog = join(userFolder, `${args[0].replace(':', '-')}.log`);
		const run = startChild([cli, ...args], { env: environment(await freePort()), logFile: commandLog, pipeStdout: true });
		const [output, { code }] = await Promise.all([text(run.process.stdout), run.ended]);
		await run.stop();
		if (code === 0) return output;
		throw new Error(`n8n ${args.join(' ')} ended with code ${code}:\n${lastLines(`${run.output()}\n${output}`)}`);
	}

	/** n8n answers before the trigger is live. */
	async function untilLive(workflowId) {
		const isLive = async () => (await rest.request('GET', `/workflows/${workflowId}/publication-status`)).status === 'published';
		while (!(await isLive())) await delay(100);
	}

	return {
		url,
		pid: child.process.pid,
		userFolder,
		rest,
		ended: child.ended,
		output: child.output,
		command,
		publish: async (workflowId) => {
			const { versionId } = await rest.request('GET', `/workflows/${workflowId}`);
			await rest.request('POST', `/workflows/${workflowId}/activate`, { versionId });
			await untilLive(workflowId);
		},
		untilLive,
		readExecution: async (executionId) => {
			const execution = await rest.request('GET', `/executions/${executionId}`);
			return { ...execution, data: requireFromN8n('flatted').parse(execution.data) };
		},
		stop: child.stop,
	};
}

async function untilReady(child, rest, logFile, signal) {
	let end;
	child.ended.then((how) => (end = how));
	for (const deadline = Date.now() + START_TIMEOUT_MS; !(await rest.isReady()); await delay(250, undefined, { signal })) {
		if (!end && Date.now() < deadline) continue;
		const what = end ? `n8n ended while starting (${end.signal ?? `code ${end.code}`})` : 'n8n did not become ready in time';
		throw new Problem(`${what}. The end of its log, ${logFile}:\n${lastLines(child.output())}`);
	}
}

/** Variables that would turn our n8n into somebody's own one, with its database or queue. */
const FOREIGN_SETTINGS = /^(?:N8N|DB|QUEUE|EXECUTIONS|CREDENTIALS|NODES|NODE_FUNCTION|WORKFLOWS|WEBHOOK|EXTERNAL|GENERIC|npm)_/;

/** n8n's command, in the folder that n8n is installed in. */
export const n8nCli = (n8n) => join(n8n, 'node_modules', 'n8n', 'bin', 'n8n');

/**
 * What a process of n8n runs with: nothing of the settings of an n8n that the person at the terminal may have.
 *
 * @param {object} options
 * @param {string} options.n8n the folder that n8n is installed in
 * @param {string} options.userFolder
 * @param {number} options.port
 * @param {number} options.brokerPort
 * @param {Record<string, string>} [options.settings] more variables
 * @returns {NodeJS.ProcessEnv}
 */
export function n8nEnvironment({ n8n, userFolder, port, brokerPort, settings = {} }) {
	const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name));
	return {
		...Object.fromEntries(inherited),
		NODE_ENV: 'production',
		NO_PROXY: [process.env.NO_PROXY, 'localhost', '127.0.0.1'].filter(Boolean).join(','),
		// That of the cards in the sandbox.
		GENERIC_TIMEZONE: 'Asia/Almaty',
		N8N_USER_FOLDER: userFolder,
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_PORT: String(port),
		N8N_RUNNERS_BROKER_PORT: String(brokerPort),
		N8N_SECURE_COOKIE: 'false',
		N8N_PYTHON_ENABLED: 'false',
		...(existsSync(join(n8n, 'node_modules', 'n8n', 'dist', 'modules', CALLING_MODULE)) && { N8N_DISABLED_MODULES: CALLING_MODULE }),
		...NO_OUTBOUND_CALLS,
		...settings,
	};
}

/** A part of n8n that asks outside for servers. Not every version has it, and n8n does not start without the parts that it is to leave out. */
const CALLING_MODULE = 'mcp-registry';

const NO_OUTBOUND_CALLS = {
	N8N_DIAGNOSTICS_ENABLED: 'false',
	N8N_DYNAMIC_BANNERS_ENABLED: 'false',
	N8N_HIRING_BANNER_ENABLED: 'false',
	N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
	N8N_PERSONALIZATION_ENABLED: 'false',
	N8N_TEMPLATES_ENABLED: 'false',
	N8N_VERIFIED_PACKAGES_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
	N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
};
