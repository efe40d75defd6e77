import { BEGINNINGS, pastOf, type Beginning, type Beginnings } from './beginnings';
import { keyOf, normalForm, type Asked, type CommandKey, type Sender } from './command';
import { placeOf, TOOL, type Entry, type Learnt, type Parent, type Place, type Records } from './records';
import { requestIdOfEvent, requestIdOfItem, type Intended, type Origin, type RequestId } from './requestIds';

/** What an item asks for, and who sends it. */
export interface Ask {
	itemIndex: number;
	asked: Asked;
	sender: Sender;
	/** Where the item comes from, of what this node gave out before; undefined where it does not come from this node. */
	parent: Parent | undefined;
}

/** Why an item's command does not go out, though its input is as it has to be. */
export type Objection =
	/** Equal to others of the run, each of which would add to the other: which are meant? */
	| { is: 'adds'; items: readonly number[] }
	/** Equal to another, with one between that undoes it: what is to come out? */
	| { is: 'between'; items: readonly number[] }
	/** As `adds`, in the Retry of an execution that broke off: which of them were sent? */
	| { is: 'addsAfterCrash'; items: readonly number[] }
	/** Equal to another, but it names other cards: which is meant? */
	| { is: 'contradicts'; items: readonly number[] }
	/** Equal to one of an earlier run of the node that may have been carried out, and nothing tells whether it is the same. */
	| { is: 'openBefore'; requestId: string | undefined }
	/** Of a custom request: it was sent with another body. */
	| { is: 'otherBody'; requestId: string | undefined };

/** An intent: a command that is told from every other, and what it begins with. */
export interface Intent {
	is: 'intent';
	key: CommandKey;
	place: Place;
	parent: Parent | undefined;
	/** Undefined for a command without one. */
	requestId: RequestId | undefined;
	n?: number;
	m?: number;
	begins: Beginning;
	/** What is known of it, for those that begin with telling it. */
	learnt: Learnt | undefined;
	/** The id that the user gave, where what the execution sent before goes on under its own. */
	setAside: boolean;
	/** An earlier one of this item, changed since, may still come. */
	otherIsOpen: Entry | undefined;
	intended: Intended;
}

/** The same command as that of another item, which is at `place`: it takes over whatever that comes to. */
export interface Follow {
	is: 'follow';
	leader: number;
	place: Place;
	key: CommandKey;
	/** What is known of it. */
	learnt: Learnt | undefined;
}

export type Start =
	| Intent
	| Follow
	| { is: 'objection'; objection: Objection; key: CommandKey };

/** How the execution came about, as far as it decides what a command is. */
export interface Circumstances {
	origin: Origin;
	executionId: string;
	/** Undefined for a tool. */
	runIndex: number | undefined;
	/** Whether this is a Retry of an execution that broke off, whose data are lost. */
	isAfterCrash: boolean;
}

interface Candidate {
	ask: Ask;
	key: CommandKey;
	place: Place;
	entry: Entry | undefined;
	/** Of a custom request: what was sent for this item with another body. */
	otherBody: Entry | undefined;
	/** What tells equal commands apart: the event or the UUID, if there is one. */
	tag: string;
}

function isGoingOn(entry: Entry | undefined): boolean {
	const is = entry?.learnt.is;
	return is === 'sent' || is === 'accepted' || is === 'done';
}

function tagOf({ given }: Asked): string {
	switch (given.is) {
		case 'nothing':
			return '';
		case 'event':
			return `event ${given.event.normalize('NFC')}`;
		case 'uuid':
			return `uuid ${given.uuid.toLowerCase()}`;
	}
}

/** How many items are looked at before others may have their turn. */
const AT_ONCE = 25;

/**
 * Says of each item of a run which command it is, before anything is sent: a new one, one that this execution has sent already, or the
 * same as that of another item. Stops after some items, for whoever has to let others have their turn.
 * @param asks in the order of the items; items that send no command are left out
 * @param beginnings what a rerun begins with; others only to test the tests
 * @returns by item
 */
export function* startsOf(asks: readonly Ask[], records: Records, circumstances: Circumstances, beginnings = BEGINNINGS): Generator<undefined, Map<number, Start>, void> {
	const candidates: Candidate[] = [];
	for (const [index, ask] of asks.entries()) {
		candidates.push(candidateOf(ask, records, circumstances));
		if (index % AT_ONCE === 0) yield;
	}
	const starts = new Map<number, Start>();
	// A tool's calls come one by one.
	const groups = circumstances.runIndex === undefined ? [] : equalOnes(candidates);
	for (const stretch of toAndFro(groups, candidates)) {
		objectTo({ is: 'between', items: stretch.map(({ ask }) => ask.itemIndex) }, stretch.filter(({ entry }) => !isGoingOn(entry)), starts);
	}
	for (const group of groups) settleEqualOnes(group, circumstances, starts);
	for (const [index, candidate] of candidates.entries()) {
		const { itemIndex } = candidate.ask;
		if (!starts.has(itemIndex)) starts.set(itemIndex, startOf(candidate, records, circumstances, beginnings));
		if (index % AT_ONCE === 0) yield;
	}
	return starts;
}

