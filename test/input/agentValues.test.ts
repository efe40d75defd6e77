import type { INodeParameters } from 'n8n-workflow';

import { bodiesOf, useSandbox } from '../support/bench';
import { stored } from '../support/items';
import { runInTurn, runJob } from '../support/runs';

/* Values as an AI agent gives them: numbers, switches and lists as text. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const sentNothing = () => expect(sandbox.journal.counts().received).toBe(0);

describe('as an AI agent fills the fields', () => {
	test('numbers and booleans may come as text, and optional fields may be missing', async () => {
		const confirm = { resource: 'giftCard', operation: 'confirm', otp: '5678', cardId: '556' };
		const dry = await runJob(sandbox, { parameters: { ...confirm, options: { dryRun: 'TRUE', requestTimeoutSeconds: '5' } }, items: [{}] });
		expect(stored(dry)[0]?.[0]?.json).toMatchObject({ outcome: 'dry_run', body: { card_id: 556 } });
		sentNothing();
		expect(stored(await runJob(sandbox, { parameters: confirm, items: [{}] }))[0]?.[0]?.json).toMatchObject({ card_id: 556, status: 0 });
	});

	test('a required field left out gets a message in plain text', async () => {
		const { error } = await runJob(sandbox, { parameters: { cardId: '={{ $json.missing }}' }, items: [{}] });
		expect(error?.message).toBe('Card ID must not be empty');
		expect(error?.description).toMatch(/^[\w .,]+$/);
		sentNothing();
	});
});

const run = async (parameters: INodeParameters, items?: unknown[]) => await runInTurn(sandbox, parameters, items);
const bodies = () => bodiesOf(sandbox);

describe('what an AI agent gives', () => {
	test('limits as JSON text, with names of the panel or of the API', async () => {
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', cardId: '1', additionalFields: { limitsJson: '={{ $json.limits }}' } };
		await run(parameters, [
			{ limits: '[{"transaction_type":"pay","amount":[{"type":"max","value":5000.5,"currency":"kzt"}]}]' },
			{ limits: [{ transactionType: 'pay', period: 'day', amount: { amount: [{ type: 'max', value: '1', currency: 'KZT' }] } }] },
		]);
		expect(bodies()).toMatchObject([
			{ limits: [{ transaction_type: 'pay', amount: [{ type: 'max', value: '5000.5', currency: 'KZT' }] }] },
			{ limits: [{ transaction_type: 'pay', period: 'day', amount: [{ type: 'max', value: '1', currency: 'KZT' }] }] },
		]);
	});

	test('a list that is given twice, or is none, is refused', async () => {
		const limit = { transactionType: 'pay' };
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', cardId: '1' };
		const twice = await run({ ...parameters, limits: { limit: [limit] }, additionalFields: { limitsJson: '[{"transaction_type":"pay"}]' } });
		expect(twice.error?.message).toMatch(/Limits is given both in fields and as JSON/);
		const none = await run({ ...parameters, additionalFields: { limitsJson: '[]' } });
		expect(none.error?.message).toMatch(/Limits/);
		const broken = await run({ ...parameters, additionalFields: { limitsJson: '[{"transaction_type":"pay","speed":1}]' } });
		expect(broken.error?.message).toMatch(/Limit 1 has no field "speed"/);
		expect(bodies()).toEqual([]);
	});

	test('switches as text', async () => {
		await run({ resource: 'card', operation: 'close', cardId: 'card-1001', reason: 'x', waitForCompletion: '={{ "False" }}', options: { dryRun: '={{ "true" }}' } });
		expect(bodies()).toEqual([]);
	});
});
