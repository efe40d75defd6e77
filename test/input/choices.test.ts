import { NodeHelpers, type INodeParameters, type INodeProperties, type INodePropertyCollection } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { startSandbox, type Sandbox } from '../sandbox';
import { runCard, stored } from '../support/card';

const { description } = new FreedomPayCard();

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownIds: 'accept' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

/** The bodies of the commands that were sent, without their request ids. */
function bodies(): unknown[] {
	const commands = sandbox.journal.all.filter(({ path }) => !path.endsWith('/request/status'));
	return commands.map(({ rawBody }) => {
		const sent = Object.entries(JSON.parse(rawBody.toString()) as Record<string, unknown>);
		return Object.fromEntries(sent.filter(([key]) => key !== 'request_id'));
	});
}

/** Runs an item; gives what came out of it, or why it was refused. */
async function run(parameters: INodeParameters, json: object = {}): Promise<{ json?: Record<string, unknown>; refusal?: string }> {
	const outcome = await runCard(sandbox.credential, parameters, [json] as never);
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
	const refund = (given: INodeParameters, json?: object) => run({ resource: 'transaction', operation: 'refund', ...ids, ...given }, json);
	const sent = { order_id: 'o-1', transaction_id: 't-1' };

	test('in full has no amount, and says that it was full', async () => {
		const { json } = await refund({ refund: 'full' });
		expect(bodies()).toEqual([sent]);
		expect(json).toMatchObject({ ...sent, refund: 'full' });
		expect(json).not.toHaveProperty('amount');
	});

	test('of a part tells its amount', async () => {
		const { json } = await refund({ refund: 'part', amount: 10.5 });
		expect(bodies()).toEqual([{ ...sent, amount: 10.5 }]);
		expect(json).toMatchObject({ ...sent, amount: 10.5 });
		expect(json).not.toHaveProperty('refund');
	});

	test('is of a part, unless something else was chosen', async () => {
		expect((await refund({})).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(bodies()).toEqual([]);
	});

	test.each(['', '={{ $json.missing }}', '={{ null }}', '={{ "  " }}'])('of a part with a blank amount (%j) is refused', async (amount) => {
		expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must not be empty for a part/);
		expect(bodies()).toEqual([]);
	});

	test('of 0 is none', async () => {
		for (const amount of [0, '={{ 0 }}', '={{ "0.00" }}']) expect((await refund({ refund: 'part', amount })).refusal).toMatch(/^Amount must be more than zero/);
		expect(bodies()).toEqual([]);
	});

	describe('chosen by an expression', () => {
		const chosen = { refund: '={{ $json.how }}', amount: '={{ $json.amount }}' };

		test('is in full or of a part', async () => {
			await refund(chosen, { how: 'full' });
			await refund(chosen, { how: 'part', amount: '7' });
			expect(bodies()).toEqual([sent, { ...sent, amount: 7 }]);
		});

		test('in full with an amount is refused: which of the two is meant?', async () => {
			const { refusal } = await refund(chosen, { how: 'full', amount: 7 });
			expect(refusal).toMatch(/^Amount is given, but Refund is Full\. Choose Part to refund an amount, or clear Amount/);
			expect(bodies()).toEqual([]);
		});

		test.each([undefined, null, '', 'half', 'Full'])('%j is refused by name', async (how) => {
			expect((await refund(chosen, { how, amount: 7 })).refusal).toMatch(/^Refund (?:must not be empty|must be one of full, part)/);
			expect(bodies()).toEqual([]);
		});
	});

	test('shows the amount beside its fields for a part only, and lets an expression choose', () => {
		const amount = (chosen: string) => shownAs('amount', { resource: 'transaction', operation: 'refund', refund: chosen });
		expect(['part', 'full', '={{ $json.how }}'].map(amount)).toEqual(['required', 'hidden', 'optional']);
	});
});

const AMOUNT = { type: 'max', value: '5000', currency: 'KZT' };

