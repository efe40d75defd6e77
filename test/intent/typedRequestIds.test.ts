import { unknownRequestForms } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { done, failed, failedItems, fatesOf, stored } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { closeEach, runJob, runJobContinuing, type Job } from '../support/runs';

/* A UUID that the user typed counts as this execution's own only once FreedomPay took it from it. */

const sandbox = useSandbox();

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const threeTries = { retryOnFail: true, maxTries: 3 } as const;
const modes = [{}, { onError: 'continueRegularOutput' }, { onError: 'continueErrorOutput' }] as const;
const closed = (card: string) => sandbox.ledger.effectsOn(card, CLOSE).length;
const typed = (card: string, job: Job = {}): Job => ({ items: [{ card }], options: { requestId: UUID }, ...job });

describe('a typed UUID', () => {
	test('is asked about before it is first sent', async () => {
		expect(done(await runJobContinuing(sandbox, typed('card-1001')))).toMatchObject({ request_id: UUID, request_status: 'success' });
		expect(wire(sandbox)).toEqual(['status', 'close']);
		expect(closed('card-1001')).toBe(1);
	});

	test.each(Object.entries(unknownRequestForms))('which the API does not know, in the form %s, is sent', async (_, form) => {
		sandbox.settings.unknownRequest = form;
		expect(done(await runJobContinuing(sandbox, typed('card-1001')))).toMatchObject({ request_id: UUID, request_status: 'success' });
		// An answer that may be the question's own error may be asked for again first.
		expect(wire(sandbox).join()).toMatch(form === unknownRequestForms.bare ? /^(status,){1,3}close$/ : /^status,close$/);
		expect(closed('card-1001')).toBe(1);
	});

	test('about which nothing can be found out is not sent', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' });
		expect(failed(await runJobContinuing(sandbox, typed('card-1001'))).outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual(['status', 'status', 'status']);
	});

	test.each(modes)('that closed another card stays used over Retry On Fail, with %p', async (mode) => {
		await runJob(sandbox, typed('card-1001'));
		const outcome = await runJob(sandbox, typed('card-1002', { settings: { ...mode, ...threeTries }, run: { executionId: '2' } }));
		if ('onError' in mode) expect(failed(outcome)).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', request_id: UUID, message: expect.stringMatching(/used already/) as unknown });
		else expect(outcome.error?.message).toMatch(/Request ID is used already/);
		expect(outcome.tries).toBe(3);
		expect(wire(sandbox)).toEqual(['status', 'close', 'status', 'status', 'status']);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 0]);
	});

	test.each(['dropBefore', 'dropAfter'] as const)('that closed another card is used, also where a first send would be lost (%s)', async (kind) => {
		await runJob(sandbox, typed('card-1001'));
		sandbox.faults.add({ path: CLOSE, kind, card: 'card-1002' });
		const { outcome, message } = failed(await runJobContinuing(sandbox, typed('card-1002', { run: { executionId: '2' } })));
		expect([outcome, message]).toEqual(['unknown', expect.stringMatching(/Request ID is used already/)]);
		expect(wire(sandbox)).toEqual(['status', 'close', 'status']);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 0]);
	});

	test('of a command that failed is used too', async () => {
		await runJobContinuing(sandbox, typed('no-such-card'));
		expect(failed(await runJobContinuing(sandbox, typed('card-1002', { run: { executionId: '2' } })))).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', request_id: UUID });
		expect(closed('card-1002')).toBe(0);
	});

	test.each([
		['acted', 'dropAfter', ['status', 'close', 'status', 'status', 'status', 'status']],
		['did not act', 'dropBefore', ['status', 'close', 'status', 'status', 'status', 'status', 'close']],
	] as const)('in doubt that %s is recognised when the node runs again', async (_, kind, expected) => {
		sandbox.faults.add({ path: CLOSE, kind }, { path: STATUS, kind: 'dropBefore', nth: 2, times: 3 });
		const outcome = await runJob(sandbox, typed('card-1001', { settings: threeTries }));
		expect(outcome.tries).toBe(2);
		const json = done(outcome);
		expect(json).toMatchObject({ card_id: 'card-1001', request_id: UUID, request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(expected);
		expect(closed('card-1001')).toBe(1);
	});

	test('that worked gives its answer again when another item fails', async () => {
		const items = [1, 2].map((n) => ({ card: `card-100${n}`, id: UUID.replace(/.$/, String(n)) }));
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'refuse' });
		const outcome = await runJob(sandbox, { items, options: { maxParallelRequests: 1, requestId: '={{ $json.id }}' }, settings: threeTries });
		expect(outcome.tries).toBe(2);
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.card_id, json?.request_status])).toEqual([['card-1001', 'success'], ['card-1002', 'success']]);
		expect([closed('card-1001'), closed('card-1002')]).toEqual([1, 1]);
	});
});

const REQUEST_ID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const sentNothing = () => expect(sandbox.journal.counts().received).toBe(0);

describe('the same typed UUID in two items', () => {
	const parameters = { ...closeEach, options: { requestId: '={{ $json.id }}' } };
	const other = '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10';
	const items = [
		{ card: 'card-1001', id: REQUEST_ID },
		{ card: 'card-1002', id: other },
		{ card: 'card-1003', id: ` ${REQUEST_ID.toUpperCase()} ` },
	];

	test('stops the node before anything is sent, naming both', async () => {
		const { error } = await runJob(sandbox, { parameters, items });
		expect(error?.message).toMatch(/Request ID.*items 0, 2 /);
		sentNothing();
	});

	test('fails both items, and only them', async () => {
		const outcome = await runJobContinuing(sandbox, { parameters, items });
		expect(stored(outcome)[0]?.map(({ json, pairedItem }) => [json.request_id, pairedItem])).toEqual([[other, { item: 1 }]]);
		const failed = failedItems(outcome);
		expect(failed.map(([item, { outcome: what }]) => [item, what])).toEqual([[0, 'not_done'], [2, 'not_done']]);
		for (const [, { message }] of failed) expect(message).toMatch(/items 0, 2 /);
		expect(sandbox.ledger.all.map(({ requestId }) => requestId)).toEqual([other]);
	});
});
