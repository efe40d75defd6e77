import type { Lookup, Verdict } from '../../nodes/FreedomPayCard/delivery/judge';
import { AFTER_ANSWER, AFTER_SEND, begin, MAX_ASKS, MAX_SENDS, next, type Action, type Event, type Outcome, type State } from '../../nodes/FreedomPayCard/delivery/protocol';

/*
 * A small model of the API and of the network, to run the protocol against everything that these may do. Whatever can go in more
 * than one way is a choice, and every choice is tried.
 */

export type Tables = { afterSend: typeof AFTER_SEND; afterAnswer: typeof AFTER_ANSWER };

type Known = Parameters<typeof begin>[0];

/** What the API has under the request id. */
interface Record {
	state: 'process' | 'success' | 'error';
	/** Whether for this intent; under the user's own UUID it may be another's. */
	isOurs: boolean;
	/** Whether it was there before this run. */
	isEarlier: boolean;
	/** When it got there, in ms. */
	at: number;
}

/** How the API words what the documentation leaves open. */
interface Dialect {
	notKnown: 'notKnown' | 'ambiguous' | 'vague';
	failed: 'error' | 'ambiguous';
}

/** Where a run begins. */
export interface Scenario {
	known: Known;
	dialect: Dialect;
	record: Record | undefined;
	/** Sends of an earlier try that are still on their way. */
	flying: number;
	waitMs: number;
	/** How long a wait for completion takes, in ms. */
	pollMs: number;
}

interface World {
	record: Record | undefined;
	flying: number;
	/** How often something was really done for this intent. */
	effects: number;
	now: number;
	/** Answers in a row to questions that were the question's own error, and when they began: the API gets over these in time. */
	lies: number;
	liesSince: number;
	/** Of this run: sends whose answer was lost. */
	lost: number;
	/** Of this run: sends that may have arrived. */
	mayHaveArrived: number;
	/** Answers in a row that gave nothing, as an onlooker counts them. */
	unanswered: number;
}

/** Something that may happen next: what it makes of the world, and what the protocol learns. */
interface Choice {
	name: string;
	world: World;
	event: Event;
}

const HOUR_MS = 3_600_000;
const LONG_AGO = -HOUR_MS;

const dt = (at: number) => new Date(1_700_000_000_000 + at).toISOString();

/** What the API does with a request that reaches it. */
function* process(world: World, known: Known): Generator<{ name: string; world: World; verdict: Verdict }> {
	const answer = { dt: dt(world.now) };
	if (world.record !== undefined && known !== 'read' && known !== 'once') {
		yield { name: 'refused as a repeat', world, verdict: { is: 'failed', answer, httpStatus: 200 } };
		yield { name: 'refused as a repeat, by HTTP', world, verdict: { is: 'rejected', answer, httpStatus: 409, text: '' } };
		return;
	}
	const remember = (state: Record['state']): Record | undefined =>
		known === 'read' || known === 'once' ? undefined : { state, isOurs: true, isEarlier: false, at: world.now };
	yield {
		name: 'done',
		world: { ...world, effects: world.effects + (known === 'read' ? 0 : 1), record: remember('success') },
		verdict: { is: 'done', answer, odd: false },
	};
	yield { name: 'in process', world: { ...world, record: remember('process') }, verdict: { is: 'processing', answer } };
	yield { name: 'failed, remembered', world: { ...world, record: remember('error') }, verdict: { is: 'failed', answer, httpStatus: 200 } };
	yield { name: 'refused, not remembered', world, verdict: { is: 'rejected', answer, httpStatus: 423, text: '' } };
}

/** What may have happened by now without anybody's doing. */
function* meanwhile(world: World): Generator<{ name: string; world: World }> {
	yield { name: '', world };
	if (world.flying > 0) {
		const landed = { ...world, flying: world.flying - 1 };
		for (const { name, world: after } of process(landed, 'fresh')) yield { name: `a late one is ${name}; `, world: after };
	}
	if (world.record?.state === 'process') {
		const settled = (state: 'success' | 'error') => ({ ...(world.record as Record), state, at: world.now });
		yield { name: 'it is done; ', world: { ...world, effects: world.effects + (world.record.isOurs ? 1 : 0), record: settled('success') } };
		yield { name: 'it fails; ', world: { ...world, record: settled('error') } };
	}
}

