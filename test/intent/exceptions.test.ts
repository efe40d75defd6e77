import { useSandbox } from '../support/bench';
import { refund, refunded, retry, retryAfterCrash } from '../support/executions';
import { fatesOf } from '../support/items';
import { CLOSE, REFUND, SET_PIN } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* What n8n's reruns do not keep, as README says beside its promises: of no rule of this package's, but n8n tells it no more. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const refunds: Job = { parameters: refund, items: [10, 20, 30, 40].map((amount) => ({ amount, id: `r-${amount}` })), options: { maxParallelRequests: 1 } };
const byEvent = { eventId: '=crm-{{ $json.id }}' };
const pins: Job = { parameters: { operation: 'setPin' }, items: ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card })), options: { maxParallelRequests: 1 } };

const pinsSet = () => sandbox.ledger.all.filter(({ path }) => path === SET_PIN).length;

/** Runs refunds of which the third is refused. */
async function stopAtThird(job: Job) {
	sandbox.faults.add({ path: REFUND, kind: 'refuse', nth: 3 });
	return await runJob(sandbox, job);
}

describe('a Retry of the original execution after a first Retry', () => {
	test('does nothing again where no ID was edited', async () => {
		const first = await stopAtThird(refunds);
		const retries = [await retry(sandbox, refunds, first), await retry(sandbox, refunds, first)];
		for (const outcome of retries) expect(fatesOf(outcome, 4).every(({ done }) => done !== undefined)).toBe(true);
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40]);
	});

	test('does again what the first Retry sent, where IDs were edited between the two', async () => {
		const first = await stopAtThird(refunds);
		await retry(sandbox, refunds, first, { parameters: byEvent });
		await retry(sandbox, refunds, first);
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40, 30, 40]);
	});

	test('sets again the PINs that the first Retry set', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'refuse', nth: 2 });
		const first = await runJob(sandbox, pins);
		await retry(sandbox, pins, first);
		await retry(sandbox, pins, first);
		expect(pinsSet()).toBe(5);
	});
});

describe('after a crash', () => {
	test.each<[string, Job, typeof byEvent | { eventId: string }]>([
		['is added', refunds, byEvent],
		['is taken away', { ...refunds, parameters: { ...refund, ...byEvent } }, { eventId: '' }],
	])('everything is done again where an Event ID %s before the Retry', async (_, job, parameters) => {
		const first = await runJob(sandbox, job);
		await retryAfterCrash(sandbox, job, first, { parameters });
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40, 10, 20, 30, 40]);
	});

	test('everything is done again in an n8n that keeps no token of the execution, as 2.11.2', async () => {
		const job: Job = { ...refunds, run: { resumeToken: '' } };
		const first = await runJob(sandbox, job);
		await retryAfterCrash(sandbox, job, first);
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40, 10, 20, 30, 40]);
	});

	test('a PIN is set again, which has no request ID to be recognised by', async () => {
		const first = await runJob(sandbox, pins);
		await retryAfterCrash(sandbox, pins, first);
		expect(pinsSet()).toBe(6);
	});
});

describe('a sub-workflow that its caller runs again, as a new execution', () => {
	const called = async (executionId: string, parameters: Job['parameters'] = {}) =>
		await runJob(sandbox, { ...refunds, parameters: { ...refund, ...parameters }, run: { mode: 'integrated', executionId } });

	test('does everything again without Event IDs', async () => {
		for (const executionId of ['1', '2']) await called(executionId);
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40, 10, 20, 30, 40]);
	});

	test('does nothing again with them', async () => {
		for (const executionId of ['1', '2']) await called(executionId, byEvent);
		expect(refunded(sandbox)).toEqual([10, 20, 30, 40]);
	});
});

describe.each(['continueRegularOutput', 'continueErrorOutput'] as const)('Retry On Fail with %s', (onError) => {
	test.each([
		['the first item failed', 'card-1001', 2],
		['another item failed', 'card-1002', 1],
	])('where %s', async (_, card, tries) => {
		sandbox.faults.add({ path: CLOSE, card, kind: 'rateLimit', retryAfter: 1, times: 3 });
		const items = [{ card: 'card-1001' }, { card: 'card-1002' }];
		const outcome = await runJobContinuing(sandbox, { items, settings: { retryOnFail: true, maxTries: 3, onError }, options: { maxParallelRequests: 1 } });
		expect(outcome.tries).toBe(tries);
	});
});
