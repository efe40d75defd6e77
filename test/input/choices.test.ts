import type { INodeParameters, INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { commandsOf, useSandbox } from '../support/bench';
import { runItem } from '../support/runs';

/* A documented value, or another one that the user chose by name. */

const { description } = new FreedomPayCard();
const sandbox = useSandbox({ unknownIds: 'accept' });

const AMOUNT = { type: 'max', value: '5000', currency: 'KZT' };

describe('a documented value, or another one by name', () => {
	const set = { resource: 'limit', operation: 'set', objectType: 'card', cardId: 'card-1001' };
	const inPanel = (limit: INodeParameters) => runItem(sandbox, { ...set, limits: { limit: [{ transactionType: 'pay', period: 'month', amount: { amount: [AMOUNT] }, ...limit }] } });
	const asJson = (limit: object) => runItem(sandbox, { ...set, additionalFields: { limitsJson: '={{ $json.limits }}' } }, { limits: [{ transaction_type: 'pay', amount: [AMOUNT], ...limit }] });
	const limits = () => commandsOf(sandbox).flatMap((body) => (body as { limits: object[] }).limits);

	const update = { resource: 'card', operation: 'update', cardId: 'card-1001' };
	const account = { iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' };
	const accounts = () => commandsOf(sandbox).flatMap((body) => (body as { accounts: object[] }).accounts);

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
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test('a slip of an expression is refused too', async () => {
		expect((await inPanel({ transactionType: '={{ "cash" }}' })).refusal).toMatch(/^Transaction Type of Limit 1 must be one of/);
		expect((await runItem(sandbox, { ...update, accounts: { account: [{ ...account, type: '={{ "Iban" }}' }] } })).refusal).toMatch(/^Type of Account 1 must be one of IBAN/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test('another value is sent in its place', async () => {
		await inPanel({ transactionType: 'other', otherTransactionType: 'cash', period: 'other', otherPeriod: 'week', amount: { amount: [{ ...AMOUNT, type: 'other', otherType: 'min' }] } });
		await asJson({ transaction_type: 'other', other_transaction_type: 'cash', period: 'other', other_period: 'week', amount: [{ ...AMOUNT, type: 'other', other_type: 'min' }] });
		const limit = { transaction_type: 'cash', period: 'week', amount: [{ ...AMOUNT, type: 'min' }] };
		expect(limits()).toEqual([limit, limit]);
		await runItem(sandbox, { ...update, accounts: { account: [{ ...account, type: 'other', otherType: 'CARD' }] } });
		expect(accounts().at(-1)).toEqual({ ...account, type: 'CARD' });
	});

	test('Other without a value is refused', async () => {
		const refusals = [await inPanel({ transactionType: 'other' }), await inPanel({ transactionType: 'other', otherTransactionType: '={{ $json.missing }}' }), await asJson({ transaction_type: 'other' })];
		for (const { refusal } of refusals) expect(refusal).toMatch(/^Transaction Type \(Other\) of Limit 1 must not be empty where Transaction Type is Other/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test('a value beside a documented one is refused: which of the two is meant?', async () => {
		const refusals = [await asJson({ other_transaction_type: 'cash' }), await inPanel({ transactionType: '={{ "pay" }}', otherTransactionType: 'cash' })];
		for (const { refusal } of refusals) expect(refusal).toMatch(/^Transaction Type \(Other\) of Limit 1 is given, but Transaction Type is not Other/);
		expect(commandsOf(sandbox)).toEqual([]);
	});

	test('what n8n keeps of a field that is not shown any more is not sent', async () => {
		await inPanel({ transactionType: 'pay', otherTransactionType: 'cash' });
		expect(limits()).toMatchObject([{ transaction_type: 'pay' }]);
	});

	test('a limit without an amount is refused', async () => {
		const without = [await inPanel({ amount: {} }), await inPanel({ amount: { amount: [] } }), await asJson({ amount: undefined }), await asJson({ amount: [] })];
		for (const { refusal } of without) expect(refusal).toMatch(/^Amounts of Limit 1 (?:must not be empty|needs at least one Amount)/);
		expect(commandsOf(sandbox)).toEqual([]);
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
		expect((await runItem(sandbox, { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId })).refusal).toMatch(/^Card ID must be a whole number from 1/);
	}
	expect(commandsOf(sandbox)).toEqual([]);
});
