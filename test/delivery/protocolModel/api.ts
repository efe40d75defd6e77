import type { Lookup, Verdict } from '../../../nodes/card-api/delivery/judge';
import type { Action, Event, Known } from '../../../nodes/card-api/delivery/protocol';

/*
 * A small model of the API and of the network, to run the protocol against everything that these may do. Whatever can go in more
 * than one way is a choice, and every choice is tried.
 */

/** What the API has under the request id. */
export interface Record {
	state: 'process' | 'success' | 'error';
	/** Whether for this intent; under the user's own UUID it may be another's. */
	isOurs: boolean;
	/** Whether somebody else's send made it: one before this run, or a twin's. */
	isEarlier: boolean;
	/** When the request came, which `request/status` tells a while later, and when it got into its state, in ms. */
	since: number;
	at: number;
}

/** How the API words what the documentation leaves open. */
export interface Dialect {
	notKnown: 'notKnown' | 'ambiguous' | 'vague';
	failed: 'error' | 'ambiguous';
	/** Whether the refusal of a repeat says that it is one. */
	repeat: 'spoken' | 'plain';
}

/** Where a run begins. */
export interface Scenario {
	known: Known;
	/** Whether the id comes from an Event ID. */
	isEvent: boolean;
	dialect: Dialect;
	record: Record | undefined;
	/** Sends of an earlier try that are still on their way. */
	flying: number;
	/** How often the item was sent before, under other ids. */
	sends: number;
	/** Whether a twin may send the same id before this run's send arrives; under the user's own UUID perhaps for another intent. */
	twin: 'none' | 'ours' | 'another';
	/** How long `request/status` does not know a request that the API has, in ms. */
	lagMs: number;
	/** Whether the API tells times; it does unless given otherwise. */
	tellsTime?: boolean;
	/** Whether the API answered other requests of the credential in this run. */
	wasLetThrough: boolean;
	waitMs: number;
	/** How long a wait for completion takes, in ms. */
	pollMs: number;
}

export interface World {
	record: Record | undefined;
	flying: number;
	mayTwin: boolean;
	/** How often something was really done for this intent. */
	effects: number;
	now: number;
	/** Answers in a row to questions that were the question's own error, and when they began: the API gets over these in time. */
	lies: number;
	liesSince: number;
	/** Of this run: sends whose answer was lost, or told no outcome. */
	lost: number;
	/** Of this run: sends that may have arrived. */
	mayHaveArrived: number;
	/** Answers in a row that gave nothing, as an onlooker counts them. */
	unanswered: number;
	wasLetThrough: boolean;
	/** Whether a send arrived whose answer came from something before the API, and whether the last one was answered so. */
	hasCrossed: boolean;
	isDeflected: boolean;
}

/** Something that may happen next: what it makes of the world, and what the protocol learns. */
export interface Choice {
	name: string;
	world: World;
	event: Event;
}

const HOUR_MS = 3_600_000;
export const LONG_AGO = -HOUR_MS;

/** The model's time as a moment. */
export const momentOf = (at: number) => 1_700_000_000_000 + at;

/** When something was, as the API tells it. */
const timed = (at: number, tellsTime = true) => (tellsTime ? { dt: new Date(momentOf(at)).toISOString() } : {});

const carriesId = (known: Known) => known !== 'read' && known !== 'once';

/** What the API does with a request that reaches it. */
function* process(world: World, { known, dialect, tellsTime }: Pick<Scenario, 'known' | 'dialect' | 'tellsTime'>, twin?: 'ours' | 'another'): Generator<{ name: string; world: World; verdict: Verdict }> {
	const answer = timed(world.now, tellsTime);
	if (world.record !== undefined && carriesId(known)) {
		const isSpoken = dialect.repeat === 'spoken';
		yield { name: 'refused as a repeat', world, verdict: { is: 'failed', answer: { ...answer, ...(isSpoken && { error_code: 1002 }) }, httpStatus: 200 } };
		yield { name: 'refused as a repeat, by HTTP', world, verdict: { is: 'rejected', answer, httpStatus: isSpoken ? 409 : 400, text: '' } };
		return;
	}
	const isOurs = twin !== 'another';
	const remember = (state: Record['state']): Record | undefined =>
		carriesId(known) ? { state, isOurs, isEarlier: twin !== undefined, since: world.now, at: world.now } : undefined;
	yield {
		name: 'done',
		world: { ...world, effects: world.effects + (known === 'read' || !isOurs ? 0 : 1), record: remember('success') },
		verdict: { is: 'done', answer },
	};
	yield { name: 'in process', world: { ...world, record: remember('process') }, verdict: { is: 'processing', answer } };
	yield { name: 'failed, remembered', world: { ...world, record: remember('error') }, verdict: { is: 'failed', answer, httpStatus: 200 } };
	if (twin === undefined) yield { name: 'refused, not remembered', world, verdict: { is: 'rejected', answer, httpStatus: 423, text: '' } };
}

