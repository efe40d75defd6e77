import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import type { ExecutionStatus, IRunExecutionData } from 'n8n-workflow';

import { lastLines, startChild, type Child, type End } from './child.ts';
import { listPackage, unpackPackage } from './installedPackage.ts';
import { PATIENCE_MS } from './patience.ts';
import { freePort } from './ports.ts';
import { Problem } from './problem.mjs';
import { RestClient, type StoredWorkflow } from './rest.ts';


/** More variables of n8n's environment. */
export type N8nSettings = Readonly<Record<string, string>>;

/** A stored execution with its run data. */
export interface StoredExecution {
	id: string;
	status: ExecutionStatus;
	mode: string;
	workflowId: string;
	/** As n8n writes times in JSON. */
	startedAt: string;
	stoppedAt: string;
	/** The execution that this one tries again. */
	retryOf?: string | null;
	data: IRunExecutionData;
}

/** A running n8n. */
export interface Host {
	/** Its address. */
	url: string;
	/** Its process. */
	pid: number;
	userFolder: string;
	/** Signed in as the owner. */
	rest: RestClient;
	/** Resolves when n8n has ended. */
	ended: Child['ended'];
	/** Its log. */
	output: () => string;
	/** Runs one of n8n's commands beside it; its standard output. */
	command: (args: readonly [name: string, ...args: string[]]) => Promise<string>;
	/** Makes a workflow's trigger live. */
	publish: (workflowId: string) => Promise<void>;
	/** Waits until the trigger of a workflow that was published is live. */
	untilLive: (workflowId: string) => Promise<void>;
	/** A stored execution with its run data. */
	readExecution: (executionId: string) => Promise<StoredExecution>;
	/** Stops it and the processes it started. */
	stop: () => Promise<void>;
}

/** The n8n to start. */
export interface HostOptions {
	/** The folder that n8n is installed in. */
	n8n: string;
	/** The packed package. */
	tarball: string;
	/** Keeps n8n's data; a new one gives a new n8n. */
	userFolder: string;
	port: number;
	logFile: string;
	/** Gives up starting. */
	signal?: AbortSignal | undefined;
	/** With a database server, the package is not listed. */
	settings?: N8nSettings;
}

/**
 * Starts a real n8n with the packed package installed in it, and signs in.
 *
 * @throws {Problem} when it does not start
 */
export async function startN8n({ n8n, tarball, userFolder, port, logFile, signal, settings = {} }: HostOptions): Promise<Host> {
	unpackPackage(tarball, userFolder);

	const requireFromN8n = createRequire(join(n8n, 'package.json'));
	const flatted = requireFromN8n('flatted') as { parse: (text: string) => unknown };
	const cli = n8nCli(n8n);
	const environment = (brokerPort: number) => n8nEnvironment({ n8n, userFolder, port, brokerPort, settings });

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

	async function command(args: readonly [name: string, ...args: string[]]): Promise<string> {
		const commandLog = join(userFolder, `${args[0].replace(':', '-')}.log`);
		const run = startChild([cli, ...args], { env: environment(await freePort()), logFile: commandLog, pipeStdout: true });
		const [output, { code, signal: killedBy }] = await Promise.all([run.process.stdout === null ? '' : text(run.process.stdout), run.ended]);
		await run.stop();
		if (code === 0) return output;
		throw new Error(`n8n ${args.join(' ')} ended with ${killedBy ?? `code ${code}`}:\n${lastLines(`${run.output()}\n${output}`)}`);
	}

	/** n8n answers before the trigger is live; an older one, which tells no status, when it is. */
	async function untilLive(workflowId: string): Promise<void> {
		const isLive = async () => ((await rest.find<{ status: string }>(`/workflows/${workflowId}/publication-status`))?.status ?? 'published') === 'published';
		while (!(await isLive())) await delay(100);
	}

	const { pid } = child.process;
	if (pid === undefined) throw new Error('n8n runs and has no process.');
	return {
		url,
		pid,
		userFolder,
		rest,
		ended: child.ended,
		output: child.output,
		command,
		publish: async (workflowId) => {
			const { versionId } = await rest.request<StoredWorkflow>('GET', `/workflows/${workflowId}`);
			await rest.request('POST', `/workflows/${workflowId}/activate`, { versionId });
			await untilLive(workflowId);
		},
		untilLive,
		readExecution: async (executionId) => {
			const execution = await rest.request<Omit<StoredExecution, 'data'> & { data: string }>('GET', `/executions/${executionId}`);
			return { ...execution, data: flatted.parse(execution.data) as IRunExecutionData };
		},
		stop: child.stop,
	};
}

async function untilReady(child: Child, rest: RestClient, logFile: string, signal: AbortSignal | undefined): Promise<void> {
	let end: End | undefined;
	void child.ended.then((how) => (end = how));
	for (const deadline = Date.now() + PATIENCE_MS; !(await rest.isReady()); await delay(250, undefined, { signal })) {
		if (!end && Date.now() < deadline) continue;
		const what = end ? `n8n ended while starting (${end.signal ?? `code ${end.code}`})` : 'n8n did not become ready in time';
		throw new Problem(`${what}. The end of its log, ${logFile}:\n${lastLines(child.output())}`);
	}
}

/** Variables that would turn our n8n into somebody's own one, with its database or queue. */
const FOREIGN_SETTINGS = /^(?:N8N|DB|QUEUE|EXECUTIONS|CREDENTIALS|NODES|NODE_FUNCTION|WORKFLOWS|WEBHOOK|EXTERNAL|GENERIC|npm)_/;

/** n8n's command, in the folder that n8n is installed in. */
export const n8nCli = (n8n: string): string => join(n8n, 'node_modules', 'n8n', 'bin', 'n8n');

/**
 * What a process of n8n runs with: nothing of the settings of an n8n that the person at the terminal may have.
 */
export function n8nEnvironment({ n8n, userFolder, port, brokerPort, settings = {} }: Pick<HostOptions, 'n8n' | 'userFolder' | 'port' | 'settings'> & {
	brokerPort: number;
}): NodeJS.ProcessEnv {
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
