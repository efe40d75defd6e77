import { useSandboxWithClock, wire } from '../support/bench';
import { pinsOf, setPins } from '../support/executions';
import { accountOf, fatesOf } from '../support/items';
import { CLOSE, GIFT, SET_PIN, STATUS } from '../support/paths';
import { runJob, type Job } from '../support/runs';

/* Retry On Fail: n8n runs the whole node again, and what is known already is not forgotten. */

const { sandbox, clock } = useSandboxWithClock();

const CARDS = [{ card: 'card-1001' }, { card: 'card-1002' }] as const;
const twoTries = { retryOnFail: true, maxTries: 2 } as const;
const modes = ['continueRegularOutput', 'continueErrorOutput'] as const;

/** The first item is turned away in the first try, and its credential refused in the second. */
const refusedThenBarred = (path: string) =>
	sandbox.faults.add({ path, card: 'card-1001', kind: 'rateLimit', times: 3 }, { path, card: 'card-1001', kind: 'unauthorized', nth: 4 });

const commands: Array<[name: string, path: string, job: Job]> = [
	['a command with an ID of the node', CLOSE, {}],
	['a command with an event', CLOSE, { parameters: { eventId: 'e-1' } }],
	['a command with a typed UUID', CLOSE, { options: { requestId: '=c0ffee00-1111-4222-8333-44445555666{{ $itemIndex }}' } }],
	['a command without a request ID', SET_PIN, { parameters: { operation: 'setPin' } }],
];

describe.each(commands)('Retry On Fail of %s, where the second try ends before an item that the first one did', (_, path, job) => {
	const again = async (settings: Job['settings']) =>
		await runJob(sandbox, { ...job, items: [...CARDS], options: { ...job.options, maxParallelRequests: 1 }, settings: { ...twoTries, ...settings } });

	test.each(modes)('gives its answer again, with %s', async (onError) => {
		refusedThenBarred(path);
		const outcome = await again({ onError });
		expect(outcome.tries).toBe(2);
		const [first, second] = fatesOf(outcome, 2);
		expect(first?.failed?.outcome).toBe('not_done');
		expect(second?.done).toMatchObject({ card_id: 'card-1002', request_status: 'success', outcome: 'done' });
		expect(sandbox.ledger.effectsOn('card-1002', path)).toHaveLength(1);
	});

	test.each(modes)('leaves it unknown that was unknown, with %s', async (onError) => {
		refusedThenBarred(path);
		sandbox.faults.add({ path, card: 'card-1002', kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', nth: 'options' in job ? 3 : 1, times: 3 });
		const [, second] = fatesOf(await again({ onError }), 2);
		expect(second?.failed?.outcome).toBe('unknown');
		expect(sandbox.ledger.effectsOn('card-1002', path)).toHaveLength(1);
	});
});

test('Retry On Fail of a run that stops: the account counts what was done in the first try', async () => {
	// The second item has the slot while the first one backs off.
	sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'dropBefore', times: 3 }, { path: STATUS, kind: 'forbidden', nth: 4 });
	const { error, tries } = await runJob(sandbox, { items: [...CARDS], options: { maxParallelRequests: 1 }, settings: twoTries });
	expect(tries).toBe(2);
	expect(sandbox.journal.to(STATUS)).toHaveLength(4);
	expect(sandbox.ledger.effectsOn('card-1002', CLOSE)).toHaveLength(1);
	expect(accountOf(error)).toEqual({ Done: [1, 'card-1002'], Unknown: [1, expect.stringMatching(/^card-1001 /)] });
});

test.each(modes)('two items of one event, the second one after the credential was refused: both have its outcome, with %s', async (onError) => {
	sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'unauthorized' });
	const items = ['card-1001', 'card-1002', 'card-1001'].map((card) => ({ card }));
	const fates = fatesOf(await runJob(sandbox, { items, parameters: { eventId: 'e-1' }, options: { maxParallelRequests: 1 }, settings: { onError } }), 3);
	expect(fates.map(({ done, failed }) => [failed?.outcome ?? done?.request_status, done?.outcome])).toEqual([
		['success', 'done'],
		['not_done', undefined],
		['success', 'done_before'],
	]);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(2);
});

test('Retry On Fail after item 3 of 5 failed: one effect each, finished items are answered without a request', async () => {
	const items = ['card-1001', 'card-1002', 'card-1003', 'card-1004', 'card-1005'].map((card) => ({ card }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 2 });
	const outcome = await runJob(sandbox, { items, clock, options: { maxParallelRequests: 1 }, settings: { retryOnFail: true, maxTries: 3 } });
	expect(outcome.tries).toBe(3);
	expect(fatesOf(outcome, 5).map(({ done: json }) => [json?.card_id, json?.request_status, json?.outcome])).toEqual([
		['card-1001', 'success', 'done'],
		['card-1002', 'success', 'done'],
		['card-1003', 'success', 'done'],
		['card-1004', 'success', 'done'],
		['card-1005', 'success', 'done'],
	]);
	expect(items.map(({ card }) => sandbox.ledger.effectsOn(card, CLOSE).length)).toEqual([1, 1, 1, 1, 1]);
	expect(items.map(({ card }) => sandbox.journal.about(card).length)).toEqual([1, 1, 3, 1, 1]);
	expect(wire(sandbox)).toEqual(['close', 'close', 'close', 'status', 'close', 'status', 'close', 'close', 'close']);
});

