import { useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { runJobContinuing } from '../support/runs';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';

const COUNT = isFull ? 10_000 : 1_000;
const FAILING = COUNT / 2;
const LIMIT = 20;

const sandbox = useSandbox({ unknownIds: 'accept', journal: 'counts' });

test(sizeOf(`${COUNT} items come out in order and paired, the one that fails alone`), async () => {
	sandbox.gate.hold(LIMIT);
	const items = Array.from({ length: COUNT }, (_, index) => ({ card: `c ${index}`.replace(' ', index === FAILING ? ' ' : '-') }));
	const outcome = await runJobContinuing(sandbox, { parameters: { options: { maxParallelRequests: LIMIT } }, items });
	const [sound = []] = stored(outcome);

	const kept = items.map(({ card }, item) => ({ card, item })).filter(({ item }) => item !== FAILING);
	expect(sound.map(({ json, pairedItem }) => ({ card: json.card_id, pairedItem }))).toEqual(kept.map(({ card, item }) => ({ card, pairedItem: { item } })));
	expect(sound.every(({ json }) => json.request_status === 'success')).toBe(true);
	expect(failedItems(outcome).map(([item, told]) => [item, told.outcome])).toEqual([[FAILING, 'not_done']]);

	expect(sandbox.journal.counts()).toMatchObject({ received: COUNT - 1, unverified: 0 });
	expect(new Set(sandbox.ledger.all.map(({ requestId }) => requestId)).size).toBe(COUNT - 1);
	expect(sandbox.gauges.maxInFlight).toBe(LIMIT);
	expect(outcome.credentialLookups).toBe(1);
}, HANGS_AFTER_MS);
