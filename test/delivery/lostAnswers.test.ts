import { createHash } from 'node:crypto';

import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { repeatedRequestIdForms, unknownRequestForms } from '../sandbox';
import { virtualClock, type VirtualClock } from '../support/virtualClock';
import { CLOSE, STATUS, accountOf, conclude, done, failed, fatesOf, wire, work, workOn, type Job } from '../support/workbench';

/* A command with a request id: closing a card. Rows of the failure table, each against real sockets. */

let sandbox: Sandbox;
let clock: VirtualClock;
beforeAll(async () => {
	sandbox = await startSandbox({ now: () => clock.wallClock() });
});
beforeEach(() => {
	clock = virtualClock({ sandbox });
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await workOn(sandbox, { clock, ...job });

/** Faults that come in two kinds: before the command acted and after it, which no answer tells. */
const lost = [
	{ fault: 'stall', details: {} },
	{ fault: 'drop', details: {} },
	{ fault: 'drop', details: { reset: true } },
	{ fault: 'http500', details: {} },
	{ fault: 'http502', details: {} },
	{ fault: 'http503', details: {} },
	{ fault: 'http504', details: {} },
] as const;

describe('an unknown outcome', () => {
	test.each(lost)('$fault before acting $details: asked for, not known, sent again with the same bytes', async ({ fault, details }) => {
		sandbox.faults.add({ path: CLOSE, kind: `${fault}Before`, ...details });
		const json = done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(json).toHaveProperty('outcome', 'done');
		expect(effects()).toBe(1);
	});

	const afterOnly = ['html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'trickleHeadersAfter', 'gzipBombAfter', 'hugeAfter'] as const;
	test.each([...lost.map(({ fault, details }) => ({ kind: `${fault}After` as const, ...details })), ...afterOnly.map((kind) => ({ kind }))])(
		'$kind: asked for, known, taken over',
		async (fault) => {
			sandbox.faults.add({ path: CLOSE, ...fault });
			const json = done(await run());
			expect(wire(sandbox)).toEqual(['close', 'status']);
			expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success', outcome: 'done' });
			expect(effects()).toBe(1);
		},
	);

	test.each(Object.entries(unknownRequestForms))('the API says "not known" as %s: sent again', async (_, form) => {
		sandbox.settings.unknownRequest = form;
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(effects()).toBe(1);
	});

	test.each(['stallAfter', 'stallBefore'] as const)('%s and asking fails too: bounded, unknown, never sent again', async (kind) => {
		sandbox.faults.add({ path: CLOSE, kind }, { path: 'request/status', kind: 'dropBefore', times: 'always' });
		const { message, ...told } = failed(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(message).toMatch(/unknown whether FreedomPay carried out/);
		expect(told).toMatchObject({ outcome: 'unknown', request_id: sandbox.journal.all[0]?.requestId });
		expect(told.next_step).toMatch(/Before repeating it.*Get Status/);
		expect(effects()).toBe(kind === 'stallAfter' ? 1 : 0);
	});

	test('lost three times: never more than three sends', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore', times: 'always' });
		const { outcome } = failed(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'close', 'status']);
		expect(outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('not known although it arrives later: the repeat is refused, then recognised', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallAfter' }, { path: 'request/status', kind: 'rawBefore', body: { status: 'error', error_code: 1006 } });
		const json = done(await run());
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status']);
		expect(json).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(effects()).toBe(1);
	});

	test('an answer about another request is not taken over', async () => {
		const other = { status: 'ok', request_status: 'success', request_id: '11111111-1111-4111-8111-111111111111' };
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' }, { path: 'request/status', kind: 'rawBefore', body: other, times: 'always' });
		expect(failed(await run()).outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('an answer of 200 MB is cut at 10 MB', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'hugeAfter' });
		done(await run());
		expect(sandbox.journal.to(CLOSE)[0]?.bytesSent).toBeLessThan(40 * 1024 * 1024);
	});

	test('an error that may be the question\'s own, while a send is in doubt: it stays unknown', async () => {
		sandbox.settings.statusOfFailedRequest = 'error';
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		const { outcome, request_id: id } = failed(await run({ items: [{ card: 'no-such-card' }] }));
		expect(outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'status', 'status']);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId))).toEqual(new Set([id]));
	});
});

