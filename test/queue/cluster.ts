import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Told } from '../e2e/items.ts';
import type { Workflow } from '../e2e/nodes.ts';
import { post, type WebhookAnswer } from '../e2e/webhooks.ts';
import { killChildren, lastLines, startChild } from '../n8n/child.ts';
import { importExamples } from '../n8n/examples.ts';
import { n8nCli, n8nEnvironment, startN8n, type Host, type N8nSettings } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { unpackPackage } from '../n8n/installedPackage.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { PATIENCE_MS } from '../n8n/patience.ts';
import { freePort } from '../n8n/ports.ts';
import { Problem } from '../n8n/problem.mjs';
import { startSandbox, type Sandbox } from '../n8n/sandbox.ts';
import { makeDatabases, type DatabaseServer, type LogFile } from './databases.ts';
import { supervised } from './supervised.ts';

const READY = 'n8n worker is now ready';

/** The ways in which this process may be ended in the middle. */
const ENDS = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What every process of this n8n shares. A job whose worker died counts as stalled after ten seconds, not after n8n's sixty, so that
 * the run takes minutes.
 */
const SHARED_SETTINGS = {
	EXECUTIONS_MODE: 'queue',
	N8N_ENCRYPTION_KEY: 'the-same-key-for-main-and-workers',
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

/** A worker that is started again whenever it ends. */
export interface Worker {
	name: string;
	/** The executions that its present life has under way. */
	executions: () => string[];
	/** Those that it ever began, in all lives. */
	took: () => string[];
	isReady: () => boolean;
	readonly restarts: number;
	start: () => Promise<void>;
	/** In order, and it stays down. */
	stop: () => Promise<void>;
	/** By SIGKILL, with what it started; the executions that it had under way. */
	kill: () => Promise<string[]>;
}

/**
 * n8n in queue mode as a company runs it: a main process and workers that a service manager keeps running, each with the package in
 * its own user folder, Redis, PostgreSQL, and a sandbox that takes every card for an existing one.
 */
export interface Cluster {
	sandbox: Sandbox;
	redis: DatabaseServer;
	postgres: DatabaseServer;
	workers: readonly [Worker, Worker];
	/** The main process; throws while it is down. */
	readonly host: Host;
	readonly mainRestarts: number;
	/** Waits until all processes are up. */
	untilReady: () => Promise<void>;
	/** Puts a workflow into n8n and makes its trigger live. */
	publish: (workflow: Workflow) => Promise<void>;
	/** Posts to a webhook. */
	deliver: <Body = Told>(path: string, body: unknown, signal?: AbortSignal) => Promise<WebhookAnswer<Body>>;
	stop: () => Promise<void>;
}

/**
 * Starts n8n in queue mode with two workers.
 *
 * @throws {Problem} when something of it does not start
 */
export async function startCluster(): Promise<Cluster> {
	const tarball = await buildAndPack();
	const n8n = await installN8n();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-'));
	// PostgreSQL's user has to get to its data.
	chmodSync(folder, 0o711);
	const logFile: LogFile = (name) => join(BUILD_FOLDER, 'logs', `queue-${name}.log`);

	const removeData = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

	const stops: Array<() => void | Promise<void>> = [removeData];
	/** What was started last, stops first: n8n needs its databases until its end. */
	async function stop(): Promise<void> {
		while (stops.length > 0) await stops.pop()?.();
		for (const end of ENDS) process.off(end, stopAtOnce);
	}
	/** On Ctrl-C the test runner waits for nothing. */
	function stopAtOnce(end: NodeJS.Signals | number): void {
		killChildren();
		removeData();
		// At an exit it gets the exit's code.
		if (typeof end === 'string') process.exit(1);
	}
	for (const end of ENDS) process.once(end, stopAtOnce);

	try {
		const { redis, postgres } = await makeDatabases({ folder, logFile });
		for (const server of [redis, postgres]) {
			stops.push(server.stop);
			await server.start();
		}
		const sandbox = await startSandbox({ port: await freePort(), logFile: logFile('sandbox'), acceptUnknown: true });
		stops.push(sandbox.stop);

		const port = await freePort();
		// Workers tell this address too, such as the one by which a waiting execution is resumed.
		const webhooks = { WEBHOOK_URL: `http://localhost:${port}/` };
		const settings = { ...SHARED_SETTINGS, ...webhooks, ...redis.settings, ...postgres.settings };
		const main = supervised((life) =>
			startN8n({ n8n, tarball, userFolder: join(folder, 'main'), port, logFile: logFile(`main-${life}`), settings }),
		);
		stops.push(main.stop);
		await main.start();
		const host = (): Host => {
			if (main.present === undefined) throw new Error('The main process is down.');
			return main.present;
		};
		const made = (name: string) => makeWorker({ name, n8n, tarball, folder, logFile, settings });
		const workers = [made('worker-1'), made('worker-2')] as const;
		stops.push(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
		await Promise.all([importExamples(host(), sandbox.credential), ...workers.map((worker) => worker.start())]);

		const { url } = host();
		return {
			sandbox,
			redis,
			postgres,
			workers,
			get host() {
				return host();
			},
			get mainRestarts() {
				return main.restarts;
			},
			async untilReady() {
				const isUp = async () => workers.every((worker) => worker.isReady()) && (await main.present?.rest.isReady());
				for (const deadline = Date.now() + PATIENCE_MS; !(await isUp()); await delay(200)) {
					if (Date.now() > deadline) throw new Problem('n8n did not come back in time.');
				}
			},
			async publish(workflow) {
				await host().rest.request('POST', '/workflows', workflow);
				await host().publish(workflow.id);
			},
			deliver: async (path, body, signal) => await post(new URL(path, url), body, signal),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function makeWorker({ name, n8n, tarball, folder, logFile, settings }: {
	name: string;
	n8n: string;
	tarball: string;
	folder: string;
	logFile: LogFile;
	settings: N8nSettings;
}): Worker {
	const userFolder = join(folder, name);
	mkdirSync(userFolder);
	unpackPackage(tarball, userFolder);
	const logs: Array<() => string> = [];

	const program = supervised(async (life) => {
		const env = n8nEnvironment({ n8n, userFolder, port: await freePort(), brokerPort: await freePort(), settings });
		const log = logFile(`${name}-${life}`);
		const child = startChild([n8nCli(n8n), 'worker'], { env, logFile: log });
		logs.push(child.output);
		const ended = child.ended.then(() => true);
		for (const deadline = Date.now() + PATIENCE_MS; !child.output().includes(READY); ) {
			if (!(await Promise.race([ended, delay(100)])) && Date.now() < deadline) continue;
			await child.stop();
			throw new Problem(`A worker of n8n did not start. The end of its log, ${log}:\n${lastLines(child.output())}`);
		}
		return child;
	});

	return {
		name,
		isReady: () => program.present !== undefined,
		executions: () => underWay(program.present?.output() ?? ''),
		took: () => logs.flatMap((output) => executionsIn('started', output())),
		get restarts() {
			return program.restarts;
		},
		start: program.start,
		stop: program.stop,
		async kill() {
			if (program.present === undefined) throw new Error(`${name} is down.`);
			const { process: killed, ended, output } = program.present;
			if (killed.pid !== undefined) process.kill(-killed.pid, 'SIGKILL');
			await ended;
			return underWay(output());
		},
	};
}

/** The executions that a worker's log tells of. */
function executionsIn(what: string, log: string): string[] {
	return [...log.matchAll(new RegExp(`Worker ${what} execution (\\d+)`, 'g'))].map(([, id = '']) => id);
}

function underWay(log: string): string[] {
	const over = new Set([...executionsIn('finished', log), ...executionsIn('errored while running', log)]);
	return executionsIn('started', log).filter((id) => !over.has(id));
}
