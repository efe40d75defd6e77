import type { INodeParameters } from 'n8n-workflow';

import { commandsOf, useSandbox, wire } from '../support/bench';
import { done, failed } from '../support/items';
import { shownAs } from '../support/panel';
import { runItem, runJobContinuing, type Job } from '../support/runs';

/* A refund in full or of a part, and its amount. */

const sandbox = useSandbox({ unknownIds: 'accept' });

describe('a refund', () => {
	const ids = { orderId: 'o-1', transactionId: 't-1' };
	const refund = (given: INodeParameters, json?: object) => runItem(sandbox, { resource: 'transaction', operation: 'refund', ...ids, ...given }, json);
	const sent = { order_id: 'o-1', transaction_id: 't-1' };

	test('in full has no amount, and says that it was full', async () => {
		const { json } = await refund({ refund: 'full' });
		expect(commandsOf(sandbox)).toEqual([sent]);
		expect(json).toMatchObject({ ...sent, refund: 'full' });
		expect(json).not.toHaveProperty('amount');
	});

	test('of a part tells its amount', async () => {
		const { json } = await refund({ refund: 'part', amount: 10.5 });
		expect(commandsOf(sandbox)).toEqual([{ ...sent, amount: 10.5 }]);
		expect(json).toMatchObject({ ...sent, amount: 10.5 });
		expect(json).not.toHaveProperty('refund');
	});

	test('is of a part, unless something else was chosen', async () => {
		expect((await refund({})).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test.each(['', '={{ $json.missing }}', '={{ null }}', '={{ "" }}', '={{ "  " }}'])('of a part with a blank amount (%j) is refused', async (amount) => {
		expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test.each(['abc', '1,5', '0x10', '-1', '12345678901234567.89', '={{ [] }}'])('of %j is refused', async (amount) => {
		expect((await refund({ amount })).refusal).toMatch(/^Amount /);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test('of 0 is none', async () => {
		for (const amount of [0, '={{ 0 }}', '={{ "0.00" }}']) expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must be more than zero/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	describe('chosen by an expression', () => {
		const chosen = { refund: '={{ $json.how }}', amount: '={{ $json.amount }}' };

		test('is in full or of a part', async () => {
			await refund(chosen, { how: 'full' });
			await refund(chosen, { how: 'part', amount: '7' });
			expect(commandsOf(sandbox)).toEqual([sent, { ...sent, amount: 7 }]);
		});

		test('in full with an amount is refused: which of the two is meant?', async () => {
			const { refusal } = await refund(chosen, { how: 'full', amount: 7 });
			expect(refusal).toMatch(/^Amount is given, but Refund is Full\. Choose Part to refund an amount, or clear Amount/);
			expect(commandsOf(sandbox)).toEqual([]);
		});

		test.each([undefined, null, '', 'half', 'Full'])('%j is refused by name', async (how) => {
			expect((await refund(chosen, { how, amount: 7 })).refusal).toMatch(/^Refund (?:must not be empty|must be one of full, part)/);
			expect(commandsOf(sandbox)).toEqual([]);
		});
	});

	test('shows the amount beside its fields for a part only, and lets an expression choose', () => {
		const amount = (chosen: string) => shownAs('amount', { resource: 'transaction', operation: 'refund', refund: chosen });
		expect(['part', 'full', '={{ $json.how }}'].map(amount)).toEqual(['required', 'hidden', 'optional']);
	});
});

const effects = () => sandbox.ledger.all.length;

describe('the amount of a refund', () => {
	const refund = (amount: unknown): Job => ({
		items: [{ amount: amount as number }],
		parameters: {
			resource: 'transaction',
			operation: 'refund',
			orderId: 'order-1',
			transactionId: 't-1',
			refund: 'part',
			amount: '={{ $json.amount }}',
		},
	});

	test.each([0, -0, '0', '0.00', 0.1 + 0.2, '0.30000000000000004', 1e-320, 5e-324, 1e-7, -1, -0.01, '-5'])('%p is refused, the field is named', async (amount) => {
		const { message, outcome } = failed(await runJobContinuing(sandbox, refund(amount)));
		expect([outcome, message]).toEqual(['not_done', expect.stringMatching(/^Amount /)]);
		expect(wire(sandbox)).toEqual([]);
	});

	test.each([[0.3, '0.3'], [1500.5, '1500.5'], [10, '10'], ['10', '10'], ['0.30', '0.3'], [0.01, '0.01'], [999_999_999.99, '999999999.99']])('%p is sent', async (amount, onTheWire) => {
		done(await runJobContinuing(sandbox, refund(amount)));
		expect(sandbox.journal.all[0]?.rawBody.toString()).toMatch(new RegExp(`"amount":${onTheWire.replaceAll('.', '\\.')}[,}]`));
		expect(effects()).toBe(1);
	});
});
