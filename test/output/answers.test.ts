import fc from 'fast-check';
import { isSafeNumber, parse } from 'lossless-json';
import type { INodeParameters } from 'n8n-workflow';

import { startSandbox } from '../sandbox';
import { bodyTexts } from '../support/arbitraries';
import { useSandbox } from '../support/bench';
import { stored } from '../support/items';
import { closeEach, runJob } from '../support/runs';
import { HANGS_AFTER_MS, isFull } from '../support/size';

/* An answer passes through, with its numbers exact, its secrets masked, and nothing in it that n8n takes for a failure. */

const UUID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const IBAN = 'KZ86125KZT5004100100';
const OK = { status: 'ok', request_status: 'success', dt: '2025-01-01T00:01:01+05:00' };
const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const sandbox = useSandbox({}, { isSigned: false });

/** What the node makes of one answer, word for word. */
async function outputOf(answer: string | object, parameters: INodeParameters = closeEach) {
	const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
	sandbox.faults.add({ kind: 'rawAfter', body });
	const outcome = await runJob(sandbox, { parameters });
	if (outcome.error !== undefined) throw outcome.error;
	return { json: stored(outcome)[0]?.[0]?.json ?? {}, hints: outcome.hints.map(({ message }) => message) };
}

test.each<[string, INodeParameters, object]>([
	['Close', { resource: 'card', operation: 'close', cardId: 'card-1001', reason: 'Lost' }, { card_id: 'card-1001', ...OK }],
	[
		'Link Client',
		{ resource: 'card', operation: 'linkClient', cardId: 'card-1001', clientId: 'client-2001' },
		{ card_id: 'card-1001', client_id: 'client-2001', ...OK },
	],
	[
		'Update',
		{ resource: 'card', operation: 'update', cardId: 'card-1001', accounts: { account: [{ iban: IBAN, currency: 'KZT', type: 'IBAN' }] } },
		{ card_id: 'card-1001', ...OK },
	],
])('%s gives the ids that were sent and the answer', async (_name, parameters, expected) => {
	const outcome = await runJob(sandbox, { parameters, items: [{ from: 'before' }] });
	const sent = sandbox.journal.all[0]?.body as { request_id: string };
	expect(sent.request_id).toMatch(UUID_V5);
	expect(stored(outcome)).toEqual([
		[{ json: { outcome: 'done', request_id: sent.request_id, ...expected, dt: expect.any(String) as string }, pairedItem: { item: 0 } }],
	]);
	expect(sandbox.ledger.effectsOf(sent.request_id)).toHaveLength(1);
	expect(outcome.hints).toEqual([]);
});

test('Confirm gives the gift card, and not the OTP', async () => {
	const outcome = await runJob(sandbox, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 }, items: [{}] });
	expect(sandbox.journal.all[0]?.body).toEqual({ otp: '1234', card_id: 555 });
	const json = stored(outcome)[0]?.[0]?.json;
	expect(json).toMatchObject({ card_id: 555, status: 0, card_currency: 'KZT', card_balance: 10_000 });
	expect(json).not.toHaveProperty('otp');
	expect(json).not.toHaveProperty('request_id');
});

test('Get Status gives what became of an earlier request', async () => {
	await runJob(sandbox, { parameters: { options: { requestId: UUID } } });
	const outcome = await runJob(sandbox, { parameters: { resource: 'request', operation: 'getStatus', requestId: UUID }, items: [{}] });
	expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_id: UUID, status: 'ok', request_status: 'success' });
});

