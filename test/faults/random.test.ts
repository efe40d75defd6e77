import fc from 'fast-check';

import { repeatedRequestIdForms, startSandbox, unknownRequestForms, type FaultKind, type Sandbox } from '../sandbox';
import { CLOSE, expectHonestWire, STATUS, workOn } from './workbench';

/*
 * Whatever goes wrong, in whatever order: the node's answer for each card is what the ledger says. A
 * failing plan is shrunk to its smallest.
 */

const CARDS = 1_000;
const RUNS = 20;
const PARALLEL = 40;

const KINDS = [
	'dropBefore', 'dropAfter', 'stallBefore', 'stallAfter', 'http500Before', 'http500After', 'http502Before', 'http502After',
	'http503Before', 'http503After', 'http504Before', 'http504After', 'rateLimit', 'html200After', 'empty200After', 'truncatedAfter',
	'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleHeadersAfter', 'trickleBodyAfter', 'redirect', 'notFound', 'notFoundJson',
	'conflict', 'refuse', 'errorRequestStatus', 'processForever', 'unknownRequestStatus', 'hugeAfter',
] as const satisfies readonly FaultKind[];

/** Faults that turn commands' fates, and are quick. The slow ones are rare, so that the suite stays fast. */
const kind = fc.oneof(
	{ weight: 40, arbitrary: fc.constantFrom(...KINDS.filter((each) => !/stall|trickle|huge|Forever|rateLimit/.test(each))) },
	{ weight: 2, arbitrary: fc.constantFrom(...KINDS) },
);

/** On the question's path all but the one that would be a plain lie: "that request failed" about one that did not. */
const fault = (cards: number) =>
	fc.record({
		card: fc.nat(cards - 1),
		path: fc.constantFrom(CLOSE, CLOSE, STATUS),
		occurrence: fc.integer({ min: 1, max: 3 }),
		kind,
	}).filter(({ path, kind: each }) => path === CLOSE || each !== 'errorRequestStatus');

const setting = fc.record({
	processingMs: fc.constantFrom(0, 0, 15),
	unknownRequest: fc.constantFrom(...Object.values(unknownRequestForms)),
	repeatedRequestId: fc.constantFrom(...Object.values(repeatedRequestIdForms)),
	statusOfFailedRequest: fc.constantFrom('ok' as const, 'error' as const),
});

type Plan = Array<{ card: number; path: string; occurrence: number; kind: FaultKind }>;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownCards: 'accept' });
});
afterAll(async () => {
	await sandbox.stop();
});

/** Closes cards under a plan and compares what the node said with what happened. */
async function compare(count: number, plan: Plan, settings: Partial<Sandbox['settings']>, halting: boolean): Promise<void> {
	sandbox.reset();
	Object.assign(sandbox.settings, settings);
	const faults = new Map(plan.map((each) => [`${each.path} ${each.card} ${each.occurrence}`, each.kind]));
	const cardOf = new Map<string, string>();
	sandbox.faults.plan(({ path, cardId, requestId = '', occurrence }) => {
		if (cardId !== undefined) cardOf.set(requestId, cardId);
		const card = (cardId ?? cardOf.get(requestId) ?? '').slice(2);
		const kindOfFault = faults.get(`${path} ${card} ${occurrence}`);
		if (kindOfFault === undefined) return undefined;
		return { kind: kindOfFault, ...(kindOfFault === 'rateLimit' ? { retryAfter: 1 } : {}), ...(kindOfFault === 'redirect' ? { location: 'http://127.0.0.1:1/' } : {}) };
	});

	const cards = Array.from({ length: count }, (_, index) => `c-${index}`);
	const outcome = await workOn(sandbox, {
		items: cards.map((card) => ({ card })),
		options: { maxParallelRequests: PARALLEL, requestTimeoutSeconds: 20, maxWaitSeconds: 20 },
	});

	const told = new Map<number, { card: unknown; outcome: string }>();
	const [good = [], bad = []] = outcome.items;
	for (const { json, pairedItem } of good) {
		told.set((pairedItem as { item: number }).item, { card: json.card_id, outcome: json.request_status === 'success' ? 'done' : 'handed on' });
	}
	for (const { json, pairedItem } of bad) {
		const details = json.details as { card_id: string; outcome: string };
		told.set((pairedItem as { item: number }).item, { card: details.card_id, outcome: details.outcome });
	}
	expect(good.length + bad.length).toBe(count);
	expect(told.size).toBe(count);
	expect(sandbox.gauges.maxInFlight).toBeLessThanOrEqual(PARALLEL);

	const allowed: Record<string, number[]> = {
		done: [1],
		// Still processing, or a status word that nobody knows: the item says so itself.
		'handed on': [0, 1],
		unknown: [0, 1],
		failed: [0],
		rejected: [0],
		'not sent': [0],
	};
	const lies = cards.flatMap((card, index) => {
		const said = told.get(index);
		const effects = sandbox.ledger.effectsOn(card, CLOSE).length;
		const honest = said?.card === card && allowed[said.outcome]?.includes(effects) === true;
		return honest ? [] : [{ card, said: said?.outcome, effects, requests: sandbox.journal.about(card).map((entry) => [entry.path, entry.fault, entry.status]) }];
	});
	expect(lies).toEqual([]);
	if (!halting) expect([...told.values()].filter((each) => each.outcome === 'done').length).toBeGreaterThan(0);
	expectHonestWire(sandbox);
}

/** Runs a property; a failure tells the smallest plan that still fails. */
async function check<T>(property: fc.IAsyncProperty<T>, parameters: fc.Parameters<T>): Promise<void> {
	const { failed, counterexample, errorInstance, seed } = await fc.check(property, { interruptAfterTimeLimit: 200_000, markInterruptAsFailure: true, ...parameters });
	if (failed) throw new Error(`seed ${seed}, smallest plan ${JSON.stringify(counterexample).slice(0, 3_000)}`, { cause: errorInstance });
}

test(`${RUNS} times ${CARDS} commands under random faults`, async () => {
	const plans = fc.array(fault(CARDS), { minLength: 0, maxLength: 900, size: 'max' });
	await check(
		fc.asyncProperty(plans, setting, async (plan, settings) => {
			await compare(CARDS, plan, settings, false);
		}),
		{ numRuns: RUNS, seed: 4711 },
	);
}, 250_000);

test('a credential that is refused in the middle', async () => {
	const halting = fc.record({
		card: fc.nat(39),
		path: fc.constantFrom(CLOSE, STATUS),
		occurrence: fc.integer({ min: 1, max: 2 }),
		kind: fc.constantFrom<FaultKind>('unauthorized', 'forbidden', 'dropBefore', 'dropAfter'),
	});
	await check(
		fc.asyncProperty(fc.array(halting, { minLength: 1, maxLength: 60 }), async (plan) => {
			await compare(40, plan, { processingMs: 0 }, true);
		}),
		{ numRuns: 40, seed: 42 },
	);
}, 60_000);
