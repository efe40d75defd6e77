import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { wholeExecutionsOf } from '../e2e/executions.ts';
import { at, counted, itemsOf, type Told } from '../e2e/items.ts';
import type { StoredExecution } from '../n8n/host.ts';
import type { ReceivedRequest } from '../n8n/sandbox.ts';
import type { Effect, FaultRule, RandomPlan } from '../sandbox/index.ts';
import type { Failed } from '../support/items.ts';
import type { Cluster } from './cluster.ts';
import { isDone, startCrm, type Batch, type Crm } from './crm.ts';
import { cardsGiven } from './executions.ts';
import { CLOSE_CARD, closeCardsWorkflow } from './workflows.ts';

const CLOSE = '/v5/card-api/card/close';
const WORKFLOW = 'closeCards';
const PER_EXECUTION = 50;
const EXECUTIONS = Math.ceil(Number(process.env.QUEUE_CLOSES || 2000) / PER_EXECUTION);
const CLOSES = EXECUTIONS * PER_EXECUTION;

/** Longer than the ten seconds after which n8n gives Redis up and ends. */
const REDIS_AWAY_MS = 12_000;

const HANGS_AFTER_MS = 1_200_000;

/** Commands take their time, so that the faults come in the middle of them. */
const TIMES = { latencyMs: 250, processingMs: 1500 };

/** The network's own mishaps on top of n8n's. */
const MISHAPS: RandomPlan = {
	seed: 20,
	rate: 0.02,
	kinds: ['dropBefore', 'dropAfter', 'http503Before', 'http503After', 'rateLimit'],
	paths: ['card/close', 'request/status'],
};

/** What an item that is not done may say of a command that surely did nothing. */
const NOTHING_DONE = ['not_done', 'refused'];

/** What a killed worker had under way. */
interface Killed {
	executions: string[];
	/** How many commands were done, and how many sent and not done. */
	done: number;
	sentNotDone: number;
}

/** What was going on when something was taken away. */
interface FaultsMet {
	killed: Killed;
	/** PostgreSQL. */
	restarted: { underWay: number };
	/** Redis. */
	away: { underWay: number; restarts: number };
}

