/*
 * One command stays one command, and what is sent is what was meant: n8n's Retry after the node was edited or n8n was killed, loops,
 * sub-workflows, doubled deliveries, and expressions that come out blank. What counts is what the sandbox did and was sent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';

import { setTimeout as delay } from 'node:timers/promises';

import { node } from './delivery-workflows.mjs';
import { startIntentsPlayground } from './intents-playground.mjs';
import { AGAIN, CARD, DONE, FAILED, ITEMS, cardNode, commands, noOp, to, webhookWorkflow } from './intents-workflows.mjs';

const CLOSE_PATH = '/v5/card-api/card/close';
const REFUND_PATH = '/v5/card-api/transaction/refund';
const STATUS_PATH = '/v5/card-api/request/status';

/** Asking about one item gives up after as many questions. */
const ASKS = 3;

const HANG_TIMEOUT_MS = 20_000;

const BATCHES = 'Loop Over Items';

const ONE_AT_A_TIME = { options: { maxParallelRequests: 1 } };
const BY_EVENT = { eventId: '={{ $json.event_id }}' };

suite('what is meant, in a real n8n', () => {
	/** @type {import('./intents-playground.mjs').IntentsPlayground} */
	let playground;
	let sandbox;

	before(async () => {
		playground = await startIntentsPlayground();
		({ sandbox } = playground);
	});
	after(() => playground?.stop());

	test('a refund of a new database under the old encryption key is another one than that of the old database', async () => {
		const workflow = webhookWorkflow('newDatabase', [cardNode(commands.refund()), noOp(DONE)]);
		const items = refunds('newDatabase', 1);
		const seen = [];
		for (const isNew of [false, true]) {
			if (isNew) await playground.startAnew();
			await playground.publish(workflow);
			const { id, status, data } = await playground.run(workflow.id, items);
			const { instanceId } = await playground.host.rest.request('GET', '/settings');
			seen.push({ id, instanceId });
			assert.deepEqual([status, itemsInto(data, DONE).length], ['success', 1]);
		}
		assert.deepEqual(seen[1], seen[0], 'n8n itself does not tell the two executions apart');
		assert.deepEqual(await effectsOf('newDatabase'), { 1000: 2 });
	});

	suite("n8n's Retry of a run of refunds that stopped, after the node was edited", () => {
		beforeEach(() => sandbox.reset());

		const TYPED = { options: { ...ONE_AT_A_TIME.options, requestId: '={{ $json.uuid }}' } };
		const OTHER_EVENT = { eventId: '=other-{{ $json.event_id }}' };

		/** The node's fields in the first run, and as they are before the Retry. */
		const EDITS = {
			'an Event ID added': [{}, BY_EVENT],
			'the Event ID removed': [BY_EVENT, {}],
			'another Event ID': [BY_EVENT, OTHER_EVENT],
			'a Request ID added': [{}, TYPED],
			'the Event ID replaced by a Request ID': [BY_EVENT, TYPED],
			'another Reason': [{}, { why: 'Ordered twice' }],
			'the node deleted and pasted anew, which changes its id': [{}, {}],
			'the node pasted anew, with an Event ID added': [{}, BY_EVENT, 'pasted'],
		};

		for (const [what, [first, edited]] of Object.entries(EDITS)) {
			test(`${what}: every refund happens once`, async () => {
				const name = what.replace(/\W+/g, '-');
				const node = cardNode(commands.refund({ ...ONE_AT_A_TIME, ...first }));
				const isPasted = /pasted/.test(what);
				await playground.publish(webhookWorkflow(name, [node, noOp(DONE)]));
				// Two are done, of the third nobody hears, the fourth is turned away, and that keeps the fifth from being sent.
				await sandbox.misbehave({ path: REFUND_PATH, nth: 4, kind: 'unauthorized' });
				await loseOutcome(REFUND_PATH, { nth: 3 });
				const stopped = await playground.run(name, refunds(name, 5));
				assert.equal(stopped.status, 'error');
				assert.deepEqual(await effectsOf(name), once(1000, 1001, 1002));

				const { id } = isPasted ? cardNode({}) : node;
				await playground.change(webhookWorkflow(name, [{ ...cardNode(commands.refund({ ...ONE_AT_A_TIME, ...edited })), id }, noOp(DONE)]));
				const { status, data } = await playground.retry(stopped);

				assert.deepEqual(await effectsOf(name), once(1000, 1001, 1002, 1003, 1004));
				assert.deepEqual([status, itemsInto(data, DONE).length], ['success', 5]);
			});
		}
	});

	suite('n8n killed in the middle of an execution, and its Retry', () => {
		/** How many items a node of the package has let out or has on its way when n8n is killed, of as many as it is given. */
		const HELD = 3;
		const THREE_AT_ONCE = { options: { maxParallelRequests: HELD } };
		const refundOf = (amount) => cardNode(commands.refund({ ...THREE_AT_ONCE, amount }));
		const AMOUNT = `={{ $('${ITEMS}').item.json.amount }}`;
		/** That of the second node. */
		const OTHER_AMOUNT = `={{ $('${ITEMS}').item.json.amount + 0.5 }}`;
		const amounts = (count, more = 0) => Array.from({ length: count }, (_, index) => 1000 + index + more);

		/** Workflows, what each is given, at which request to which path it hangs, and what has to be done when all is over. */
		const KILLED = {
			refunds: {
				nodes: [refundOf(AMOUNT)],
				items: (name) => refunds(name, 9),
				hangs: { path: REFUND_PATH, nth: 5 },
				done: () => once(...amounts(9)),
			},
			'refunds after a node that had finished': {
				nodes: [refundOf(AMOUNT), { ...refundOf(OTHER_AMOUNT), name: AGAIN }],
				items: (name) => refunds(name, 6),
				hangs: { path: REFUND_PATH, nth: 9 },
				done: () => once(...amounts(6), ...amounts(6, 0.5)),
			},
			'closed cards': {
				nodes: [cardNode(commands.close(THREE_AT_ONCE))],
				items: (name) => cardsOf(name, 9),
				hangs: { path: CLOSE_PATH, nth: 5 },
				done: (name) => once(...cardsOf(name, 9).map(({ card_id }) => card_id)),
			},
			'cards that are on the list twice': {
				nodes: [cardNode(commands.close(THREE_AT_ONCE))],
				items: (name) => [...cardsOf(name, 3), ...cardsOf(name, 3)],
				hangs: { path: CLOSE_PATH, nth: 1 },
				done: (name) => once(...cardsOf(name, 3).map(({ card_id }) => card_id)),
			},
			'refunds in a second batch': {
				nodes: [
					node(BATCHES, 'n8n-nodes-base.splitInBatches', 3, { batchSize: 4, options: {} }),
					cardNode(commands.refund({ ...THREE_AT_ONCE, orderId: '={{ $json.order_id }}', transactionId: '={{ $json.transaction_id }}', amount: '={{ $json.amount }}' })),
				],
				// Not by way of the items at the beginning, which n8n does not find from a later batch.
				connections: { [ITEMS]: to(BATCHES), [BATCHES]: to(DONE, CARD), [CARD]: to(BATCHES) },
				items: (name) => refunds(name, 8),
				hangs: { path: REFUND_PATH, nth: 5 },
				done: () => once(...amounts(8)),
			},
		};

		const cases = Object.entries(KILLED).flatMap(([what, killed]) =>
			[false, true].map((saves) => {
				const how = saves ? 'with Save Execution Progress' : 'with the default settings';
				return { ...killed, what: `${what}, ${how}`, name: `killed-${what}-${saves}`.replace(/\W+/g, '-'), saves };
			}),
		);

		before(async () => {
			await sandbox.reset();
			for (const { name, nodes, items, hangs, connections, saves } of cases) {
				const settings = { saveExecutionProgress: saves };
				await playground.publish(webhookWorkflow(name, [...nodes, noOp(DONE)], { settings, connections, answersAtOnce: true }));
				await hangAt(hangs, async () => await playground.deliver(name, items(name)));
			}
			await playground.killN8n();
			await playground.startAgain();
		});

		for (const { what, name, items, done } of cases) {
			test(`${what}: every command acts once`, async () => {
				const before = await effectsOf(name);
				assert.ok(Object.keys(before).length >= 2 && Object.keys(before).length < Object.keys(done(name)).length);
				const killed = await playground.lastRun(name);
				assert.equal(killed.status, 'crashed');
				const { status, data } = await playground.retry(killed);
				assert.deepEqual(await effectsOf(name), done(name));
				assert.deepEqual([status, itemsInto(data, DONE).length], ['success', items(name).length]);
			});
		}

		/** Has some requests of what is begun here wait for an answer in vain; the last of them does not act. */
		async function hangAt({ path, nth }, begin) {
			await sandbox.misbehave(
				{ path, nth, times: HELD - 1, kind: 'stallAfter' },
				{ path, nth: nth + HELD - 1, kind: 'stallBefore' },
			);
			const held = async () => (await sandbox.journal()).filter(({ fault }) => fault?.startsWith('stall')).length;
			const before = await held();
			await begin();
			for (const deadline = Date.now() + HANG_TIMEOUT_MS; (await held()) < before + HELD; await delay(20)) {
				assert.ok(Date.now() < deadline, 'the requests that were to hang were not sent');
			}
		}
	});

	/** The next command to a path acts, and its answer and what is asked about it are lost. */
	async function loseOutcome(path, { nth = 1 } = {}) {
		await sandbox.misbehave({ path, nth, kind: 'dropAfter' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
	}

	/** How often each amount of an order was refunded, and each card acted on. */
	async function effectsOf(name) {
		const effects = (await sandbox.ledger()).filter(({ target }) => target.order_id === name || String(target.card_id).startsWith(name));
		return counted(effects.map(({ target }) => target.amount ?? target.card_id));
	}
});

/** Refunds of different amounts, of one order. */
const refunds = (order, count) =>
	Array.from({ length: count }, (_, index) => ({
		order_id: order,
		transaction_id: `${order}-transaction`,
		amount: 1000 + index,
		event_id: `${order}-event-${index}`,
		uuid: randomUUID(),
	}));

const cardsOf = (name, count) => Array.from({ length: count }, (_, index) => ({ card_id: `${name}-${index + 1}`, event_id: `${name}-event-${index}` }));

/** The items that a node was given in all its runs. */
function itemsInto(data, node) {
	const runs = data.resultData.runData[node] ?? [];
	return runs.flatMap((run) => run.data?.main?.[0] ?? []).map(({ json }) => json);
}

const once = (...names) => counted(names);

function counted(names) {
	const counts = {};
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}
