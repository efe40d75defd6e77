import { randomUUID } from 'node:crypto';

import { z } from 'zod/v4-mini';

import { methods } from '../../nodes/card-api/methods';
import { carriesRequestId, type Command, type Method } from '../../nodes/card-api/methods/define';
import { CLOSE, GIFT, LINK, STATUS, UPDATE } from '../support/paths';
import { anyText, textLike, useClient } from './client';

/* What commands do, and what is refused. */

const { ask, close, post, sandbox, send, start } = useClient();

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
	const confirm = async (body: object) => (await post(GIFT, body)).json;
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
	const pin: Method = { ...base, path: '/v5/card-api/card/pin', is: 'oneTimeCommand', ifUnknown: '', ifAccepted: '' };
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
