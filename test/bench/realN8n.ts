import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { manualRuns, placed, TRIGGER } from '../e2e/manualRuns.ts';
import { CREDENTIAL, importExamples } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';

const CHECK_EVERY_MS = 50;
/** Far more than any run needs. */
const LIMIT_MS = 3_600_000;
const KILOBYTE = 1024;
const MEASURED = 'Measured';
const CLOSE_PATH = '/v5/card-api/card/close';
const credentials = { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } };

const httpRequest = (baseUrl, options) => ({
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

/** Each subject as a node of a workflow. */
const NODES = {
	card: ({ parallel }) => ({
		type: 'n8n-nodes-freedompay.freedomPayCard',
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
	constructor(pid) {
		this.folder = `/proc/${pid}`;
	}

	/** The time on a processor so far, in milliseconds; the kernel counts hundredths of a second. */
	get cpuMs() {
		const fields = readFileSync(join(this.folder, 'stat'), 'utf8').replace(/^.*\) /s, '').split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	}

	#status(name) {
		return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(readFileSync(join(this.folder, 'status'), 'utf8'))?.[1]) * KILOBYTE;
	}

	/** The memory that it has now, and the most it had since `forgetPeak`, in bytes. */
	get bytes() {
		return this.#status('VmRSS');
	}

	get peakBytes() {
		return this.#status('VmHWM');
	}

	forgetPeak() {
		writeFileSync(join(this.folder, 'clear_refs'), '5');
	}
}

/** The senders of the long list: this node, and the least that a node can do. */
const LONG_LANES = {
	node: { name: 'This node, a long list', subject: 'card', parallel: 100 },
	loop: { name: 'The loop, a long list', subject: 'helper', parallel: 100, looksUpOnce: true },
};

/** What held a process up, as its feed wrote it down: from when to when, in milliseconds. */
function stopsIn(text, what) {
	return [...text.matchAll(new RegExp(`^${what} (\\d+) (\\d+)$`, 'gm'))].map(([, end, ms]) => ({ from: Number(end) - Number(ms), to: Number(end) }));
}

const lengthOf = ({ from, to }) => to - from;
const longestOf = (spans) => spans.reduce((longest, span) => (lengthOf(span) > lengthOf(longest) ? span : longest), { from: 0, to: 0 });
const shareOf = (spans, { from, to }) => spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);

/** Watches how long n8n takes for its health check. */
class Watch {
	checks = [];

	#isOver = false;

	constructor(url) {
		this.done = this.#watch(url);
	}

	async #watch(url) {
		while (!this.#isOver) {
			const from = Date.now();
			await (await fetch(`${url}/healthz`)).arrayBuffer();
			this.checks.push({ from, to: Date.now() });
			await delay(CHECK_EVERY_MS);
		}
	}

	async end() {
		this.#isOver = true;
		await this.done;
		return this.checks;
	}
}

/**
 * Measures lanes side by side in one n8n of its own, as `race` does in processes of theirs, and n8n's health during a long list.
 *
 * @param {object} options
 * @param {string} options.n8n the folder that n8n is installed in
 * @param {string} options.nodes the folder of the benchmark's own nodes
 * @param {(wanted: any) => any[]} options.lanesOf
 * @returns {import('./real').RealN8n | undefined} undefined where a process cannot be looked at
 */
export function realN8n({ n8n, nodes, lanes }) {
	if (!existsSync('/proc/self/clear_refs') || !existsSync(join(n8n, 'node_modules', 'n8n'))) return undefined;

	return async ({ setting, items, rounds, long, longRounds, network, tell }) => {
		const tarball = await buildAndPack();
		const userFolder = mkdtempSync(join(tmpdir(), 'freedompay-bench-n8n-'));
		const server = await setting.serve(network, LIMIT_MS);
		let host;
		try {
			host = await startN8n({
				n8n,
				tarball,
				userFolder,
				port: await freePort(),
				logFile: join(BUILD_FOLDER, 'logs', 'bench-n8n.log'),
				settings: { NODE_EXTRA_CA_CERTS: setting.certificate, N8N_CUSTOM_EXTENSIONS: nodes, NODE_OPTIONS: '--max-old-space-size=8192' },
			});
			await importExamples(host, server.credential);
			const runs = manualRuns(host, { timeoutMs: LIMIT_MS });
			const n8nProcess = new Process(host.pid);

			async function measure(lane, count, stopsFile = '') {
				const node = { name: MEASURED, ...NODES[lane.subject](lane, server.credential.baseUrl) };
				const feed = { name: 'Feed', type: 'CUSTOM.feed', typeVersion: 1, parameters: { count, stopsFile } };
				const connections = { [TRIGGER.name]: { main: [[{ node: 'Feed', type: 'main', index: 0 }]] }, Feed: { main: [[{ node: MEASURED, type: 'main', index: 0 }]] } };
				const workflow = await runs.store(lane.name, { nodes: placed([TRIGGER, feed, node]), connections });
				await server.reset();
				n8nProcess.forgetPeak();
				const [startBytes, cpuMs] = [n8nProcess.bytes, n8nProcess.cpuMs];
				const execution = await runs.run(workflow, TRIGGER.name);
				const [task] = execution.data.resultData.runData[MEASURED] ?? [];
				const out = task?.data?.main?.[0] ?? [];
				if (execution.status !== 'success' || out.length !== count || out.some(({ json }) => json.request_status !== 'success')) {
					throw new Error(`${lane.name}: the execution ended with ${execution.status} and ${out.length} of ${count} items`);
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
			}

			const measured = lanes.map((lane) => ({ lane, items, rounds: [] }));
			for (const { lane } of measured) await measure(lane, Math.min(items, 50));
			for (let round = 0; round < rounds; round++) {
				for (const { lane, rounds: done } of round % 2 === 0 ? measured : measured.toReversed()) {
					done.push(await measure(lane, items));
					tell(`${items} items in n8n, round ${round + 1} of ${rounds}: ${lane.name}: ${(done.at(-1).wallMs / 1000).toFixed(2)} s`);
				}
			}
			if (long === 0) return { measured, health: undefined };

			async function measureLong(lane) {
				const stopsFile = join(userFolder, 'stops.txt');
				writeFileSync(stopsFile, '');
				const watch = new Watch(host.url);
				const { wallMs, startTime, peakBytes } = await measure(lane, long, stopsFile);
				const checks = await watch.end();
				const stops = readFileSync(stopsFile, 'utf8');
				const end = startTime + wallMs;
				// By when they ended: what n8n answers late began while the node was running.
				const during = (spans) => spans.filter(({ from, to }) => from >= startTime && to <= end);
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
			}

			const health = { items: long, node: [], loop: [] };
			const subjects = Object.entries(LONG_LANES);
			for (let round = 0; round < longRounds; round++) {
				for (const [who, lane] of round % 2 === 0 ? subjects : subjects.toReversed()) {
					const run = await measureLong(lane);
					health[who].push(run);
					tell(`${long} items in n8n, round ${round + 1} of ${longRounds}: ${lane.name}: ${(run.wallMs / 1000).toFixed(0)} s, held up for ${run.longestBlockMs} ms at most`);
				}
			}
			return { measured, health };
		} finally {
			await Promise.all([host?.stop(), server.stop()]);
			rmSync(userFolder, { recursive: true, force: true });
		}
	};
}
