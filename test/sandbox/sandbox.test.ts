import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

import { buildSync } from 'esbuild';
import { isValidIBAN } from 'ibantools';
import { FlattenedSign } from 'jose';
import { Agent, Client, request, type Dispatcher } from 'undici';
import { z } from 'zod/v4-mini';

import { methods } from '../../nodes/card-api/methods';
import { carriesRequestId, type Command, type Method } from '../../nodes/card-api/methods/define';
import { assumptions, faultKinds, selfSigned, startDelayedLink, startSandbox, unknownRequestForms, type FaultKind, type FaultRule, type RandomPlan, type Sandbox, type SandboxOptions } from '.';
import { LINK, UPDATE } from '../support/paths';

const CLOSE = '/v5/card-api/card/close';
const STATUS = '/v5/card-api/request/status';
const CONFIRM = '/v5/cards/activate_card';

const VECTOR = {
	body: '{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}',
	signature:
		'eyJ1cmkiOiIvdjUvY2FyZC1hcGkvcmVxdWVzdC9zdGF0dXMiLCJhdXRoX2lkIjoiMTIzNDU2IiwibWV0aG9kIjoiUE9TVCIsInBhcmFtcyI6IiIsImFsZyI6IkhTNTEyIn0..f1sQoeIpX_ZjOaykQzSeylvvKaVrEQV4gNM2ACFbEMkFDUV9Zk5WO1yQGEWez-vnQMVHodLBDVEyh5Xm2-3MjQ',
};

interface Signing {
	key?: string;
	alg?: string;
	header?: Record<string, unknown>;
}

async function sign(path: string, body: string, { key = 'secret', alg = 'HS512', header }: Signing = {}): Promise<string> {
	const jws = await new FlattenedSign(new TextEncoder().encode(body))
		.setProtectedHeader({ uri: path, auth_id: '123456', method: 'POST', params: '', ...header, alg })
		.sign(new TextEncoder().encode(key));
	return `${jws.protected}..${jws.signature}`;
}

interface Json {
	status?: unknown;
	request_status?: unknown;
	error_code?: unknown;
	error?: unknown;
	[name: string]: unknown;
}

interface Answer {
	status: number;
	headers: Dispatcher.ResponseData['headers'];
	bytes: Buffer;
	text: string;
	/** What it means; empty when it is not JSON. */
	json: Json;
}

let sandbox: Sandbox;
let agent: Agent;

beforeEach(() => {
	agent = new Agent();
});

afterEach(async () => {
	await agent.destroy();
	await sandbox.stop();
});

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
	return (sandbox = await startSandbox(options));
}

interface Call extends Signing {
	/** The header as it is, instead of a signature over the body. */
	signature?: string | undefined;
	query?: string;
	signal?: AbortSignal;
	dispatcher?: Dispatcher;
	url?: string;
}

