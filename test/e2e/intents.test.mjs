/*
 * One command stays one command, and what is sent is what was meant: n8n's Retry after the node was edited or n8n was killed, loops,
 * sub-workflows, doubled deliveries, and expressions that come out blank. What counts is what the sandbox did and was sent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';

import { setTimeout as delay } from 'node:timers/promises';

import { post } from './delivery-playground.mjs';
import { node, waitToBeResumed } from './delivery-workflows.mjs';
import { startIntentsPlayground } from './intents-playground.mjs';
import { AGAIN, callWorkflow, CARD, cardNode, commands, DONE, FAILED, ITEMS, manualWorkflow, noOp, subWorkflow, to, webhookWorkflow } from './intents-workflows.mjs';

const CLOSE_PATH = '/v5/card-api/card/close';
const REFUND_PATH = '/v5/card-api/transaction/refund';
const STATUS_PATH = '/v5/card-api/request/status';

const SET_PIN_PATH = '/v5/card-api/card/set_pin';
const CONFIRM_PATH = '/v5/cards/activate_card';

/** Gift cards of the sandbox, with their one-time codes. */
const GIFT_CARDS = [
	{ card_id: 555, code: '1234' },
	{ card_id: 556, code: '5678' },
];

/** Sentences by which a Retry keeps something: that of n8n, or also Retry On Fail. */
const RETRY_KEEPS = /\bRetry\b(?:(?!\bnot\b|\bnew\b|\.).)*\b(?:keeps?|picks? up|recogni[sz]\w*|sends? only|safe)\b/;
const N8NS_RETRY_KEEPS = new RegExp(`n8n's ${RETRY_KEEPS.source.slice(2)}`);

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
				await playground.publish(webhookWorkflow(name, [...nodes, noOp(DONE)], { settings, connections, answers: 'onReceived' }));
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

	suite('a failed item that is led back to the node by the error output', () => {
		beforeEach(() => sandbox.reset());

		/** What leads back. A Wait that is resumed from outside has n8n store the execution and begin anew. */
		const WAYS = {
			'by way of a Wait': (name) => waitToBeResumed(name),
			'at once': () => [noOp('Again')],
		};

		/** Commands of which the second's outcome is unknown: acted, answer and status lost. */
		const LOST = {
			'a refund': { parameters: commands.refund(ONE_AT_A_TIME), path: REFUND_PATH, items: refunds('loop', 2), nth: 2, isAsked: true },
			'Set PIN': { parameters: commands.setPin(), path: SET_PIN_PATH, items: cardsOf('loop', 2), nth: 2, isAsked: false },
			'a gift card confirmation': { parameters: commands.confirm(), path: CONFIRM_PATH, items: GIFT_CARDS, card: 556, isAsked: false },
		};

		for (const [way, leadBack] of Object.entries(WAYS)) {
			for (const [what, { parameters, path, items, nth, card, isAsked }] of Object.entries(LOST)) {
				test(`${way}: ${what} with an unknown outcome has one effect`, async () => {
					const name = `loop-${way}-${what}`.replace(/\W+/g, '-');
					await playground.publish(loopWorkflow(name, cardNode(parameters, { onError: 'continueErrorOutput' }), leadBack(name)));
					await loseOutcome(path, { nth, card });
					const { status, data } = await runThroughWaits(name, items);

					const journal = (await sandbox.journal()).filter((request) => request.path === path);
					assert.equal(journal.length, items.length, 'as many requests as commands');
					assert.equal((await sandbox.ledger()).length, items.length);
					assert.equal(status, 'success');
					// What carries a request ID can be asked about; all else stays unknown.
					assert.deepEqual([itemsInto(data, DONE).length, itemsInto(data, FAILED).length], isAsked ? [2, 0] : [1, 1]);
				});
			}
		}

		test('at once: a refund that never arrived is made, under the same request ID', async () => {
			await playground.publish(loopWorkflow('loopNever', cardNode(commands.refund(), { onError: 'continueErrorOutput' }), [noOp('Again')]));
			await sandbox.misbehave({ path: REFUND_PATH, kind: 'dropBefore' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
			const { data } = await playground.run('loopNever', refunds('loopNever', 1));
			const sent = (await sandbox.journal()).filter(({ path }) => path === REFUND_PATH);
			assert.equal(new Set(sent.map(({ requestId }) => requestId)).size, 1);
			assert.deepEqual(await effectsOf('loopNever'), once(1000));
			assert.equal(itemsInto(data, DONE).length, 1);
		});

		/** What fails goes back to the node, once. */
		function loopWorkflow(name, card, back) {
			const isFirstTime = { leftValue: '={{ $runIndex }}', rightValue: 1, operator: { type: 'number', operation: 'lt' } };
			const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
			const conditions = { options, conditions: [{ id: 'first', ...isFirstTime }], combinator: 'and' };
			const first = node('First Time', 'n8n-nodes-base.if', 2.2, { conditions, options: {} });
			const connections = {
				[CARD]: to(DONE, first.name),
				[DONE]: to(),
				[first.name]: to(back[0].name, FAILED),
				[back.at(-1).name]: to(CARD),
				[FAILED]: to(),
			};
			return webhookWorkflow(name, [card, noOp(DONE), first, ...back, noOp(FAILED)], { connections, answers: back.length > 1 ? 'responseNode' : 'lastNode' });
		}

		async function runThroughWaits(name, items) {
			const { body } = await playground.deliver(name, items);
			if (body.resumeUrl) {
				while ((await playground.host.readExecution(body.executionId)).status !== 'waiting') await delay(50);
				await post(new URL(body.resumeUrl), {});
			}
			return await playground.lastRun(name);
		}
	});

	suite('a sub-workflow', () => {
		beforeEach(() => sandbox.reset());

		const caller = (name, settings) => webhookWorkflow(`${name}-caller`, [callWorkflow(name, settings), noOp(DONE)]);

		test('that its caller runs again on failure: with Event IDs every refund happens once', async () => {
			const name = 'subEvents';
			await playground.publish(subWorkflow(name, [cardNode(commands.refund({ ...ONE_AT_A_TIME, ...BY_EVENT }))]));
			await playground.publish(caller(name, { retryOnFail: true, maxTries: 2, waitBetweenTries: 50 }));
			await loseOutcome(REFUND_PATH, { nth: 2 });
			const { status, data } = await playground.run(`${name}-caller`, refunds(name, 2));
			assert.deepEqual(await effectsOf(name), once(1000, 1001));
			assert.deepEqual([status, itemsInto(data, DONE).length], ['success', 2]);
		});

		test("whose caller is run again by n8n's Retry: with Event IDs every refund happens once", async () => {
			const name = 'subRetried';
			await playground.publish(subWorkflow(name, [cardNode(commands.refund({ ...ONE_AT_A_TIME, ...BY_EVENT }))]));
			await playground.publish(caller(name));
			await loseOutcome(REFUND_PATH, { nth: 2 });
			const failed = await playground.run(`${name}-caller`, refunds(name, 2));
			assert.equal(failed.status, 'error');
			const { status, data } = await playground.retry(failed);
			assert.deepEqual(await effectsOf(name), once(1000, 1001));
			assert.deepEqual([status, itemsInto(data, DONE).length], ['success', 2]);
		});

		for (const [what, fields] of [
			['without an Event ID', {}],
			['with an Event ID', BY_EVENT],
		]) {
			for (const count of [1, 2]) {
				test(`${what}: what a run of ${count} says promises nothing of a Retry`, async () => {
					const name = `sub-${what}-${count}`.replace(/\W+/g, '-');
					await playground.publish(subWorkflow(name, [cardNode(commands.refund({ ...ONE_AT_A_TIME, ...fields }))]));
					await playground.publish(caller(name));
					await loseOutcome(REFUND_PATH, { nth: count });
					await playground.run(`${name}-caller`, refunds(name, count));
					saysOtherThan(RETRY_KEEPS, await playground.lastRun(name));
				});
			}
		}
	});

	suite('in the editor', () => {
		beforeEach(() => sandbox.reset());

		for (const count of [1, 2]) {
			test(`what a run of ${count} says promises nothing of n8n's Retry, which is not there`, async () => {
				const name = `editor-${count}`;
				await loseOutcome(REFUND_PATH, { nth: count });
				const execution = await playground.runByHand(manualWorkflow(name, refunds(name, count), [cardNode(commands.refund(ONE_AT_A_TIME))]));
				saysOtherThan(N8NS_RETRY_KEEPS, execution);
			});
		}
	});

	function saysOtherThan(promise, { status, data }) {
		assert.equal(status, 'error');
		const { message, description } = data.resultData.error;
		assert.match(message, /unknown/);
		assert.ok(description.length > 10);
		assert.doesNotMatch(`${message} ${description}`, promise);
	}

	/** The next command to a path acts, and its answer and what is asked about it are lost. */
	async function loseOutcome(path, { nth = 1, card } = {}) {
		await sandbox.misbehave({ path, nth, card, kind: 'dropAfter' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
	}

	/** How often each amount of an order was refunded, and each card acted on. */
	async function effectsOf(name) {
		const effects = (await sandbox.ledger()).filter(({ target }) => target.order_id === name || String(target.card_id).startsWith(name));
		return counted(effects.map(({ target }) => target.amount ?? target.card_id));
	}
});

/** Refunds of different amounts, of one order. */
function refunds(order, count) {
	return Array.from({ length: count }, (_, index) => ({
		order_id: order,
		transaction_id: `${order}-transaction`,
		amount: 1000 + index,
		event_id: `${order}-event-${index}`,
		uuid: randomUUID(),
	}));
}

function cardsOf(name, count) {
	return Array.from({ length: count }, (_, index) => ({ card_id: `${name}-${index + 1}`, event_id: `${name}-event-${index}` }));
}

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
