import { speaksOfRepeat } from '../../../nodes/card-api/delivery/judge';
import { MAX_ASKS, MAX_SENDS, UNKNOWN_SPAN_MS, UNKNOWN_TIMES, type Action, type Event, type Known, type Outcome, type State } from '../../../nodes/card-api/delivery/protocol';
import { LONG_AGO, type Record, type Scenario, type World } from './api';

/* What an end must not say, and the design's rules of what follows from what. */

const UNCLEAR_WORDS = ['notKnown', 'ambiguous', 'vague'];

/** What is wrong with an end, or undefined. */
export function lieOf({ known, isEvent, record: before }: Scenario, world: World, state: State, last: Event, outcome: Outcome): string | undefined {
	const { record, flying, effects } = world;
	const ours = record?.isOurs === true ? record : undefined;
	const mayStillHappen = (record === undefined && flying > 0) || ours?.state === 'process';
	const heardLast = last.of === 'send' ? last.verdict.is : last.lookup.is;
	const turnedAway = ['barred', 'deflected', 'elsewhere', 'turnedAway', 'cutOff'].includes(heardLast);
	const isStopped = heardLast === 'cancelled' || heardLast === 'blocked';
	const isOver = isStopped || turnedAway;
	const sendsAreUp = state.sends >= MAX_SENDS;
	const asksAreUp = world.unanswered >= MAX_ASKS;
	switch (outcome.is) {
		case 'done':
			if (known === 'read') return (heardLast === 'unclear') === outcome.isUndocumented && ['done', 'unclear'].includes(heardLast) ? undefined : 'a read is done without an answer';
			if (outcome.isUndocumented) return 'a command is done by a word that nobody knows';
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
			if (outcome.recorded && record?.state !== 'error') return 'said recorded, is not';
			if (outcome.from === 'another') {
				if (outcome.effect !== 'unknown') return 'a UUID that was used may be this very command';
				if (known !== 'checking' && known !== 'rechecking') return 'nobody typed a UUID';
				if (record === undefined) return heardLast === 'other' ? undefined : 'called used what was not';
				if (!record.isEarlier) return 'its own request was called used';
				return known === 'rechecking' && ours?.state === 'error' ? 'its own refusal was called used' : undefined;
			}
			if (outcome.effect === 'unknown') {
				if (known === 'read') return 'a read cannot be unknown';
				if (known === 'once') return world.mayHaveArrived > 0 || heardLast === 'elsewhere' ? undefined : 'was not sent, and said unknown';
				if (['unknown', 'failed', 'rejected', 'unclear', 'deflected', 'elsewhere'].includes(heardLast)) return 'gave up without asking';
				if (['success', 'process', 'error'].includes(heardLast)) return 'was told, and said unknown';
				const isClear = ['refused', 'refusedAsTwin', 'refusedChecked'].includes(state.at) && !speaksOfRepeat(state.verdict);
				if (isClear && heardLast === 'notKnown') return 'the refusal was clear';
				if (state.at === 'deflected' && (heardLast === 'notKnown' || heardLast === 'turnedAway')) return 'it surely did not arrive';
				const isPatient = UNCLEAR_WORDS.includes(heardLast) && state.unknown + 1 >= UNKNOWN_TIMES && world.now - state.unknownSince >= UNKNOWN_SPAN_MS;
				return isOver || sendsAreUp || asksAreUp || isPatient ? undefined : 'gave up too early';
			}
			if (outcome.effect === 'notSent') {
				if (heardLast === 'failed' || heardLast === 'rejected' || turnedAway) return 'was refused, and said not sent';
				if (!isStopped && !sendsAreUp && !asksAreUp) return 'gave up sending too early';
			}
			if (outcome.effect === 'rejected' && !(turnedAway || ['rejected', 'deflected', 'elsewhere'].includes(outcome.verdict?.is ?? ''))) return 'was not rejected';
			if (outcome.effect === 'failed' && known === 'read' && heardLast === 'unknown') return sendsAreUp ? undefined : 'gave up reading too early';
			if (outcome.effect === 'failed' && outcome.verdict?.is === 'rejected' && outcome.from === 'answer' && heardLast !== 'error') {
				return 'was rejected, not failed';
			}
			if (outcome.effect === 'failed' && heardLast === 'error' && !outcome.recorded) return 'was recorded, and not said so';
			// Of what was sent before, a run that gets nowhere says only what became of itself.
			if (['neverSent', 'walking', 'checking', 'rechecking'].includes(known) && world.mayHaveArrived === 0) break;
			if (known !== 'read' && (effects > 0 || mayStillHappen)) return `said ${outcome.effect}, but it was or may yet be done`;
			break;
	}
	return fromWhere({ known, isEvent, before }, world, state, last, outcome);
}

