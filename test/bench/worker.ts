import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { ICredentialType } from 'n8n-workflow';

import type { CredentialData } from '../n8n/sandbox';
import { countCpu } from '../support/cpu';
import { countConnections } from './connections';
import { loadEngine } from './engine';
import { collectGarbage } from './garbage';
import { MANY_AT_A_TIME } from './lanes';
import type { FromWorker, Job, ToWorker } from './protocol';
import { card } from './subjects/card';
import { cuttingHelper, helper } from './subjects/helper';
import { httpRequest, httpRequestBatches } from './subjects/httpRequest';
import { pool } from './subjects/pool';
import { CLOSE_PATH, itemsOf, type Answered, type Command } from './subjects/subject';

/** Sends commands in a process of its own and tells what that cost. Ends with its parent. */

const connections = countConnections();
const nodes = { card, helper, cuttingHelper, httpRequest, httpRequestBatches };
const KILOBYTE = 1024;
/** Where Linux is told to forget the most memory that a process had. Elsewhere that of the warm-up counts too. */
const FORGET_PEAK = '/proc/self/clear_refs';

let job: Job;
let send: (commands: Command[]) => Promise<Answered[]>;
let lastCommandAt: number | undefined;

function loadCredential(dist: string): ICredentialType {
	const file = join(dist, 'credentials', 'FreedomPayApi.credentials.js');
	const { FreedomPayApi } = createRequire(__filename)(file) as { FreedomPayApi: new () => ICredentialType };
	const credential = new FreedomPayApi();
	const authenticate = (credential.authenticate as (...args: unknown[]) => Promise<unknown>).bind(credential);
	credential.authenticate = (async (fields: object, request: { url?: string }) => {
		if (request.url?.endsWith(CLOSE_PATH)) lastCommandAt = performance.now();
		return await authenticate(fields, request);
	}) as NonNullable<ICredentialType['authenticate']>;
	return credential;
}

/** Gives what sends commands at so many at a time. */
function prepare(data: CredentialData): (parallel: number) => typeof send {
	const { subject } = job;
	if (subject === 'pool') {
		// Its connections stay open: it has the same ones while it is warmed up.
		const sending = pool(job, data);
		return () => sending;
	}
	const engine = loadEngine(job.n8nFolder, loadCredential(job.dist), { ...data });
	return (parallel) => {
		const node = nodes[subject]({ ...job, parallel }, data);
		return async (commands) => (await engine.run(node, itemsOf(commands))).map(({ json }) => json);
	};
}

function commands(count: number): Command[] {
	return Array.from({ length: count }, () => ({ card_id: randomUUID(), request_id: randomUUID(), description: 'Lost by the cardholder' }));
}

/** A measurement counts only if every command was answered as it must be. */
function check(answers: Answered[], count: number): void {
	const isGood = (answer: Answered) => answer.status === 'ok' && answer.request_status === job.expected;
	const good = answers.filter(isGood).length;
	if (good === count) return;
	const bad = answers.find((answer) => !isGood(answer));
	throw new Error(`${good} of ${count} commands ended with ${job.expected}; another with ${JSON.stringify(bad)}`);
}

async function measure(): Promise<FromWorker> {
	const toSend = commands(job.items);
	const startBytes = process.memoryUsage.rss();
	connections.restart();
	lastCommandAt = undefined;
	const cpuMs = countCpu();
	const began = performance.now();
	const answers = await send(toSend);
	const wallMs = performance.now() - began;
	const spentMs = cpuMs();
	check(answers, job.items);
	const report = {
		wallMs,
		cpuMs: spentMs,
		peakBytes: process.resourceUsage().maxRSS * KILOBYTE,
		startBytes,
		maxConnections: connections.max,
		lastCommandMs: lastCommandAt === undefined ? undefined : lastCommandAt - began,
	};
	return { say: 'done', report };
}

async function answer(told: ToWorker): Promise<FromWorker> {
	switch (told.say) {
		case 'load':
			({ job } = told);
			return { say: 'loaded' };
		case 'warmUp': {
			const sending = prepare(told.credential);
			send = sending(job.parallel);
			check(await sending(MANY_AT_A_TIME)(commands(job.warmUpItems)), job.warmUpItems);
			return { say: 'warm' };
		}
		case 'run':
			// What loading, or the run before, left behind is not the run's.
			collectGarbage();
			if (existsSync(FORGET_PEAK)) writeFileSync(FORGET_PEAK, '5');
			return await measure();
	}
}

process.on('message', (told: ToWorker) => {
	answer(told).then(
		(reply) => process.send?.(reply),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit());
