import type { INodeParameters } from 'n8n-workflow';

import { methods, operations, resources } from '../../nodes/card-api/methods';
import { isCommand, isListing, type Method } from '../../nodes/card-api/methods/define';
import { GENERAL_REFUSALS } from '../../nodes/card-api/methods/generalRefusals';
import { GIFT, type GiftStatus } from '../../nodes/card-api/methods/giftCard/statuses';
import type { CauseWord } from '../../nodes/card-api/methods/refusals';
import type { FaultRule, Sandbox } from '../sandbox';
import { kindOf, kindsOf, type Kind } from '../support/kinds';
import { unusedUrl } from '../support/listener';
import { STATUS } from '../support/paths';
import type { Job } from '../support/runs';
import { firstRequired, nodeSending, type SetNode } from '../support/sampleNode';
import { contextSending, contextWith } from '../support/surroundings';
import type { VirtualClock } from '../support/virtualClock';

/*
 * Every ending that an operation can come to, and how to bring it about. What an operation can come to follows from its declaration: its
 * kind, how its answers tell their outcome, and what it says of its refusals.
 */

/** An operation to be brought to its endings: with the sample of its declaration. */
export interface Subject {
	name: string;
	kind: Kind;
	/** As the panel has it. */
	declared: Method;
	/** What is sent: of a custom request, the method that it names. */
	sent: Method;
	node: SetNode;
}

/** A request whose method the user names is each of the kinds: as each, it is the first declared method of that kind. */
function subjectsOf(declared: Method): Subject[] {
	const name = `${resources[declared.resource]}: ${declared.name}`;
	return kindsOf(declared).map((kind) => {
		if (declared.resolve === undefined) return { name, kind, declared, sent: declared, node: nodeSending(declared) };
		const sent = methods.find((method) => kindOf(method) === kind && method.answers === 'request') as Method;
		const { path, is, sample } = sent;
		const body = { path, retry_rule: is === 'read' ? 'read' : 'command', takes_request_id: kind === 'command' || kind === 'freshRead', body: JSON.stringify(sample.request) };
		return { name, kind, declared, sent, node: nodeSending(declared, body) };
	});
}

export const subjects: readonly Subject[] = operations.flatMap(subjectsOf);

/** What comes out. */
export interface Item {
	output: 'success' | 'error' | 'tool';
	/** None where the answer of a read is all that there is to say. */
	outcome?: string;
	/** `said`: as the words or the number of the way say. */
	cause?: CauseWord | 'said';
	tryAgain?: string;
	earlier?: true;
}

/** A way to an ending. */
export interface Way {
	how: string;
	/** An execution before the one that counts. */
	before?: { faults?: FaultRule[]; job: Job };
	faults?: FaultRule[];
	settings?: Partial<Sandbox['settings']>;
	job?: Job | (() => Promise<Job>);
	/** Run with these settings of the clock. */
	clock?: (clock: VirtualClock) => VirtualClock;
	cause?: CauseWord;
	/** What a failed item names: its request ID and whom it is about; only the latter; nothing, since nothing was read. */
	names?: 'all' | 'ids' | 'nothing';
}

export interface Ending {
	/** As the table has it. */
	name: string;
	/** What comes out, by what the operation is. */
	item: (subject: Subject) => Item;
	/** How it comes about; none where the operation cannot come to it. */
	ways: (subject: Subject) => Way[];
}

const isRead = ({ kind }: Subject) => kind === 'read' || kind === 'freshRead';
const isGift = ({ sent }: Subject) => sent.answers === 'gift';
const canGoOnWithoutWaiting = ({ kind, declared }: Subject) => kind === 'command' || declared.tellsProgress === true;

/** An item by kind: of a command with a request ID, of one without, of a read. */
const byKind = (command: Item, once: Item = command, read: Item = command) => (subject: Subject): Item => (isRead(subject) ? read : subject.kind === 'once' ? once : command);

const ANSWER: Item = { output: 'success' };
const succeeded = (outcome: string): Item => ({ output: 'success', outcome });
const failing = (outcome: string, cause: Item['cause'], tryAgain: string): Item => ({ output: 'error', outcome, cause: cause ?? 'other', tryAgain });
const notDone = (cause: CauseWord, tryAgain = 'yes') => failing('not_done', cause, tryAgain);
const unknown = (cause: CauseWord) => failing('unknown', cause, 'after_check');
const refused = (cause: Item['cause']) => failing('refused', cause, 'no');
const PROCESSING = failing('processing', 'other', 'after_check');

const on = ({ sent }: Subject, fault: Omit<FaultRule, 'path'>): FaultRule => ({ path: sent.path, ...fault });
const always = (fault: Omit<FaultRule, 'times'>): FaultRule => ({ ...fault, times: 'always' });
const raw = (body: Record<string, unknown>, status = 200): FaultRule => ({ kind: 'rawBefore', status, body });
const page = (status: number): FaultRule => always({ kind: 'rawBefore', status, body: '<!DOCTYPE html><title>Not here</title>', headers: { 'content-type': 'text/html' } });
const hasFailed: FaultRule = always({ path: STATUS, kind: 'rawBefore', body: { status: 'ok', request_status: 'error', error_description: 'frozen by the bank', dt: '2025-01-01T00:00:00+05:00' } });
const askingIsLost: FaultRule = always({ path: STATUS, kind: 'dropBefore' });

