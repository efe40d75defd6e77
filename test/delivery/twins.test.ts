import { repeatedRequestIdForms } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { failed, fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* Two deliveries at the same moment, while what request/status says is behind what was done. */

const { sandbox, clock } = useSandboxWithClock();

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const cards = Array.from({ length: 8 }, (_, index) => `card-10${String(index + 1).padStart(2, '0')}`);

/** Runs the same job in two executions at once, which both have sent before either is answered. */
async function twice(job: Job) {
	const items = job.items ?? [{}];
	sandbox.gate.hold(2 * items.length, CLOSE);
	const options = { maxParallelRequests: 100, ...job.options };
	const outcomes = await Promise.all(['1', '2'].map((executionId) => runJobContinuing(sandbox, { clock, ...job, options, run: { executionId } })));
	return outcomes.map((outcome) => fatesOf(outcome, items.length));
}

describe.each([300, 3_000])('one event delivered twice at the same moment, while the status is %d ms behind', (statusLagMs) => {
	beforeEach(() => {
		sandbox.settings.statusLagMs = statusLagMs;
	});

	test.each(Object.entries(repeatedRequestIdForms))('repeats refused as %s: one effect each, and no answer denies it', async (_, form) => {
		sandbox.settings.repeatedRequestId = form;
		const fates = await twice({ items: cards.map((card) => ({ card })), parameters: { eventId: '=crm-{{ $json.card }}' } });
		for (const [index, card] of cards.entries()) {
			const [one, other] = fates.map((each) => each[index]?.done);
			expect([one?.request_status, other?.request_status]).toEqual(['success', 'success']);
			expect(one?.request_id).toBe(other?.request_id);
			// One of the two did it.
			expect([one?.outcome, other?.outcome].sort()).toEqual(['done', 'done_before']);
			expect(sandbox.ledger.effectsOn(card, CLOSE)).toHaveLength(1);
		}
	});

	test('under a typed UUID: one effect, and the other is not told as refused', async () => {
		sandbox.gate.hold(2, STATUS);
		const outcomes = ['1', '2'].map((executionId) => runJobContinuing(sandbox, { clock, options: { requestId: UUID }, run: { executionId } }));
		const fates = (await Promise.all(outcomes)).map((outcome) => fatesOf(outcome, 1)[0]);
		const [second] = fates.flatMap((fate) => (fate?.failed === undefined ? [] : [fate.failed]));
		expect(fates.filter((fate) => fate?.done !== undefined)).toHaveLength(1);
		expect(second).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', request_status_answer: { request_status: 'success' } });
		expect(second?.message).toMatch(/used already.*success.*this very command/);
		expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
	});
});

describe('a status that stays behind for longer than anybody asks', () => {
	beforeEach(() => {
		sandbox.settings.statusLagMs = 3_600_000;
	});

	test('an event refused as a repeat is unknown, after three questions over five seconds', async () => {
		const fates = await twice({ parameters: { eventId: 'crm-event-4711' } });
		expect(fates.map(([fate]) => fate?.failed?.outcome ?? 'done').sort()).toEqual(['done', 'unknown']);
		const asked = sandbox.journal.to(STATUS).map(({ at }) => at);
		expect(asked.length).toBeGreaterThanOrEqual(3);
		expect((asked.at(-1) ?? 0) - (asked[0] ?? 0)).toBeGreaterThanOrEqual(5_000);
		expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
	});

	test("an ID of the node's making that is refused as a repeat is unknown too", async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_code: 1002 } });
		expect(failed(await runJobContinuing(sandbox, { clock })).outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
	});
});

describe('a refusal that does not speak of a repeat, and is not known', () => {
	const refusal = { path: CLOSE, kind: 'refuse', body: { error_description: 'the card is frozen' } } as const;

	test("under an ID of the node's making it stands at once", async () => {
		sandbox.faults.add(refusal);
		expect(failed(await runJobContinuing(sandbox, { clock })).outcome).toBe('refused');
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test.each<[string, Job, string[]]>([
		['an event', { parameters: { eventId: 'e-1' } }, ['close', 'status', 'status', 'status']],
		['a typed UUID', { options: { requestId: UUID } }, ['status', 'close', 'status', 'status', 'status']],
	])('of %s it stands after three questions over five seconds', async (_, job, expected) => {
		sandbox.faults.add(refusal);
		expect(failed(await runJobContinuing(sandbox, { clock, ...job }))).toMatchObject({ outcome: 'refused', answer: { error_description: 'the card is frozen' } });
		expect(wire(sandbox)).toEqual(expected);
		expect(clock.now()).toBeGreaterThanOrEqual(5_000);
	});
});

test('while a refusal waits for its status, other items go out', async () => {
	sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'refuse' });
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
	await runJobContinuing(sandbox, { clock, items, parameters: { eventId: '=e-{{ $json.card }}' }, options: { maxParallelRequests: 1 } });
	expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'close', 'status', 'status']);
});
