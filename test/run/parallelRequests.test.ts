import { useSandboxWithClock } from '../support/bench';
import { fatesOf } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* Requests in parallel: never more than Max Parallel Requests at once, and results in the order of the input. */

const { sandbox, clock } = useSandboxWithClock({ unknownIds: 'accept' });

const cards = (count: number) => Array.from({ length: count }, (_, index) => ({ card: `c-${index}` }));
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('parallel requests', () => {
	test.each([1, 3, 10])('up to %d at once, and never more, questions included', async (maxParallelRequests) => {
		sandbox.settings.processingMs = 2_000;
		sandbox.faults.random({ seed: 1, rate: 0.2, kinds: ['dropAfter', 'http500Before'] });
		sandbox.gate.hold(maxParallelRequests);
		const ticking = virtualClock({ sandbox, tickMs: 500 });
		fatesOf(await run({ items: cards(40), clock: ticking, options: { maxParallelRequests } }), 40);
		expect(sandbox.gauges.maxInFlight).toBe(maxParallelRequests);
		expect(sandbox.journal.to(STATUS).length).toBeGreaterThan(40);
	});

	test('results keep the order of the input, whoever is first', async () => {
		sandbox.faults.plan(({ cardId, occurrence, path }) => (path === CLOSE && Number(cardId?.slice(2)) % 3 === 0 && occurrence === 1 ? { kind: 'dropBefore' } : undefined));
		const outcome = await run({ items: cards(30) });
		const closed = sandbox.ledger.all.map(({ target }) => ({ card: target.card_id }));
		expect(closed).toHaveLength(30);
		expect(closed).not.toEqual(cards(30));
		expect(outcome.items[0]?.map(({ json, pairedItem }) => [json.card_id, pairedItem])).toEqual(cards(30).map(({ card }, item) => [card, { item }]));
	});

	test('the credential is looked up once', async () => {
		const outcome = await run({ items: cards(25) });
		expect(outcome.credentialLookups).toBe(1);
		expect(outcome.authentications).toBe(25);
	});
});
