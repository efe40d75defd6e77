import { FIRST_MOVES, type Outcome } from '../../../nodes/card-api/delivery/protocol';
import { BEGINNINGS, type Beginnings } from '../../../nodes/card-api/intent/beginnings';
import type { Asked, GivenId } from '../../../nodes/card-api/intent/command';
import { startsOf, type Ask, type Circumstances, type Intent, type Start } from '../../../nodes/card-api/intent/intents';
import { courseOf, isJudged, learntFrom, noteLearnt, toldOf, UNKNOWN_BEFORE, walkedOn } from '../../../nodes/card-api/intent/learning';
import { placeOf, Records, type Kept, type Parent } from '../../../nodes/card-api/intent/records';
import { requestIdOfEvent, requestIdOfItem, type Origin } from '../../../nodes/card-api/intent/requestIds';
import { Crash, Violation, World, type Choose, type Told, type Weather } from './world';

/*
 * n8n, as far as it may run a command again: it runs the code that decides which command an item is, and compares what comes of it with
 * what each item means.
 */

/** What the check goes by; others only to see that a change is noticed. */
export interface Rules {
	beginnings: Beginnings;
	records: (kept: Kept, runIndex: number) => Records;
	startsOf: (asks: readonly Ask[], records: Records, circumstances: Circumstances, beginnings: Beginnings) => Map<number, Start>;
	learntFrom: typeof learntFrom;
	walkedOn: typeof walkedOn;
	noteLearnt: typeof noteLearnt;
	/** What the node is known by. */
	nodeOf: (node: { name: string; id: string }) => string;
	/** What an execution is known by. */
	executionOf: (execution: { token: string; id: string }) => string;
}

function drained<Result>(steps: Generator<undefined, Result, void>): Result {
	for (;;) {
		const { done, value } = steps.next();
		if (done === true) return value;
	}
}

export const RULES: Rules = {
	beginnings: BEGINNINGS,
	records: (kept, runIndex) => new Records(kept, runIndex),
	startsOf: (...args) => drained(startsOf(...args)),
	learntFrom,
	walkedOn,
	noteLearnt,
	nodeOf: ({ name }) => name,
	executionOf: ({ token }) => token,
};

/** What is not protected, as README says: the model does not do it. */
export const NOT_PROTECTED = {
	editAfterCrash: 'after a crash, an Event ID or UUID that is added, removed or changed before the Retry',
	eventAfterCrash: 'after a crash, an Event ID for a command whose message does not advise one',
	oldRetryOfOnce: 'of Set PIN and gift cards, a Retry of the original after a first Retry',
	oldRetryEdited: 'a Retry of the original after a first Retry, if IDs were edited between',
	onceAfterCrash: 'a command without a request ID after a crash',
	uuidOfTwo: 'one UUID that is given to two commands, while it is unknown what became of the first',
	untoldRepeat: 'where FreedomPay tells neither that a refusal is one of a repeat nor when something was: a crash, and a double click on Retry',
	nowAfterCrash: 'a custom request whose body comes out anew each time, after a crash',
} as const;

export type Exception = keyof typeof NOT_PROTECTED;

export type Edit = 'none' | 'event added' | 'event removed' | 'event changed' | 'UUID added' | 'UUID removed' | 'identity' | 'partner' | 'PIN' | 'pasted anew' | 'right event';

/** What may happen to one workflow. */
export interface Scenario {
	name: string;
	/** How its command repeats: see `Asked`; `once` has no request id, `now` is a custom request with `$now` in its body. */
	kind: 'same' | 'adds' | 'asked' | 'once' | 'now';
	/** How many items each run of the node gets, and how many runs there may be. */
	sizes: readonly number[];
	runs: readonly number[];
	/** What is given to tell the commands apart; `wrong`: the Event ID of another event. */
	given: ReadonlyArray<'nothing' | 'event' | 'uuid' | 'wrong'>;
	/** Whether failed items are items. */
	goesOn: boolean;
	/** Whether they lead back to the node, and whether it can be told where they come from. */
	loops: 'no' | 'known' | 'unknown' | 'mixed';
	/** Whether they may be changed on the way. */
	alters: boolean;
	/** Whether other commands are sent under the user's UUIDs. */
	takesUuids: boolean;
	crashes: boolean;
	/** Whether the node may break off by a defect of its own after something was sent. */
	defects: boolean;
	/** Whether n8n saves how far an execution is. */
	saves: boolean;
	/** Whether an older execution may be retried after a newer one. */
	retriesOld: boolean;
	/** Whether the event may be delivered again, or the workflow run again in a new database with its old numbers. */
	again: 'no' | 'event' | 'database';
	edits: readonly Edit[];
	weather: Weather;
	/** How often something is run again at most. */
	turns: number;
}

