import { STATES_BY_WORD } from '../../nodes/card-api/methods/statusWords';
import { startSandbox, unknownRequestForms, type Sandbox } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { done, failed, stored } from '../support/items';
import { CLOSE, LINK, STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock, type VirtualClock } from '../support/virtualClock';

/* What request/status says, and when it counts. */

const sandbox = useSandbox();

const closed = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

/** Whatever is asked, this is answered. */
const answer = (body: Record<string, unknown>, times: number | 'always' = 'always', nth = 1) =>
	sandbox.faults.add({ path: STATUS, kind: 'rawBefore', body: { status: 'ok', dt: '2025-01-01T00:01:01+00:30', ...body }, times, nth });

const ERROR = { status: 'error', request_status: 'error' };

/** Answers that say nothing of the request that was asked about. */
const noAnswers: Array<[string, Record<string, unknown>]> = [
	['null', { request_status: null }],
	['empty text', { request_status: '' }],
	['a space', { request_status: ' ' }],
	['"not_found"', { request_status: 'not_found' }],
	['"created"', { request_status: 'created' }],
	['"ok"', { request_status: 'ok' }],
	['"successful"', { request_status: 'successful' }],
	['0', { request_status: 0 }],
	['1', { request_status: 1 }],
	['2', { request_status: 2 }],
	['true', { request_status: true }],
	['a list', { request_status: ['success'] }],
	['missing', {}],
	['missing, with the card', { cards: [{ card_id: 'card-1001' }] }],
	["another card's success", { request_status: 'success', cards: [{ card_id: 'card-1002' }] }],
	["another card's failure", { request_status: 'error', cards: [{ card_id: 'card-1002' }] }],
	["another card's, in process", { request_status: 'process', cards: [{ card_id: 'card-1002' }] }],
	["another request's success", { request_status: 'success', request_id: '11111111-1111-4111-8111-111111111111' }],
];

