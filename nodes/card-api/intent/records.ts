import type { JsonObject } from '../json/exactJson';
import { isSame, type CommandKey, type Source } from './command';

/** That the API refused a command, in its words. */
export interface ApiRefusal {
	effect: 'failed' | 'rejected';
	answer: JsonObject;
	httpStatus: number;
}

/** What an execution learnt of a command that left a trace. Kept in its data, so free of secrets. */
export type Learnt =
	/** The API refused it. `recorded`: the request id is used up by that, as far as the API said. `by`: the execution that was told. */
	| { is: 'refused'; recorded: boolean; by: string; refusal?: ApiRefusal }
	/** It may have arrived. */
	| { is: 'sent' }
	/** The API has it. */
	| { is: 'accepted'; answer: JsonObject }
	| { is: 'done'; answer: JsonObject };

/** A command that an execution remembers. */
export interface Entry {
	key: CommandKey;
	learnt: Learnt;
	/** The request id under which it went out or was to; a command without one has neither. */
	id?: string;
	source?: Source;
	/** Of an id that the node made: see `requestIdOfItem`. */
	n?: number;
	m?: number;
}

/** Where an item is, in a run of the node: see `placeOf`. */
export type Place = string;

/** What the calls of a tool have in common: there neither run nor item tells one from another. */
export const TOOL: Place = 'tool';

export function placeOf(runIndex: number, itemIndex: number): Place {
	return `${runIndex}|${itemIndex}`;
}

function runOf(place: Place): number {
	return Number(place.slice(0, place.indexOf('|')));
}

/** Where an item comes from, of what this node gave out before in the same execution. `null`: nobody knows. */
export type Parent = Place | null;

/** All that is kept in the execution's data. */
export interface Kept {
	entries?: Record<Place, Entry[]>;
	/** Of runs that are over: the numbers that commands hold, by command. A number for as many from 0. */
	held?: Record<string, number | number[]>;
	/** Of failed items: where they came from. */
	parents?: Record<Place, Parent>;
}

/** Whether a command holds its number: an equal one needs the next. */
function holds({ is }: Learnt): boolean {
	return is === 'sent' || is === 'accepted' || is === 'done';
}

/** Whether it may still be carried out, or was without anybody's knowing. */
function isOpen({ is }: Learnt): boolean {
	return is === 'sent' || is === 'accepted';
}

function isToSamePath(a: CommandKey, b: CommandKey): boolean {
	return a.typed !== undefined && a.typed.path === b.typed?.path && a.who === b.who;
}

/** A command's name among those whose numbers are held. Short, since there is one for each command of a run. */
function nameOf({ what, who = '' }: CommandKey): string {
	return what.slice(0, 10) + who.slice(0, 4);
}

function fullNameOf({ what, who = '', secret }: CommandKey): string {
	return `${what} ${who} ${secret}`;
}

function listOf(held: number | number[] | undefined): number[] {
	return typeof held === 'number' ? Array.from({ length: held }, (_, n) => n) : (held ?? []);
}

/** The numbers of equal commands that are taken. None below `lowestFree` is free. */
interface Taken {
	all: Set<number>;
	lowestFree: number;
}

/** Numbers as they are kept: as many as there are, where they are the first ones. */
function shortened(numbers: readonly number[]): number | number[] {
	const sorted = [...numbers].sort((a, b) => a - b);
	return sorted.every((n, index) => n === index) ? sorted.length : sorted;
}

/**
 * What an execution remembers of its commands, for when n8n runs the node again: Retry On Fail, another worker, the Retry button, a
 * loop, another call of a tool. What it itself sent comes first, whatever the user has changed of its ids since.
 */
export class Records {
	private index: { numbers: Map<string, Taken>; openBefore: Map<string, Entry>; openUnder: Map<string, { place: Place; entry: Entry }> } | undefined;

	constructor(
		private readonly kept: Kept,
		/** The run of the node; undefined for a tool, whose runs are not told apart. */
		private readonly runIndex: number | undefined,
	) {
		if (runIndex !== undefined) this.fold(runIndex);
	}

