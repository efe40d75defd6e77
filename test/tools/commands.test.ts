import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { callByMcp, runAgent, runEngineAgent, type ToolAnswer, type ToolToRun } from '../support/agents';
import { useSandbox, wire } from '../support/bench';
import type { NodeSettings } from '../support/engine';
import { failedOf } from '../support/items';
import { nodeWith } from '../support/nodeWith';
import { REFUND, SET_PIN, STATUS } from '../support/paths';
import { fromAi, refund, setPin } from '../support/toolParameters';
import { virtualClock } from '../support/virtualClock';

/* The node as the tool of an AI agent: n8n raises the run index on every try, and models repeat themselves. */

const sandbox = useSandbox();

const refundOf = (order: string, more: IDataObject = {}): IDataObject => ({ order, amount: 10, reason: 'Returned', ...more });

function tool(parameters: INodeParameters, rounds: ToolToRun['rounds'], settings: NodeSettings = {}): ToolToRun {
	return { node: nodeWith(virtualClock({ sandbox })), credential: new FreedomPayApi(), credentialData: sandbox.credential, parameters, rounds, settings };
}

const retry = { retryOnFail: true, maxTries: 3 } as const;

/** What the model reads of each call: the status of its one item. */
const statuses = (answers: readonly ToolAnswer[]) => answers.map(({ items, error }) => (items?.length === 1 ? items[0]?.request_status : error));
const idsOf = (path: string) => new Set(sandbox.journal.to(path).map(({ requestId }) => requestId));
const effects = () => sandbox.ledger.all.map(({ target }) => target.order_id ?? target.card_id);

