import type { INodeParameters } from 'n8n-workflow';

import { useSandboxWithClock } from '../support/bench';
import { accountOf } from '../support/items';
import { CLOSE, GIFT, STATUS } from '../support/paths';
import { runJob, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* What a run that stops says: the item, its card, its request, and what became of all the others. */

const { sandbox, clock } = useSandboxWithClock();

const confirm: INodeParameters = { resource: 'giftCard', operation: 'confirm', otp: '={{ 4711 + $itemIndex }}', cardId: 555 };
const refund: INodeParameters = { resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', refund: 'full' };
const THE_STEP = 'FreedomPay says that it does not know the card. Check the Card ID, and that the Environment of the credential is the one that the card belongs to.';

describe('a run that stops', () => {
	const CARDS = ['card-1001', 'card-1002', 'card-1003', 'card-1004', 'card-1005'];
	const stopped = async ({ items = CARDS.map((card) => ({ card })), ...job }: Job = {}) => {
		const { error, hints } = await runJob(sandbox, { items, ...job, options: { maxParallelRequests: 1, ...job.options }, run: { mode: 'webhook', ...job.run } });
		return { message: error?.message ?? '', description: error?.description ?? '', hints };
	};
	const refuse = (card: string | number, path = CLOSE) => sandbox.faults.add({ path, card, kind: 'refuse', body: { error_description: 'card not found' } });
	const requestIdOf = (card: string) => sandbox.journal.about(card)[0]?.requestId ?? '';

	test('names the item as n8n does, its card and its request, and lists the cards by what became of them', async () => {
		refuse('card-1003');
		const { message, description } = await stopped();
		expect(message).toBe('1 of 5 failed: card-1003. FreedomPay answered that the request failed: card not found [item 2]');
		expect(description).toBe(
			[
				'Done (2): card-1001, card-1002',
				'Failed (1): card-1003',
				'Not sent (2): card-1004, card-1005',
				`${THE_STEP} Request ID: ${requestIdOf('card-1003')}. Retry On Fail and n8n's Retry of this failed execution pick up where this run stopped: what is done is recognised by its request ID and not done again. A new execution sends everything again, since no Event ID is set.`,
			].join('<br>\n'),
		);
	});

	test('of one item: no place and no account, but its card and its request', async () => {
		refuse('card-1001');
		const { message, description } = await stopped({ items: [{ card: 'card-1001' }] });
		expect(message).toBe('FreedomPay answered that the request failed: card not found (Card ID card-1001)');
		expect(description).toBe(`${THE_STEP} Request ID: ${requestIdOf('card-1001')}.`);
	});

	test('gives the request of what is open or unknown, and says once what running it again does', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'processForever' }, { path: CLOSE, card: 'card-1003', kind: 'dropBefore' }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const { message, description } = await stopped({ items: CARDS.slice(0, 4).map((card) => ({ card })), parameters: { waitForCompletion: false } });
		expect(message).toMatch(/^1 of 4 has an unknown outcome: card-1003\. It is unknown whether .* \[item 2\]$/);
		const id = requestIdOf('card-1003');
		expect(accountOf({ description })).toEqual({
			Done: [2, 'card-1002, card-1004'],
			'Still being processed': [1, `card-1001 (request ID ${requestIdOf('card-1001')})`],
			Unknown: [1, `card-1003 (request ID ${id})`],
		});
		expect(description).not.toContain(`Request ID: ${id}`);
		expect(description).toContain(`Request: Get Status and the request ID ${id}`);
		expect(description.match(/Retry On Fail/g)).toHaveLength(1);
	});

	test('names 20 of a kind at most', async () => {
		sandbox.settings.unknownIds = 'accept';
		const items = Array.from({ length: 24 }, (_, index) => ({ card: `c-${index}` }));
		refuse('c-23');
		const { description } = await stopped({ items });
		expect(accountOf({ description })).toEqual({ Done: [23, expect.stringMatching(/^c-0, c-1, .* c-18, c-19 and 3 more$/)], Failed: [1, 'c-23'] });
	});

	test('names items in their order, in whatever order they ended', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore', times: 'always' }, { path: STATUS, kind: 'dropBefore', times: 'always' });
		const { message, description } = await stopped({ items: CARDS.slice(0, 3).map((card) => ({ card })), options: { maxParallelRequests: 3 } });
		expect(message).toMatch(/^3 of 3 have an unknown outcome: card-1001, card-1002, card-1003\. /);
		expect(accountOf({ description }).Unknown?.[1]).toMatch(/^card-1001 \(.*\), card-1002 \(.*\), card-1003 \(.*\)$/);
	});

	test('names the item that it quotes where its headline is about another', async () => {
		const uuid = 'c0ffee00-1111-4222-8333-44445555666';
		await runJob(sandbox, { items: [{ card: 'card-1001' }], options: { requestId: `${uuid}0` }, run: { executionId: '1' } });
		refuse('card-1002');
		const { message } = await stopped({ items: CARDS.slice(0, 2).map((card) => ({ card })), options: { requestId: `=${uuid}{{ $itemIndex }}`, maxParallelRequests: 2 }, run: { executionId: '2' } });
		expect(message).toMatch(/^1 of 2 failed: card-1002\. (?:The Request ID is used already.*\(Card ID card-1001\) \[item 0\]|.*card not found \[item 1\])$/);
	});

	test('about which nothing is left to do: says how the others are sent', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'refuse', body: { error_description: 'card is already closed' } });
		const { description } = await stopped({ items: CARDS.slice(0, 2).map((card) => ({ card })) });
		expect(description).toMatch(/nothing is left to do\. .*For the others to be sent, leave out the item about which nothing is left to do, or set On Error to Continue\.$/);
		expect(description).not.toContain('simply run it again');
	});

	test('of UUIDs that are used already: no advice that would be of no use', async () => {
		const job: Job = { options: { requestId: '=c0ffee00-1111-4222-8333-44445555666{{ $itemIndex }}' }, items: CARDS.slice(0, 2).map((card) => ({ card })) };
		await runJob(sandbox, { ...job, run: { executionId: '1' } });
		const { message, description } = await stopped({ ...job, run: { executionId: '2' } });
		expect(message).toMatch(/^. of 2 ha\S+ an unknown outcome: card-1001.*\. The Request ID is used already/);
		expect(description).toMatch(/use another Request ID for this one\. Request ID: \S+\.$/);
	});

	test('names the item that it quotes, and five in its headline at most', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', times: 'always' });
		const { message } = await stopped({ items: Array.from({ length: 7 }, (_, index) => ({ card: `c-${index}` })), options: { maxParallelRequests: 7 } });
		expect(message).toMatch(/^7 of 7 failed: (?:c-\d, ){4}c-\d and 2 more\. FreedomPay answered that the request failed: .* \(Card ID c-\d\) \[item \d\]$/);
	});

	test.each<[string, Job, path: string, names: [failed: string, done: string]]>([
		['of a transaction, by its ID', { parameters: { ...refund, transactionId: '=t-{{ $json.card }}' } }, 'transaction/refund', ['t-card-1002', 't-card-1001']],
		['of a gift card, by its number', { parameters: { ...confirm, cardId: '={{ 554 + $itemIndex }}' } }, GIFT, ['555', '554']],
		['of a gift card without an ID, by its place', { parameters: { ...confirm, cardId: '' } }, GIFT, ['item 1', 'item 0']],
	])('%s', async (_, job, path, [failing, done]) => {
		const sample = { datetime: '2025-01-01 00:00:00', status: 0, card_status: 2, card_currency: 'KZT', card_balance: 1, card_mask: '4400********0555' };
		sandbox.faults.add(
			{ path, kind: 'rawBefore', body: path === GIFT ? sample : { status: 'ok', request_status: 'success', dt: '2025-01-01T00:00:00+05:00' } },
			path === GIFT ? { path, nth: 2, kind: 'rawBefore', body: { ...sample, status: -1 } } : { path, nth: 2, kind: 'refuse' },
		);
		const { message, description } = await stopped({ ...job, items: CARDS.slice(0, 3).map((card) => ({ card })) });
		expect(message).toMatch(new RegExp(`^1 of 3 failed: ${failing}\\. FreedomPay answered .* \\[item 1\\]$`));
		expect(accountOf({ description })).toMatchObject({ Done: [1, done], Failed: [1, failing], 'Not sent': [1, expect.any(String)] });
	});

	test('of clients that are created, by the request', async () => {
		const path = 'client/add';
		sandbox.faults.add({ path, kind: 'refuse' });
		const { message } = await stopped({
			items: [{}, {}],
			parameters: { resource: 'client', operation: 'create', productId: 2000, phone: '+77077070707', type: 1, resident: 1, firstName: 'Ivan', lastName: 'Ivanov', eventId: 'e-1' },
		});
		const id = sandbox.journal.to('/v5/card-api/client/add')[0]?.requestId ?? '';
		expect(message).toBe(`2 of 2 failed: ${id}, ${id}. FreedomPay answered that the request failed: refused (Request ID ${id}) [item 0]`);
	});

	describe('says what running it again does', () => {
		const RETRIES = "Retry On Fail and n8n's Retry of this failed execution pick up where this run stopped";

		test.each<[string, Job, failing: string, says: RegExp]>([
			['nothing was done', {}, 'card-1001', /is the one that the card belongs to\. Request ID: \S+\. Nothing was done, so simply run it again once this is put right\.$/],
			['with an event', { parameters: { eventId: '={{ "e-1" }}' } }, 'card-1002', /Request ID: \S+\. Run it again: under the same Event IDs what is done is recognised by its request ID and not done again\. What FreedomPay refused needs another Event ID to be tried again\.$/],
			['without one', {}, 'card-1002', new RegExp(`${RETRIES}: .* A new execution sends everything again, since no Event ID is set\\.$`)],
			['in the editor', { run: { mode: 'manual' } }, 'card-1002', /Retry On Fail picks up where this run stopped: .* Another run sends everything again, since no Event ID is set\.<br>\n2 commands were sent to 127\.0\.0\.1:\d+\.$/],
			[
				'in a sub-workflow',
				{ run: { mode: 'integrated' } },
				'card-1002',
				/Retry On Fail of this node picks up where this run stopped: .* The calling workflow's Retry On Fail or Retry, as a new execution, sends everything again, since no Event ID is set\.$/,
			],
			[
				'with UUIDs of the user',
				{ options: { requestId: '=c0ffee00-1111-4222-8333-44445555666{{ $itemIndex }}' } },
				'card-1002',
				new RegExp(`${RETRIES}: .* A new execution sends nothing under the Request IDs that FreedomPay knows by then\\.$`),
			],
			[
				'with a UUID for some',
				{
					parameters: {
						resource: 'custom',
						operation: 'send',
						path: 'card-api/card/unblock',
						body: '={ {{ $itemIndex === 0 ? \'"request_id": "c0ffee00-1111-4222-8333-444455556660", \' : "" }}"card_id": "{{ $json.card }}", "description": "Found" }',
						retryRule: 'command',
						takesRequestId: true,
					},
				},
				'card-1002',
				new RegExp(`${RETRIES}: .* A new execution does so for items with an Event ID only\\.$`),
			],
		])('%s', async (_, job, failing, says) => {
			refuse(failing, job.parameters?.resource === 'custom' ? 'card/unblock' : CLOSE);
			expect((await stopped(job)).description).toMatch(says);
		});

		test('with an event, where nothing was done', async () => {
			sandbox.faults.add({ path: CLOSE, kind: 'refuse', times: 'always' });
			const { description } = await stopped({ parameters: { eventId: '={{ "e-1" }}' }, items: [{ card: 'card-1001' }, { card: 'card-1002' }] });
			expect(description).toMatch(/ Nothing was done, so simply run it again once this is put right\. What FreedomPay refused needs another Event ID to be tried again\.$/);
		});

		test('commands without a request ID', async () => {
			sandbox.faults.add({ path: 'card/set_pin', card: 'card-1002', kind: 'refuse' });
			expect((await stopped({ parameters: { operation: 'setPin' } })).description).toMatch(/send only what was surely not sent\. A new execution sends everything again: these commands have no request ID to be recognised by\.$/);
		});

		test('reads', async () => {
			sandbox.faults.add({ path: 'card/info', card: 'card-1002', kind: 'refuse' });
			expect((await stopped({ parameters: { operation: 'get' } })).description).toMatch(/ Nothing was changed, so simply run it again\.$/);
		});
	});

	test('passes words on in which n8n finds the name of a system error', async () => {
		for (const says of ['a preexisting block (EEXIST)', 'ECONNRESET', 'teaccess EACCES']) {
			sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_description: says } });
			expect((await stopped({ items: [{ card: 'card-1001' }] })).message).toBe(`FreedomPay answered that the request failed: ${says} (Card ID card-1001)`);
		}
	});

	test('passes on what a credential that cannot be had says, too', async () => {
		const onCredentialLookup = () => {
			throw new Error('connect ECONNREFUSED vault.example');
		};
		expect((await stopped({ run: { onCredentialLookup } })).message).toBe('The FreedomPay API credential cannot be used: connect ECONNREFUSED vault.example');
	});

	test('on an error of its own names the item and its card, and says what to do', async () => {
		const deadline = () => {
			throw new TypeError('Cannot read properties of undefined');
		};
		const { message, description } = await stopped({ items: CARDS.slice(0, 2).map((card) => ({ card })), clock: { ...virtualClock(), deadline } });
		expect(message).toBe('1 of 2 has an unknown outcome: card-1001. The node failed with an error of its own: Cannot read properties of undefined [item 0]');
		expect(accountOf({ description })).toMatchObject({ Unknown: [1, expect.stringMatching(/^card-1001 /)], 'Not sent': [1, 'card-1002'] });
		expect(description.split('<br>\n')[2]).toMatch(/^It is unknown whether FreedomPay carried out the command\. Before repeating it, look the request up/);
	});

	test('shows no secret in any of it', async () => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'refuse', body: { error_description: 'wrong pin c2VjcmV0LXBpbi1ibG9jaw==' } });
		const { message, description } = await stopped({ items: [{ card: 'card-1001' }], parameters: { operation: 'setPin', additionalFields: { pin: 'c2VjcmV0LXBpbi1ibG9jaw==' } } });
		expect(`${message} ${description}`).not.toContain('c2VjcmV0');
		expect(message).toContain('wrong pin ******');
	});
});

