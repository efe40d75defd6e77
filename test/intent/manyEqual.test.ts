import { startsOf, type Ask, type Start } from '../../nodes/card-api/intent/intents';
import { noteLearnt } from '../../nodes/card-api/intent/learning';
import { Records, type Kept } from '../../nodes/card-api/intent/records';
import { outgrows } from '../support/growth';
import { isFull, sizeOf } from '../support/size';

/* Long lists with equal commands in them: n8n answers nobody while they are told apart. */

const SHORT = isFull ? 1_000 : 250;
const PIECES = 16;
/** CPU time that an item may take besides, for what the process does in between. */
const SPARE_MS_PER_ITEM = 0.002;

type Content = Pick<Ask['asked'], 'identity' | 'repeat'> & { card: string };

function asksOf(count: number, contentOf: (item: number, count: number) => Content): Ask[] {
	return Array.from({ length: count }, (_, itemIndex) => {
		const { identity, repeat, card } = contentOf(itemIndex, count);
		return {
			itemIndex,
			asked: { is: 'command', path: '/v5/card-api/limits/set', identity, open: identity, object: { card }, repeat, given: { is: 'nothing' } },
			sender: { partner: 'a'.repeat(64), partnerKey: 'key' },
			parent: undefined,
		};
	});
}

/** A run of the node in which all goes well, and the next one begins. */
function runOf(asks: readonly Ask[]): Map<number, Start> {
	const kept: Kept = {};
	const records = new Records(kept, 0);
	const origin = { instanceId: 'i', workflowId: 'w', execution: 'e', node: 'n' };
	const steps = startsOf(asks, records, { origin, executionId: '1', runIndex: 0, isAfterCrash: false });
	let step = steps.next();
	while (step.done !== true) step = steps.next();
	for (const start of step.value.values()) if (start.is === 'intent') noteLearnt(records, start, { is: 'done', answer: {} });
	records.end(true);
	return step.value;
}

const lists: Record<string, (item: number, count: number) => Content> = {
	'no two equal': (item) => ({ identity: { item }, repeat: 'same', card: `c-${item}` }),
	'all equal': () => ({ identity: {}, repeat: 'same', card: 'c' }),
	'each twice': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'same', card: `c-${item % (count / 2)}` }),
	'each twice, of one card': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'same', card: 'c' }),
	'each twice, and each adds': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'adds', card: 'c' }),
	'all equal, of which nobody can tell': () => ({ identity: {}, repeat: 'asked', card: 'c' }),
};

test.each(Object.entries(lists))(sizeOf('%s: told apart in proportion to their number'), async (_, contentOf) => {
	const [short, long] = [asksOf(SHORT, contentOf), asksOf(PIECES * SHORT, contentOf)];
	expect(await outgrows(() => runOf(long), () => runOf(short), PIECES, SPARE_MS_PER_ITEM * long.length)).toBe(false);
});