async function send(path: string, body: string, call: Call = {}): Promise<Answer> {
	const { signature = await sign(path, body, call), query = '', signal, dispatcher = agent, url = sandbox.url } = call;
	const response = await request(`${url}${path}${query}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...(signature !== '' && { 'x-jws-signature': signature }) },
		body,
		dispatcher,
		signal: signal ?? null,
	});
	const bytes = Buffer.from(await response.body.arrayBuffer());
	const text = bytes.toString('utf8');
	return { status: response.statusCode, headers: response.headers, bytes, text, json: parsed(text) ?? {} };
}

function parsed(text: string): Json | undefined {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return undefined;
	}
}

/* Jest's matchers are of any type. */
const anyText: unknown = expect.any(String);
const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

const post = async (path: string, body: unknown, call?: Call) => await send(path, JSON.stringify(body), call);

const close = async (card = 'card-1001', requestId: string = randomUUID(), call?: Call) =>
	await post(CLOSE, { request_id: requestId, card_id: card, description: 'lost' }, call);

const ask = async (requestId: string) => await post(STATUS, { request_id: requestId });

async function control(name: string, options: { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown; headers?: Record<string, string> } = {}) {
	const { method = 'GET', body, headers = {} } = options;
	const response = await request(`${sandbox.url}/_sandbox/${name}`, {
		method,
		headers,
		body: body === undefined ? null : JSON.stringify(body),
		dispatcher: agent,
	});
	const text = await response.body.text();
	return { status: response.statusCode, text, json: JSON.parse(text) as Json };
}

describe('signatures', () => {
	it('accepts the published vector', async () => {
		await start();
		const answer = await send(STATUS, VECTOR.body, { signature: VECTOR.signature });
		expect(answer.status).toBe(200);
		expect(answer.json.error_code).toBe(1006);
		expect(sandbox.journal.all[0]).toMatchObject({
			signatureVerified: true,
			signature: { algorithm: 'HS512' },
			rawBody: Buffer.from(VECTOR.body),
		});
	});

	it('accepts HS256 with its header in another order', async () => {
		await start();
		const answer = await close('card-1001', randomUUID(), { alg: 'HS256', header: { typ: 'JWT' } });
		expect(answer.json.request_status).toBe('success');
		expect(sandbox.journal.all[0]?.signature).toEqual({ verified: true, algorithm: 'HS256' });
	});

	it('verifies the bytes as they came, not the JSON that they mean', async () => {
		await start();
		const body = `{ "card_id":"card-1001",\n"description":"\\u043f \u2028 \u{1f4b3} e\u0301", "request_id":"${randomUUID()}" }`;
		expect((await send(CLOSE, body)).json.request_status).toBe('success');
		const respaced = JSON.stringify(parsed(body));
		expect((await send(CLOSE, respaced, { signature: await sign(CLOSE, body) })).status).toBe(401);
	});

	it('knows the query string as params', async () => {
		await start();
		const body = JSON.stringify({ request_id: randomUUID() });
		const signed = await send(STATUS, body, { query: '?a=1&b=%20', header: { params: 'a=1&b=%20' } });
		const unsigned = await send(STATUS, body, { query: '?a=1&b=%20' });
		expect([signed.status, unsigned.status]).toEqual([200, 401]);
	});

	const body = JSON.stringify({ request_id: randomUUID(), card_id: 'card-1001', description: 'lost' });
	const attached = async () => {
		const [header, , signature] = (await sign(CLOSE, body)).split('.');
		return `${header}.${Buffer.from(body).toString('base64url')}.${signature}`;
	};
	const unsecured = () =>
		`${Buffer.from(JSON.stringify({ uri: CLOSE, auth_id: '123456', method: 'POST', params: '', alg: 'none' })).toString('base64url')}..`;
	it.each<[string, () => Promise<string> | string]>([
		['a tampered body', async () => await sign(CLOSE, body.replace('1001', '1002'))],
		['another key', async () => await sign(CLOSE, body, { key: 'secret ' })],
		['another algorithm', async () => await sign(CLOSE, body, { alg: 'HS384' })],
		['another path', async () => await sign(LINK, body)],
		['another auth_id', async () => await sign(CLOSE, body, { header: { auth_id: '123457' } })],
		['another method', async () => await sign(CLOSE, body, { header: { method: 'GET' } })],
		['a query that is not there', async () => await sign(CLOSE, body, { header: { params: 'a=1' } })],
		['an attached payload', attached],
		['no algorithm', unsecured],
		['no header', () => ''],
		['something else', () => 'a.b'],
	])('refuses %s without acting', async (_case, signature) => {
		await start();
		const answer = await send(CLOSE, body, { signature: await signature() });
		expect(answer.status).toBe(401);
		expect(answer.json.status).toBe('error');
		expect(sandbox.journal.all).toMatchObject([{ signatureVerified: false, acted: false, status: 401 }]);
		expect(sandbox.ledger.all).toEqual([]);
		expect(sandbox.state().cards['card-1001']?.status).toBe('active');
	});
});

describe('commands', () => {
	it('closes a card once', async () => {
		await start();
		const first = randomUUID();
		const second = randomUUID();
		expect((await close('card-1001', first)).json).toEqual({
			status: 'ok',
			request_status: 'success',
			dt: textLike(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+05:00$/),
		});
		expect((await close('card-1001', second)).json).toMatchObject({ status: 'error', request_status: 'error' });
		expect(sandbox.ledger.effectsOn('card-1001')).toMatchObject([{ path: CLOSE, requestId: first, target: { card_id: 'card-1001' } }]);
		expect(sandbox.ledger.effectsOf(second)).toEqual([]);
		expect((await ask(first)).json).toMatchObject({ status: 'ok', request_status: 'success', cards: [{ card_id: 'card-1001' }] });
		expect((await ask(second)).json).toMatchObject({ status: 'ok', request_status: 'error' });
	});

	it('links a client that it knows', async () => {
		await start();
		const link = async (card: string, client: string) =>
			(await post(LINK, { request_id: randomUUID(), client_id: client, card_id: card })).json.request_status;
		expect(await link('card-1007', 'client-2003')).toBe('success');
		expect(await link('card-1008', 'client-9999')).toBe('error');
		expect(await link('card-9999', 'client-2001')).toBe('error');
		expect(sandbox.state().cards).toMatchObject({ 'card-1007': { clientId: 'client-2003' }, 'card-1008': { clientId: null } });
		expect(sandbox.ledger.counts()).toEqual({ [LINK]: 1 });
	});

	it('replaces the account of the same type and currency and keeps the others', async () => {
		await start();
		const update = async (...accounts: object[]) =>
			await post(UPDATE, { request_id: randomUUID(), card_id: 'card-1001', accounts });
		const dollars = { iban: 'ES7921000813610123456789', currency: 'USD', type: 'IBAN' };
		const tenge = { iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' };
		const otherDollars = { ...dollars, iban: 'GB29NWBK60161331926819' };
		await update(dollars, tenge);
		expect((await update(otherDollars)).json.request_status).toBe('success');
		expect(sandbox.state().cards['card-1001']?.accounts).toEqual([tenge, otherDollars]);
	});

	it('takes cards and clients for existing ones when told so', async () => {
		await start({ unknownIds: 'accept', cards: ['mine'] });
		expect((await close('never-seen')).json.request_status).toBe('success');
		expect((await close('mine')).json.request_status).toBe('success');
		const link = await post(LINK, { request_id: randomUUID(), client_id: 'new', card_id: 'never-seen' });
		expect(link.json.request_status).toBe('error');
	});

	it.each<[string, object]>([
		['a field that is missing', { request_id: randomUUID(), card_id: 'card-1001' }],
		['a field that is not documented', { request_id: randomUUID(), card_id: 'card-1001', description: 'x', note: 'y' }],
		['a card id that is a number', { request_id: randomUUID(), card_id: 1001, description: 'x' }],
		['no request id', { card_id: 'card-1001', description: 'x' }],
		['a request id that is no UUID', { request_id: 'crm-17', card_id: 'card-1001', description: 'x' }],
		['a list', [{ request_id: randomUUID() }]],
	])('refuses %s and leaves the id unused', async (_case, body) => {
		await start();
		expect((await post(CLOSE, body)).json).toMatchObject({ status: 'error', error_code: 1001 });
		expect(sandbox.ledger.all).toEqual([]);
		expect(sandbox.state().requests).toEqual({});
	});

	it('refuses what is not JSON', async () => {
		await start();
		expect((await send(CLOSE, 'card_id=card-1001')).json.error_code).toBe(1001);
	});

	it('confirms gift cards in the words of the dictionary', async () => {
		await start();
		const confirm = async (body: object) => (await post(CONFIRM, body)).json;
		expect(await confirm({ otp: '0000', card_id: 555 })).toMatchObject({ status: -8 });
		expect(await confirm({ otp: '1234', card_id: 999 })).toMatchObject({ status: -7 });
		expect(await confirm({ otp: '9999' })).toMatchObject({ status: -8 });
		expect(await confirm({ otp: '1234', card_id: 555 })).toMatchObject({ status: 0, card_status: 2, card_mask: anyText, datetime: textLike(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) });
		expect(await confirm({ otp: '1234', card_id: 555 })).toMatchObject({ status: -10 });
		expect(await confirm({ otp: '5678' })).toMatchObject({ status: 0 });
		expect(await confirm({ otp: 'abc' })).toMatchObject({ status: -1 });
		expect(sandbox.ledger.effectsOn(555)).toHaveLength(1);
		expect(sandbox.ledger.effectsOn('556')).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	it.each(methods.map((method): [string, Method] => [`${method.resource} ${method.operation}`, method]))(
		'takes the sample of %s and answers as declared',
		async (_name, method) => {
			await start({ unknownIds: 'accept' });
			const { request: sample } = method.sample;
			const body = !carriesRequestId(method) ? sample : { request_id: randomUUID(), ...sample };
			if (method.path === STATUS) {
				await close('card-1001', String(sample.request_id));
				sandbox.journal.clear();
			}
			const answer = await post(method.path, body);
			expect([answer.status, answer.json.error_code]).toEqual([200, undefined]);
			expect(z.safeParse(method.answer, answer.json).error).toBeUndefined();
			expect(sandbox.journal.all[0]?.acted).toBe(method.is !== 'read');
		},
	);

	it('serves a method that has nothing but its declaration', async () => {
		const base = methods.find(({ path }) => path === CLOSE) as Command;
		const sample = { status: 'ok', request_status: 'success', dt: '', balance: 7 };
		const block: Method = { ...base, path: '/v5/card-api/card/undocumented' };
		const balance: Method = { ...base, path: '/v5/card-api/card/balance', is: 'read', requestId: 'fresh', sample: { request: {}, answer: sample } };
		const pin: Method = { ...base, path: '/v5/card-api/card/pin', is: 'oneTimeCommand' };
		await start({ methods: [block, balance, pin], undocumentedPaths: 'refuse' });
		const body = { card_id: 'card-1001', description: 'x' };
		const id = randomUUID();
		expect((await post(block.path, { ...body, request_id: id })).json.request_status).toBe('success');
		expect((await post(balance.path, { ...body, request_id: randomUUID() })).json).toMatchObject({ status: 'ok', balance: 7 });
		expect((await post(balance.path, { ...body, request_id: id })).json.error_code).toBe(1002);
		expect((await post(pin.path, body)).json.status).toBe('ok');
		expect((await post(pin.path, body)).json.status).toBe('ok');
		expect(sandbox.ledger.counts()).toEqual({ [block.path]: 1, [pin.path]: 2 });
		expect((await close()).status).toBe(404);
	});
});

describe('the world', () => {
	const NOW = Date.parse('2026-03-18T12:00:00+05:00');
	const PERIOD = { start_date: '2026-03-01T00:00:00+05:00', end_date: '2026-03-15T23:59:59+05:00' };

	/** Sends the rest of a body that carries a request id. */
	const command = async (path: string, body: object) => (await post(`/v5/card-api/${path}`, { request_id: randomUUID(), ...body })).json;
	const info = async (card: string) => await command('card/info', { card_id: card });
	const statement = async (card: string, period: object = PERIOD) => (await post('/v5/card-api/card/statement', { card_id: card, ...period })).json;
	const operationsOf = async (card: string, period?: object) => (await statement(card, period)).operations as Told[];
	const extended = async (card: string, period: object = PERIOD) => (await post('/v5/card-api/card/statement_extended', { card_id: card, ...period })).json;
	const balance = async (card: string, period?: object) => ((await extended(card, period)).balances as { accounts: Balance[] }).accounts[0] as Balance;
	const limitsOf = async (type: string, value: string) => (await command('limits/list', { object: { type, value } })).limits as Json[];
	const refund = async (id: string, amount?: number) =>
		await command('transaction/refund', { order_id: 'order-1', transaction_id: id, ...(amount !== undefined && { amount }) });
	const startAt = async (options: SandboxOptions = {}) => await start({ now: () => NOW, ...options });

	interface Told {
		type: string;
		amount: number;
		commission: number;
		currency: string;
		datetime: string;
		rrn: string;
	}
	interface Balance {
		iban: string;
		debit: number;
		credit: number;
		amount: number;
	}

	it('shows a card as commands left it', async () => {
		await startAt();
		expect(await info('card-1002')).toMatchObject({
			status: 'ok',
			request_status: 'success',
			card_id: 'card-1002',
			card_mask: '4400********1002',
			card_status: 'active',
			client_id: 'client-2002',
			accounts: [{ currency: 'KZT', type: 'IBAN' }, { currency: 'USD', type: 'IBAN' }],
		});
		const bulk = await info('card-1007');
		expect(bulk).toMatchObject({ card_status: 'active', accounts: [] });
		expect(bulk).not.toHaveProperty('client_id');
		await command('card/link', { card_id: 'card-1007', client_id: 'client-2001' });
		await command('card/update', { card_id: 'card-1007', accounts: [{ iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' }] });
		expect(await info('card-1007')).toMatchObject({ client_id: 'client-2001', accounts: [{ iban: 'KZ86125KZT5004100100' }] });
		await close('card-1002');
		expect(await info('card-1002')).toMatchObject({ card_status: 'closed', client_id: 'client-2002' });
		expect([(await info('card-1011')).card_status, (await info('card-1012')).card_status]).toEqual(['blocked', 'closed']);
		await command('card/unblock', { card_id: 'card-1011', description: 'Found' });
		expect((await info('card-1011')).card_status).toBe('active');
	});

	it.each<[string, object]>([
		['card/info', {}],
		['card/close', { description: 'x' }],
		['card/unblock', { description: 'x' }],
		['card/reset_counter_pin', {}],
		['card/link', { client_id: 'client-2001' }],
		['card/update', { accounts: [{ iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' }] }],
	])('refuses %s for an unknown card, and for a closed one unless it only looks', async (path, more) => {
		await startAt();
		const unknown = randomUUID();
		expect(await command(path, { card_id: 'card-9999', request_id: unknown, ...more })).toMatchObject({
			status: 'error',
			request_status: 'error',
			error_description: 'card not found',
		});
		expect((await ask(unknown)).json).toMatchObject({ request_status: 'error', error_description: 'card not found' });
		const closed = await command(path, { card_id: 'card-1012', ...more });
		if (path === 'card/info') expect(closed.request_status).toBe('success');
		else expect(closed).toMatchObject({ status: 'error', request_status: 'error', error_description: 'card is already closed' });
		expect(sandbox.ledger.all).toEqual([]);
	});

	it.each(['card/set_pin', 'card/statement', 'card/statement_extended'])('refuses %s for an unknown card', async (path) => {
		await startAt();
		const body = { card_id: 'card-9999', ...(path !== 'card/set_pin' && PERIOD) };
		expect((await post(`/v5/card-api/${path}`, body)).json).toMatchObject({ status: 'error', request_status: 'error', error_description: 'card not found' });
		expect(sandbox.ledger.all).toEqual([]);
	});

	it('tells every card its own operations, the same at every call, within the period', async () => {
		await startAt();
		const first = await operationsOf('card-1001');
		expect(first.length).toBeGreaterThan(14);
		expect(await operationsOf('card-1001')).toEqual(first);
		const [from, to] = [Date.parse(PERIOD.start_date), Date.parse(PERIOD.end_date)];
		const times = first.map(({ datetime }) => Date.parse(datetime));
		expect(times.every((at) => at >= from && at <= to)).toBe(true);
		expect(times).toEqual(times.toSorted((one, other) => one - other));
		expect(new Set(first.map(({ rrn }) => rrn)).size).toBe(first.length);
		expect(first.every(({ rrn, currency }) => /^6\d{11}$/.test(rrn) && currency === 'KZT')).toBe(true);
		const later = { start_date: '2026-03-08T00:00:00+05:00', end_date: PERIOD.end_date };
		expect(await operationsOf('card-1001', later)).toEqual(first.filter((_, index) => (times[index] ?? 0) >= Date.parse(later.start_date)));
		const other = await operationsOf('card-1002');
		expect(other.map(({ amount }) => amount)).not.toEqual(first.map(({ amount }) => amount));
		expect(other.some(({ currency }) => currency === 'USD')).toBe(true);
		sandbox.reset();
		expect(await operationsOf('card-1001')).toEqual(first);
	});

	it('lets operations come as time goes by, and none come any more once a card is closed or blocked', async () => {
		let now = NOW;
		await start({ now: () => now });
		const today = { start_date: '2026-03-18T00:00:00+05:00', end_date: '2026-03-31T00:00:00+05:00' };
		const before = await operationsOf('card-1001', today);
		now += 5 * 24 * 60 * 60 * 1000;
		const after = await operationsOf('card-1001', today);
		expect(after.slice(0, before.length)).toEqual(before);
		expect(after.length).toBeGreaterThan(before.length + 4);
		await close('card-1001');
		now += 5 * 24 * 60 * 60 * 1000;
		expect(await operationsOf('card-1001', today)).toEqual(after);
		expect(await operationsOf('card-1011')).toEqual([]);
		await command('card/unblock', { card_id: 'card-1011', description: 'Found' });
		now += 5 * 24 * 60 * 60 * 1000;
		const since = { start_date: '2026-03-18T00:00:00+05:00', end_date: '2026-04-30T00:00:00+05:00' };
		const unblocked = await operationsOf('card-1011', since);
		expect(unblocked.length).toBeGreaterThan(4);
		expect(Date.parse(unblocked[0]?.datetime ?? '')).toBeGreaterThan(NOW);
	});

	it('takes the last days when no period is asked for, and refuses one that ends before it starts', async () => {
		await startAt({ statementDays: 3 });
		const operations = await operationsOf('card-1001', {});
		expect(operations.length).toBeGreaterThan(2);
		expect(operations.every(({ datetime }) => Date.parse(datetime) >= NOW - 3 * 24 * 60 * 60 * 1000)).toBe(true);
		sandbox.settings.statementDays = 30;
		expect((await operationsOf('card-1001', {})).length).toBeGreaterThan(operations.length);
		expect(await statement('card-1001', { start_date: PERIOD.end_date, end_date: PERIOD.start_date })).toMatchObject({
			status: 'error',
			error_description: 'start_date is after end_date',
		});
		expect(await operationsOf('card-1001', { start_date: '2027-01-01T00:00:00+05:00', end_date: '2027-02-01T00:00:00+05:00' })).toEqual([]);
		expect(await operationsOf('card-1007')).toEqual([]);
	});

	it('tells balances that agree with the operations, in the accounts of the card', async () => {
		await startAt();
		const sum = (operations: Told[], ...types: string[]) =>
			operations.filter(({ type }) => types.includes(type)).reduce((total, { amount, commission }) => total + amount + commission, 0);
		const told = await extended('card-1001');
		const operations = await operationsOf('card-1001');
		const account = await balance('card-1001');
		expect(told).toMatchObject({ status: 'ok', request_status: 'success', client_id: 'client-2001', card: { card_id: 'card-1001', card_mask: '4400********1001' } });
		expect((await info('card-1001')).accounts).toEqual([{ iban: account.iban, currency: 'KZT', type: 'IBAN' }]);
		expect(account).toMatchObject({ debit: sum(operations, 'pay', 'withdrawal'), credit: sum(operations, 'topup') });
		const { amount: earlier } = await balance('card-1001', { start_date: '2026-02-01T00:00:00+05:00', end_date: '2026-02-28T23:59:59+05:00' });
		expect(account.amount).toBe(earlier + account.credit - account.debit);
		expect(account.amount).toBeGreaterThan(0);
		const spent = operations.filter(({ type }) => type !== 'topup');
		expect((told.authorizations as Told[]).map(({ amount, datetime }) => [amount, datetime])).toEqual(spent.map(({ amount, datetime }) => [amount, datetime]));
	});

	it('starts a new account empty and keeps the history of the one that it replaced', async () => {
		let now = NOW;
		await start({ now: () => now });
		const history = await operationsOf('card-1001');
		const iban = 'KZ86125KZT5004100100';
		const update = async () => await command('card/update', { card_id: 'card-1001', accounts: [{ iban, currency: 'KZT', type: 'IBAN' }] });
		await update();
		await update();
		expect((await extended('card-1001')).balances).toMatchObject({ accounts: [{ iban, debit: 0, credit: 0, amount: 0 }] });
		now += 5 * 24 * 60 * 60 * 1000;
		expect(await operationsOf('card-1001')).toEqual(history);
		expect(await operationsOf('card-1001', { start_date: '2026-03-18T12:00:01+05:00', end_date: '2026-03-31T00:00:00+05:00' })).toEqual([]);
	});

	it('has accounts whose numbers check out', async () => {
		await startAt();
		const ibans = Object.values(sandbox.state().cards).flatMap(({ accounts }) => accounts.map(({ iban }) => iban));
		expect(new Set(ibans).size).toBe(9);
		expect(ibans.filter((iban) => !isValidIBAN(iban))).toEqual([]);
	});

	it('lists the limits that were set, with what is used and left', async () => {
		await startAt();
		const object = { type: 'card', value: 'card-1001' };
		const spentIn = (operations: Told[], type: string) => operations.filter((operation) => operation.type === type).reduce((sum, { amount }) => sum + amount, 0);
		const month = await operationsOf('card-1001', { start_date: PERIOD.start_date, end_date: '2026-03-18T12:00:00+05:00' });
		const used = spentIn(month, 'pay');
		expect(await limitsOf('card', 'card-1001')).toEqual([
			{ transaction_type: 'withdrawal_atm', period: 'day', type: 'max', value: '300000', currency: 'KZT', used: anyText, remaining: anyText },
			{ transaction_type: 'pay', period: 'month', type: 'max', value: '1500000', currency: 'KZT', used: String(used), remaining: String(1_500_000 - used) },
		]);
		expect(used).toBeGreaterThan(0);
		const set = async (value: string) =>
			await command('limits/set', { object, limits: [{ transaction_type: 'pay', period: 'month', amount: [{ type: 'max', value, currency: 'KZT' }, { type: 'max', value: '70', currency: 'USD' }] }] });
		expect(await set('5')).toMatchObject({ status: 'ok', request_status: 'success' });
		expect((await limitsOf('card', 'card-1001')).map(({ period, value, currency, remaining }) => [period, value, currency, remaining])).toEqual([
			['day', '300000', 'KZT', anyText],
			['month', '5', 'KZT', '0'],
			['month', '70', 'USD', '70'],
		]);
		await command('limits/set', { object, limits: [{ transaction_type: 'pay_online_non3ds' }] });
		expect((await limitsOf('card', 'card-1001')).at(-1)).toEqual({ transaction_type: 'pay_online_non3ds' });
		const [account] = sandbox.state().cards['card-1001']?.accounts ?? [];
		expect([await limitsOf('client', 'client-2001'), await limitsOf('account', account?.iban ?? '')]).toEqual([[], []]);
	});

	it('refuses limits on what does not exist, and new ones on a closed card', async () => {
		await startAt();
		const limits = [{ transaction_type: 'pay' }];
		for (const type of ['card', 'client', 'account']) {
			const object = { type, value: 'nobody' };
			const refusal = { status: 'error', request_status: 'error', error_description: `${type} not found` };
			expect(await command('limits/list', { object })).toMatchObject(refusal);
			expect(await command('limits/set', { object, limits })).toMatchObject(refusal);
		}
		const closed = { type: 'card', value: 'card-1012' };
		expect((await command('limits/set', { object: closed, limits })).error_description).toBe('card is already closed');
		expect((await command('limits/list', { object: closed })).status).toBe('ok');
	});

	it('creates clients, changes their phone number, and issues cards', async () => {
		let now = NOW;
		await start({ now: () => now });
		const client = { phone: 77071234567, type: 1, resident: 1, first_name: 'Asel', last_name: 'Nurlan', external_user_id: 'crm-9' };
		const created = await command('client/add', { product_id: 2000, client });
		const again = await command('client/add', { product_id: 2000, client });
		expect([created.client_id, again.client_id]).toEqual(['client-2004', 'client-2005']);
		expect(sandbox.state().clients['client-2004']).toEqual({ productId: 2000, phone: 77071234567, firstName: 'Asel', lastName: 'Nurlan', externalUserId: 'crm-9' });
		expect((await command('card/link', { card_id: 'card-1008', client_id: 'client-2004' })).request_status).toBe('success');
		const update = async (id: string) => await command('client/update', { client_id: id, product_id: 2000, client: { phone: 77079999999 } });
		expect(await update('client-2004')).toMatchObject({ status: 'ok', request_status: 'success' });
		expect(sandbox.state().clients['client-2004']).toMatchObject({ phone: 77079999999, firstName: 'Asel' });
		expect(await update('client-9999')).toMatchObject({ status: 'error', request_status: 'error', error_description: 'client not found' });
		const cardholder = { first_name: 'Asel', last_name: 'Nurlan', phone: 77071234567, country: 'KAZ', person_id: '900131300123' };
		expect((await command('card/issue', { product_id: 2000, cardholder })).cards).toEqual([{ card_id: 'card-1013' }]);
		expect(await info('card-1013')).toMatchObject({ card_status: 'active', client_id: 'client-2006' });

		sandbox.settings.processingMs = 1000;
		const id = randomUUID();
		expect(await command('client/add', { request_id: id, product_id: 2000, client })).not.toHaveProperty('client_id');
		expect((await ask(id)).json).not.toHaveProperty('client_id');
		now += 1000;
		expect((await ask(id)).json).toMatchObject({ request_status: 'success', client_id: 'client-2007' });
	});

	it('refunds a purchase of a statement up to its amount', async () => {
		let now = NOW;
		await start({ now: () => now });
		const purchase = (await operationsOf('card-1003')).find(({ type }) => type === 'pay') as Told;
		const minute = { start_date: '2026-03-18T12:00:00+05:00', end_date: '2026-03-18T12:00:59+05:00' };
		expect(await refund('999999999999')).toMatchObject({ status: 'error', request_status: 'error', error_description: 'transaction not found' });
		expect((await refund(purchase.rrn, purchase.amount + 0.01)).error_description).toMatch(/^amount is more than is left to refund/);
		expect((await refund(purchase.rrn, 100.1)).request_status).toBe('success');
		expect((await refund(purchase.rrn, purchase.amount)).error_description).toMatch(/^amount is more/);
		const id = randomUUID();
		expect((await command('transaction/refund', { request_id: id, order_id: 'o', transaction_id: purchase.rrn })).request_status).toBe('success');
		expect((await ask(id)).json).toMatchObject({ transaction_id: purchase.rrn, fin_document_id: anyText });
		expect((await refund(purchase.rrn)).error_description).toBe('transaction is already refunded');
		now += 60_000;
		expect((await operationsOf('card-1003', minute)).map(({ type, amount }) => [type, amount])).toEqual([
			['refund', 100.1],
			['refund', Math.round((purchase.amount - 100.1) * 100) / 100],
		]);
		expect(await balance('card-1003', minute)).toMatchObject({ debit: 0, credit: purchase.amount });
		expect(sandbox.ledger.counts()).toEqual({ '/v5/card-api/transaction/refund': 2 });
	});

	it('knows a transaction by its id, and refunds no withdrawal', async () => {
		await startAt();
		expect((await refund('transaction-1', 1500.5)).request_status).toBe('success');
		const withdrawal = (await operationsOf('card-1001', { start_date: '2026-01-01T00:00:00+05:00', end_date: PERIOD.end_date })).find(({ type }) => type === 'withdrawal') as Told;
		expect((await refund(withdrawal.rrn)).error_description).toBe('transaction cannot be refunded');
	});

	it('takes whatever id comes for an existing one when told so', async () => {
		await startAt({ unknownIds: 'accept' });
		expect(await info('mine')).toMatchObject({ card_status: 'active', accounts: [] });
		expect(await operationsOf('mine-2')).toEqual([]);
		expect((await refund('t-1', 5)).request_status).toBe('success');
		for (const type of ['card', 'client', 'account']) expect(await limitsOf(type, `my-${type}`)).toEqual([]);
		expect((await command('client/update', { client_id: 'me', product_id: 2000, client: { phone: 77079999999 } })).request_status).toBe('success');
		expect(sandbox.state().clients.me).toEqual({ phone: 77079999999 });
	});
});

describe('request ids', () => {
	it('refuses a repeated one without effect, whatever it is for', async () => {
		await start();
		const id = randomUUID();
		await close('card-1001', id);
		for (const again of [await close('card-1001', id), await close('card-1002', id.toUpperCase())]) {
			expect(again.status).toBe(200);
			expect(again.json).toMatchObject({ status: 'error', request_status: 'error', error_code: 1002 });
		}
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.state().cards['card-1002']?.status).toBe('active');
		expect((await ask(id)).json.request_status).toBe('success');
	});

	it('acts once on twenty of the same at once', async () => {
		await start({ latencyMs: 5 });
		const id = randomUUID();
		const answers = await Promise.all(Array.from({ length: 20 }, async () => await close('card-1001', id)));
		expect(answers.filter(({ json }) => json.status === 'ok')).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.journal.all.filter(({ acted }) => acted)).toHaveLength(1);
	});

	it('keeps the id of a command that failed', async () => {
		await start();
		const id = randomUUID();
		await close('no-such-card', id);
		expect((await close('card-1001', id)).json.error_code).toBe(1002);
		expect((await ask(id)).json).toMatchObject({ status: 'ok', request_status: 'error' });
		sandbox.settings.statusOfFailedRequest = 'error';
		expect((await ask(id)).json.status).toBe('error');
	});

	it.each(Object.entries(unknownRequestForms))('says that one is unknown in the form %s', async (_name, form) => {
		await start({ unknownRequest: form });
		const answer = await ask(randomUUID());
		expect(answer.status).toBe(form.httpStatus);
		expect(answer.json).toEqual({ ...form.body, dt: anyText });
	});

	it('answers a repeated one as told', async () => {
		await start({ repeatedRequestId: { httpStatus: 409, body: { status: 'error' } } });
		const id = randomUUID();
		await close('card-1001', id);
		const again = await close('card-1001', id);
		expect([again.status, again.json]).toEqual([409, { status: 'error', dt: anyText }]);
		expect(assumptions.repeatedRequestId.httpStatus).toBe(200);
	});
});

describe('processing', () => {
	it('takes its time by the given clock', async () => {
		let now = Date.parse('2025-01-31T09:30:00Z');
		await start({ processingMs: 4000, now: () => now });
		const id = randomUUID();
		expect((await close('card-1001', id)).json).toEqual({ status: 'ok', request_status: 'process', dt: '2025-01-31T14:30:00.000+05:00' });
		expect(sandbox.journal.all[0]?.acted).toBe(true);
		now += 3999;
		expect((await ask(id)).json.request_status).toBe('process');
		expect(sandbox.ledger.all).toEqual([]);
		expect(sandbox.state().cards['card-1001']?.status).toBe('active');
		now += 1;
		expect((await ask(id)).json).toMatchObject({ request_status: 'success', dt: '2025-01-31T14:30:04.000+05:00' });
		expect(sandbox.ledger.effectsOf(id)).toHaveLength(1);
		expect(sandbox.state().cards['card-1001']?.status).toBe('closed');
	});

	it('fails a command whose turn comes too late, and settles in the order that is due', async () => {
		let now = 0;
		await start({ processingMs: 100, now: () => now });
		const slow = randomUUID();
		const quick = randomUUID();
		await close('card-1001', slow);
		sandbox.settings.processingMs = 10;
		await close('card-1001', quick);
		now = 1000;
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.ledger.effectsOn('card-1001')).toMatchObject([{ requestId: quick, at: 10 }]);
		expect((await ask(slow)).json.request_status).toBe('error');
	});
});

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

describe('faults', () => {
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
});

describe('the gate', () => {
	const cards = ['card-1001', 'card-1002', 'card-1003'];

	it('holds answers until enough are in, acts meanwhile, and then is open', async () => {
		await start();
		sandbox.gate.hold(3);
		const answers = cards.slice(0, 2).map(async (card) => await close(card));
		while (sandbox.gate.held < 2) await wait(2);
		expect([sandbox.ledger.all.length, sandbox.gauges.inFlight]).toEqual([2, 2]);
		expect(sandbox.journal.all.map(({ acted, status }) => [acted, status])).toEqual([[true, undefined], [true, undefined]]);
		answers.push(close('card-1003'));
		expect((await Promise.all(answers)).map(({ json: { request_status } }) => request_status)).toEqual(['success', 'success', 'success']);
		expect([sandbox.gauges.maxInFlight, sandbox.gate.held]).toEqual([3, 0]);
		expect((await close('card-1004')).json.request_status).toBe('success');
	});

	it('holds one path only, misbehaviour included', async () => {
		await start();
		sandbox.faults.add({ kind: 'http500Before', path: CLOSE });
		sandbox.gate.hold(2, 'card/close');
		const answers = [close('card-1001')];
		while (sandbox.gate.held < 1) await wait(2);
		expect((await ask(randomUUID())).status).toBe(200);
		answers.push(close('card-1002'));
		expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 500]);
	});

	it.each<[string, () => void]>([
		['opened', () => sandbox.gate.open()],
		['reset', () => sandbox.reset()],
	])('lets all go when it is %s', async (_case, release) => {
		await start();
		sandbox.gate.hold(100);
		const answers = cards.map(async (card) => await close(card));
		while (sandbox.gate.held < 3) await wait(2);
		release();
		expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
		expect((await close('card-1004')).status).toBe(200);
	});

	it('does not keep a sandbox from stopping', async () => {
		await start();
		sandbox.gate.hold(2);
		const held = close().catch((error: Error) => error.message);
		while (sandbox.gate.held < 1) await wait(2);
		await sandbox.stop();
		expect(await held).toEqual(textLike(/closed|socket/));
		await start();
	});
});

describe('ledger and journal', () => {
	it('tell effects from requests', async () => {
		await start({ unknownIds: 'accept' });
		sandbox.faults.random({ seed: 3, rate: 0.6, kinds: ['dropBefore', 'dropAfter', 'http500Before', 'truncatedAfter', 'errorRequestStatus'] });
		const ids = Array.from({ length: 40 }, () => randomUUID());
		for (const [index, id] of [...ids, ...ids].entries()) await close(`c${index % 40}`, id).catch(() => undefined);
		const effects = sandbox.ledger.all;
		expect(sandbox.journal.all).toHaveLength(80);
		expect(effects.length).toBeGreaterThan(20);
		expect(effects.length).toBeLessThan(80);
		expect(effects.map(({ request: n }) => n)).toEqual(sandbox.journal.all.filter(({ acted }) => acted).map(({ n }) => n));
		for (const id of ids) expect(sandbox.ledger.effectsOf(id).length).toBeLessThanOrEqual(1);
		expect(sandbox.journal.all.some(({ acted, fault, status }) => acted && fault === 'dropAfter' && status === undefined)).toBe(true);
	});

	it('number connections and find requests', async () => {
		await start();
		const [one, two] = [new Client(sandbox.url), new Client(sandbox.url)];
		const id = randomUUID();
		await close('card-1001', id, { dispatcher: one });
		await close('card-1002', randomUUID(), { dispatcher: two });
		await close('card-1001', id, { dispatcher: one });
		await Promise.all([one.close(), two.close()]);
		expect(sandbox.journal.all.map(({ connection }) => connection)).toEqual([1, 2, 1]);
		expect(sandbox.journal.of(id)).toHaveLength(2);
		expect(sandbox.journal.about('card-1002', CLOSE).map(({ n }) => n)).toEqual([2]);
		expect(sandbox.journal.to(STATUS)).toEqual([]);
	});

	it('keeps only figures in counts mode', async () => {
		await start({ journal: 'counts' });
		sandbox.faults.add({ kind: 'http500Before', path: STATUS });
		await close();
		await ask(randomUUID());
		await close('card-1002', randomUUID(), { signature: 'no' });
		expect(sandbox.journal.all).toEqual([]);
		expect(sandbox.journal.counts()).toEqual({
			received: 3,
			unverified: 1,
			byPath: { [CLOSE]: 2, [STATUS]: 1 },
			byFault: { http500Before: 1 },
		});
		expect(sandbox.ledger.all).toHaveLength(1);
	});

	it('gauges the most at one time', async () => {
		await start();
		sandbox.gate.hold(3, CLOSE);
		await Promise.all(['card-1001', 'card-1002', 'card-1003'].map(async (card) => await close(card)));
		await close('card-1004');
		expect(sandbox.gauges).toMatchObject({ maxInFlight: 3, inFlight: 0, maxOpenConnections: 3, connectionsOpened: 3 });
		await agent.destroy();
		while (sandbox.gauges.openConnections > 0) await wait(2);
		sandbox.reset();
		expect(sandbox.gauges).toEqual({ maxInFlight: 0, inFlight: 0, maxOpenConnections: 0, openConnections: 0, connectionsOpened: 0 });
	});
});

describe('control', () => {
	it('shows what happened without one-time codes and bytes', async () => {
		await start();
		await post(CONFIRM, { otp: '1234', card_id: 555 });
		await post(CONFIRM, { otp: '987654321', nested: [{ pin: '4711' }] });
		const id = randomUUID();
		await close('card-1001', id);
		const journal = await control('journal');
		const entries = Object.values(journal.json);
		expect(entries[0]).toEqual({
			n: 1,
			method: 'POST',
			path: CONFIRM,
			status: 200,
			signatureVerified: true,
			body: { otp: textLike(/^•+$/), card_id: 555 },
			requestId: null,
			fault: null,
			acted: true,
		});
		expect(entries[2]).toMatchObject({ requestId: id, body: { card_id: 'card-1001' } });
		const ledger = await control('ledger');
		expect(ledger.json).toMatchObject([{ path: CONFIRM, target: { card_id: 555 } }, { requestId: id }]);
		const state = await control('state');
		expect(state.json).toMatchObject({
			cards: { 'card-1001': { status: 'closed' }, 'card-1010': { status: 'active', clientId: null, accounts: [] } },
			giftCards: { 555: { status: 2 } },
			requests: { [id]: { requestStatus: 'success' } },
		});
		const all = journal.text + ledger.text + state.text;
		for (const secret of ['"1234"', '987654321', '4711', '5678"']) expect(all).not.toContain(secret);
	});

	it('takes faults, settings and a reset', async () => {
		await start();
		expect((await control('faults', { method: 'POST', body: [{ kind: 'http500Before' }, { kind: 'http502Before' }] })).status).toBe(200);
		expect((await control('faults')).json).toEqual([{ kind: 'http500Before' }, { kind: 'http502Before' }]);
		expect([(await close()).status, (await close()).status, (await close()).status]).toEqual([500, 502, 200]);
		const wrong = await control('faults', { method: 'POST', body: { kind: 'nonsense' } });
		expect([wrong.status, wrong.json.error]).toEqual([400, textLike(/nonsense/)]);
		const misspelt = await control('faults', { method: 'POST', body: { kind: 'http500Before', pth: 'card/close' } });
		expect([misspelt.status, misspelt.json.error]).toEqual([400, textLike(/no pth/)]);
		const setting = await control('settings', { method: 'POST', body: { procesingMs: 5 } });
		expect([setting.status, setting.json.error]).toEqual([400, textLike(/no setting procesingMs/)]);
		await control('faults', { method: 'POST', body: { seed: 1, rate: 1, kinds: ['http504Before'] } });
		expect((await close('card-1002')).status).toBe(504);
		await control('faults', { method: 'DELETE' });
		expect((await control('settings', { method: 'POST', body: { processingMs: 60_000 } })).json).toMatchObject({ processingMs: 60_000, latencyMs: 0, statusLagMs: 0 });
		for (const body of [{ undocumentedPaths: 'refused' }, { badSignature: {} }, { statementDays: 0 }, { unknownIds: 'accept', processingMs: '5' }]) {
			expect((await control('settings', { method: 'POST', body })).status).toBe(400);
		}
		const refused = { httpStatus: 403, body: { status: 'error' } };
		expect((await control('settings', { method: 'POST', body: { badSignature: refused, undocumentedPaths: 'refuse' } })).status).toBe(200);
		expect((await control('settings')).json).toMatchObject({ badSignature: refused, undocumentedPaths: 'refuse', unknownIds: 'refuse', processingMs: 60_000 });
		expect((await control('settings', { method: 'POST', body: { latencyMs: -1 } })).status).toBe(400);
		expect((await close('card-1002')).json.request_status).toBe('process');
		await control('reset', { method: 'POST' });
		expect((await control('state')).json).toMatchObject({ cards: { 'card-1001': { status: 'active' } }, requests: {} });
		expect(sandbox.state().requests).toEqual({});
		expect((await control('journal')).json).toEqual([]);
		expect(sandbox.ledger.all).toEqual([]);
		expect((await control('nonsense')).status).toBe(404);
	});

	it.each<[object | string, RegExp]>([
		[{ seed: 1, rate: 1, kinds: ['dropAfer'] }, /kind of a fault must be one of dropBefore, .*not "dropAfer"/],
		[{ seed: 1, rate: 1, kinds: ['dropAfter', { kind: 'redirect', locaton: 'x' }] }, /A fault has no locaton/],
		[{ seed: 1, rate: 1, kinds: ['dropAfter'], path: ['card/close'] }, /A random plan has no path\. Known: seed, rate, kinds, paths/],
		[{ rate: 1, kinds: ['dropAfter'] }, /The seed of a random plan must be a number/],
		[{ seed: 1, rate: 20, kinds: ['dropAfter'] }, /The rate of a random plan must be a number from 0 to 1, not 20/],
		[{ seed: 1, rate: 1, kinds: [] }, /kinds of a random plan must be a list of at least one/],
		[{ kind: 'dropAfter', times: 'allways' }, /The times of a fault must be a whole number from 1, or "always", not "allways"/],
		[{ kind: 'rateLimit', retryAfter: { ms: 5 } }, /retryAfter of a fault must be a number of seconds/],
		[[{ kind: 'dropAfter' }, { kind: 'dropAfer' }], /not "dropAfer"/],
		['dropAfter', /A fault is a JSON object with kind/],
	])('refuses the misspelt fault %j, and takes none of those beside it', async (body, error) => {
		await start();
		const answer = await control('faults', { method: 'POST', body });
		expect([answer.status, answer.json.error]).toEqual([400, textLike(error)]);
		expect((await control('faults')).json).toEqual([]);
		expect((await close()).status).toBe(200);
	});

	it.each([[['processingMs']], ['processingMs'], [{ constructor: 1 }], [{ processingMs: 5, latencyMS: 5 }]])('refuses the misspelt settings %j, and changes none', async (body) => {
		await start();
		const before = (await control('settings')).json;
		expect((await control('settings', { method: 'POST', body })).status).toBe(400);
		expect((await control('settings')).json).toEqual(before);
	});

	it('is told of on its page with every setting, kind of fault and detail', async () => {
		await start();
		const page = readFileSync(join(__dirname, '../../docs/sandbox.md'), 'utf8');
		const told = new Set([...page.matchAll(/`([^`]+)`/g)].map(([, word]) => word));
		const details: Record<keyof FaultRule | keyof RandomPlan, true> = {
			kind: true, retryAfter: true, status: true, location: true, reset: true, delayMs: true, intervalMs: true, bytes: true, body: true, headers: true,
			path: true, card: true, nth: true, times: true, seed: true, rate: true, kinds: true, paths: true,
		};
		const words = [...Object.keys((await control('settings')).json), ...faultKinds, ...Object.keys(details)];
		expect(words.filter((word) => !told.has(word))).toEqual([]);
	});

	it('is not for web pages', async () => {
		await start();
		await close();
		expect((await control('reset', { method: 'POST', headers: { origin: 'https://example.com' } })).status).toBe(403);
		expect(sandbox.ledger.all).toHaveLength(1);
	});
});

