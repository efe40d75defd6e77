import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import { amountText, normalAmount } from '../../nodes/FreedomPayCard/input/amounts';
import { client, limit, places, refundOf, useValues, type Place } from '../support/values';

/* Numbers as spreadsheets, forms and calculations give them. */

const { run, refusals } = useValues();

const cardholder = (changed: INodeParameters): INodeParameters => ({
	resource: 'card',
	operation: 'validateCardholder',
	firstName: 'Ivan',
	lastName: 'Ivanov',
	cardToken: '00000000-0000-0000-0000-000000000000',
	...changed,
});

const AMOUNTS: ReadonlyArray<[name: string, place: Place, sent: (body: Record<string, unknown>) => unknown]> = [
	['the amount of a refund', refundOf, (body) => body.amount],
	['the amount of a limit', (value) => limit({}, { value: value as string }), (body) => (body.limits as Array<{ amount: Array<{ value: string }> }>)[0]?.amount[0]?.value],
];

describe.each(AMOUNTS)('%s', (_, place, sent) => {
	test.each<[unknown, string]>([
		['1.23E+05', 'is "1.23E+05", as a spreadsheet shortens a long number'],
		['1,23E+05', 'is "1,23E+05", as a spreadsheet shortens'],
		['1e3', 'is "1e3", as a spreadsheet shortens'],
		['15000.300000000001', 'is "15000.300000000001", which has more than 3 decimals. Round it: 15000.3'],
		[15000.300000000001, 'is 15000.300000000001, which has more than 3 decimals. Round it: 15000.3'],
		[0.1 + 0.2, 'is 0.30000000000000004, which has more than 3 decimals. Round it: 0.3'],
		['1 500,50', 'is "1 500,50". Write it as 1500.50'],
		['1\u00a0500,50', 'Write it as 1500.50'],
		['1.500,50', 'Write it as 1500.50'],
		['1,500.50', 'Write it as 1500.50'],
		["1'500.50", 'Write it as 1500.50'],
		['1 500', 'Write it as 1500'],
		['1,5', 'Write it as 1.5'],
		['1,500', 'Write it as 1500 or 1.500'],
		['1,500,000', 'Write it as 1500000'],
		['5000 KZT', 'must be a number such as 1500.50, not "5000 KZT"'],
		['0x10', 'must be a number such as 1500.50, not "0x10"'],
		['{{ $json.amount }}', 'holds an expression that n8n takes for text'],
		[-1, 'not -1'],
		['12345678901234567', 'must be an amount of at most 15 digits'],
	])('%j is refused', async (value, told) => {
		expect(await refusals(place, [value])).toEqual([expect.stringContaining(told)]);
	});

	test('is one amount however it is written', async () => {
		const { bodies } = await run(place('={{ $json.value }}'), [5000, '5000', '5000.00', '05000.0', '+5000', ' 5000\u00a0'].map((value) => ({ value })));
		expect(bodies).toHaveLength(6);
		expect([...new Set(bodies.map((body) => JSON.stringify(sent(body))))]).toHaveLength(1);
		expect(String(sent(bodies[0] ?? {}))).toBe('5000');
	});
});

test('0 is nothing to refund', async () => {
	expect(await refusals(refundOf, [0, '0', '0.00'])).toEqual(Array(3).fill(expect.stringContaining('Amount must be more than zero')));
});

test('0 is no gift card', async () => {
	expect(await refusals(places.giftCard, [0, '0', '00'])).toEqual(Array(3).fill(expect.stringContaining('Card ID must be')));
});

test.each<[string, Place]>([
	['a card', places.cardId],
	['a gift card', places.giftCard],
	['a person', (value) => client({}, { personId: value as string })],
	['an event', places.eventId],
	['a phone number to compare', (value) => cardholder({ userPhone: value as string })],
	['a branch', (value) => client({}, { branchId: value as string })],
])('a number that a spreadsheet shortened names nothing: %s', async (_, place) => {
	const told = await refusals(place, ['1.23E+15', '1,23E+15', '5.55E+2', '9E+11']);
	for (const words of told) expect(words).toMatch(/is "[\d.,]+E\+\d+", as a spreadsheet shortens a long number/);
});