function candidateOf(ask: Ask, records: Records, { runIndex }: Circumstances): Candidate {
	const key = keyOf(ask.asked, ask.sender);
	const place = runIndex === undefined ? TOOL : placeOf(runIndex, ask.itemIndex);
	const candidate: Candidate = { ask, key, place, entry: records.find(place, key, ask.parent), otherBody: undefined, tag: tagOf(ask.asked) };
	// A tool's calls are told apart by what they ask for, and have one and the same expression.
	if (key.typed !== undefined && runIndex !== undefined && candidate.entry === undefined) return withBodyBefore(candidate, records);
	const { entry } = candidate;
	// Of a command without an id, another code makes another command, unless nobody knows what became of the first.
	const isOther = entry !== undefined && entry.key.secret !== key.secret && entry.learnt.is !== 'sent' && entry.learnt.is !== 'accepted';
	return isOther ? { ...candidate, entry: undefined } : candidate;
}

/** A custom request is the one before if its body is the same as it was typed, though it came out differently, as with `$now`. */
function withBodyBefore(candidate: Candidate, records: Records): Candidate {
	const { key, place, ask } = candidate;
	const before = records.findByPath(place, key);
	if (isGoingOn(before) && before?.key.typed?.body === key.typed?.body) return { ...candidate, key: before?.key ?? key, entry: before };
	const otherBody = isGoingOn(before) ? before : records.findOpenByPath(key, ask.parent);
	return { ...candidate, otherBody };
}

/** Items of one run that are the same command, in groups. */
function equalOnes(candidates: readonly Candidate[]): Candidate[][] {
	const groups = new Map<string, Candidate[]>();
	for (const candidate of candidates) {
		const { key, tag, ask } = candidate;
		// Nobody can tell of a custom request; under one event it is one all the same.
		if (ask.asked.repeat === 'asked' && tag === '') continue;
		const name = JSON.stringify([key.what, key.who, key.secret, tag]);
		const group = groups.get(name);
		if (group === undefined) groups.set(name, [candidate]);
		else group.push(candidate);
	}
	return [...groups.values()].filter(({ length }) => length > 1);
}

function objectTo(objection: Objection, candidates: readonly Candidate[], starts: Map<number, Start>): void {
	for (const { ask, key } of candidates) starts.set(ask.itemIndex, { is: 'objection', objection, key });
}

/** Whether each of equal commands adds to the others, and nothing tells that this is meant. */
function isAdding({ tag, ask }: Candidate): boolean {
	return tag === '' && ask.asked.repeat === 'adds';
}

function namesOf({ asked: { names = {} } }: Ask): string {
	return normalForm(names);
}

function settleEqualOnes(group: readonly Candidate[], { isAfterCrash }: Circumstances, starts: Map<number, Start>): void {
	const follow = ({ ask, key }: Candidate, leader: Candidate) => {
		if (ask !== leader.ask && !starts.has(ask.itemIndex)) starts.set(ask.itemIndex, { is: 'follow', leader: leader.ask.itemIndex, place: leader.place, key, learnt: leader.entry?.learnt });
	};
	const notGoingOn = group.filter(({ entry }) => !isGoingOn(entry));
	// Items that descend from one go on with its command once.
	const leaders = new Map<Entry | undefined, Candidate>();
	for (const candidate of group) {
		const { entry } = candidate;
		if (!isGoingOn(entry)) continue;
		const leader = leaders.get(entry) ?? candidate;
		leaders.set(entry, leader);
		follow(candidate, leader);
	}
	const [first] = group;
	if (first === undefined || notGoingOn.length === 0) return;
	if (isAdding(first)) {
		if (notGoingOn.length > 1) objectTo({ is: isAfterCrash ? 'addsAfterCrash' : 'adds', items: notGoingOn.map(({ ask }) => ask.itemIndex) }, notGoingOn, starts);
		return;
	}
	if (group.some(({ ask }) => namesOf(ask) !== namesOf(first.ask))) {
		objectTo({ is: 'contradicts', items: group.map(({ ask }) => ask.itemIndex) }, notGoingOn, starts);
		return;
	}
	const [leader = first] = leaders.values();
	for (const candidate of notGoingOn) follow(candidate, leader);
}

/**
 * The stretches of commands to one object in which equal ones have others between them, which make these mean more than one of them:
 * those that meet are one stretch. Each item is in one at most.
 */