describe('the wire', () => {
	it('speaks TLS with a certificate that can be checked', async () => {
		const tls = selfSigned();
		await start({ tls });
		const trusting = new Agent({ connect: { ca: tls.cert } });
		expect((await close('card-1001', randomUUID(), { dispatcher: trusting })).json.request_status).toBe('success');
		await trusting.destroy();
		await expect(close('card-1002')).rejects.toThrow(/certificate/);
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.url).toMatch(/^https:/);
	});

	it('seems as far away as told', async () => {
		await start();
		const link = await startDelayedLink(sandbox.port, 40);
		const url = sandbox.url.replace(/\d+$/, String(link.port));
		const timed = async (card: string) => {
			const before = performance.now();
			expect((await close(card, randomUUID(), { url })).json.request_status).toBe('success');
			return performance.now() - before;
		};
		const first = await timed('card-1001');
		const later = [await timed('card-1002'), await timed('card-1003'), await timed('card-1004')];
		await link.stop();
		// Timers may fire a little early.
		expect(first).toBeGreaterThan(75);
		expect(Math.min(...later)).toBeGreaterThan(36);
		// Later ones pay no second connection.
		expect(sandbox.gauges.connectionsOpened).toBe(1);
	});

	it('stops at once, whoever still waits', async () => {
		await start();
		sandbox.faults.add({ kind: 'stallBefore', card: 'card-1001' });
		const message = (error: Error) => error.message;
		const stalled = close('card-1001').catch(message);
		while (sandbox.gauges.inFlight < 1) await wait(2);
		sandbox.settings.latencyMs = 60_000;
		const slow = close('card-1002').catch(message);
		while (sandbox.gauges.inFlight < 2) await wait(2);
		await sandbox.stop();
		expect([await stalled, await slow]).toEqual([textLike(/closed|socket/), textLike(/closed|socket/)]);
		await start();
	});

	it('hands out a credential that fits', async () => {
		await start({ authId: '9', partnerKey: 'k' });
		expect(sandbox.credential).toEqual({ environment: 'custom', baseUrl: sandbox.url, authId: '9', partnerKey: 'k', algorithm: 'HS512' });
		expect((await close('card-1001', randomUUID(), { key: 'k', header: { auth_id: '9' } })).status).toBe(200);
		expect((await close('card-1002')).status).toBe(401);
	});

	it('takes an undocumented path for a command that succeeds, and says in the journal that this is an assumption', async () => {
		await start();
		const path = '/v5/card-api/card/undocumented';
		const id = randomUUID();
		expect((await post(path, { request_id: id, card_id: 'card-1001' })).json).toMatchObject({ status: 'ok', request_status: 'success' });
		expect((await post(path, { request_id: id, card_id: 'card-1001' })).json.error_code).toBe(1002);
		expect((await post(STATUS, { request_id: id })).json.request_status).toBe('success');
		expect(sandbox.ledger.counts()).toEqual({ [path]: 1 });
		expect(Object.values((await control('journal')).json).map((entry) => (entry as { assumed?: string }).assumed)).toEqual([textLike(/assumption/), textLike(/assumption/), undefined]);
		expect((await post('/v4/card-api/card/block', {})).status).toBe(404);
	});

	it('answers only what it serves', async () => {
		await start({ undocumentedPaths: 'refuse' });
		expect((await post('/v5/card-api/card/nonsense', {})).status).toBe(404);
		const get = await request(`${sandbox.url}${STATUS}`, {
			headers: { 'x-jws-signature': await sign(STATUS, '', { header: { method: 'GET' } }) },
			dispatcher: agent,
		});
		expect(get.statusCode).toBe(405);
		await get.body.dump();
	});
});

