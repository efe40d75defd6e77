import { useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { runJob, runJobContinuing } from '../support/runs';

/* When the credential is looked up, and what happens when it cannot be used. */

const sandbox = useSandbox({}, { isSigned: false });

describe('the credential', () => {
	test('is looked up once for many items', async () => {
		const items = Array.from({ length: 10 }, (_, index) => ({ card: `card-${1001 + index}` }));
		const outcome = await runJob(sandbox, { items });
		expect(stored(outcome)[0]).toHaveLength(10);
		expect(outcome.credentialLookups).toBe(1);
		expect(outcome.authentications).toBe(10);
	});

	test.each([
		['no Auth ID', { authId: '' }, /Auth ID.*empty/],
		['no Partner Key', { partnerKey: '  ' }, /Partner Key.*empty/],
		['a Base URL with a path', { baseUrl: 'https://api.freedompay.kg/v5' }, /end after the host/],
		['a Base URL without TLS', { baseUrl: 'http://api.freedompay.kg' }, /https:\/\//],
	])('with %s stops the node, saying what to do', async (_kind, wrong, message) => {
		for (const onError of ['stopWorkflow', 'continueErrorOutput'] as const) {
			const outcome = await runJob(sandbox, { credential: { ...wrong }, settings: { onError } });
			const [[item, told] = []] = failedItems(outcome);
			expect(outcome.error?.message ?? told?.message).toMatch(message);
			expect([item, told?.outcome]).toEqual(onError === 'stopWorkflow' ? [undefined, undefined] : [0, 'not_done']);
			expect(outcome.items[0] ?? []).toEqual([]);
		}
		expect(sandbox.gauges.connectionsOpened).toBe(0);
	});

	test('refused for one item starts no further one', async () => {
		const items = Array.from({ length: 10 }, (_, index) => ({ card: `card-${1001 + index}` }));
		const outcome = await runJobContinuing(sandbox, { parameters: { options: { maxParallelRequests: 1 } }, items, credential: { partnerKey: 'wrong' } });
		expect(stored(outcome)[0]).toEqual([]);
		const failed = failedItems(outcome);
		expect(failed.map(([item]) => item)).toEqual(items.map((_, item) => item));
		expect(failed.map(([, { outcome: what }]) => what)).toEqual(['not_done', ...Array.from({ length: 9 }, () => 'not_done')]);
		expect(failed[0]?.[1].message).toMatch(/refused the credential "FreedomPay API" \(HTTP 401\)/);
		expect(sandbox.journal.all).toHaveLength(1);
	});
});