interface Item {
	uid: number;
	identity: string;
	event: string | undefined;
	uuid: string | undefined;
	pin: string;
	partner: string;
	parent: Parent | undefined;
	/** The trigger of which it comes, and the event that it means. */
	root: string;
	meantEvent: string;
	/** The Event ID of another event that it was given by mistake, so that nobody can be blamed for what comes under that. */
	wrongEvent: string | undefined;
	cls: string;
	who: number;
}

interface Data extends Kept {
	stopped?: true;
	brokeOff?: true;
}

/** What the executions of one line were told, by request id: what they can know. */
type Heard = Map<string, 'maybe' | 'accepted' | 'done' | 'recorded' | 'refused'>;

interface Execution {
	no: number;
	token: string;
	mode: 'trigger' | 'retry';
	state: 'runs' | 'failed' | 'crashed' | 'ended';
	data: Data;
	heard: Heard;
	run: number;
	batches: Item[][];
	/** What it began with, for when it begins again. */
	first: Item[][];
	saved: { data: Data; heard: Heard; run: number; batches: Item[][] } | undefined;
	node: { name: string; id: string };
	goesOn: boolean;
	loops: number;
	/** The executions whose data it has. */
	line: ReadonlySet<number>;
	isAfterCrash: boolean;
	areIdsEdited: boolean;
}

const PARTNERS = { one: 'the-first-partner-of-all', other: 'another-partner-of-all' } as const;

const copied = (batches: readonly Item[][]): Item[][] => batches.map((items) => items.map((item) => ({ ...item })));

const uuidOf = (n: number) => `c0ffee00-1111-4222-8333-${String(n).padStart(12, '0')}`;

/** One workflow, from its trigger to the last Retry. */
class Walk {
	private readonly world: World;

	private readonly executions: Execution[] = [];

	/** By item: who means what, so that an item that is changed back means what it meant. */
	private readonly meanings: Array<Map<string, number>> = [];

	private nonce = 0;

	constructor(
		private readonly scenario: Scenario,
		private readonly rules: Rules,
		private readonly choose: Choose,
		/** What is done though it is not protected. */
		private readonly unprotected: Exception | undefined,
	) {
		this.world = new World(scenario.weather, choose);
	}

	get log(): readonly string[] {
		return this.world.log;
	}

	get steps(): number {
		return this.world.steps;
	}

	run(): void {
		const { scenario } = this;
		const first = this.begin();
		this.execute(first);
		let latest = first;
		for (let turn = 0; turn < scenario.turns; turn++) {
			const next = this.again(first, latest);
			if (next === undefined) break;
			this.execute(next);
			if (next.mode === 'retry') latest = next;
		}
		this.mend(latest);
	}

	private isLeftOut(exception: Exception): boolean {
		return this.unprotected !== exception;
	}

	/* What the items are. */

	private begin(): Execution {
		const { scenario, choose } = this;
		const batches: Item[][] = [];
		let uid = 0;
		// Another execution did the event whose ID an item has by mistake.
		if (scenario.given.includes('wrong')) this.execute(this.open([[this.itemOf(uid++, 'o0', 'event', 0)]], 'o0', 'trigger'));
		if (this.meanings.length > 0 && !['done', 'processing'].includes(this.world.toldTo(0) ?? '')) this.world.unsay(0);
		const runs = choose(scenario.runs);
		for (let run = 0; run < runs; run++) {
			const size = choose(scenario.sizes);
			batches.push(Array.from({ length: size }, () => this.itemOf(uid++, 'o1', choose(scenario.given), run)));
		}
		return this.open(batches, 'o1', 'trigger');
	}

	private itemOf(uid: number, root: string, given: Scenario['given'][number], run: number): Item {
		const isWrong = given === 'wrong';
		const event = given === 'event' ? `event-${uid}` : isWrong ? 'event-0' : undefined;
		const uuid = given === 'uuid' ? uuidOf(uid) : undefined;
		const meantEvent = isWrong ? `event-${uid}` : (event ?? uuid ?? '');
		const item: Item = {
			uid, identity: this.choose(['A', 'B']), event, uuid, pin: '1', partner: PARTNERS.one, parent: run === 0 ? undefined : null, root, meantEvent, wrongEvent: isWrong ? event : undefined, cls: '', who: -1,
		};
		this.meanings[uid] ??= new Map();
		return this.remeant(item, {});
	}

	/** An item as it is changed, with what it means then. */
	private remeant(item: Item, change: Partial<Item>): Item {
		const changed = { ...item, ...change };
		const { root, identity, partner, pin, meantEvent, uid } = changed;
		const cls = [root, identity, partner === PARTNERS.one ? '' : 'other partner', pin === '1' ? '' : 'other PIN', meantEvent].filter((part) => part !== '').join(' ');
		const meanings = this.meanings[uid] ?? new Map<string, number>();
		const who = meanings.get(cls) ?? this.world.mean(cls);
		meanings.set(cls, who);
		return { ...changed, cls, who };
	}