const heard = (world: World): World => ({ ...world, lies: 0, unanswered: 0 });

function* sendChoices(scenario: Scenario, world: World): Generator<Choice> {
	const { known } = scenario;
	const { now: at } = world;
	const learn = (name: string, after: World, verdict: Verdict): Choice => ({ name, world: { ...after, unanswered: 0 }, event: { of: 'send', verdict, at } });
	const arrived = { ...world, mayHaveArrived: world.mayHaveArrived + 1 };
	const gone = { ...arrived, lost: world.lost + 1 };
	const unknown: Verdict = { is: 'unknown', code: 'TIMEOUT' };
	for (const { name, world: after, verdict } of process(arrived, known)) {
		yield learn(`sent: ${name}`, after, verdict);
		yield learn(`sent: ${name}, the answer is lost`, { ...after, lost: world.lost + 1 }, unknown);
		yield learn(`sent: ${name}, then cancelled`, { ...after, lost: world.lost + 1 }, { is: 'cancelled', sent: true });
	}
	yield learn('sent: lost on the way', gone, unknown);
	if (known !== 'read' && known !== 'once') yield learn('sent: still on its way', { ...gone, flying: world.flying + 1 }, unknown);
	yield learn('not sent', world, { is: 'notSent', code: 'ECONNREFUSED', reason: '', host: 'api' });
	yield learn('blocked', world, { is: 'blocked', by: 'proxy', code: 'PROXY_HTTP_407', reason: '', host: 'api', httpStatus: 407 });
	yield learn('429', world, { is: 'limited', httpStatus: 429, retryAfter: '1' });
	yield learn('401', world, { is: 'barred', answer: undefined, httpStatus: 401, text: '' });
	yield learn('redirect', world, { is: 'redirected', httpStatus: 307, location: '' });
	yield learn('404', world, { is: 'misdirected', httpStatus: 404, text: '' });
	yield learn('cancelled', world, { is: 'cancelled', sent: false });
}

/** The truth about the request, as the API words it. */
function truth({ dialect }: Scenario, { record }: World): Lookup {
	const told = (is: 'success' | 'process' | 'error' | 'ambiguous' | 'vague' | 'notKnown', at: number): Lookup => ({ is, answer: { dt: dt(at) }, httpStatus: 200 });
	if (record === undefined) return told(dialect.notKnown, 0);
	return told(record.state === 'error' ? dialect.failed : record.state, record.at);
}

const MAX_LIES = 2;
const MAX_LYING_MS = 15_000;

/** Questions one after the other fail twice in a row at most; those that wait for completion fail for less than 15 seconds. */
function mayLie({ lies, liesSince, now }: World, isPoll: boolean): boolean {
	return isPoll ? lies === 0 || now - liesSince < MAX_LYING_MS : lies < MAX_LIES;
}

function* askChoices(scenario: Scenario, world: World, isPoll: boolean): Generator<Choice> {
	const { now: at } = world;
	const learn = (name: string, after: World, lookup: Lookup): Choice => ({ name, world: after, event: { of: 'answer', lookup, at } });
	const lookup = truth(scenario, world);
	const said = lookup.is === 'success' || lookup.is === 'process' || lookup.is === 'error';
	yield learn(`asked: ${lookup.is}`, said ? heard(world) : { ...world, lies: 0, unanswered: world.unanswered + 1 }, lookup);
	const nothing = { ...world, unanswered: world.unanswered + 1 };
	yield learn('asked: no answer', nothing, { is: 'noAnswer', verdict: { is: 'unknown', code: 'TIMEOUT' } });
	yield learn('asked: 429', nothing, { is: 'limited', verdict: { is: 'limited', httpStatus: 429, retryAfter: '1' } });
	yield learn('asked: 401', nothing, { is: 'turnedAway', verdict: { is: 'barred', answer: undefined, httpStatus: 401, text: '' } });
	yield learn('asked: blocked', nothing, { is: 'blocked', verdict: { is: 'blocked', by: 'ssrfProtection', code: 'SSRF_PROTECTION', reason: '', host: 'api' } });
	yield learn('asked: cancelled', nothing, { is: 'cancelled', verdict: { is: 'cancelled', sent: false } });
	if (isPoll) yield learn('asked: forgotten', nothing, { is: 'notKnown', answer: {}, httpStatus: 200 });
	// Only under the user's own UUID can the API be asked about somebody else's request; else this is a mistake of its own.
	if ((scenario.known !== 'checking' && scenario.known !== 'rechecking') || world.record?.isOurs === false) {
		yield learn('asked: about another', nothing, { is: 'other', answer: {}, httpStatus: 200 });
	}
	if (mayLie(world, isPoll)) {
		const lied = { ...nothing, lies: world.lies + 1, liesSince: world.lies === 0 ? at : world.liesSince };
		for (const is of ['ambiguous', 'vague'] as const) yield learn(`asked: the question fails, ${is}`, lied, { is, answer: {}, httpStatus: 200 });
	}
}

