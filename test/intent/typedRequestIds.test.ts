import { startSandbox, unknownRequestForms, type Sandbox } from '../sandbox';
import { retryDataOf } from '../support/engine';
import { CLOSE, GIFT, STATUS, accountOf, conclude, done, failed, fatesOf, wire, work, workOn, type Job } from '../support/workbench';

/* n8n runs a node again: Retry On Fail, an execution that is resumed, and the button Retry. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const SET_PIN = '/v5/card-api/card/set_pin';
const UPDATE = '/v5/card-api/card/update';
const UUID = 'c0ffee00-1111-4222-8333-444455556666';

const retry = { retryOnFail: true, maxTries: 3 } as const;
const modes = [{}, { onError: 'continueRegularOutput' }, { onError: 'continueErrorOutput' }] as const;
const closed = (card: string) => sandbox.ledger.effectsOn(card, CLOSE).length;
const typed = (card: string, job: Job = {}): Job => ({ items: [{ card }], options: { requestId: UUID }, ...job });

describe('a typed UUID', () => {
	test('is asked about before it is first sent', async () => {
		expect(done(await workOn(sandbox, typed('card-1001')))).toMatchObject({ request_id: UUID, request_status: 'success' });
		expect(wire(sandbox)).toEqual(['status', 'close']);
		expect(closed('card-1001')).toBe(1);
	});

	test.each(Object.entries(unknownRequestForms))('which the API does not know, in the form %s, is sent', async (_, form) => {
		sandbox.settings.unknownRequest = form;
		expect(done(await workOn(sandbox, typed('card-1001')))).toMatchObject({ request_id: UUID, request_status: 'success' });
		// An answer that may be the question's own error may be asked for again first.
		expect(wire(sandbox).join()).toMatch(form === unknownRequestForms.bare ? /^(status,){1,3}close$/ : /^status,close$/);
		expect(closed('card-1001')).toBe(1);
	});

	test('about which nothing can be found out is not sent', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' });
		expect(failed(await workOn(sandbox, typed('card-1001'))).outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual(['status', 'status', 'status']);
	});

	test.each(modes)('that closed another card stays used over Retry On Fail, with %p', async (mode) => {
		await work(sandbox, typed('card-1001'));
		const outcome = await work(sandbox, typed('card-1002', { settings: { ...mode, ...retry }, run: { executionId: '2' } }));
		if ('onError' in mode) expect(failed(outcome)).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', request_id: UUID, message: expect.stringMatching(/used already/) as unknown });
		else expect(outcome.error?.message).toMatch(/Request ID is used already/);
		expect(outcome.tries).toBe(3);
		expect(wire(sandbox)).toEqual(['status', 'close', 'status', 'status', 'status']);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 0]);
	});

	test.each(['dropBefore', 'dropAfter'] as const)('that closed another card is used, also where a first send would be lost (%s)', async (kind) => {
		await work(sandbox, typed('card-1001'));
		sandbox.faults.add({ path: CLOSE, kind, card: 'card-1002' });
		const { outcome, message } = failed(await workOn(sandbox, typed('card-1002', { run: { executionId: '2' } })));
		expect([outcome, message]).toEqual(['unknown', expect.stringMatching(/Request ID is used already/)]);
		expect(wire(sandbox)).toEqual(['status', 'close', 'status']);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 0]);
	});

	test('of a command that failed is used too', async () => {
		await workOn(sandbox, typed('no-such-card'));
		expect(failed(await workOn(sandbox, typed('card-1002', { run: { executionId: '2' } })))).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', request_id: UUID });
		expect(closed('card-1002')).toBe(0);
	});

	test.each([
		['acted', 'dropAfter', ['status', 'close', 'status', 'status', 'status', 'status']],
		['did not act', 'dropBefore', ['status', 'close', 'status', 'status', 'status', 'status', 'close']],
	] as const)('in doubt that %s is recognised when the node runs again', async (_, kind, expected) => {
		sandbox.faults.add({ path: CLOSE, kind }, { path: STATUS, kind: 'dropBefore', nth: 2, times: 3 });
		const outcome = await work(sandbox, typed('card-1001', { settings: retry }));
		expect(outcome.tries).toBe(2);
		const json = done(outcome);
		expect(json).toMatchObject({ card_id: 'card-1001', request_id: UUID, request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(expected);
		expect(closed('card-1001')).toBe(1);
	});

	test('that worked gives its answer again when another item fails', async () => {
		const items = [1, 2].map((n) => ({ card: `card-100${n}`, id: UUID.replace(/.$/, String(n)) }));
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'refuse' });
		const outcome = await work(sandbox, { items, options: { maxParallelRequests: 1, requestId: '={{ $json.id }}' }, settings: retry });
		expect(outcome.tries).toBe(2);
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.card_id, json?.request_status])).toEqual([['card-1001', 'success'], ['card-1002', 'success']]);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 1]);
	});
});

/** Set PIN for each card: it carries no request id. */
const setPins = (...cards: string[]): Job => ({
	items: cards.map((card) => ({ card })),
	parameters: { operation: 'setPin' },
	options: { maxParallelRequests: 1 },
	settings: retry,
});

/** How often each card's PIN was asked for, and was set. */
const pins = (...cards: string[]) => cards.map((card) => [sandbox.journal.about(card, SET_PIN).length, sandbox.ledger.effectsOn(card, SET_PIN).length]);