	/** Whether nothing is remembered at all. */
	get isEmpty(): boolean {
		return Object.keys(this.kept.entries ?? {}).length === 0 && Object.keys(this.kept.held ?? {}).length === 0;
	}

	/** Whether a command went out that was, or may have been, carried out. */
	get holdAny(): boolean {
		return Object.keys(this.kept.held ?? {}).length > 0 || this.all().some(({ entry }) => holds(entry.learnt));
	}

	/**
	 * What is remembered of an item's command: of the item itself, or of the failed one that it descends from, through all runs.
	 * @param key of a partner who is not known yet, every one counts
	 */
	find(place: Place, key: CommandKey, parent: Parent | undefined): Entry | undefined {
		const own = this.findAt(place, key);
		if (own !== undefined) return own;
		for (const at of this.lineOf(parent)) {
			const found = this.findAt(at, key);
			if (found !== undefined) return found.learnt.is === 'done' ? undefined : found;
		}
		return undefined;
	}

	/** Another command of the same item, or of one that it descends from, that may still be carried out. */
	findOther(place: Place, key: CommandKey, parent: Parent | undefined): Entry | undefined {
		for (const at of [place, ...this.lineOf(parent)]) {
			const other = this.at(at).find((entry) => !isSame(entry.key, key) && isOpen(entry.learnt));
			if (other !== undefined) return other;
		}
		return undefined;
	}

	/** Of an item whose identity is its body: what went to that path before, with whatever body, the newest. */
	findByPath(place: Place, key: CommandKey): Entry | undefined {
		return this.at(place).findLast((entry) => isToSamePath(entry.key, key));
	}

	/** The same of what the item descends from, as long as it may still be carried out. */
	findOpenByPath(key: CommandKey, parent: Parent | undefined): Entry | undefined {
		for (const at of this.lineOf(parent)) {
			const open = this.at(at).find((entry) => isToSamePath(entry.key, key) && isOpen(entry.learnt));
			if (open !== undefined) return open;
		}
		return undefined;
	}

	/** Whether it is not known where an item, or one that it descends from, comes from. */
	isLineBroken(parent: Parent | undefined): boolean {
		let last = parent;
		for (const at of this.lineOf(parent)) last = this.kept.parents?.[at];
		return last === null;
	}

	/** An equal command of an earlier run that may still be carried out, and that no event or UUID tells apart. */
	findOpenBefore(key: CommandKey): Entry | undefined {
		return this.indexed().openBefore.get(fullNameOf(key));
	}

	/** The same command under a request id, wherever in this execution, that may still be carried out. */
	findOpenUnder(id: string, key: CommandKey): Entry | undefined {
		return this.openUnder(id, key)?.entry;
	}

	/** Takes the lowest number that no equal command of this node holds in this execution, or one that is given and free. */
	takeNumber(key: CommandKey, wanted: number | undefined): number {
		const taken = this.takenBy(nameOf(key), this.indexed().numbers);
		const isFree = wanted !== undefined && !taken.all.has(wanted);
		while (taken.all.has(taken.lowestFree)) taken.lowestFree++;
		const n = isFree ? wanted : taken.lowestFree;
		taken.all.add(n);
		return n;
	}

	/** Keeps what was learnt of an item's command, and of the same one wherever it was kept on the way here. */
	note(place: Place, entry: Entry, parent: Parent | undefined): void {
		for (const at of this.lineOf(parent)) {
			if (this.findAt(at, entry.key) !== undefined) this.put(at, entry);
		}
		const open = entry.id === undefined ? undefined : this.openUnder(entry.id, entry.key);
		if (open !== undefined) this.put(open.place, entry);
		this.put(place, entry);
	}

	/** Forgets an item's command, which left no trace. One with another secret is another one. */
	forget(place: Place, key: CommandKey): void {
		const left = this.at(place).filter((entry) => !isSame(entry.key, key) || entry.key.secret !== key.secret);
		if (left.length > 0) (this.kept.entries ??= {})[place] = left;
		else delete this.kept.entries?.[place];
	}

	/** Keeps where a failed item came from, for what may descend from it. */
	noteParent(place: Place, parent: Parent | undefined): void {
		if (parent !== undefined) (this.kept.parents ??= {})[place] = parent;
	}

