import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { request } from 'undici';

import { type FaultKind, faultKinds, type FaultRule } from '.';
import { CLOSE, LINK, STATUS } from '../support/paths';
import { type Answer, type Json, parsed, sign, useClient } from './client';

/* What each kind of fault does to a client, and to the world. */

const { agent, ask, close, post, sandbox, start } = useClient();

/** What a client sees of a fault, and whether the card is closed in spite of it. */
type Expected = { rule?: Partial<FaultRule>; acts: boolean; see: (seen: () => Promise<Answer>) => Promise<void> };

const cut = { acts: false, see: async (seen: () => Promise<Answer>) => await expect(seen()).rejects.toThrow() };
const page = (status: number, acts: boolean): Expected => ({
	acts,
	async see(seen) {
		const { status: got, headers, text } = await seen();
		expect([got, headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
		expect(text).toMatch(/^<!DOCTYPE html>/);
	},
});
const json = (status: number, acts: boolean, fields: object, rule?: Partial<FaultRule>): Expected => ({
	acts,
	...(rule && { rule }),
	async see(seen) {
		const answer = await seen();
		expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
		expect(answer.json).toMatchObject(fields);
	},
});

const expectations: Record<FaultKind, Expected> = {
	dropBefore: cut,
	dropAfter: { ...cut, acts: true },
	stallBefore: { acts: false, see: stalls },
	stallAfter: { acts: true, see: stalls },
	delayAfter: {
		rule: { delayMs: 60 },
		acts: true,
		async see(seen) {
			const before = performance.now();
			expect((await seen()).json.request_status).toBe('success');
			expect(performance.now() - before).toBeGreaterThan(55);
		},
	},
	late: {
		rule: { delayMs: 1 },
		acts: true,
		async see(seen) {
			await expect(seen()).rejects.toThrow();
			while (sandbox.ledger.all.length === 0) await wait(2);
		},
	},
	http500Before: page(500, false),
	http500After: page(500, true),
	http502Before: page(502, false),
	http502After: page(502, true),
	http503Before: page(503, false),
	http503After: page(503, true),
	http504Before: page(504, false),
	http504After: page(504, true),
	notFound: page(404, false),
	html200After: page(200, true),
	rateLimit: json(429, false, { status: 'error' }),
	unauthorized: json(401, false, { status: 'error' }),
	forbidden: json(403, false, { status: 'error' }),
	notFoundJson: json(404, false, { status: 'error' }),
	conflict: json(409, false, { status: 'error' }),
	refuse: json(200, false, { status: 'error', request_status: 'error', error_code: 7 }, { body: { error_code: 7 } }),
	errorRequestStatus: json(200, false, { status: 'ok', request_status: 'error' }),
	processForever: json(200, false, { status: 'ok', request_status: 'process' }),
	unknownRequestStatus: json(200, false, { status: 'ok', request_status: 'undocumented' }),
	rawBefore: json(418, false, { n: 1.1 }, { status: 418, body: '{"n":1.10}', headers: { 'x-more': 'y' } }),
	rawAfter: json(200, true, { error: 'x' }, { body: '{"error":"x"}' }),
	redirect: {
		rule: { status: 308, location: 'http://127.0.0.1:1/elsewhere' },
		acts: false,
		async see(seen) {
			const { status, headers, text } = await seen();
			expect([status, headers.location, text]).toEqual([308, 'http://127.0.0.1:1/elsewhere', '']);
		},
	},
	empty200After: {
		acts: true,
		async see(seen) {
			const { status, text } = await seen();
			expect([status, text]).toEqual([200, '']);
		},
	},
	invalidJsonAfter: {
		acts: true,
		async see(seen) {
			const { status, text, json: meaning } = await seen();
			expect([status, meaning]).toEqual([200, {}]);
			expect(() => JSON.parse(text) as Json).toThrow();
			expect(text).toMatch(/^\{"status":"ok"/);
		},
	},
	truncatedAfter: {
		acts: true,
		async see(seen) {
			await expect(seen()).rejects.toThrow();
			const { text } = await raw();
			const [head = '', body = ''] = text.split('\r\n\r\n');
			expect(Number(/content-length: (\d+)/.exec(head)?.[1])).toBeGreaterThan(body.length);
			expect(body).toMatch(/^\{"status"/);
		},
	},
	truncatedChunkedAfter: {
		acts: true,
		async see(seen) {
			await expect(seen()).rejects.toThrow();
			const { text } = await raw();
			expect(text).toMatch(/transfer-encoding: chunked\r\n/i);
			expect(text).toMatch(/\{"status"/);
			expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
		},
	},
	hugeAfter: {
		rule: { bytes: 3_000_000 },
		acts: true,
		async see(seen) {
			const answer = await seen();
			expect(answer.bytes).toHaveLength(3_000_000);
			expect(answer.json.request_status).toBe('success');
		},
	},
	gzipBombAfter: {
		rule: { bytes: 3_000_000 },
		acts: true,
		async see(seen) {
			const { headers, bytes } = await seen();
			expect(headers['content-encoding']).toBe('gzip');
			expect(bytes.length).toBeLessThan(30_000);
			const unpacked = gunzipSync(bytes);
			expect(unpacked).toHaveLength(3_000_000);
			expect(parsed(unpacked.toString())?.request_status).toBe('success');
		},
	},
	trickleHeadersAfter: {
		rule: { intervalMs: 1 },
		acts: true,
		async see(seen) {
			expect((await seen()).json.request_status).toBe('success');
			const { chunks, text } = await raw();
			expect(chunks[0]?.length).toBeLessThan(10);
			expect(chunks.length).toBeGreaterThan(20);
			expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
		},
	},
	trickleBodyAfter: {
		rule: { intervalMs: 1 },
		acts: true,
		async see(seen) {
			const { text, json: meaning } = await seen();
			expect(meaning.request_status).toBe('success');
			const { chunks } = await raw();
			// The headers come whole, then every byte of the body for itself, give or take some that met.
			expect(chunks[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
			expect(chunks.length).toBeGreaterThan(text.length / 4);
		},
	},
};

async function stalls(seen: () => Promise<Answer>): Promise<void> {
	const outcome = seen().then(
		() => 'answered',
		() => 'failed',
	);
	while (sandbox.journal.all.length === 0) await wait(2);
	expect(await Promise.race([outcome, wait(80, 'silent')])).toBe('silent');
	expect(sandbox.gauges.inFlight).toBe(1);
	await agent.destroy();
	expect(await outcome).toBe('failed');
	while (sandbox.gauges.inFlight > 0) await wait(2);
}

/** Closes another card with nothing between the test and the socket. */
async function raw(): Promise<{ chunks: string[]; text: string }> {
	const body = JSON.stringify({ request_id: randomUUID(), card_id: 'card-1002', description: 'lost' });
	const signature = await sign(CLOSE, body);
	const socket = connect(sandbox.port, '127.0.0.1');
	socket.write(
		`POST ${CLOSE} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-jws-signature: ${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
	const chunks: string[] = [];
	socket.on('data', (chunk) => chunks.push(chunk.toString()));
	await once(socket, 'close');
	return { chunks, text: chunks.join('') };
}

it.each(faultKinds)('%s', async (kind) => {
	await start();
	const { rule, acts, see } = expectations[kind];
	sandbox.faults.add({ kind, times: 2, path: CLOSE, ...rule });
	const id = randomUUID();
	await see(async () => await close('card-1001', id));
	expect(sandbox.ledger.effectsOf(id)).toHaveLength(acts ? 1 : 0);
	expect(sandbox.state().cards['card-1001']?.status).toBe(acts ? 'closed' : 'active');
	expect(sandbox.journal.of(id)).toMatchObject([{ fault: kind, acted: acts, signatureVerified: true }]);
});

it.each([
	['seconds', 7, '7'],
	['any text', '1e9999', '1e9999'],
	['a date', { inMs: 5000 }, 'Fri, 31 Jan 2025 09:30:05 GMT'],
	['nothing', undefined, undefined],
])('rateLimit tells %s', async (_case, retryAfter, header) => {
	await start({ now: () => Date.parse('2025-01-31T09:30:00Z') });
	sandbox.faults.add({ kind: 'rateLimit', ...(retryAfter !== undefined && { retryAfter }) });
	expect((await close()).headers['retry-after']).toBe(header);
});

it('processForever and unknownRequestStatus stay so, errorRequestStatus is remembered', async () => {
	let now = 0;
	await start({ now: () => now });
	for (const [kind, word] of [['processForever', 'process'], ['unknownRequestStatus', 'undocumented'], ['errorRequestStatus', 'error']] as const) {
		const id = randomUUID();
		sandbox.faults.add({ kind });
		await close('card-1001', id);
		now += 10 ** 9;
		expect((await ask(id)).json.request_status).toBe(word);
		expect((await close('card-1001', id)).json.error_code).toBe(1002);
	}
	expect(sandbox.ledger.all).toEqual([]);
});

it('refuse leaves the id unused', async () => {
	await start();
	const id = randomUUID();
	sandbox.faults.add({ kind: 'refuse' });
	await close('card-1001', id);
	expect((await ask(id)).json.error_code).toBe(1006);
	expect((await close('card-1001', id)).json.request_status).toBe('success');
});

it('dropBefore with a reset tells so', async () => {
	await start();
	sandbox.faults.add({ kind: 'dropBefore', reset: true });
	await expect(close()).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('late is on its way until the gate is opened', async () => {
	await start();
	sandbox.faults.add({ kind: 'late' });
	const id = randomUUID();
	await expect(close('card-1001', id)).rejects.toThrow();
	expect((await ask(id)).json.error_code).toBe(1006);
	expect(sandbox.ledger.all).toEqual([]);
	expect(sandbox.journal.all).toMatchObject([{ fault: 'late', acted: false, status: undefined }, { path: STATUS }]);
	sandbox.gate.open();
	while (sandbox.ledger.all.length === 0) await wait(2);
	expect(sandbox.ledger.all).toMatchObject([{ requestId: id, request: 1 }]);
	expect(sandbox.journal.all[0]).toMatchObject({ acted: true, status: undefined });
	expect((await ask(id)).json.request_status).toBe('success');
});

it('late acts as whatever comes by then: a known id is refused', async () => {
	await start();
	sandbox.faults.add({ kind: 'late', reset: true });
	const id = randomUUID();
	await expect(close('card-1001', id)).rejects.toMatchObject({ code: 'ECONNRESET' });
	expect((await close('card-1001', id)).json.request_status).toBe('success');
	sandbox.gate.open();
	await ask(id);
	expect(sandbox.ledger.all).toMatchObject([{ request: 2 }]);
	expect(sandbox.journal.of(id, CLOSE).map(({ acted }) => acted)).toEqual([false, true]);
});

it('late that is still on its way at a reset never acts', async () => {
	await start();
	sandbox.faults.add({ kind: 'late' }, { kind: 'late', delayMs: 1 });
	await expect(close('card-1001')).rejects.toThrow();
	await expect(close('card-1002')).rejects.toThrow();
	sandbox.reset();
	sandbox.gate.open();
	await wait(10);
	await close('card-1003');
	expect(sandbox.ledger.all).toMatchObject([{ target: { card_id: 'card-1003' } }]);
});

it('hugeAfter stops when the client has had enough, and tells how much that was', async () => {
	await start();
	sandbox.faults.add({ kind: 'hugeAfter' });
	const id = randomUUID();
	const body = JSON.stringify({ request_id: id, card_id: 'card-1001', description: 'x' });
	const response = await request(`${sandbox.url}${CLOSE}`, {
		method: 'POST',
		headers: { 'x-jws-signature': await sign(CLOSE, body) },
		body,
		dispatcher: agent,
	});
	expect(response.headers['content-length']).toBe(String(200 * 1024 * 1024));
	let taken = 0;
	for await (const chunk of response.body) {
		taken += (chunk as Buffer).length;
		if (taken > 1_000_000) break;
	}
	while (sandbox.gauges.inFlight > 0) await wait(2);
	const sent = sandbox.journal.of(id)[0]?.bytesSent ?? 0;
	expect(sent).toBeGreaterThanOrEqual(1_000_000);
	expect(sent).toBeLessThan(50_000_000);
});

it('meets only the path, card and turn that it is for', async () => {
	await start();
	sandbox.faults.add({ kind: 'http500Before', path: 'card/close', card: 'card-1002', nth: 2, times: 2 });
	const statuses = async (card: string) => {
		const found = [];
		for (let n = 0; n < 5; n += 1) found.push((await close(card)).status);
		return found;
	};
	expect(await statuses('card-1001')).toEqual([200, 200, 200, 200, 200]);
	expect((await post(LINK, { request_id: randomUUID(), card_id: 'card-1002', client_id: 'client-2001' })).status).toBe(200);
	expect(await statuses('card-1002')).toEqual([200, 500, 500, 200, 200]);
	expect(sandbox.faults.active).toEqual([]);
});

it('goes on for ever when told so, until cleared', async () => {
	await start();
	sandbox.faults.add({ kind: 'http503Before', times: 'always' });
	for (let n = 0; n < 3; n += 1) expect((await close()).status).toBe(503);
	sandbox.faults.clear();
	expect((await close()).status).toBe(200);
	expect(() => sandbox.faults.add({ kind: 'nonsense' as FaultKind })).toThrow(/kind of a fault must be one of dropBefore, .*not "nonsense"/);
});

it('meets the same requests for the same seed, in whatever order they come', async () => {
	await start({ unknownIds: 'accept' });
	const cards = Array.from({ length: 60 }, (_, index) => `c${index}`);
	const met = async (seed: number, order: readonly string[], rate = 0.3) => {
		sandbox.reset();
		sandbox.faults.random({ seed, rate, kinds: ['http500Before', { kind: 'http502After' }], paths: ['card/close'] });
		const statuses: Record<string, number[]> = {};
		for (const card of [...order, ...order]) (statuses[card] ??= []).push((await close(card)).status);
		return statuses;
	};
	const first = await met(7, cards);
	expect(await met(7, cards.toReversed())).toEqual(first);
	expect(await met(8, cards)).not.toEqual(first);
	expect(Object.values(first).some(([once, again]) => once !== again)).toBe(true);
	const flat = Object.values(first).flat();
	expect(flat.filter((status) => status === 500).length).toBeGreaterThan(5);
	expect(flat.filter((status) => status === 502).length).toBeGreaterThan(5);
	expect(flat.filter((status) => status === 200).length).toBeGreaterThan(60);
	expect(Object.values(await met(7, cards, 0)).flat()).toEqual(flat.map(() => 200));
	expect((await ask(randomUUID())).status).toBe(200);
});

it('follows a plan of one\'s own after the rules', async () => {
	await start();
	const arrivals: unknown[] = [];
	sandbox.faults.plan((arrival) => {
		arrivals.push(arrival);
		return arrival.occurrence === 2 ? { kind: 'http504Before' } : undefined;
	});
	sandbox.faults.add({ kind: 'http500Before', card: 'card-1001' });
	const id = randomUUID();
	expect([(await close('card-1001')).status, (await close('card-1001', id)).status, (await close('card-1002')).status]).toEqual([500, 504, 200]);
	expect(arrivals[0]).toEqual({ path: CLOSE, cardId: 'card-1001', requestId: id, occurrence: 2 });
});
