import { inspect } from 'node:util';

import { NodeApiError, NodeOperationError, type INodeParameters, type IPollFunctions } from 'n8n-workflow';

import { useSandboxWithClock } from '../support/bench';
import { CARD, HOUR, MINUTE, N8n, OTHER, type Setup } from './n8n';

/* Polls that cannot read their cards, or not all of them: what comes out all the same, and when who hears of it. */

/** How often n8n polls here. */
const EVERY_MS = 5 * MINUTE;

const partnerKey = 'a-key-of-some-length';
const { sandbox, clock } = useSandboxWithClock({ partnerKey });


const n8nFor = (parameters: INodeParameters = {}, more: Partial<Setup> = {}): N8n => new N8n({ sandbox, clock, parameters: { cardIds: [CARD, OTHER], ...parameters }, ...more });
const broken = (card: string | undefined, times: number | 'always' = 'always') => sandbox.faults.add({ kind: 'http500Before', path: 'card/statement', times, ...(card !== undefined && { card }) });
const warningsOf = (n8n: N8n): string[] => n8n.logs.filter((line) => line.startsWith('warn: '));

async function published(parameters?: INodeParameters, more?: Partial<Setup>): Promise<N8n> {
	const n8n = n8nFor(parameters, more);
	await n8n.publish();
	return n8n;
}

describe('some cards', () => {
	test('the others come out, and those that failed go on from where they were', async () => {
		const n8n = await published();
		broken(CARD, 6);
		sandbox.book({ card_id: CARD, amount: 1 });
		sandbox.book({ card_id: OTHER, amount: 2 });
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.amounts).toEqual([2]);
		sandbox.book({ card_id: CARD, amount: 3 });
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.amounts).toEqual([2, 1, 3]);
		expect(warningsOf(n8n)[0]).toMatch(/^warn: FreedomPay Card Trigger could not read 1 of 2 cards\. FreedomPay gave no usable answer: card-1007/);
	});

	test('are an error once a day, in a poll that has nothing else to give', async () => {
		const n8n = await published();
		broken(CARD);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toEqual([]);
		sandbox.book({ card_id: OTHER });
		await n8n.tickAfter(EVERY_MS);
		expect([n8n.errors, n8n.items.length]).toEqual([[], 1]);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toHaveLength(1);
		for (let hour = 0; hour < 23; hour++) await n8n.tickAfter(HOUR);
		expect(n8n.errors).toHaveLength(1);
		await n8n.tickAfter(HOUR);
		await n8n.tickAfter(HOUR);
		expect(n8n.errors).toHaveLength(2);
		expect(n8n.errors[0]).toBeInstanceOf(NodeApiError);
		expect(n8n.errors[0]).toMatchObject({
			message: '1 of 2 cards could not be read: FreedomPay gave no usable answer (card-1007)',
			description: expect.stringMatching(/^The answer was HTTP 500, from FreedomPay's server or a proxy before it\. Polling goes on: what happens in the meantime starts the workflow when the cards can be read again\.$/) as string,
			httpCode: '500',
		});
	});

	test('one that is not known to FreedomPay is named, and keeps no other from being watched', async () => {
		const n8n = await published({ cardIds: ['card-9999', OTHER] });
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toMatchObject([{ message: '1 of 2 cards could not be read: FreedomPay answered that the request failed: card not found (card-9999)' }]);
	});

	test.each([
		['no list', { status: 'ok', request_status: 'success' }, 'FreedomPay\'s answer holds no list "operations"'],
		['a statement that is not finished', { status: 'ok', request_status: 'process', operations: [] }, 'FreedomPay is not finished with the statement'],
	])('an answer with %s is none', async (_, body, message) => {
		const n8n = await published();
		sandbox.faults.add({ kind: 'rawBefore', card: CARD, times: 2, body: { ...body, dt: '2025-01-01T00:00:00+05:00' } });
		sandbox.book({ card_id: CARD, amount: 1 });
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toMatchObject([{ message: `1 of 2 cards could not be read: ${message} (card-1007)` }]);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.items).toHaveLength(1);
	});
});

