import type { Known, Outcome } from '../../../nodes/card-api/delivery/protocol';
import type { Intent } from '../../../nodes/card-api/intent/intents';
import { isJudged } from '../../../nodes/card-api/intent/learning';
import { LONG_AGO, type Dialect, type Scenario } from '../../delivery/protocolModel/api';
import { endsOf, type End } from '../../delivery/protocolModel/model';

/*
 * What is true: what each item means, what was done for it, and what it was told; with the API and the network between, as the
 * protocol's model has them. The code under test knows none of it but what it is told.
 */

/** Picks one of the ways in which something may go; the first is the one in which all goes well. */
export type Choose = <T>(options: readonly T[]) => T;

/** What breaks a promise, in a few words that begin with which. */
export class Violation extends Error {}

/** The process of n8n dies. */
export class Crash extends Error {}

/** What an item is told, in the words that README explains. */
export type Told = 'done' | 'done_before' | 'processing' | 'unknown' | 'not_done' | 'refused';

/** What one item means: whoever means the same has the same class, and each that means it is counted. */
interface Meant {
	cls: string;
	/** The item whose outcome it was told, so that both are one. */
	one: number | undefined;
	told: Told | undefined;
	/** What it was told besides. */
	note: string;
	/** The executions that can remember what became of it. */
	scope: ReadonlySet<number>;
}

/** A request that the API has. */
interface Request {
	state: 'process' | 'success' | 'error';
	/** What it was for; undefined for another command under the user's own UUID. */
	cls: string | undefined;
	/** The execution that sent it; -1 for somebody else. */
	by: number;
	isNew: boolean;
}

interface Flight {
	key: string;
	cls: string;
	by: number;
}

/** What of the API and the network may go otherwise than well. */
export interface Weather {
	/** Whether a status may be behind, and another delivery of the same may be sent at the same time. */
	twins: boolean;
	tellsTime: boolean;
	dialects: readonly Dialect[];
}

/** A send, as the model of n8n has it. */
export interface Sending {
	by: number;
	/** The executions whose data that one has. */
	line: ReadonlySet<number>;
	partner: string;
	intent: Intent;
	known: Known;
	cls: string;
	/** How often this item was sent in this run before. */
	sends: number;
}

const depth = 2;

const kindness = ({ is, effects, flying, sends, record }: End) =>
	(is === 'done' ? 0 : is === 'processing' ? 10 : 20) + flying + sends + effects + (record === undefined ? 1 : 0);

const ways = new Map<string, End[]>();

/** In which ways a request may end that differ for whoever runs it, the kindest first. */
function waysOf(scenario: Pick<Scenario, 'known'> & Partial<Scenario>): End[] {
	const key = JSON.stringify(scenario);
	const known = ways.get(key);
	if (known !== undefined) return known;
	const byWhat = new Map<string, End>();
	// First those in which all goes well.
	for (const end of [...endsOf(scenario, 0, false).toSorted((a, b) => kindness(a) - kindness(b)), ...endsOf(scenario, depth, false)]) {
		const { is, from, recorded, record, flying, effects, sends, outcome } = end;
		const what = JSON.stringify([is, from, recorded, record?.state, record?.isOurs, record?.isEarlier, Math.min(flying, 1), effects, Math.min(sends, 1), outcome.is === 'failure' && isJudged(outcome)]);
		if (!byWhat.has(what)) byWhat.set(what, end);
	}
	const all = [...byWhat.values()];
	ways.set(key, all);
	return all;
}

/** All that is true, and all that may happen without n8n's doing. */
export class World {
	readonly api = new Map<string, Request>();

	readonly log: string[] = [];

	/** From here on all goes well. */
	isCalm = false;

	/** How many things may happen were looked at. */
	steps = 0;

	private flights: Flight[] = [];

	private readonly meant: Meant[] = [];

	private readonly effects = new Map<string, number>();

	private readonly effectsBy = new Map<string, Map<number, number>>();

