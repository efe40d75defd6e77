import { createHash } from 'node:crypto';

import { startSandbox, type Sandbox } from '../sandbox';
import { repeatedRequestIdForms, unknownRequestForms } from '../sandbox';
import { type FailedItem, CLOSE, expectHonestWire, failure, success, wire, work, workOn } from './workbench';

/* A command with a request id: closing a card. Rows of the failure table, each against real sockets. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => {
	expectHonestWire(sandbox);
	sandbox.reset();
});
afterAll(async () => {
	await sandbox.stop();
});

const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;

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
		const json = success(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		expect(json).not.toHaveProperty('recovered');
		expect(effects()).toBe(1);
	});

	const afterOnly = ['html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'trickleHeadersAfter', 'gzipBombAfter', 'hugeAfter'] as const;
	test.each([...lost.map(({ fault, details }) => ({ kind: `${fault}After` as const, ...details })), ...afterOnly.map((kind) => ({ kind }))])(
		'$kind: asked for, known, taken over',
		async (fault) => {
			sandbox.faults.add({ path: CLOSE, ...fault });
			const json = success(await workOn(sandbox));
			expect(wire(sandbox)).toEqual(['close', 'status']);
			expect(json).toMatchObject({ card_id: 'card-1001', request_status: 'success', recovered: true });
			expect(effects()).toBe(1);
		},
	);

	test.each(Object.entries(unknownRequestForms))('the API says "not known" as %s: sent again', async (_, form) => {
		sandbox.settings.unknownRequest = form;
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		success(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'status', 'close']);
		expect(effects()).toBe(1);
		sandbox.settings.unknownRequest = unknownRequestForms.withCode;
	});

	test.each(['stallAfter', 'stallBefore'] as const)('%s and asking fails too: bounded, unknown, never sent again', async (kind) => {
		sandbox.faults.add({ path: CLOSE, kind }, { path: 'request/status', kind: 'dropBefore', times: 'always' });
		const { error, details } = failure(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(error).toMatch(/unknown whether FreedomPay carried out/);
		expect(details).toMatchObject({ outcome: 'unknown', request_id: sandbox.journal.all[0]?.requestId });
		expect(details.next_step).toMatch(/Before repeating it.*Get Status/);
		expect(effects()).toBe(kind === 'stallAfter' ? 1 : 0);
	});

	test('lost three times: never more than three sends', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore', times: 'always' });
		const { details } = failure(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'close', 'status']);
		expect(details.outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('not known although it arrives later: the repeat is refused, then recognised', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'stallAfter' }, { path: 'request/status', kind: 'rawBefore', body: { status: 'error', error_code: 1006 } });
		const json = success(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status']);
		expect(json).toMatchObject({ request_status: 'success', recovered: true });
		expect(effects()).toBe(1);
	});

	test('an answer about another request is not taken over', async () => {
		const other = { status: 'ok', request_status: 'success', request_id: '11111111-1111-4111-8111-111111111111' };
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' }, { path: 'request/status', kind: 'rawBefore', body: other, times: 'always' });
		expect(failure(await workOn(sandbox)).details.outcome).toBe('unknown');
		expect(effects()).toBe(0);
	});

	test('an answer of 200 MB is cut at 10 MB', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'hugeAfter' });
		success(await workOn(sandbox));
		expect(sandbox.journal.to(CLOSE)[0]?.bytesSent).toBeLessThan(40 * 1024 * 1024);
	});

	test('the API fails while a request is in doubt: an error that may be the question\'s own is asked about twice', async () => {
		sandbox.settings.statusOfFailedRequest = 'error';
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		const { details } = failure(await workOn(sandbox, { items: [{ card: 'no-such-card' }] }));
		expect(details.outcome).toBe('failed');
		expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'status']);
		sandbox.settings.statusOfFailedRequest = 'ok';
	});
});

describe('never sent', () => {
	test.each([
		['a refused connection', { baseUrl: 'http://127.0.0.1:1' }],
		['a name that does not resolve', { baseUrl: 'https://nowhere.invalid' }],
	])('%s: tried three times, then an error that says so', async (_, credential) => {
		const clock = (await import('./fastClock')).fastClock();
		const { error, details } = failure(await workOn(sandbox, { credential, clock }));
		expect(error).toBe('FreedomPay could not be reached, so nothing was sent');
		expect(details).toMatchObject({ outcome: 'not sent' });
		expect(clock.sleeps).toHaveLength(2);
		expect(sandbox.journal.all).toEqual([]);
	});

	test('a TLS certificate that does not verify', async () => {
		const { selfSigned } = await import('../sandbox');
		const secure = await startSandbox({ tls: selfSigned() });
		const { details } = failure(await workOn(secure));
		expect(details.outcome).toBe('not sent');
		expect(secure.journal.all).toEqual([]);
		await secure.stop();
	});

	test('plain http where TLS is expected', async () => {
		const { details } = failure(await workOn(sandbox, { credential: { baseUrl: sandbox.url.replace('http:', 'https:') } }));
		expect(details.outcome).toBe('not sent');
		expect(sandbox.journal.all).toEqual([]);
	});
});

describe('a clear answer', () => {
	test('401: one request, the credential is named, no further item is started', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const outcome = await workOn(sandbox, { items, options: { maxParallelRequests: 1 } });
		expect(wire(sandbox)).toEqual(['close']);
		expect(outcome.items[1]?.map(({ json }) => [(json as unknown as FailedItem).details.outcome, json.error])).toEqual([
			['rejected', expect.stringMatching(/refused the credential \(HTTP 401\)/)],
			['not sent', expect.stringMatching(/refused the credential for an earlier item/)],
			['not sent', expect.stringMatching(/refused the credential for an earlier item/)],
		]);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('403: as 401', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'forbidden' });
		expect(failure(await workOn(sandbox))).toMatchObject({ details: { outcome: 'rejected', http_status: 403 } });
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('404 with a web page: a wrong path or environment', async () => {
		sandbox.faults.add({ kind: 'notFound', times: 'always' });
		const { error, details } = failure(await workOn(sandbox));
		expect(error).toMatch(/does not know the path .*card\/close \(HTTP 404\)/);
		expect(details.next_step).toMatch(/Environment/);
		expect(sandbox.ledger.all).toEqual([]);
	});

	test('404 with JSON: the API speaks', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'notFoundJson' });
		const { error } = failure(await workOn(sandbox));
		expect(error).toMatch(/rejected the request \(HTTP 404\)/);
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('409: asked, reported, never a new id', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'conflict' });
		expect(failure(await workOn(sandbox))).toMatchObject({ details: { outcome: 'rejected', http_status: 409 } });
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(1);
	});

	test('HTTP 500 with a web page: its first 200 characters as text, no HTML in the message', async () => {
		sandbox.faults.add({ kind: 'http500Before', times: 'always' });
		const { error, details } = failure(await workOn(sandbox));
		expect(error).not.toMatch(/[<>]/);
		expect(details.http_status).toBe(500);
		expect(details.response).not.toMatch(/[<>]/);
		expect(details.response?.length).toBeLessThanOrEqual(200);
		expect(details.response?.length).toBeGreaterThan(0);
	});

	test('status error: asked, then failed with the API\'s own fields', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_code: 77, error_description: 'card is frozen' } });
		const { error, details } = failure(await workOn(sandbox));
		expect(error).toBe('FreedomPay answered that the request failed: card is frozen (error 77)');
		expect(details).toMatchObject({ outcome: 'failed', answer: { error_code: 77, error_description: 'card is frozen' } });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('ok with request_status error: failed', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'errorRequestStatus' });
		expect(failure(await workOn(sandbox)).details.outcome).toBe('failed');
	});

	test('an unknown status word passes through with a hint', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'unknownRequestStatus' });
		const outcome = await workOn(sandbox);
		expect(success(outcome).request_status).toBe('queued');
		expect(outcome.hints.map(({ message }) => message).join()).toMatch(/does not list/);
	});

	test.each([301, 302, 303, 307, 308])('redirect %d: not followed, the host is named', async (status) => {
		const other = await startSandbox();
		sandbox.faults.add({ path: CLOSE, kind: 'redirect', status, location: `${other.url}${CLOSE}` });
		const { error, details } = failure(await workOn(sandbox));
		expect(error).toContain(`127.0.0.1:${other.port}`);
		expect(details).toMatchObject({ outcome: 'rejected', http_status: status });
		expect(other.gauges.connectionsOpened).toBe(0);
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
		const { fastClock } = await import('./fastClock');
		const clock = fastClock();
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: retryAfter });
		success(await workOn(sandbox, { clock }));
		expect(wire(sandbox)).toEqual(['close', 'close']);
		expect(Math.max(...clock.sleeps)).toBeGreaterThan(expected - 1_100);
		expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(expected);
		expect(effects()).toBe(1);
	});

	test.each([['absent', undefined], ['nonsense', 'soon'], ['in the past', { inMs: -60_000 }]])('Retry-After %s: backs off', async (_, retryAfter) => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', ...(retryAfter === undefined ? {} : { retryAfter: retryAfter }) });
		success(await workOn(sandbox));
		expect(wire(sandbox)).toEqual(['close', 'close']);
	});

	test('it slows all items down', async () => {
		const { fastClock } = await import('./fastClock');
		const clock = fastClock();
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 20, card: 'card-1001' });
		const items = Array.from({ length: 6 }, (_, index) => ({ card: `card-100${index + 1}` }));
		await workOn(sandbox, { items, clock, options: { maxParallelRequests: 2 } });
		// Of the others, only the one that was on its way already came before the pause was over.
		const at = sandbox.journal.to(CLOSE).map((entry) => entry.at);
		const first = at[0] ?? 0;
		expect(at.filter((time) => time - first < 150).length).toBeLessThanOrEqual(3);
		expect(sandbox.ledger.all).toHaveLength(6);
	});

	test('after the last try an error that says rate limit', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rateLimit', retryAfter: 1, times: 'always' });
		const { error, details } = failure(await workOn(sandbox));
		expect(error).toMatch(/rate limit/);
		expect(details.outcome).toBe('not sent');
		expect(wire(sandbox)).toEqual(['close', 'close', 'close']);
	});
});

describe('request ids', () => {
	const EVENT = { requestId: 'crm-event-4711' };
	const UUID = 'c0ffee00-1111-4222-8333-444455556666';

	test('the same event delivered twice, in two executions, acts once', async () => {
		success(await workOn(sandbox, { options: EVENT, run: { executionId: '1' } }));
		const json = success(await workOn(sandbox, { options: EVENT, run: { executionId: '2' } }));
		expect(json).toMatchObject({ request_status: 'success', recovered: true });
		expect(effects()).toBe(1);
	});

	test.each(Object.entries(repeatedRequestIdForms))('a repeat refused as %s is recognised', async (_, form) => {
		sandbox.settings.repeatedRequestId = form;
		await workOn(sandbox, { options: EVENT, run: { executionId: '1' } });
		expect(success(await workOn(sandbox, { options: EVENT, run: { executionId: '2' } }))).toMatchObject({ recovered: true });
		expect(effects()).toBe(1);
		sandbox.settings.repeatedRequestId = repeatedRequestIdForms.withCode;
	});

	test('the same event twice in one run is one request', async () => {
		const outcome = await workOn(sandbox, { options: EVENT, items: [{ card: 'card-1001' }, { card: 'card-1001' }] });
		expect(outcome.items[0]?.map(({ json, pairedItem }) => [json.request_status, json.recovered, pairedItem])).toEqual([
			['success', undefined, { item: 0 }],
			['success', true, { item: 1 }],
		]);
		expect(wire(sandbox)).toEqual(['close']);
	});

	test('one event about two cards is two commands', async () => {
		const outcome = await workOn(sandbox, { options: EVENT, items: [{ card: 'card-1001' }, { card: 'card-1002' }] });
		expect(outcome.items[0]?.map(({ json }) => json.recovered)).toEqual([undefined, undefined]);
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	test('a UUID is sent as typed', async () => {
		expect(success(await workOn(sandbox, { options: { requestId: ` ${UUID} ` } })).request_id).toBe(UUID);
		expect(sandbox.journal.all[0]?.requestId).toBe(UUID);
	});

	test('a UUID that was used for something else: refused as used, both facts told, no new id', async () => {
		await workOn(sandbox, { options: { requestId: UUID } });
		const { error, details } = failure(await workOn(sandbox, { options: { requestId: UUID }, items: [{ card: 'card-1002' }], run: { executionId: '2' } }));
		expect(error).toMatch(/Request ID is already used/);
		expect(details).toMatchObject({ request_id: UUID, outcome: 'rejected', answer: { error_code: 1002 }, request_status_answer: { request_status: 'success' } });
		expect(sandbox.ledger.effectsOn('card-1002')).toEqual([]);
		// Two contents under one id, as this user wanted: not what every other test expects of the wire.
		sandbox.reset();
	});

	test('a UUID whose first send was lost is trusted within the run', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' });
		expect(success(await workOn(sandbox, { options: { requestId: UUID } }))).toMatchObject({ recovered: true });
		expect(effects()).toBe(1);
	});

	test('a new execution makes new ids; the same one the same', async () => {
		const idOf = async (executionId: string, instanceId = 'instance-a') => {
			sandbox.reset();
			return success(await workOn(sandbox, { run: { executionId, instanceId } })).request_id as string;
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
	const NAMESPACE = '7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b';

	test('of an item', async () => {
		const name = JSON.stringify(['item', 'instance-a', 'workflow-1', '7', 'node-1', 0, 0, CLOSE, ['card-1001']]);
		const { request_id: id } = success(await workOn(sandbox, { run: { instanceId: 'instance-a', executionId: '7', nodeId: 'node-1' } }));
		expect(id).toBe(uuidV5(name, NAMESPACE));
		expect(id).toBe('13850d23-fb81-5ef0-a741-36add4e76b43');
	});

	test('of an event', async () => {
		const name = JSON.stringify(['event', 'crm-event-4711', CLOSE, ['card-1001']]);
		const { request_id: id } = success(await workOn(sandbox, { options: { requestId: 'crm-event-4711' } }));
		expect(id).toBe(uuidV5(name, NAMESPACE));
		expect(id).toBe('b230e82f-3feb-51dc-9132-b4a34ab7b978');
	});
});

describe('the clock', () => {
	test('a time of day that jumps by a day changes nothing', async () => {
		const { fastClock } = await import('./fastClock');
		let day = 0;
		const clock = fastClock({ wallClock: () => Date.now() + 86_400_000 * (day++ % 2 === 0 ? 1 : -1) });
		sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' });
		const json = success(await workOn(sandbox, { clock }));
		expect(json.request_status).toBe('success');
		expect(json.dt).toBe((sandbox.journal.all.at(-1)?.answer as { dt: string }).dt);
	});
});

test('stops on a failure: nothing new is sent, the account is given', async () => {
	const items = ['card-1001', 'card-1002', 'nope', 'card-1004', 'card-1005'].map((card) => ({ card }));
	const { error, items: out } = await work(sandbox, { items, options: { maxParallelRequests: 1 } });
	expect(out.flat()).toEqual([]);
	expect(error?.message).toMatch(/card not found.*\(item 2\)/);
	expect(error).toMatchObject({ context: { itemIndex: 2 } });
	expect(error?.description).toMatch(/Of 5 items, 2 were done, 1 failed, 0 have an unknown outcome and 2 were not sent/);
	expect(sandbox.ledger.all).toHaveLength(2);
});

test('Retry On Fail after item 3 of 5 failed: one effect each, finished items taken over', async () => {
	const items = ['card-1001', 'card-1002', 'card-1003', 'card-1004', 'card-1005'].map((card) => ({ card }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 2 });
	const outcome = await work(sandbox, { items, options: { maxParallelRequests: 1 }, settings: { retryOnFail: true, maxTries: 3 } });
	expect(outcome.tries).toBe(3);
	expect(outcome.items[0]?.map(({ json }) => [json.card_id, json.request_status, json.recovered])).toEqual([
		['card-1001', 'success', true],
		['card-1002', 'success', true],
		['card-1003', 'success', undefined],
		['card-1004', 'success', undefined],
		['card-1005', 'success', undefined],
	]);
	expect(items.map(({ card }) => sandbox.ledger.effectsOn(card).length)).toEqual([1, 1, 1, 1, 1]);
});

test('Retry On Fail with UUIDs of the user\'s own: finished items are recognised too', async () => {
	const items = [1, 2, 3].map((n) => ({ card: `card-100${n}`, id: `c0ffee00-1111-4222-8333-44445555666${n}` }));
	sandbox.faults.add({ path: CLOSE, card: 'card-1003', kind: 'refuse', times: 1 });
	const outcome = await work(sandbox, { items, options: { maxParallelRequests: 1, requestId: '={{ $json.id }}' }, settings: { retryOnFail: true, maxTries: 2 } });
	expect(outcome.items[0]?.map(({ json }) => [json.request_status, json.recovered])).toEqual([['success', true], ['success', true], ['success', undefined]]);
	expect(sandbox.ledger.all).toHaveLength(3);
});