describe('alone', () => {
	let folder: string;

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'freedompay-sandbox-'));
		buildSync({
			entryPoints: [join(__dirname, '../sandbox/main.ts')],
			outfile: join(folder, 'sandbox.cjs'),
			bundle: true,
			platform: 'node',
		});
	});

	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	function run(...flags: string[]) {
		const child = spawn(process.execPath, [join(folder, 'sandbox.cjs'), ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
		const printed = { out: '', err: '' };
		child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
		child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
		return { child, printed, exit: once(child, 'close') };
	}

	it('prints what it takes to use it, and stops when told', async () => {
		await start();
		const { child, printed, exit } = run('--port', '0', '--processing-ms', '60000');
		while (!printed.err.includes('Ctrl-C')) await wait(5);
		const facts = JSON.parse(printed.out) as { url: string; cards: string[] };
		expect(printed.out.split('\n')).toHaveLength(2);
		expect(facts).toMatchObject({ authId: '123456', partnerKey: 'secret', algorithm: 'HS512', giftCards: [{ cardId: 555, otp: '1234' }, { cardId: 556 }] });
		for (const known of ['card-1001', 'card-1010', 'card-1011', 'card-1012', 'client-2003', '555', '1234', 'transaction-1']) expect(printed.err).toContain(known);
		expect(facts.cards).toEqual(Object.keys(sandbox.state().cards));
		expect((await close('card-1001', randomUUID(), { url: facts.url })).json.request_status).toBe('process');
		child.kill('SIGTERM');
		expect(await exit).toEqual([0, null]);
	});

	it('says in one line that a port is taken', async () => {
		await start();
		const { printed, exit } = run('--port', String(sandbox.port));
		expect(await exit).toEqual([1, null]);
		expect(printed).toEqual({ out: '', err: `Port ${sandbox.port} is in use. Choose another one with --port.\n` });
	});

	it('explains a wrong flag', async () => {
		await start();
		const { printed, exit } = run('--port', 'x');
		expect(await exit).toEqual([1, null]);
		expect(printed.err).toBe('--port must be a whole number, not x.\n');
	});
});