describe('an answer passes through', () => {
	test('with fields that nobody knows', async () => {
		const extra = { new_field: [{ deep: null }], Ünïcode: 'é\u2028', empty: {}, card_id: 'CARD-1001' };
		expect((await outputOf({ ...OK, ...extra })).json).toEqual({ outcome: 'done', request_id: expect.any(String) as string, ...OK, ...extra });
	});

	test('with its numbers exact', async () => {
		const { json } = await outputOf('{"status":"ok","request_status":"success","dt":"","small":1.5,"id":12345678901234567890,"list":[9007199254740993]}');
		expect(json).toMatchObject({ small: 1.5, id: '12345678901234567890', list: ['9007199254740993'] });
	});

	test('with every number exact and every text as it is, whatever it holds', async () => {
		const exactly = (text: string) => (isSafeNumber(text) ? Number(text) : text);
		await fc.assert(
			fc.asyncProperty(bodyTexts, async (text) => {
				const inside: unknown = parse(text, undefined, { parseNumber: exactly, onDuplicateKey: ({ newValue }) => newValue });
				const { json } = await outputOf(`{"status":"ok","request_status":"success","dt":"","inside":${text}}`);
				expect(json.inside).toEqual(inside);
				sandbox.reset();
			}),
			{ numRuns: isFull ? 500 : 60 },
		);
	}, HANGS_AFTER_MS);

	test('with a field "error" under another name, since n8n would run the node again for it', async () => {
		const { json } = await outputOf({ ...OK, error: 'none', nested: { error: 1 } });
		expect(json).not.toHaveProperty('error');
		expect(json).toMatchObject({ api_error: 'none', nested: { error: 1 } });
	});

	test('and does not run the node again with Retry On Fail', async () => {
		sandbox.faults.add({ kind: 'rawAfter', body: { ...OK, error: 'none' } });
		const outcome = await runJob(sandbox, { run: {
			settings: { retryOnFail: true, maxTries: 3 },
		} });
		expect(outcome.tries).toBe(1);
		expect(sandbox.journal.all).toHaveLength(1);
	});

	test('without touching a prototype', async () => {
		const { json } = await outputOf(
			'{"status":"ok","request_status":"success","dt":"","__proto__":{"polluted":1},"list":[{"__proto__":{"polluted":1}}],"constructor":{"prototype":{"polluted":1}}}',
		);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
		expect(json.polluted).toBeUndefined();
		expect((json.list as Array<Record<string, unknown>>)[0]?.polluted).toBeUndefined();
		expect(json.request_status).toBe('success');
	});
});

describe('a hint is left', () => {
	test('for a status word of a read that the documentation does not list', async () => {
		const { json, hints } = await outputOf({ ...OK, request_status: 'archived' }, { resource: 'card', operation: 'get', cardId: 'card-1001' });
		expect(json.request_status).toBe('archived');
		expect(hints).toEqual([expect.stringMatching(/Get.*documentation does not list/)]);
	});

	test('for an answer that differs from the documentation', async () => {
		const { json, hints } = await outputOf({ ...OK, dt: 5 });
		expect(json.dt).toBe(5);
		expect(hints).toEqual([expect.stringMatching(/Close differs from its documentation/)]);
	});

	test('once for many items', async () => {
		sandbox.faults.add({ kind: 'rawAfter', body: { ...OK, dt: 5 }, times: 'always' });
		const { hints } = await runJob(sandbox, { items: ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card })) });
		expect(hints).toHaveLength(1);
	});

	test('and none for a documented answer with new fields', async () => {
		expect((await outputOf({ ...OK, new_field: 1 })).hints).toEqual([]);
	});

	test.each([' secret', 'secret\n', '\tsecret '])('for white space around the Partner Key %j, which is used as it is', async (partnerKey) => {
		const spaced = await startSandbox({ partnerKey });
		const right = await runJob(spaced).finally(() => spaced.stop());
		expect(spaced.journal.all[0]?.signatureVerified).toBe(true);
		expect(right.hints.map(({ message }) => message)).toEqual([expect.stringMatching(/Partner Key.*white space/)]);

		const wrong = await runJob(sandbox, { credential: { partnerKey: ` ${sandbox.partnerKey}` } });
		expect(wrong.error?.description).toMatch(/Partner Key begins or ends with white space/);
	});
});