	private askOf(item: Item, itemIndex: number): Ask {
		const { kind } = this.scenario;
		const { identity: card, pin, event, uuid, partner, parent } = item;
		const given: GivenId = uuid !== undefined ? { is: 'uuid', uuid } : event !== undefined ? { is: 'event', event } : { is: 'nothing' };
		const isCustom = kind === 'asked' || kind === 'now';
		const body = { card, ...(kind === 'now' && { now: this.nonce++ }) };
		const asked: Asked = {
			is: kind === 'once' ? 'once' : 'command',
			path: `/${kind}`,
			identity: kind === 'once' ? { card, pin } : body,
			open: kind === 'once' ? { card } : body,
			object: { card },
			repeat: isCustom ? 'asked' : kind === 'adds' ? 'adds' : 'same',
			given,
			...(isCustom && { typed: `the body of ${card}` }),
		};
		return { itemIndex, asked, sender: { partner, partnerKey: 'key' }, parent };
	}

	/* Executions. */

	private open(batches: Item[][], token: string, mode: Execution['mode'], from?: Partial<Execution>): Execution {
		const no = this.executions.length;
		const execution: Execution = {
			no, token, mode, state: 'runs', data: {}, heard: new Map(), run: 0, batches: copied(batches), first: copied(batches), saved: undefined, node: { name: 'Close', id: 'id-1' },
			goesOn: this.scenario.goesOn, loops: 0, isAfterCrash: false, areIdsEdited: false, line: new Set([no]), ...from,
		};
		this.executions.push(execution);
		return execution;
	}

	/** n8n runs an execution to its end, its failure or its death. */
	private execute(execution: Execution): void {
		const { scenario, world, choose } = this;
		try {
			for (;;) {
				const items = execution.batches[execution.run];
				if (items === undefined) break;
				world.say(`execution ${execution.no} (${execution.mode}), run ${execution.run} of the node: ${items.map(shown).join(', ')}`);
				this.save(execution);
				let failed = this.runNode(execution, items);
				if (failed.length > 0 && !execution.goesOn && !world.isCalm && choose([false, true])) {
					world.say('Retry On Fail');
					world.elapse(false);
					failed = this.runNode(execution, items);
				}
				if (failed.length > 0 && !execution.goesOn) {
					execution.state = 'failed';
					return;
				}
				this.lead(execution, items, failed);
				execution.run++;
				this.save(execution);
				if (scenario.crashes && !world.isCalm && choose([false, true])) throw new Crash('in a later node');
				if (execution.run < execution.batches.length) world.elapse(false);
			}
			execution.state = 'ended';
		} catch (error) {
			if (!(error instanceof Crash)) throw error;
			world.say(`n8n dies ${error.message}`);
			execution.state = 'crashed';
			const lost = execution.batches[execution.run]?.map(({ who }) => who) ?? [];
			if (scenario.saves) for (const who of lost) world.unsay(who);
			else world.unsayAll();
		}
	}

	private save(execution: Execution): void {
		const { data, heard, run, batches } = execution;
		execution.saved = { data: structuredClone(data), heard: new Map(heard), run, batches: copied(batches) };
	}

	/** Failed items go back to the node, if they do. */
	private lead(execution: Execution, items: readonly Item[], failed: readonly number[]): void {
		const { scenario, world, choose } = this;
		if (scenario.loops === 'no' || failed.length === 0 || execution.loops >= 2 || world.isCalm || !choose([true, false])) return;
		execution.loops++;
		world.elapse(false);
		const back = failed.flatMap((index) => {
			const item = items[index];
			if (item === undefined) return [];
			const isKnown = scenario.loops === 'known' || (scenario.loops === 'mixed' && choose([true, false]));
			const came = { ...item, parent: isKnown ? placeOf(execution.run, index) : null };
			return [scenario.alters && choose([false, true]) ? this.remeant(came, { identity: came.identity === 'Z' ? 'A' : 'Z' }) : came];
		});
		world.say('the error output leads back to the node');
		execution.batches.splice(execution.run + 1, 0, back);
	}

