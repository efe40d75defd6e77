import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { CLOSE, conclude, done, failed, fatesOf, STATUS, wire, work, workOn, type Job } from '../support/workbench';

/* The same intent has the same request id, and two intents never share one. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const NODE_MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const effects = () => sandbox.ledger.all;
const idsSent = () => new Set(sandbox.journal.all.map(({ requestId }) => requestId));
const inExecution = (executionId: string) => ({ run: { executionId } });

describe('an ID that is an expression and comes out blank', () => {
	const blanks = [['undefined', undefined], ['null', null], ['empty text', ''], ['spaces', '   '], ['a line break', '\n']] as const;
	const fields: Array<[string, string, Job]> = [
		['Event ID', 'as undefined', { parameters: { eventId: '={{ $json.event }}' } }],
		['Event ID', 'from another name', { parameters: { eventId: '={{ $json.no.such.field }}' } }],
		['Request ID', 'as undefined', { options: { requestId: '={{ $json.event }}' } }],
	];

	describe.each(fields)('%s, %s', (label, _, job) => {
		test.each(blanks)('%s: refused, the field is named, nothing is sent', async (__, event) => {
			const { message, outcome, next_step: next } = failed(await workOn(sandbox, { ...job, items: [{ card: 'card-1001', event }] }));
			expect(outcome).toBe('not_done');
			expect(`${message} ${next}`).toContain(label);
			expect(wire(sandbox)).toEqual([]);
		});

		test.each(['manual', 'webhook', 'trigger'] as const)('stops a run in mode %s, before any item is sent', async (mode) => {
			const items = [{ card: 'card-1001', event: UUID }, { card: 'card-1002', event: '' }];
			const { error } = await work(sandbox, { ...job, items, run: { mode } });
			expect(error?.message).toMatch(new RegExp(`${label}.*\\[item [01]\\]`));
			expect(wire(sandbox)).toEqual([]);
		});
	});

	test('is refused alone: the other items of the run go out', async () => {
		const items = ['e-1', '', 'e-3'].map((event, index) => ({ card: `card-100${index + 1}`, event }));
		const fates = fatesOf(await workOn(sandbox, { items, parameters: { eventId: '={{ $json.event }}' } }), 3);
		expect(fates.map(({ failed: failure }) => failure?.outcome)).toEqual([undefined, 'not_done', undefined]);
		expect(effects().map(({ target }) => target.card_id).sort()).toEqual(['card-1001', 'card-1003']);
	});
});

describe('an ID that is not given', () => {
	test.each<[string, Job]>([
		['no field', {}],
		['an empty Event ID', { parameters: { eventId: '' } }],
		['an empty Request ID', { options: { requestId: '' } }],
	])('%s: the node makes one', async (_, job) => {
		expect(done(await workOn(sandbox, job)).request_id).toMatch(NODE_MADE);
		expect(wire(sandbox)).toEqual(['close']);
	});
});

describe('an ID that is given', () => {
	test('a Request ID has to be a UUID', async () => {
		const { message, next_step: next } = failed(await workOn(sandbox, { options: { requestId: 'crm-event-4711' } }));
		expect(`${message} ${next}`).toMatch(/Request ID/);
		expect(wire(sandbox)).toEqual([]);
	});

	test('an Event ID may be a number, and is the same as its digits', async () => {
		const ids = [];
		for (const event of [4711, '4711']) {
			ids.push(done(await workOn(sandbox, { items: [{ card: 'card-1001', event }], parameters: { eventId: '={{ $json.event }}' } })).request_id);
		}
		expect(ids[1]).toBe(ids[0]);
		expect(effects()).toHaveLength(1);
	});
});

/** Content that acts, and other content of the same kind. */
const contents: Array<[string, INodeParameters, INodeParameters, INodeParameters]> = [
	[
		'accounts',
		{ operation: 'update' },
		{ accounts: { account: [{ iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' }] } },
		{ accounts: { account: [{ iban: 'ES7921000813610123456789', currency: 'KZT', type: 'IBAN' }] } },
	],
	[
		'limits',
		{ resource: 'limit', operation: 'set', objectType: 'card', cardId: 'card-1001' },
		{ limits: { limit: [{ transactionType: 'withdrawal_atm', period: 'month', amount: { amount: [{ type: 'max', value: '5000', currency: 'KZT' }] } }] } },
		{ limits: { limit: [{ transactionType: 'withdrawal_atm', period: 'month', amount: { amount: [{ type: 'max', value: '9000', currency: 'KZT' }] } }] } },
	],
	[
		'amount',
		{ resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', refund: 'part' },
		{ amount: 10 },
		{ amount: 20 },
	],
];

describe.each(contents)('one event with other %s', (_, command, content, other) => {
	const send = async (what: INodeParameters, executionId: string) =>
		done(await workOn(sandbox, { parameters: { ...command, ...what, eventId: 'crm-event-4711' }, ...inExecution(executionId) }));

	test('is another command: two IDs, two effects', async () => {
		const [first, second] = [await send(content, '1'), await send(other, '2')];
		expect(second).toHaveProperty('outcome', 'done');
		expect(second.request_id).not.toBe(first.request_id);
		expect(idsSent().size).toBe(2);
		expect(effects()).toHaveLength(2);
	});

	test('with the same again is one command', async () => {
		const [first, second] = [await send(content, '1'), await send(content, '2')];
		expect(second).toMatchObject({ request_id: first.request_id, outcome: 'done_before' });
		expect(effects()).toHaveLength(1);
	});
});

test('one event in one run with other content: both are sent', async () => {
	const items = ['KZ86125KZT5004100100', 'ES7921000813610123456789', 'KZ86125KZT5004100100'].map((iban) => ({ iban, card: 'card-1001' }));
	const accounts = { account: [{ iban: '={{ $json.iban }}', currency: 'KZT', type: 'IBAN' }] };
	const outcome = await workOn(sandbox, { items, parameters: { operation: 'update', accounts, eventId: 'e-1' }, options: { maxParallelRequests: 1 } });
	expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.request_status, json?.outcome])).toEqual([['success', 'done'], ['success', 'done'], ['success', 'done_before']]);
	expect(effects()).toHaveLength(2);
});

test('one event with another reason is the same command', async () => {
	const close = async (reason: string, executionId: string) =>
		done(await workOn(sandbox, { parameters: { reason, eventId: 'e-1' }, ...inExecution(executionId) }));
	const first = await close('Lost', '1');
	sandbox.journal.clear();
	expect(await close(`Lost, told again at ${Date.now()}`, '2')).toMatchObject({ request_id: first.request_id, outcome: 'done_before' });
	expect(effects()).toHaveLength(1);
});

describe('an event text that looks like a UUID', () => {
	const link: INodeParameters = { operation: 'linkClient', clientId: 'client-2001', eventId: UUID };
	const close: INodeParameters = { operation: 'close', eventId: UUID };

	test('in a Link and a Close: two IDs, two effects', async () => {
		const linked = done(await workOn(sandbox, { parameters: link }));
		const closing = done(await workOn(sandbox, { parameters: close }));
		expect(new Set([linked.request_id, closing.request_id, UUID]).size).toBe(3);
		expect(closing).toHaveProperty('outcome', 'done');
		expect(sandbox.ledger.effectsOn('card-1001')).toHaveLength(2);
		expect(sandbox.state().cards['card-1001']).toMatchObject({ status: 'closed', clientId: 'client-2001' });
	});

	test('in a Link and a Close whose first send is lost: the Close takes nothing of the Link over', async () => {
		done(await workOn(sandbox, { parameters: link }));
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		expect(done(await workOn(sandbox, { parameters: close }))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
	});

	test('for two cards: two effects', async () => {
		const outcome = await workOn(sandbox, { items: [{ card: 'card-1001' }, { card: 'card-1002' }], parameters: close });
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.request_status, json?.outcome])).toEqual([['success', 'done'], ['success', 'done']]);
		expect(effects()).toHaveLength(2);
	});

	test('delivered twice: one effect', async () => {
		done(await workOn(sandbox, { parameters: close, ...inExecution('1') }));
		expect(done(await workOn(sandbox, { parameters: close, ...inExecution('2') }))).toMatchObject({ outcome: 'done_before' });
		expect(effects()).toHaveLength(1);
	});
});

