import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';

import type { ReceivedRequest } from '../n8n/sandbox.ts';
import type { Effect } from '../sandbox/index.ts';
import type { FaultKind, FaultRule } from '../sandbox/faults.ts';
import { prepareAgents, type Agents } from './agents.ts';
import type { Turn } from './chatModel.ts';
import { at, only, type Told } from './items.ts';
import type { NodeSettings } from './itemRuns.ts';
import { startPlayground, type Playground } from './playground.ts';

const CLOSE_PATH = '/v5/card-api/card/close';
const SET_PIN_PATH = '/v5/card-api/card/set_pin';
const STATUS_PATH = '/v5/card-api/request/status';

/** Below version 3 an agent runs its tools itself, with a run of its own for every try; from then on n8n's engine does. */
const OWN_LOOP = 2.3;
const ENGINE = 3.1;

const CARD_ID = "={{ $fromAI('card_id', 'ID of the card', 'string') }}";

/** Close, as a user sets it up for an agent: the model fills in what differs from call to call. */
const CLOSE = {
	resource: 'card',
	operation: 'close',
	cardId: CARD_ID,
	// The run and the execution that the tool is in go along, to be read in the sandbox's journal.
	reason: "={{ $fromAI('reason', 'Why the card is closed', 'string') }}, run {{ $runIndex }} of execution {{ $execution.id }}",
};

/** A command without a request id. */
const SET_PIN = { resource: 'card', operation: 'setPin', cardId: CARD_ID };

/** Gift Card: Confirm with the one-time code in the node, out of the model's reach. */
const confirmGiftCard = (otp: string) => ({
	resource: 'giftCard',
	operation: 'confirm',
	otp,
	cardId: "={{ $fromAI('card_id', 'ID of the gift card', 'number')}}",
});

const DONE = { text: 'Done.' };

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 50 };
const CONTINUE = { onError: 'continueRegularOutput' };

/** The ways in which a model makes several calls; those of one answer are made at once by an agent that runs its tools itself. */
const AT_ONCE = 'in one answer';
const WAYS: ReadonlyArray<[when: string, turns: (...calls: object[]) => Turn[]]> = [
	[AT_ONCE, (...calls) => [{ calls }, DONE]],
	['one after the other', (...calls) => [...calls.map((call) => ({ calls: [call] })), DONE]],
];

/** Long enough for calls that are made at once to be on their way together. */
const SLOW = { latencyMs: 200 };

/** The first closing of a card acts or not, its answer is lost, and asking about it fails until the node gives up. */
const endsUnknown = (kind: FaultKind, card = 'card-1001'): FaultRule[] => [
	{ path: CLOSE_PATH, card, kind },
	{ path: STATUS_PATH, kind: 'http503Before', times: 3 },
];