const anEvent: INodeParameters = { eventId: 'crm-1' };
const secondTime = { run: { executionId: '2' } };
const REQUEST_ID = '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a11';

const throwing = (): never => {
	throw new TypeError('broken');
};

/** A clock that breaks when a request is over. */
const failingAfterAnswer = (clock: VirtualClock): VirtualClock => ({
	...clock,
	deadline(ms) {
		const { signal, met } = clock.deadline(ms);
		return {
			signal,
			met() {
				met();
				throwing();
			},
		};
	},
});

/** The causes that a refusal of an operation may have, each with an answer that says so. */
function saidBy({ sent, declared }: Subject): Way[] {
	if (sent.answers === 'gift') {
		return Object.values<GiftStatus>(GIFT).flatMap(({ code, cause }) => (cause === undefined ? [] : [{ how: `status ${code}`, cause, faults: [raw({ status: code, datetime: '2025-01-01 00:00:00' })] }]));
	}
	const own = isCommand(declared) ? declared.refusals : [];
	const ways: Way[] = own.map(({ example, cause = 'other' }) => ({ how: example, cause, faults: [refusing(sent, example)] }));
	for (const { cause, example, with: needed = [] } of GENERAL_REFUSALS) {
		const isMeant = cause !== undefined && cause !== 'request_id_used' && needed.every((key) => Object.hasOwn(sent.sample.request, key));
		// What a method says itself comes first.
		if (isMeant && !own.some(({ says }) => says.test(example))) ways.push({ how: example, cause, faults: [refusing(sent, example)] });
	}
	return ways;
}

const refusing = ({ path }: Method, words: string): FaultRule => ({ path, kind: 'refuse', body: { error_description: words } });

/** Aborts the execution. */
function canceling(isUnderway: boolean): Job {
	const controller = new AbortController();
	if (!isUnderway) controller.abort();
	return {
		surroundings: (context) =>
			contextSending(contextWith(context, { getExecutionCancelSignal: () => controller.signal }), async (send) => {
				const sending = send();
				controller.abort();
				return await sending;
			}),
	};
}