describe.each([
	['in its own loop (Agent 1 and 2)', runAgent],
	['through the engine (Agent 3)', runEngineAgent],
] as const)('called by an agent %s', (_, call) => {
	test.each([
		['the same arguments', {}],
		['another reason', { reason: 'The customer asks again' }],
	])('twice with %s: refunded once', async (__, more) => {
		const { answers } = await call(tool(refund, [[refundOf('order-1')], [refundOf('order-1', more)]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(answers[1]?.items?.[0]?.outcome).toBe('done');
		expect(idsOf(REFUND).size).toBe(1);
		expect(effects()).toEqual(['order-1']);
		// The second reason stands in other bytes under the same ID, as it has to.
		if ('reason' in more) sandbox.journal.clear();
	});

	test('with two bodies of a custom request, which one expression gives: both are sent', async () => {
		const custom: INodeParameters = {
			resource: 'custom', operation: 'send', path: 'card-api/transaction/refund', retryRule: 'command', takesRequestId: true, body: fromAi('body', 'json'), options: {},
		};
		const bodyOf = (amount: number) => ({ body: { order_id: 'order-1', transaction_id: 'transaction-1', amount } });
		const { answers } = await call(tool(custom, [[bodyOf(10)], [bodyOf(20)], [bodyOf(10)]]));
		expect(statuses(answers)).toEqual(['success', 'success', 'success']);
		expect(sandbox.journal.to(REFUND).map(({ body }) => (body as { amount: number }).amount)).toEqual([10, 20]);
	});

	test('twice with other amounts: two refunds', async () => {
		const { answers } = await call(tool(refund, [[refundOf('order-1'), refundOf('order-1', { amount: 20 })]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(2);
		expect(effects()).toEqual(['order-1', 'order-1']);
	});

	test('for two orders at once: two refunds', async () => {
		const { answers } = await call(tool(refund, [[refundOf('order-1'), refundOf('order-2')]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(2);
		expect(effects().sort()).toEqual(['order-1', 'order-2']);
	});

	test('for one order twice at once: refunded once, and both calls get the outcome', async () => {
		const { answers } = await call(tool(refund, [[refundOf('order-1'), refundOf('order-1')]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(1);
		expect(effects()).toEqual(['order-1']);
	});

	test.each<[string, INodeParameters, IDataObject]>([
		['a refund', refund, refundOf('order-1')],
		['a closed card', { ...setPin, operation: 'close', reason: 'Lost' }, { card: 'card-1001' }],
		['a PIN', setPin, { card: 'card-1001' }],
	])('for %s twice: done, for both, whether the second call comes while the first is on its way or later', async (_, parameters, args) => {
		for (const answersOf of [[[args, args]], [[args], [args]]]) {
			sandbox.reset();
			const { answers } = await call(tool(parameters, answersOf));
			expect(answers.map(({ items }) => items?.[0]?.outcome)).toEqual(['done', 'done']);
			expect(effects()).toHaveLength(1);
		}
	});

	test.each(['dropBefore', 'dropAfter'] as const)('with Retry On Fail, when the first try ends unknown (%s): same ID, one refund', async (kind) => {
		sandbox.faults.add({ path: REFUND, kind }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const { answers, executions } = await call(tool(refund, [[refundOf('order-1')]], retry));
		expect(statuses(answers)).toEqual(['success']);
		expect(Object.values(executions).at(-1)).toBe(2);
		expect(idsOf(REFUND).size).toBe(1);
		expect(effects()).toEqual(['order-1']);
	});

	test('with Retry On Fail, two calls at once of which one fails at first: each its own ID', async () => {
		sandbox.faults.add({ path: REFUND, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const { answers } = await call(tool(refund, [[refundOf('order-1'), refundOf('order-2')]], retry));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(2);
		expect(effects().sort()).toEqual(['order-1', 'order-2']);
	});

	test('for one PIN twice at once: set once', async () => {
		const { answers } = await call(tool(setPin, [[{ card: 'card-1001' }, { card: 'card-1001' }]]));
		expect(effects()).toEqual(['card-1001']);
		expect(wire(sandbox)).toEqual(['set_pin']);
		expect(statuses(answers)).toContain('success');
		const outcomes = answers.flatMap(({ items = [] }) => items.map((json) => failedOf(json)?.outcome ?? 'done'));
		expect(outcomes.filter((outcome) => outcome !== 'done' && outcome !== 'unknown')).toEqual([]);
	});

	test('for one PIN twice, one call after the other: set once', async () => {
		const { answers } = await call(tool(setPin, [[{ card: 'card-1001' }], [{ card: 'card-1001' }]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test('for the PINs of two cards at once: both set', async () => {
		const { answers } = await call(tool(setPin, [[{ card: 'card-1001' }, { card: 'card-1002' }]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(effects().sort()).toEqual(['card-1001', 'card-1002']);
	});

	test('for a PIN with Retry On Fail, when the outcome is unknown: sent once', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'dropAfter' });
		const { answers } = await call(tool(setPin, [[{ card: 'card-1001' }]], retry));
		expect(JSON.stringify(answers)).toMatch(/unknown/);
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test.each<[string, INodeParameters, IDataObject, path: string]>([
		['a refund', refund, refundOf('order-1'), REFUND],
		['a PIN', setPin, { card: 'card-1001' }, SET_PIN],
	])('for %s that is not finished, once more: told so again, and sent once', async (__, parameters, args, path) => {
		sandbox.faults.add({ path, kind: 'processForever', times: 'always' });
		const { answers } = await call(tool(parameters, [[args], [args]]));
		expect(answers.map(({ items }) => items?.[0]?.outcome)).toEqual(['processing', 'processing']);
		expect(sandbox.journal.to(path)).toHaveLength(1);
	});

	test('in two executions: two refunds', async () => {
		for (const executionId of ['1', '2']) {
			const { answers } = await call({ ...tool(refund, [[refundOf('order-1')]]), executionId });
			expect(statuses(answers)).toEqual(['success']);
		}
		expect(idsOf(REFUND).size).toBe(2);
		expect(effects()).toEqual(['order-1', 'order-1']);
	});

	test.each([{}, { onError: 'continueRegularOutput' }] as const)('without a credential, with %p: the model is told, nothing was sent', async (settings) => {
		const { answers } = await call({ ...tool(refund, [[refundOf('order-1')]], settings), nodeCredentials: null });
		expect(answers).toHaveLength(1);
		expect(statuses(answers)).not.toContain('success');
		expect(JSON.stringify(answers)).toMatch(/credential/i);
		expect(wire(sandbox)).toEqual([]);
	});
});

describe.each([
	['in its own loop (Agent 1 and 2), where an error would be an empty text', runAgent],
	['through the engine (Agent 3)', runEngineAgent],
	['as the MCP trigger does', callByMcp],
] as const)('what FreedomPay has not finished, called %s', (_, call) => {
	const kinds: ReadonlyArray<[string, INodeParameters, IDataObject, path: string]> = [
		['a refund', refund, refundOf('order-1'), REFUND],
		['a PIN', setPin, { card: 'card-1001' }, SET_PIN],
	];
	const ways = [{}, { onError: 'continueRegularOutput' }, retry] as const;

	test.each(kinds.flatMap((kind) => ways.map((settings) => [...kind, settings] as const)))('%s: a plain answer that says so, once', async (__, parameters, args, path, settings) => {
		sandbox.faults.add({ path, kind: 'processForever', times: 'always' });
		const { answers, executions } = await call(tool(parameters, [[args]], settings));
		expect(answers).toEqual([{ items: [expect.objectContaining({ outcome: 'processing', message: expect.stringMatching(/accepted .* has not finished .*Do not repeat it$/) as string, next_step: expect.any(String) as string })], error: undefined }]);
		expect(answers[0]?.items?.[0]).not.toHaveProperty('error');
		expect(answers[0]?.items?.[0]?.request_id).toBe(sandbox.journal.to(path)[0]?.requestId);
		// Nothing for Retry On Fail to repeat.
		expect(Object.values(executions).at(-1)).toBe(1);
		expect(sandbox.journal.to(path)).toHaveLength(1);
	});
});

describe('called by the MCP trigger, before there is an execution', () => {
	test('refunds', async () => {
		const { answers } = await callByMcp(tool(refund, [[refundOf('order-1')]]));
		expect(statuses(answers)).toEqual(['success']);
		expect(effects()).toEqual(['order-1']);
	});

	test.each(['dropBefore', 'dropAfter'] as const)('with an answer that is lost (%s): one refund', async (kind) => {
		sandbox.faults.add({ path: REFUND, kind });
		const { answers } = await callByMcp(tool(refund, [[refundOf('order-1')]]));
		expect(statuses(answers)).toEqual(['success']);
		expect(effects()).toEqual(['order-1']);
	});

	test.each(['dropBefore', 'dropAfter'] as const)('with Retry On Fail, when the first try ends unknown (%s): same ID, one refund', async (kind) => {
		sandbox.faults.add({ path: REFUND, kind }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const { answers } = await callByMcp(tool(refund, [[refundOf('order-1')]], retry));
		expect(statuses(answers)).toEqual(['success']);
		expect(idsOf(REFUND).size).toBe(1);
		expect(effects()).toEqual(['order-1']);
	});

	test('for two orders at once: two refunds', async () => {
		const { answers } = await callByMcp(tool(refund, [[refundOf('order-1'), refundOf('order-2')]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(2);
		expect(effects().sort()).toEqual(['order-1', 'order-2']);
	});

	test('for one order by two clients: two refunds, since nothing ties them together', async () => {
		const { answers } = await callByMcp(tool(refund, [[refundOf('order-1')], [refundOf('order-1')]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(idsOf(REFUND).size).toBe(2);
	});

	test('for one order by two clients, with an Event ID: refunded once', async () => {
		const { answers } = await callByMcp(tool({ ...refund, eventId: 'e-1' }, [[refundOf('order-1')], [refundOf('order-1')]]));
		expect(statuses(answers)).toEqual(['success', 'success']);
		expect(effects()).toEqual(['order-1']);
	});

	test('for a PIN with Retry On Fail, when the outcome is unknown: sent once', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'dropAfter' });
		const { answers } = await callByMcp(tool(setPin, [[{ card: 'card-1001' }]], retry));
		// All that the model is told of what a tool throws is its message.
		expect(JSON.stringify(answers)).toMatch(/unknown.*Do not repeat it blindly/);
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test.each([{}, { onError: 'continueRegularOutput' }] as const)('with bad input and %p: the model is told which field', async (settings) => {
		const { answers } = await callByMcp(tool(refund, [[refundOf('no such order')]], settings));
		expect(JSON.stringify(answers)).toMatch(/Order ID.*Check the value of Order ID/);
		expect(wire(sandbox)).toEqual([]);
	});
});

describe('an agent that runs its tools in a loop of its own (Agent 1 and 2), whose model reads nothing of what a tool throws', () => {
	const read = ({ items, error }: ToolAnswer | undefined = { items: undefined, error: undefined }) => items?.[0]?.error ?? error;

	test('reads what is wrong with an argument', async () => {
		const { answers } = await runAgent(tool(refund, [[refundOf(' ')]]));
		expect(read(answers[0])).toMatchObject({ outcome: 'not_done', message: expect.stringMatching(/^Order ID must not be empty/) as string });
		expect(wire(sandbox)).toEqual([]);
	});

	test('reads that an outcome is unknown, with Retry On Fail by the last of its tries', async () => {
		sandbox.faults.add({ path: REFUND, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 'always' });
		const { answers, executions } = await runAgent(tool(refund, [[refundOf('order-1')]], retry));
		expect(read(answers[0])).toMatchObject({ outcome: 'unknown', message: expect.stringMatching(/^It is unknown whether/) as string });
		expect(Object.values(executions).at(-1)).toBe(retry.maxTries);
		expect(effects()).toEqual(['order-1']);
	});
});