	private again(first: Execution, latest: Execution): Execution | undefined {
		const { scenario, world, choose } = this;
		world.elapse(false);
		const isOver = (execution: Execution) => execution.state === 'failed' || execution.state === 'crashed';
		const old = this.executions.find((execution) => execution !== latest && execution.token === 'o1' && isOver(execution));
		const ways: Array<'retry' | 'old' | 'again'> = [];
		if (isOver(latest)) ways.push('retry');
		const isOldLeftOut = (scenario.kind === 'once' && this.isLeftOut('oldRetryOfOnce')) || (this.executions.some(({ areIdsEdited }) => areIdsEdited) && this.isLeftOut('oldRetryEdited'));
		if (scenario.retriesOld && old !== undefined && !isOldLeftOut) ways.push('old');
		if (scenario.again !== 'no') ways.push('again');
		if (ways.length === 0) return undefined;
		const way = choose(ways);
		if (way === 'again') return this.delivered(first);
		return this.retried(way === 'old' && old !== undefined ? old : latest);
	}

	/** The same event again; or the same workflow in a new database, where it is another one. */
	private delivered(first: Execution): Execution | undefined {
		const { world, scenario } = this;
		world.elapse(true);
		const root = `o${this.executions.length + 1}`;
		if (scenario.again === 'database') {
			world.say('a new database');
			return this.open(first.first.map((items) => items.map((item) => this.remeant(item, { root }))), root, 'trigger');
		}
		const batches = first.first.map((items) => items.filter(({ event, wrongEvent }) => event !== undefined && wrongEvent === undefined)).filter(({ length }) => length > 0);
		if (batches.length === 0) return undefined;
		world.say('the event is delivered again');
		return this.open(batches, root, 'trigger');
	}

	/** n8n's Retry: with the data of the execution, or from the start where it died. */
	private retried(of: Execution): Execution {
		const { scenario, world } = this;
		world.elapse(true);
		const { token, node, goesOn } = of;
		const common = { node, goesOn, first: copied(of.first), isAfterCrash: of.isAfterCrash, areIdsEdited: of.areIdsEdited };
		const line = new Set([...of.line, this.executions.length]);
		world.say(`Retry of execution ${of.no}`);
		if (of.state === 'failed') {
			return this.edited(this.open(of.batches, token, 'retry', { ...common, data: structuredClone(of.data), heard: new Map(of.heard), run: of.run, loops: of.loops, line }));
		}
		if (scenario.kind === 'once' && this.isLeftOut('onceAfterCrash')) world.exemptAll();
		if (scenario.saves && of.saved !== undefined) {
			const { data, heard, run, batches } = of.saved;
			return this.edited(this.open(batches, token, 'retry', { ...common, data: structuredClone(data), heard: new Map(heard), run, isAfterCrash: true }));
		}
		world.unsayAll();
		return this.edited(this.open(this.permuted(of.first), token, 'retry', { ...common, isAfterCrash: true }));
	}

	/** After its death n8n runs all steps again, and the items may come in another order. */
	private permuted(batches: readonly Item[][]): Item[][] {
		if (this.world.isCalm || !this.choose([false, true])) return copied(batches);
		const [head, ...rest] = copied(batches).flat();
		const items = head === undefined ? rest : [...rest, head];
		return batches.map(({ length }, run) => items.splice(0, length).map((item) => ({ ...item, parent: run === 0 ? undefined : null })));
	}

	/** The user changes the node or its input before the Retry. */
	private edited(execution: Execution): Execution {
		if (this.world.isCalm) return execution;
		const edit = this.choose(this.scenario.edits);
		const isOfIds = /event|UUID/.test(edit);
		if (edit === 'none' || (isOfIds && execution.isAfterCrash && this.isLeftOut('editAfterCrash'))) return execution;
		this.world.say(`the user's edit: ${edit}`);
		if (edit === 'pasted anew') execution.node = { ...execution.node, id: `${execution.node.id}'` };
		if (isOfIds) execution.areIdsEdited = true;
		execution.batches = execution.batches.map((items, run) => (run < execution.run ? items : items.map((item) => this.editedItem(item, edit))));
		return execution;
	}

	private editedItem(item: Item, edit: Edit): Item {
		const { event, uuid, uid, identity, partner, pin, wrongEvent } = item;
		switch (edit) {
			case 'event added':
				return { ...item, event: event ?? `added-${uid}` };
			case 'event removed':
				return { ...item, event: undefined };
			case 'event changed':
				return { ...item, event: event === undefined ? undefined : `${event}'` };
			case 'right event':
				return wrongEvent === event ? { ...item, event: `event-${uid}` } : item;
			case 'UUID added':
				return { ...item, uuid: uuid ?? uuidOf(100 + uid) };
			case 'UUID removed':
				return { ...item, uuid: undefined };
			case 'identity':
				return this.remeant(item, { identity: identity === 'Z' ? 'A' : 'Z', uuid: this.otherUuid(item) });
			case 'partner':
				return this.remeant(item, { partner: partner === PARTNERS.one ? PARTNERS.other : PARTNERS.one });
			case 'PIN':
				return this.remeant(item, { pin: pin === '1' ? '2' : '1' });
			case 'pasted anew':
			case 'none':
				return item;
		}
	}