describe('never sent', () => {
	test.each([
		['a refused connection', { baseUrl: 'http://127.0.0.1:1' }],
		['a name that does not resolve', { baseUrl: 'https://nowhere.invalid' }],
	])('%s: tried three times, then an error that says so', async (_, credential) => {
		const { message, outcome } = failed(await run({ credential }));
		expect(message).toBe('FreedomPay could not be reached, so nothing was sent');
		expect(outcome).toBe('not_done');
		expect(clock.sleeps).toHaveLength(2);
		expect(sandbox.journal.all).toEqual([]);
	});

	test('a TLS certificate that does not verify', async () => {
		const { selfSigned } = await import('../sandbox');
		const secure = await startSandbox({ tls: selfSigned() });
		expect(failed(await workOn(secure)).outcome).toBe('not_done');
		expect(secure.journal.all).toEqual([]);
		await secure.stop();
	});

	test('plain http where TLS is expected', async () => {
		expect(failed(await run({ credential: { baseUrl: sandbox.url.replace('http:', 'https:') } })).outcome).toBe('not_done');
		expect(sandbox.journal.all).toEqual([]);
	});
});

describe('a clear answer', () => {
	test('401: one request, the credential is named, no further item is started', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const fates = fatesOf(await run({ items, options: { maxParallelRequests: 1 } }), 3);
		expect(wire(sandbox)).toEqual(['close']);
		expect(fates.map(({ failed: told }) => [told?.outcome, told?.card_id, told?.message])).toEqual([
			['not_done', 'card-1001', expect.stringMatching(/refused the credential "FreedomPay API" \(HTTP 401\)/)],
			['not_done', 'card-1002', expect.stringMatching(/^Not sent: .*refused the credential "FreedomPay API" \(HTTP 401\), first for item 0/)],
			['not_done', 'card-1003', expect.stringMatching(/^Not sent: .*refused the credential "FreedomPay API" \(HTTP 401\), first for item 0/)],
		]);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('403: as 401', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'forbidden' });
		expect(failed(await run())).toMatchObject({ outcome: 'not_done', http_status: 403 });
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('404 with a web page: a wrong path or environment', async () => {
		sandbox.faults.add({ kind: 'notFound', times: 'always' });
		const { message, next_step: next } = failed(await run());
		expect(message).toMatch(/does not know the path .*card\/close \(HTTP 404\)/);
		expect(next).toMatch(/Environment/);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('404 with JSON: the API speaks', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'notFoundJson' });
		expect(failed(await run()).message).toMatch(/rejected the request \(HTTP 404\)/);
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('409, and not known for five seconds: the API may have it, unknown, never a new id', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'conflict' });
		expect(failed(await run())).toMatchObject({ outcome: 'unknown', http_status: 409 });
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(clock.now()).toBeGreaterThanOrEqual(5_000);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(1);
	});

	test('HTTP 500 with a web page: its first 200 characters as text, no HTML in the message', async () => {
		sandbox.faults.add({ kind: 'http500Before', times: 'always' });
		const { message, http_status: status, response } = failed(await run());
		expect(message).not.toMatch(/[<>]/);
		expect(status).toBe(500);
		expect(response).not.toMatch(/[<>]/);
		expect(response?.length).toBeLessThanOrEqual(200);
		expect(response?.length).toBeGreaterThan(0);
	});

	test('status error: asked, then failed with the API\'s own fields', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_code: 77, error_description: 'card is frozen' } });
		const { message, ...told } = failed(await run());
		expect(message).toBe('FreedomPay answered that the request failed: card is frozen (error 77)');
		expect(told).toMatchObject({ outcome: 'refused', answer: { error_code: 77, error_description: 'card is frozen' } });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('ok with request_status error: failed', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
		expect(failed(await run()).outcome).toBe('refused');
	});

	test('an unknown status word, for good: no outcome', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unknownRequestStatus' });
		const { outcome, next_step: next } = failed(await run());
		expect(outcome).toBe('unknown');
		expect(next).toMatch(/does not list \(status "ok", request_status "undocumented"\)/);
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
	});

	test.each([301, 302, 303, 304, 307, 308])('redirect %d: not followed, asked about, the host is named', async (status) => {
		const other = await startSandbox();
		sandbox.faults.add({ path: CLOSE, kind: 'redirect', status, location: `${other.url}${CLOSE}` });
		const { message, ...told } = failed(await run());
		expect(message).toContain(`127.0.0.1:${other.port}`);
		expect(told).toMatchObject({ outcome: 'not_done', http_status: status });
		expect(other.gauges.connectionsOpened).toBe(0);
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(sandbox.ledger.all).toEqual([]);
		await other.stop();
	});
});