/** Whether the API's last word was about the request itself. */
function wasTold(last: Event): boolean {
	return last.of === 'lookup' && 'answer' in last.lookup && last.lookup.answer.dt !== undefined && last.lookup.is !== 'notKnown';
}

interface Begun {
	known: Known;
	isEvent: boolean;
	before: Record | undefined;
}

/** What is wrong with where an end is said to come from. */
function fromWhere({ known, isEvent, before }: Begun, world: World, state: State, last: Event, outcome: Outcome): string | undefined {
	const isOld = world.record?.at === LONG_AGO;
	switch (outcome.from) {
		case 'answer':
			// One that failed since then, or that the API did not tell of, cannot be told from a new one.
			if (outcome.is === 'failure') {
				const isRepeat = isOld || speaksOfRepeat(outcome.verdict);
				const isTheirs = (before?.state === 'error' && before.isOurs) || (world.record?.state === 'error' && world.record.isEarlier);
				return outcome.effect === 'failed' && isTheirs && isRepeat && wasTold(last) ? 'an earlier failure was told as new' : undefined;
			}
			return world.record?.isEarlier === true ? 'an earlier outcome was told as new' : undefined;
		case 'asked':
			if (world.lost === 0) return 'no answer was lost';
			return isEvent && isOld && (state.toldAt !== undefined || state.verdict?.is === 'unclear') && wasTold(last) && last.of === 'lookup' && last.lookup.is !== 'ambiguous'
				? 'what FreedomPay told as older was told as new'
				: undefined;
		case 'earlier':
			if (['neverSent', 'walking'].includes(known) && world.record !== undefined && !world.record.isEarlier) return 'its own outcome was told as an earlier one';
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
export interface Turn {
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
const isChecking = ({ before: { at } }: Turn) => at === 'checking' || at === 'rechecking';
const isBeforeSending = (turn: Turn) => isChecking(turn) || turn.before.at === 'walking';
const isChecked = ({ before: { at } }: Turn) => at === 'refusedChecked';
const mayBeTaken = ({ before: { at } }: Turn) => at === 'inDoubt' || at === 'refusedInDoubt' || at === 'unclear';
const wasRefused = ({ before: { at } }: Turn) => at.startsWith('refused');
const mayBeBehind = ({ before: { at } }: Turn) => ['refusedAsTwin', 'refusedChecked', 'refusedInDoubt', 'deflected', 'unclear'].includes(at);
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
	{ rule: 'a read has what it asked for, whatever the word', when: (turn) => is('unclear')(turn) && turn.known === 'read', then: ends('done') },
	{ rule: 'what is processing without an id is handed on', when: (turn) => is('processing')(turn) && !carriesId(turn) && !isReadAgain(turn), then: ends('processing') },
	{ rule: 'what is processing is read again while there is time', when: (turn) => is('processing')(turn) && isReadAgain(turn), then: (turn) => sends(turn) && waits('poll')(turn) && turn.after.sends === 0 },
	{ rule: 'a cancelled wait hands on what was read', when: (turn) => is(UNSENT, 'cancelled', 'blocked')(turn) && turn.known === 'read' && turn.before.answer !== undefined, then: ends('processing') },
	{ rule: 'a refused credential ends it', when: is('barred', 'turnedAway', 'cutOff', 'blocked', 'cancelled', UNSENT), then: ({ then }) => then.do === 'end' },
	{ rule: 'what was turned away before the API is asked about', when: (turn) => is('deflected', 'elsewhere')(turn) && carriesId(turn), then: (turn) => asks(turn) && turn.after.at === (turn.before.at === 'inDoubt' ? 'inDoubt' : 'deflected') },
	{ rule: 'without an id, what was turned away ends it', when: (turn) => is('deflected', 'elsewhere')(turn) && !carriesId(turn), then: (turn) => ends(turn.known === 'once' && turn.learnt === 'elsewhere' ? 'unknown' : 'rejected')(turn) },
	{ rule: 'turned away as all others: not done', when: (turn) => turn.before.at === 'deflected' && is('turnedAway')(turn), then: ends('rejected') },
	{ rule: 'turned away, unlike others: unknown', when: (turn) => turn.before.at === 'deflected' && is('cutOff', 'blocked', 'cancelled')(turn), then: ends('unknown') },
	{ rule: 'a word that nobody knows is no outcome', when: (turn) => is('unclear')(turn) && turn.known !== 'read', then: (turn) => (carriesId(turn) ? asks(turn) && turn.after.at === 'unclear' : ends('unknown')(turn)) },
	{ rule: 'what answered without an outcome is not sent again', when: (turn) => turn.before.at === 'unclear', then: (turn) => !sends(turn) },
	{ rule: 'what was turned away is rejected', when: (turn) => is('barred')(turn) && !mayBeTaken(turn), then: ends('rejected') },
	{ rule: 'what was not sent is not sent', when: (turn) => is(UNSENT, 'blocked')(turn) && !turn.isAsk && !mayBeTaken(turn) && turn.before.answer === undefined, then: ends('notSent') },
	{ rule: 'before it is sent, it fails only by what an earlier one did', when: (turn) => isBeforeSending(turn) && ends('failed')(turn), then: is('error') },
	{ rule: 'nothing was sent before it was asked about', when: (turn) => isBeforeSending(turn) && is('turnedAway', 'cutOff', 'cancelled')(turn), then: ends('rejected', 'notSent') },
	{ rule: 'what may not be asked about is not sent', when: (turn) => isBeforeSending(turn) && is('blocked')(turn), then: ends('notSent') },
	{ rule: 'a cancelled wait goes on elsewhere', when: (turn) => isWaiting(turn) && is('turnedAway', 'cutOff', 'blocked', 'cancelled')(turn), then: ends('processing') },
	{ rule: 'what may have been taken is unknown', when: (turn) => turn.isAsk && (mayBeTaken(turn) || wasRefused(turn)) && is('turnedAway', 'cutOff', 'blocked', 'cancelled')(turn), then: ends('unknown') },
	{ rule: '429: as told, then the same', when: (turn) => is('limited')(turn) && (turn.isAsk ? !isWaiting(turn) : hasSends(turn)), then: (turn) => waits('limit')(turn) && (turn.then.do === 'end' || (turn.isAsk ? asks : sends)(turn)) },
	{ rule: 'never sent: again, after a pause', when: (turn) => is('notSent')(turn) && hasSends(turn), then: (turn) => sends(turn) && waits('backOff')(turn) },
	{ rule: 'a lost command is asked about', when: (turn) => is('unknown')(turn) && carriesId(turn), then: (turn) => asks(turn) && turn.after.at === 'inDoubt' },
	{ rule: 'a lost read is sent again', when: (turn) => is('unknown')(turn) && turn.known === 'read' && hasSends(turn), then: (turn) => sends(turn) && waits('backOff')(turn) },
	{ rule: 'a lost command without an id is unknown', when: (turn) => is('unknown')(turn) && turn.known === 'once', then: ends('unknown') },
	{ rule: 'a refusal is what it says', when: (turn) => is('failed', 'rejected')(turn) && !carriesId(turn), then: ends('failed', 'rejected') },
	{ rule: 'a refusal may be about a repeat', when: (turn) => is('failed', 'rejected')(turn) && carriesId(turn), then: asks },
	{ rule: 'a UUID that is known is used', when: (turn) => (isChecking(turn) || isChecked(turn)) && is('success', 'process', 'other')(turn), then: ({ then }) => then.do === 'end' && then.outcome.from === 'another' },
	{ rule: 'a UUID that failed is used', when: (turn) => turn.before.at === 'checking' && is('error')(turn), then: ({ then }) => then.do === 'end' && then.outcome.from === 'another' },
	{ rule: 'what failed before has failed', when: (turn) => (turn.before.at === 'rechecking' || turn.before.at === 'walking') && is('error')(turn), then: (turn) => ends('failed')(turn) && turn.then.do === 'end' && turn.then.outcome.from === 'earlier' },
	{ rule: 'the outcome that the API tells counts', when: (turn) => !isChecking(turn) && !isChecked(turn) && is('success', 'error')(turn), then: (turn) => ends(turn.learnt === 'success' ? 'done' : 'failed')(turn) },
	{ rule: 'a checked UUID failed, or was used', when: (turn) => isChecked(turn) && is('error')(turn), then: ({ then }) => then.do === 'end' && then.outcome.is === 'failure' && (then.outcome.from === 'another' || then.outcome.recorded) },
	{ rule: 'what the API has is waited for', when: (turn) => !isChecking(turn) && !isChecked(turn) && is('process')(turn) && turn.at < turn.after.until, then: (turn) => asks(turn) && waits('poll')(turn) && turn.after.at === 'accepted' },
	{ rule: 'a wait that begins is a whole one', when: (turn) => !isChecking(turn) && !isChecked(turn) && !isWaiting(turn) && is('process')(turn), then: ({ after, at }) => after.until === at + after.waitMs },
	{ rule: 'not known: sent', when: (turn) => is('notKnown')(turn) && (isBeforeSending(turn) || turn.before.at === 'inDoubt') && hasSends(turn), then: sends },
	{ rule: 'refused under an id of its own and not known: that is all', when: (turn) => is('notKnown')(turn) && turn.before.at === 'refused', then: ends('failed', 'rejected') },
	{ rule: 'an id that others may send is not kept for its own', when: ({ learnt, before, then }) => ['failed', 'rejected'].includes(learnt) && then.do === 'ask' && before.isEvent && before.at === 'neverSent', then: ({ after }) => after.at === 'refusedAsTwin' },
	{ rule: 'a refused repeat is not its own', when: ({ before, after, isAsk }) => !isAsk && before.at === 'neverSent' && speaksOfRepeat(after.verdict), then: ({ after }) => after.at === 'refusedAsTwin' },
	{ rule: 'where the status may be behind, not known is asked about again, over five seconds', when: (turn) => mayBeBehind(turn) && is('notKnown', 'ambiguous', 'vague')(turn), then: ({ before, at, then, after }) => (before.unknown + 1 >= UNKNOWN_TIMES && at - before.unknownSince >= UNKNOWN_SPAN_MS ? then.do === 'end' : then.do === 'ask' && then.after?.for === 'status' && after.at === before.at) },
	{ rule: 'a refusal that speaks of a repeat is not believed against the status', when: (turn) => mayBeBehind(turn) && is('notKnown')(turn) && speaksOfRepeat(turn.before.verdict) && turn.then.do === 'end', then: ends('unknown') },
	{ rule: 'an unclear error in doubt: the same again is safe', when: (turn) => is('ambiguous', 'vague')(turn) && turn.before.at === 'inDoubt' && hasSends(turn), then: sends },
	{ rule: 'in doubt it is sent again only when it may be unknown to the API', when: (turn) => turn.before.at === 'inDoubt' && turn.isAsk && sends(turn), then: is('notKnown', 'ambiguous', 'vague') },
	{ rule: 'what is asked about first is sent only when the API may not know it', when: (turn) => isBeforeSending(turn) && sends(turn), then: is('notKnown', 'ambiguous', 'vague') },
	{ rule: 'one unclear error says nothing of what was not sent', when: (turn) => isBeforeSending(turn) && is('ambiguous', 'vague')(turn) && turn.before.asks + 1 < MAX_ASKS, then: asks },
	{ rule: 'nobody waits for a status that cannot be behind', when: ({ then }) => then.do !== 'end' && then.after?.for === 'status', then: (turn) => mayBeBehind(turn) && is('notKnown', 'ambiguous', 'vague')(turn) },
	{ rule: 'a wait keeps its pace', when: (turn) => isWaiting(turn) && asks(turn) && !is('limited')(turn), then: waits('poll') },
	{ rule: 'no answer: asked again, after a pause', when: (turn) => is('noAnswer')(turn) && !isWaiting(turn), then: either(({ then }) => then.do === 'end', (turn) => asks(turn) && waits('backOff')(turn)) },
	{ rule: 'a wait ends by itself only', when: (turn) => isWaiting(turn) && is('other', 'vague', 'notKnown', 'noAnswer', 'limited')(turn) && turn.at < turn.after.until, then: asks },
	{ rule: 'a wait is over when it is', when: (turn) => isWaiting(turn) && is('other', 'vague', 'notKnown', 'noAnswer', 'limited', 'process')(turn) && turn.at >= turn.before.until, then: ends('processing') },
	{ rule: 'a wait is not begun anew', when: isWaiting, then: ({ before, after }) => after.until === before.until && after.polls >= before.polls },
	{ rule: 'an unclear error is counted while waiting', when: (turn) => isWaiting(turn) && is('ambiguous')(turn) && asks(turn), then: ({ before, after }) => after.ambiguous === before.ambiguous + 1 },
	{ rule: 'only an unclear error is', when: (turn) => isWaiting(turn) && !is('ambiguous')(turn), then: ({ before, after }) => after.ambiguous <= before.ambiguous },
];

/** What was learnt, by its kind. */
export function learntFrom(event: Event): string {
	if (event.of === 'lookup') return event.lookup.is;
	return event.verdict.is === 'cancelled' && !event.verdict.sent ? UNSENT : event.verdict.is;
}

/** Which rule a step breaks, or undefined. */
export function brokenRule(turn: Turn): string | undefined {
	return RULES.find(({ when, then }) => when(turn) && !then(turn))?.rule;
}
