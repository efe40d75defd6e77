import { AFTER_LOOKUP, AFTER_SEND, FIRST_MOVES, begin, MAX_ASKS, MAX_SENDS, next, type Action, type From, type Known, type Outcome, type State } from '../../../nodes/card-api/delivery/protocol';
import { choices, isKind, LONG_AGO, momentOf, type Dialect, type Record, type Scenario, type World } from './api';
import { brokenRule, learntFrom, lieOf, type Turn } from './rules';

/* Runs the protocol against everything that the API and the network may do. */

export type { Scenario } from './api';

export interface Tables {
	afterSend: typeof AFTER_SEND;
	afterLookup: typeof AFTER_LOOKUP;
	firstMoves: typeof FIRST_MOVES;
}

const TABLES: Tables = { afterSend: AFTER_SEND, afterLookup: AFTER_LOOKUP, firstMoves: FIRST_MOVES };

/** One way in which a request may end, as whoever looks on sees it. */
export interface End {
	outcome: Outcome;
	/** What the run learns. */
	is: 'done' | 'processing' | 'notSent' | 'rejected' | 'failed' | 'unknown';
	from: From;
	recorded: boolean;
	/** What is then true: what the API has, how many sends are still on their way, and what was done meanwhile, by whomever. */
	record: Pick<Record, 'state' | 'isOurs' | 'isEarlier'> | undefined;
	flying: number;
	effects: number;
	/** How often the item was sent, under ids before this one included. */
	sends: number;
}

/** What a search found, and how much it saw. */
export interface Finding {
	/** What is wrong, with the choices that lead there. */
	violation: { what: string; trace: string[] } | undefined;
	states: number;
	steps: number;
	/** How many times it came to an end, and in which ways that differ. */
	ends: number;
	ways: End[];
}

/** A run is longer than this only if it does not end. */
const ENDLESS = 60;

/** What everything that comes after depends on: of what was heard, only what the protocol looks at again. */
function keyOf(state: State, action: Action, world: World, length: number): string {
	const { verdict, answer, ...rest } = state;
	const heard = verdict === undefined ? '' : `${verdict.is} ${'httpStatus' in verdict ? verdict.httpStatus : ''} ${'answer' in verdict ? JSON.stringify(verdict.answer) : ''}`;
	return JSON.stringify([rest, answer !== undefined, heard, action, world, length]);
}

/** How long an action waits, in ms. */
function pauseOf(action: Action, { now }: World, { until }: State, { pollMs }: Scenario): number {
	if (action.do === 'end' || action.after === undefined) return 0;
	if (action.after.for === 'status') return action.after.ms;
	return action.after.for === 'poll' ? Math.max(0, Math.min(pollMs, until - now)) : 0;
}

function endOf(outcome: Outcome, { record, flying, effects }: World, { sends }: State, before: number): End {
	const { from } = outcome;
	const kept = record && { state: record.state, isOurs: record.isOurs, isEarlier: record.isEarlier };
	return {
		outcome,
		is: outcome.is === 'failure' ? outcome.effect : outcome.is,
		from,
		recorded: outcome.is === 'failure' && outcome.recorded,
		record: kept,
		flying,
		effects: effects - before,
		sends,
	};
}

/** Ends are told apart by what was learnt, whatever the words. */
function nameOf({ outcome, ...way }: End): string {
	return JSON.stringify(outcome.is === 'failure' ? [way, outcome.verdict?.is, outcome.lookup?.is] : way);
}

/** What may have been sent before, by whomever, is asked about. */
const ASKED_FIRST: readonly Known[] = ['checking', 'rechecking', 'walking', 'inDoubt', 'accepted'];

/**
 * Runs the protocol from one beginning against every choice up to a depth, and with all going well from there.
 * @param tables what the protocol goes by; others only to see that a change is noticed
 * @param isJudged whether to look for what it does wrong; if not, it is what it is
 */
