/*
 * One command stays one command, and what is sent is what was meant: n8n's Retry after the node was edited or n8n was killed, loops,
 * sub-workflows, doubled deliveries, and expressions that come out blank. What counts is what the sandbox did and was sent.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { PATIENCE_MS } from '../n8n/patience.ts';
import type { Sandbox } from '../n8n/sandbox.ts';
import { AGAIN, CARD, commandNode, commands, DONE, FAILED, ITEMS, manualWorkflow, subWorkflow, webhookWorkflow } from './commandWorkflows.ts';
import { at, counted, errorOf, itemsOf, type Execution } from './items.ts';
import { callWorkflow, node, noOp, to, waitToBeResumed, type Connections, type Workflow, type WorkflowNode } from './nodes.ts';
import { startPlayground, type Playground } from './playground.ts';
import { storedWorkflows, type StoredWorkflows } from './storedWorkflows.ts';
import { post } from './webhooks.ts';

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

/** Sentences by which a Retry keeps something: that of n8n, or any but the node's own. */
const RETRY_KEEPS = /\bRetry\b(?! On Fail of this node)(?:(?!\bnot\b|\bnew\b|\.).)*\b(?:keeps?|picks? up|recogni[sz]\w*|sends? only|safe)\b/;
const N8NS_RETRY_KEEPS = new RegExp(`n8n's ${RETRY_KEEPS.source.slice(2)}`);

/** Asking about one item gives up after as many questions. */
const ASKS = 3;

/** How long n8n may take to say that it is well. */
const HEALTH_MS = 500;
const TRIES = 5;

const BATCHES = 'Loop Over Items';

const ONE_AT_A_TIME = { options: { maxParallelRequests: 1 } };
const BY_EVENT = { eventId: '={{ $json.event_id }}' };

/** For a machine that is so busy that an answer is looked at late. */
const PATIENT = { requestTimeoutSeconds: 600 };