test('Retry On Fail with UUIDs of the user\'s own: finished items are recognised too', async () => {
	const items = [1, 2, 3].map((n) => ({ card: `card-100${n}`, id: `c0ffee00-1111-4222-8333-44445555666${n}` }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 1 });
	const outcome = await runJob(sandbox, { items, clock, options: { maxParallelRequests: 1, requestId: '={{ $json.id }}' }, settings: { retryOnFail: true, maxTries: 2 } });
	expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.request_id, json?.request_status, json?.outcome])).toEqual([
		[items[0]?.id, 'success', 'done'],
		[items[1]?.id, 'success', 'done'],
		[items[2]?.id, 'success', 'done'],
	]);
	expect(sandbox.ledger.all).toHaveLength(3);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(4);
	expect(sandbox.journal.to(STATUS).map(({ requestId }) => requestId)).toEqual([0, 1, 2, 2, 2, 2, 2].map((index) => items[index]?.id));
});

const threeTries = { retryOnFail: true, maxTries: 3 } as const;
const setPinsRetried = (...cards: string[]): Job => ({ ...setPins(...cards), settings: threeTries });

describe('Set PIN over Retry On Fail', () => {
	test('done, refused and turned away: what is done gives its answer again, only what was surely not carried out goes out', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rateLimit', retryAfter: 1, times: 3 });
		const outcome = await runJob(sandbox, setPinsRetried('card-1001', 'card-1002', 'card-1003'));
		expect(outcome.tries).toBe(2);
		expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.card_id, json?.request_status])).toEqual([
			['card-1001', 'success'],
			['card-1002', 'success'],
			['card-1003', 'success'],
		]);
		expect(pinsOf(sandbox, 'card-1001', 'card-1002', 'card-1003')).toEqual([[1, 1], [4, 1], [1, 1]]);
	});

	test('unknown stays unknown, and is never sent again', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'dropAfter' });
		const { error, tries } = await runJob(sandbox, setPinsRetried('card-1001', 'card-1002', 'card-1003'));
		expect(pinsOf(sandbox, 'card-1001', 'card-1002', 'card-1003')).toEqual([[1, 1], [1, 1], [0, 0]]);
		expect(error?.message).toMatch(/unknown.*\[item 1\]/i);
		expect(tries).toBe(3);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)('unknown, done, refused and turned away, with %s', async (onError) => {
		sandbox.faults.add(
			{ path: SET_PIN, card: 'card-1001', kind: 'dropAfter' },
			{ path: SET_PIN, card: 'card-1003', kind: 'refuse' },
			{ path: SET_PIN, card: 'card-1004', kind: 'rateLimit', retryAfter: 1, times: 3 },
		);
		const job = setPinsRetried('card-1001', 'card-1002', 'card-1003', 'card-1004');
		const outcome = await runJob(sandbox, { ...job, settings: { ...threeTries, onError } });
		expect(fatesOf(outcome, 4).map(({ failed: failure, done: json }) => failure?.outcome ?? json?.request_status)).toEqual(['unknown', 'success', 'refused', 'success']);
		expect(pinsOf(sandbox, 'card-1001', 'card-1002', 'card-1003', 'card-1004')).toEqual([[1, 1], [1, 1], [1, 0], [4, 1]]);
		expect(outcome.tries).toBe(3);
	});

	test('the account of a stopped run does not promise what an ID would keep', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'refuse' });
		const { error } = await runJob(sandbox, setPins('card-1001', 'card-1002', 'card-1003'));
		expect(accountOf(error)).toEqual({ Done: [1, 'card-1001'], Failed: [1, 'card-1002'], 'Not sent': [1, 'card-1003'] });
		expect(error?.description).not.toMatch(/recogni[sz]ed by its|Event ID|option Request ID/i);
	});
});

describe('a gift card confirmation over Retry On Fail', () => {
	const WRONG = '918273645546';
	const confirm = (...cards: Array<{ id: number; otp: string }>): Job => ({
		items: cards,
		parameters: { resource: 'giftCard', operation: 'confirm', otp: '={{ $json.otp }}', cardId: '={{ $json.id}}' },
		options: { maxParallelRequests: 1 },
		settings: threeTries,
	});
	const gifts = [
		{ id: 555, otp: '1234' },
		{ id: 556, otp: '5678' },
	];

	test('one that worked gives its answer again, and is not told as failed', async () => {
		sandbox.faults.add({ path: GIFT, card: 556, kind: 'rateLimit', times: 3 });
		const outcome = await runJob(sandbox, confirm(...gifts));
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.card_id, json?.status, json?.card_status])).toEqual([[555, 0, 2], [556, 0, 2]]);
		expect([555, 556].map((card) => [sandbox.journal.about(card, GIFT).length, sandbox.ledger.effectsOn(card).length])).toEqual([[1, 1], [4, 1]]);
	});

	test('one whose outcome is unknown stays so', async () => {
		sandbox.faults.add({ path: GIFT, card: 555, kind: 'dropAfter' });
		const outcome = await runJob(sandbox, { ...confirm(...gifts), settings: { ...threeTries, onError: 'continueErrorOutput' } });
		expect(outcome.tries).toBe(3);
		expect(fatesOf(outcome, 2).map(({ failed: failure, done: json }) => failure?.outcome ?? json?.status)).toEqual(['unknown', 0]);
		expect([555, 556].map((card) => sandbox.journal.about(card, GIFT).length)).toEqual([1, 1]);
	});

	test('one that was refused is not sent again, and no code is kept', async () => {
		const outcome = await runJob(sandbox, confirm(gifts[0] ?? { id: 0, otp: '' }, { id: 556, otp: WRONG }));
		expect(outcome.tries).toBe(3);
		expect(outcome.error?.message).toMatch(/incorrect OTP.*\[item 1\]/);
		expect(wire(sandbox)).toEqual(['activate_card', 'activate_card']);
		expect(JSON.stringify(outcome.run.data.executionData?.contextData)).not.toContain(WRONG);
	});
});
