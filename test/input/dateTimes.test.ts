import type { INodeParameters } from 'n8n-workflow';

import { bodiesOf, useSandbox } from '../support/bench';
import { runInTurn } from '../support/runs';

/* A date with a time, in the zone of the workflow or its own. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const STATEMENT = { resource: 'card', operation: 'getOperations', cardId: 'card-1001' };
const run = async (parameters: INodeParameters, items?: unknown[]) => await runInTurn(sandbox, parameters, items);
const bodies = () => bodiesOf(sandbox);

describe('dates', () => {
	// The harness runs workflows in n8n's default time zone, America/New_York.
	test.each([
		["of n8n's picker, winter", '2025-01-31T09:30:00', '2025-01-31T09:30:00-05:00'],
		["of n8n's picker, summer", '2025-07-31T09:30:00', '2025-07-31T09:30:00-04:00'],
		['with a blank', '2025-01-31 09:30', '2025-01-31T09:30:00-05:00'],
		['in a zone', '2025-01-31T09:30:00+05:00', '2025-01-31T09:30:00+05:00'],
		['in a zone without a colon', '2025-01-31T09:30:00+0530', '2025-01-31T09:30:00+05:30'],
		['in UTC, with milliseconds', '2025-01-31T09:30:00.123Z', '2025-01-31T09:30:00+00:00'],
		['a Luxon DateTime', "={{ DateTime.fromISO('2025-01-31T09:30:00', { zone: 'Asia/Almaty' }) }}", '2025-01-31T09:30:00+05:00'],
		['a Date', "={{ new Date('2025-01-31T09:30:00Z') }}", '2025-01-31T04:30:00-05:00'],
		['just before a change of the clock', '2025-03-09T01:59:59', '2025-03-09T01:59:59-05:00'],
		['just after a change of the clock', '2025-03-09T03:00:00', '2025-03-09T03:00:00-04:00'],
	])('%s', async (_, startDate, wire) => {
		const outcome = await run({ ...STATEMENT, startDate });
		expect(outcome.error?.message).toBeUndefined();
		expect(bodies()).toEqual([{ card_id: 'card-1001', start_date: wire }]);
	});

	test.each([
		['yesterday', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-02-31T09:30:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-01-31T25:30:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-01-31T09:30:00+99:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['={{ 1738315800000 }}', /Start Date must be a date such as 2025-01-31, or a date and time/],
		["={{ DateTime.fromISO('nonsense') }}", /Start Date/],
	])('%s is refused', async (startDate, message) => {
		expect((await run({ ...STATEMENT, startDate })).error?.message).toMatch(message);
		expect(bodies()).toEqual([]);
	});
});