	/** Ends a run. When all went well n8n does not run it again, and the execution's data stay small. */
	end(allWentWell: boolean): void {
		if (this.runIndex !== undefined && allWentWell) this.fold(this.runIndex + 1);
	}

	private openUnder(id: string, key: CommandKey): { place: Place; entry: Entry } | undefined {
		const open = this.indexed().openUnder.get(id.toLowerCase());
		return open !== undefined && isSame(open.entry.key, key) ? open : undefined;
	}

	private at(place: Place): Entry[] {
		const { entries = {} } = this.kept;
		return (Object.hasOwn(entries, place) ? entries[place] : undefined) ?? [];
	}

	/** What the commands hold when the run begins, by command. */
	private indexed(): NonNullable<typeof this.index> {
		if (this.index !== undefined) return this.index;
		const numbers = new Map<string, Taken>();
		const openBefore = new Map<string, Entry>();
		const openUnder = new Map<string, { place: Place; entry: Entry }>();
		for (const { place, entry } of this.all()) {
			const { key, learnt, n, source, id } = entry;
			if (n !== undefined && holds(learnt)) this.takenBy(nameOf(key), numbers).all.add(n);
			if (id !== undefined && isOpen(learnt)) openUnder.set(id.toLowerCase(), { place, entry });
			const isToldApart = source === 'event' || source === 'typed';
			if (place !== TOOL && runOf(place) < (this.runIndex ?? 0) && isOpen(learnt) && !isToldApart) openBefore.set(fullNameOf(key), entry);
		}
		this.index = { numbers, openBefore, openUnder };
		return this.index;
	}

	/** The numbers that commands of a name hold; of earlier runs looked up only where one is asked for. */
	private takenBy(name: string, numbers: Map<string, Taken>): Taken {
		const known = numbers.get(name);
		if (known !== undefined) return known;
		const { held = {} } = this.kept;
		const taken: Taken = { all: new Set(listOf(Object.hasOwn(held, name) ? held[name] : undefined)), lowestFree: 0 };
		numbers.set(name, taken);
		return taken;
	}

	private all(): Array<{ place: Place; entry: Entry }> {
		return Object.entries(this.kept.entries ?? {}).flatMap(([place, entries]) => entries.map((entry) => ({ place, entry })));
	}

	private findAt(place: Place, key: CommandKey): Entry | undefined {
		const found = this.at(place).filter((entry) => isSame(entry.key, key));
		return found.find(({ key: { secret } }) => secret === key.secret) ?? found.at(-1);
	}

	/** The places that an item comes from, the nearest first. */
	private *lineOf(parent: Parent | undefined): Generator<Place> {
		const { parents = {} } = this.kept;
		for (let at = parent; typeof at === 'string'; at = Object.hasOwn(parents, at) ? parents[at] : undefined) yield at;
	}

	private put(place: Place, entry: Entry): void {
		const others = this.at(place).filter(({ key }) => !isSame(key, entry.key) || key.secret !== entry.key.secret);
		(this.kept.entries ??= {})[place] = [...others, entry];
	}

	/** Of the runs before one, keeps of what is done only the numbers that it holds: they are over, and n8n does not run them again. */
	private fold(beforeRun: number): void {
		const { entries = {} } = this.kept;
		const folded = new Map<string, number[]>();
		for (const [place, list] of Object.entries(entries)) {
			if (place === TOOL || runOf(place) >= beforeRun) continue;
			const left = list.filter(({ learnt }) => learnt.is !== 'done');
			for (const { key, learnt, n } of list) {
				if (learnt.is !== 'done' || n === undefined) continue;
				const numbers = folded.get(nameOf(key)) ?? [];
				folded.set(nameOf(key), numbers);
				numbers.push(n);
			}
			if (left.length > 0) entries[place] = left;
			else delete entries[place];
		}
		if (folded.size === 0) return;
		const held = (this.kept.held ??= {});
		for (const [name, numbers] of folded) held[name] = shortened([...new Set([...listOf(held[name]), ...numbers])]);
	}
}