/** What may have happened by now without anybody's doing. */
function* meanwhile(scenario: Scenario, world: World): Generator<{ name: string; world: World }> {
	yield { name: '', world };
	if (world.flying > 0) {
		const landed = { ...world, flying: world.flying - 1 };
		for (const { name, world: after } of process(landed, { ...scenario, known: 'neverSent' })) yield { name: `a late one is ${name}; `, world: after };
	}
	// One that comes later is another delivery, which learns for itself.
	if (world.mayTwin && world.record === undefined && world.mayHaveArrived === 0 && scenario.twin !== 'none' && (scenario.twin === 'ours' || world.lost === 0)) {
		for (const { name, world: after } of process({ ...world, mayTwin: false }, scenario, scenario.twin)) yield { name: `a twin is ${name}; `, world: after };
	}
	if (world.record?.state === 'process') {
		const settled = (state: 'success' | 'error') => ({ ...(world.record as Record), state, at: world.now });
		yield { name: 'it is done; ', world: { ...world, effects: world.effects + (world.record.isOurs ? 1 : 0), record: settled('success') } };
		yield { name: 'it fails; ', world: { ...world, record: settled('error') } };
	}
}

const heard = (world: World): World => ({ ...world, lies: 0, unanswered: 0, wasLetThrough: true });

function* sendChoices(scenario: Scenario, world: World): Generator<Choice> {
	const { known, lagMs } = scenario;
	const { now: at } = world;
	const learn = (name: string, after: World, verdict: Verdict): Choice => ({ name, world: { ...after, unanswered: 0, isDeflected: verdict.is === 'deflected' || verdict.is === 'elsewhere' }, event: { of: 'send', verdict, at } });
	const arrived = { ...world, mayHaveArrived: world.mayHaveArrived + 1 };
	const gone = { ...arrived, lost: world.lost + 1 };
	const unknown: Verdict = { is: 'unknown', code: 'TIMEOUT' };
	const deflected: Verdict = { is: 'deflected', how: 'forbidden', httpStatus: 403, text: '' };
	const elsewhere: Verdict = { is: 'elsewhere', how: 'redirected', httpStatus: 303, location: '' };
	const unclear: Verdict = { is: 'unclear', code: 'UNDOCUMENTED_STATUS', answer: { status: 'odd', ...timed(at, scenario.tellsTime) }, httpStatus: 200 };
	// Nobody can tell that another command took the UUID in the moment after it was asked about, where no answer says so.
	const isSurprised = world.record?.isOurs === false && scenario.twin === 'another';
	for (const { name, world: after, verdict } of process(arrived, scenario)) {
		const mute = { ...after, lost: world.lost + 1 };
		yield learn(`sent: ${name}`, { ...after, wasLetThrough: true }, verdict);
		if (isSurprised) continue;
		yield learn(`sent: ${name}, the answer is lost`, { ...mute, wasLetThrough: true }, unknown);
		yield learn(`sent: ${name}, then cancelled`, mute, { is: 'cancelled', sent: true });
		if (known !== 'read') yield learn(`sent: ${name}, told in a word that nobody knows`, { ...mute, wasLetThrough: true }, unclear);
		// Whoever lets a command through and keeps its answer lets the question through, within five seconds of the status.
		if (carriesId(known) && lagMs < 5_000) yield learn(`sent: ${name}, answered from before the API`, { ...mute, hasCrossed: true }, deflected);
		if (known === 'once') yield learn(`sent: ${name}, told elsewhere`, mute, elsewhere);
	}
	if (isSurprised) return;
	yield learn('sent: lost on the way', { ...gone, wasLetThrough: true }, unknown);
	if (carriesId(known)) yield learn('sent: still on its way', { ...gone, flying: world.flying + 1, wasLetThrough: true }, unknown);
	if (known === 'read') yield learn('answered in a word that nobody knows', { ...world, wasLetThrough: true }, unclear);
	yield learn('turned away before the API', { ...world, lost: world.lost + 1 }, deflected);
	if (known !== 'once') yield learn('turned away by a 303', { ...world, lost: world.lost + 1 }, elsewhere);
	yield learn('not sent', world, { is: 'notSent', code: 'ECONNREFUSED', reason: '', host: 'api' });
	yield learn('blocked', world, { is: 'blocked', by: 'proxy', code: 'PROXY_HTTP_407', reason: '', host: 'api', httpStatus: 407 });
	yield learn('429', world, { is: 'limited', httpStatus: 429, retryAfter: '1' });
	yield learn('401', world, { is: 'barred', answer: undefined, httpStatus: 401, text: '' });
	yield learn('cancelled', world, { is: 'cancelled', sent: false });
}

