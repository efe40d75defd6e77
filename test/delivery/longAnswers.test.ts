import { useSandbox } from '../support/bench';
import { countCpu } from '../support/cpu';
import { failed } from '../support/items';
import { CLOSE, SET_PIN } from '../support/paths';
import { runJobContinuing } from '../support/runs';
import { LONG_ANSWER } from '../support/size';

/* A long answer costs no more than in proportion to its length. */

const sandbox = useSandbox();

/** The processor time that something takes, whatever else the machine does. */
async function costOf(run: () => Promise<unknown>): Promise<number> {
	const soFar = countCpu();
	await run();
	return soFar();
}

describe('a long answer', () => {
	const parts = ['<', '<a ', '<style>', '<script ', '<!--', ' ', 'eyJ', 'eyJhbGciOi.'];

	/** A cost that grows with the square shows at 60 kB, and would never end at the size of a long answer. */
	async function expectCheap(run: (size: number) => Promise<unknown>): Promise<void> {
		await run(600);
		const small = await costOf(async () => await run(600));
		expect((await costOf(async () => await run(60_000))) / small).toBeLessThan(20);
		await run(LONG_ANSWER);
	}

	test.each(parts)('of %j as an error page costs no more than a small one', async (part) => {
		await expectCheap(async (size) => {
			sandbox.reset();
			sandbox.faults.add({ kind: 'rawBefore', status: 500, body: part.repeat(size / part.length), headers: { 'content-type': 'text/html' }, times: 'always' });
			const { outcome, http_status: status, response = '' } = failed(await runJobContinuing(sandbox));
			expect([outcome, status]).toEqual(['unknown', 500]);
			expect(response.length).toBeLessThanOrEqual(200);
		});
	});

	test.each(parts)('of %j as a refusal in words costs no more than a small one', async (part) => {
		await expectCheap(async (size) => {
			sandbox.reset();
			const body = { status: 'error', request_status: 'error', error_code: 7, error_description: part.repeat(size / part.length) };
			sandbox.faults.add({ path: CLOSE, kind: 'rawBefore', status: 400, body }, { path: SET_PIN, kind: 'rawBefore', status: 400, body });
			expect(failed(await runJobContinuing(sandbox)).outcome).toBe('refused');
			expect(failed(await runJobContinuing(sandbox, { parameters: { operation: 'setPin', additionalFields: { pin: 'c2VjcmV0LXBpbi1ibG9jaw==' } } })).outcome).toBe('refused');
		});
	});
});
