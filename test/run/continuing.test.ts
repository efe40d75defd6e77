import type { IExecuteFunctions } from 'n8n-workflow';

import type { Clock } from '../../nodes/card-api/delivery/clock';
import { useSandbox, wire } from '../support/bench';
import { fatesOf, type Fate } from '../support/items';
import { CLOSE, STATUS } from '../support/paths';
import { runJob, startJob, type Job } from '../support/runs';
import { contextSending, contextWith } from '../support/surroundings';
import { virtualClock } from '../support/virtualClock';

/*
 * A node that continues on errors never throws: n8n would pass its input on by the success output, as if all of it
 * were done. Every way to break a run, with every way to continue.
 */

const sandbox = useSandbox();

const CARDS = ['card-1001', 'card-1002', 'card-1003'];
const items = CARDS.map((card) => ({ card }));

const modes = [{ onError: 'continueRegularOutput' }, { onError: 'continueErrorOutput' }, { continueOnFail: true }] as const;

type Way = [name: string, job: Job, misbehave?: () => void];

/** A defect, of ours or of n8n's. */
const broken = () => {
	throw new TypeError('Cannot read properties of undefined');
};

const without = (...methods: ReadonlyArray<keyof IExecuteFunctions>): Job => ({
	surroundings: (context) => contextWith(context, Object.fromEntries(methods.map((method) => [method, broken]))),
});

const clockWith = (replaced: Partial<Clock>): Job => ({ clock: { ...virtualClock(), ...replaced } });

/** What works a number of times, and then no more. */
function breakingAfter<Value>(times: number, work: () => Value): () => Value {
	let left = times;
	return () => (left-- > 0 ? work() : broken());
}

const credentialGone = () => {
	throw new Error('Credential with ID "credential-1" does not exist for type "freedomPayApi".');
};

const unusable: Way[] = [
	['no credential is chosen', { run: { nodeCredentials: null } }],
	['a credential of another type is chosen', { run: { nodeCredentials: { httpHeaderAuth: { id: '1', name: 'Header' } } } }],
	['the credential is gone', { run: { onCredentialLookup: credentialGone } }],
	['the Auth ID is empty', { credential: { authId: '' } }],
	['the Auth ID is white space', { credential: { authId: ' \n' } }],
	['the Partner Key is empty', { credential: { partnerKey: '' } }],
	['the Base URL is empty', { credential: { baseUrl: '' } }],
	['the Base URL is none', { credential: { baseUrl: 'freedompay' } }],
	['the Base URL is plain http', { credential: { baseUrl: 'http://api.freedompay.example' } }],
	['the Base URL has a path', { credential: { baseUrl: 'https://api.freedompay.example/v5/' } }],
	['the algorithm is none', { credential: { algorithm: 'none' } }],
	['the environment is none', { credential: { environment: 'nowhere' } }],
	['an expression of the credential throws', { credential: { partnerKey: "={{ $('Nobody').item.json.key }}" } }],
	['every item is bad', { parameters: { cardId: '={{ $json.card }} and another' } }],
	['an expression throws', { parameters: { cardId: "={{ $('Nobody').item.json.card }}" } }],
	['an expression of an option throws', { options: { maxParallelRequests: "={{ $('Nobody').item.json.count }}" } }],
	['an option is nonsense', { options: { maxParallelRequests: '={{ "many" }}' } }],
	['the operation does not exist', { parameters: { operation: 'explode' } }],
	['the host cannot be reached', { credential: { baseUrl: 'http://127.0.0.1:1' } }],
	['the execution is over already', { surroundings: (context) => contextWith(context, { getExecutionCancelSignal: () => AbortSignal.abort() }) }],
];

/** Each item came out as what it is: done exactly when its card is closed. */
function expectHonest(fates: readonly Fate[]): void {
	const lies = fates.flatMap(({ done, failed }, index) => {
		// An undocumented word is handed on as it is.
		if (done?.request_status === 'undocumented') return [];
		const effects = sandbox.ledger.effectsOn(CARDS[index] ?? '', CLOSE).length;
		const allowed = failed === undefined ? [1] : failed.outcome === 'unknown' ? [0, 1] : [0];
		const isDone = done !== undefined && done.request_status === 'success' && done.card_id === CARDS[index];
		return allowed.includes(effects) && (failed !== undefined || isDone) ? [] : [{ index, effects, done, failed }];
	});
	expect(lies).toEqual([]);
}