describe('a documented value, or another one by name', () => {
	const set = { resource: 'limit', operation: 'set', objectType: 'card', cardId: 'card-1001' };
	const inPanel = (limit: INodeParameters) => run({ ...set, limits: { limit: [{ transactionType: 'pay', period: 'month', amount: { amount: [AMOUNT] }, ...limit }] } });
	const asJson = (limit: object) => run({ ...set, additionalFields: { limitsJson: '={{ $json.limits }}' } }, { limits: [{ transaction_type: 'pay', amount: [AMOUNT], ...limit }] });
	const limits = () => bodies().flatMap((body) => (body as { limits: object[] }).limits);

	const update = { resource: 'card', operation: 'update', cardId: 'card-1001' };
	const account = { iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' };
	const accounts = () => bodies().flatMap((body) => (body as { accounts: object[] }).accounts);

	test.each(['withdrawal_atm', 'pay', 'withdrawal', 'pay_online_non3ds'])('the transaction type %s is one', async (type) => {
		await inPanel({ transactionType: type });
		await asJson({ transaction_type: type });
		expect(limits()).toMatchObject([{ transaction_type: type }, { transaction_type: type }]);
	});

	test.each(['day', 'month'])('the period %s is one', async (period) => {
		await inPanel({ period });
		await asJson({ period });
		expect(limits()).toMatchObject([{ period }, { period }]);
	});

	test('a period that is not set is left out', async () => {
		await inPanel({ period: 'none' });
		await asJson({ period: 'none' });
		await asJson({});
		expect(limits()).toEqual([1, 2, 3].map(() => ({ transaction_type: 'pay', amount: [AMOUNT] })));
	});

	test.each<[string, object, RegExp]>([
		['transaction type', { transaction_type: 'cash' }, /^Transaction Type of Limit 1 must be one of withdrawal_atm, pay_online_non3ds, pay, withdrawal\. .*"transaction_type": "other".*"other_transaction_type"/],
		['period', { period: 'Monthly' }, /^Period of Limit 1 must be one of day, month\. .*Period \(Other\).*"period": "other".*"other_period"/],
		['type of an amount', { amount: [{ ...AMOUNT, type: 'cash' }] }, /^Type of Amount 1 must be one of max\. /],
	])('a slip in the %s is refused, with what may be written instead', async (_, slip, refusal) => {
		expect((await asJson(slip)).refusal).toMatch(refusal);
		expect(bodies()).toEqual([]);
	});

	test('a slip of an expression is refused too', async () => {
		expect((await inPanel({ transactionType: '={{ "cash" }}' })).refusal).toMatch(/^Transaction Type of Limit 1 must be one of/);
		expect((await run({ ...update, accounts: { account: [{ ...account, type: '={{ "Iban" }}' }] } })).refusal).toMatch(/^Type of Account 1 must be one of IBAN/);
		expect(bodies()).toEqual([]);
	});

	test('another value is sent in its place', async () => {
		await inPanel({ transactionType: 'other', otherTransactionType: 'cash', period: 'other', otherPeriod: 'week', amount: { amount: [{ ...AMOUNT, type: 'other', otherType: 'min' }] } });
		await asJson({ transaction_type: 'other', other_transaction_type: 'cash', period: 'other', other_period: 'week', amount: [{ ...AMOUNT, type: 'other', other_type: 'min' }] });
		const limit = { transaction_type: 'cash', period: 'week', amount: [{ ...AMOUNT, type: 'min' }] };
		expect(limits()).toEqual([limit, limit]);
		await run({ ...update, accounts: { account: [{ ...account, type: 'other', otherType: 'CARD' }] } });
		expect(accounts().at(-1)).toEqual({ ...account, type: 'CARD' });
	});

	test('Other without a value is refused', async () => {
		const refusals = [await inPanel({ transactionType: 'other' }), await inPanel({ transactionType: 'other', otherTransactionType: '={{ $json.missing }}' }), await asJson({ transaction_type: 'other' })];
		for (const { refusal } of refusals) expect(refusal).toMatch(/^Transaction Type \(Other\) of Limit 1 must not be empty where Transaction Type is Other/);
		expect(bodies()).toEqual([]);
	});

	test('a value beside a documented one is refused: which of the two is meant?', async () => {
		const refusals = [await asJson({ other_transaction_type: 'cash' }), await inPanel({ transactionType: '={{ "pay" }}', otherTransactionType: 'cash' })];
		for (const { refusal } of refusals) expect(refusal).toMatch(/^Transaction Type \(Other\) of Limit 1 is given, but Transaction Type is not Other/);
		expect(bodies()).toEqual([]);
	});

	test('what n8n keeps of a field that is not shown any more is not sent', async () => {
		await inPanel({ transactionType: 'pay', otherTransactionType: 'cash' });
		expect(limits()).toMatchObject([{ transaction_type: 'pay' }]);
	});

	test('a limit without an amount is refused', async () => {
		const without = [await inPanel({ amount: {} }), await inPanel({ amount: { amount: [] } }), await asJson({ amount: undefined }), await asJson({ amount: [] })];
		for (const { refusal } of without) expect(refusal).toMatch(/^Amounts of Limit 1 (?:must not be empty|needs at least one Amount)/);
		expect(bodies()).toEqual([]);
	});

	test('the field for another value is shown for Other only', () => {
		const entry = (operation: string, name: string) => {
			const list = description.properties.find((parameter) => parameter.name === name && parameter.displayOptions?.show?.operation?.includes(operation) === true);
			return (list?.options?.[0] as INodePropertyCollection).values;
		};
		const limit = entry('set', 'limits');
		const amount = (limit.find(({ name }) => name === 'amount')?.options?.[0] as INodePropertyCollection).values;
		const pairs: Array<[INodeProperties[], choice: string, other: string]> = [
			[limit, 'transactionType', 'otherTransactionType'],
			[limit, 'period', 'otherPeriod'],
			[amount, 'type', 'otherType'],
			[entry('update', 'accounts'), 'type', 'otherType'],
		];
		for (const [values, choice, other] of pairs) {
			const options = values.find(({ name }) => name === choice)?.options as Array<{ value: string }>;
			expect([choice, options.map(({ value }) => value)]).toEqual([choice, expect.arrayContaining(['other'])]);
			expect(values.find(({ name }) => name === other)).toMatchObject({ type: 'string', displayOptions: { show: { [choice]: ['other'] } } });
		}
	});
});

test('0 is no gift card: an empty cell is read as one', async () => {
	for (const cardId of [0, '={{ 0 }}', '={{ "0" }}', -5]) {
		expect((await run({ resource: 'giftCard', operation: 'confirm', otp: '1234', cardId })).refusal).toMatch(/^Card ID must be a whole number from 1/);
	}
	expect(bodies()).toEqual([]);
});
