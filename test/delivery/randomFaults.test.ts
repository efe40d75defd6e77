import fc from 'fast-check';

import { repeatedRequestIdForms, unknownRequestForms, type Fault, type FaultKind, type Sandbox } from '../sandbox';
import { useSandbox } from '../support/bench';
import { STATUS } from '../support/paths';
import { runJob } from '../support/runs';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { virtualClock, type VirtualClock } from '../support/virtualClock';
import { liesOf, type Execution, type Told } from './honesty';

/*
 * Whatever goes wrong, in whatever order, and however often n8n runs it again: what the node says of each item is what the ledger says
 * when everything has arrived that was on its way. A failing scenario is shrunk to a small one.
 */

const { scenarios, size, parallel } = isFull ? { scenarios: 20, size: 1_000, parallel: 40 } : { scenarios: 30, size: 30, parallel: 6 };

const HOUR_MS = 3_600_000;

const QUICK = [
	'dropBefore', 'dropAfter', 'http500Before', 'http500After', 'http502Before', 'http502After', 'http503Before', 'http503After',
	'http504Before', 'http504After', 'html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter',
	'redirect', 'notFound', 'notFoundJson', 'conflict', 'refuse', 'unknownRequestStatus',
] as const satisfies readonly FaultKind[];

/** Faults that a run waits for or that are much work: rare, so that there are many of the others. */
const SLOW = ['stallBefore', 'stallAfter', 'trickleHeadersAfter', 'trickleBodyAfter', 'rateLimit', 'processForever', 'hugeAfter'] as const satisfies readonly FaultKind[];

/** What else a fault of a kind needs. */
const DETAILS: Partial<Record<FaultKind, Omit<Fault, 'kind'>>> = {
	rateLimit: { retryAfter: 1 },
	redirect: { location: 'http://127.0.0.1:1/' },
	hugeAfter: { bytes: 11 * 1024 * 1024 },
};

const faultOf = (kind: FaultKind): Fault => ({ kind, ...DETAILS[kind] });

/** Any fault; half of them of the kinds that are the most dangerous one after the other. */
const anyFault = (...dangerous: FaultKind[]) =>
	fc
		.oneof(
			{ weight: 20, arbitrary: fc.constantFrom<FaultKind>(...QUICK) },
			{ weight: 20, arbitrary: fc.constantFrom<FaultKind>('dropBefore', 'dropAfter', 'refuse', ...dangerous) },
			{ weight: 2, arbitrary: fc.constantFrom<FaultKind>(...SLOW) },
		)
		.map(faultOf);

/** Answers of request/status that are no answers. */
const word = fc
	.constantFrom<Record<string, unknown>>(
		...[null, '', 'not_found', 'created', 'ok', 'successful', 0, 1, true].map((status) => ({ request_status: status })),
		{},
		{ request_status: 'success', cards: [{ card_id: 'another card' }] },
		{ request_status: 'error', cards: [{ card_id: 'another card' }] },
	)
	.map((fields): Fault => ({ kind: 'rawBefore', body: { status: 'ok', dt: '2025-01-01T00:01:01+00:30', ...fields } }));

/** On the question's path all but the one that would be a plain lie: "that request failed" about one that did not. */
const onQuestion = fc.oneof({ weight: 2, arbitrary: anyFault() }, { weight: 1, arbitrary: word });
const onCommand = anyFault('late', 'conflict', 'errorRequestStatus');

/** A fault and whom it meets: the first, second or third request of its kind about a card. */
interface Turn {
	to: 'command' | 'question';
	card: number;
	occurrence: number;
	fault: Fault;
}

const turn = (cards: number, command: fc.Arbitrary<Fault>, question: fc.Arbitrary<Fault>): fc.Arbitrary<Turn> => {
	const whom = { card: fc.nat(cards - 1), occurrence: fc.integer({ min: 1, max: 3 }) };
	return fc.oneof(fc.record<Turn>({ to: fc.constant('command'), ...whom, fault: command }), fc.record<Turn>({ to: fc.constant('question'), ...whom, fault: question }));
};

const settings = fc.record({
	processingMs: fc.constantFrom(0, 0, 2_000, 12_000),
	unknownRequest: fc.constantFrom(...Object.values(unknownRequestForms)),
	repeatedRequestId: fc.constantFrom(...Object.values(repeatedRequestIdForms)),
	statusOfFailedRequest: fc.constantFrom('ok' as const, 'error' as const),
});

