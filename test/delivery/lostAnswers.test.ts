import { unknownRequestForms } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* An answer that is lost: the command is asked about before it is sent again, and never sent more than three times. */

const { sandbox, clock } = useSandboxWithClock();

const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

/** Faults that come in two kinds: before the command acted and after it, which no answer tells. */
const lost = [
	{ fault: 'stall', details: {} },
	{ fault: 'drop', details: {} },
	{ fault: 'drop', details: { reset: true } },
	{ fault: 'http500', details: {} },
	{ fault: 'http502', details: {} },
	{ fault: 'http503', details: {} },
	{ fault: 'http504', details: {} },
] as const;

describe('an unknown outcome', () => {
	test.each(lost)('$fault before acting $details: asked for, not known, sent again with the same bytes', async ({ fault, details }) => {
		sandbox.faults.add({ path: CLOSE, kind: `${fault}Before`, ...details });
		const json = done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(json).toHaveProperty('outcome', 'done');
		expect(effects()).toBe(1);
	});

	const afterOnly = ['html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'trickleHeadersAfter', 'gzipBombAfter', 'hugeAfter'] as const;
	test.each([...lost.map(({ fault, details }) => ({ kind: `${fault}After` as const, ...details })), ...afterOnly.map((kind) => ({ kind }))])(
		'$kind: asked for, known, taken over',
		async (fault) => {
			sandbox.faults.add({ path: CLOSE, ...fault });
			const json = done(await run());
			expect(wire(sandbox)).toEqual(['close', 'status']);
			expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success', outcome: 'done' });
			expect(effects()).toBe(1);
		},
	);

	test.each(Object.entries(unknownRequestForms))('the API says "not known" as %s: sent again', async (_, form) => {
		sandbox.settings.unknownRequest = form;
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(effects()).toBe(1);
	});

	test.each(['stallAfter', 'stallBefore'] as const)('%s and asking fails too: bounded, unknown, never sent again', async (kind) => {
		sandbox.faults.add({ path: CLOSE, kind }, { path: 'request/status', kind: 'dropBefore', times: 'always' });
		const { message, ...told } = failed(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(message).toMatch(/unknown whether FreedomPay carried out/);
		expect(told).toMatchObject({ outcome: 'unknown', request_id: sandbox.journal.all[0]?.requestId });
		expect(told.next_step).toMatch(/Before repeating it.*Get Status/);
		expect(effects()).toBe(kind === 'stallAfter' ? 1 : 0);
	});

	test('lost three times: never more than three sends', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore', times: 'always' });
		const { outcome } = failed(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'close', 'status']);
		expect(outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('not known although it arrives later: the repeat is refused, then recognised', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallAfter' }, { path: 'request/status', kind: 'rawBefore', body: { status: 'error', error_code: 1006 } });
		const json = done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status']);
		expect(json).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(effects()).toBe(1);
	});

	test('an answer about another request is not taken over', async () => {
		const other = { status: 'ok', request_status: 'success', request_id: '11111111-1111-4111-8111-111111111111' };
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' }, { path: 'request/status', kind: 'rawBefore', body: other, times: 'always' });
		expect(failed(await run()).outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('an answer of 200 MB is cut at 10 MB', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'hugeAfter' });
		done(await run());
		expect(sandbox.journal.to(CLOSE)[0]?.bytesSent).toBeLessThan(40 * 1024 * 1024);
	});

	test('an error that may be the question\'s own, while a send is in doubt: it stays unknown', async () => {
		sandbox.settings.statusOfFailedRequest = 'error';
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		// By chance the waits before the third question are shorter than the time that it is asked for at least; a fourth follows then.
		const clock = virtualClock({ sandbox, random: () => 0.5 });
		const { outcome, request_id: id } = failed(await run({ items: [{ card: 'no-such-card' }], clock }));
		expect(outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'status', 'status']);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId))).toEqual(new Set([id]));
	});
});

describe('the clock', () => {
	test('a time of day that jumps by a day changes nothing', async () => {
		let day = 0;
		const jumping = virtualClock({ sandbox, wallClock: () => clock.wallClock() + 86_400_000 * (day++ % 2 === 0 ? 1 : -1) });
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		const json = done(await run({ clock: jumping }));
		expect(json.request_status).toBe('success');
		expect(json.dt).toBe((sandbox.journal.all.at(-1)?.answer as { dt: string }).dt);
	});
});
