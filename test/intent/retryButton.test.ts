import { useSandbox } from '../support/bench';
import { retryDataOf } from '../support/engine';
import { pinsOf, setPins } from '../support/executions';
import { done, fatesOf } from '../support/items';
import { CLOSE, SET_PIN, STATUS, UPDATE } from '../support/paths';
import { runJob, type Job } from '../support/runs';

/* n8n's button Retry, and an execution that is resumed: an uncorrected command is the same, a corrected one is another. */

const sandbox = useSandbox();

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const closed = (card: string) => sandbox.ledger.effectsOn(card, CLOSE).length;
const typed = (card: string, job: Job = {}): Job => ({ items: [{ card }], options: { requestId: UUID }, ...job });

describe('the button Retry', () => {
	/** Runs a job that fails, and runs it again in a new execution with the data of the first. */
	async function again(first: Job, second: Job) {
		const { run, error } = await runJob(sandbox, { ...first, run: { executionId: '1' } });
		expect(error).toBeDefined();
		const { parameters = {}, ...rest } = second;
		const resumed = { executionId: '2', resume: retryDataOf(run), loadWorkflow: true };
		return await runJob(sandbox, { ...first, ...rest, parameters: { ...first.parameters, ...parameters }, run: resumed });
	}

	/** A first execution that cannot say what became of its command. */
	const unheard = (path: string, kind: 'dropBefore' | 'dropAfter' = 'dropAfter') =>
		sandbox.faults.add({ path, kind }, { path: STATUS, kind: 'dropBefore', times: 3 });

	test.each(['dropBefore', 'dropAfter'] as const)('takes an uncorrected command over: same ID, one effect (%s)', async (kind) => {
		unheard(CLOSE, kind);
		done(await again({}, {}));
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(1);
		expect(closed('card-1001')).toBe(1);
	});

	test('a corrected card is another command', async () => {
		unheard(CLOSE);
		const json = done(await again({}, { parameters: { cardId: 'card-1002' } }));
		expect(json).toMatchObject({ card_id: 'card-1002', request_status: 'success' });
		expect(json).toHaveProperty('outcome', 'done');
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 1]);
		expect(new Set(sandbox.journal.to(CLOSE).map(({ requestId }) => requestId)).size).toBe(2);
	});

	test('corrected content is another command too', async () => {
		const update = (iban: string): Job => ({ parameters: { operation: 'update', accounts: { account: [{ iban, currency: 'KZT', type: 'IBAN' }] } } });
		unheard(UPDATE);
		const json = done(await again(update('KZ86125KZT5004100100'), update('ES7921000813610123456789')));
		expect(json).toHaveProperty('outcome', 'done');
		expect(sandbox.state().cards['card-1001']?.accounts).toMatchObject([{ iban: 'ES7921000813610123456789' }]);
		expect(new Set(sandbox.ledger.all.map(({ requestId }) => requestId)).size).toBe(2);
	});

	test('a typed UUID in doubt that is used for a corrected card is not that card\'s', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', nth: 2, times: 3 });
		const outcome = await again(typed('card-1001'), { parameters: { cardId: 'card-1002' } });
		expect(outcome.error?.message).toMatch(/Request ID is used already/);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 0]);
	});

	test('a PIN whose outcome is unknown is not set again', async () => {
		unheard(SET_PIN);
		const { error } = await again(setPins('card-1001'), {});
		expect(error?.message).toMatch(/unknown/i);
		expect(pinsOf(sandbox, 'card-1001')).toEqual([[1, 1]]);
	});

	test('a PIN for a corrected card is another command', async () => {
		unheard(SET_PIN);
		done(await again(setPins('card-1001'), { parameters: { cardId: 'card-1002' } }));
		expect(pinsOf(sandbox, 'card-1001', 'card-1002')).toEqual([[1, 1], [1, 1]]);
	});
});

test('an execution that is resumed does not repeat what has no request ID', async () => {
	sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rateLimit', retryAfter: 1, times: 3 });
	const job: Job = setPins('card-1001', 'card-1002');
	const { run } = await runJob(sandbox, job);
	const outcome = await runJob(sandbox, { ...job, run: { resume: retryDataOf(run) } });
	expect(fatesOf(outcome, 2).map(({ done: json }) => json?.request_status)).toEqual(['success', 'success']);
	expect(pinsOf(sandbox, 'card-1001', 'card-1002')).toEqual([[1, 1], [4, 1]]);
});
