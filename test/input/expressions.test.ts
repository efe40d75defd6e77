import fc from 'fast-check';

import { bodies } from '../support/arbitraries';
import { useSandbox } from '../support/bench';
import { failedItems } from '../support/items';
import { closeEach, runJob, runJobContinuing } from '../support/runs';
import { HANGS_AFTER_MS, isFull } from '../support/size';

/*
 * The node looks a field that was dragged in up by itself, see input/parameters.ts. Whatever an item holds, that must come to the same
 * as what n8n makes of it: here of the same expression in a form that the node leaves to n8n.
 */

const sandbox = useSandbox({ unknownIds: 'accept' });

/** What an item's fields come to: what was sent of each, or why it was not. */
async function sentFor(items: Array<Record<string, unknown>>, field: (name: string) => string) {
	sandbox.reset();
	const parameters = { ...closeEach, cardId: field('card'), reason: field('reason'), eventId: field('event') };
	const outcome = await runJobContinuing(sandbox, { parameters: { ...parameters, options: { maxParallelRequests: 1 } }, items: items as never });
	return {
		bodies: sandbox.journal.all.map(({ rawBody }) => rawBody.toString()),
		refused: failedItems(outcome).map(([item, { message }]) => [item, message]),
	};
}

const looksUp = (name: string) => `={{ $json.${name} }}`;
const leavesToN8n = (name: string) => `={{ $json["${name}"] }}`;

const value = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom<unknown>('card-1', 'card-2', ' card-3 ', 7, 0, -1.5, 2 ** 53, true, false, '', ' ', null, undefined, NaN) },
	{ weight: 2, arbitrary: fc.constantFrom<unknown>('={{ 1 }}', '{{ $json.card }}', '=card', '$json.card', 'constructor', [], ['card-1'], {}, new Date(0)) },
	{ weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
	{ weight: 1, arbitrary: bodies },
);

test("a field that was dragged in is what n8n's expression gives, for any item", async () => {
	const item = fc.record({ card: value, reason: value, event: value }, { requiredKeys: [] });
	await fc.assert(
		fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 8 }), async (items) => {
			expect(await sentFor(items, looksUp)).toEqual(await sentFor(items, leavesToN8n));
		}),
		{ numRuns: isFull ? 300 : 40 },
	);
}, HANGS_AFTER_MS);

test.each(['={{$json.card}}', '={{  $json.card  }}', '={{ $json.card}}'])('%s is the field of each item', async (cardId) => {
	sandbox.reset();
	await runJob(sandbox, { parameters: { cardId }, items: [{ card: 'card-1' }, { card: 'card-2' }] });
	expect(sandbox.journal.all.map(({ body }) => (body as { card_id: string }).card_id).sort()).toEqual(['card-1', 'card-2']);
});

test.each(['={{ $json.card.trim() }}', '={{ $json.card }}x', '=y{{ $json.card }}', '={{ $json.card ?? 1 }}', '={{ $json.card }}{{ $json.card }}'])(
	'%s is left to n8n',
	async (cardId) => {
		sandbox.reset();
		await runJob(sandbox, { parameters: { cardId }, items: [{ card: 'a' }] });
		const expected: Record<string, string> = { '={{ $json.card }}x': 'ax', '=y{{ $json.card }}': 'ya', '={{ $json.card }}{{ $json.card }}': 'aa' };
		expect(sandbox.journal.all.map(({ body }) => (body as { card_id: string }).card_id)).toEqual([expected[cardId] ?? 'a']);
	},
);

test('a parameter that is not an expression is the same for all items, and one with an expression deep inside is not', async () => {
	sandbox.reset();
	const update = { resource: 'card', operation: 'update', cardId: 'card-1' };
	const accounts = { account: [{ iban: 'KZ86125KZT5004100100', currency: '={{ $json.currency }}', type: 'IBAN' }] };
	await runJob(sandbox, { parameters: { ...update, accounts, options: { maxParallelRequests: 1 } }, items: [{ currency: 'KZT' }, { currency: 'USD' }] });
	const currencies = sandbox.journal.all.map(({ body }) => (body as { accounts: Array<{ currency: string }> }).accounts[0]?.currency);
	expect(currencies).toEqual(['KZT', 'USD']);
});
