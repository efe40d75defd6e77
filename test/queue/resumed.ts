import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { wholeExecutionsOf } from '../e2e/executions.ts';
import { at, itemsOf, only, type Told } from '../e2e/items.ts';
import type { StoredExecution } from '../n8n/host.ts';
import { WHOLE_TEST } from '../n8n/patience.ts';
import type { Sandbox } from '../n8n/sandbox.ts';
import type { Cluster, Worker } from './cluster.ts';
import type { Batch } from './crm.ts';
import { CLOSE_CARD, closeCardsWorkflow, closeWaitAskWorkflow } from './workflows.ts';

const CLOSE = '/v5/card-api/card/close';

/** Some workers are started and stopped in each test. */

/** What an execution answers that waits to be resumed. */
interface Resumable {
	executionId: string;
	resumeUrl: string;
}

/** Executions that begin in one worker and go on in another. */
export function resumed(running: () => Cluster): void {
	suite('an execution that goes on in another worker', () => {
		let sandbox: Sandbox;
		let one: Worker;
		let other: Worker;

		beforeEach(async () => {
			({ sandbox, workers: [one, other] } = running());
			await sandbox.reset();
		});

		test('after a Wait, gets the outcome of the command that it left in process', WHOLE_TEST, async ({ signal }) => {
			const workflowId = 'closeWaitAsk';
			await sandbox.takeTime({ processingMs: 3000 });
			await running().publish(closeWaitAskWorkflow(workflowId));
			await leaveTo(one);
			const { body: told } = await running().deliver<Resumable>(`/webhook/${workflowId}`, { card_id: 'waiting-1' }, signal);
			await untilStatus(told.executionId, 'waiting', signal);

			await leaveTo(other);
			const { status, body: item } = await running().deliver(told.resumeUrl, {}, signal);
			assert.deepEqual([status, item.request_status], [200, 'success']);
			const left = at(itemsOf(await running().host.readExecution(told.executionId), CLOSE_CARD), 0);
			assert.deepEqual([left.outcome, left.request_status, left.request_id], ['processing', 'process', item.request_id]);
			assert.deepEqual(await effects(), { 'waiting-1': [item.request_id] });
			assert.ok([one, other].every((worker) => worker.took().includes(told.executionId)));
		});

		test('by a click on Retry after it failed, sends only what was not done, under the same request IDs', WHOLE_TEST, async ({ signal }) => {
			const workflowId = 'retriedCloses';
			const cards = cardList(workflowId, 3);
			const [first = '', refused = '', last = ''] = cards.map(({ card_id }) => card_id);
			await sandbox.misbehave({ path: 'card/close', card: refused, kind: 'rateLimit', times: 3 });
			await running().publish(closeCardsWorkflow(workflowId, { fields: {}, settings: {} }));
			await leaveTo(other);
			assert.equal((await running().deliver(`/webhook/${workflowId}`, { cards }, signal)).status, 500);
			const failed = at(await wholeExecutionsOf(running().host, workflowId), 0);

			await leaveTo(one);
			const items = itemsOf(await retry(failed.id, workflowId), CLOSE_CARD);
			assert.deepEqual(items.map(outcomeOf), cards.map(closed));
			assert.deepEqual(await effects(), idsByCard(items));
			const sends = await sent();
			assert.deepEqual(sends.map(({ card }) => card).sort(), [first, last, ...Array<string>(4).fill(refused)].sort());
			assert.equal(new Set(sends.map(({ card, id }) => `${String(card)} ${id}`)).size, cards.length);
		});

		test('whether n8n runs all of it or nothing at a click on Retry after its worker died, what was done stays done, and the events delivered again act once', WHOLE_TEST, async ({ signal }) => {
			const workflowId = 'crashedCloses';
			const cards = cardList(workflowId, 40);
			await sandbox.takeTime({ latencyMs: 250 });
			await running().publish(closeCardsWorkflow(workflowId));
			await leaveTo(one);
			const answer = running().deliver(`/webhook/${workflowId}`, { cards }, signal);
			while ((await sandbox.ledger()).length < 5) await delay(20, undefined, { signal });
			const stalled = only(await one.kill());
			assert.equal((await answer).status, 500);
			const before = await effects();
			assert.ok(Object.keys(before).length < cards.length);

			const known = (done: object) => cards.map(({ card_id }) => [card_id, card_id in done ? 'done_before' : 'done']);
			const retried = await retry(stalled, workflowId);
			// What a killed worker leaves to its Retry depends on when n8n saved last: the execution's beginning, or nothing.
			const ran = itemsOf(retried, CLOSE_CARD);
			const after = await effects();
			if (retried.status === 'error') assert.deepEqual([ran, after], [[], before]);
			else assert.deepEqual([retried.status, ran.map(outcomeOf), after], ['success', known(before), idsByCard(ran)]);

			const { status, body: items } = await running().deliver<Told[]>(`/webhook/${workflowId}`, { cards }, signal);
			assert.deepEqual([status, items.map(outcomeOf)], [200, known(after)]);
			assert.deepEqual(await effects(), idsByCard(items));
		});

		/** Leaves all executions from now on to one worker. */
		async function leaveTo(worker: Worker): Promise<void> {
			await Promise.all([one, other].map((each) => (each === worker ? each.start() : each.stop())));
		}

		async function untilStatus(executionId: string, status: StoredExecution['status'], signal: AbortSignal): Promise<void> {
			while ((await running().host.readExecution(executionId)).status !== status) await delay(100, undefined, { signal });
		}

		/** Does what n8n's button Retry does; the execution that comes of it. */
		async function retry(executionId: string, workflowId: string): Promise<StoredExecution> {
			await running().host.rest.request('POST', `/executions/${executionId}/retry`, { loadWorkflow: false });
			const retried = at(await wholeExecutionsOf(running().host, workflowId), 0);
			assert.equal(retried.retryOf, executionId);
			return retried;
		}

		/** Each card's request ids in the order of their effects. */
		async function effects(): Promise<Record<string, Array<string | undefined>>> {
			const byCard: Record<string, Array<string | undefined>> = {};
			for (const { target, requestId } of await sandbox.ledger()) (byCard[String(target.card_id)] ??= []).push(requestId);
			return byCard;
		}

		async function sent(): Promise<Array<{ card: unknown; id: string | null }>> {
			const requests = (await sandbox.journal()).filter(({ path }) => path === CLOSE);
			return requests.map(({ body, requestId }) => ({ card: body.card_id, id: requestId }));
		}
	});
}

function cardList(name: string, count: number): Batch['cards'] {
	return Array.from({ length: count }, (_, index) => ({ card_id: `${name}-${index + 1}`, event_id: `event-of-${name}-${index + 1}` }));
}

const outcomeOf = ({ card_id, outcome }: Told): [card: string, outcome: string] => [card_id, outcome];

const closed = ({ card_id }: { card_id: string }): [card: string, outcome: string] => [card_id, 'done'];

/** What the ledger has to hold when each item's command acted once. */
const idsByCard = (items: readonly Told[]): Record<string, string[]> => Object.fromEntries(items.map(({ card_id, request_id }) => [card_id, [request_id]]));
