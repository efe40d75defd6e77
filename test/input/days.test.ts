import type { INodeParameters } from 'n8n-workflow';

import { client, useValues, type Came } from '../support/values';

/* Days and periods, whatever a date comes as: typed, from a table, from a picker, from an expression. */

const { run } = useValues();
const ZONES = ['Asia/Almaty', 'America/New_York', 'UTC'] as const;

const inZone = (timezone: string, parameters: INodeParameters) => run(parameters, [{}], { timezone });

const birthdateOf = ({ bodies }: Came) => bodies.map((body) => (body.client as { birthdate: string }).birthdate);
const withBirthdate = (birthdate: unknown) => client({}, { birthdate: birthdate as string });

test.each([
	["a Data Table's text", '1990-01-30T18:00:00.000Z'],
	['a Date', "={{ new Date('1990-01-30T18:00:00.000Z') }}"],
	['a DateTime', "={{ DateTime.fromISO('1990-01-31T00:00:00', { zone: 'Asia/Almaty' }) }}"],
	['the saved text of that', "={{ DateTime.fromISO('1990-01-31T00:00:00', { zone: 'Asia/Almaty' }).toISO() }}"],
	['a DateTime in another zone', "={{ DateTime.fromISO('1990-01-30T18:00:00Z', { zone: 'Europe/London' }) }}"],
	['a day', '1990-01-31'],
	['a midnight with its zone', '1990-01-31T00:00:00+06:00'],
	['a midnight in another zone, as it is written', '1990-01-31T00:00:00Z'],
	['a midnight without a zone', '1990-01-31T00:00:00'],
	['the same with a blank', '1990-01-31 00:00'],
])('31 January 1990 in Almaty: %s', async (_, value) => {
	const came = await inZone('Asia/Almaty', withBirthdate(value));
	expect([...came.refused]).toEqual([]);
	expect(birthdateOf(came)).toEqual(['1990-01-31']);
});

test.each([
	['1990-01-31T13:45:00+06:00', /Birthdate must be a day.*"1990-01-31T13:45:00\+06:00" is not midnight, and 1990-01-31 13:45 in the time zone of the workflow \(Asia\/Almaty\)/],
	['1990-01-30T17:00:00.000Z', /and 1990-01-30 23:00 in the time zone/],
	['1990-01-30T18:00:00.500Z', /must be a day/],
	['1990-01-31T13:45:00', /Birthdate must be a day.*"1990-01-31T13:45:00" is not midnight/],
	["={{ new Date('1990-01-31T09:30:00Z') }}", /and 1990-01-31 15:30 in the time zone/],
	['31.01.1990', /Birthdate must be a date such as 1990-01-31, not "31.01.1990"/],
	['1990-02-30', /Birthdate must be a date/],
])('%s is no day', async (value, told) => {
	const { refused, bodies } = await inZone('Asia/Almaty', withBirthdate(value));
	expect(refused.get(0)).toMatch(told);
	expect(bodies).toEqual([]);
});

const statement = (startDate: string, endDate: string) => ({ resource: 'card', operation: 'getOperations', cardId: 'card-1', startDate, endDate });
const OFFSETS = { 'Asia/Almaty': '+05:00', 'America/New_York': '-05:00', UTC: '+00:00' } as const;

test.each(ZONES)('a date alone is the whole day in a period, in %s', async (zone) => {
	const { bodies, hints } = await inZone(zone, statement('2025-01-01', '2025-01-31'));
	const offset = OFFSETS[zone];
	expect(bodies).toEqual([{ card_id: 'card-1', start_date: `2025-01-01T00:00:00${offset}`, end_date: `2025-01-31T23:59:59${offset}` }]);
	expect(hints).toEqual([]);
});

test('one day is a period', async () => {
	const { bodies } = await inZone('UTC', statement('2025-01-31', '2025-01-31'));
	expect(bodies).toMatchObject([{ start_date: '2025-01-31T00:00:00+00:00', end_date: '2025-01-31T23:59:59+00:00' }]);
});

test('the day that the picker ends a period with is in it, and a hint says so', async () => {
	const { bodies, hints } = await inZone('Asia/Almaty', statement('2025-01-01T00:00:00', '2025-01-31T00:00:00'));
	expect(bodies).toMatchObject([{ start_date: '2025-01-01T00:00:00+05:00', end_date: '2025-01-31T23:59:59+05:00' }]);
	expect(hints).toEqual([
		'Start Date has no time zone, so the time zone of the workflow counts: Asia/Almaty.',
		'End Date is midnight without a time zone, so the whole day counts, until 23:59:59 in the time zone of the workflow: Asia/Almaty.',
	]);
});

test('an end with a zone, or with a time of day, is what it says', async () => {
	const ends = ['2025-01-31T00:00:00+05:00', '2025-01-31T09:30:00', "={{ DateTime.fromISO('2025-01-31', { zone: 'Asia/Almaty' }) }}"];
	const sent: unknown[] = [];
	for (const end of ends) sent.push(...(await inZone('Asia/Almaty', statement('2025-01-01', end))).bodies.map((body) => body.end_date));
	expect(sent).toEqual(['2025-01-31T00:00:00+05:00', '2025-01-31T09:30:00+05:00', '2025-01-31T00:00:00+05:00']);
});

test('a whole day is as long as its clock has it', async () => {
	const { bodies } = await inZone('America/New_York', statement('2025-03-09', '2025-03-09'));
	expect(bodies).toMatchObject([{ start_date: '2025-03-09T00:00:00-05:00', end_date: '2025-03-09T23:59:59-04:00' }]);
});

describe('a point in time that is no end of a period', () => {
	const identified = (idnDate: string) => client({}, { identificationInfo: { info: { idnDate, identifiedBy: 'Branch 7' } } });
	const sent = ({ bodies }: Came) => bodies.map(({ client: { identification_info: info } = {} }: { client?: { identification_info?: { idn_date?: string } } }) => info?.idn_date);

	test.each(ZONES)('may be a date alone, which is the beginning of the day, in %s', async (zone) => {
		const came = await inZone(zone, identified('2025-01-31'));
		expect(sent(came)).toEqual([`2025-01-31T00:00:00${OFFSETS[zone]}`]);
		expect([[...came.refused], came.hints]).toEqual([[], []]);
	});

	test('is sent with its time where it has one', async () => {
		expect(sent(await inZone('Asia/Almaty', identified('2025-01-31T09:30:00+05:00')))).toEqual(['2025-01-31T09:30:00+05:00']);
		expect(sent(await inZone('Asia/Almaty', identified('2025-01-31T00:00:00')))).toEqual(['2025-01-31T00:00:00+05:00']);
	});

	test.each(['31.01.2025', '2025-02-30', '2025-13-01', 'yesterday'])('is refused as %s', async (date) => {
		const { refused, bodies } = await inZone('Asia/Almaty', identified(date));
		expect([refused.get(0), bodies]).toEqual([expect.stringContaining('Identification Date of Identification Info must be a date such as 2025-01-31, or a date and time such as 2025-01-31T09:30:00+05:00'), []]);
	});
});
