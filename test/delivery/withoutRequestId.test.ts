import { startSandbox, type FaultKind, type Sandbox } from '../sandbox';
import { virtualClock } from '../support/virtualClock';
import { conclude, failed, GIFT, type Job, STATUS, success, wire, workOn } from '../support/workbench';

/* Reads, and commands without a request id. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const confirm: Job = { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } };
const setPin: Job = { parameters: { resource: 'card', operation: 'setPin', cardId: 'card-1001' } };
const lookUp: Job = { parameters: { resource: 'request', operation: 'getStatus', requestId: '828cf71d-a447-4a67-a149-c1df8bc197ca' } };
const info: Job = { parameters: { resource: 'card', operation: 'get', cardId: 'card-1001' } };

const lost = ['stallBefore', 'stallAfter', 'dropBefore', 'dropAfter', 'http500Before', 'http502After', 'html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'hugeAfter'] as const satisfies readonly FaultKind[];

describe('a gift card confirmation', () => {
	test.each(lost)('%s: sent once, unknown, with a way to check', async (kind) => {
		sandbox.faults.add({ path: GIFT, kind });
		const told = failed(await workOn(sandbox, confirm));
		expect(wire(sandbox)).toEqual(['activate_card']);
		expect(told.message).toMatch(/unknown whether FreedomPay carried out the command \(Confirm\)/);
		expect(told.outcome).toBe('unknown');
		expect(told.next_step).toMatch(/Check the gift card first.*status -10/);
		expect(JSON.stringify(told)).not.toContain('1234');
	});

	test('429: sent again', async () => {
		sandbox.faults.add({ path: GIFT, kind: 'rateLimit', retryAfter: 1 });
		expect(success(await workOn(sandbox, confirm))).toMatchObject({ status: 0, card_id: 555 });
		expect(wire(sandbox)).toEqual(['activate_card', 'activate_card']);
	});

	test('never sent: tried three times', async () => {
		const clock = virtualClock({ sandbox });
		expect(failed(await workOn(sandbox, { ...confirm, clock, credential: { baseUrl: 'http://127.0.0.1:1' } })).outcome).toBe('not_done');
		expect(clock.sleeps).toHaveLength(2);
	});

	test.each([
		['a wrong code', { otp: '9999' }, /incorrect OTP \(status -8\)/],
		['an unknown card', { cardId: 999 }, /not found card ID \(status -7\)/],
	])('%s: failed, in the words of the dictionary', async (_, parameters, words) => {
		const { message, outcome } = failed(await workOn(sandbox, { parameters: { ...confirm.parameters, ...parameters } }));
		expect(message).toMatch(words);
		expect(outcome).toBe('refused');
		expect(wire(sandbox)).toEqual(['activate_card']);
	});

	test('an answer without a status is not called done', async () => {
		sandbox.faults.add({ path: GIFT, kind: 'rawAfter', body: { datetime: '2025-01-01 00:00:00' } });
		expect(failed(await workOn(sandbox, confirm)).outcome).toBe('unknown');
	});
});

describe('Set PIN', () => {
	test.each(lost)('%s: sent once, unknown', async (kind) => {
		sandbox.faults.add({ path: 'card/set_pin', kind });
		const { outcome, next_step: next } = failed(await workOn(sandbox, setPin));
		expect(wire(sandbox)).toEqual(['set_pin']);
		expect(outcome).toBe('unknown');
		expect(next).toMatch(/no request ID/);
	});

	test('"process" is a failed item: there is no id to ask with', async () => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'rawAfter', body: { status: 'ok', request_status: 'process', dt: '2025-01-01T00:00:00+05:00' } });
		expect(failed(await workOn(sandbox, setPin))).toMatchObject({ outcome: 'processing', try_again: 'after_check', answer: { request_status: 'process' } });
		expect(wire(sandbox)).toEqual(['set_pin']);
	});
});

describe('a read', () => {
	test.each(lost)('%s: sent again', async (kind) => {
		sandbox.faults.add({ path: STATUS, kind });
		await workOn(sandbox, lookUp);
		expect(wire(sandbox)).toEqual(['status', 'status']);
	});

	test.each(lost)('%s of one that carries a request id: sent again with a new id', async (kind) => {
		sandbox.faults.add({ path: 'card/info', kind });
		success(await workOn(sandbox, info));
		expect(wire(sandbox)).toEqual(['info', 'info']);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(2);
	});

	test('no answer three times: an error that says so', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' });
		const { message, outcome } = failed(await workOn(sandbox, lookUp));
		expect(message).toBe('FreedomPay gave no usable answer');
		expect(outcome).toBe('not_done');
		expect(wire(sandbox)).toHaveLength(3);
	});

	test('status error: failed at once', async () => {
		expect(failed(await workOn(sandbox, lookUp)).message).toMatch(/request not found \(error 1006\)/);
		expect(wire(sandbox)).toEqual(['status']);
	});

	test('another 4xx: failed at once', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'conflict' });
		expect(failed(await workOn(sandbox, lookUp))).toMatchObject({ outcome: 'refused', http_status: 409 });
		expect(wire(sandbox)).toEqual(['status']);
	});

	test('429 and 401', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'rateLimit', retryAfter: 1 }, { path: STATUS, kind: 'unauthorized', nth: 2 });
		expect(failed(await workOn(sandbox, lookUp))).toMatchObject({ outcome: 'not_done', http_status: 401 });
		expect(wire(sandbox)).toEqual(['status', 'status']);
	});
});
