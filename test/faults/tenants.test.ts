import { startSandbox, type Sandbox } from '../sandbox';
import { CLOSE, expectHonestWire, failed, fatesOf, STATUS, wire, work, workOn, type Job } from './workbench';

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

type Item = Record<'card' | 'url' | 'id' | 'key', string>;

const of = ({ url, authId: id, partnerKey: key }: Sandbox, card: string, more: Partial<Item> = {}): Item => ({ card, url, id, key, ...more });

const byItem = { baseUrl: '={{ $json.url }}', authId: '={{ $json.id }}', partnerKey: '={{ $json.key }}' };
const tenants = (items: Item[], more: Job = {}): Job => ({ ...more, items, credential: byItem, options: { maxParallelRequests: 1, ...more.options } });

const cardsClosed = ({ ledger }: Sandbox) => ledger.all.map(({ target }) => target.card_id).sort();

describe('a credential with expressions', () => {
	test('signs each item as it comes out for that item', async () => {
		const items = [of(alpha, 'card-1001'), of(beta, 'card-1002'), of(alpha, 'card-1003'), of(beta, 'card-1004'), of(beta, 'card-1005')];
		const fates = fatesOf(await workOn(alpha, tenants(items)), 5);
		expect(fates.map(({ done }) => [done?.card_id, done?.request_status])).toEqual(items.map(({ card }) => [card, 'success']));
		for (const sandbox of [alpha, beta]) expectHonestWire(sandbox);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001', 'card-1003'], ['card-1002', 'card-1004', 'card-1005']]);
	});

	test('signs each item so when many are on their way at once', async () => {
		const items = Array.from({ length: 40 }, (_, index) => of(index % 3 === 0 ? alpha : beta, `card-${index}`));
		const cardsOf = (sandbox: Sandbox) => items.filter(({ id }) => id === sandbox.authId).map(({ card }) => card).sort();
		alpha.gate.hold(4);
		const fates = fatesOf(await workOn(alpha, tenants(items, { options: { maxParallelRequests: 12 } })), 40);
		expect(fates.map(({ done }) => done?.card_id)).toEqual(items.map(({ card }) => card));
		for (const sandbox of [alpha, beta]) expectHonestWire(sandbox);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([cardsOf(alpha), cardsOf(beta)]);
		expect(alpha.gauges.maxInFlight).toBeGreaterThanOrEqual(4);
	});

	test('asks with the key of the item that it asks about', async () => {
		beta.faults.add({ path: CLOSE, kind: 'dropAfter' });
		const fates = fatesOf(await workOn(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')])), 2);
		expect(fates[1]?.done).toMatchObject({ card_id: 'card-1002', recovered: true });
		expect(wire(beta)).toEqual(['close', 'status']);
		expectHonestWire(beta);
	});

	test.each<[string, Partial<Item>]>([
		['an empty key', { key: '' }],
		['no ID', { id: ' ' }],
		['no URL', { url: 'nowhere' }],
		['a plain URL', { url: 'http://api.freedompay.example' }],
	])('that comes out with %s fails its own item only', async (_, broken) => {
		const items = [of(alpha, 'card-1001', broken), of(alpha, 'card-1002'), of(beta, 'card-1003')];
		const fates = fatesOf(await workOn(alpha, tenants(items)), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['not sent', undefined, undefined]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1002'], ['card-1003']]);
		expectHonestWire(alpha);
	});

	test('that throws for one item fails that one only', async () => {
		const onCredentialLookup = (itemIndex: number) => {
			if (itemIndex === 1) throw new Error('No such secret');
		};
		const items = [of(alpha, 'card-1001'), of(alpha, 'card-1002'), of(beta, 'card-1003')];
		const fates = fatesOf(await workOn(alpha, tenants(items, { run: { onCredentialLookup } })), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual([undefined, 'not sent', undefined]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001'], ['card-1003']]);
	});

	test('that is refused for one tenant does not stop another', async () => {
		const wrong = { key: 'an old key' };
		const items = [of(alpha, 'card-1001', wrong), of(beta, 'card-1002'), of(alpha, 'card-1003', wrong), of(beta, 'card-1004')];
		const fates = fatesOf(await workOn(alpha, tenants(items)), 4);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['rejected', undefined, 'not sent', undefined]);
		// Of the tenant whose key is refused, no further item was started.
		expect(alpha.journal.all).toHaveLength(1);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([[], ['card-1002', 'card-1004']]);
		expectHonestWire(beta);
	});

	test('that is mended for a later item of the same tenant works for that one', async () => {
		const items = [of(alpha, 'card-1001', { key: 'an old key' }), of(alpha, 'card-1002')];
		const fates = fatesOf(await workOn(alpha, tenants(items)), 2);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual(['rejected', undefined]);
		expect(cardsClosed(alpha)).toEqual(['card-1002']);
	});

	test('two tenants with one event and one card are two commands', async () => {
		const items = [of(alpha, 'card-1001'), of(beta, 'card-1001')];
		const fates = fatesOf(await workOn(alpha, tenants(items, { parameters: { eventId: 'e-1' } })), 2);
		expect(fates.map(({ done }) => [done?.request_status, done?.recovered])).toEqual([['success', undefined], ['success', undefined]]);
		expect([cardsClosed(alpha), cardsClosed(beta)]).toEqual([['card-1001'], ['card-1001']]);
	});

	test('a dry run shows where each item would go', async () => {
		const { items } = await workOn(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')], { options: { dryRun: true } }));
		expect(items[0]?.map(({ json }) => json.url)).toEqual([`${alpha.url}${CLOSE}`, `${beta.url}${CLOSE}`]);
		expect([wire(alpha), wire(beta)]).toEqual([[], []]);
	});

	test('no key is in what a run leaves', async () => {
		beta.faults.add({ path: CLOSE, kind: 'dropBefore' }, { path: STATUS, kind: 'unauthorized' });
		const outcome = await work(alpha, tenants([of(alpha, 'card-1001'), of(beta, 'card-1002')]));
		expect(outcome.error).toBeDefined();
		// The items that go in carry them here.
		const { error, run } = outcome;
		expect(JSON.stringify([error?.message, error?.description, run.data.executionData?.contextData, outcome.logs])).not.toMatch(/key of (alpha|beta)/);
	});
});

describe('a credential without expressions', () => {
	test('that is refused stops the others', async () => {
		const items = [{ card: 'card-1001' }, { card: 'card-1002' }];
		const outcome = await workOn(alpha, { items, credential: { partnerKey: 'wrong' }, options: { maxParallelRequests: 1 } });
		expect(fatesOf(outcome, 2).map(({ failed: failure }) => failure?.outcome)).toEqual(['rejected', 'not sent']);
		expect(wire(alpha)).toEqual(['close']);
	});

	test('that comes out empty says which field to mend', async () => {
		const { message, next_step: next } = failed(await workOn(alpha, { credential: { partnerKey: '={{ $json.no_such_key }}' } }));
		expect(`${message} ${next}`).toMatch(/Partner Key/);
	});
});
