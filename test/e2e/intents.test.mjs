/*
 * One command stays one command, and what is sent is what was meant: n8n's Retry after the node was edited or n8n was killed, loops,
 * sub-workflows, doubled deliveries, and expressions that come out blank. What counts is what the sandbox did and was sent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';

import { startIntentsPlayground } from './intents-playground.mjs';
import { CARD, DONE, FAILED, ITEMS, cardNode, commands, noOp, webhookWorkflow } from './intents-workflows.mjs';

const REFUND_PATH = '/v5/card-api/transaction/refund';
const STATUS_PATH = '/v5/card-api/request/status';

/** Asking about one item gives up after as many questions. */
const ASKS = 3;

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
	beforeEach(() => sandbox.reset());

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
