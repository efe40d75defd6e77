import { BEGINNINGS, type Beginnings } from '../../../nodes/card-api/intent/beginnings';
import { isSame, type CommandKey } from '../../../nodes/card-api/intent/command';
import { learntFrom, noteLearnt, walkedOn } from '../../../nodes/card-api/intent/learning';
import { Records, type Entry, type Kept, type Parent, type Place } from '../../../nodes/card-api/intent/records';
import { RULES, type Rules } from './model';

/* The rules with one of them changed, which the walks have to notice. */

export interface Mutant {
	name: string;
	rules: Rules;
	/** Where to look first: of which scenarios the name holds one of these. */
	shownBy: readonly string[];
}

const MOVES = [...new Set(Object.values(BEGINNINGS).flatMap((row) => Object.values(row)))];

/** Cells that nothing can depend on: what has no request id cannot be recorded under one. */
const isIdle = (row: string, cell: string) => row === 'refusedForGood' && cell === 'once';

const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
	node: ['same: batches', 'asked: loop', 'adds: no times', 'asked: batches'],
	event: ['same: events', 'adds: IDs edited', 'same: loop with events', 'same: no times'],
	typed: ['same: UUIDs', 'adds: IDs edited'],
	once: ['once'],
};

/** The table of beginnings with one cell changed, to every other move. */
export function changedBeginnings(): Mutant[] {
	return Object.entries(BEGINNINGS).flatMap(([row, cells]) =>
		Object.entries(cells)
			.filter(([cell]) => !isIdle(row, cell))
			.flatMap(([cell, right]) =>
				MOVES.filter((move) => move !== right).map((move) => {
					const beginnings = { ...BEGINNINGS, [row]: { ...cells, [cell]: move } } as Beginnings;
					return { name: `${row}.${cell} → ${move}`, rules: { ...RULES, beginnings }, shownBy: SHOWN_BY[cell] ?? [] };
				}),
			),
	);
}

/** Records that do something otherwise. */
function withRecords(make: (kept: Kept, runIndex: number) => Records): Rules {
	return { ...RULES, records: make };
}

class HoldsNothing extends Records {
	override takeNumber(): number {
		return 0;
	}
}

class NearestOnly extends Records {
	override noteParent(): void {
		// Where a failed item came from is not kept.
	}
}

class ForgetsAncestors extends Records {
	override find(place: Place, key: CommandKey): Entry | undefined {
		return super.find(place, key, undefined);
	}
}

class OnlyUnknownGoesOn extends Records {
	override find(place: Place, key: CommandKey, parent: Parent | undefined): Entry | undefined {
		const own = super.find(place, key, undefined);
		const found = own ?? super.find(place, key, parent);
		return own !== undefined || found?.learnt.is === 'sent' ? found : undefined;
	}
}

class TrustsBrokenLines extends Records {
	override isLineBroken(): boolean {
		return false;
	}
}

class TwoRecords extends Records {
	constructor(private readonly whole: Kept, runIndex: number) {
		super(whole, runIndex);
	}

	override note(place: Place, entry: Entry): void {
		const entries = (this.whole.entries ??= {});
		entries[place] = [...(entries[place] ?? []).filter(({ key }) => !isSame(key, entry.key)), entry];
	}
}

class ForgetsUnderIds extends Records {
	override findOpenUnder(): undefined {
		return undefined;
	}
}

class DropsWhatIsOver extends Records {
	constructor(private readonly whole: Kept, runIndex: number) {
		super(whole, runIndex);
	}

	override end(allWentWell: boolean): void {
		super.end(allWentWell);
		delete this.whole.entries;
	}
}

