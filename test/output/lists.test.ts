import type { INodeParameters } from 'n8n-workflow';

import { bodiesOf, useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { runInTurn, runJobContinuing } from '../support/runs';

/* An answer that is a list: one item per entry, the limit, the whole answer. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const STATEMENT = { resource: 'card', operation: 'getOperations', cardId: 'card-1001' };
const run = async (parameters: INodeParameters, items?: unknown[]) => await runInTurn(sandbox, parameters, items);
const bodies = () => bodiesOf(sandbox);

describe('statements', () => {
	const operationsAnswer = (operations: unknown) => JSON.stringify({ status: 'ok', request_status: 'success', operations, dt: 'x' });

	test('give one item per operation, paired with its input', async () => {
		const body = operationsAnswer([{ type: 'pay', amount: 1500.5 }, { type: 'withdrawal', amount: 20000 }]);
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', times: 2, body });
		const outcome = await run({ ...STATEMENT, cardId: '={{ $json.card }}' }, [{ card: 'card-1001' }, { card: 'card-1002' }]);
		const [items = []] = stored(outcome);
		expect(items.map(({ json, pairedItem }) => [json.card_id, json.type, json.amount, pairedItem])).toEqual([
			['card-1001', 'pay', 1500.5, { item: 0 }],
			['card-1001', 'withdrawal', 20000, { item: 0 }],
			['card-1002', 'pay', 1500.5, { item: 1 }],
			['card-1002', 'withdrawal', 20000, { item: 1 }],
		]);
	});

	test('give 50 items at most, fewer with a Limit, all with Return All', async () => {
		const many = operationsAnswer(Array.from({ length: 60 }, (_, number) => ({ number })));
		for (const [settings, count] of [[{}, 50], [{ limit: 3 }, 3], [{ limit: '={{ 7 }}' }, 7], [{ returnAll: true }, 60]] as const) {
			sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: many });
			const [items = []] = stored(await run({ ...STATEMENT, ...settings }));
			expect([settings, items.map(({ json }) => json.number)]).toEqual([settings, Array.from({ length: count }, (_, number) => number)]);
		}
	});

	test.each([0, -1, 1.5, 'x'])('a Limit of %j is refused', async (limit) => {
		expect((await run({ ...STATEMENT, limit })).error?.message).toMatch(/^Limit must be a/);
		expect(bodies()).toEqual([]);
	});

	test('no operation gives no item, and a hint; an answer without the list stays whole', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: operationsAnswer([]) });
		const none = await run(STATEMENT);
		expect(stored(none)[0] ?? []).toEqual([]);
		expect(none.hints.map(({ message }) => message)).toEqual([expect.stringMatching(/^FreedomPay's answer to Get Operations has no entries, so nothing goes on from there\. .*Always Output Data/)]);
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","list":1,"dt":"x"}' });
		expect(stored(await run(STATEMENT))[0]).toMatchObject([{ json: { list: 1 } }]);
	});

	test('Whole Answer gives the answer as one item, uncut', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: operationsAnswer([{ number: 1 }, { number: 2 }]) });
		const outcome = await run({ ...STATEMENT, limit: 1, options: { wholeAnswer: true } });
		expect(stored(outcome)[0]).toMatchObject([{ json: { card_id: 'card-1001', request_status: 'success', operations: [{ number: 1 }, { number: 2 }] } }]);
	});

	test('limits, whose list has no documented name: the only list of the answer', async () => {
		const listLimits = { resource: 'limit', operation: 'getMany', objectType: 'card', cardId: 'card-1001' };
		const answered = async (body: string) => {
			sandbox.faults.add({ kind: 'rawAfter', path: 'limits/list', body });
			return stored(await run(listLimits))[0]?.map(({ json }) => json);
		};
		const object = { type: 'card', value: 'card-1001' };
		expect(await answered('{"status":"ok","active":[{"period":"day"},{"period":"month"}]}')).toMatchObject([{ object, period: 'day' }, { object, period: 'month' }]);
		expect(await answered('{"status":"ok","a":[{"period":"day"}],"b":[]}')).toMatchObject([{ object, status: 'ok', a: [{ period: 'day' }], b: [] }]);
	});

	test('what limits are about is the ID of the type that came out, whatever the other IDs hold', async () => {
		const parameters = { resource: 'limit', operation: 'getMany', objectType: '={{ $json.type }}', accountId: 'account-1', cardId: '={{ $json.card }}', clientId: '' };
		const outcome = await runJobContinuing(sandbox, { parameters, items: [{ type: 'card', card: 'card-1001' }, { type: 'account' }, { type: 'client' }, { type: 'cards' }] as never, run: { executionId: 'of types' } });
		expect(bodies().map(({ object }) => object)).toEqual([{ type: 'card', value: 'card-1001' }, { type: 'account', value: 'account-1' }]);
		const told = failedItems(outcome).map(([, { message }]) => message);
		expect(told[0]).toMatch(/^Client ID must not be empty/);
		expect(told[1]).toMatch(/^Object Type must be one of account, card, client/);
		expect(told[1]).not.toContain('ID');
		expect(told).toHaveLength(2);
	});

	test.each(['getOperations', 'getExtendedStatement'])('%s: a start after the end is refused, the same moment is not', async (operation) => {
		const period = (startDate: string, endDate: string) => run({ ...STATEMENT, operation, startDate, endDate });
		const wrong = await period('2025-02-01T00:00:00Z', '2025-02-01T04:00:00+05:00');
		expect(wrong.error?.message).toMatch(/^Start Date \(2025-02-01T00:00:00\+00:00\) must not be after End Date \(2025-02-01T04:00:00\+05:00\)/);
		expect(bodies()).toEqual([]);
		expect((await period('2025-02-01T00:00:00Z', '2025-02-01T05:00:00+05:00')).error).toBeUndefined();
	});

	test('a time without a zone leaves a hint that names the zone of the workflow', async () => {
		const hintsOf = async (parameters: INodeParameters) => (await run({ ...STATEMENT, ...parameters })).hints.map(({ message }) => message);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00', endDate: '2025-02-01 09:30' })).toEqual([
			'Start Date and End Date have no time zone, so the time zone of the workflow counts: America/New_York.',
		]);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00Z', endDate: '2025-02-01T09:30:00' })).toEqual([
			'End Date has no time zone, so the time zone of the workflow counts: America/New_York.',
		]);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00+05:00', endDate: '={{ DateTime.now() }}', returnAll: true })).toEqual([]);
	});

	test('an operation with a field "error" is no failed item', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","operations":[{"type":"x","error":"y"}],"dt":"x"}' });
		const outcome = await run(STATEMENT);
		expect(stored(outcome)[0]).toMatchObject([{ json: { type: 'x', api_error: 'y' } }]);
	});
});