describe('after a send whose answer is lost', () => {
	test.each(noAnswers)('%s is no answer: asked again, then unknown', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		answer(body);
		expect(failed(await runJobContinuing(sandbox)).outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(closed()).toBe(0);
	});

	test.each(noAnswers)('%s, and then an answer: that one counts', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		answer(body, 2);
		expect(done(await runJobContinuing(sandbox))).toMatchObject({ card_id: 'card-1001', request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(closed()).toBe(1);
	});

	test("another client's link is no answer to a Link", async () => {
		sandbox.faults.add({ path: LINK, kind: 'dropBefore' });
		answer({ request_status: 'success', client_id: 'client-2002' });
		expect(failed(await runJobContinuing(sandbox, { parameters: { operation: 'linkClient', clientId: 'client-2001' } })).outcome).toBe('unknown');
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('one of several cards being this one is an answer', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		answer({ request_status: 'success', cards: [{ card_id: 'card-1002' }, { card_id: 'card-1001' }] });
		expect(done(await runJobContinuing(sandbox)).outcome).toBe('done');
	});

	test.each([
		['success', { status: 'OK', request_status: 'SUCCESS' }],
		['success, in mixed letters', { status: 'Ok', request_status: 'Success' }],
	])('capitals count: %s', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		answer({ ...body, cards: [{ card_id: 'card-1001' }] });
		const outcome = await runJobContinuing(sandbox);
		expect(done(outcome).outcome).toBe('done');
		expect(outcome.hints).toEqual([]);
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('capitals count: failure', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		answer({ status: 'OK', request_status: 'ERROR', cards: [{ card_id: 'card-1001' }] });
		expect(failed(await runJobContinuing(sandbox)).outcome).toBe('refused');
	});
});

describe("the command's own answer in capitals", () => {
	const answered = (body: Record<string, unknown>, kind: 'rawBefore' | 'rawAfter') =>
		sandbox.faults.add({ path: CLOSE, kind, body: { dt: '2025-01-01T00:01:01+00:30', ...body } });

	test('success is no unknown word', async () => {
		answered({ status: 'OK', request_status: 'SUCCESS' }, 'rawAfter');
		const outcome = await runJobContinuing(sandbox);
		done(outcome);
		expect(outcome.hints.map(({ message }) => message).join()).not.toMatch(/does not list/);
		expect(closed()).toBe(1);
	});

	test('failure is a failure', async () => {
		answered({ status: 'ERROR', request_status: 'ERROR', error_code: 77 }, 'rawBefore');
		expect(failed(await runJobContinuing(sandbox))).toMatchObject({ outcome: 'refused', answer: { error_code: 77 } });
		expect(closed()).toBe(0);
	});

	test('process is waited for', async () => {
		sandbox.settings.processingMs = 1;
		answered({ status: 'OK', request_status: 'PROCESS' }, 'rawAfter');
		expect(done(await runJobContinuing(sandbox)).request_status).toBe('success');
		expect(wire(sandbox)[1]).toBe('status');
	});
});

/** Answers to a command that tell no outcome: status words that nobody documents, or another's. */
const noOutcomes: Array<[string, Record<string, unknown>]> = [
	['"failed"', { status: 'failed' }],
	['"declined"', { status: 'declined', request_status: 'declined' }],
	['"pending"', { request_status: 'pending' }],
	['"ok" with "done"', { status: 'ok', request_status: 'done' }],
	['"rejected" with "success"', { status: 'rejected', request_status: 'success' }],
	['"error" with "canceled"', { status: 'error', request_status: 'canceled' }],
	['0', { status: 0 }],
	['true', { status: true, request_status: 'success' }],
	['a list', { status: ['ok'], request_status: 'success' }],
	['an object', { status: 'ok', request_status: { is: 'success' } }],
	["another card's success", { status: 'ok', request_status: 'success', cards: [{ card_id: 'card-1002' }] }],
	["another card's, not in a list", { status: 'ok', request_status: 'success', card_id: 'card-1002' }],
	["another card's failure", { status: 'ok', request_status: 'error', cards: [{ card_id: 'card-1002' }] }],
	["another card's, in process", { status: 'ok', request_status: 'process', cards: [{ card_id: 'card-1002' }] }],
	["another request's success", { status: 'ok', request_status: 'success', request_id: '11111111-1111-4111-8111-111111111111' }],
];

describe('a word that is not documented, or an answer about another, in answer to a command', () => {
	const answered = (body: Record<string, unknown>, kind: 'rawBefore' | 'rawAfter') =>
		sandbox.faults.add({ path: CLOSE, kind, body: { dt: '2025-01-01T00:01:01+00:30', ...body } });

	test.each(noOutcomes)('%s, and it was done: asked, done', async (_, body) => {
		answered(body, 'rawAfter');
		const outcome = await runJobContinuing(sandbox);
		expect(done(outcome)).toMatchObject({ status: 'ok', request_status: 'success', card_id: 'card-1001' });
		expect(outcome.hints).toEqual([]);
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(closed()).toBe(1);
	});

	test.each(noOutcomes)('%s, and it failed: asked, failed', async (_, body) => {
		answered(body, 'rawAfter');
		expect(failed(await runJobContinuing(sandbox, { items: [{ card: 'no-such-card' }] }))).toMatchObject({ outcome: 'refused', message: expect.stringMatching(/card not found/) as unknown });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test.each(noOutcomes)('%s, and the API does not know it: unknown, not sent again', async (_, body) => {
		answered(body, 'rawBefore');
		expect(failed(await runJobContinuing(sandbox)).outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
	});

	test('while the status is behind: asked again, done', async () => {
		const clock = virtualClock();
		const late = await startSandbox({ now: () => clock.wallClock(), statusLagMs: 3_000 });
		late.faults.add({ path: CLOSE, kind: 'rawAfter', body: { status: 'pending' } });
		expect(done(await runJobContinuing(late, { clock })).request_status).toBe('success');
		await late.stop();
	});

	test('the words are shown', async () => {
		answered({ status: 'failed', request_status: 'declined' }, 'rawBefore');
		const { next_step: next, code } = failed(await runJobContinuing(sandbox));
		expect(next).toMatch(/does not list \(status "failed", request_status "declined"\)/);
		expect(code).toBe('UNDOCUMENTED_STATUS');
	});

	test.each(noOutcomes.filter(([name]) => !name.startsWith('another')))('%s to a command without a request ID: unknown', async (_, body) => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'rawAfter', body });
		expect(failed(await runJobContinuing(sandbox, { parameters: { operation: 'setPin' } })).outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test('another card to a command without a request ID: unknown', async () => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'rawAfter', body: { status: 'ok', request_status: 'success', card_id: 'card-1002' } });
		expect(failed(await runJobContinuing(sandbox, { parameters: { operation: 'setPin' } })).outcome).toBe('unknown');
	});

	test.each(['failed', 'undocumented'])('a read passes it on, with a hint: %s', async (word) => {
		sandbox.faults.add({ path: 'card/info', kind: 'rawAfter', body: { status: 'ok', request_status: word } });
		const outcome = await runJobContinuing(sandbox, { parameters: { operation: 'get' } });
		expect(done(outcome).request_status).toBe(word);
		expect(outcome.hints.map(({ message }) => message).join()).toMatch(/does not list/);
	});
});

describe('status words come out in small letters', () => {
	const CAPITALS = { status: 'OK', request_status: 'SUCCESS' };

	test('of a command', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: CAPITALS });
		expect(done(await runJobContinuing(sandbox))).toMatchObject({ status: 'ok', request_status: 'success' });
	});

	test('of a command that was asked about', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		answer({ ...CAPITALS, cards: [{ card_id: 'card-1001' }] });
		expect(done(await runJobContinuing(sandbox))).toMatchObject({ status: 'ok', request_status: 'success' });
	});

	test('of one in process', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: { status: 'OK', request_status: ' Process ' } });
		expect(done(await runJobContinuing(sandbox, { parameters: { waitForCompletion: false } }))).toMatchObject({ status: 'ok', request_status: 'process' });
	});

	test('of a read, and other words as they came', async () => {
		sandbox.faults.add({ path: 'card/info', kind: 'rawAfter', body: { ...CAPITALS, cards: [{ status: 'ACTIVE' }], card_status: 'OK' } });
		expect(done(await runJobContinuing(sandbox, { parameters: { operation: 'get', simplify: false } }))).toMatchObject({ status: 'ok', request_status: 'success', cards: [{ status: 'ACTIVE' }], card_status: 'OK' });
	});
});