	/** Another command has another UUID, and the first one its own again. */
	private otherUuid({ uuid, uid, identity }: Item): string | undefined {
		if (uuid === undefined || !this.isLeftOut('uuidOfTwo')) return uuid;
		return identity === 'Z' ? uuidOf(uid) : uuidOf(uid + 500);
	}

	/* The node. */

	/** Runs the node over the items of a run, as `run/` does. Gives those that failed. */
	private runNode(execution: Execution, items: readonly Item[]): number[] {
		const { rules, world } = this;
		const { data, run, goesOn } = execution;
		const remembersDeath = openData(data, execution);
		const records = rules.records(data, run);
		const origin: Origin = {
			instanceId: 'instance', workflowId: 'workflow', node: rules.nodeOf(execution.node), execution: rules.executionOf({ token: execution.token, id: String(execution.no) }),
		};
		const circumstances: Circumstances = { origin, executionId: String(execution.no), runIndex: run, isAfterCrash: remembersDeath };
		const parents = items.map(({ parent }) => (run === 0 ? undefined : records.isEmpty ? null : (parent ?? null)));
		const asks = items.map((item, index) => ({ ...this.askOf(item, index), parent: parents[index] }));
		const starts = rules.startsOf(asks, records, circumstances, rules.beginnings);
		const turn = new Turn(this.scenario, rules, world, execution, items, records, circumstances);
		this.judgeEqual(items, starts);
		const objected = items.findIndex((_, index) => starts.get(index)?.is === 'objection');
		if (objected >= 0 && !goesOn) {
			turn.object(items[objected], starts.get(objected));
			data.stopped = true;
			return [objected];
		}
		const failed = new Set<number>();
		const came = new Map<number, Told>();
		const order = [...items.keys()].sort((a, b) => Number(starts.get(a)?.is === 'follow') - Number(starts.get(b)?.is === 'follow'));
		for (const index of order) {
			const item = items[index];
			const start = starts.get(index);
			if (item === undefined || start === undefined) continue;
			// Some may be on their way already when another one fails.
			const isStopped = !goesOn && failed.size > 0 && (world.isCalm || this.choose([true, false]));
			const told = turn.take(item, index, start, isStopped, came);
			came.set(index, told);
			if (!['done', 'done_before', 'processing'].includes(told)) {
				failed.add(index);
				records.noteParent(placeOf(run, index), parents[index]);
			}
		}
		records.end(failed.size === 0);
		if (failed.size > 0 && !goesOn) data.stopped = true;
		return [...failed].sort((a, b) => a - b);
	}

	/** What is meant once though it is listed twice is sent once. */
	private judgeEqual(items: readonly Item[], starts: ReadonlyMap<number, Start>): void {
		if (this.scenario.kind !== 'same' && this.scenario.kind !== 'once') return;
		const seen = new Set<string>();
		for (const [index, { cls, event = '', uuid = '' }] of items.entries()) {
			const start = starts.get(index);
			const what = [cls, event, uuid].join();
			if (start?.is !== 'intent' || (start.learnt !== undefined && start.learnt.is !== 'refused')) continue;
			if (seen.has(what)) throw new Violation(`20 sends twice what is meant once: ${cls}`);
			seen.add(what);
		}
	}

	/* In the end. */

	/** All is mended: whoever does what the messages name gets everything done. */
	private mend(last: Execution): void {
		const { world, scenario } = this;
		let latest = last;
		world.isCalm = true;
		world.say('from here on all goes well');
		world.elapse(true);
		if (latest.goesOn) return;
		for (let turn = 0; turn < 12 && latest.state !== 'ended'; turn++) {
			latest = this.retried(latest);
			if (turn >= 3) this.advise(latest, turn);
			this.execute(latest);
		}
		if (latest.state === 'ended') return;
		const items = latest.batches[latest.run] ?? [];
		const told = items.map(({ who }) => world.toldTo(who));
		const isUnsure = latest.isAfterCrash || scenario.retriesOld;
		// Looked up by hand: equal refunds after a crash, a command without an ID, a UUID that was used.
		if (world.isAmbiguous && (told.includes('unknown') || (isUnsure && told.includes('refused')))) return;
		if (told.includes('unknown') && (isUnsure || scenario.kind === 'once' || items.some(({ uuid }) => uuid !== undefined))) return;
		if (scenario.kind === 'adds' && isUnsure) return;
		if (scenario.kind === 'asked' || scenario.kind === 'now') {
			// A custom request that was sent with another body goes out in a new execution only.
			if (scenario.edits.includes('identity')) return;
		}
		throw new Violation(`8 dead end: ${told.join(', ')}`);
	}