function toAndFro(groups: readonly Candidate[][], candidates: readonly Candidate[]): Candidate[][] {
	const asked = groups.filter(([first]) => first?.tag === '' && first.ask.asked.repeat === 'same').filter((group) => group.some(({ entry }) => !isGoingOn(entry)));
	if (asked.length === 0) return [];
	const byObject = new Map<string, Candidate[]>();
	const positions = new Map<Candidate, number>();
	for (const candidate of candidates) {
		const name = objectKeyOf(candidate);
		const list = byObject.get(name) ?? [];
		byObject.set(name, list);
		positions.set(candidate, list.push(candidate) - 1);
	}
	const stretches = new Map<Candidate[], Array<{ from: number; to: number }>>();
	for (const group of asked) {
		const [first, last] = [group[0], group.at(-1)];
		const list = first === undefined ? undefined : byObject.get(objectKeyOf(first));
		if (first === undefined || last === undefined || list === undefined) continue;
		const [from, to] = [positions.get(first) ?? 0, positions.get(last) ?? 0];
		if (!isAnotherWithin(list, first, from, to)) continue;
		const found = stretches.get(list);
		// Groups come in the order of their first items.
		const before = found?.at(-1);
		if (found === undefined) stretches.set(list, [{ from, to }]);
		else if (before === undefined || before.to < from) found.push({ from, to });
		else before.to = Math.max(before.to, to);
	}
	return [...stretches].flatMap(([list, found]) => found.map(({ from, to }) => list.slice(from, to + 1)));
}

function isAnotherWithin(list: readonly Candidate[], first: Candidate, from: number, to: number): boolean {
	for (let at = from + 1; at < to; at++) {
		const { key } = list[at] ?? first;
		if (key.what !== first.key.what || key.secret !== first.key.secret) return true;
	}
	return false;
}

function objectKeyOf({ ask: { asked }, key }: Candidate): string {
	return normalForm([asked.path, asked.object, key.who ?? '']);
}

function startOf(candidate: Candidate, records: Records, circumstances: Circumstances, beginnings: Beginnings): Start {
	const { ask, key, place, entry, tag } = candidate;
	const { asked, sender, parent } = ask;
	const { executionId, origin } = circumstances;
	const intended: Intended = { path: asked.path, identity: asked.identity, partner: sender.partner };
	const whole = (begins: Beginning, more: Pick<Intent, 'requestId'> & Partial<Intent>): Intent => ({
		is: 'intent', key, place, parent, begins, learnt: entry?.learnt, setAside: false, otherIsOpen: records.findOther(place, key, parent), intended, ...more,
	});
	const past = pastOf(entry, executionId);

	if (entry !== undefined && isGoingOn(entry)) {
		const { id, source = 'node', n, m } = entry;
		const requestId = id === undefined ? undefined : { id, source };
		const isOwn = source === 'node' ? tag === '' : givenId(asked, intended)?.id.toLowerCase() === id?.toLowerCase();
		return whole(beginnings[past][id === undefined ? 'once' : source], {
			requestId, setAside: id !== undefined && !isOwn, ...(n !== undefined && { n }), ...(m !== undefined && { m }),
		});
	}
	if (candidate.otherBody !== undefined) return { is: 'objection', objection: { is: 'otherBody', requestId: candidate.otherBody.id }, key };
	const isAlone = asked.is === 'once' || asked.given.is === 'nothing';
	if (isAlone && records.isLineBroken(parent)) {
		const open = records.findOpenBefore(key);
		if (open !== undefined) return { is: 'objection', objection: { is: 'openBefore', requestId: open.id }, key };
	}
	if (asked.is === 'once') return whole(beginnings[past].once, { requestId: undefined });
	const given = givenId(asked, intended);
	if (given !== undefined) {
		const isEntrys = entry?.id?.toLowerCase() === given.id.toLowerCase();
		// Nothing tells that it comes from that item, but its id tells that it is that command.
		const pastThere = pastOf(records.findOpenUnder(given.id, key), executionId);
		return whole(beginnings[isEntrys ? past : pastThere][given.source], { requestId: given });
	}
	const n = records.takeNumber(key, entry?.n);
	const isNext = entry?.n === n && entry.source === 'node';
	const begins = beginnings[isNext ? past : 'nothing'].node;
	const m = (isNext ? (entry.m ?? 0) : 0) + (begins === 'walking' ? 1 : 0);
	return whole(begins, { requestId: requestIdOfItem(origin, intended, n, m), n, m });
}

function givenId({ given }: Asked, intended: Intended): RequestId | undefined {
	switch (given.is) {
		case 'nothing':
			return undefined;
		case 'event':
			return requestIdOfEvent(given.event, intended);
		case 'uuid':
			return { id: given.uuid, source: 'typed' };
	}
}
