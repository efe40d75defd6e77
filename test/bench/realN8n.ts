import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { manualRuns, TRIGGER } from '../e2e/manualRuns.ts';
import { CARD_NODE_TYPE, inARow, placed, SANDBOX_CREDENTIAL as credentials, type WorkflowNode } from '../e2e/nodes.ts';
import { CREDENTIAL, importExamples } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { lane, MANY_AT_A_TIME, type Lane } from './lanes.ts';
import type { Measurement } from './measure.ts';
import type { SubjectName } from './protocol.ts';
import type { Health, LongRun, RealN8n } from './real.ts';
import type { Measured } from './rounds.ts';

/** The senders that n8n itself runs. */
type NodeName = Exclude<SubjectName, 'cuttingHelper' | 'pool'>;

interface NodeLane extends Lane {
	subject: NodeName;
	/** Whether the loop looks its credential up once, as this node does, and not for each request. */
	looksUpOnce?: boolean;
}

/** What a run in n8n cost, and when its node began. */
type RunInN8n = Measurement & { startTime: number };

/** From when to when, in milliseconds. */
interface Span {
	from: number;
	to: number;
}

const CHECK_EVERY_MS = 50;
/** Far more than any run needs. */
const LIMIT_MS = 3_600_000;
const KILOBYTE = 1024;
const MEASURED = 'Measured';
const CLOSE_PATH = '/v5/card-api/card/close';
const PARALLEL = 10;
/** The HTTP Request node with batches is measured with this part of the commands: it takes the same time for each, thrice that of the others. */
const BATCHES_SHARE = 5;

const nodeLane = (subject: NodeName, parallel: number): NodeLane => ({ ...lane(subject, parallel), subject });

/** The senders that are put side by side. */
const LANES = [
	nodeLane('card', PARALLEL),
	nodeLane('helper', PARALLEL),
	nodeLane('card', MANY_AT_A_TIME),
	nodeLane('httpRequest', PARALLEL),
	nodeLane('httpRequestBatches', PARALLEL),
];

/** The senders of the long list: this node, and the least that a node can do. */
const LONG_LANES: Record<'node' | 'loop', NodeLane> = {
	node: { ...nodeLane('card', MANY_AT_A_TIME), name: 'This node, a long list' },
	loop: { ...nodeLane('helper', MANY_AT_A_TIME), name: 'The loop, a long list', looksUpOnce: true },
};

const httpRequest = (baseUrl: string, options: object): WorkflowNode => ({
	name: MEASURED,
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	credentials,
	parameters: {
		method: 'POST',
		url: baseUrl + CLOSE_PATH,
		authentication: 'predefinedCredentialType',
		nodeCredentialType: CREDENTIAL.type,
		sendBody: true,
		contentType: 'json',
		specifyBody: 'json',
		jsonBody: '={{ JSON.stringify($json) }}',
		options,
	},
});

/** Each sender as a node of a workflow. */
const NODES: Record<NodeName, (lane: NodeLane, baseUrl: string) => WorkflowNode> = {
	card: ({ parallel }) => ({
		name: MEASURED,
		type: CARD_NODE_TYPE,
		typeVersion: 1,
		credentials,
		parameters: {
			resource: 'card',
			operation: 'close',
			cardId: '={{ $json.card_id }}',
			reason: '={{ $json.description }}',
			options: { maxParallelRequests: parallel },
		},
	}),
	helper: ({ parallel, looksUpOnce = false }, baseUrl) => ({
		name: MEASURED,
		type: 'CUSTOM.loop',
		typeVersion: 1,
		credentials,
		parameters: { baseUrl, parallel, lookUpOnce: looksUpOnce },
	}),
	httpRequest: (_, baseUrl) => httpRequest(baseUrl, {}),
	httpRequestBatches: ({ parallel, batchIntervalMs }, baseUrl) =>
		httpRequest(baseUrl, { batching: { batch: { batchSize: parallel, batchInterval: batchIntervalMs } } }),
};