/** The rules of an earlier design, and others that one may think of. */
export const CHANGED_RULES: readonly Mutant[] = [
	{
		name: 'a command of another partner is the same',
		rules: { ...RULES, startsOf: (asks, ...rest) => RULES.startsOf(asks.map((ask) => ({ ...ask, sender: { ...ask.sender, partner: 'any' } })), ...rest) },
		shownBy: ['batches'],
	},
	{ name: 'numbers are not held', rules: withRecords((kept, run) => new HoldsNothing(kept, run)), shownBy: ['asked: batches', 'batches'] },
	{ name: 'a node is known by its ID', rules: { ...RULES, nodeOf: ({ id }) => id }, shownBy: ['node pasted anew'] },
	{ name: 'an execution is known by its number', rules: { ...RULES, executionOf: ({ id }) => id }, shownBy: ['batches'] },
	{ name: 'an item descends from the nearest one only', rules: withRecords((kept, run) => new NearestOnly(kept, run)), shownBy: ['loop'] },
	{ name: 'an item descends from none', rules: withRecords((kept, run) => new ForgetsAncestors(kept, run)), shownBy: ['loop'] },
	{ name: 'only what is unknown goes on in a loop', rules: withRecords((kept, run) => new OnlyUnknownGoesOn(kept, run)), shownBy: ['loop'] },
	{ name: 'an equal command of unknown ancestry is a new one', rules: withRecords((kept, run) => new TrustsBrokenLines(kept, run)), shownBy: ['loop of unknown', 'loop of mixed'] },
	{ name: 'a command that comes back has two records', rules: withRecords((kept, run) => new TwoRecords(kept, run)), shownBy: ['loop', 'loop of mixed', 'loop with events'] },
	{ name: 'what is open under an ID is not found without ancestry', rules: withRecords((kept, run) => new ForgetsUnderIds(kept, run)), shownBy: ['loop with events'] },
	{
		name: 'what was taken over under an event is remembered',
		rules: { ...RULES, learntFrom: (outcome, ...rest) => learntFrom(outcome.from === 'earlier' && outcome.is !== 'failure' ? { ...outcome, from: 'answer' } : outcome, ...rest) },
		shownBy: ['wrong events'],
	},
	{
		name: 'what was taken over under an ID of the node is not',
		rules: { ...RULES, learntFrom: (outcome, intent, ...rest) => (outcome.from === 'earlier' && !['inDoubt', 'accepted'].includes(intent.begins) ? undefined : learntFrom(outcome, intent, ...rest)) },
		shownBy: ['asked: batches'],
	},
	{
		name: 'every refusal uses its ID up',
		rules: { ...RULES, walkedOn: (outcome, ...rest) => walkedOn(outcome.is === 'failure' && outcome.effect !== 'unknown' ? { ...outcome, from: 'earlier', recorded: true } : outcome, ...rest) },
		shownBy: ['batches'],
	},
	{ name: 'no refusal leads on to the next ID', rules: { ...RULES, walkedOn: () => undefined }, shownBy: ['adds: batches', 'batches'] },
	{ name: 'a refusal in doubt does not lead on', rules: { ...RULES, walkedOn: (outcome, intent, origin) => (intent.begins === 'inDoubt' ? undefined : walkedOn(outcome, intent, origin)) }, shownBy: ['batches'] },
	{ name: 'a refusal whose answer was lost does not lead on', rules: { ...RULES, walkedOn: (outcome, intent, origin) => (outcome.from === 'asked' ? undefined : walkedOn(outcome, intent, origin)) }, shownBy: ['batches', 'adds: loop and batches'] },
	{
		name: 'equal commands that add are one',
		rules: { ...RULES, startsOf: (asks, ...rest) => RULES.startsOf(asks.map((ask) => ({ ...ask, asked: { ...ask.asked, repeat: ask.asked.repeat === 'adds' ? 'same' : ask.asked.repeat } })), ...rest) },
		shownBy: ['adds: batches'],
	},
	{
		name: 'equal commands that are the same are two',
		rules: { ...RULES, startsOf: (asks, ...rest) => RULES.startsOf(asks.map((ask) => ({ ...ask, asked: { ...ask.asked, repeat: 'asked' } })), ...rest) },
		shownBy: ['same: batches', 'adds: batches'],
	},
	{
		name: 'what is unknown is told and kept as not done',
		rules: { ...RULES, learntFrom: (outcome, ...rest) => learntFrom(outcome.is === 'failure' && outcome.effect === 'unknown' ? { ...outcome, effect: 'notSent' } : outcome, ...rest) },
		shownBy: ['batches', 'loop'],
	},
	{
		name: 'after a crash equal refunds are told as not sent',
		rules: { ...RULES, startsOf: (asks, records, circumstances, beginnings) => RULES.startsOf(asks, records, { ...circumstances, isAfterCrash: false }, beginnings) },
		shownBy: ['adds: batches of other sizes'],
	},
	{
		name: 'an outcome is not noted',
		rules: { ...RULES, noteLearnt: (records, intent, learnt) => (learnt?.is === 'done' ? undefined : noteLearnt(records, intent, learnt)) },
		shownBy: ['batches'],
	},
	{ name: 'what is open is forgotten with its run', rules: withRecords((kept, run) => new DropsWhatIsOver(kept, run)), shownBy: ['batches'] },
	{
		name: 'a refusal by what is before FreedomPay is its own',
		rules: { ...RULES, learntFrom: (outcome, intent, by, mask) => learntFrom(outcome, intent, by, mask) ?? (outcome.is === 'failure' && outcome.effect === 'rejected' ? { is: 'refused', recorded: false, by } : undefined) },
		shownBy: ['UUIDs', 'batches'],
	},
];
