import { startSandbox } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { failed, fatesOf } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* An answer that says what became of a command, a refused credential and a redirect included. */

const { sandbox, clock } = useSandboxWithClock();

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('a clear answer', () => {
	test('401: one request, the credential is named, no further item is started', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const fates = fatesOf(await run({ items, options: { maxParallelRequests: 1 } }), 3);
		expect(wire(sandbox)).toEqual(['close']);
		expect(fates.map(({ failed: told }) => [told?.outcome, told?.card_id, told?.message])).toEqual([
			['not_done', 'card-1001', expect.stringMatching(/refused the credential "FreedomPay API" \(HTTP 401\)/)],
			['not_done', 'card-1002', expect.stringMatching(/^Not sent: .*refused the credential "FreedomPay API" \(HTTP 401\), first for item 0/)],
			['not_done', 'card-1003', expect.stringMatching(/^Not sent: .*refused the credential "FreedomPay API" \(HTTP 401\), first for item 0/)],
		]);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('403: as 401', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'forbidden' });
		expect(failed(await run())).toMatchObject({ outcome: 'not_done', http_status: 403 });
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('404 with a web page: a wrong path or environment', async () => {
		sandbox.faults.add({ kind: 'notFound', times: 'always' });
		const { message, next_step: next } = failed(await run());
		expect(message).toMatch(/does not know the path .*card\/close \(HTTP 404\)/);
		expect(next).toMatch(/Environment/);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('404 with JSON: the API speaks', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'notFoundJson' });
		expect(failed(await run()).message).toMatch(/rejected the request \(HTTP 404\)/);
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('409, and not known for five seconds: the API may have it, unknown, never a new id', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'conflict' });
		expect(failed(await run())).toMatchObject({ outcome: 'unknown', http_status: 409 });
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(clock.now()).toBeGreaterThanOrEqual(5_000);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(1);
	});

	test('HTTP 500 with a web page: its first 200 characters as text, no HTML in the message', async () => {
		sandbox.faults.add({ kind: 'http500Before', times: 'always' });
		const { message, http_status: status, response } = failed(await run());
		expect(message).not.toMatch(/[<>]/);
		expect(status).toBe(500);
		expect(response).not.toMatch(/[<>]/);
		expect(response?.length).toBeLessThanOrEqual(200);
		expect(response?.length).toBeGreaterThan(0);
	});

	test('status error: asked, then failed with the API\'s own fields', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_code: 77, error_description: 'card is frozen' } });
		const { message, ...told } = failed(await run());
		expect(message).toBe('FreedomPay answered that the request failed: card is frozen (error 77)');
		expect(told).toMatchObject({ outcome: 'refused', answer: { error_code: 77, error_description: 'card is frozen' } });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('ok with request_status error: failed', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
		expect(failed(await run()).outcome).toBe('refused');
	});

	test('an unknown status word, for good: no outcome', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unknownRequestStatus' });
		const { outcome, next_step: next } = failed(await run());
		expect(outcome).toBe('unknown');
		expect(next).toMatch(/does not list \(status "ok", request_status "undocumented"\)/);
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
	});

	test.each([301, 302, 303, 304, 307, 308])('redirect %d: not followed, asked about, the host is named', async (status) => {
		const other = await startSandbox();
		sandbox.faults.add({ path: CLOSE, kind: 'redirect', status, location: `${other.url}${CLOSE}` });
		const { message, ...told } = failed(await run());
		expect(message).toContain(`127.0.0.1:${other.port}`);
		expect(told).toMatchObject({ outcome: 'not_done', http_status: status });
		expect(other.gauges.connectionsOpened).toBe(0);
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(sandbox.ledger.all).toEqual([]);
		await other.stop();
	});
});