describe('Set PIN over Retry On Fail', () => {
	test('done, refused and turned away: what is done gives its answer again, only what was surely not carried out goes out', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rateLimit', retryAfter: 1, times: 3 });
		const outcome = await work(sandbox, setPins('card-1001', 'card-1002', 'card-1003'));
		expect(outcome.tries).toBe(2);
		expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.card_id, json?.request_status])).toEqual([
			['card-1001', 'success'],
			['card-1002', 'success'],
			['card-1003', 'success'],
		]);
		expect(pins('card-1001', 'card-1002', 'card-1003')).toEqual([[1, 1], [4, 1], [1, 1]]);
	});

	test('unknown stays unknown, and is never sent again', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'dropAfter' });
		const { error, tries } = await work(sandbox, setPins('card-1001', 'card-1002', 'card-1003'));
		expect(pins('card-1001', 'card-1002', 'card-1003')).toEqual([[1, 1], [1, 1], [0, 0]]);
		expect(error?.message).toMatch(/unknown.*\[item 1\]/i);
		expect(tries).toBe(3);
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)('unknown, done, refused and turned away, with %s', async (onError) => {
		sandbox.faults.add(
			{ path: SET_PIN, card: 'card-1001', kind: 'dropAfter' },
			{ path: SET_PIN, card: 'card-1003', kind: 'refuse' },
			{ path: SET_PIN, card: 'card-1004', kind: 'rateLimit', retryAfter: 1, times: 3 },
		);
		const job = setPins('card-1001', 'card-1002', 'card-1003', 'card-1004');
		const outcome = await work(sandbox, { ...job, settings: { ...retry, onError } });
		expect(fatesOf(outcome, 4).map(({ failed: failure, done: json }) => failure?.outcome ?? json?.request_status)).toEqual(['unknown', 'success', 'refused', 'success']);
		expect(pins('card-1001', 'card-1002', 'card-1003', 'card-1004')).toEqual([[1, 1], [1, 1], [1, 0], [4, 1]]);
		expect(outcome.tries).toBe(3);
	});

	test('the account of a stopped run does not promise what an ID would keep', async () => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'refuse' });
		const { error } = await work(sandbox, { ...setPins('card-1001', 'card-1002', 'card-1003'), settings: {} });
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
		settings: retry,
	});
	const gifts = [
		{ id: 555, otp: '1234' },
		{ id: 556, otp: '5678' },
	];

	test('one that worked gives its answer again, and is not told as failed', async () => {
		sandbox.faults.add({ path: GIFT, card: 556, kind: 'rateLimit', times: 3 });
		const outcome = await work(sandbox, confirm(...gifts));
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.card_id, json?.status, json?.card_status])).toEqual([[555, 0, 2], [556, 0, 2]]);
		expect([555, 556].map((card) => [sandbox.journal.about(card, GIFT).length, sandbox.ledger.effectsOn(card).length])).toEqual([[1, 1], [4, 1]]);
	});

	test('one whose outcome is unknown stays so', async () => {
		sandbox.faults.add({ path: GIFT, card: 555, kind: 'dropAfter' });
		const outcome = await work(sandbox, { ...confirm(...gifts), settings: { ...retry, onError: 'continueErrorOutput' } });
		expect(outcome.tries).toBe(3);
		expect(fatesOf(outcome, 2).map(({ failed: failure, done: json }) => failure?.outcome ?? json?.status)).toEqual(['unknown', 0]);
		expect([555, 556].map((card) => sandbox.journal.about(card, GIFT).length)).toEqual([1, 1]);
	});

	test('one that was refused is not sent again, and no code is kept', async () => {
		const outcome = await work(sandbox, confirm(gifts[0] ?? { id: 0, otp: '' }, { id: 556, otp: WRONG }));
		expect(outcome.tries).toBe(3);
		expect(outcome.error?.message).toMatch(/incorrect OTP.*\[item 1\]/);
		expect(wire(sandbox)).toEqual(['activate_card', 'activate_card']);
		expect(JSON.stringify(outcome.run.data.executionData?.contextData)).not.toContain(WRONG);
	});
});

describe('the button Retry', () => {
	/** Runs a job that fails, and runs it again in a new execution with the data of the first. */
	async function again(first: Job, second: Job) {
		const { run, error } = await work(sandbox, { ...first, run: { executionId: '1' } });
		expect(error).toBeDefined();
		const { parameters = {}, ...rest } = second;
		const resumed = { executionId: '2', resume: retryDataOf(run), loadWorkflow: true };
		return await work(sandbox, { ...first, ...rest, parameters: { ...first.parameters, ...parameters }, run: resumed });
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
		const { error } = await again({ ...setPins('card-1001'), settings: {} }, {});
		expect(error?.message).toMatch(/unknown/i);
		expect(pins('card-1001')).toEqual([[1, 1]]);
	});

	test('a PIN for a corrected card is another command', async () => {
		unheard(SET_PIN);
		done(await again({ ...setPins('card-1001'), settings: {} }, { parameters: { cardId: 'card-1002' } }));
		expect(pins('card-1001', 'card-1002')).toEqual([[1, 1], [1, 1]]);
	});
});

test('an execution that is resumed does not repeat what has no request ID', async () => {
	sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rateLimit', retryAfter: 1, times: 3 });
	const job: Job = { ...setPins('card-1001', 'card-1002'), settings: {} };
	const { run } = await work(sandbox, job);
	const outcome = await work(sandbox, { ...job, run: { resume: retryDataOf(run) } });
	expect(fatesOf(outcome, 2).map(({ done: json }) => json?.request_status)).toEqual(['success', 'success']);
	expect(pins('card-1001', 'card-1002')).toEqual([[1, 1], [4, 1]]);
});