	/** What the messages may name: an Event ID for equal refunds and for another command, another one after a refusal, another UUID. */
	private advise(execution: Execution, turn: number): void {
		const { world, scenario } = this;
		const isUnsure = (execution.isAfterCrash || scenario.retriesOld) && this.isLeftOut('eventAfterCrash');
		const here = execution.batches[execution.run] ?? [];
		const contested = new Set(here.filter(({ who }) => world.toldTo(who) === 'not_done' && world.noteTo(who) === 'adds').map(({ cls }) => cls));
		execution.batches = execution.batches.map((items, run) =>
			run !== execution.run
				? items
				: items.map((item) => {
						const told = world.toldTo(item.who);
						const { uuid, event, uid, wrongEvent } = item;
						if (event !== undefined && event === wrongEvent) return { ...item, event: `event-${uid}` };
						const isRefused = told === 'refused';
						if (isRefused && uuid !== undefined) return { ...item, uuid: uuidOf(1_000 + 20 * uid + turn) };
						if (isRefused && event !== undefined) return { ...item, event: `${event}+` };
						// Nobody can tell that its ID is used up.
						if (isRefused && world.isAmbiguous && turn >= 5 && !isUnsure) return { ...item, event: `advised-${uid}` };
						if (event === undefined && uuid === undefined && contested.has(item.cls) && !scenario.retriesOld) return { ...item, event: `advised-${uid}` };
						const isAdded = event === undefined && uuid === undefined && !isUnsure && told === 'unknown' && turn >= 5;
						return isAdded ? { ...item, event: `advised-${uid}` } : item;
					}),
		);
	}
}

const shown = ({ identity, event, uuid, partner, who }: Item) =>
	`${who}:${identity}${event === undefined ? '' : ` (${event})`}${uuid === undefined ? '' : ` (${uuid.slice(-4)})`}${partner === PARTNERS.one ? '' : ' (other partner)'}`;

/** As `run/executionData.ts` finds out whether an execution broke off. */
function openData(data: Data, { mode }: Execution): boolean {
	if (mode === 'retry' && data.stopped !== true) data.brokeOff = true;
	delete data.stopped;
	return data.brokeOff === true;
}

/** One run of the node, as `run/batch.ts` takes its items. */
class Turn {
	constructor(
		private readonly scenario: Scenario,
		private readonly rules: Rules,
		private readonly world: World,
		private readonly execution: Execution,
		private readonly items: readonly Item[],
		private readonly records: Records,
		private readonly circumstances: Circumstances,
	) {}

	/** Who is told of a wrong event. */
	private readonly isOfWrong = new Set<number>();

	object(item: Item | undefined, start: Start | undefined): Told {
		if (item === undefined || start?.is !== 'objection') throw new Error('no objection');
		const { objection } = start;
		const told = objection.is === 'addsAfterCrash' || objection.is === 'openBefore' ? 'unknown' : 'not_done';
		// What it says is that nothing was sent now: of what was sent before it says nothing.
		if (objection.is === 'otherBody') this.world.say(`    item ${item.who} was sent with another body`);
		else this.tell(item, told, objection.is);
		return told;
	}

	take(item: Item, index: number, start: Start, isStopped: boolean, came: ReadonlyMap<number, Told>): Told {
		if (start.is === 'intent' ? isWrong(item, start) : item.wrongEvent !== undefined && item.event === item.wrongEvent) this.isOfWrong.add(item.who);
		switch (start.is) {
			case 'objection':
				return this.object(item, start);
			case 'follow': {
				const told = came.get(start.leader) ?? 'not_done';
				const taken = told === 'done' ? 'done_before' : told;
				const leader = this.items[start.leader];
				this.tell(item, taken, `as item ${start.leader} of the run`, this.scenario.kind === 'adds' ? undefined : leader?.who);
				return taken;
			}
			case 'intent':
				return isStopped ? this.skip(item, start) : this.carryOut(item, index, start);
		}
	}

	private skip(item: Item, { learnt }: Intent): Told {
		const known = toldOf(learnt);
		const told = known === undefined ? 'not_done' : wordOf(known, true);
		this.tell(item, told, 'not started');
		return told;
	}