describe('bad input', () => {
	test('of one item: no place', async () => {
		expect((await runJob(sandbox, { items: [{ card: '' }] })).error?.message).toBe('Card ID must not be empty');
	});

	test('of many: the place, as n8n does', async () => {
		const { error } = await runJob(sandbox, { items: [{ card: 'card-1001' }, { card: '' }] });
		expect(error?.message).toBe('Card ID must not be empty [item 1]');
		expect(error?.description).toBe('Nothing was sent for this item. Check the value of Card ID, or the expression that gives it. The other items were not sent either.');
	});

	test('names ten items of one UUID at most', async () => {
		const items = Array.from({ length: 12 }, (_, index) => ({ card: `card-${index}` }));
		const { error } = await runJob(sandbox, { items, options: { requestId: 'c0ffee00-1111-4222-8333-444455556666' } });
		expect(error?.message).toBe('Request ID is the same UUID in items 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more [item 0]');
	});
});

describe('what is still being processed when the run ends well', () => {
	const hintsOf = async (count: number, job: Job = {}) => {
		const items = ['card-1001', 'card-1002', 'card-1003', 'card-1004'].slice(0, count + 1).map((card) => ({ card }));
		for (const { card } of items.slice(0, count)) sandbox.faults.add({ path: CLOSE, card, kind: 'processForever' });
		const { hints } = await runJob(sandbox, { items, options: { maxWaitSeconds: 1 }, ...job });
		return hints.map(({ message }) => message);
	};

	test.each([
		[0, []],
		[1, ['1 command is still being processed. Look it up later with Request: Get Status and the request_id in the output.']],
		[3, ['3 commands are still being processed. Look them up later with Request: Get Status and the request_id in the output.']],
	])('%d of them', async (count, hints) => {
		expect(await hintsOf(count, { parameters: { waitForCompletion: false } })).toEqual(hints);
	});

	test('without waiting for completion, too', async () => {
		expect(await hintsOf(2, { parameters: { waitForCompletion: false } })).toEqual([expect.stringMatching(/^2 commands are still being processed\./)]);
	});

	test('beside items that failed, where the node continues', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'refuse' });
		expect(await hintsOf(1, { settings: { onError: 'continueErrorOutput' } })).toEqual([expect.stringMatching(/^1 command is still being processed\./)]);
	});

	test('not where the run stops: the account says it', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'refuse' });
		expect(await hintsOf(1, { options: { maxWaitSeconds: 1, maxParallelRequests: 1 } })).toEqual([]);
	});

	test('not what has no request ID to be looked up by', async () => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'rawAfter', body: { status: 'ok', request_status: 'process', dt: '2025-01-01T00:00:00+05:00' } });
		expect(await hintsOf(0, { parameters: { operation: 'setPin' } })).toEqual([]);
	});
});

