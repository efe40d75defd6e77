import { useSandbox } from '../support/bench';
import { done, failed, fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* What an earlier request of the same event came to is told as that. */

const sandbox = useSandbox();

const effects = () => sandbox.ledger.all;
const idsSent = () => new Set(sandbox.journal.all.map(({ requestId }) => requestId));
const inExecution = (executionId: string) => ({ run: { executionId } });

describe('an event whose command failed', () => {
	const event: Job = { items: [{ card: 'no-such-card' }], parameters: { eventId: 'e-1' } };

	test('is told as the earlier failure when it is delivered again, with what would help', async () => {
		const first = failed(await runJobContinuing(sandbox, { ...event, ...inExecution('1') }));
		expect(first).not.toHaveProperty('earlier');
		const sent = sandbox.journal.all.length;

		const again = failed(await runJobContinuing(sandbox, { ...event, ...inExecution('2') }));
		expect(again).toMatchObject({ outcome: 'refused', earlier: true, request_id: first.request_id });
		const words = `${again.message} ${again.next_step}`;
		expect(words).toMatch(/earlier/i);
		expect(words).toMatch(/(another|a new|a different) Event ID/i);
		// When it was: the API's `dt` of the first request.
		expect(words).toContain(String((sandbox.journal.all[sent - 1]?.answer as { dt: string }).dt).slice(0, 10));
		expect(effects()).toEqual([]);
		expect(idsSent().size).toBe(1);
	});

	test('without a reason has none when it is delivered again: that the request ID is not unique is the repeat\'s own', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
		const close: Job = { ...event, items: [{ card: 'card-1001' }] };
		expect(failed(await runJobContinuing(sandbox, { ...close, ...inExecution('1') }))).toMatchObject({ outcome: 'refused', cause: 'other' });
		const again = failed(await runJobContinuing(sandbox, { ...close, ...inExecution('2') }));
		expect(again).toMatchObject({ outcome: 'refused', cause: 'other', earlier: true });
		expect(again.message).not.toMatch(/not unique/);
	});

	test('in a run that stops, too', async () => {
		await runJobContinuing(sandbox, { ...event, ...inExecution('1') });
		const { error } = await runJob(sandbox, { ...event, ...inExecution('2') });
		expect(`${error?.message} ${error?.description}`).toMatch(/earlier/i);
		expect(`${error?.message} ${error?.description}`).toMatch(/Event ID/);
	});

	test('twice in one run: the second item has the outcome of the first', async () => {
		const outcome = await runJobContinuing(sandbox, { ...event, items: [{ card: 'no-such-card' }, { card: 'no-such-card' }] });
		expect(fatesOf(outcome, 2).map(({ failed: failure }) => [failure?.outcome, failure?.earlier])).toEqual([['refused', undefined], ['refused', true]]);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test('acts under another Event ID once the cause is mended', async () => {
		await runJobContinuing(sandbox, { ...event, ...inExecution('1') });
		sandbox.settings.unknownIds = 'accept';
		const json = done(await runJobContinuing(sandbox, { ...event, parameters: { eventId: 'e-2' }, ...inExecution('2') }));
		expect(json).toMatchObject({ card_id: 'no-such-card', request_status: 'success' });
		expect(effects()).toHaveLength(1);
	});
});

describe('whose outcome it is, by the times that FreedomPay tells', () => {
	const HOUR_MS = 3_600_000;
	const EVENT = { parameters: { eventId: '={{ "e-1" }}' } };
	const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
	const refusal = (body: Record<string, unknown>) => sandbox.faults.add({ path: CLOSE, kind: 'refuse', body });
	const told = (body: Record<string, unknown>) =>
		sandbox.faults.add({ path: STATUS, kind: 'rawBefore', body: { status: 'ok', request_status: 'error', cards: [{ card_id: 'card-1001' }], ...body } });

	test.each<[string, Record<string, unknown>, Record<string, unknown>, true | undefined]>([
		['texts that differ by a trace id, at the same time', { error_description: 'card is frozen (trace 1)', dt: at(0) }, { error_description: 'card is frozen (trace 2)', dt: at(0) }, undefined],
		['the next second', { error_description: 'frozen', dt: at(1_000) }, { error_description: 'frozen', dt: at(0) }, undefined],
		['no times, and other texts', { error_description: 'card is frozen (trace 1)' }, { error_description: 'frozen' }, undefined],
		['a time in the refusal only', { dt: at(HOUR_MS) }, {}, undefined],
		['the same text an hour before', { error_description: 'frozen', dt: at(HOUR_MS) }, { error_description: 'frozen', dt: at(0) }, true],
		['a refusal that speaks of a repeat, at the same time', { error_code: 1002, dt: at(0) }, { dt: at(0) }, true],
		['a refusal that speaks of a repeat in words', { error_description: 'request_id is not unique' }, {}, true],
	])('a refusal: %s', async (_, own, known, earlier) => {
		refusal(own);
		told(known);
		const failure = failed(await runJobContinuing(sandbox, EVENT));
		expect(failure).toMatchObject({ outcome: 'refused' });
		expect(failure.earlier).toBe(earlier);
		expect(/earlier request/.test(failure.message)).toBe(earlier === true);
	});

	test('a lost answer is done, however long ago it may be, where nothing can be compared', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		told({ request_status: 'success', dt: at(0) });
		const outcome = await runJobContinuing(sandbox, EVENT);
		expect(done(outcome)).toMatchObject({ request_status: 'success' });
		expect(outcome.hints).toEqual([]);
	});

	test('a lost answer that is clearly older than what FreedomPay said before in this run is an earlier one\'s', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', card: 'card-1002' });
		told({ request_status: 'success', dt: at(0), cards: [{ card_id: 'card-1002' }] });
		const items = [{ card: 'card-1001' }, { card: 'card-1002' }];
		const outcome = await runJobContinuing(sandbox, { ...EVENT, items, options: { maxParallelRequests: 1 } });
		expect(fatesOf(outcome, 2).map(({ done: json }) => json?.request_status)).toEqual(['success', 'success']);
		expect(outcome.hints.map(({ message }) => message)).toEqual([`1 command had been done before, by an earlier request of ${at(0)}: nothing was done for it now. If a new one was meant, give it an Event ID of its own.`]);
	});
});