describe('a rate limit', () => {
	test.each([
		['seconds', 7, 7_000],
		['a date', { inMs: 9_000 }, 9_000],
		['absurd seconds', 999_999, 60_000],
	])('Retry-After as %s is obeyed, a minute at most', async (_, retryAfter, expected) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'close']);
		expect(Math.max(...clock.sleeps)).toBeGreaterThan(expected - 1_100);
		expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(expected);
		expect(effects()).toBe(1);
	});

	test.each([['absent', undefined], ['nonsense', 'soon'], ['in the past', { inMs: -60_000 }]])('Retry-After %s: backs off', async (_, retryAfter) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', ...(retryAfter === undefined ? {} : { retryAfter }) });
		done(await run());
		expect(wire(sandbox)).toEqual(['close', 'close']);
	});

	test('it slows all items down', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 20, card: 'card-1001' });
		sandbox.gate.hold(2, CLOSE);
		const items = Array.from({ length: 6 }, (_, index) => ({ card: `card-100${index + 1}` }));
		await run({ items, options: { maxParallelRequests: 2 } });
		const at = sandbox.journal.to(CLOSE).map((entry) => entry.at);
		const [first = 0] = at;
		// Of the others, only those came before the pause was over that were on their way before it was asked for.
		expect(at.filter((time) => time < first + 20_000).length).toBeLessThanOrEqual(3);
		expect(at.filter((time) => time > first && time < first + 20_000)).toEqual([]);
		expect(at).toHaveLength(7);
		expect(sandbox.ledger.all).toHaveLength(6);
	});

	test('after the last try an error that says rate limit', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 1, times: 'always' });
		const { message, outcome } = failed(await run());
		expect(message).toMatch(/rate limit/);
		expect(outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual(['close', 'close', 'close']);
	});
});

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
	beforeAll(() => {
		sandbox.settings.unknownIds = 'accept';
	});
	afterAll(() => {
		sandbox.settings.unknownIds = 'refuse';
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
		const { items } = await work(sandbox, { ...here, ...job, run: { ...here.run, ...job.run } });
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

describe('the clock', () => {
	test('a time of day that jumps by a day changes nothing', async () => {
		let day = 0;
		const jumping = virtualClock({ sandbox, wallClock: () => clock.wallClock() + 86_400_000 * (day++ % 2 === 0 ? 1 : -1) });
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		const json = done(await run({ clock: jumping }));
		expect(json.request_status).toBe('success');
		expect(json.dt).toBe((sandbox.journal.all.at(-1)?.answer as { dt: string }).dt);
	});
});

test('stops on a failure: nothing new is sent, the account is given', async () => {
	const items = ['card-1001', 'card-1002', 'nope', 'card-1004', 'card-1005'].map((card) => ({ card }));
	const { error, items: out } = await work(sandbox, { items, clock, options: { maxParallelRequests: 1 } });
	expect(out.flat()).toEqual([]);
	expect(error?.message).toMatch(/card not found.*\[item 2\]/);
	expect(error).toMatchObject({ context: { itemIndex: 2 } });
	expect(accountOf(error)).toEqual({ Done: [2, 'card-1001, card-1002'], Failed: [1, 'nope'], 'Not sent': [2, 'card-1004, card-1005'] });
	expect(sandbox.ledger.all).toHaveLength(2);
});

test('Retry On Fail after item 3 of 5 failed: one effect each, finished items are answered without a request', async () => {
	const items = ['card-1001', 'card-1002', 'card-1003', 'card-1004', 'card-1005'].map((card) => ({ card }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 2 });
	const outcome = await work(sandbox, { items, clock, options: { maxParallelRequests: 1 }, settings: { retryOnFail: true, maxTries: 3 } });
	expect(outcome.tries).toBe(3);
	expect(fatesOf(outcome, 5).map(({ done: json }) => [json?.card_id, json?.request_status, json?.outcome])).toEqual([
		['card-1001', 'success', 'done'],
		['card-1002', 'success', 'done'],
		['card-1003', 'success', 'done'],
		['card-1004', 'success', 'done'],
		['card-1005', 'success', 'done'],
	]);
	expect(items.map(({ card }) => sandbox.ledger.effectsOn(card, CLOSE).length)).toEqual([1, 1, 1, 1, 1]);
	expect(items.map(({ card }) => sandbox.journal.about(card).length)).toEqual([1, 1, 3, 1, 1]);
	expect(wire(sandbox)).toEqual(['close', 'close', 'close', 'status', 'close', 'status', 'close', 'close', 'close']);
});

test('Retry On Fail with UUIDs of the user\'s own: finished items are recognised too', async () => {
	const items = [1, 2, 3].map((n) => ({ card: `card-100${n}`, id: `c0ffee00-1111-4222-8333-44445555666${n}` }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 1 });
	const outcome = await work(sandbox, { items, clock, options: { maxParallelRequests: 1, requestId: '={{ $json.id }}' }, settings: { retryOnFail: true, maxTries: 2 } });
	expect(fatesOf(outcome, 3).map(({ done: json }) => [json?.request_id, json?.request_status, json?.outcome])).toEqual([
		[items[0]?.id, 'success', 'done'],
		[items[1]?.id, 'success', 'done'],
		[items[2]?.id, 'success', 'done'],
	]);
	expect(sandbox.ledger.all).toHaveLength(3);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(4);
	expect(sandbox.journal.to(STATUS).map(({ requestId }) => requestId)).toEqual([0, 1, 2, 2, 2, 2, 2].map((index) => items[index]?.id));
});