test('stops on a failure: nothing new is sent, the account is given', async () => {
	const items = ['card-1001', 'card-1002', 'nope', 'card-1004', 'card-1005'].map((card) => ({ card }));
	const { error, items: out } = await runJob(sandbox, { items, clock, options: { maxParallelRequests: 1 } });
	expect(out.flat()).toEqual([]);
	expect(error?.message).toMatch(/card not found.*\[item 2\]/);
	expect(error).toMatchObject({ context: { itemIndex: 2 } });
	expect(accountOf(error)).toEqual({ Done: [2, 'card-1001, card-1002'], Failed: [1, 'nope'], 'Not sent': [2, 'card-1004, card-1005'] });
	expect(sandbox.ledger.all).toHaveLength(2);
});

describe('a run that stops', () => {
	test('counts what is still processing apart from what is done', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'processForever' });
		const items = ['card-1001', 'card-1002', 'no-such-card', 'card-1004'].map((card) => ({ card }));
		const { error } = await runJob(sandbox, { items, options: { maxParallelRequests: 1, maxWaitSeconds: 1 } });
		expect(error?.message).toMatch(/\[item 2\]/);
		expect(Object.entries(accountOf(error)).map(([kind, [count]]) => [kind, count])).toEqual([['Done', 1], ['Still being processed', 1], ['Failed', 1], ['Not sent', 1]]);
	});
});
