import { useSandbox } from '../support/bench';
import { outgrows } from '../support/growth';
import { failed } from '../support/items';
import { CLOSE, SET_PIN } from '../support/paths';
import { runJobContinuing } from '../support/runs';
import { LONG_ANSWER } from '../support/size';

/* A long answer costs no more than in proportion to its length. */

const sandbox = useSandbox();

describe('a long answer', () => {
	const parts = ['<', '<a ', '<style>', '<script ', '<!--', ' ', 'eyJ', 'eyJhbGciOi.'];

	async function expectCheap(run: (size: number) => Promise<unknown>): Promise<void> {
		await run(600);
		// A microsecond per sign. Where the time grows with the square, it takes many seconds or never ends.
		expect(await outgrows(async () => await run(LONG_ANSWER), async () => await run(600), 1, LONG_ANSWER / 1000)).toBe(false);
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