	/** As `Batch.carryOut`. */
	private carryOut(item: Item, index: number, intent: Intent): Told {
		const { rules, world, records, execution, circumstances } = this;
		const { begins } = intent;
		this.judgeBeginning(item, intent);
		if (begins !== 'tell') world.unsay(item.who);
		let [sends, wasUsed, id] = [0, false, intent.requestId?.id ?? ''];
		const course = courseOf(intent, { records, executionId: circumstances.executionId, origin: circumstances.origin, mask: (answer) => answer, wasUsed: () => wasUsed }, rules);
		let leg = course.next();
		while (leg.done !== true) {
			const current = leg.value;
			if (this.dies()) throw new Crash('before it is sent');
			if (this.scenario.takesUuids && current.requestId?.source === 'typed' && !this.mayHaveArrived(item, current)) world.takeUuid(item.partner, current.requestId.id);
			const came = world.deliver({ by: execution.no, line: execution.line, partner: item.partner, intent: current, known: current.begins, cls: isWrong(item, current) ? wrongClassOf(item) : item.cls, sends });
			if (this.dies()) throw new Crash('before the outcome is kept');
			if (came.wasUsed && execution.heard.get(heardAs(item, current.requestId?.id)) === 'accepted') throw new Violation('11 sends again what FreedomPay has');
			[sends, wasUsed, id] = [came.sends, true, current.requestId?.id ?? ''];
			if (this.isDefect()) {
				world.say('    a defect of the node');
				this.hear(UNKNOWN_BEFORE, current, item);
				course.return(UNKNOWN_BEFORE);
				this.tell(item, 'unknown', 'after a defect');
				return 'unknown';
			}
			this.hear(came.outcome, current, item);
			leg = course.next(came.outcome);
		}
		const told = wordOf(leg.value, begins === 'inDoubt' || begins === 'accepted' || begins === 'tell');
		if (intent.requestId === undefined && begins !== 'tell' && told === 'refused') this.noteRefusal(item, index);
		this.tell(item, told, begins === 'tell' ? 'from what is remembered' : id.slice(0, 6));
		return told;
	}

	private tell(item: Item, told: Told, note: string, one?: number): void {
		if (this.isOfWrong.has(item.who)) this.world.say(`    item ${item.who} is told ${told} of a wrong event`);
		else this.world.tell(item.who, told, this.execution.line, note, one);
	}

	private mayHaveArrived(item: Item, { requestId }: Intent): boolean {
		return ['maybe', 'accepted'].includes(this.execution.heard.get(heardAs(item, requestId?.id)) ?? '');
	}

	private dies(): boolean {
		return this.scenario.crashes && !this.world.isCalm && this.world.choose([false, true]);
	}

	private isDefect(): boolean {
		return this.scenario.defects && !this.world.isCalm && this.world.choose([false, true]);
	}

	/** A code that was refused is not tried again by n8n itself. */
	private noteRefusal(item: Item, index: number): void {
		const refused = refusedIn.get(this.execution) ?? new Set();
		refusedIn.set(this.execution, refused);
		const at = placeOf(this.execution.run, index);
		if ([at, item.parent].some((place) => refused.has(`${place} ${item.cls}`))) throw new Violation('12 sends again what was refused a moment ago');
		refused.add(`${at} ${item.cls}`);
	}

	/** Asks first, if and only if a send may have arrived, the id is the user's, or the one before it is used up. */
	private judgeBeginning(item: Item, intent: Intent): void {
		const { cls } = item;
		const { begins, requestId, n, m = 0, intended } = intent;
		if (begins === 'tell') {
			if (![cls, cls.replace(' other PIN', ''), `${cls} other PIN`].some((each) => this.world.wasTried(each)) && !isWrong(item, intent)) throw new Violation(`18 tells of what was never sent: ${cls}`);
			if (isWrong(item, intent) && item.event !== item.wrongEvent && !this.execution.heard.has(heardAs(item, requestId?.id))) throw new Violation(`19 keeps the outcome of another event: ${cls}`);
			if (requestId !== undefined && !isWrong(item, intent) && this.execution.heard.get(heardAs(item, requestId.id)) !== 'done') throw new Violation(`21 tells of what it could ask about: ${cls}`);
			return;
		}
		if ((begins === 'once') !== (requestId === undefined)) throw new Violation(`13 begins with ${begins}: ${cls}`);
		if (requestId === undefined) return;
		const { heard } = this.execution;
		const own = heard.get(heardAs(item, requestId.id));
		const before = n !== undefined && m > 0 ? heard.get(heardAs(item, requestIdOfItem(this.circumstances.origin, intended, n, m - 1).id)) : undefined;
		const wasRefused = own === 'recorded' || own === 'refused';
		if ((begins === 'rechecking' || begins === 'checking') && (begins === 'rechecking') !== wasRefused) throw new Violation(`17 takes another's request for its own, or its own for another's: ${cls}`);
		if (own === 'done') throw new Violation(`14 goes on with what is done: ${cls}`);
		const isDue = own === 'maybe' || own === 'accepted' || requestId.source === 'typed' || (before === 'recorded' && own !== 'refused');
		if (isDue !== (FIRST_MOVES[begins].do === 'ask')) throw new Violation(`${isDue ? '15 sends what has to be asked about' : '16 asks about what was not sent'}: ${cls}`);
	}