	/** What may have been done without anybody's being able to know: see `NOT_PROTECTED`. */
	private readonly exempt = new Set<string>();

	private readonly isMixed = new Set<Meant>();

	private readonly tried = new Set<string>();

	private readonly dialect: Dialect | undefined;

	constructor(
		private readonly weather: Weather,
		readonly choose: Choose,
	) {
		this.dialect = weather.dialects.length > 1 ? choose(weather.dialects) : weather.dialects[0];
	}

	say(line: string): void {
		this.log.push(line);
	}

	/** One more that means this; gives its number. */
	mean(cls: string): number {
		this.meant.push({ cls, one: undefined, told: undefined, note: '', scope: new Set() });
		return this.meant.length - 1;
	}

	classOf(who: number): string {
		return this.at(who).cls;
	}

	toldTo(who: number): Told | undefined {
		return this.at(who).told;
	}

	/** What an item was told besides its outcome. */
	noteTo(who: number): string {
		return this.at(who).note;
	}

	/** Whether anything was ever sent for a meaning. */
	wasTried(cls: string): boolean {
		return this.tried.has(cls);
	}

	/** An item is told an outcome, by an execution that remembers what those of its scope learnt. */
	tell(who: number, told: Told, scope: ReadonlySet<number>, note: string, one?: number): void {
		const item = this.at(who);
		this.say(`    item ${who} (${item.cls}) is told ${told}${note === '' ? '' : ` ${note}`}`);
		const isLater = [...item.scope].every((execution) => scope.has(execution));
		if (item.told === 'done' && one === undefined && isLater && told !== 'done' && told !== 'done_before') throw new Violation(`2 was told done, and then ${told}`);
		Object.assign(item, { told, note, scope });
		if (one !== undefined) this.join(who, one);
		this.check();
	}

	/** An item goes out again, or what it was told is lost with its execution. */
	unsay(who: number): void {
		this.at(who).told = undefined;
	}

	/** Of what was meant so far nobody can know any more what was done: what README says is not protected. */
	exemptAll(): void {
		for (const { cls } of this.meant) this.exempt.add(cls);
	}

	/** What was told is lost with the executions that could know of it. */
	unsayAll(): void {
		for (const item of this.meant) item.told = undefined;
	}

	/** Whether FreedomPay words failures so that a question's own cannot be told from the request's. */
	get isAmbiguous(): boolean {
		return this.dialect?.failed === 'ambiguous';
	}

	/** Something is sent, or asked about, until it comes to an outcome. */
	deliver({ by, line, partner, intent, known, cls, sends }: Sending): { outcome: Outcome; sends: number; wasUsed: boolean } {
		this.steps++;
		const { requestId } = intent;
		const key = `${partner} ${requestId?.id ?? ''}`;
		const held = requestId === undefined ? undefined : this.api.get(key);
		const mine = this.flights.filter((flight) => flight.key === key);
		// Of equal commands, one may take the number of another that was refused.
		const carried = [held?.state === 'error' && requestId?.source === 'node' ? undefined : held, ...mine];
		if (requestId !== undefined && requestId.source !== 'typed' && carried.some((other) => other?.cls !== undefined && other.cls !== cls)) {
			throw new Violation(`5 request ID of ${held?.cls ?? mine[0]?.cls} for ${cls}`);
		}
		const end = this.chosen(waysOf(this.scenarioOf(intent, known, cls, held, mine.length, sends)), known);
		if (end.sends > sends) this.tried.add(cls);
		if (end.sends > 3) throw new Violation('9 sent more than three times');
		this.become(end, { key, cls, by, held, hasId: requestId !== undefined });
		const how = end.outcome.is === 'failure' ? `${end.outcome.effect} (${end.outcome.verdict?.is ?? '-'}, ${end.outcome.lookup?.is ?? '-'})` : end.outcome.is;
		this.say(`    ${known} ${requestId === undefined ? 'without an ID' : `${requestId.source} ${requestId.id.slice(0, 6)}`}: ${how} from ${end.from}${end.recorded ? ' recorded' : ''}; API has ${end.record?.state ?? 'nothing'}${end.flying > 0 ? ', one on its way' : ''}`);
		const now = this.api.get(key);
		const isTaken = end.outcome.is !== 'failure' || (end.outcome.from === 'earlier' && end.recorded && requestId?.source !== 'node' && known !== 'rechecking');
		if (requestId !== undefined && isTaken && now?.cls !== cls) throw new Violation(`7 is told the outcome of ${now?.cls ?? 'another command'} for ${cls}`);
		if (end.outcome.is === 'done' && end.from === 'earlier' && !['inDoubt', 'accepted'].includes(known) && now?.by === by) throw new Violation('3 was done before, by this very execution');
		if (end.outcome.is === 'failure' && end.from === 'another' && now?.cls === cls && line.has(now.by)) throw new Violation('10 its own request is called used');
		this.check();
		return { outcome: end.outcome, sends: end.sends, wasUsed: end.sends > sends };
	}