export function search(scenario: Scenario, depth: number, tables = TABLES, isJudged = true): Finding {
	const seen = new Set<string>();
	const finding: Finding = { violation: undefined, states: 0, steps: 0, ends: 0, ways: [] };
	const ways = new Map<string, End>();
	const { record, flying, wasLetThrough } = scenario;
	// Who was let through was told the time.
	const toldAt = wasLetThrough ? { toldAt: momentOf(0) } : {};
	const [state, action] = begin({ known: scenario.known, isEvent: scenario.isEvent, sends: scenario.sends, ...toldAt }, scenario.waitMs, 0, tables);
	const effects = record?.isOurs === true && record.state === 'success' ? 1 : 0;
	const world: World = {
		record, flying, mayTwin: scenario.twin !== 'none', effects, now: 0, lies: 0, liesSince: 0, lost: 0, mayHaveArrived: 0, unanswered: 0, wasLetThrough, hasCrossed: false, isDeflected: false,
	};
	const isAsk = action.do === 'ask';
	if (!isJudged || isAsk === ASKED_FIRST.includes(scenario.known)) visit(state, action, world, 0, []);
	else finding.violation = { what: isAsk ? 'asks about what was not sent' : 'sends what may have been sent', trace: [] };
	finding.ways = [...ways.values()];
	return finding;

	function visit(state: State, action: Action, world: World, length: number, trace: readonly string[]): void {
		const key = keyOf(state, action, world, Math.min(length, depth));
		if (seen.has(key) || finding.violation !== undefined) return;
		seen.add(key);
		finding.states++;
		const pause = pauseOf(action, world, state, scenario);
		const there = pause === 0 ? world : { ...world, now: world.now + pause };
		for (const choice of choices(scenario, there, action)) {
			if (length >= depth && !isKind(choice)) continue;
			finding.steps++;
			const so = [...trace, choice.name];
			const { event } = choice;
			const [after, then] = next(state, event, tables);
			const turn: Turn = { known: scenario.known, before: state, learnt: learntFrom(event), isAsk: event.of === 'lookup', after, then, at: event.at };
			const lie = isJudged && then.do === 'end' ? lieOf(scenario, choice.world, after, event, then.outcome) : undefined;
			const what = isJudged ? lie ?? brokenRule(turn) ?? boundsBroken(scenario, after, choice.world, length) : undefined;
			if (what !== undefined) {
				finding.violation = { what, trace: so };
				return;
			}
			if (then.do === 'end') {
				finding.ends++;
				const way = endOf(then.outcome, choice.world, after, effects);
				ways.set(nameOf(way), way);
			} else {
				visit(after, then, choice.world, length + 1, so);
			}
			if (finding.violation !== undefined) return;
		}
	}
}

function boundsBroken({ known }: Scenario, state: State, world: World, length: number): string | undefined {
	if (world.effects > 1) return 'done twice';
	if (state.sends > MAX_SENDS) return 'sent too often';
	if (known === 'once' && world.mayHaveArrived > 1) return 'repeated what must not be';
	if (state.at !== 'accepted' && world.unanswered > MAX_ASKS * MAX_SENDS) return 'asks too often';
	return length > ENDLESS ? 'does not end' : undefined;
}

/** The API's wording that most scenarios are tried with. */
export const USUAL: Dialect = { notKnown: 'notKnown', failed: 'error', repeat: 'spoken' };

const A_SCENARIO: Omit<Scenario, 'known'> = {
	isEvent: false,
	dialect: USUAL,
	record: undefined,
	flying: 0,
	sends: 0,
	twin: 'none',
	lagMs: 0,
	wasLetThrough: false,
	waitMs: 0,
	pollMs: 4_000,
};

/** A record from long before, or one that a twin made just now. */
export function recordOf(state: Record['state'], { isOurs = true, at = LONG_AGO } = {}): Record {
	return { state, isOurs, isEarlier: true, since: at, at };
}

const reached = new Map<string, End[]>();

/**
 * All ways in which one request may end: the protocol as a relation, for a model of what runs it.
 *
 * `known` and `isEvent` are what the run begins with; `record` is what the API has under the request id then (`recordOf`), `flying` how many
 * sends of earlier tries are still on their way, `sends` how often the item was sent under other ids before. Each end tells what the run learns and what is true after it; the next run begins with
 * these. An `undefined` record with `flying` 0 and no twin is a request that nobody sent. `twin: 'ours'` lets another execution send
 * the same id meanwhile, `lagMs` lets the status be behind. For example, a fresh command, and its rerun by n8n:
 *
 *     for (const end of endsOf({ known: 'neverSent' }))
 *       if (end.is === 'unknown') endsOf({ known: 'inDoubt', flying: end.flying, record: end.record && recordOf(end.record.state, end.record) })
 *
 * Remembered, so that it may be asked as often as one likes.
 * @param depth how many things may go otherwise than well
 * @param isJudged whether a beginning that does not fit what the API has is refused
 */
export function endsOf(beginning: Pick<Scenario, 'known'> & Partial<Scenario>, depth = 3, isJudged = true): End[] {
	const scenario: Scenario = { ...A_SCENARIO, ...beginning };
	const key = JSON.stringify([scenario, depth]);
	const known = reached.get(key);
	if (known !== undefined) return known;
	const { violation, ways } = search(scenario, depth, TABLES, isJudged);
	if (violation !== undefined) throw new Error(`${violation.what}: ${violation.trace.join(', ')}`);
	reached.set(key, ways);
	return ways;
}

type Given = Partial<Scenario> & Pick<Scenario, 'known'>;