describe('an event whose command failed', () => {
	const event: Job = { items: [{ card: 'no-such-card' }], parameters: { eventId: 'e-1' } };

	test('is told as the earlier failure when it is delivered again, with what would help', async () => {
		const first = failed(await workOn(sandbox, { ...event, ...inExecution('1') }));
		expect(first).not.toHaveProperty('earlier');
		const sent = sandbox.journal.all.length;

		const again = failed(await workOn(sandbox, { ...event, ...inExecution('2') }));
		expect(again).toMatchObject({ outcome: 'refused', earlier: true, request_id: first.request_id });
		const words = `${again.message} ${again.next_step}`;
		expect(words).toMatch(/earlier/i);
		expect(words).toMatch(/(another|a new|a different) Event ID/i);
		// When it was: the API's `dt` of the first request.
		expect(words).toContain(String((sandbox.journal.all[sent - 1]?.answer as { dt: string }).dt).slice(0, 10));
		expect(effects()).toEqual([]);
		expect(idsSent().size).toBe(1);
	});

	test('without a reason has none when it is delivered again: that the request ID is not unique is the repeat\'s own', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
		const close: Job = { ...event, items: [{ card: 'card-1001' }] };
		expect(failed(await workOn(sandbox, { ...close, ...inExecution('1') }))).toMatchObject({ outcome: 'refused', cause: 'other' });
		const again = failed(await workOn(sandbox, { ...close, ...inExecution('2') }));
		expect(again).toMatchObject({ outcome: 'refused', cause: 'other', earlier: true });
		expect(again.message).not.toMatch(/not unique/);
	});

	test('in a run that stops, too', async () => {
		await workOn(sandbox, { ...event, ...inExecution('1') });
		const { error } = await work(sandbox, { ...event, ...inExecution('2') });
		expect(`${error?.message} ${error?.description}`).toMatch(/earlier/i);
		expect(`${error?.message} ${error?.description}`).toMatch(/Event ID/);
	});

	test('twice in one run: the second item has the outcome of the first', async () => {
		const outcome = await workOn(sandbox, { ...event, items: [{ card: 'no-such-card' }, { card: 'no-such-card' }] });
		expect(fatesOf(outcome, 2).map(({ failed: failure }) => [failure?.outcome, failure?.earlier])).toEqual([['refused', undefined], ['refused', true]]);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test('acts under another Event ID once the cause is mended', async () => {
		await workOn(sandbox, { ...event, ...inExecution('1') });
		sandbox.settings.unknownIds = 'accept';
		const json = done(await workOn(sandbox, { ...event, parameters: { eventId: 'e-2' }, ...inExecution('2') }));
		sandbox.settings.unknownIds = 'refuse';
		expect(json).toMatchObject({ card_id: 'no-such-card', request_status: 'success' });
		expect(effects()).toHaveLength(1);
	});
});

describe('whose outcome it is, by the times that FreedomPay tells', () => {
	const HOUR_MS = 3_600_000;
	const EVENT = { parameters: { eventId: '={{ "e-1" }}' } };
	const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
	const refusal = (body: Record<string, unknown>) => sandbox.faults.add({ path: CLOSE, kind: 'refuse', body });
	const told = (body: Record<string, unknown>) =>
		sandbox.faults.add({ path: STATUS, kind: 'rawBefore', body: { status: 'ok', request_status: 'error', cards: [{ card_id: 'card-1001' }], ...body } });

	test.each<[string, Record<string, unknown>, Record<string, unknown>, true | undefined]>([
		['texts that differ by a trace id, at the same time', { error_description: 'card is frozen (trace 1)', dt: at(0) }, { error_description: 'card is frozen (trace 2)', dt: at(0) }, undefined],
		['the next second', { error_description: 'frozen', dt: at(1_000) }, { error_description: 'frozen', dt: at(0) }, undefined],
		['no times, and other texts', { error_description: 'card is frozen (trace 1)' }, { error_description: 'frozen' }, undefined],
		['a time in the refusal only', { dt: at(HOUR_MS) }, {}, undefined],
		['the same text an hour before', { error_description: 'frozen', dt: at(HOUR_MS) }, { error_description: 'frozen', dt: at(0) }, true],
		['a refusal that speaks of a repeat, at the same time', { error_code: 1002, dt: at(0) }, { dt: at(0) }, true],
		['a refusal that speaks of a repeat in words', { error_description: 'request_id is not unique' }, {}, true],
	])('a refusal: %s', async (_, own, known, earlier) => {
		refusal(own);
		told(known);
		const failure = failed(await workOn(sandbox, EVENT));
		expect(failure).toMatchObject({ outcome: 'refused' });
		expect(failure.earlier).toBe(earlier);
		expect(/earlier request/.test(failure.message)).toBe(earlier === true);
	});

	test('a lost answer is done, however long ago it may be, where nothing can be compared', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		told({ request_status: 'success', dt: at(0) });
		const outcome = await workOn(sandbox, EVENT);
		expect(done(outcome)).toMatchObject({ request_status: 'success' });
		expect(outcome.hints).toEqual([]);
	});

	test('a lost answer that is clearly older than what FreedomPay said before in this run is an earlier one\'s', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', card: 'card-1002' });
		told({ request_status: 'success', dt: at(0), cards: [{ card_id: 'card-1002' }] });
		const items = [{ card: 'card-1001' }, { card: 'card-1002' }];
		const outcome = await workOn(sandbox, { ...EVENT, items, options: { maxParallelRequests: 1 } });
		expect(fatesOf(outcome, 2).map(({ done: json }) => json?.request_status)).toEqual(['success', 'success']);
		expect(outcome.hints.map(({ message }) => message)).toEqual([`1 command had been done before, by an earlier request of ${at(0)}: nothing was done for it now. If a new one was meant, give it an Event ID of its own.`]);
	});
});

