import { NodeHelpers, type INodeParameters } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { useSandbox, wire } from '../support/bench';
import { done, failed, stored } from '../support/items';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* A refund in full or of a part, and its amount. */

const { description } = new FreedomPayCard();

const sandbox = useSandbox({ unknownIds: 'accept' });

/** The bodies of the commands that were sent, without their request ids. */
function sentBodies(): unknown[] {
	const commands = sandbox.journal.all.filter(({ path }) => !path.endsWith('/request/status'));
	return commands.map(({ rawBody }) => {
		const sent = Object.entries(JSON.parse(rawBody.toString()) as Record<string, unknown>);
		return Object.fromEntries(sent.filter(([key]) => key !== 'request_id'));
	});
}

/** Runs an item; gives what came out of it, or why it was refused. */
async function runOne(parameters: INodeParameters, json: object = {}): Promise<{ json?: Record<string, unknown>; refusal?: string }> {
	const outcome = await runJob(sandbox, { parameters, items: [json] as never });
	const message = outcome.error?.message;
	return message === undefined ? { json: stored(outcome)[0]?.[0]?.json ?? {} } : { refusal: message };
}

/** A parameter of the panel as it stands under other ones: shown or not, required or not. */
function shownAs(name: string, parameters: INodeParameters): 'hidden' | 'required' | 'optional' {
	const shown = description.properties.filter((parameter) => parameter.name === name && NodeHelpers.displayParameter(parameters, parameter, { typeVersion: 1 }, description));
	expect(shown.length).toBeLessThan(2);
	if (shown[0] === undefined) return 'hidden';
	return shown[0].required === true ? 'required' : 'optional';
}

describe('a refund', () => {
	const ids = { orderId: 'o-1', transactionId: 't-1' };
	const refund = (given: INodeParameters, json?: object) => runOne({ resource: 'transaction', operation: 'refund', ...ids, ...given }, json);
	const sent = { order_id: 'o-1', transaction_id: 't-1' };

	test('in full has no amount, and says that it was full', async () => {
		const { json } = await refund({ refund: 'full' });
		expect(sentBodies()).toEqual([sent]);
		expect(json).toMatchObject({ ...sent, refund: 'full' });
		expect(json).not.toHaveProperty('amount');
	});

	test('of a part tells its amount', async () => {
		const { json } = await refund({ refund: 'part', amount: 10.5 });
		expect(sentBodies()).toEqual([{ ...sent, amount: 10.5 }]);
		expect(json).toMatchObject({ ...sent, amount: 10.5 });
		expect(json).not.toHaveProperty('refund');
	});

	test('is of a part, unless something else was chosen', async () => {
		expect((await refund({})).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(sentBodies()).toEqual([]);
	});

	test.each(['', '={{ $json.missing }}', '={{ null }}', '={{ "" }}', '={{ "  " }}'])('of a part with a blank amount (%j) is refused', async (amount) => {
		expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(sentBodies()).toEqual([]);
	});

	test.each(['abc', '1,5', '0x10', '-1', '12345678901234567.89', '={{ [] }}'])('of %j is refused', async (amount) => {
		expect((await refund({ amount })).refusal).toMatch(/^Amount /);
		expect(sentBodies()).toEqual([]);
	});

	test('of 0 is none', async () => {
		for (const amount of [0, '={{ 0 }}', '={{ "0.00" }}']) expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must be more than zero/);
		expect(sentBodies()).toEqual([]);
	});

	describe('chosen by an expression', () => {
		const chosen = { refund: '={{ $json.how }}', amount: '={{ $json.amount }}' };

		test('is in full or of a part', async () => {
			await refund(chosen, { how: 'full' });
			await refund(chosen, { how: 'part', amount: '7' });
			expect(sentBodies()).toEqual([sent, { ...sent, amount: 7 }]);
		});

		test('in full with an amount is refused: which of the two is meant?', async () => {
			const { refusal } = await refund(chosen, { how: 'full', amount: 7 });
			expect(refusal).toMatch(/^Amount is given, but Refund is Full\. Choose Part to refund an amount, or clear Amount/);
			expect(sentBodies()).toEqual([]);
		});

		test.each([undefined, null, '', 'half', 'Full'])('%j is refused by name', async (how) => {
			expect((await refund(chosen, { how, amount: 7 })).refusal).toMatch(/^Refund (?:must not be empty|must be one of full, part)/);
			expect(sentBodies()).toEqual([]);
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