	/** Something happens while n8n waits, or before it runs again. */
	elapse(isLong: boolean): void {
		for (const request of this.api.values()) request.isNew = false;
		// Nothing that was sent is on its way for as long as a person takes.
		const due = isLong ? this.flights : this.flights.slice(0, 1);
		for (const flight of due) {
			const what = this.isCalm ? 'arrives' : this.choose(isLong ? ['dies', 'arrives', 'is refused'] : ['flies', 'arrives', 'is refused']);
			if (what === 'flies') continue;
			this.flights = this.flights.filter((other) => other !== flight);
			if (what === 'dies' || this.api.has(flight.key)) continue;
			this.say(`  a late request ${what}: ${flight.cls}`);
			this.api.set(flight.key, { state: what === 'arrives' ? 'success' : 'error', cls: flight.cls, by: flight.by, isNew: true });
			if (what === 'arrives') this.act(flight.cls, flight.by, 1);
			this.check();
		}
		for (const [key, request] of this.api) {
			if (request.state !== 'process') continue;
			const state = this.isCalm ? 'success' : this.choose(['process', 'success', 'error'] as const);
			if (state === 'process') continue;
			this.say(`  ${key.slice(0, 12)} comes to ${state}`);
			request.state = state;
			if (state === 'success' && request.cls !== undefined) this.act(request.cls, request.by, 1);
			this.check();
		}
	}

	/** A command that has another meaning goes out under the user's own UUID. */
	takeUuid(partner: string, uuid: string): void {
		const key = `${partner} ${uuid}`;
		if (this.isCalm || this.api.has(key)) return;
		const state = this.choose(['', 'success', 'error'] as const);
		if (state === '') return;
		this.say(`  another command is sent under ${uuid.slice(0, 6)}: ${state}`);
		this.api.set(key, { state, cls: undefined, by: -1, isNew: false });
	}

	/** What must hold at every moment. */
	private check(): void {
		const byClass = new Map<string, Meant[]>();
		for (const item of this.meant) byClass.set(item.cls, [...(byClass.get(item.cls) ?? []), item]);
		for (const [cls, items] of byClass) {
			if (this.exempt.has(cls)) continue;
			const effects = this.effects.get(cls) ?? 0;
			if (effects > items.length) throw new Violation(`1 done ${effects} times, meant ${items.length} times: ${cls}`);
			// What several are told that are one is told once.
			const of = (told: Told) => [...new Map(items.filter((item) => item.told === told && !this.isMixed.has(this.rootOf(item))).map((item) => [this.rootOf(item), item])).values()];
			const refused = of('refused').length;
			if (effects > items.length - refused) throw new Violation(`4 told refused, and done: ${cls}`);
			for (const { scope } of of('not_done')) {
				const own = [...scope].reduce((sum, execution) => sum + (this.effectsBy.get(cls)?.get(execution) ?? 0), 0);
				const denied = of('not_done').filter((other) => sameSet(other.scope, scope)).length + refused;
				if (own > items.length - denied) throw new Violation(`4 told not done, and done by this execution: ${cls}`);
			}
			const done = new Set([...of('done'), ...of('done_before')].map((item) => this.rootOf(item))).size;
			if (done > effects) throw new Violation(`2 told done ${done} times, done ${effects} times: ${cls}`);
		}
	}

