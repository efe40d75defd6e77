import { createHash } from 'node:crypto';

import type { INodeParameters } from 'n8n-workflow';

import { repeatedRequestIdForms } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed, fatesOf } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';

/* Which request ID a command has, and that the same one always has the same. */

const { sandbox, clock } = useSandboxWithClock();

const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('request ids', () => {
	const EVENT = { eventId: 'crm-event-4711' };
	const UUID = 'c0ffee00-1111-4222-8333-444455556666';

	test('the same event delivered twice, in two executions, acts once', async () => {
		done(await run({ parameters: EVENT, run: { executionId: '1' } }));
		const json = done(await run({ parameters: EVENT, run: { executionId: '2' } }));
		expect(json).toMatchObject({ request_status: 'success', outcome: 'done_before' });
		expect(effects()).toBe(1);
	});

	test.each(Object.entries(repeatedRequestIdForms))('a repeat refused as %s is recognised', async (_, form) => {
		sandbox.settings.repeatedRequestId = form;
		await run({ parameters: EVENT, run: { executionId: '1' } });
		expect(done(await run({ parameters: EVENT, run: { executionId: '2' } }))).toMatchObject({ outcome: 'done_before' });
		expect(effects()).toBe(1);
	});

	test('the same event twice in one run is one request', async () => {
		const fates = fatesOf(await run({ parameters: EVENT, items: [{ card: 'card-1001' }, { card: 'card-1001' }] }), 2);
		expect(fates.map(({ done: json }) => [json?.card_id, json?.request_status, json?.outcome])).toEqual([
			['card-1001', 'success', 'done'],
			['card-1001', 'success', 'done_before'],
		]);
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('one event about two cards is two commands', async () => {
		const fates = fatesOf(await run({ parameters: EVENT, items: [{ card: 'card-1001' }, { card: 'card-1002' }] }), 2);
		expect(fates.map(({ done: json }) => [json?.card_id, json?.outcome])).toEqual([['card-1001', 'done'], ['card-1002', 'done']]);
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	test('a UUID is asked about, and sent as typed', async () => {
		expect(done(await run({ options: { requestId: ` ${UUID} ` } })).request_id).toBe(UUID);
		expect(wire(sandbox)).toEqual(['status', 'close']);
		expect(sandbox.journal.all.map(({ requestId }) => requestId)).toEqual([UUID, UUID]);
		expect(effects()).toBe(1);
	});

	test('a UUID that was used for something else: told as used, both facts, no new id, nothing sent', async () => {
		await run({ options: { requestId: UUID } });
		const { message, ...told } = failed(await run({ options: { requestId: UUID }, items: [{ card: 'card-1002' }], run: { executionId: '2' } }));
		expect(message).toMatch(/Request ID is used already.*another card/);
		expect(told).toMatchObject({ request_id: UUID, card_id: 'card-1002', outcome: 'unknown', cause: 'request_id_used', request_status_answer: { request_status: 'success', cards: [{ card_id: 'card-1001' }] } });
		expect(wire(sandbox)).toEqual(['status', 'close', 'status']);
		expect(sandbox.ledger.effectsOn('card-1002')).toEqual([]);
	});

	test('a UUID whose first send was lost is trusted within the run', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		expect(done(await run({ options: { requestId: UUID } }))).toMatchObject({ outcome: 'done' });
		expect(wire(sandbox)).toEqual(['status', 'close', 'status']);
		expect(effects()).toBe(1);
	});

	test('a new execution makes new ids; the same one the same', async () => {
		const idOf = async (executionId: string, instanceId = 'instance-a') => {
			sandbox.reset();
			return done(await run({ run: { executionId, instanceId } })).request_id as string;
		};
		const first = await idOf('7');
		expect(await idOf('7')).toBe(first);
		expect(await idOf('8')).not.toBe(first);
		expect(await idOf('7', 'instance-b')).not.toBe(first);
		expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
	});
});

/** UUIDv5 (RFC 9562, section 5.5) by hand, against the library that the node uses. */
function uuidV5(name: string, namespace: string): string {
	const digest = createHash('sha1').update(Buffer.from(namespace.replaceAll('-', ''), 'hex')).update(name, 'utf8').digest();
	digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
	digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
	return digest.toString('hex', 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

describe('the identity of an intent, which must never change', () => {
	beforeEach(() => {
		sandbox.settings.unknownIds = 'accept';
	});

	const NAMESPACE = '7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b';

	/** Every place in n8n that counts, and a partner. Nothing is sent: the id is that of the request that would be. */
	const here: Job = {
		run: { instanceId: 'instance-a', executionId: '7', resumeToken: 'token-7' },
		credential: { environment: 'test', authId: '123456' },
		options: { dryRun: true },
	};
	const partner = createHash('sha256').update('["https://test-api.freedompay.kz","123456"]').digest('base64url');
	const idsOf = async (job: Job): Promise<unknown[]> => {
		const { items } = await runJob(sandbox, { ...here, ...job, run: { ...here.run, ...job.run } });
		return items[0]?.map(({ json }) => (json.body as { request_id: string }).request_id) ?? [];
	};
	const refund = (more: INodeParameters): Job => ({
		parameters: { resource: 'transaction', operation: 'refund', orderId: 'o-1', transactionId: 't-1', eventId: 'crm-event-4711', ...more },
	});
	/** Of a command of an item, the number of equal ones before it aside. */
	const ofItem = (n: number) =>
		`{"execution":"token-7","identity":{"card_id":"card-1001"},"instanceId":"instance-a","m":0,"n":${n},"node":"Node under test","partner":"${partner}","path":"${CLOSE}","workflowId":"workflow-1"}`;

	test.each<[string, Job, name: string, id: string]>([
		['of an item', { items: [{ card: 'card-1001' }] }, ofItem(0), 'c7dfb31c-84cb-537e-8fdf-245b5530e294'],
		['of a call of a tool', { run: { nodeTypeName: 'n8n-nodes-freedompay.freedomPayCardTool' } }, ofItem(0), 'c7dfb31c-84cb-537e-8fdf-245b5530e294'],
		['of a node that was pasted anew', { run: { nodeId: 'another-node' } }, ofItem(0), 'c7dfb31c-84cb-537e-8fdf-245b5530e294'],
		['of another try', { run: { executionId: '8' } }, ofItem(0), 'c7dfb31c-84cb-537e-8fdf-245b5530e294'],
		[
			'of an event',
			{ parameters: { eventId: ' crm-event-4711 ' } },
			`{"event":"crm-event-4711","identity":{"card_id":"card-1001"},"partner":"${partner}","path":"${CLOSE}"}`,
			'531cfc1e-efe3-5d64-b21f-87d7ed7b1423',
		],
		[
			'of an event, with a field that was left out',
			refund({ refund: 'full', reason: 'Returned' }),
			`{"event":"crm-event-4711","identity":{"amount":null,"order_id":"o-1","transaction_id":"t-1"},"partner":"${partner}","path":"/v5/card-api/transaction/refund"}`,
			'553a7167-9015-5b50-b8e4-cca28c156811',
		],
		[
			'of an event, with an amount',
			refund({ refund: 'part', amount: '10.50' }),
			`{"event":"crm-event-4711","identity":{"amount":10.5,"order_id":"o-1","transaction_id":"t-1"},"partner":"${partner}","path":"/v5/card-api/transaction/refund"}`,
			'21b90e46-d229-566f-8b71-d4aea1d47330',
		],
		[
			'of an event, with a list',
			{
				parameters: {
					operation: 'update',
					accounts: { account: [{ type: 'IBAN', iban: 'KZ86 125K ZT50 0410 0100', currency: 'kzt' }] },
					eventId: 'crm-event-4711',
				},
			},
			`{"event":"crm-event-4711","identity":{"accounts":[{"currency":"KZT","iban":"KZ86125KZT5004100100","type":"IBAN"}],"card_id":"card-1001"},"partner":"${partner}","path":"/v5/card-api/card/update"}`,
			'41b27c93-0ffe-5f19-92a0-84b00efe2528',
		],
	])('%s', async (_, job, name, id) => {
		expect(await idsOf(job)).toEqual([uuidV5(name, NAMESPACE)]);
		expect(uuidV5(name, NAMESPACE)).toBe(id);
	});

	test('of an item among others: its place does not count', async () => {
		expect((await idsOf({ items: [{ card: 'card-1002' }, { card: 'card-1001' }] }))[1]).toBe(uuidV5(ofItem(0), NAMESPACE));
	});
});
