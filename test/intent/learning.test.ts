import { useSandbox, wire } from '../support/bench';
import { loop, refund, refunded, retry, retryAfterCrash } from '../support/executions';
import { fatesOf } from '../support/items';
import { CLOSE, REFUND, RESET_PIN_COUNTER, STATUS } from '../support/paths';
import { runJob, type Job } from '../support/runs';

/* What an execution learns of a command beside the plain cases, each of which the walks of `model.ts` came upon. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const under = (card: string): Job => ({ items: [{ card }], options: { requestId: UUID } });
const aRefund: Job = { parameters: refund, items: [{ amount: 10 }] };
const unasked = () => sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 3 });

test('a UUID whose check was turned away is checked anew, and another command\'s refusal is not taken for its own', async () => {
	sandbox.faults.add({ path: RESET_PIN_COUNTER, kind: 'errorRequestStatus' });
	await runJob(sandbox, { ...under('card-1001'), parameters: { operation: 'resetPinCounter' } });
	sandbox.faults.add({ path: STATUS, kind: 'unauthorized' });
	const first = await runJob(sandbox, { ...under('card-1001'), run: { executionId: '8' } });
	expect(first.error?.message).toMatch(/401/);
	const { error } = await retry(sandbox, under('card-1001'), first);
	expect(error?.message).toMatch(/used already/);
});

test('a refusal under a UUID stays known when the next try gets nowhere', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
	const job = under('card-1001');
	const first = await runJob(sandbox, job);
	unasked();
	const second = await retry(sandbox, job, first);
	expect(second.error?.message).toMatch(/not sent|could not/i);
	const { error } = await retry(sandbox, job, second);
	expect(error?.message).not.toMatch(/used already/);
});

test('after a crash, a refusal of before is not taken for the outcome of what was done since, though the answer is lost', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'errorRequestStatus' });
	const first = await runJob(sandbox, aRefund);
	await retry(sandbox, aRefund, first);
	expect(refunded(sandbox)).toEqual([10]);
	sandbox.faults.add({ path: REFUND, kind: 'dropBefore' });
	const again = await retryAfterCrash(sandbox, aRefund, first);
	expect(fatesOf(again, 1)[0]?.done).toMatchObject({ request_status: 'success' });
	expect(refunded(sandbox)).toEqual([10]);
});

test('that an ID is used up stays known when the next one did not go out', async () => {
	sandbox.faults.add({ path: REFUND, kind: 'errorRequestStatus' });
	unasked();
	const first = await runJob(sandbox, aRefund);
	expect(first.error?.message).toMatch(/unknown/i);
	// Told of the refusal, it may not be asked about the next ID.
	sandbox.faults.add({ path: STATUS, kind: 'dropBefore', nth: 2, times: 3 });
	const second = await retry(sandbox, aRefund, first);
	const before = wire(sandbox).length;
	const third = await retry(sandbox, aRefund, second);
	expect(fatesOf(third, 1)[0]?.done).toBeDefined();
	expect(wire(sandbox).slice(before)).toEqual(['status', 'refund']);
});

describe('a command that comes back from the error output, and nothing but its ID tells that it is the same', () => {
	const ids = [1, 2, 3].map((n) => UUID.replace(/.$/, String(n)));
	const items = ids.map((id, n) => ({ amount: 10 + n, id }));
	/** As a node does that puts items together and keeps no pairs. */
	const unpaired = () => [{ json: { amount: 10, id: ids[0] } }, { json: { amount: 40, id: UUID } }];
	const given: Array<[string, Job]> = [
		['of an event', { parameters: { ...refund, eventId: '={{ $json.id }}' } }],
		['under a UUID', { parameters: refund, options: { requestId: '={{ $json.id }}', maxParallelRequests: 1 } }],
	];
	test.each(given)('%s is asked about before it is sent, and its own request is not called another\'s', async (_, job) => {
		// Of each of the first run. A UUID is asked about once before it is sent.
		const asked = job.options === undefined ? 0 : 1;
		const lost = new Set<string>();
		sandbox.faults.plan(({ path, requestId = '', occurrence }) => {
			if (path === REFUND && occurrence === 1 && lost.size < 3) {
				lost.add(requestId);
				return { kind: 'dropAfter' };
			}
			return path === STATUS && lost.has(requestId) && occurrence <= asked + 3 ? { kind: 'dropBefore' } : undefined;
		});
		const { runs } = await loop(sandbox, { options: { maxParallelRequests: 1 }, items, ...job, change: unpaired });
		expect(runs.at(-1)?.[0]?.map(({ json }) => json.request_status)).toEqual(['success', 'success']);
		expect(sandbox.journal.to(REFUND)).toHaveLength(4);
		expect(refunded(sandbox)).toEqual([10, 11, 12, 40]);
	});
});