const STATES = ['process', 'success', 'error'] as const;
const NOT_KNOWN = ['notKnown', 'ambiguous', 'vague'] as const;
const FAILED = ['error', 'ambiguous'] as const;

/** Every way in which the API may word what is not documented. */
const DIALECTS: readonly Dialect[] = NOT_KNOWN.flatMap((notKnown) => FAILED.flatMap((failed) => [{ notKnown, failed, repeat: 'plain' as const }, { notKnown, failed, repeat: 'spoken' as const }]));

/** Shorter than the protocol's patience, and longer than anybody's. */
const LAG_MS = 3_000;
const LONG_LAG_MS = 60_000;

/** What the API may have before a run, by what the run knows. */
function histories(): Given[] {
	const records = (known: Known, isOurs = true): Given[] => STATES.map((state) => ({ known, record: recordOf(state, { isOurs }) }));
	const withId: Given[] = [
		{ known: 'neverSent' },
		// After a crash, nothing else is known of what was sent before.
		...records('neverSent'),
		{ known: 'neverSent', isEvent: true },
		...records('neverSent').map((each) => ({ ...each, isEvent: true })),
		{ known: 'checking' },
		...records('checking', false),
		...records('checking'),
		{ known: 'rechecking' },
		{ known: 'rechecking', record: recordOf('error') },
		...records('rechecking', false).slice(0, 2),
		{ known: 'walking' },
		{ known: 'walking', sends: 1 },
		{ known: 'walking', sends: 3 },
		...records('walking'),
		{ known: 'inDoubt' },
		...records('inDoubt'),
		{ known: 'inDoubt', flying: 1 },
		...records('accepted'),
	];
	return withId;
}

/** Two deliveries at once, and a status that is behind. */
function twins(): Given[] {
	const ahead = (known: Known, more: Partial<Scenario>): Given[] => STATES.map((state) => ({ known, record: recordOf(state, { at: 0 }), ...more }));
	return [
		...(['spoken', 'plain'] as const).flatMap((repeat) => ahead('neverSent', { isEvent: true, lagMs: LAG_MS, dialect: { ...USUAL, repeat } })),
		...NOT_KNOWN.flatMap((notKnown) => ahead('neverSent', { isEvent: true, lagMs: LAG_MS, dialect: { ...USUAL, notKnown } })),
		...ahead('neverSent', { isEvent: true, lagMs: LONG_LAG_MS }),
		...ahead('neverSent', { lagMs: LAG_MS }),
		...ahead('neverSent', { lagMs: LONG_LAG_MS }),
		...ahead('walking', { lagMs: LAG_MS }),
		...ahead('inDoubt', { lagMs: LAG_MS }),
		...ahead('inDoubt', { lagMs: LONG_LAG_MS }),
		{ known: 'neverSent', isEvent: true, twin: 'ours', lagMs: LAG_MS },
		{ known: 'neverSent', twin: 'ours', lagMs: LAG_MS },
		{ known: 'walking', twin: 'ours', lagMs: LAG_MS },
		{ known: 'neverSent', lagMs: LAG_MS },
		{ known: 'inDoubt', flying: 1, lagMs: LAG_MS },
		...(['ours', 'another'] as const).flatMap((twin) =>
			(['spoken', 'plain'] as const).map((repeat): Given => ({ known: 'checking', twin, lagMs: LAG_MS, dialect: { ...USUAL, repeat } })),
		),
		{ known: 'checking', twin: 'ours', lagMs: LONG_LAG_MS },
		{ known: 'rechecking', twin: 'another', lagMs: LAG_MS },
	];
}

/** Every beginning: what was known, what the API has and how it words it. */
export function scenarios(): Scenario[] {
	const waits = [{ waitMs: 0, pollMs: 4_000 }, { waitMs: 40_000, pollMs: 4_000 }, { waitMs: 40_000, pollMs: 8_000 }];
	// How a failure is told counts while it is waited for; how a repeat is refused does not.
	const waitsFor = ({ notKnown, repeat }: Dialect) => (notKnown === 'vague' || repeat === 'spoken' ? waits.slice(0, 1) : waits);
	const given: Given[] = [
		...(['read', 'once'] as const).flatMap((known) => waits.map((wait) => ({ known, ...wait }))),
		...histories().flatMap((history) => DIALECTS.flatMap((dialect) => waitsFor(dialect).map((wait) => ({ ...history, dialect, ...wait })))),
		...histories().flatMap((history) => (['spoken', 'plain'] as const).map((repeat) => ({ ...history, wasLetThrough: true, dialect: { ...USUAL, repeat } }))),
		...twins(),
	];
	return given.map((each) => ({ ...A_SCENARIO, ...each }));
}
