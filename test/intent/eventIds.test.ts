import type { INodeParameters } from 'n8n-workflow';

import { useSandbox, wire } from '../support/bench';
import { done, failed, fatesOf } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* Event IDs: the same event acts once, and another command under it is another one. */

const sandbox = useSandbox();

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
			const { message, outcome, next_step: next } = failed(await runJobContinuing(sandbox, { ...job, items: [{ card: 'card-1001', event }] }));
			expect(outcome).toBe('not_done');
			expect(`${message} ${next}`).toContain(label);
			expect(wire(sandbox)).toEqual([]);
		});

		test.each(['manual', 'webhook', 'trigger'] as const)('stops a run in mode %s, before any item is sent', async (mode) => {
			const items = [{ card: 'card-1001', event: UUID }, { card: 'card-1002', event: '' }];
			const { error } = await runJob(sandbox, { ...job, items, run: { mode } });
			expect(error?.message).toMatch(new RegExp(`${label}.*\\[item [01]\\]`));
			expect(wire(sandbox)).toEqual([]);
		});
	});

	test('is refused alone: the other items of the run go out', async () => {
		const items = ['e-1', '', 'e-3'].map((event, index) => ({ card: `card-100${index + 1}`, event }));
		const fates = fatesOf(await runJobContinuing(sandbox, { items, parameters: { eventId: '={{ $json.event }}' } }), 3);
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
		expect(done(await runJobContinuing(sandbox, job)).request_id).toMatch(NODE_MADE);
		expect(wire(sandbox)).toEqual(['close']);
	});
});

describe('an ID that is given', () => {
	test('a Request ID has to be a UUID', async () => {
		const { message, next_step: next } = failed(await runJobContinuing(sandbox, { options: { requestId: 'crm-event-4711' } }));
		expect(`${message} ${next}`).toMatch(/Request ID/);
		expect(wire(sandbox)).toEqual([]);
	});

	test('an Event ID may be a number, and is the same as its digits', async () => {
		const ids = [];
		for (const event of [4711, '4711']) {
			ids.push(done(await runJobContinuing(sandbox, { items: [{ card: 'card-1001', event }], parameters: { eventId: '={{ $json.event }}' } })).request_id);
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
		done(await runJobContinuing(sandbox, { parameters: { ...command, ...what, eventId: 'crm-event-4711' }, ...inExecution(executionId) }));

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
	const outcome = await runJobContinuing(sandbox, { items, parameters: { operation: 'update', accounts, eventId: 'e-1' }, options: { maxParallelRequests: 1 } });
	expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.request_status, json?.outcome])).toEqual([['success', 'done'], ['success', 'done'], ['success', 'done_before']]);
	expect(effects()).toHaveLength(2);
});

test('one event with another reason is the same command', async () => {
	const close = async (reason: string, executionId: string) =>
		done(await runJobContinuing(sandbox, { parameters: { reason, eventId: 'e-1' }, ...inExecution(executionId) }));
	const first = await close('Lost', '1');
	sandbox.journal.clear();
	expect(await close(`Lost, told again at ${Date.now()}`, '2')).toMatchObject({ request_id: first.request_id, outcome: 'done_before' });
	expect(effects()).toHaveLength(1);
});

describe('an event text that looks like a UUID', () => {
	const link: INodeParameters = { operation: 'linkClient', clientId: 'client-2001', eventId: UUID };
	const close: INodeParameters = { operation: 'close', eventId: UUID };

	test('in a Link and a Close: two IDs, two effects', async () => {
		const linked = done(await runJobContinuing(sandbox, { parameters: link }));
		const closing = done(await runJobContinuing(sandbox, { parameters: close }));
		expect(new Set([linked.request_id, closing.request_id, UUID]).size).toBe(3);
		expect(closing).toHaveProperty('outcome', 'done');
		expect(sandbox.ledger.effectsOn('card-1001')).toHaveLength(2);
		expect(sandbox.state().cards['card-1001']).toMatchObject({ status: 'closed', clientId: 'client-2001' });
	});

	test('in a Link and a Close whose first send is lost: the Close takes nothing of the Link over', async () => {
		done(await runJobContinuing(sandbox, { parameters: link }));
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		expect(done(await runJobContinuing(sandbox, { parameters: close }))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
	});

	test('for two cards: two effects', async () => {
		const outcome = await runJobContinuing(sandbox, { items: [{ card: 'card-1001' }, { card: 'card-1002' }], parameters: close });
		expect(fatesOf(outcome, 2).map(({ done: json }) => [json?.request_status, json?.outcome])).toEqual([['success', 'done'], ['success', 'done']]);
		expect(effects()).toHaveLength(2);
	});

	test('delivered twice: one effect', async () => {
		done(await runJobContinuing(sandbox, { parameters: close, ...inExecution('1') }));
		expect(done(await runJobContinuing(sandbox, { parameters: close, ...inExecution('2') }))).toMatchObject({ outcome: 'done_before' });
		expect(effects()).toHaveLength(1);
	});
});