describe('what earlier requests had done', () => {
	const delivery = (cards: readonly string[], execution: string): Job => ({ items: cards.map((card) => ({ card })), parameters: { eventId: '=e-{{ $json.card }}' }, ...inExecution(execution) });
	const deliver = async (cards: readonly string[], execution: string) => await workOn(sandbox, delivery(cards, execution));

	test('leaves a hint with how many and since when, each time', async () => {
		const first = await deliver(['card-1001'], '1');
		expect(first.hints).toEqual([]);
		await deliver(['card-1002'], '2');
		// What the items say, as FreedomPay told it when it was asked.
		const sinceOf = ({ items }: typeof first) => (items[0] ?? []).flatMap(({ json: { outcome, dt } }) => (outcome === 'done_before' && typeof dt === 'string' ? [dt] : [])).sort()[0];
		const one = await deliver(['card-1001', 'card-1003'], '3');
		expect(one.hints.map(({ message }) => message)).toEqual([`1 command had been done before, by an earlier request of ${String(sinceOf(one))}: nothing was done for it now. If a new one was meant, give it an Event ID of its own.`]);
		const all = await deliver(['card-1001', 'card-1002', 'card-1003'], '4');
		expect(all.hints.map(({ message }) => message)).toEqual([`3 commands had been done before, by earlier requests since ${String(sinceOf(all))}: nothing was done for them now. If new ones were meant, give each an Event ID of its own.`]);
	});

	test('stands in the message of a run that stops, which leaves no hints', async () => {
		await deliver(['card-1001'], '1');
		const { error } = await work(sandbox, { ...delivery(['card-1001', 'no-such-card'], '2') });
		expect(error?.description?.split('<br>\n').at(-1)).toMatch(/^1 command had been done before/);
	});

	test('a failure of before leaves none: its item tells', async () => {
		await deliver(['no-such-card'], '1');
		expect((await deliver(['no-such-card'], '2')).hints).toEqual([]);
	});
});