describe.each(modes)('with %p', (settings) => {
	test.each(unusable)('%s: every item failed, and nothing was sent', async (_, job) => {
		const fates = fatesOf(await runJob(sandbox, { items, ...job, settings }), items.length);
		expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['not_done', 'not_done', 'not_done']);
		expect(wire(sandbox)).toEqual([]);
		expect(sandbox.ledger.all).toEqual([]);
	});

	const defects: Way[] = [
		...(
			[
				'getNode', 'getTimezone', 'getWorkflow', 'getWorkflowDataProxy', 'getContext', 'getExecutionId', 'getInstanceId', 'getMode',
				'getExecutionCancelSignal', 'getNodeParameter', 'getCredentials', 'isToolExecution',
			] as const
		).map((method): Way => [`${method} throws`, without(method)]),
		['nothing but the items is there', without('getTimezone', 'getWorkflowDataProxy', 'getContext', 'getExecutionId', 'getInstanceId', 'getWorkflow')],
		['addExecutionHints throws, with something to say', without('addExecutionHints'), () => sandbox.faults.add({ path: CLOSE, kind: 'unknownRequestStatus', nth: 2 })],
		['n8n has no way to send', { surroundings: (context) => contextWith(context, { helpers: {} as IExecuteFunctions['helpers'] }) }],
		['sending throws', { surroundings: (context) => contextSending(context, broken) }],
		['sending gives nothing', { surroundings: (context) => contextSending(context, async () => await Promise.resolve(undefined)) }],
		['sending gives nothing after it acted', { surroundings: (context) => contextSending(context, async (send) => void (await send())) }],
		['sending gives nonsense', { surroundings: (context) => contextSending(context, async () => await Promise.resolve({ statusCode: 200, headers: {}, body: 'text' })) }],
		['the clock has stopped', clockWith({ now: broken })],
		['the clock stops in the middle', clockWith({ now: breakingAfter(4, () => performance.now()) })],
		['the dice are gone', clockWith({ random: broken }), () => sandbox.faults.add({ path: CLOSE, kind: 'dropBefore', card: 'card-1002' })],
		[
			'waiting throws',
			clockWith({ sleep: async () => await Promise.reject(new TypeError('no')) }),
			() => sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', card: 'card-1002' }, { path: STATUS, kind: 'dropBefore' }),
		],
		['there are no deadlines', clockWith({ deadline: broken })],
		['the time of day is gone', clockWith({ wallClock: broken }), () => sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: { inMs: 5_000 } })],
	];

	test.each(defects)('%s: no item leaves as what it is not', async (_, job, misbehave = () => {}) => {
		misbehave();
		expectHonest(fatesOf(await runJob(sandbox, { items, ...job, settings }), items.length));
	});

	test('401: the first was refused, the others were not sent', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
		const fates = fatesOf(await runJob(sandbox, { items, settings, options: { maxParallelRequests: 1 } }), items.length);
		expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['not_done', 'not_done', 'not_done']);
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('one bad item among good ones: it alone failed', async () => {
		const fates = fatesOf(await runJob(sandbox, { items: [{ card: 'card-1001' }, { card: '' }, { card: 'card-1003' }], settings }), 3);
		expect(fates.map(({ failed, done }) => failed?.outcome ?? done?.card_id)).toEqual(['card-1001', 'not_done', 'card-1003']);
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	test('canceled with requests on their way: they are unknown, the others were not sent', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallBefore', times: 'always' });
		const { done, cancel } = await startJob(sandbox, { items, settings, options: { maxParallelRequests: 2 }, clock: virtualClock({ isStopped: true }) });
		while (sandbox.journal.all.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
		cancel();
		const fates = fatesOf(await done, items.length);
		expect(fates.map(({ failed }) => failed?.outcome)).toEqual(['unknown', 'unknown', 'not_done']);
		expect(wire(sandbox)).toEqual(['close', 'close']);
	});

	test('Retry On Fail on top: still every item failed', async () => {
		const outcome = await runJob(sandbox, { items, credential: { partnerKey: '' }, settings: { ...settings, retryOnFail: true, maxTries: 2 } });
		expect(outcome.tries).toBe(2);
		expect(fatesOf(outcome, items.length).map(({ failed }) => failed?.outcome)).toEqual(['not_done', 'not_done', 'not_done']);
	});
});