interface Scenario {
	executions: Execution[];
	faults: Turn[];
	settings: Partial<Sandbox['settings']>;
	/** After how many requests those arrive that were late until then. */
	arriveEvery: number;
}

const uuid = (n: number) => `c0ffee00-1111-4222-8333-${n.toString(16).padStart(12, '0')}`;

/**
 * An execution of one operation for many cards. Of events and UUIDs there are fewer than items, so that events come again, in another
 * execution or about another card, and UUIDs were used before.
 */
const execution = (cards: number, sources: ReadonlyArray<'node' | 'event' | 'typed'>): fc.Arbitrary<Execution> =>
	fc
		.record({
			operation: fc.constantFrom<Execution['operation']>('close', 'resetPinCounter', 'resetPinCounter', 'setPin'),
			source: fc.constantFrom(...sources),
			onError: fc.constantFrom<Execution['onError']>('continueErrorOutput', 'continueErrorOutput', 'continueRegularOutput', 'continueRegularOutput', 'stopWorkflow'),
			retryOnFail: fc.boolean(),
			isLastToArrive: fc.boolean(),
			mayShareIds: fc.boolean(),
			items: fc.array(fc.record({ card: fc.nat(cards - 1), id: fc.nat(2 * cards - 1) }), { minLength: 1, maxLength: cards, size: 'max' }),
		})
		.map(({ operation, source, mayShareIds, items, ...rest }): Execution => {
			if (operation === 'setPin') return { ...rest, operation, source: 'none', items: [...new Set(items.map(({ card }) => card))].map((card) => ({ card: `c-${card}` })) };
			if (source === 'node') return { ...rest, operation, source, items: items.map(({ card }) => ({ card: `c-${card}` })) };
			if (source === 'typed') {
				const byId = new Map(items.map((item) => [item.id, item]));
				return { ...rest, operation, source, items: (mayShareIds ? items : [...byId.values()]).map(({ card, id }) => ({ card: `c-${card}`, id: uuid(id) })) };
			}
			const few = Math.ceil(cards / 2);
			return { ...rest, operation, source: 'event', items: items.map(({ card, id }) => ({ card: `c-${card % 5 === 0 ? card : id % few}`, id: `e-${id % few}` })) };
		});

const scenarioOf = (...sources: Array<'node' | 'event' | 'typed'>) =>
	fc.record<Scenario>({
		executions: fc.array(execution(size, sources), { minLength: 1, maxLength: 3 }),
		faults: fc.array(turn(size, onCommand, onQuestion), { maxLength: 3 * size, size: 'max' }),
		settings,
		arriveEvery: fc.integer({ min: 3, max: 40 }),
	});

/** Executions of every kind after each other, or such that use the same ids. */
const scenario = fc.oneof(scenarioOf('node', 'event', 'typed'), scenarioOf('event'), scenarioOf('typed'));

let clock: VirtualClock;
const sandbox = useSandbox({ unknownIds: 'accept', now: () => clock.wallClock() });

/** Lets everything arrive that is on its way, and be processed. */
async function arriveAll(): Promise<void> {
	sandbox.gate.open();
	await clock.sleep(HOUR_MS);
}

/** Sets the sandbox to a scenario's faults. Gives what tells it which cards UUIDs are about that come in questions first. */
function misbehave({ faults, arriveEvery }: Scenario): Map<string, string> {
	const byTurn = new Map(faults.map((each) => [`${each.to} c-${each.card} ${each.occurrence}`, each.fault]));
	const cardOf = new Map<string, string>();
	let arrivals = 0;
	sandbox.faults.plan(({ path, cardId, requestId = '', occurrence }) => {
		if (++arrivals % arriveEvery === 0) sandbox.gate.open();
		if (cardId !== undefined) cardOf.set(requestId, cardId);
		return byTurn.get(`${path === STATUS ? 'question' : 'command'} ${cardId ?? cardOf.get(requestId)} ${occurrence}`);
	});
	return cardOf;
}

/** What the scenarios came to, so that a look tells that they are not empty. */
const figures = { items: 0, requests: 0, faults: 0, effects: 0 };
const words = new Map<string, number>();