	private hear(outcome: Outcome, { requestId, begins }: Intent, item: Item): void {
		const { heard } = this.execution;
		if (requestId === undefined) return;
		const id = heardAs(item, requestId.id);
		const isOthers = outcome.from === 'another' || (outcome.from === 'earlier' && requestId.source !== 'node' && !['inDoubt', 'accepted', 'rechecking'].includes(begins));
		const wasRefused = heard.get(id) === 'recorded' || heard.get(id) === 'refused';
		if (isOthers || (outcome.is === 'failure' && outcome.effect !== 'unknown' && !isJudged(outcome))) {
			if (!wasRefused) heard.delete(id);
		}
		else if (outcome.is !== 'failure') heard.set(id, outcome.is === 'done' ? 'done' : 'accepted');
		else if (outcome.effect === 'unknown') heard.set(id, 'maybe');
		else heard.set(id, outcome.recorded ? 'recorded' : 'refused');
	}
}

/** Whether an item goes out under the Event ID that it was given by mistake: that is another event's, and so is what it comes to. */
function isWrong({ wrongEvent }: Item, { requestId, intended }: Intent): boolean {
	return wrongEvent !== undefined && requestId?.id === requestIdOfEvent(wrongEvent, intended).id;
}

const wrongClassOf = ({ identity, wrongEvent = '' }: Item) => ['o0', identity, wrongEvent].join(' ');

const heardAs = ({ partner, cls }: Item, id = '') => `${partner} ${cls} ${id}`;

const refusedIn = new WeakMap<Execution, Set<string>>();

/** An outcome in README's words. */
function wordOf(outcome: Outcome, isOwn: boolean): Told {
	if (outcome.is === 'processing') return 'processing';
	if (outcome.is !== 'failure') return outcome.from === 'earlier' && !isOwn ? 'done_before' : 'done';
	if (outcome.effect === 'unknown') return 'unknown';
	return isJudged(outcome) ? 'refused' : 'not_done';
}

/** What came of one walk. */
export interface Walked {
	violation: string | undefined;
	log: readonly string[];
	steps: number;
}

/** Walks once, as the choices have it. */
export function walk(scenario: Scenario, choose: Choose, rules = RULES, unprotected?: Exception): Walked {
	const walking = new Walk(scenario, rules, choose, unprotected);
	try {
		walking.run();
	} catch (error) {
		if (!(error instanceof Violation)) throw Object.assign(error instanceof Error ? error : new Error(String(error)), { log: walking.log });
		return { violation: error.message, log: walking.log, steps: walking.steps };
	}
	return { violation: undefined, log: walking.log, steps: walking.steps };
}

/** What a search of many walks found, and how much it saw. */
export interface Found {
	walks: number;
	steps: number;
	/** The shortest log that leads to a violation. */
	violation: { what: string; log: readonly string[] } | undefined;
}

function shortest(found: Found, { violation, log }: Walked): void {
	if (violation === undefined || (found.violation !== undefined && found.violation.log.length <= log.length)) return;
	found.violation = { what: violation, log };
}

/** Every walk in which at most some things go otherwise than well. */
export function exhaust(scenario: Scenario, others: number, rules = RULES): Found {
	const found: Found = { walks: 0, steps: 0, violation: undefined };
	const open: number[][] = [[]];
	for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop()) {
		const taken = prefix;
		const widths: number[] = [];
		const choose: Choose = (options) => {
			if (options.length === 1) return options[0] as (typeof options)[number];
			widths.push(options.length);
			return options[taken[widths.length - 1] ?? 0] as (typeof options)[number];
		};
		const walked = walk(scenario, choose, rules);
		found.walks++;
		found.steps += walked.steps;
		shortest(found, walked);
		if (taken.filter((choice) => choice > 0).length >= others) continue;
		for (let at = taken.length; at < widths.length; at++) {
			for (let choice = 1; choice < (widths[at] ?? 0); choice++) open.push([...taken, ...Array<number>(at - taken.length).fill(0), choice]);
		}
	}
	return found;
}

/** A generator of numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/**
 * Walks at random, the same ones for the same seed.
 * @param isShort whether to end with the first violation
 */
export function wander(scenario: Scenario, walks: number, seed: number, rules = RULES, isShort = false, unprotected?: Exception): Found {
	const random = randomFrom(seed);
	const found: Found = { walks: 0, steps: 0, violation: undefined };
	// All goes well often enough for something to come after it.
	const choose: Choose = (options) => options[random() < 0.3 ? 0 : Math.floor(random() * options.length)] as (typeof options)[number];
	for (let n = 0; n < walks; n++) {
		const walked = walk(scenario, choose, rules, unprotected);
		found.walks++;
		found.steps += walked.steps;
		shortest(found, walked);
		if (isShort && found.violation !== undefined) break;
	}
	return found;
}
