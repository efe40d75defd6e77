import { startSandbox, type Sandbox } from '../sandbox';
import { closeEach, runCard } from '../support/card';

const COUNT = 10_000;
const FAILING = 5_000;
const LIMIT = 20;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownCards: 'accept', journal: 'counts' });
});
afterAll(() => sandbox.stop());

test('10,000 items come out in order and paired, the one that fails alone', async () => {
	const items = Array.from({ length: COUNT }, (_, index) => ({ card: `card ${index}`.replace(' ', index === FAILING ? ' ' : '-') }));
	const outcome = await runCard(sandbox.credential, { ...closeEach, options: { maxParallelRequests: LIMIT } }, items, 'continueErrorOutput');
	const [sound = [], failed = []] = outcome.items;

	const kept = items.map(({ card }, item) => ({ card, item })).filter(({ item }) => item !== FAILING);
	expect(sound.map(({ json, pairedItem }) => ({ card: json.card_id, pairedItem }))).toEqual(kept.map(({ card, item }) => ({ card, pairedItem: { item } })));
	expect(sound.every(({ json }) => json.request_status === 'success')).toBe(true);
	expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: FAILING }]);

	expect(sandbox.journal.counts()).toMatchObject({ received: COUNT - 1, unverified: 0 });
	expect(new Set(sandbox.ledger.all.map(({ requestId }) => requestId)).size).toBe(COUNT - 1);
	expect(sandbox.gauges.maxInFlight).toBeLessThanOrEqual(LIMIT);
	expect(sandbox.gauges.maxInFlight).toBeGreaterThan(1);
	expect(outcome.credentialLookups).toBe(1);
}, 90_000);