function* choices(scenario: Scenario, world: World, action: Action): Generator<Choice> {
	const isPoll = action.do === 'ask' && action.after?.for === 'poll';
	for (const { name, world: before } of meanwhile(world)) {
		for (const choice of action.do === 'send' ? sendChoices(scenario, before) : askChoices(scenario, before, isPoll)) {
			yield { ...choice, name: name + choice.name };
		}
	}
}

/** What is wrong with an end, or undefined. */
function lieOf({ known, record: before }: Scenario, world: World, state: State, last: Event, outcome: Outcome): string | undefined {
	const { record, flying, effects } = world;
	const ours = record?.isOurs === true ? record : undefined;
	const mayStillHappen = (record === undefined && flying > 0) || ours?.state === 'process';
	const heardLast = last.of === 'send' ? last.verdict.is : last.lookup.is;
	const turnedAway = heardLast === 'barred' || heardLast === 'redirected' || heardLast === 'misdirected' || heardLast === 'turnedAway';
	const isStopped = heardLast === 'cancelled' || heardLast === 'blocked';
	const isOver = isStopped || turnedAway;
	const sendsAreUp = state.sends >= MAX_SENDS;
	const asksAreUp = world.unanswered >= MAX_ASKS;
	const isFirst = before === undefined || !before.isOurs;
	switch (outcome.is) {
		case 'done':
			if (known === 'read') return heardLast === 'done' ? undefined : 'a read is done without an answer';
			if (effects !== 1) return 'said done, was not';
			if (known !== 'once' && ours?.state !== 'success') return 'said done of another request';
			break;
		case 'processing':
			if (known === 'once') return heardLast === 'processing' ? undefined : 'said processing, heard otherwise';
			if (known === 'read') {
				if (state.answer === undefined) return 'said processing, heard otherwise';
				return isOver || world.now >= state.until ? undefined : 'stopped reading too early';
			}
			if (ours === undefined) return 'said processing, was not accepted';
			if (!isOver && state.waitMs > 0 && world.now < state.until) return 'stopped waiting too early';
			if (heardLast === 'success' || heardLast === 'error') return 'went on waiting for what was over';
			break;
		case 'failure':
			if (outcome.from === 'another') {
				if (state.sends > 0) return 'sent under a UUID that was used';
				if (known === 'rechecking' && ours?.state === 'error') return 'its own refusal was called used';
				return before === undefined && flying === 0 && heardLast !== 'other' ? 'called used what was not' : undefined;
			}
			if (outcome.effect === 'unknown') {
				if (known === 'read') return 'a read cannot be unknown';
				if (known === 'once' || heardLast === 'unknown') return world.mayHaveArrived > 0 && known === 'once' ? undefined : 'gave up without asking';
				if (heardLast === 'success' || heardLast === 'process' || heardLast === 'error') return 'was told, and said unknown';
				if (isFirst && flying === 0 && world.lost === 0 && known === 'fresh' && heardLast === 'notKnown') return 'the refusal was clear';
				const refusedInDoubt = state.at === 'refusedInDoubt' && heardLast === 'notKnown';
				return isOver || sendsAreUp || asksAreUp || refusedInDoubt ? undefined : 'gave up too early';
			}
			if (outcome.effect === 'notSent') {
				if (heardLast === 'failed' || heardLast === 'rejected' || turnedAway) return 'was refused, and said not sent';
				if (!isStopped && !sendsAreUp && !asksAreUp) return 'gave up sending too early';
			}
			if (outcome.effect === 'rejected' && !(turnedAway || outcome.verdict?.is === 'rejected')) return 'was not rejected';
			if (outcome.effect === 'failed' && known === 'read' && heardLast === 'unknown') return sendsAreUp ? undefined : 'gave up reading too early';
			if (outcome.effect === 'failed' && outcome.verdict?.is === 'rejected' && outcome.from === 'answer' && heardLast !== 'error') {
				return 'was rejected, not failed';
			}
			// Of an event that was delivered before, a run that gets nowhere says only what became of itself.
			if (known === 'fresh' && world.mayHaveArrived === 0) break;
			if (known !== 'read' && (effects > 0 || mayStillHappen)) return `said ${outcome.effect}, but it was or may yet be done`;
			break;
	}
	return fromWhere(before, world, last, outcome, known);
}