export const ENDINGS: readonly Ending[] = [
	{
		name: 'it is carried out',
		item: byKind(succeeded('done'), succeeded('done'), ANSWER),
		ways: (subject) => [
			{ how: 'at once' },
			...(subject.kind === 'command' ? [{ how: 'a while later', settings: { processingMs: 2_000 } }] : []),
		],
	},
	{
		name: 'it is carried out, and the answer is lost',
		item: byKind(succeeded('done'), unknown('no_answer'), ANSWER),
		ways: (subject) => [{ how: 'the connection breaks', faults: [on(subject, { kind: 'dropAfter' })] }, { how: 'HTTP 500', faults: [on(subject, { kind: 'http500After' })] }],
	},
	{
		name: 'no answer comes, and asking gives none either',
		item: byKind(unknown('no_answer'), unknown('no_answer'), notDone('no_answer')),
		ways: (subject) => [{ how: 'the connection breaks', faults: [on(subject, { kind: 'dropBefore', times: isRead(subject) ? 'always' : 1 }), askingIsLost] }],
	},
	{
		name: 'the answer has a status that is not documented',
		item: byKind(unknown('no_answer'), unknown('no_answer'), ANSWER),
		ways: (subject) => [{ how: 'undocumented', faults: [isGift(subject) ? raw({ status: 'undocumented' }) : on(subject, { kind: 'unknownRequestStatus' })] }],
	},
	{
		name: 'an earlier delivery of the event was carried out',
		item: () => succeeded('done_before'),
		ways: ({ kind }) => (kind === 'command' ? [{ how: 'in another execution', before: { job: { parameters: anEvent } }, job: { parameters: anEvent, ...secondTime } }] : []),
	},
	{
		name: 'it is not finished when the wait ends',
		item: byKind(PROCESSING, PROCESSING, ANSWER),
		// The answers about gift cards have no word for it.
		ways: (subject) =>
			isGift(subject) ? [] : [{ how: 'process', faults: [on(subject, { kind: 'processForever', times: 'always' })], job: canGoOnWithoutWaiting(subject) ? { parameters: { waitForCompletion: true } } : {} }],
	},
	{
		name: 'the same, as a tool of an AI agent',
		item: byKind({ output: 'tool', outcome: 'processing' }, undefined, { output: 'tool' }),
		// A tool is given no files.
		ways: (subject) => (isGift(subject) || subject.node.item.binary !== undefined ? [] : [{ how: 'process', faults: [on(subject, { kind: 'processForever', times: 'always' })] }]),
	},
	{
		name: 'the same, with Wait for Completion off',
		item: byKind(succeeded('processing'), undefined, ANSWER),
		ways: (subject) => (canGoOnWithoutWaiting(subject) ? [{ how: 'process', faults: [on(subject, { kind: 'processForever' })], job: { parameters: { waitForCompletion: false } } }] : []),
	},
	{
		name: 'an earlier delivery of the event is not finished',
		item: () => ({ ...PROCESSING, earlier: true }),
		ways: (subject) =>
			subject.kind === 'command' ? [{ how: 'in another execution', before: { faults: [on(subject, { kind: 'processForever' })], job: { parameters: anEvent } }, job: { parameters: anEvent, ...secondTime } }] : [],
	},
	{
		name: 'Dry Run is on',
		item: () => succeeded('dry_run'),
		ways: () => [{ how: 'on', job: { options: { dryRun: true } } }],
	},
	{
		name: 'a field is empty or wrong',
		item: () => notDone('input', 'no'),
		ways: ({ declared }) => [{ how: 'an expression gives nothing', job: { parameters: { [firstRequired(declared)]: '={{ $json.nothing }}' } }, names: 'nothing' }],
	},
	{
		name: 'the credential cannot be used, or is refused',
		item: () => notDone('credential'),
		ways: () => [
			{ how: '401', faults: [always({ kind: 'unauthorized' })] },
			{ how: '403 in the words of the API', faults: [always({ kind: 'forbidden' })] },
			{ how: 'no Auth ID', job: { credential: { authId: '' } }, names: 'ids' },
			{ how: 'none chosen', job: { run: { nodeCredentials: null } }, names: 'ids' },
		],
	},
	{
		name: 'no connection comes about',
		item: () => notDone('unreachable'),
		ways: () => [{ how: 'nobody listens', job: async () => ({ credential: { baseUrl: await unusedUrl() } }) }],
	},
	{
		name: 'a page with HTTP 403 comes instead of an answer',
		item: () => notDone('blocked'),
		ways: () => [{ how: 'a page with HTTP 403', faults: [page(403)] }],
	},
	{
		name: 'a redirect or a page with HTTP 404 comes instead',
		item: () => notDone('wrong_host'),
		ways: () => [
			{ how: 'a redirect', faults: [always({ kind: 'redirect', location: 'http://127.0.0.1:1/' })] },
			{ how: 'a page with HTTP 404', faults: [page(404)] },
		],
	},
	{
		name: 'FreedomPay asks to slow down each time',
		item: () => notDone('rate_limit'),
		ways: () => [{ how: '429', faults: [always({ kind: 'rateLimit', retryAfter: 1 })] }],
	},
	{
		name: 'the execution is cancelled before it is sent',
		item: () => notDone('canceled'),
		ways: () => [{ how: 'before the node runs', job: canceling(false), names: 'nothing' }],
	},
	{
		name: 'the execution is cancelled while it is on its way',
		item: byKind(unknown('canceled'), undefined, notDone('canceled')),
		ways: () => [{ how: 'with the request', job: canceling(true) }],
	},
	{
		name: 'this package fails before it is sent',
		item: () => notDone('defect'),
		ways: () => [{ how: 'before an item is read', job: { surroundings: (context) => contextWith(context, { getInstanceId: throwing }) }, names: 'nothing' }],
	},
	{
		name: 'this package fails while it is on its way',
		item: byKind(unknown('defect'), undefined, notDone('defect')),
		ways: () => [{ how: 'when its answer is there', clock: failingAfterAnswer }],
	},
	{
		name: 'FreedomPay refuses it',
		item: () => refused('other'),
		ways: (subject) => [
			{ how: 'in its answer', faults: [isGift(subject) ? raw({ status: -1 }) : refusing(subject.sent, 'frozen by the bank')] },
			{ how: 'by HTTP 400, in its words', faults: [on(subject, raw({ status: 'error', error_description: 'frozen by the bank' }, 400))] },
		],
	},
	{
		name: 'FreedomPay refuses it, and says why in words or by a number',
		item: () => refused('said'),
		ways: saidBy,
	},
	{
		name: 'an earlier delivery of the event was refused',
		item: () => ({ ...refused('other'), earlier: true }),
		ways: (subject) =>
			subject.kind === 'command' ? [{ how: 'in another execution', before: { faults: [on(subject, { kind: 'errorRequestStatus' })], job: { parameters: anEvent } }, faults: [hasFailed], job: { parameters: anEvent, ...secondTime } }] : [],
	},
	{
		name: 'the request ID is used already',
		item: () => unknown('request_id_used'),
		ways: (subject) =>
			subject.kind === 'command'
				? [
						{ how: 'typed, by another execution', before: { job: { options: { requestId: REQUEST_ID } } }, job: { options: { requestId: REQUEST_ID }, ...secondTime } },
						{ how: 'says HTTP 409, and nobody knows it', faults: [on(subject, { kind: 'conflict', times: 'always' })] },
					]
				: [],
	},
];

/** What the run of a way takes besides. */
export function optionsOf({ declared }: Subject): INodeParameters {
	// One item, whatever the list holds.
	return isListing(declared) ? { wholeAnswer: true } : {};
}