describe('while a command is processing', () => {
	const accepted = () => sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: { status: 'ok', request_status: 'process', dt: '2025-01-01T00:01:01+00:30' } });
	const job = (): Job & { clock: VirtualClock } => ({ clock: virtualClock({ sandbox }), options: { maxWaitSeconds: 60 } });

	test.each(noAnswers)('%s is no answer: asked on', async (_, body) => {
		accepted();
		answer(body, 2);
		expect(done(await runJobContinuing(sandbox, job()))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(closed()).toBe(1);
	});

	test.each(noAnswers)('%s to the end of the wait: still processing', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		answer(body);
		expect(failed(await runJobContinuing(sandbox, job())).outcome).toBe('processing');
		expect(closed()).toBe(0);
	});

	test('an error that may be the question\'s own, twice within seconds, is not the command\'s', async () => {
		accepted();
		answer(ERROR, 2);
		expect(done(await runJobContinuing(sandbox, job()))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
	});

	test('twice, a good answer, and twice again: it starts anew', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		answer(ERROR, 2);
		answer({ request_status: 'process' }, 1, 3);
		answer(ERROR, 2, 4);
		answer({ request_status: 'success' }, 'always', 6);
		expect(done(await runJobContinuing(sandbox, job())).request_status).toBe('success');
	});

	test('the same for 15 seconds, three times at least, is the command\'s', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		answer(ERROR);
		const { clock, ...rest } = job();
		expect(failed(await runJobContinuing(sandbox, { ...rest, clock })).outcome).toBe('refused');
		expect(sandbox.journal.to(STATUS).length).toBeGreaterThanOrEqual(3);
		// From the first question on.
		const [, ...between] = clock.sleeps;
		expect(between.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(15_000);
		expect(closed()).toBe(0);
	});

	test('the same until a short wait ends is no failure', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
		answer(ERROR);
		expect(failed(await runJobContinuing(sandbox, { ...job(), options: { maxWaitSeconds: 8 } })).outcome).toBe('processing');
	});
});

