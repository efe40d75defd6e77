import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { runAgent, runEngineAgent, type ToolToRun } from '../support/agents';
import { useSandbox } from '../support/bench';
import { nodeWith } from '../support/nodeWith';
import { fromAi } from '../support/toolParameters';
import { virtualClock } from '../support/virtualClock';

/* What a model leaves out, and what it must not make up. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const refund = (more: INodeParameters): INodeParameters => ({
	resource: 'transaction',
	operation: 'refund',
	orderId: 'order-1',
	transactionId: fromAi('transaction'),
	refund: 'part',
	amount: fromAi('amount'),
	...more,
});

describe.each([
	['in its own loop (Agent 1 and 2)', runAgent],
	['through the engine (Agent 3)', runEngineAgent],
] as const)('an agent that calls %s', (_, call) => {
	async function told(parameters: INodeParameters, args: IDataObject): Promise<string> {
		const toRun: ToolToRun = { node: nodeWith(virtualClock({ sandbox })), credential: new FreedomPayApi(), credentialData: sandbox.credential, parameters, rounds: [[args]] };
		const { answers } = await call(toRun);
		return JSON.stringify(answers);
	}

	// An agent's own loop lets it leave out nothing: it gives an empty text.
	test.each(call === runAgent ? [''] : ['', null, undefined])('is asked for what it left out (%j)', async (amount) => {
		expect(await told(refund({}), { transaction: 't-1', amount })).toContain('Amount must not be empty. Give Amount, or ask the person for it');
		expect(await told(refund({}), { transaction: amount, amount: '5' })).toContain('Transaction ID must not be empty. Give Transaction ID, or ask the person for it');
		expect(sandbox.journal.all).toEqual([]);
	});

	test('may leave out what is harmless', async () => {
		await told(refund({ reason: fromAi('reason') }), { transaction: 't-1', amount: '5', reason: '' });
		expect(sandbox.journal.all.map(({ body }) => body)).toMatchObject([{ transaction_id: 't-1', amount: 5 }]);
		expect(sandbox.journal.all[0]?.body).not.toHaveProperty('description');
	});

	test('gives nothing where the fourth value of $fromAI stands in for it', async () => {
		const words = await told(refund({ reason: "={{ $fromAI('reason', 'why', 'string', '') }}" }), { transaction: 't-1', amount: '5' });
		expect(words).toContain('"done"');
		expect(sandbox.journal.all.map(({ body }) => body)).toMatchObject([{ transaction_id: 't-1', amount: 5 }]);
		expect(sandbox.journal.all[0]?.body).not.toHaveProperty('description');
	});

	test('chooses in a dropdown that an expression leaves to it', async () => {
		const chosen = refund({ refund: "={{ $fromAI('refund', 'full or part', 'string') }}" });
		expect(await told(chosen, { transaction: 't-1', refund: 'full', amount: '' })).toContain('"refund"');
		expect(await told(chosen, { transaction: 't-2', refund: 'part', amount: '5' })).toContain('"done"');
		expect(await told(chosen, { transaction: 't-3', refund: 'half', amount: '5' })).toContain('Refund must be one of full, part');
		expect(sandbox.journal.all.map(({ body }) => body)).toMatchObject([{ transaction_id: 't-1' }, { transaction_id: 't-2', amount: 5 }]);
		expect(sandbox.journal.all[0]?.body).not.toHaveProperty('amount');
	});

	const LIMITS = [{ transaction_type: 'withdrawal_atm', period: 'month', amount: [{ type: 'max', value: 5000, currency: 'KZT' }] }];

	// As the editor writes it: the key is the name of the field, and the description is empty.
	const limits: INodeParameters = {
		resource: 'limit', operation: 'set', objectType: 'card', cardId: 'card-1001', additionalFields: { limitsJson: "={{ $fromAI('Limits__JSON_', ``, 'json') }}" },
	};

	test('gives limits as JSON, for which no dropdown is in its way', async () => {
		expect(await told(limits, { Limits__JSON_: LIMITS })).toContain('"done"');
		expect(sandbox.journal.all.map(({ body }) => body)).toMatchObject([{ object: { type: 'card', value: 'card-1001' }, limits: [{ ...LIMITS[0], amount: [{ type: 'max', value: '5000', currency: 'KZT' }] }] }]);
	});

	test('reads in words of limits what it has to give', async () => {
		expect(await told(limits, { Limits__JSON_: [{ transaction_type: 'cash', limit: 5 }] as never })).toMatch(/Limit 1 has no field ."limit/);
		expect(await told(limits, { Limits__JSON_: [{ transaction_type: 'cash' }] as never })).toMatch(/Transaction Type of Limit 1 must be one of withdrawal_atm, .*Amounts of Limit 1 must not be empty/);
		expect(sandbox.journal.all).toEqual([]);
	});

	test.each<[string, INodeParameters]>([
		['Event ID', { eventId: fromAi('event') }],
		['Event ID', { eventId: "=agent-{{ $fromAi('event') }}" }],
	])('makes up no %s', async (label, parameters) => {
		const words = await told(refund(parameters), { transaction: 't-1', amount: '5', event: '828cf71d-a447-4a67-a149-c1df8bc197ca' });
		expect(words).toContain(`${label} must not be filled in by the model, which makes up a new one at every call`);
		expect(sandbox.journal.all).toEqual([]);
	});

	test('is not listened to in what is not there in tools: a Request ID, Dry Run, and waiting', async () => {
		sandbox.settings.processingMs = 5_000;
		const made = '828cf71d-a447-4a67-a149-c1df8bc197ca';
		const words = await told(refund({ waitForCompletion: fromAi('wait', 'boolean'), options: { requestId: fromAi('event'), dryRun: fromAi('dry', 'boolean') } }), { transaction: 't-1', amount: '5', event: made, wait: false, dry: true });
		sandbox.settings.processingMs = 0;
		expect(words).toContain('"request_status"');
		expect(sandbox.journal.all.map(({ path }) => path)).toContain('/v5/card-api/request/status');
		const [sent] = sandbox.journal.to('/v5/card-api/transaction/refund');
		expect(sent?.requestId).toMatch(/^[0-9a-f-]{36}$/);
		expect(sent?.requestId).not.toBe(made);
	});
});