	private rootOf(item: Meant): Meant {
		return item.one === undefined ? item : this.rootOf(this.at(item.one));
	}

	/** Two that are told the same are one. Where they meant two things before their IDs were edited, nobody counts them. */
	private join(who: number, other: number): void {
		const [root, there] = [this.rootOf(this.at(who)), this.rootOf(this.at(other))];
		if (root === there) return;
		root.one = this.meant.indexOf(there);
		if (root.cls !== there.cls || this.isMixed.has(root)) this.isMixed.add(there);
	}

	private at(who: number): Meant {
		const item = this.meant[who];
		if (item === undefined) throw new Error(`nobody is ${who}`);
		return item;
	}

	private scenarioOf({ requestId }: Intent, known: Known, cls: string, held: Request | undefined, flying: number, sends: number): Pick<Scenario, 'known'> & Partial<Scenario> {
		const { twins, tellsTime } = this.weather;
		const lagMs = twins && !this.isCalm && requestId !== undefined ? this.choose([0, 3_000]) : 0;
		const mayTwin = lagMs > 0 && held === undefined && flying === 0 && ['neverSent', 'walking', 'checking'].includes(known);
		const twin = mayTwin ? this.choose(requestId?.source === 'typed' ? (['none', 'ours', 'another'] as const) : (['none', 'ours'] as const)) : 'none';
		const at = held?.isNew === true && lagMs > 0 ? 0 : LONG_AGO;
		return {
			known,
			isEvent: requestId?.source === 'event',
			record: held && { state: held.state, isOurs: held.cls === cls, isEarlier: true, since: at, at },
			flying: Math.min(flying, 1),
			lagMs,
			twin,
			tellsTime,
			...(this.dialect !== undefined && { dialect: this.dialect }),
			...(sends > 0 && { sends }),
		};
	}

	private chosen(all: readonly End[], known: Known): End {
		const [best] = all;
		if (best === undefined) throw new Violation(`8 ${known} comes to no end`);
		return this.isCalm || all.length === 1 ? best : this.choose(all);
	}

	/** Makes true what an end says. */
	private become(end: End, { key, cls, by, held, hasId }: { key: string; cls: string; by: number; held: Request | undefined; hasId: boolean }): void {
		const before = this.flights.filter((flight) => flight.key === key);
		this.flights = this.flights.filter((flight) => flight.key !== key);
		// A further send under an ID that the API has comes to nothing.
		if (hasId && end.record === undefined) for (let n = 0; n < Math.min(end.flying, 1); n++) this.flights.push(before[n] ?? { key, cls, by });
		const who = held?.by ?? before[0]?.by ?? (end.record?.isEarlier === true ? -1 : by);
		if (end.effects > 0) this.act(held?.cls ?? cls, who, end.effects);
		// What is accepted without an ID is done some time: nobody can see it there.
		if (!hasId && end.is === 'processing') this.act(cls, by, 1);
		if (!hasId) return;
		if (end.record === undefined) this.api.delete(key);
		else this.api.set(key, { state: end.record.state, cls: held === undefined ? (end.record.isOurs ? cls : undefined) : held.cls, by: who, isNew: held === undefined });
	}

	private act(cls: string, by: number, times: number): void {
		this.effects.set(cls, (this.effects.get(cls) ?? 0) + times);
		const all = this.effectsBy.get(cls) ?? new Map<number, number>();
		this.effectsBy.set(cls, all.set(by, (all.get(by) ?? 0) + times));
	}
}

function sameSet(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
	return a.size === b.size && [...a].every((each) => b.has(each));
}