/** Whether the API's last word was about the request itself. */
function wasTold(last: Event): boolean {
	return last.of === 'answer' && 'answer' in last.lookup && last.lookup.answer.dt !== undefined;
}

/** What is wrong with where an end is said to come from. */
function fromWhere(before: Record | undefined, world: World, last: Event, outcome: Outcome, known: Known): string | undefined {
	switch (outcome.from) {
		case 'answer':
			// One that failed since then, or that the API did not tell of, cannot be told from a new one.
			if (outcome.is === 'failure') {
				return outcome.effect === 'failed' && before?.state === 'error' && before.isOurs && wasTold(last) ? 'an earlier failure was told as new' : undefined;
			}
			return world.record?.isEarlier === true ? 'an earlier outcome was told as new' : undefined;
		case 'asked':
			return world.lost > 0 ? undefined : 'no answer was lost';
		case 'earlier':
			return before !== undefined || world.record?.isEarlier === true || known === 'inDoubt' || known === 'accepted' || known === 'rechecking'
				? undefined
				: 'there was no earlier request';
		case 'another':
			return undefined;
	}
}

const UNSENT = 'cancelled before it was sent';

type Rule = (turn: Turn) => boolean;

/** One step, as the rules look at it. */
interface Turn {
	known: Known;
	before: State;
	/** What was learnt, by its kind. */
	learnt: string;
	isAsk: boolean;
	after: State;
	then: Action;
	at: number;
}

const is = (...kinds: string[]) => ({ learnt }: Turn) => kinds.includes(learnt);
const carriesId = ({ known }: Turn) => known !== 'read' && known !== 'once';
const isBeforeSending = ({ before: { at } }: Turn) => at === 'checking' || at === 'rechecking';
const mayBeTaken = ({ before: { at } }: Turn) => at === 'inDoubt' || at === 'refusedInDoubt';
const isReadAgain = ({ known, at, after: { until } }: Turn) => known === 'read' && at < until;
const isWaiting = ({ before: { at } }: Turn) => at === 'accepted';
const sends: Rule = ({ then }) => then.do === 'send';
const asks: Rule = ({ then }) => then.do === 'ask';
const ends = (...how: Array<Outcome['is'] | Extract<Outcome, { is: 'failure' }>['effect']>): Rule => ({ then }) =>
	then.do === 'end' && how.includes(then.outcome.is === 'failure' ? then.outcome.effect : then.outcome.is);
const hasSends = ({ after }: Turn) => after.sends < MAX_SENDS;
const waits = (kind: string): Rule => ({ then }) => then.do === 'end' || then.after?.for === kind;
const either = (...rules: Rule[]): Rule => (turn) => rules.some((rule) => rule(turn));