/** Closes cards by many executions, while a worker is killed, and PostgreSQL and Redis go away and come back. */
export function closes(running: () => Cluster): void {
	suite(`${CLOSES} closes, delivered again as long as n8n does not answer that they are done`, () => {
		const batches = Array.from({ length: EXECUTIONS }, (_, index) => batchOf(index));
		const cards = batches.flatMap((batch) => batch.cards.map(({ card_id }) => card_id));
		let faults: FaultsMet;
		let executions: StoredExecution[];
		let effects: Effect[];
		let sent: ReceivedRequest[];

		before(async () => {
			const { sandbox, publish, deliver } = running();
			await sandbox.takeTime(TIMES);
			await sandbox.misbehave(...batches.filter((_, index) => index % Math.ceil(batches.length / 10) === 0).map(refusedOnce), MISHAPS);
			await publish(closeCardsWorkflow(WORKFLOW));

			const started = performance.now();
			const failed = new AbortController();
			const signal = AbortSignal.any([failed.signal, AbortSignal.timeout(HANGS_AFTER_MS)]);
			const crm = startCrm({
				deliver: (batch, answered) => deliver(`/webhook/${WORKFLOW}`, batch, answered),
				batches,
				atATime: Math.max(3, Math.round(batches.length / 7)),
				signal,
			});
			try {
				[faults] = await Promise.all([failInTheMiddle(crm, signal), crm.done]);
			} finally {
				failed.abort();
			}
			const seconds = Math.round((performance.now() - started) / 1000);

			executions = await wholeExecutionsOf(running().host, WORKFLOW);
			effects = (await sandbox.ledger()).filter(({ path }) => path === CLOSE);
			sent = (await sandbox.journal()).filter(({ path }) => path === CLOSE);
			tell(crm, seconds);
		});

		test('each card was closed once, under one request ID', () => {
			assert.deepEqual(effects.map(({ target }) => target.card_id).sort(), [...cards].sort());
			// The sandbox refuses to close a closed card, so a second intent would show here only.
			const ids = new Set(sent.map(({ body, requestId }) => `${String(body.card_id)} ${requestId}`));
			assert.equal(ids.size, cards.length);
		});

		test('an execution that n8n calls a success gave one item for each card', () => {
			const successes = executions.filter(({ status }) => status === 'success');
			for (const execution of successes) assert.equal(itemsOf(execution, CLOSE_CARD).length, PER_EXECUTION);
			const answered = new Set(successes.flatMap((execution) => doneIn(execution).map(({ card_id }) => card_id)));
			assert.equal(answered.size, cards.length);
		});

		test('every item that is called done has its effect, under its request ID, by the end of its execution', () => {
			const byCard = effectsByCard();
			const claims = executions.flatMap((execution) => doneIn(execution).map((item) => ({ item, execution })));
			assert.ok(claims.length >= cards.length);
			for (const { item, execution } of claims) {
				const effect = byCard.get(item.card_id);
				assert.equal(item.request_status, 'success');
				assert.ok(effect !== undefined, `${item.card_id} was called done and was not closed`);
				assert.equal(effect.requestId, item.request_id);
				assert.ok(effect.at <= Date.parse(execution.stoppedAt), `${item.card_id} was called done before it was`);
			}
		});

		test('every item that is called not done did nothing in its execution', () => {
			const byCard = effectsByCard();
			const claims = executions.flatMap((execution) => failedIn(execution).map((error) => ({ error, execution })));
			assert.ok(claims.some(({ error }) => NOTHING_DONE.includes(error.outcome)));
			for (const { error, execution } of claims) {
				assert.ok([...NOTHING_DONE, 'unknown'].includes(error.outcome), error.message);
				if (!NOTHING_DONE.includes(error.outcome)) continue;
				const effect = byCard.get(error.card_id);
				assert.ok(effect !== undefined, `${error.card_id} was never closed`);
				const sentAt = effect.at - TIMES.processingMs;
				const isItsOwn = sentAt >= Date.parse(execution.startedAt) && sentAt <= Date.parse(execution.stoppedAt);
				assert.ok(!isItsOwn, `${error.card_id} was called ${error.outcome}, and closed`);
			}
		});

		test('the faults came in the middle', () => {
			const { killed, restarted, away } = faults;
			assert.ok(killed.sentNotDone > 0, 'the killed worker had commands under way');
			assert.ok(restarted.underWay > 0, 'executions were under way when PostgreSQL went');
			assert.ok(away.underWay > 0, 'executions were under way when Redis went');
			assert.ok(away.restarts > 0, 'n8n gave Redis up and was started again');
		});

		/** Each fault comes at its share of the work, while executions are under way. */
		async function failInTheMiddle(crm: Crm, signal: AbortSignal): Promise<FaultsMet> {
			const pause = async (ms: number) => await delay(ms, undefined, { signal });
			const untilEffects = async (share: number) => {
				while ((await running().sandbox.ledger()).length < share * CLOSES) await pause(200);
			};
			/** How many executions are under way, when there are some. */
			const untilUnderWay = async (): Promise<number> => {
				for (; crm.open > 0; await pause(20)) {
					const underWay = running().workers.flatMap((worker) => worker.executions());
					if (underWay.length > 0) return underWay.length;
				}
				throw new Error('All was done before the last fault.');
			};

			await untilEffects(0.1);
			const killed = await killInTheMiddle(pause);

			await untilEffects(0.3);
			const restarted = { underWay: await untilUnderWay() };
			await running().postgres.stop();
			await running().postgres.start();

			await untilEffects(0.6);
			// n8n takes its time to find out that jobs died with their worker. It may do so before the next fault while there is work left.
			const enough = Math.max(killed.executions.length, 0.3 * batches.length);
			while (crm.open > enough && !(await areOver(killed.executions))) await pause(500);
			const before = restarts();
			const underWay = await untilUnderWay();
			await running().redis.kill();
			await pause(REDIS_AWAY_MS);
			await running().redis.start();
			await running().untilReady();
			return { killed, restarted, away: { underWay, restarts: restarts() - before } };
		}

		/** Kills a worker that has sent some of its executions' commands, and does not know yet what became of all of them. */
		async function killInTheMiddle(pause: (ms: number) => Promise<void>): Promise<Killed> {
			for (;;) {
				for (const worker of running().workers) {
					const given = new Map<string, string[]>();
					for (const id of worker.executions()) given.set(id, cardsGiven(await running().host.readExecution(id)));
					const theirs = [...given.values()].flat();
					const { sentNotDone, done } = await progressOf(theirs);
					if (sentNotDone < 10 || sentNotDone + done === theirs.length) continue;

					const executions = await worker.kill();
					return { executions, ...(await progressOf(executions.flatMap((id) => given.get(id) ?? []))) };
				}
				await pause(20);
			}
		}

		async function progressOf(those: readonly string[]): Promise<Omit<Killed, 'executions'>> {
			const { sandbox } = running();
			const done = new Set((await sandbox.ledger()).map(({ target }) => target.card_id));
			const wereSent = new Set((await sandbox.journal()).filter(({ path }) => path === CLOSE).map(({ body }) => body.card_id));
			return {
				done: those.filter((card) => done.has(card)).length,
				sentNotDone: those.filter((card) => wereSent.has(card) && !done.has(card)).length,
			};
		}

		async function areOver(ids: readonly string[]): Promise<boolean> {
			for (const id of ids) if ((await running().host.readExecution(id)).status !== 'error') return false;
			return true;
		}

		const restarts = () => running().mainRestarts + running().workers.reduce((sum, worker) => sum + worker.restarts, 0);

		const effectsByCard = () => new Map<unknown, Effect>(effects.map((effect) => [effect.target.card_id, effect]));

		function tell({ counts }: Crm, seconds: number): void {
			const statuses = Object.entries(counted(executions.map(({ status }) => status)));
			const closed = new Set(effects.map(({ target }) => target.card_id));
			const stalled = executions.filter(({ data }) => /processed too many times/.test(data.resultData.error?.message ?? ''));
			const rows = {
				closes: cards.length,
				executions: `${executions.length} (${statuses.map(([status, count]) => `${count} ${status}`).join(', ')})`,
				effects: effects.length,
				doubles: effects.length - closed.size,
				lost: cards.length - closed.size,
				'commands sent': sent.length,
				'items not done at first': executions.flatMap(failedIn).length,
				deliveries: `${counts.deliveries}, ${counts.redeliveries} of them again (${counts.unanswered} without an answer, ${counts.failedAnswers} answered with an error)`,
				kills: `a worker with ${faults.killed.executions.length} executions, ${faults.killed.sentNotDone} commands sent and not done; Redis, ${REDIS_AWAY_MS / 1000} s away, with ${faults.away.underWay} executions under way`,
				'PostgreSQL restarts': `1, with ${faults.restarted.underWay} executions under way`,
				'n8n restarts': `main ${running().mainRestarts}, workers ${running().workers.map((worker) => worker.restarts).join(' and ')}`,
				'stalled jobs': stalled.length,
				time: `${seconds} s`,
			};
			console.log(Object.entries(rows).map(([name, value]) => `| ${name.padEnd(24)} | ${value} |`).join('\n'));
		}
	});
}

/** One card of a batch is refused at its first delivery, as too many requests. */
function refusedOnce({ cards }: Batch): FaultRule {
	return { path: 'card/close', card: at(cards, 7).card_id, kind: 'rateLimit', times: 3 };
}

function batchOf(batch: number): Batch {
	return {
		cards: Array.from({ length: PER_EXECUTION }, (_, index) => {
			const number = batch * PER_EXECUTION + index + 1;
			return { card_id: `queue-${number}`, event_id: `event-${number}` };
		}),
	};
}

const doneIn = (execution: StoredExecution): Told[] => itemsOf(execution, CLOSE_CARD).filter(({ outcome }) => isDone(outcome));

const failedIn = (execution: StoredExecution): Failed[] =>
	itemsOf<{ error?: Failed }>(execution, CLOSE_CARD).flatMap(({ error }) => error ?? []);
