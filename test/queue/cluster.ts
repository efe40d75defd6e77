import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { post } from '../e2e/webhooks.ts';
import { killChildren, lastLines, startChild } from '../n8n/child.ts';
import { importExamples } from '../n8n/examples.ts';
import { n8nCli, n8nEnvironment, startN8n } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { unpackPackage } from '../n8n/installedPackage.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { Problem } from '../n8n/problem.mjs';
import { startSandbox } from '../n8n/sandbox.ts';
import { makeDatabases } from './databases.ts';
import { supervised } from './supervised.ts';

const READY_TIMEOUT_MS = 180_000;
const READY = 'n8n worker is now ready';

/** The ways in which this process may be ended in the middle. */
const ENDS = ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'];

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

/**
 * A worker that is started again whenever it ends.
 *
 * @typedef {object} Worker
 * @property {string} name
 * @property {() => string[]} executions those that its present life has under way
 * @property {() => string[]} took those that it ever began, in all lives
 * @property {() => boolean} isReady
 * @property {number} restarts
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop in order, and it stays down
 * @property {() => Promise<string[]>} kill by SIGKILL, with what it started; the executions that it had under way
 */

/**
 * n8n in queue mode as a company runs it: a main process and workers that a service manager keeps running, each with the package in
 * its own user folder, Redis, PostgreSQL, and a sandbox that takes every card for an existing one.
 *
 * @typedef {object} Cluster
 * @property {import('../n8n/sandbox.ts').Sandbox} sandbox
 * @property {import('./databases.ts').DatabaseServer} redis
 * @property {import('./databases.ts').DatabaseServer} postgres
 * @property {Worker[]} workers
 * @property {import('../n8n/host.ts').Host | undefined} host the main process; undefined while it is down
 * @property {number} mainRestarts
 * @property {() => Promise<void>} untilReady waits until all processes are up
 * @property {(workflow: any) => Promise<void>} publish puts a workflow into n8n and makes its trigger live
 * @property {(path: string, body: unknown, signal?: AbortSignal) => Promise<{ status: number, body: any }>} deliver posts to a webhook
 * @property {() => Promise<void>} stop
 */

/**
 * @param {object} options
 * @param {number} options.workers how many
 * @returns {Promise<Cluster>}
 */
export async function startCluster({ workers: workerCount }) {
	const tarball = await buildAndPack();
	const n8n = await installN8n();
	const folder = mkdtempSync(join(tmpdir(), 'n8n-queue-'));
	// PostgreSQL's user has to get to its data.
	chmodSync(folder, 0o711);
	const logFile = (name) => join(BUILD_FOLDER, 'logs', `queue-${name}.log`);

	const removeData = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });

	const stops = [removeData];
	/** What was started last, stops first: n8n needs its databases until its end. */
	async function stop() {
		while (stops.length > 0) await stops.pop()();
		for (const end of ENDS) process.off(end, stopAtOnce);
	}
	/** On Ctrl-C the test runner waits for nothing. */
	function stopAtOnce(end) {
		killChildren();
		removeData();
		if (ENDS.includes(end)) process.exit(1);
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
		await importExamples(main.present, sandbox.credential);

		const workers = Array.from({ length: workerCount }, (_, index) =>
			makeWorker({ name: `worker-${index + 1}`, n8n, tarball, folder, logFile, settings }),
		);
		stops.push(async () => await Promise.all(workers.map((worker) => worker.stop())));
		await Promise.all(workers.map((worker) => worker.start()));

		const url = main.present.url;
		return {
			sandbox,
			redis,
			postgres,
			workers,
			get host() {
				return main.present;
			},
			get mainRestarts() {
				return main.restarts;
			},
			async untilReady() {
				const isUp = async () => workers.every((worker) => worker.isReady()) && (await main.present?.rest.isReady());
				for (const deadline = Date.now() + READY_TIMEOUT_MS; !(await isUp()); await delay(200)) {
					if (Date.now() > deadline) throw new Problem('n8n did not come back in time.');
				}
			},
			async publish(workflow) {
				await main.present.rest.request('POST', '/workflows', workflow);
				await main.present.publish(workflow.id);
			},
			deliver: (path, body, signal) => post(new URL(path, url), body, signal),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function makeWorker({ name, n8n, tarball, folder, logFile, settings }) {
	const userFolder = join(folder, name);
	mkdirSync(userFolder);
	unpackPackage(tarball, userFolder);
	const logs = [];

	const program = supervised(async (life) => {
		const env = n8nEnvironment({ n8n, userFolder, port: await freePort(), brokerPort: await freePort(), settings });
		const log = logFile(`${name}-${life}`);
		const child = startChild([n8nCli(n8n), 'worker'], { env, logFile: log });
		logs.push(child.output);
		const ended = child.ended.then(() => true);
		for (const deadline = Date.now() + READY_TIMEOUT_MS; !child.output().includes(READY); ) {
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
			const { process: killed, ended, output } = program.present;
			process.kill(-killed.pid, 'SIGKILL');
			await ended;
			return underWay(output());
		},
	};
}

/** The executions that a worker's log tells of. */
const executionsIn = (what, log) => [...log.matchAll(new RegExp(`Worker ${what} execution (\\d+)`, 'g'))].map(([, id]) => id);

function underWay(log) {
	const over = new Set([...executionsIn('finished', log), ...executionsIn('errored while running', log)]);
	return executionsIn('started', log).filter((id) => !over.has(id));
}
