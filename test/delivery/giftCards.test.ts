import type { FaultKind } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { failed, success } from '../support/items';
import { GIFT } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* A gift card confirmation carries no request ID: it is sent once. */

const sandbox = useSandbox();

const confirm: Job = { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } };
const lost = ['stallBefore', 'stallAfter', 'dropBefore', 'dropAfter', 'http500Before', 'http502After', 'html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'hugeAfter'] as const satisfies readonly FaultKind[];

describe('a gift card confirmation', () => {
	test.each(lost)('%s: sent once, unknown, with a way to check', async (kind) => {
		sandbox.faults.add({ path: GIFT, kind });
		const told = failed(await runJobContinuing(sandbox, confirm));
		expect(wire(sandbox)).toEqual(['activate_card']);
		expect(told.message).toMatch(/unknown whether FreedomPay carried out the command \(Confirm\)/);
		expect(told.outcome).toBe('unknown');
		expect(told.next_step).toMatch(/Check the gift card first.*status -10/);
		expect(JSON.stringify(told)).not.toContain('1234');
	});

	test('429: sent again', async () => {
		sandbox.faults.add({ path: GIFT, kind: 'rateLimit', retryAfter: 1 });
		expect(success(await runJobContinuing(sandbox, confirm))).toMatchObject({ status: 0, card_id: 555 });
		expect(wire(sandbox)).toEqual(['activate_card', 'activate_card']);
	});

	test('never sent: tried three times', async () => {
		const clock = virtualClock({ sandbox });
		expect(failed(await runJobContinuing(sandbox, { ...confirm, clock, credential: { baseUrl: 'http://127.0.0.1:1' } })).outcome).toBe('not_done');
		expect(clock.sleeps).toHaveLength(2);
	});

	test.each([
		['a wrong code', { otp: '9999' }, /incorrect OTP \(status -8\)/],
		['an unknown card', { cardId: 999 }, /not found card ID \(status -7\)/],
	])('%s: failed, in the words of the dictionary', async (_, parameters, words) => {
		const { message, outcome } = failed(await runJobContinuing(sandbox, { parameters: { ...confirm.parameters, ...parameters } }));
		expect(message).toMatch(words);
		expect(outcome).toBe('refused');
		expect(wire(sandbox)).toEqual(['activate_card']);
	});

	test('an answer without a status is not called done', async () => {
		sandbox.faults.add({ path: GIFT, kind: 'rawAfter', body: { datetime: '2025-01-01 00:00:00' } });
		expect(failed(await runJobContinuing(sandbox, confirm)).outcome).toBe('unknown');
	});
});