/** The truth about the request, as the API words it and as late as it does. */
function truth({ dialect, lagMs, tellsTime }: Scenario, { record, now }: World): Lookup {
	const told = (is: 'success' | 'process' | 'error' | 'ambiguous' | 'vague' | 'notKnown', at: number): Lookup => ({ is, answer: timed(at, tellsTime), httpStatus: 200 });
	if (record === undefined || now - record.since < lagMs) return told(dialect.notKnown, now);
	return told(record.state === 'error' ? dialect.failed : record.state, record.at);
}

const MAX_LIES = 2;
const MAX_LYING_MS = 15_000;

/** Questions one after the other fail twice in a row at most; those that wait for completion fail for less than 15 seconds. None does where the status lags. */
function mayLie({ lies, liesSince, now }: World, { lagMs }: Scenario, isPoll: boolean): boolean {
	if (lagMs > 0) return false;
	return isPoll ? lies === 0 || now - liesSince < MAX_LYING_MS : lies < MAX_LIES;
}

function* askChoices(scenario: Scenario, world: World, isPoll: boolean): Generator<Choice> {
	const { now: at } = world;
	const learn = (name: string, after: World, lookup: Lookup): Choice => ({ name, world: after, event: { of: 'lookup', lookup, at } });
	const lookup = truth(scenario, world);
	const said = lookup.is === 'success' || lookup.is === 'process' || lookup.is === 'error';
	yield learn(`asked: ${lookup.is}`, said ? heard(world) : { ...world, lies: 0, unanswered: world.unanswered + 1, wasLetThrough: true }, lookup);
	const nothing = { ...world, unanswered: world.unanswered + 1 };
	const answered = { ...nothing, wasLetThrough: true };
	yield learn('asked: no answer', answered, { is: 'noAnswer', verdict: { is: 'unknown', code: 'TIMEOUT' } });
	yield learn('asked: 429', nothing, { is: 'limited', verdict: { is: 'limited', httpStatus: 429, retryAfter: '1' } });
	if (world.wasLetThrough) {
		yield learn('asked: turned away', nothing, { is: 'cutOff', verdict: { is: 'barred', answer: undefined, httpStatus: 401, text: '' } });
	}
	// The way in is the same for all: it lets nothing through, or has let something through.
	if (!world.hasCrossed && !(world.wasLetThrough && world.isDeflected)) {
		yield learn('asked: turned away as all', nothing, { is: 'turnedAway', verdict: { is: 'deflected', how: 'misdirected', httpStatus: 404, text: '' } });
	}
	yield learn('asked: blocked', nothing, { is: 'blocked', verdict: { is: 'blocked', by: 'ssrfProtection', code: 'SSRF_PROTECTION', reason: '', host: 'api' } });
	yield learn('asked: cancelled', nothing, { is: 'cancelled', verdict: { is: 'cancelled', sent: false } });
	if (isPoll) yield learn('asked: forgotten', answered, { is: 'notKnown', answer: {}, httpStatus: 200 });
	// Only under the user's own UUID can the API be asked about somebody else's request; else this is a mistake of its own.
	if ((scenario.known !== 'checking' && scenario.known !== 'rechecking') || world.record?.isOurs === false) {
		yield learn('asked: about another', answered, { is: 'other', answer: {}, httpStatus: 200 });
	}
	if (mayLie(world, scenario, isPoll)) {
		const lied = { ...answered, lies: world.lies + 1, liesSince: world.lies === 0 ? at : world.liesSince };
		for (const is of ['ambiguous', 'vague'] as const) yield learn(`asked: the question fails, ${is}`, lied, { is, answer: {}, httpStatus: 200 });
	}
}

/** All that may happen next, once the action was begun. */
export function* choices(scenario: Scenario, world: World, action: Action): Generator<Choice> {
	const isPoll = action.do === 'ask' && action.after?.for === 'poll';
	for (const { name, world: before } of meanwhile(scenario, world)) {
		for (const choice of action.do === 'send' ? sendChoices(scenario, before) : askChoices(scenario, before, isPoll)) {
			yield { ...choice, name: name + choice.name };
		}
	}
}

/** Beyond a search's depth, everything goes as well as it can. */
export function isKind({ name }: Choice): boolean {
	return /^(sent: (done|refused as a repeat)|asked: (success|process|error|notKnown|ambiguous|vague))$/.test(name.replace(/^it is done; /, ''));
}