/** The design's rules of what follows from what ("What happens when the network or the API misbehaves"). */
const RULES: ReadonlyArray<{ rule: string; when: Rule; then: Rule }> = [
	{ rule: 'a request without an id is not asked about', when: (turn) => !carriesId(turn), then: (turn) => !asks(turn) },
	{ rule: 'what is done is done', when: is('done'), then: ends('done') },
	{ rule: 'what is processing is waited for', when: (turn) => is('processing')(turn) && carriesId(turn) && turn.after.waitMs > 0, then: (turn) => asks(turn) && turn.after.at === 'accepted' },
	{ rule: 'what is processing without an id is handed on', when: (turn) => is('processing')(turn) && !carriesId(turn) && !isReadAgain(turn), then: ends('processing') },
	{ rule: 'what is processing is read again while there is time', when: (turn) => is('processing')(turn) && isReadAgain(turn), then: (turn) => sends(turn) && waits('poll')(turn) && turn.after.sends === 0 },
	{ rule: 'a cancelled wait hands on what was read', when: (turn) => is(UNSENT, 'cancelled', 'blocked')(turn) && turn.known === 'read' && turn.before.answer !== undefined, then: ends('processing') },
	{ rule: 'a refused credential, host or path ends it', when: is('barred', 'redirected', 'misdirected', 'turnedAway', 'blocked', 'cancelled', UNSENT), then: ({ then }) => then.do === 'end' },
	{ rule: 'what was turned away is rejected', when: (turn) => is('barred', 'redirected', 'misdirected')(turn) && !mayBeTaken(turn), then: ends('rejected') },
	{ rule: 'what was not sent is not sent', when: (turn) => is(UNSENT, 'blocked')(turn) && !turn.isAsk && !mayBeTaken(turn) && turn.before.answer === undefined, then: ends('notSent') },
	{ rule: 'before it is sent, it fails only by what an earlier try did', when: (turn) => isBeforeSending(turn) && ends('failed')(turn), then: is('error') },
	{ rule: 'nothing was sent before a UUID was asked about', when: (turn) => isBeforeSending(turn) && is('turnedAway', 'cancelled')(turn), then: ends('rejected', 'notSent') },
	{ rule: 'a UUID that may not be asked about is not sent', when: (turn) => isBeforeSending(turn) && is('blocked')(turn), then: ends('notSent') },
	{ rule: 'a cancelled wait goes on elsewhere', when: (turn) => isWaiting(turn) && is('turnedAway', 'blocked', 'cancelled')(turn), then: ends('processing') },
	{ rule: 'what may have been taken is unknown', when: (turn) => turn.isAsk && (mayBeTaken(turn) || turn.before.at === 'refused') && is('turnedAway', 'blocked', 'cancelled')(turn), then: ends('unknown') },
	{ rule: '429: as told, then the same', when: (turn) => is('limited')(turn) && (turn.isAsk ? !isWaiting(turn) : hasSends(turn)), then: (turn) => waits('limit')(turn) && (turn.then.do === 'end' || (turn.isAsk ? asks : sends)(turn)) },
	{ rule: 'never sent: again, after a pause', when: (turn) => is('notSent')(turn) && hasSends(turn), then: (turn) => sends(turn) && waits('backOff')(turn) },
	{ rule: 'a lost command is asked about', when: (turn) => is('unknown')(turn) && carriesId(turn), then: (turn) => asks(turn) && turn.after.at === 'inDoubt' },
	{ rule: 'a lost read is sent again', when: (turn) => is('unknown')(turn) && turn.known === 'read' && hasSends(turn), then: (turn) => sends(turn) && waits('backOff')(turn) },
	{ rule: 'a lost command without an id is unknown', when: (turn) => is('unknown')(turn) && turn.known === 'once', then: ends('unknown') },
	{ rule: 'a refusal is what it says', when: (turn) => is('failed', 'rejected')(turn) && (!carriesId(turn) || turn.before.at === 'checked'), then: ends('failed', 'rejected') },
	{ rule: 'a refusal may be about a repeat', when: (turn) => is('failed', 'rejected')(turn) && carriesId(turn) && turn.before.at !== 'checked', then: asks },
	{ rule: 'a UUID that is known is used', when: (turn) => isBeforeSending(turn) && is('success', 'process', 'other')(turn), then: ({ then }) => then.do === 'end' && then.outcome.from === 'another' },
	{ rule: 'a UUID that failed is used', when: (turn) => turn.before.at === 'checking' && is('error')(turn), then: ({ then }) => then.do === 'end' && then.outcome.from === 'another' },
	{ rule: 'what failed in an earlier try has failed', when: (turn) => turn.before.at === 'rechecking' && is('error')(turn), then: ends('failed') },
	{ rule: 'the outcome that the API tells counts', when: (turn) => !isBeforeSending(turn) && is('success', 'error')(turn), then: (turn) => ends(turn.learnt === 'success' ? 'done' : 'failed')(turn) },
	{ rule: 'what the API has is waited for', when: (turn) => !isBeforeSending(turn) && is('process')(turn) && turn.at < turn.after.until, then: (turn) => asks(turn) && waits('poll')(turn) && turn.after.at === 'accepted' },
	{ rule: 'a wait that begins is a whole one', when: (turn) => !isBeforeSending(turn) && !isWaiting(turn) && is('process')(turn), then: ({ after, at }) => after.until === at + after.waitMs },
	{ rule: 'not known: sent', when: (turn) => is('notKnown')(turn) && (isBeforeSending(turn) || turn.before.at === 'inDoubt') && hasSends(turn), then: sends },
	{ rule: 'refused and not known: that is all', when: (turn) => is('notKnown')(turn) && turn.before.at.startsWith('refused'), then: ({ then }) => then.do === 'end' },
	{ rule: 'an unclear error in doubt: the same again is safe', when: (turn) => is('ambiguous', 'vague')(turn) && turn.before.at === 'inDoubt' && hasSends(turn), then: sends },
	{ rule: 'in doubt it is sent again only when it may be unknown to the API', when: (turn) => turn.before.at === 'inDoubt' && turn.isAsk && sends(turn), then: is('notKnown', 'ambiguous', 'vague') },
	{ rule: 'under a UUID nothing is sent but when the API may not know it', when: (turn) => isBeforeSending(turn) && sends(turn), then: is('notKnown', 'ambiguous', 'vague') },
	{ rule: 'no answer: asked again, after a pause', when: (turn) => is('noAnswer')(turn) && !isWaiting(turn), then: either(({ then }) => then.do === 'end', (turn) => asks(turn) && waits('backOff')(turn)) },
	{ rule: 'a wait ends by itself only', when: (turn) => isWaiting(turn) && is('other', 'vague', 'notKnown', 'noAnswer', 'limited')(turn) && turn.at < turn.after.until, then: asks },
	{ rule: 'a wait is over when it is', when: (turn) => isWaiting(turn) && is('other', 'vague', 'notKnown', 'noAnswer', 'limited', 'process')(turn) && turn.at >= turn.before.until, then: ends('processing') },
	{ rule: 'a wait is not begun anew', when: isWaiting, then: ({ before, after }) => after.until === before.until && after.polls >= before.polls },
	{ rule: 'an unclear error is counted while waiting', when: (turn) => isWaiting(turn) && is('ambiguous')(turn) && asks(turn), then: ({ before, after }) => after.ambiguous === before.ambiguous + 1 },
	{ rule: 'only an unclear error is', when: (turn) => isWaiting(turn) && !is('ambiguous')(turn), then: ({ before, after }) => after.ambiguous <= before.ambiguous },
];