describe('what earlier requests had done', () => {
	const delivery = (cards: readonly string[], execution: string): Job => ({ items: cards.map((card) => ({ card })), parameters: { eventId: '=e-{{ $json.card }}' }, ...inExecution(execution) });
	const deliver = async (cards: readonly string[], execution: string) => await runJobContinuing(sandbox, delivery(cards, execution));

	test('leaves a hint with how many and since when, each time', async () => {
		const first = await deliver(['card-1001'], '1');
		expect(first.hints).toEqual([]);
		await deliver(['card-1002'], '2');
		// What the items say, as FreedomPay told it when it was asked.
		const sinceOf = ({ items }: typeof first) => (items[0] ?? []).flatMap(({ json: { outcome, dt } }) => (outcome === 'done_before' && typeof dt === 'string' ? [dt] : [])).sort()[0];
		const one = await deliver(['card-1001', 'card-1003'], '3');
		expect(one.hints.map(({ message }) => message)).toEqual([`1 command had been done before, by an earlier request of ${String(sinceOf(one))}: nothing was done for it now. If a new one was meant, give it an Event ID of its own.`]);
		const all = await deliver(['card-1001', 'card-1002', 'card-1003'], '4');
		expect(all.hints.map(({ message }) => message)).toEqual([`3 commands had been done before, by earlier requests since ${String(sinceOf(all))}: nothing was done for them now. If new ones were meant, give each an Event ID of its own.`]);
	});

	test('stands in the message of a run that stops, which leaves no hints', async () => {
		await deliver(['card-1001'], '1');
		const { error } = await runJob(sandbox, { ...delivery(['card-1001', 'no-such-card'], '2') });
		expect(error?.description?.split('<br>\n').at(-1)).toMatch(/^1 command had been done before/);
	});

	test('a failure of before leaves none: its item tells', async () => {
		await deliver(['no-such-card'], '1');
		expect((await deliver(['no-such-card'], '2')).hints).toEqual([]);
	});
});