suite('an AI agent in a real n8n', () => {
	let playground: Playground;
	let agents: Agents;

	before(async () => {
		playground = await startPlayground('ai-agent');
		agents = await prepareAgents(playground);
	});
	after(async () => {
		await playground?.stop();
		await agents?.stop();
	});
	beforeEach(() => playground.sandbox.reset());

	for (const version of [OWN_LOOP, ENGINE]) {
		suite(`of version ${version}`, () => {
			const converse = (parameters: object, turns: Turn[], settings?: NodeSettings) => agents.converse(parameters, turns, { version, settings });

			test('closes a card once, and gets the outcome with the card', async () => {
				const { results, journal, effects, output } = await converse(CLOSE, [{ calls: [{ card_id: 'card-1001', reason: 'Lost' }] }, DONE]);
				assert.equal(output, DONE.text);

				const item = at(itemsOf(results), 0);
				assert.deepEqual([item.outcome, item.card_id, item.status, item.request_status], ['done', 'card-1001', 'ok', 'success']);
				assert.deepEqual(
					journal.map(({ path, signatureVerified, requestId }) => [path, signatureVerified, requestId]),
					[[CLOSE_PATH, true, item.request_id]],
				);
				assert.deepEqual(acted(effects), [[CLOSE_PATH, 'card-1001', item.request_id]]);
			});

			for (const [when, turns] of WAYS) {
				test(`closes two cards ${when}: two runs of the tool, two request IDs, one execution`, async () => {
					const cards = ['card-1002', 'card-1003'];
					const { results, journal, effects, execution } = await converse(CLOSE, turns(...cards.map((card_id) => ({ card_id, reason: 'Lost' }))));
					const items = itemsOf(results);
					assert.deepEqual(outcomesOf(items), cards.map((card) => [card, 'success', 'done']));
					assert.deepEqual(
						byText(journal, ({ body }) => String(body.card_id)).map(({ body }) => [body.card_id, body.description]),
						cards.map((card, run) => [card, `Lost, run ${run} of execution ${execution.id}`]),
					);
					assert.equal(new Set(items.map(({ request_id }) => request_id)).size, 2);
					assert.deepEqual(byText(acted(effects), String), items.map(({ card_id, request_id }) => [CLOSE_PATH, card_id, request_id]));
				});

				for (const [what, reasons] of [
					['the same card', ['Lost', 'Lost']],
					['the same card with another reason', ['Lost', 'Stolen']],
				] as const) {
					test(`asks for ${what} twice ${when}: closed once, and the second call is answered with the outcome of the first`, async () => {
						await playground.sandbox.takeTime(SLOW);
						const { results, journal, effects } = await converse(CLOSE, turns(...reasons.map((reason) => ({ card_id: 'card-1004', reason }))));
						const items = itemsOf(results);
						// Of two calls at once, either may be the first to send, and the other takes its outcome over; a later one is answered from memory.
						assert.deepEqual(outcomesOf(items), [
							['card-1004', 'success', 'done'],
							['card-1004', 'success', 'done'],
						]);
						const { request_id: id } = at(items, 0);
						assert.equal(at(items, 1).request_id, id);
						assert.deepEqual(sent(journal), [[CLOSE_PATH, id]]);
						assert.deepEqual(acted(effects), [[CLOSE_PATH, 'card-1004', id]]);
					});
				}

				test(`sets a PIN twice ${when}: set once, and the second call is answered with the outcome of the first`, async () => {
					await playground.sandbox.takeTime(SLOW);
					const call = { card_id: 'card-1005' };
					const { results, journal, effects } = await converse(SET_PIN, turns(call, call));
					assert.deepEqual(outcomesOf(itemsOf(results)), [
						['card-1005', 'success', 'done'],
						['card-1005', 'success', 'done'],
					]);
					assert.deepEqual(sent(journal), [[SET_PIN_PATH, null]]);
					assert.deepEqual(acted(effects), [[SET_PIN_PATH, 'card-1005', undefined]]);
				});

				test(`sets the PINs of two cards ${when}`, async () => {
					const cards = ['card-1006', 'card-1007'];
					const { results, effects } = await converse(SET_PIN, turns(...cards.map((card_id) => ({ card_id }))));
					assert.deepEqual(outcomesOf(itemsOf(results)), cards.map((card) => [card, 'success', 'done']));
					assert.deepEqual(byText(acted(effects), String), cards.map((card) => [SET_PIN_PATH, card, undefined]));
				});
			}

			for (const [what, kind, sends] of [
				['acted', 'dropAfter', 1],
				['did not act', 'dropBefore', 2],
			] as const) {
				test(`with Retry On Fail, when the first try ${what} and ended unknown: one request ID, one effect`, async () => {
					await playground.sandbox.misbehave(...endsUnknown(kind));
					const { results, journal, effects, toolRuns } = await converse(CLOSE, [{ calls: [{ card_id: 'card-1001', reason: 'Lost' }] }, DONE], RETRY_ON_FAIL);
					const item = at(itemsOf(results), 0);
					assert.deepEqual(outcomesOf([item]), [['card-1001', 'success', 'done']]);
					assert.deepEqual([...new Set(journal.map(({ requestId }) => requestId))], [item.request_id]);
					assert.equal(journal.filter(({ path }) => path === CLOSE_PATH).length, sends);
					assert.deepEqual(acted(effects), [[CLOSE_PATH, 'card-1001', item.request_id]]);
					assert.equal(toolRuns.length, version === OWN_LOOP ? 2 : 1, 'an agent with its own loop raises the run index on every try');
				});
			}

			test('with Retry On Fail, when one of two calls ends unknown at first: each its own request ID, one effect each', async () => {
				await playground.sandbox.misbehave(...endsUnknown('dropAfter', 'card-1008'));
				const cards = ['card-1008', 'card-1009'];
				const { results, journal, effects } = await converse(CLOSE, [{ calls: cards.map((card_id) => ({ card_id, reason: 'Lost' })) }, DONE], RETRY_ON_FAIL);
				const items = itemsOf(results);
				assert.deepEqual(outcomesOf(items), [
					['card-1008', 'success', 'done'],
					['card-1009', 'success', 'done'],
				]);
				const ids = items.map(({ request_id }) => request_id);
				assert.equal(new Set(ids).size, 2);
				assert.deepEqual([...new Set(journal.map(({ requestId }) => requestId))].sort(), [...ids].sort());
				assert.deepEqual(byText(acted(effects), String), items.map(({ card_id, request_id }) => [CLOSE_PATH, card_id, request_id]));
			});

			test('with Retry On Fail, when the outcome of Set PIN is unknown: sent once, and stays unknown', async () => {
				await playground.sandbox.misbehave({ path: SET_PIN_PATH, kind: 'dropAfter' });
				const { results, journal, effects } = await converse(SET_PIN, [{ calls: [{ card_id: 'card-1001' }] }, DONE], RETRY_ON_FAIL);
				assert.match(at(results, 0), /"It is unknown whether FreedomPay carried out the command \(Set PIN\)/);
				assert.deepEqual(sent(journal), [[SET_PIN_PATH, null]]);
				assert.equal(effects.length, 1);
			});

			test('in two executions, with the same Event ID: closed once', async () => {
				const byTicket = { ...CLOSE, eventId: 'TKT-42' };
				const turns = [{ calls: [{ card_id: 'card-1010', reason: 'Lost' }] }, DONE];
				const [first, second] = [await converse(byTicket, turns), await converse(byTicket, turns)];
				const [done, again] = [at(itemsOf(first.results), 0), at(itemsOf(second.results), 0)];
				assert.deepEqual(outcomesOf([done, again]), [
					['card-1010', 'success', 'done'],
					['card-1010', 'success', 'done_before'],
				]);
				assert.equal(again.request_id, done.request_id);
				assert.deepEqual([first.effects.length, second.effects.length], [1, 0]);
			});

			test('with an Event ID that the model makes up: refused, since it may be another one each time', async () => {
				const byTicket = { ...CLOSE, eventId: "={{ $fromAI('ticket', 'ID of the ticket', 'string') }}" };
				const turns = [{ calls: [{ card_id: 'card-1010', reason: 'Lost', ticket: 'TKT-42' }] }, DONE];
				const { results, journal } = await converse(byTicket, turns);
				assert.match(at(results, 0), /Event ID/);
				assert.deepEqual(journal, []);
			});

			test('in two executions, without an Event ID: each is a command of its own', async () => {
				const turns = [{ calls: [{ card_id: 'card-1010', reason: 'Lost' }] }, DONE];
				const [first, second] = [await converse(CLOSE, turns), await converse(CLOSE, turns)];
				assert.notEqual(at(second.journal, 0).requestId, at(first.journal, 0).requestId);
				assert.match(at(second.results, 0), /card is already closed/);
				assert.deepEqual([first.effects.length, second.effects.length], [1, 0]);
			});

			for (const [what, parameters, path] of [
				['a card is closed', CLOSE, CLOSE_PATH],
				['a PIN is set', SET_PIN, SET_PIN_PATH],
			] as const) {
				test(`when its execution fails after ${what} and is retried: not done again`, async () => {
					const call = { calls: [{ card_id: 'card-1003', reason: 'Lost' }] };
					const first = await converse(parameters, [call, { refusal: 400 }]);
					assert.equal(first.execution.status, 'error');
					assert.deepEqual(first.effects.map((effect) => [effect.path, effect.target.card_id]), [[path, 'card-1003']]);

					const second = await agents.retry(first.execution, [call, DONE]);
					assert.deepEqual([second.execution.status, second.output], ['success', DONE.text]);
					assert.deepEqual(outcomesOf(itemsOf(second.results)).at(-1), ['card-1003', 'success', 'done']);
					assert.deepEqual([second.journal, second.effects], [[], []]);
				});
			}

			for (const [what, parameters, args, told] of [
				['an empty card ID', CLOSE, { card_id: ' ', reason: 'Lost' }, /^Card ID must not be empty/],
				['half a number', confirmGiftCard('1234'), { card_id: 555.5 }, /^Card ID must be a whole number/],
			] as const) {
				test(`is told plainly about ${what} where the tool continues on errors, and nothing is sent`, async () => {
					const { results, journal, effects, output } = await converse(parameters, [{ calls: [args] }, DONE], CONTINUE);
					assert.equal(output, DONE.text);
					const { error, ...rest } = at(itemsOf(results), 0);
					assert.match(error.message, told);
					assert.deepEqual([rest, error.outcome, error.cause, error.try_again, typeof error.next_step], [{}, 'not_done', 'input', 'no', 'string']);
					assert.deepEqual([journal, effects], [[], []]);
				});
			}

			test('is told where the tool continues on errors that the outcome is unknown', async () => {
				await playground.sandbox.misbehave(...endsUnknown('dropAfter'));
				const { results, effects } = await converse(CLOSE, [{ calls: [{ card_id: 'card-1001', reason: 'Lost' }] }, DONE], CONTINUE);
				const { error } = at(itemsOf(results), 0);
				assert.deepEqual([error.outcome, error.card_id, error.request_id], ['unknown', 'card-1001', at(effects, 0).requestId]);
				assert.match(error.next_step, /Request: Get Status/);
			});

			test('sees no one-time code, partner key or signature: not in the tool, not in its result, not in its refusal', async () => {
				const { partnerKey } = playground.sandbox.credential;
				const wrongOtp = '908172635544';
				for (const [otp, outcome] of [
					[wrongOtp, /incorrect OTP/],
					['1234', /"card_status":2/],
				] as const) {
					const { results, effects, received } = await converse(confirmGiftCard(otp), [{ calls: [{ card_id: 555 }] }, DONE], CONTINUE);
					assert.match(at(results, 0), outcome);
					assert.equal(effects.length, otp === wrongOtp ? 0 : 1);
					assert.equal(received.length, 2);
					for (const { raw, headers } of received) {
						assert.ok(!raw.includes(otp), 'the one-time code');
						// Headers hold a port and a length, which a short code may equal.
						const everything = raw + JSON.stringify(headers);
						for (const secret of [wrongOtp, partnerKey]) assert.ok(!everything.includes(secret), 'a secret');
						assert.doesNotMatch(everything, /x-jws-signature|eyJ[\w-]+\.\.[\w-]+/i);
					}
				}
			});
		});
	}

	suite(`of version ${OWN_LOOP}, whose tool stops on errors`, () => {
		const converse = (parameters: object, turns: Turn[]) => agents.converse(parameters, turns, { version: OWN_LOOP });

		// LangChain's AgentExecutor, which n8n's Agent 2 is, hands an empty text to the model when a tool throws.
		for (const [what, args, faults, told] of [
			['what is wrong with an argument', { card_id: ' ', reason: 'Lost' }, [], /Card ID must not be empty/],
			['that the outcome is unknown', { card_id: 'card-1001', reason: 'Lost' }, endsUnknown('dropAfter'), /It is unknown whether/],
		] as const) {
			test(`is told ${what}`, async () => {
				await playground.sandbox.misbehave(...faults);
				const { results } = await converse(CLOSE, [{ calls: [args] }, DONE]);
				assert.match(at(results, 0), told);
				assert.equal(typeof at(itemsOf(results), 0).error.next_step, 'string');
			});
		}
	});

	suite(`of version ${ENGINE}, whose tool stops on errors`, () => {
		const converse = (parameters: object, turns: Turn[]) => agents.converse(parameters, turns, { version: ENGINE });

		test('is told the operation, and that it closes a card for good', async () => {
			const { offered } = await converse(CLOSE, [DONE]);
			const { name, description, parameters } = only(offered).function;
			assert.match(name, /FreedomPay/);
			assert.match(description, /^Close a card\b/);
			assert.deepEqual(Object.keys(parameters.properties), ['card_id', 'reason']);
			assert.deepEqual(parameters.required, ['card_id', 'reason']);
			assert.match(description, /^Close a card for good\b/);
		});

		for (const [what, parameters, args, told] of [
			['no card ID', CLOSE, { reason: 'Lost' }, /^Card ID must not be empty/],
			['an empty card ID', CLOSE, { card_id: ' ', reason: 'Lost' }, /^Card ID must not be empty/],
			['a card ID in a list', CLOSE, { card_id: ['card-1009'], reason: 'Lost' }, /^Card ID must be text/],
			['words for a number', confirmGiftCard('1234'), { card_id: 'five' }, /^Card ID must be a whole number/],
			['half a number', confirmGiftCard('1234'), { card_id: '555.5' }, /^Card ID must be a whole number/],
		] as const) {
			test(`is told plainly about ${what}, and nothing is sent`, async () => {
				const { results, journal, effects, output } = await converse(parameters, [{ calls: [args] }, DONE]);
				assert.equal(output, DONE.text);
				assert.match(at(itemsOf<{ error: string }>(results), 0).error, told);
				assert.doesNotMatch(at(results, 0), /\bat \S+ \(|zod|invalid_type/i);
				assert.deepEqual([journal, effects], [[], []]);
			});
		}

		test('may give a number as text', async () => {
			const { results, journal } = await converse(confirmGiftCard('5678'), [{ calls: [{ card_id: '556' }] }, DONE]);
			assert.equal(at(itemsOf<{ card_id: number }>(results), 0).card_id, 556);
			assert.deepEqual(
				journal.map(({ body }) => body.card_id),
				[556],
			);
		});
	});
});

/** The one item that each call of the tool gave. */
const itemsOf = <Json = Told>(results: string[]): Json[] => results.map((result) => only(JSON.parse(result) as Json[]));

const outcomesOf = (items: Told[]) => items.map(({ card_id, request_status, outcome }) => [card_id, request_status, outcome]);

const sent = (journal: ReceivedRequest[]) => journal.map(({ path, requestId }) => [path, requestId]);

const acted = (effects: Effect[]) => effects.map(({ path, target, requestId }) => [path, target.card_id, requestId]);

/** Calls of one answer may run at once, so their requests come in any order. */
const byText = <Entry>(entries: readonly Entry[], textOf: (entry: Entry) => string): Entry[] => [...entries].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