describe('all cards', () => {
	test('are nothing the first time, an error from the second on, and that hourly at most', async () => {
		const n8n = await published();
		broken(undefined);
		const counts = [];
		for (let poll = 0; poll < 27; poll++) {
			await n8n.tickAfter(EVERY_MS);
			counts.push(n8n.errors.length);
		}
		expect(counts).toEqual([0, ...Array<number>(12).fill(1), ...Array<number>(12).fill(2), 3, 3]);
		expect(n8n.errors[0]).toMatchObject({ message: '2 of 2 cards could not be read: FreedomPay gave no usable answer (card-1007)' });
		sandbox.faults.clear();
		sandbox.book({ card_id: CARD });
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.items).toHaveLength(1);
	});

	test('a fault now and then is none', async () => {
		const n8n = await published();
		for (let poll = 0; poll < 5; poll++) {
			broken(undefined, 6);
			await n8n.tickAfter(EVERY_MS);
			await n8n.tickAfter(EVERY_MS);
		}
		expect(n8n.errors).toEqual([]);
	});

	test('a single one is named by its ID, with what to do', async () => {
		const n8n = await published({ cardIds: [CARD], options: { requestTimeoutSeconds: 5 } });
		sandbox.faults.add({ kind: 'stallBefore', times: 'always' });
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toMatchObject([
			{ message: 'FreedomPay gave no usable answer (Card ID card-1007)', description: expect.stringMatching(/^No whole answer came within the Request Timeout\. If that goes on, give it more with Request Timeout \(Seconds\)\. Polling goes on/) as string },
		]);
	});

	test('different reasons are told apart', async () => {
		const n8n = await published({ cardIds: [CARD, OTHER, 'card-9999'] });
		broken(CARD);
		broken(OTHER);
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(String(n8n.errors[0]?.message)).toBe('3 of 3 cards could not be read: FreedomPay gave no usable answer (card-1007)');
		expect((n8n.errors[0] as NodeApiError).description?.split('<br>\n')).toEqual([
			'FreedomPay gave no usable answer: card-1007, card-1008',
			'FreedomPay answered that the request failed: card not found: card-9999',
			expect.stringMatching(/^The answer was HTTP 500/),
		]);
	});
});

describe('at the first poll', () => {
	test.each(['activate', 'update', 'init', 'leadershipChange'] as const)('no fault of the network ends a trigger (%s), however often it was published before', async (activation) => {
		const n8n = await published();
		broken(undefined);
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		await n8n.publish(activation);
		expect([n8n.isAlive, n8n.errors.length]).toEqual([true, 1]);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toHaveLength(2);
	});

	test('who publishes with a credential that FreedomPay refuses hears so', async () => {
		sandbox.faults.add({ kind: 'unauthorized', times: 'always' });
		const n8n = n8nFor();
		await expect(n8n.publish()).rejects.toMatchObject({
			message: expect.stringMatching(/^FreedomPay refused the credential "FreedomPay API" \(HTTP 401\)/) as string,
			description: expect.stringMatching(/Check the Environment, Auth ID, Partner Key and Signature Algorithm/) as string,
		});
		expect(n8n.isAlive).toBe(false);
	});

	test('at n8n\'s start nobody would: the next poll says it, and hourly', async () => {
		const n8n = await published();
		sandbox.faults.add({ kind: 'unauthorized', times: 'always' });
		await n8n.restart();
		expect([n8n.isAlive, n8n.errors.length]).toEqual([true, 0]);
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toHaveLength(1);
		await n8n.tickAfter(HOUR);
		expect(n8n.errors).toHaveLength(2);
	});

	test.each([
		['no card', { cardIds: [] }, /^Card IDs must not be empty$/],
		['empty rows', { cardIds: ['', ' '] }, /^Card IDs must not be empty$/],
		['an expression that gives nothing', { cardIds: ['={{ undefined }}'] }, /^Card IDs must not be empty$/],
		['an expression that fails', { cardIds: '={{ $json.cards }}' }, /^Card IDs /],
		['more than 50', { cardIds: [Array.from({ length: 51 }, (_, index) => `card-${index}`).join('\n')] }, /^Card IDs are 51, and one trigger watches at most 50/],
		['spaces within an ID', { cardIds: ['card 1'] }, /^Card IDs must not contain spaces/],
		['a sign that nobody sees', { cardIds: ['card-\u200b1'] }, /^Card IDs holds a sign that cannot be seen/],
		['a number that a spreadsheet shortened', { cardIds: ['1.23E+05'] }, /^Card IDs is "1\.23E\+05", as a spreadsheet shortens/],
		['a look back that is too long', { options: { lookBackHours: 169 } }, /^Look Back \(Hours\) must be a whole number from 1 to 168, not 169$/],
		['an amount that is none', { filters: { leastAmounts: { leastAmount: [{ amount: 'much', currency: 'KZT' }] } } }, /^Amount of Least Amount 1 must be a number/],
		['two least amounts of one currency', { filters: { leastAmounts: { leastAmount: [{ amount: '5', currency: 'KZT' }, { amount: '9', currency: 'KZT' }] } } }, /^Least Amounts must have one amount for KZT, not several$/],
		['an unknown event', { event: 'cardClosed' }, /^Trigger On must be one of newOperation/],
	])('settings that cannot be used are an error at once: %s', async (_, parameters, message) => {
		const n8n = n8nFor(parameters);
		const publishing = n8n.publish();
		await expect(publishing).rejects.toThrow(NodeOperationError);
		await expect(publishing).rejects.toThrow(message);
		expect(sandbox.journal.all).toHaveLength(0);
		await n8n.restart();
		expect([n8n.isAlive, n8n.errors]).toEqual([true, []]);
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toEqual([expect.objectContaining({ message: expect.stringMatching(message) as string })]);
	});

	test('a credential that cannot be used is an error at once', async () => {
		const n8n = n8nFor({}, { credential: { partnerKey: '' } });
		await expect(n8n.publish()).rejects.toMatchObject({ message: expect.stringMatching(/^The Partner Key in the FreedomPay API credential is empty/) as string });
	});
});