/** Plays a scenario, and compares what the node said with what happened. */
async function play(scene: Scenario): Promise<void> {
	clock = virtualClock({ sandbox, tickMs: 250 });
	sandbox.reset();
	Object.assign(sandbox.settings, scene.settings);
	const cardOf = misbehave(scene);
	const told: Told[] = [];
	for (const [index, each] of scene.executions.entries()) {
		for (const { id, card } of each.items) if (id !== undefined) cardOf.set(id, card);
		const before = sandbox.journal.all.length;
		const outcome = await runJob(sandbox, {
			clock,
			items: each.items.map((item) => ({ ...item })),
			parameters: { operation: each.operation, ...(each.source === 'event' ? { eventId: '={{ $json.id }}' } : {}) },
			options: {
				maxParallelRequests: parallel,
				requestTimeoutSeconds: 20,
				...(each.operation === 'setPin' ? {} : { maxWaitSeconds: 20 }),
				...(each.source === 'typed' ? { requestId: '={{ $json.id }}' } : {}),
			},
			settings: { onError: each.onError, retryOnFail: each.retryOnFail, maxTries: 3 },
			run: { executionId: String(index + 1) },
		});
		told.push({ execution: each, outcome, requests: { after: before, upTo: sandbox.journal.all.length } });
		if (!each.isLastToArrive) await arriveAll();
	}
	await arriveAll();
	const { lies, said } = liesOf(sandbox, told);
	expect(lies).toEqual([]);
	expect(sandbox.gauges.maxInFlight).toBeLessThanOrEqual(parallel);
	figures.items += told.reduce((sum, { execution: { items } }) => sum + items.length, 0);
	figures.requests += sandbox.journal.all.length;
	figures.faults += sandbox.journal.all.filter(({ fault: kind }) => kind !== undefined).length;
	figures.effects += sandbox.ledger.all.length;
	for (const word of said) words.set(word, (words.get(word) ?? 0) + 1);
}

/** Runs a property. A failure tells a small scenario that still fails. */
async function check(arbitrary: fc.Arbitrary<Scenario>, parameters: fc.Parameters<[Scenario]>): Promise<void> {
	let playing = Promise.resolve();
	const property = fc.asyncProperty(arbitrary, async (scene) => await (playing = play(scene)));
	const first = await fc.check(property, { endOnFailure: true, ...parameters });
	if (!first.failed) return;
	const { seed, counterexamplePath } = first;
	// Only now, so that no machine is too slow for a success.
	const again = await fc.check(property, { ...parameters, seed, ...(counterexamplePath === null ? {} : { path: counterexamplePath }), interruptAfterTimeLimit: 60_000 });
	// It does not wait for the last one.
	await playing.catch(() => {});
	const { counterexample, errorInstance } = again.failed && again.counterexample !== null ? again : first;
	throw new Error(`seed ${seed}, a small scenario: ${JSON.stringify(counterexample).slice(0, 4_000)}`, { cause: errorInstance });
}

test(
	sizeOf(`${scenarios} times up to 3 executions of up to ${size} commands each, under random faults`),
	async () => {
		await check(scenario, { numRuns: scenarios, seed: 4711 });
		const { items, requests, faults, effects } = figures;
		const came = [...words].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
		console.info(`Random faults: ${scenarios} scenarios, ${items} items, ${requests} requests with ${faults} faults, ${effects} effects. Items: ${came}. 0 lies.`);
		expect([...words.keys()].sort()).toEqual(['done', 'done_before', 'not_done', 'processing', 'refused', 'unknown']);
		expect(words.get('done')).toBeGreaterThan(items / 4);
		expect(words.get('done_before')).toBeGreaterThan(items / 100);
	},
	HANGS_AFTER_MS,
);

test(
	'a credential that is refused in the middle',
	async () => {
		const refusal = fc.constantFrom<FaultKind>('unauthorized', 'forbidden', 'dropBefore', 'dropAfter', 'late').map(faultOf);
		const halting = fc.record<Scenario>({
			executions: fc.array(execution(20, ['node', 'event', 'typed']), { minLength: 1, maxLength: 2 }),
			faults: fc.array(turn(20, refusal, refusal), { minLength: 1, maxLength: 30, size: 'max' }),
			settings: fc.constant({ processingMs: 0 }),
			arriveEvery: fc.constant(10),
		});
		await check(halting, { numRuns: 40, seed: 42 });
	},
	HANGS_AFTER_MS,
);