describe('while a send is on its way', () => {
	/** The first send is cut off and arrives only when the gate is opened; what follows, the API refuses for another reason. */
	const lostThen = (refusal: Parameters<Sandbox['faults']['add']>[0]) => sandbox.faults.add({ path: CLOSE, kind: 'late' }, { ...refusal, path: CLOSE, times: 'always' });
	const refusals = [
		['HTTP 423', { kind: 'rawBefore', status: 423, body: { ...ERROR, error_description: 'the card is locked' } }],
		['an error', { kind: 'refuse' }],
		['HTTP 409', { kind: 'conflict' }],
	] as const;

	test.each(refusals.flatMap(([name, refusal]) => Object.keys(unknownRequestForms).map((form) => [name, form as keyof typeof unknownRequestForms, refusal] as const)))(
		'%s to the repeat, "not known" as %s: unknown, and the first one arrives later',
		async (_, form, refusal) => {
			sandbox.settings.unknownRequest = unknownRequestForms[form];
			lostThen(refusal);
			const told = failed(await runJobContinuing(sandbox));
			expect([told.outcome, closed()]).toEqual(['unknown', 0]);
			expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId))).toEqual(new Set([told.request_id]));
			sandbox.gate.open();
			while (closed() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
		},
	);

	test('an error that may be the question\'s own, for ever: unknown, and the first one arrives later', async () => {
		lostThen({ kind: 'dropBefore' });
		answer(ERROR);
		expect(failed(await runJobContinuing(sandbox)).outcome).toBe('unknown');
		sandbox.gate.open();
		while (closed() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
	});

	test('a repeat that acts, and the first one arriving later: one effect', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'late' });
		expect(done(await runJobContinuing(sandbox))).toMatchObject({ request_status: 'success' });
		sandbox.gate.open();
		await runJobContinuing(sandbox, { items: [{ card: 'card-1002' }] });
		expect(closed()).toBe(1);
	});
});

describe('every documented word counts as what its table says', () => {
	test.each([...STATES_BY_WORD.request_status])('request_status "%s" in answer to a command: %s', async (word, state) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rawBefore', body: { status: 'ok', request_status: word } });
		const outcome = await runJobContinuing(sandbox, { parameters: { waitForCompletion: false } });
		const told = state === 'error' ? failed(outcome) : done(outcome);
		expect(told.outcome).toBe({ success: 'done', process: 'processing', error: 'refused' }[state]);
		expect(JSON.stringify(told)).toContain(`"request_status":"${word}"`);
	});

	test.each([...STATES_BY_WORD.status])('status "%s" alone in answer to a command: %s', async (word, state) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rawBefore', body: { status: word } });
		const outcome = await runJobContinuing(sandbox, { parameters: { waitForCompletion: false } });
		const told = state === 'error' ? failed(outcome) : stored(outcome)[0]?.[0]?.json;
		expect(told?.outcome).toBe(state === 'error' ? 'refused' : 'done');
	});

	test('what the sandbox answers as an undocumented word is none', () => {
		for (const words of Object.values(STATES_BY_WORD)) expect(words.has('undocumented')).toBe(false);
	});
});