test('cards are typed one by one, or pasted with lines, commas and tabs, or given as a list; each counts once', async () => {
	const all = [CARD, OTHER, 'card-1009', 'card-1010'];
	for (const cardIds of [all, [all.join('\n')], [` ${all.join(' , ')},`, ''], [all.join('\t'), CARD], [all.join('\r\n'), all.join(';')], [JSON.stringify(all)], `={{ ${JSON.stringify(all)} }}`, all.join(',')]) {
		sandbox.journal.clear();
		await published({ cardIds: cardIds as string[], options: { maxParallelRequests: 1 } });
		expect(sandbox.journal.all.map(({ body }) => (body as { card_id: string }).card_id)).toEqual(all);
	}
});

test('what is asked for: the look back before the last poll, to now, in the time zone of the workflow', async () => {
	const n8n = await published({ cardIds: [CARD], options: { lookBackHours: 2 } }, { timezone: 'Asia/Almaty' });
	const at = clock.wallClock();
	await n8n.tickAfter(HOUR);
	const sent = sandbox.journal.all.map(({ body }) => body as { start_date: string; end_date: string });
	expect(sent.flatMap((body) => Object.keys(body))).toEqual(Array(2).fill(['card_id', 'start_date', 'end_date']).flat());
	expect(sent.every((body) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:00$/.test(body.start_date))).toBe(true);
	const spans = sent.map(({ start_date, end_date }) => [Date.parse(start_date), Date.parse(end_date)].map((time) => Math.round((time - at) / HOUR)));
	expect(spans).toEqual([[-2, 0], [-2, 1]]);
});

test('a poll that starts while another is on its way gives nothing', async () => {
	const n8n = await published();
	sandbox.book({ card_id: CARD });
	await clock.sleep(MINUTE);
	sandbox.journal.clear();
	await Promise.all([n8n.tick(), n8n.tick(), n8n.tick()]);
	expect(n8n.items).toHaveLength(1);
	expect(sandbox.journal.all).toHaveLength(2);
	await n8n.tickAfter(EVERY_MS);
	expect(sandbox.journal.all).toHaveLength(4);
});

describe('the time that n8n gives a poll', () => {
	const withBudget = (ms: number | undefined) => ({
		surroundings: (context: IPollFunctions) => Object.create(context, { getPollBudgetMs: { value: ms === undefined ? undefined : () => ms } }) as IPollFunctions,
	});
	const cardIds = Array.from({ length: 6 }, (_, index) => `card-${1001 + index}`);
	const asked = () => sandbox.journal.all.map(({ body }) => (body as { card_id: string }).card_id);

	test('is kept, and what was not reached comes first the next time', async () => {
		const n8n = await published({ cardIds, options: { maxParallelRequests: 1, requestTimeoutSeconds: 600 } }, withBudget(36_000));
		sandbox.faults.add({ kind: 'stallBefore', card: 'card-1003', times: 'always' });
		const began = clock.now();
		sandbox.journal.clear();
		await n8n.tick();
		expect(clock.now() - began).toBeLessThan(36_000);
		expect([...new Set(asked())]).toEqual(['card-1001', 'card-1002', 'card-1003']);
		sandbox.journal.clear();
		await n8n.tick();
		expect([...new Set(asked())]).toEqual(['card-1004', 'card-1005', 'card-1006', 'card-1001', 'card-1002', 'card-1003']);
		expect(n8n.errors).toMatchObject([{ message: '1 of 6 cards could not be read: FreedomPay gave no answer in time (card-1003)' }]);
	});

	test('a card that is always cut off is told of', async () => {
		const n8n = await published({ cardIds: [CARD], options: { requestTimeoutSeconds: 600 } }, withBudget(36_000));
		sandbox.faults.add({ kind: 'stallBefore', times: 'always' });
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		await n8n.tickAfter(EVERY_MS);
		expect(n8n.errors).toMatchObject([{ message: 'FreedomPay gave no answer in time (Card ID card-1007)', description: expect.stringMatching(/^The time that n8n gives a poll was over before its answer came\./) as string }]);
	});

	test('publishing waits for 20 seconds at most, in an n8n without a limit of its own too', async () => {
		sandbox.faults.add({ kind: 'stallBefore', times: 'always' });
		const began = clock.now();
		const n8n = await published({}, withBudget(undefined));
		expect(clock.now() - began).toBeLessThanOrEqual(20_000);
		expect(n8n.isAlive).toBe(true);
	});
});

test('no key of the credential is in what is thrown or logged', async () => {
	const n8n = await published();
	sandbox.faults.add({ kind: 'unauthorized', times: 'always' });
	await n8n.tickAfter(EVERY_MS);
	expect(n8n.errors).toHaveLength(1);
	expect(inspect([n8n.errors, n8n.logs], { depth: 12, showHidden: true })).not.toContain(partnerKey);
});