test('an id of digits and an e is one, as a hexadecimal one may be', async () => {
	const ids = ['1234e567', '5e10', 'e-1', '7e-2', 'E+1'];
	expect(await refusals(places.cardId, ids)).toEqual(ids.map(() => undefined));
	expect(await refusals(places.eventId, ids)).toEqual(ids.map(() => undefined));
});

test.each(['8613123456789.0', '77077070707.0', '77077070707,0', '7.7077070707E+10', 77077070707.5])('the phone number %j is refused', async (value) => {
	const [told] = await refusals((phone) => client({ phone: phone as string }), [value]);
	expect(told).toContain('Phone ');
	expect(told).toContain(String(value));
});

test('a phone number to compare has no decimals either', async () => {
	const told = await refusals((value) => cardholder({ userPhone: value as string }), ['7077070707.0', '7077070707', 7077070707]);
	expect(told).toEqual(['Phone must be a phone number without decimals, such as 7077070707, not "7077070707.0"', undefined, undefined]);
});

test.each(['yes', 'no', 'on', '1', 1, 0, 'ja'])('a switch is true or false, not %j', async (value) => {
	const told = await refusals((dryRun) => ({ ...places.cardId('card-1'), options: { dryRun: dryRun as boolean } }), [value]);
	expect(told).toEqual([`Dry Run must be true or false, not ${JSON.stringify(value)}`]);
});

test('a text of any length costs its own item only', async () => {
	const long = ['9'.repeat(100_000), '1 000,'.repeat(20_000), ' '.repeat(60_000)].map((text) => `${text}x`);
	const { refused, bodies } = await run(refundOf('={{ $json.value }}'), ['7', ...long, '8'].map((value) => ({ value })));
	expect([...refused.keys()]).toEqual([1, 2, 3]);
	for (const message of refused.values()) expect(message.length).toBeLessThan(200);
	expect(bodies.map(({ amount }) => amount)).toEqual([7, 8]);
});

test('JSON that is nested too deep costs its own item only', async () => {
	const depth = 100_000;
	const fine = [{ transaction_type: 'pay', period: 'month', amount: [{ type: 'max', value: 5, currency: 'KZT' }] }];
	const { refused, bodies } = await run({ ...limit({}), limits: {}, additionalFields: { limitsJson: '={{ $json.limits }}' } }, [{ limits: '['.repeat(depth) + ']'.repeat(depth) }, { limits: fine }]);
	expect([...refused]).toEqual([[0, 'Limits is nested too deep to be read [item 0]']]);
	expect(bodies).toHaveLength(1);
});

describe('the one form of an amount', () => {
	const digits = (maxLength: number) => fc.array(fc.integer({ min: 0, max: 9 }), { maxLength }).map((all) => all.join(''));

	test('is what it says, the shortest', () => {
		fc.assert(
			fc.property(digits(12), digits(3), digits(4), (whole, decimals, zeros) => {
				fc.pre(whole !== '' || decimals !== '');
				const written = `${zeros.replace(/\d/g, '0')}${whole}${decimals === '' ? '' : `.${decimals}${zeros.replace(/\d/g, '0')}`}`;
				const normal = normalAmount(written);
				expect(Number(normal)).toBe(Number(written));
				expect(normal).toMatch(/^(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/);
				expect(normalAmount(normal)).toBe(normal);
				expect(amountText(written)).toBe(normal);
			}),
		);
	});

	test('of a number is that of its text', () => {
		fc.assert(fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 3 }), (cents, places) => {
			const value = cents / 10 ** places;
			expect(normalAmount(value)).toBe(normalAmount(value.toFixed(places)));
		}));
	});
});

test('an amount that is too high is told so, and not to have too many decimals', async () => {
	const [most, tooHigh] = await refusals(refundOf, ['999999999999.999', 1e12]);
	expect([most, tooHigh]).toEqual([undefined, 'Amount must be less than 1000000000000, not 1000000000000']);
});
