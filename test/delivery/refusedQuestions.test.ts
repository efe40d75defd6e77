import { useSandbox, wire } from '../support/bench';
import { fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJobContinuing } from '../support/runs';

/* The credential is refused when a command is asked about, not when it is sent. */

const sandbox = useSandbox();

const effects = () => sandbox.ledger.all.length;

describe.each([401, 403] as const)('HTTP %d to a question', (status) => {
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
	const kind = status === 401 ? 'unauthorized' : 'forbidden';

	test('the item says so, and the others refer to it', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' }, { path: STATUS, kind, times: 'always' });
		const fates = fatesOf(await runJobContinuing(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		const [first, second, third] = fates.map(({ failed: failure }) => failure);
		expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(['unknown', 'not_done', 'not_done']);
		expect(`${first?.message} ${first?.next_step}`).toContain(String(status));
		for (const skipped of [second, third]) expect(`${skipped?.message} ${skipped?.next_step}`).toMatch(/item 0|card-1001|asking|question|credential/i);
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(effects()).toBe(1);
	});

	test('while waiting for completion, the item is not called done', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' }, { path: STATUS, kind, times: 'always' });
		const fates = fatesOf(await runJobContinuing(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates[0]?.done?.request_status ?? fates[0]?.failed?.outcome).toMatch(/process|unknown/);
		expect(sandbox.journal.to(STATUS)).toHaveLength(1);
	});
});