suite('what is meant, in a real n8n', () => {
	let playground: Playground;
	let sandbox: Sandbox;
	let workflows: StoredWorkflows;

	before(async () => {
		playground = await startPlayground('intents', { acceptUnknown: true });
		({ sandbox } = playground);
		workflows = storedWorkflows(playground);
	});
	after(() => playground?.stop());

	test('a refund of a new database under the old encryption key is another one than that of the old database', async () => {
		const workflow = webhookWorkflow('newDatabase', [commandNode(commands.refund()), noOp(DONE)]);
		const items = refunds('newDatabase', 1);
		const seen: Array<{ id: string; instanceId: string }> = [];
		for (const isNew of [false, true]) {
			if (isNew) await playground.startAnew();
			await workflows.publish(workflow);
			const { id, status, data } = await workflows.run(workflow.id, { items: items });
			const { instanceId } = await playground.host.rest.request<{ instanceId: string }>('GET', '/settings');
			seen.push({ id, instanceId });
			assert.deepEqual([status, itemsOf({ data }, DONE).length], ['success', 1]);
		}
		assert.deepEqual(seen[1], seen[0], 'n8n itself does not tell the two executions apart');
		assert.deepEqual(await effectsOf('newDatabase'), { 1000: 2 });
	});

	suite("n8n's Retry of a run of refunds that stopped, after the node was edited", () => {
		beforeEach(() => sandbox.reset());

		const TYPED = { options: { ...ONE_AT_A_TIME.options, requestId: '={{ $json.uuid }}' } };
		const OTHER_EVENT = { eventId: '=other-{{ $json.event_id }}' };

		/** The node's fields in the first run, and as they are before the Retry. */
		const EDITS: Record<string, [first: object, edited: object, pasted?: 'pasted']> = {
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
				const node = commandNode(commands.refund({ ...ONE_AT_A_TIME, ...first }));
				const isPasted = /pasted/.test(what);
				await workflows.publish(webhookWorkflow(name, [node, noOp(DONE)]));
				// Two are done, of the third nobody hears, the fourth is turned away, and that keeps the fifth from being sent.
				await sandbox.misbehave({ path: REFUND_PATH, nth: 4, kind: 'unauthorized' });
				await loseOutcome(REFUND_PATH, { nth: 3 });
				const stopped = await workflows.run(name, { items: refunds(name, 5) });
				assert.equal(stopped.status, 'error');
				assert.deepEqual(await effectsOf(name), once(1000, 1001, 1002));

				const { id } = isPasted ? commandNode({}) : node;
				await workflows.change(webhookWorkflow(name, [{ ...commandNode(commands.refund({ ...ONE_AT_A_TIME, ...edited })), id }, noOp(DONE)]));
				const { status, data } = await workflows.retry(stopped);

				assert.deepEqual(await effectsOf(name), once(1000, 1001, 1002, 1003, 1004));
				assert.deepEqual([status, itemsOf({ data }, DONE).length], ['success', 5]);
			});
		}
	});

	suite('n8n killed in the middle of an execution, and its Retry', () => {
		/** From which request to a path on requests hang. */
		interface Hang {
			path: string;
			nth: number;
		}

		/** How many items a node of the package has let out or has on its way when n8n is killed, of as many as it is given. */
		const HELD = 3;
		/** Those that hang do so until n8n is killed, however long that takes. */
		const THREE_AT_ONCE = { options: { ...PATIENT, maxParallelRequests: HELD } };
		const refundOf = (amount: string) => commandNode(commands.refund({ ...THREE_AT_ONCE, amount }));
		const AMOUNT = `={{ $('${ITEMS}').item.json.amount }}`;
		/** That of the second node. */
		const OTHER_AMOUNT = `={{ $('${ITEMS}').item.json.amount + 0.5 }}`;
		const amounts = (count: number, more = 0) => Array.from({ length: count }, (_, index) => 1000 + index + more);

		interface Killed {
			nodes: WorkflowNode[];
			connections?: Connections;
			items: (name: string) => object[];
			hangs: Hang;
			done: (name: string) => Record<string, number>;
		}

		/** Workflows, what each is given, at which request to which path it hangs, and what has to be done when all is over. */
		const KILLED: Record<string, Killed> = {
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
				nodes: [commandNode(commands.close(THREE_AT_ONCE))],
				items: (name) => cardsOf(name, 9),
				hangs: { path: CLOSE_PATH, nth: 5 },
				done: (name) => once(...cardsOf(name, 9).map(({ card_id }) => card_id)),
			},
			'cards that are on the list twice': {
				nodes: [commandNode(commands.close(THREE_AT_ONCE))],
				items: (name) => [...cardsOf(name, 3), ...cardsOf(name, 3)],
				hangs: { path: CLOSE_PATH, nth: 1 },
				done: (name) => once(...cardsOf(name, 3).map(({ card_id }) => card_id)),
			},
			'refunds in a second batch': {
				nodes: [
					node(BATCHES, 'n8n-nodes-base.splitInBatches', 3, { batchSize: 4, options: {} }),
					commandNode(commands.refund({ ...THREE_AT_ONCE, orderId: '={{ $json.order_id }}', transactionId: '={{ $json.transaction_id }}', amount: '={{ $json.amount }}' })),
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
				await workflows.publish(webhookWorkflow(name, [...nodes, noOp(DONE)], { settings, connections, answers: 'onReceived' }));
				await hangAt(hangs, async () => await workflows.deliver(name, { items: items(name) }));
			}
			await playground.kill();
			await playground.restart();
		});

		for (const { what, name, items, done } of cases) {
			test(`${what}: every command acts once`, async () => {
				const before = await effectsOf(name);
				assert.ok(Object.keys(before).length >= 2 && Object.keys(before).length < Object.keys(done(name)).length);
				const killed = await workflows.lastRun(name);
				assert.equal(killed.status, 'crashed');
				const { status, data } = await workflows.retry(killed);
				assert.deepEqual(await effectsOf(name), done(name));
				assert.deepEqual([status, itemsOf({ data }, DONE).length], ['success', items(name).length]);
			});
		}

		/** Has some requests of what is begun here wait for an answer in vain; the last of them does not act. */
		async function hangAt({ path, nth }: Hang, begin: () => Promise<unknown>): Promise<void> {
			await sandbox.misbehave(
				{ path, nth, times: HELD - 1, kind: 'stallAfter' },
				{ path, nth: nth + HELD - 1, kind: 'stallBefore' },
			);
			const held = async () => (await sandbox.journal()).filter(({ fault }) => fault?.startsWith('stall')).length;
			const before = await held();
			await begin();
			for (const deadline = Date.now() + PATIENCE_MS; (await held()) < before + HELD; await delay(20)) {
				assert.ok(Date.now() < deadline, 'the requests that were to hang were not sent');
			}
		}
	});

	suite('two executions that want the same at the same moment, while request/status lags', () => {
		const PAIRS = 40;

		beforeEach(async () => {
			await sandbox.reset();
			assert.equal((await sandbox.takeTime({ statusLagMs: 300 })).statusLagMs, 300);
		});

		test(`by one event delivered twice: the card is closed once, and none of ${PAIRS} pairs is told that it was not`, async () => {
			const name = 'twins';
			await workflows.publish(webhookWorkflow(name, [commandNode(commands.close({ ...BY_EVENT, options: PATIENT })), noOp(DONE)]));
			const cards = cardsOf(name, PAIRS);
			const told = await Promise.all(cards.flatMap((card) => [card, card]).map(async (card) => (await workflows.deliver(name, { items: [card] })).status));

			assert.deepEqual(await effectsOf(name), once(...cards.map(({ card_id }) => card_id)));
			const requests = (await sandbox.journal()).filter(({ path }) => path === CLOSE_PATH);
			const repeats = requests.filter(({ acted }) => !acted).length;
			assert.ok(repeats > PAIRS / 4, `only ${repeats} twins met`);
			assert.deepEqual(counted(told), { 200: 2 * PAIRS });
		});

		test("by a double click on n8n's Retry: every refund happens once, and neither is told that it did not", async () => {
			const name = 'doubleClick';
			await workflows.publish(webhookWorkflow(name, [commandNode(commands.refund(ONE_AT_A_TIME)), noOp(DONE)]));
			await sandbox.misbehave({ path: REFUND_PATH, nth: 2, kind: 'unauthorized' });
			const stopped = await workflows.run(name, { items: refunds(name, 3) });
			assert.deepEqual([stopped.status, await effectsOf(name)], ['error', once(1000)]);

			const retried = await Promise.all([workflows.retry(stopped), workflows.retry(stopped)]);
			assert.deepEqual(await effectsOf(name), once(1000, 1001, 1002));
			assert.deepEqual(retried.map(({ status }) => status), ['success', 'success']);
		});
	});

	suite('a failed item that is led back to the node by the error output', () => {
		beforeEach(() => sandbox.reset());

		/** What leads back. A Wait that is resumed from outside has n8n store the execution and begin anew. */
		const WAYS: Record<string, (name: string) => WorkflowNode[]> = {
			'by way of a Wait': (name) => waitToBeResumed(name),
			'at once': () => [noOp('Again')],
		};

		/** Commands of which the second's outcome is unknown: acted, answer and status lost. */
		const LOST: Record<string, { parameters: object; path: string; items: object[]; nth?: number; card?: number; isAsked: boolean }> = {
			'a refund': { parameters: commands.refund(ONE_AT_A_TIME), path: REFUND_PATH, items: refunds('loop', 2), nth: 2, isAsked: true },
			'Set PIN': { parameters: commands.setPin(), path: SET_PIN_PATH, items: cardsOf('loop', 2), nth: 2, isAsked: false },
			'a gift card confirmation': { parameters: commands.confirm(), path: CONFIRM_PATH, items: GIFT_CARDS, card: 556, isAsked: false },
		};

		for (const [way, leadBack] of Object.entries(WAYS)) {
			for (const [what, { parameters, path, items, nth, card, isAsked }] of Object.entries(LOST)) {
				test(`${way}: ${what} with an unknown outcome has one effect`, async () => {
					const name = `loop-${way}-${what}`.replace(/\W+/g, '-');
					await workflows.publish(loopWorkflow(name, commandNode(parameters, { onError: 'continueErrorOutput' }), leadBack(name)));
					await loseOutcome(path, { nth, card });
					const { status, data } = await runThroughWaits(name, items);

					const journal = (await sandbox.journal()).filter((request) => request.path === path);
					assert.equal(journal.length, items.length, 'as many requests as commands');
					assert.equal((await sandbox.ledger()).length, items.length);
					assert.equal(status, 'success');
					// What carries a request ID can be asked about; all else stays unknown.
					assert.deepEqual([itemsOf({ data }, DONE).length, itemsOf({ data }, FAILED).length], isAsked ? [2, 0] : [1, 1]);
				});
			}
		}

		test('at once: a refund that never arrived is made, under the same request ID', async () => {
			await workflows.publish(loopWorkflow('loopNever', commandNode(commands.refund(), { onError: 'continueErrorOutput' }), [noOp('Again')]));
			await sandbox.misbehave({ path: REFUND_PATH, kind: 'dropBefore' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
			const { data } = await workflows.run('loopNever', { items: refunds('loopNever', 1) });
			const sent = (await sandbox.journal()).filter(({ path }) => path === REFUND_PATH);
			assert.equal(new Set(sent.map(({ requestId }) => requestId)).size, 1);
			assert.deepEqual(await effectsOf('loopNever'), once(1000));
			assert.equal(itemsOf({ data }, DONE).length, 1);
		});

		/** What fails goes back to the node, once. */
		function loopWorkflow(name: string, card: WorkflowNode, back: WorkflowNode[]): Workflow {
			const isFirstTime = { leftValue: '={{ $runIndex }}', rightValue: 1, operator: { type: 'number', operation: 'lt' } };
			const options = { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 };
			const conditions = { options, conditions: [{ id: 'first', ...isFirstTime }], combinator: 'and' };
			const first = node('First Time', 'n8n-nodes-base.if', 2.2, { conditions, options: {} });
			const connections = {
				[CARD]: to(DONE, first.name),
				[DONE]: to(),
				[first.name]: to(at(back, 0).name, FAILED),
				[at(back, -1).name]: to(CARD),
				[FAILED]: to(),
			};
			return webhookWorkflow(name, [card, noOp(DONE), first, ...back, noOp(FAILED)], { connections, answers: back.length > 1 ? 'responseNode' : 'lastNode' });
		}

		async function runThroughWaits(name: string, items: object[]) {
			const { body } = await workflows.deliver<{ executionId: string; resumeUrl?: string }>(name, { items });
			if (body.resumeUrl !== undefined) {
				while ((await playground.host.readExecution(body.executionId)).status !== 'waiting') await delay(50);
				await post(new URL(body.resumeUrl), {});
			}
			return await workflows.lastRun(name);
		}
	});

	suite('a sub-workflow', () => {
		beforeEach(() => sandbox.reset());

		const caller = (name: string, settings: object = {}) => webhookWorkflow(`${name}-caller`, [callWorkflow(name, settings), noOp(DONE)]);

		test('that its caller runs again on failure: with Event IDs every refund happens once', async () => {
			const name = 'subEvents';
			await workflows.publish(subWorkflow(name, [commandNode(commands.refund({ ...ONE_AT_A_TIME, ...BY_EVENT }))]));
			await workflows.publish(caller(name, { retryOnFail: true, maxTries: 2, waitBetweenTries: 50 }));
			await loseOutcome(REFUND_PATH, { nth: 2 });
			const { status, data } = await workflows.run(`${name}-caller`, { items: refunds(name, 2) });
			assert.deepEqual(await effectsOf(name), once(1000, 1001));
			assert.deepEqual([status, itemsOf({ data }, DONE).length], ['success', 2]);
		});

		test("whose caller is run again by n8n's Retry: with Event IDs every refund happens once", async () => {
			const name = 'subRetried';
			await workflows.publish(subWorkflow(name, [commandNode(commands.refund({ ...ONE_AT_A_TIME, ...BY_EVENT }))]));
			await workflows.publish(caller(name));
			await loseOutcome(REFUND_PATH, { nth: 2 });
			const failed = await workflows.run(`${name}-caller`, { items: refunds(name, 2) });
			assert.equal(failed.status, 'error');
			const { status, data } = await workflows.retry(failed);
			assert.deepEqual(await effectsOf(name), once(1000, 1001));
			assert.deepEqual([status, itemsOf({ data }, DONE).length], ['success', 2]);
		});

		for (const [what, fields] of [
			['without an Event ID', {}],
			['with an Event ID', BY_EVENT],
		] as const) {
			for (const count of [1, 2]) {
				test(`${what}: what a run of ${count} says promises nothing of a Retry`, async () => {
					const name = `sub-${what}-${count}`.replace(/\W+/g, '-');
					await workflows.publish(subWorkflow(name, [commandNode(commands.refund({ ...ONE_AT_A_TIME, ...fields }))]));
					await workflows.publish(caller(name));
					await loseOutcome(REFUND_PATH, { nth: count });
					await workflows.run(`${name}-caller`, { items: refunds(name, count) });
					saysOtherThan(RETRY_KEEPS, await workflows.lastRun(name));
				});
			}
		}
	});

	suite('in the editor', () => {
		beforeEach(() => sandbox.reset());

		for (const count of [1, 2]) {
			for (const onError of ['stopWorkflow', 'continueErrorOutput']) {
				test(`what a run of ${count} says promises nothing of n8n's Retry, which is not there (On Error: ${onError})`, async () => {
					await loseOutcome(REFUND_PATH, { nth: count });
					const card = commandNode(commands.refund(ONE_AT_A_TIME), { onError });
					const connections = { [CARD]: to(DONE, FAILED), [DONE]: to() };
					const nodes = [card, noOp(DONE), noOp(FAILED)];
					saysOtherThan(N8NS_RETRY_KEEPS, await workflows.runByHand(manualWorkflow(refunds('editor', count), nodes, connections)));
				});
			}
		}
	});

	suite('an expression that is none, or comes out blank', () => {
		beforeEach(() => sandbox.reset());

		const NAMED = [{ event_id: 'one' }, { event_id: 'two' }];
		const MISSING = [{}, {}];

		/** The node's Event ID, and what the items have to say to it. */
		const EVENT_IDS: Record<string, [eventId: string, told: Array<{ event_id?: unknown }>]> = {
			'text before a field that is missing': ['=crm-{{ $json.event_id }}', MISSING],
			'text before a field that is null': ['=crm-{{ $json.event_id }}', [{ event_id: null }, { event_id: null }]],
			'text before a field that is an object': ['=crm-{{ $json.event_id }}', [{ event_id: { id: 1 } }, { event_id: { id: 2 } }]],
			'text added to a field that is missing': ["={{ 'crm-' + $json.event_id }}", MISSING],
			'a field that is missing made a text': ['={{ String($json.event_id) }}', MISSING],
			'an invisible sign alone': ['={{ $json.event_id }}', [{ event_id: '\u200B' }, { event_id: '\u200B' }]],
			'an expression typed as text': ['{{ $json.event_id }}', NAMED],
			'an expression pasted behind other text': ['crm-{{ $json.event_id }}', NAMED],
			'an expression without braces': ['=$json.event_id', NAMED],
			"an expression with the editor's second braces": ['={{ $json.event_id }} }}', NAMED],
			'a placeholder that an earlier step left': ['={{ $json.event_id }}', [{ event_id: '{{ID}}' }, { event_id: '{{ID}}' }]],
		};

		for (const [what, [eventId, told]] of Object.entries(EVENT_IDS)) {
			test(`as an Event ID, nothing is sent: ${what}`, async () => {
				const items = refunds('events', 2).map((item, index) => ({ ...item, event_id: undefined, ...told[index] }));
				await isRefused('Event ID', commands.refund({ eventId }), items);
			});
		}

		test('while an Event ID of text and a field that is there tells the events apart', async () => {
			const { status } = await runOnce(commands.refund({ eventId: '=crm-{{ $json.event_id }}' }), refunds('events', 2));
			assert.equal(status, 'success');
			assert.deepEqual(await effectsOf('events'), once(1000, 1001));
		});

		const TYPED = {
			'Card ID': commands.close({ cardId: '{{$json.card_id}}' }),
			Reason: commands.close({ why: 'Lost: {{ $json.why }}' }),
		};
		for (const [field, parameters] of Object.entries(TYPED)) {
			test(`nothing is sent: ${field} is an expression typed as text`, async () => await isRefused(field, parameters, cardsOf('typed', 2)));
		}

		const BLANK_FIELDS: object[] = [{}, { blank: null }, { blank: '' }, { blank: '  ' }];
		const BLANKS = BLANK_FIELDS.map((blank, index) => ({ ...at(cardsOf('blank', 4), index), ...blank }));
		const BLANK = '={{ $json.blank }}';
		const PERIOD = { startDate: '2025-01-01T00:00:00+05:00', endDate: '2025-01-31T23:59:59+05:00' };
		const FIELDS = {
			'Dry Run': commands.close({ options: { dryRun: BLANK } }),
			'Wait for Completion': commands.close({ waitForCompletion: BLANK }),
			PIN: commands.setPin({ pin: BLANK }),
			Amount: commands.refund({ orderId: '1', transactionId: '1', amount: BLANK }),
			'Start Date': commands.getOperations({ ...PERIOD, startDate: BLANK }),
			'End Date': commands.getOperations({ ...PERIOD, endDate: BLANK }),
		};
		for (const [field, parameters] of Object.entries(FIELDS)) {
			test(`nothing is sent: ${field} comes out missing, null, empty or as blanks`, async () => await isRefused(field, parameters, BLANKS));
		}

		/** Each item leaves by the error output, with a message that names the field, and nothing is sent. */
		async function isRefused(field: string, parameters: object, items: object[]): Promise<void> {
			const card = commandNode(parameters, { onError: 'continueErrorOutput' });
			const connections = { [CARD]: to(DONE, FAILED), [DONE]: to() };
			const { data } = await workflows.runByHand(manualWorkflow(items, [card, noOp(DONE), noOp(FAILED)], connections));
			const requests = await sandbox.journal();
			assert.deepEqual(
				{ sent: requests.length, effects: (await sandbox.ledger()).length, done: itemsOf({ data }, DONE).length, failed: itemsOf({ data }, FAILED).length },
				{ sent: 0, effects: 0, done: 0, failed: items.length },
			);
			for (const { error } of itemsOf({ data }, FAILED)) assert.match(error.message, new RegExp(`^'?${field}`));
		}
	});

	suite('a day', () => {
		beforeEach(() => sandbox.reset());

		/** How 31 January comes to the node, in a workflow of Almaty's time. */
		const DAYS: Record<string, [birthdate: string, day: string]> = {
			'as a Data Table gives it': ['={{ $json.day }}', '1990-01-30T18:00:00.000Z'],
			'as a date that an expression makes': ['={{ new Date($json.day) }}', '1990-01-30T18:00:00.000Z'],
			"as n8n's own date and time": ['={{ DateTime.fromISO($json.day) }}', '1990-01-30T18:00:00.000Z'],
			'as text': ['={{ $json.day }}', '1990-01-31'],
			'as midnight of another zone': ['={{ $json.day }}', '1990-01-31T00:00:00+03:00'],
			'with a time of midnight and its zone': ['={{ $json.day }}', '1990-01-31T00:00:00+06:00'],
		};
		for (const [what, [birthdate, day]] of Object.entries(DAYS)) {
			test(`of birth is sent as it is meant: ${what}`, async () => {
				const { status } = await runOnce(commands.createClient(birthdate), [{ day }]);
				assert.equal(status, 'success');
				assert.deepEqual((await sandbox.journal()).map(({ body }) => (body.client as { birthdate?: string }).birthdate), ['1990-01-31']);
				assert.equal((await sandbox.ledger()).length, 1);
			});
		}

		test('of birth with a time of day in it is refused', async () => {
			const { status } = await runOnce(commands.createClient('={{ $json.day }}'), [{ day: '1990-01-30T13:45:00.000Z' }]);
			assert.deepEqual([status, (await sandbox.journal()).length], ['error', 0]);
		});

		test('alone at both ends of a period means the whole of both', async () => {
			const period = { startDate: '={{ $json.first }}', endDate: '={{ $json.last }}', returnAll: true };
			const { status, data } = await runOnce(commands.getOperations(period), [{ card_id: 'card-1001', first: '2025-01-01', last: '2025-01-31' }]);
			assert.equal(status, 'success');
			const { body } = at(await sandbox.journal(), 0);
			assert.equal(Date.parse(String(body.start_date)), Date.parse('2025-01-01T00:00:00+05:00'));
			assert.ok(Date.parse(String(body.end_date)) >= Date.parse('2025-01-31T23:59:59+05:00'));
			assert.ok(Date.parse(String(body.end_date)) < Date.parse('2025-02-01T00:00:00+05:00'));
			const days = itemsOf<{ datetime: string }>({ data }, DONE).map(({ datetime }) => datetime.slice(0, 10));
			assert.ok(days.includes('2025-01-01') && days.includes('2025-01-31'));
		});
	});

	suite('a value of absurd length', () => {
		beforeEach(() => sandbox.reset());

		const ABSURD: Record<string, [parameters: object, item: object, field: RegExp]> = {
			'an amount of 100,000 digits and a letter': [commands.refund({ orderId: '1', transactionId: '1' }), { amount: `${'1'.repeat(100_000)}x` }, /Amount/],
			'Limits of 60,000 blanks and a letter': [commands.setLimits('={{ $json.limits }}'), { card_id: 'card-1001', limits: `${' '.repeat(60_000)}x` }, /Limits/],
		};
		for (const [what, [parameters, item, field]] of Object.entries(ABSURD)) {
			test(`is refused while n8n answers everybody else: ${what}`, async () => {
				const slowest: number[] = [];
				// One that others on this machine kept from answering is well at another time.
				do {
					slowest.push(await slowestAnswerWhile(async () => {
						const { status, data } = await runOnce(parameters, [item]);
						assert.deepEqual([status, (await sandbox.journal()).length], ['error', 0]);
						assert.match(errorOf({ data }).message, field);
					}));
				} while (at(slowest, -1) >= HEALTH_MS && slowest.length < TRIES);
				assert.ok(at(slowest, -1) < HEALTH_MS, `n8n answered its health check after ${slowest.join(', ')} ms`);
			});
		}

		/** Does something while n8n is asked for its health again and again; how many milliseconds it took to answer at most. */
		async function slowestAnswerWhile(act: () => Promise<void>): Promise<number> {
			let isOver = false;
			const asking = (async () => {
				let slowestMs = 0;
				for (; !isOver; await delay(20)) {
					const askedAt = performance.now();
					// A connection that n8n was too busy for may have broken by now.
					while (!(await isWell()));
					slowestMs = Math.max(slowestMs, Math.round(performance.now() - askedAt));
				}
				return slowestMs;
			})();
			const [done] = await Promise.allSettled([act()]);
			isOver = true;
			const slowestMs = await asking;
			// What was done may itself have failed for want of an answer.
			if (slowestMs < HEALTH_MS && done.status === 'rejected') throw done.reason;
			return slowestMs;
		}

		async function isWell(): Promise<boolean> {
			try {
				return (await fetch(`${playground.host.url}/healthz`)).ok;
			} catch {
				return false;
			}
		}
	});

	/** Runs a node by hand, with items that it is given. */
	async function runOnce(parameters: object, items: object[]) {
		return await workflows.runByHand(manualWorkflow(items, [commandNode(parameters), noOp(DONE)]));
	}

	/** An execution with an unknown outcome says so, and does not say a sentence of a kind. */
	function saysOtherThan(sentence: RegExp, execution: Execution): void {
		const { error } = execution.data.resultData;
		const said = error ? Object.values(errorOf(execution)).join(' ') : JSON.stringify(itemsOf(execution, FAILED).map((item) => item.error));
		assert.match(said, /unknown/);
		assert.doesNotMatch(said, sentence);
	}

	/** The next command to a path acts, and its answer and what is asked about it are lost. */
	async function loseOutcome(path: string, { nth = 1, card }: { nth?: number | undefined; card?: number | undefined } = {}): Promise<void> {
		await sandbox.misbehave({ path, nth, ...(card !== undefined && { card }), kind: 'dropAfter' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
	}

	/** How often each amount of an order was refunded, and each card acted on. */
	async function effectsOf(name: string): Promise<Record<string, number>> {
		const effects = (await sandbox.ledger()).filter(({ target }) => target.order_id === name || String(target.card_id).startsWith(name));
		return counted(effects.map(({ target }) => target.amount ?? target.card_id));
	}
});

/** Refunds of different amounts, of one order. */
function refunds(order: string, count: number) {
	return Array.from({ length: count }, (_, index) => ({
		order_id: order,
		transaction_id: `${order}-transaction`,
		amount: 1000 + index,
		event_id: `${order}-event-${index}`,
		uuid: randomUUID(),
	}));
}

function cardsOf(name: string, count: number) {
	return Array.from({ length: count }, (_, index) => ({ card_id: `${name}-${index + 1}`, event_id: `${name}-event-${index}` }));
}

const once = (...names: Array<string | number>) => counted(names);
