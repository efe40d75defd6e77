import { startSandbox, type Sandbox } from '../sandbox';
import { CLOSE, STATUS, accountOf, conclude, fatesOf, work, type Job } from '../support/workbench';

/* Items that a run does not get to, since it ends before: what is known of them already is not forgotten. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const SET_PIN = '/v5/card-api/card/set_pin';
const CARDS = [{ card: 'card-1001' }, { card: 'card-1002' }] as const;
const retry = { retryOnFail: true, maxTries: 2 } as const;
const modes = ['continueRegularOutput', 'continueErrorOutput'] as const;

/** The first item is turned away in the first try, and its credential refused in the second. */
const refusedThenBarred = (path: string) =>
	sandbox.faults.add({ path, card: 'card-1001', kind: 'rateLimit', times: 3 }, { path, card: 'card-1001', kind: 'unauthorized', nth: 4 });

const commands: Array<[name: string, path: string, job: Job]> = [
	['a command with an ID of the node', CLOSE, {}],
	['a command with an event', CLOSE, { parameters: { eventId: 'e-1' } }],
	['a command with a typed UUID', CLOSE, { options: { requestId: '=c0ffee00-1111-4222-8333-44445555666{{ $itemIndex }}' } }],
	['a command without a request ID', SET_PIN, { parameters: { operation: 'setPin' } }],
];

describe.each(commands)('Retry On Fail of %s, where the second try ends before an item that the first one did', (_, path, job) => {
	const again = async (settings: Job['settings']) =>
		await work(sandbox, { ...job, items: [...CARDS], options: { ...job.options, maxParallelRequests: 1 }, settings: { ...retry, ...settings } });

	test.each(modes)('gives its answer again, with %s', async (onError) => {
		refusedThenBarred(path);
		const outcome = await again({ onError });
		expect(outcome.tries).toBe(2);
		const [first, second] = fatesOf(outcome, 2);
		expect(first?.failed?.outcome).toBe('not_done');
		expect(second?.done).toMatchObject({ card_id: 'card-1002', request_status: 'success', outcome: 'done' });
		expect(sandbox.ledger.effectsOn('card-1002', path)).toHaveLength(1);
	});

	test.each(modes)('leaves it unknown that was unknown, with %s', async (onError) => {
		refusedThenBarred(path);
		sandbox.faults.add({ path, card: 'card-1002', kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', nth: 'options' in job ? 3 : 1, times: 3 });
		const [, second] = fatesOf(await again({ onError }), 2);
		expect(second?.failed?.outcome).toBe('unknown');
		expect(sandbox.ledger.effectsOn('card-1002', path)).toHaveLength(1);
	});
});

test('Retry On Fail of a run that stops: the account counts what was done in the first try', async () => {
	// The second item has the slot while the first one backs off.
	sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'dropBefore', times: 3 }, { path: STATUS, kind: 'forbidden', nth: 4 });
	const { error, tries } = await work(sandbox, { items: [...CARDS], options: { maxParallelRequests: 1 }, settings: retry });
	expect(tries).toBe(2);
	expect(sandbox.journal.to(STATUS)).toHaveLength(4);
	expect(sandbox.ledger.effectsOn('card-1002', CLOSE)).toHaveLength(1);
	expect(accountOf(error)).toEqual({ Done: [1, 'card-1002'], Unknown: [1, expect.stringMatching(/^card-1001 /)] });
});

test.each(modes)('two items of one event, the second one after the credential was refused: both have its outcome, with %s', async (onError) => {
	sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'unauthorized' });
	const items = ['card-1001', 'card-1002', 'card-1001'].map((card) => ({ card }));
	const fates = fatesOf(await work(sandbox, { items, parameters: { eventId: 'e-1' }, options: { maxParallelRequests: 1 }, settings: { onError } }), 3);
	expect(fates.map(({ done, failed }) => [failed?.outcome ?? done?.request_status, done?.outcome])).toEqual([
		['success', 'done'],
		['not_done', undefined],
		['success', 'done_before'],
	]);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(2);
});