function learntFrom(event: Event): string {
	if (event.of === 'answer') return event.lookup.is;
	return event.verdict.is === 'cancelled' && !event.verdict.sent ? UNSENT : event.verdict.is;
}

/** Which rule a step breaks, or undefined. */
function brokenRule(turn: Turn): string | undefined {
	return RULES.find(({ when, then }) => when(turn) && !then(turn))?.rule;
}

/** What a search found, and how much it saw. */
export interface Finding {
	/** What is wrong, with the choices that lead there. */
	violation: { what: string; trace: string[] } | undefined;
	states: number;
	steps: number;
	ends: number;
}

/** A run is longer than this only if it does not end. */
const ENDLESS = 60;

/** Beyond the depth, everything goes as well as it can. */
function isKind({ name }: Choice): boolean {
	return /^(sent: (done|refused as a repeat)|asked: (success|process|error|notKnown|ambiguous|vague))$/.test(name.replace(/^it is done; /, ''));
}

/**
 * Runs the protocol from one beginning against every choice up to a depth, and with all going well from there.
 * @param tables what the protocol goes by; others only to see that a change is noticed
 */
export function search(scenario: Scenario, depth: number, tables: Tables = { afterSend: AFTER_SEND, afterAnswer: AFTER_ANSWER }): Finding {
	const seen = new Set<string>();
	const finding: Finding = { violation: undefined, states: 0, steps: 0, ends: 0 };
	const [state, action] = begin(scenario.known, scenario.waitMs, 0);
	const { record, flying } = scenario;
	const world: World = {
		record, flying, effects: record?.isOurs === true && record.state === 'success' ? 1 : 0, now: 0, lies: 0, liesSince: 0, lost: 0, mayHaveArrived: 0, unanswered: 0,
	};
	visit(state, action, world, 0, []);
	return finding;

	function visit(state: State, action: Action, world: World, length: number, trace: readonly string[]): void {
		const key = JSON.stringify([{ ...state, answer: state.answer !== undefined, verdict: state.verdict?.is }, action, world, Math.min(length, depth)]);
		if (seen.has(key) || finding.violation !== undefined) return;
		seen.add(key);
		finding.states++;
		const isPoll = action.do !== 'end' && action.after?.for === 'poll';
		const there = isPoll ? { ...world, now: Math.min(world.now + scenario.pollMs, state.until) } : world;
		for (const choice of choices(scenario, there, action)) {
			if (length >= depth && !isKind(choice)) continue;
			finding.steps++;
			const so = [...trace, choice.name];
			const [after, then] = next(state, choice.event, tables);
			const { event } = choice;
			const turn: Turn = { known: scenario.known, before: state, learnt: learntFrom(event), isAsk: event.of === 'answer', after, then, at: event.at };
			const lie = then.do === 'end' ? lieOf(scenario, choice.world, after, event, then.outcome) : undefined;
			const what = lie ?? brokenRule(turn) ?? boundsBroken(scenario, after, choice.world, length);
			if (what !== undefined) {
				finding.violation = { what, trace: so };
				return;
			}
			if (then.do === 'end') finding.ends++;
			else visit(after, then, choice.world, length + 1, so);
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

/** Every beginning: what was known, what the API has and how it words it. */
export function scenarios(): Scenario[] {
	const dialects: Dialect[] = (['notKnown', 'ambiguous', 'vague'] as const).flatMap((notKnown) =>
		(['error', 'ambiguous'] as const).map((failed) => ({ notKnown, failed })),
	);
	const before = (state: Record['state'], isOurs = true): Record => ({ state, isOurs, isEarlier: true, at: LONG_AGO });
	const histories: Readonly<{ [known in Known]: Array<{ record: Record | undefined; flying: number }> }> = {
		read: [{ record: undefined, flying: 0 }],
		once: [{ record: undefined, flying: 0 }],
		// The event may have been delivered before.
		fresh: [undefined, before('process'), before('success'), before('error')].map((record) => ({ record, flying: 0 })),
		checking: [undefined, before('process', false), before('success', false), before('error', false)].map((record) => ({ record, flying: 0 })),
		rechecking: [undefined, before('error'), before('success', false), before('process', false)].map((record) => ({ record, flying: 0 })),
		inDoubt: [
			...[undefined, before('process'), before('success'), before('error')].map((record) => ({ record, flying: 0 })),
			{ record: undefined, flying: 1 },
		],
		accepted: [before('process'), before('success'), before('error')].map((record) => ({ record, flying: 0 })),
	};
	return Object.entries(histories).flatMap(([known, beginnings]) =>
		beginnings.flatMap((beginning) =>
			dialects.flatMap((dialect) =>
				[0, 40_000].flatMap((waitMs) => [4_000, 8_000].map((pollMs) => ({ known: known as Known, dialect, ...beginning, waitMs, pollMs }))),
			),
		),
	);
}
