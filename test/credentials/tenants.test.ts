import type { IDataObject } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { expectHonestWire, wire } from '../support/bench';
import { failed, fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* A credential whose fields are expressions of the item: a platform's tenants, each with a contract of its own. */

let alpha: Sandbox;
let beta: Sandbox;
beforeAll(async () => {
	alpha = await startSandbox({ authId: 'alpha', partnerKey: 'key of alpha', unknownIds: 'accept' });
	beta = await startSandbox({ authId: 'beta', partnerKey: 'key of beta', unknownIds: 'accept' });
});
afterEach(() => {
	for (const sandbox of [alpha, beta]) sandbox.reset();
});
afterAll(async () => {
	await Promise.all([alpha.stop(), beta.stop()]);
});

interface Item extends IDataObject {
	card: string;
	url: string;
	id: string;
	key: string | number | undefined;
}

const of = ({ url, authId: id, partnerKey: key }: Sandbox, card: string, more: Partial<Item> = {}): Item => ({ card, url, id, key, ...more });

const byItem = { baseUrl: '={{ $json.url }}', authId: '={{ $json.id }}', partnerKey: '={{ $json.key }}' };
const tenants = (items: Item[], more: Job = {}): Job => ({ ...more, items, credential: byItem, options: { maxParallelRequests: 1, ...more.options } });

const cardsClosed = ({ ledger }: Sandbox) => ledger.all.map(({ target }) => target.card_id).sort();

describe('a credential with expressions', () => {
	test('signs each item as it comes out for that item', async () => {
		const items = [of(alpha, 'card-1001'), of(beta, 'card-1002'), of(alpha, 'card-1003'), of(beta, 'card-1004'), of(beta, 'card-1005')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items)), 5);
		expect(fates.map(({ done }) => [done?.card_id, done?.request_status])).toEqual(items.map(({ card }) => [card, 'success']));
		for (const sandbox of [alpha, beta]) expectHonestWire(sandbox);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001', 'card-1003'], ['card-1002', 'card-1004', 'card-1005']]);
	});

	test('signs each item so when many are on their way at once', async () => {
		const items = Array.from({ length: 40 }, (_, index) => of(index % 3 === 0 ? alpha : beta, `card-${index}`));
		const cardsOf = (sandbox: Sandbox) => items.filter(({ id }) => id === sandbox.authId).map(({ card }) => card).sort();
		alpha.gate.hold(4);
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items, { options: { maxParallelRequests: 12 } })), 40);
		expect(fates.map(({ done }) => done?.card_id)).toEqual(items.map(({ card }) => card));
		for (const sandbox of [alpha, beta]) expectHonestWire(sandbox);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([cardsOf(alpha), cardsOf(beta)]);
		expect(alpha.gauges.maxInFlight).toBeGreaterThanOrEqual(4);
	});

	test('asks with the key of the item that it asks about', async () => {
		beta.faults.add({ path: CLOSE, kind: 'dropAfter' });
		const fates = fatesOf(await runJobContinuing(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')])), 2);
		expect(fates[1]?.done).toMatchObject({ card_id: 'card-1002', outcome: 'done' });
		expect(wire(beta)).toEqual(['close', 'status']);
		expectHonestWire(beta);
	});

	test.each<[string, Partial<Item>]>([
		['an empty key', { key: '' }],
		['no key', { key: undefined }],
		['a sign in its ID that nobody sees', { id: 'al\u200bpha' }],
		['a URL without a scheme', { url: 'api.freedompay.kg:8443' }],
		['no ID', { id: ' ' }],
		['no URL', { url: 'nowhere' }],
		['a plain URL', { url: 'http://api.freedompay.example' }],
	])('that comes out with %s fails its own item only', async (_, broken) => {
		const items = [of(alpha, 'card-1001', broken), of(alpha, 'card-1002'), of(beta, 'card-1003')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items)), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', undefined, undefined]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1002'], ['card-1003']]);
		expectHonestWire(alpha);
	});

	test('that throws for one item fails that one only', async () => {
		const onCredentialLookup = (itemIndex: number) => {
			if (itemIndex === 1) throw new Error('No such secret');
		};
		const items = [of(alpha, 'card-1001'), of(alpha, 'card-1002'), of(beta, 'card-1003')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items, { run: { onCredentialLookup } })), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual([undefined, 'not_done', undefined]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001'], ['card-1003']]);
	});

	test.each([{ broken: [0] }, { broken: [2] }, { broken: [0, 1] }, { broken: [0, 1, 2] }])('that throws for the items $broken fails those only, one by one or side by side', async ({ broken }) => {
		const onCredentialLookup = (itemIndex: number) => {
			if (broken.includes(itemIndex)) throw new Error('No such secret');
		};
		for (const maxParallelRequests of [1, 3]) {
			const items = [of(alpha, 'card-1001'), of(alpha, 'card-1002'), of(beta, 'card-1003')];
			const fates = fatesOf(await runJobContinuing(alpha, tenants(items, { run: { onCredentialLookup }, options: { maxParallelRequests } })), 3);
			expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual([0, 1, 2].map((index) => (broken.includes(index) ? 'not_done' : undefined)));
			for (const index of broken) expect(fates[index]?.failed?.message).toBe('The FreedomPay API credential cannot be used: No such secret');
			expect([...cardsClosed(alpha), ...cardsClosed(beta)]).toEqual(items.flatMap(({ card }, index) => (broken.includes(index) ? [] : [card])));
			for (const sandbox of [alpha, beta]) {
				expectHonestWire(sandbox);
				sandbox.reset();
			}
		}
	});

	test("that asks a node that is not there for the first item fails that one only, in n8n's words", async () => {
		const credential = { ...byItem, partnerKey: "={{ $json.key ?? $('Nobody').item.json.key }}" };
		const items = [of(alpha, 'card-1001', { key: undefined }), of(alpha, 'card-1002'), of(beta, 'card-1003')];
		const fates = fatesOf(await runJobContinuing(alpha, { ...tenants(items), credential }), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', undefined, undefined]);
		expect(fates[0]?.failed?.next_step).toMatch(/what its expressions give for the item/);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1002'], ['card-1003']]);
	});

	test('that asks a node that is not there fails each item, and nothing is sent', async () => {
		const credential = { ...byItem, partnerKey: "={{ $('Nobody').item.json.key }}" };
		const fates = fatesOf(await runJobContinuing(alpha, { ...tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')]), credential }), 2);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', 'not_done']);
		expect([wire(alpha), wire(beta)]).toEqual([[], []]);
	});

	test('that gives numbers signs with their digits', async () => {
		const gamma = await startSandbox({ authId: '123456', partnerKey: '90071992547', unknownIds: 'accept' });
		try {
			const items = [of(gamma, 'card-1001', { key: 90071992547 }), of(gamma, 'card-1002')].map((item) => ({ ...item, id: Number(item.id) as never }));
			const fates = fatesOf(await runJobContinuing(gamma, tenants(items)), 2);
			expect(fates.map(({ done }) => done?.request_status)).toEqual(['success', 'success']);
			expectHonestWire(gamma);
		} finally {
			await gamma.stop();
		}
	});

	test('is looked up once for each item, and its key imported once for each tenant', async () => {
		const items = Array.from({ length: 40 }, (_, index) => of(index % 3 === 0 ? alpha : beta, `card-${index}`));
		const importKey = jest.spyOn(crypto.subtle, 'importKey');
		try {
			const outcome = await runJobContinuing(alpha, tenants(items, { options: { maxParallelRequests: 12 } }));
			expect(fatesOf(outcome, 40).every(({ done }) => done?.request_status === 'success')).toBe(true);
			expect(outcome.credentialLookups).toBe(40);
			// The sandbox imports keys, too: to verify.
			expect(importKey.mock.calls.filter((call) => (call[4] as string[]).includes('sign'))).toHaveLength(2);
		} finally {
			importKey.mockRestore();
		}
	});

	test('whose key holds a sign that nobody sees says so where it is refused', async () => {
		const items = [of(alpha, 'card-1001', { key: 'key of\u200b alpha' }), of(beta, 'card-1002')];
		const outcome = await runJobContinuing(alpha, tenants(items));
		const [refused, other] = fatesOf(outcome, 2);
		expect(refused?.failed?.next_step).toMatch(/The Partner Key holds a zero-width space \(U\+200B\) at position 7, which is used as part of it\./);
		expect(other?.done?.request_status).toBe('success');
		expect(outcome.hints.map(({ message }) => message)).toEqual([expect.stringMatching(/^FreedomPay API credential: The Partner Key holds a zero-width space \(U\+200B\)/)]);
		expect(JSON.stringify([refused?.failed, outcome.hints])).not.toMatch(/key of/);
	});

	test('that is refused for one tenant does not stop another', async () => {
		const wrong = { key: 'an old key' };
		const items = [of(alpha, 'card-1001', wrong), of(beta, 'card-1002'), of(alpha, 'card-1003', wrong), of(beta, 'card-1004')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items)), 4);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', undefined, 'not_done', undefined]);
		// Of the tenant whose key is refused, no further item was started.
		expect(alpha.journal.all).toHaveLength(1);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([[], ['card-1002', 'card-1004']]);
		expectHonestWire(beta);
	});

	test('that is mended for a later item of the same tenant works for that one', async () => {
		const items = [of(alpha, 'card-1001', { key: 'an old key' }), of(alpha, 'card-1002')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items)), 2);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', undefined]);
		expect(cardsClosed(alpha)).toEqual(['card-1002']);
	});

	test('two tenants with one event and one card are two commands', async () => {
		const items = [of(alpha, 'card-1001'), of(beta, 'card-1001')];
		const fates = fatesOf(await runJobContinuing(alpha, tenants(items, { parameters: { eventId: 'e-1' } })), 2);
		expect(fates.map(({ done }) => [done?.request_status, done?.outcome])).toEqual([['success', 'done'], ['success', 'done']]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001'], ['card-1001']]);
	});

	test('a dry run shows where each item would go', async () => {
		const { items } = await runJobContinuing(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')], { options: { dryRun: true } }));
		expect(items[0]?.map(({ json }) => json.url)).toEqual([`${alpha.url}${CLOSE}`, `${beta.url}${CLOSE}`]);
		expect([wire(alpha), wire(beta)]).toEqual([[], []]);
	});

	test('no key is in what a run leaves', async () => {
		beta.faults.add({ path: CLOSE, kind: 'dropBefore' }, { path: STATUS, kind: 'unauthorized' });
		const outcome = await runJob(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')]));
		expect(outcome.error).toBeDefined();
		// The items that go in carry them here.
		const { error, run } = outcome;
		expect(JSON.stringify([error?.message, error?.description, run.data.executionData?.contextData, outcome.logs])).not.toMatch(/key of (alpha|beta)/);
	});
});

describe('a credential without expressions', () => {
	test('that is refused stops the others', async () => {
		const items = [{ card: 'card-1001' }, { card: 'card-1002' }];
		const outcome = await runJobContinuing(alpha, { items, credential: { partnerKey: 'wrong' }, options: { maxParallelRequests: 1 } });
		expect(fatesOf(outcome, 2).map(({ failed: failure }) => failure?.outcome)).toEqual(['not_done', 'not_done']);
		expect(wire(alpha)).toEqual(['close']);
	});

	test('that comes out empty says which field to mend', async () => {
		const { message, next_step: next } = failed(await runJobContinuing(alpha, { credential: { partnerKey: '={{ $json.no_such_key }}' } }));
		expect(`${message} ${next}`).toMatch(/Partner Key/);
	});
});
