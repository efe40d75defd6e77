import { startsOf, type Ask, type Start } from '../../nodes/card-api/intent/intents';
import { noteLearnt } from '../../nodes/card-api/intent/learning';
import { Records, type Kept } from '../../nodes/card-api/intent/records';
import { leastCpuMs } from '../support/cpu';
import { isFull, sizeOf } from '../support/size';

/*
 * Long lists with equal commands in them: n8n answers nobody while they are told apart. By the CPU time per item of a short list and
 * of a long one, so that a busy machine changes nothing.
 */

const SHORT = isFull ? 1_000 : 250;
const LONG = 16 * SHORT;
const ROUNDS = 3;
/** What is not linear takes sixteen times as long per item. */
const MOST_GROWTH = 6;

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

function cpuMsPerItem(asks: readonly Ask[]): number {
	const least = leastCpuMs(ROUNDS, () => {
		for (let item = 0; item < LONG; item += asks.length) runOf(asks);
	});
	return least / LONG;
}

const lists: Record<string, (item: number, count: number) => Content> = {
	'no two equal': (item) => ({ identity: { item }, repeat: 'same', card: `c-${item}` }),
	'all equal': () => ({ identity: {}, repeat: 'same', card: 'c' }),
	'each twice': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'same', card: `c-${item % (count / 2)}` }),
	'each twice, of one card': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'same', card: 'c' }),
	'each twice, and each adds': (item, count) => ({ identity: { item: item % (count / 2) }, repeat: 'adds', card: 'c' }),
	'all equal, of which nobody can tell': () => ({ identity: {}, repeat: 'asked', card: 'c' }),
};

test.each(Object.entries(lists))(sizeOf('%s: told apart in proportion to their number'), (_, contentOf) => {
	const short = asksOf(SHORT, contentOf);
	const long = asksOf(LONG, contentOf);
	// First the short one, which warms what the long one runs.
	const perItem = cpuMsPerItem(short);
	expect(cpuMsPerItem(long)).toBeLessThan(MOST_GROWTH * perItem + 0.01);
});