/** What Linux tells of a process. */
class Process {
	readonly #folder: string;

	constructor(pid: number) {
		this.#folder = `/proc/${pid}`;
	}

	/** The time on a processor so far, in milliseconds; the kernel counts hundredths of a second. */
	get cpuMs(): number {
		const fields = readFileSync(join(this.#folder, 'stat'), 'utf8').replace(/^.*\) /s, '').split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	}

	#status(name: string): number {
		return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(join(this.#folder, 'status'), 'utf8'))?.[1]) * KILOBYTE;
	}

	/** The memory that it has now, and the most it had since `forgetPeak`, in bytes. */
	get bytes(): number {
		return this.#status('VmRSS');
	}

	get peakBytes(): number {
		return this.#status('VmHWM');
	}

	forgetPeak(): void {
		writeFileSync(join(this.#folder, 'clear_refs'), '5');
	}
}

/** What held a process up, as its feed wrote it down. */
function stopsIn(text: string, what: 'block' | 'collection'): Span[] {
	return [...text.matchAll(new RegExp(`^${what} (\\d+) (\\d+)$`, 'gm'))].map(([, end, ms]) => ({ from: Number(end) - Number(ms), to: Number(end) }));
}

const lengthOf = ({ from, to }: Span) => to - from;
const longestOf = (spans: readonly Span[]) => spans.reduce((longest, span) => (lengthOf(span) > lengthOf(longest) ? span : longest), { from: 0, to: 0 });
const shareOf = (spans: readonly Span[], { from, to }: Span) => spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);

/** Watches how long n8n takes for its health check. */
class Watch {
	readonly #checks: Span[] = [];

	readonly #done: Promise<void>;

	#isOver = false;

	constructor(url: string) {
		this.#done = this.#watch(url);
	}

	async #watch(url: string): Promise<void> {
		while (!this.#isOver) {
			const from = Date.now();
			await (await fetch(`${url}/healthz`)).arrayBuffer();
			this.#checks.push({ from, to: Date.now() });
			await delay(CHECK_EVERY_MS);
		}
	}

	async end(): Promise<readonly Span[]> {
		this.#isOver = true;
		await this.#done;
		return this.#checks;
	}
}

/**
 * Gives what measures lanes side by side in one n8n of its own, as `race` does in processes of theirs, and n8n's health during a long list.
 *
 * @param n8n the folder that n8n is installed in
 * @param nodesFolder the folder of the benchmark's own nodes
 * @returns undefined where the system does not tell what a process takes
 */
export function prepareRealN8n(n8n: string, nodesFolder: string): RealN8n | undefined {
	if (!existsSync('/proc/self/clear_refs')) return undefined;

	return async ({ setting, items, rounds, long, longRounds, network, tell }) => {
		const tarball = await buildAndPack();
		const userFolder = mkdtempSync(join(tmpdir(), 'freedompay-bench-n8n-'));
		const server = await setting.serve(network, LIMIT_MS);
		let stopN8n: (() => Promise<void>) | undefined;
		try {
			const host = await startN8n({
				n8n,
				tarball,
				userFolder,
				port: await freePort(),
				logFile: join(BUILD_FOLDER, 'logs', 'bench-n8n.log'),
				settings: { NODE_EXTRA_CA_CERTS: setting.certificate, N8N_CUSTOM_EXTENSIONS: nodesFolder, NODE_OPTIONS: '--max-old-space-size=8192' },
			});
			stopN8n = host.stop;
			await importExamples(host, server.credential);
			const runs = manualRuns(host, { timeoutMs: LIMIT_MS });
			const n8nProcess = new Process(host.pid);

			const measure = async (sender: NodeLane, count: number, stopsFile = ''): Promise<RunInN8n> => {
				const feed = { name: 'Feed', type: 'CUSTOM.feed', typeVersion: 1, parameters: { count, stopsFile } };
				const nodes = placed([TRIGGER, feed, NODES[sender.subject](sender, server.credential.baseUrl)]);
				const workflow = await runs.store(sender.name, { nodes, connections: inARow(nodes) });
				await server.reset();
				n8nProcess.forgetPeak();
				const [startBytes, cpuMs] = [n8nProcess.bytes, n8nProcess.cpuMs];
				const execution = await runs.run(workflow, TRIGGER.name);
				const task = execution.data.resultData.runData[MEASURED]?.[0];
				const out = task?.data?.main?.[0] ?? [];
				if (task === undefined || execution.status !== 'success' || out.length !== count || out.some(({ json }) => json.request_status !== 'success')) {
					throw new Error(`${sender.name}: the execution ended with ${execution.status} and ${out.length} of ${count} items`);
				}
				const report = await server.tell();
				if (report.unverified > 0 || report.requests[CLOSE_PATH] !== count) throw new Error(`The server received ${JSON.stringify(report)} for ${count} commands`);
				return {
					wallMs: task.executionTime,
					cpuMs: n8nProcess.cpuMs - cpuMs,
					peakBytes: n8nProcess.peakBytes,
					startBytes,
					maxConnections: report.maxOpenConnections,
					lastCommandMs: undefined,
					server: report,
					startTime: task.startTime,
				};
			};

			const countFor = ({ subject }: NodeLane) => (subject === 'httpRequestBatches' ? Math.ceil(items / BATCHES_SHARE) : items);
			const rows = LANES.map((sender) => ({ sender, count: countFor(sender), runs: [] as Measurement[] }));
			// One round that does not count: as everywhere, what is measured is used to its work.
			for (const { sender, count } of rows) await measure(sender, count);
			for (let round = 0; round < rounds; round++) {
				for (const { sender, count, runs: done } of round % 2 === 0 ? rows : rows.toReversed()) {
					const run = await measure(sender, count);
					done.push(run);
					tell(`${count} items in n8n, round ${round + 1} of ${rounds}: ${sender.name}: ${(run.wallMs / 1000).toFixed(2)} s, ${(run.cpuMs / count).toFixed(2)} ms of CPU per item`);
				}
			}
			const measured = rows.map(({ sender, count, runs: done }): Measured => ({ lane: sender, items: count, rounds: done }));
			if (long === 0) return { measured, health: undefined };

			const measureLong = async (sender: NodeLane): Promise<LongRun> => {
				const stopsFile = join(userFolder, 'stops.txt');
				writeFileSync(stopsFile, '');
				const watch = new Watch(host.url);
				const { wallMs, startTime, peakBytes } = await measure(sender, long, stopsFile);
				const checks = await watch.end();
				const stops = readFileSync(stopsFile, 'utf8');
				const end = startTime + wallMs;
				// By when they ended: what n8n answers late began while the node was running.
				const during = (spans: readonly Span[]) => spans.filter(({ from, to }) => from >= startTime && to <= end);
				const block = longestOf(during(stopsIn(stops, 'block')));
				return {
					wallMs,
					peakBytes,
					asked: during(checks).length,
					longestCheckMs: lengthOf(longestOf(during(checks))),
					longestCheckAfterMs: lengthOf(longestOf(checks.filter(({ to }) => to > end))),
					longestBlockMs: lengthOf(block),
					collectedMs: shareOf(stopsIn(stops, 'collection'), block),
				};
			};

			const health: Health = { items: long, node: [], loop: [] };
			for (let round = 0; round < longRounds; round++) {
				for (const who of round % 2 === 0 ? (['node', 'loop'] as const) : (['loop', 'node'] as const)) {
					const run = await measureLong(LONG_LANES[who]);
					health[who].push(run);
					tell(`${long} items in n8n, round ${round + 1} of ${longRounds}: ${LONG_LANES[who].name}: ${(run.wallMs / 1000).toFixed(0)} s, held up for ${run.longestBlockMs} ms at most`);
				}
			}
			return { measured, health };
		} finally {
			await Promise.all([stopN8n?.(), server.stop()]);
			rmSync(userFolder, { recursive: true, force: true });
		}
	};
}
