import { randomUUID } from 'node:crypto';

import { isValidIBAN } from 'ibantools';

import { carriesRequestId, isCommand } from '../../nodes/card-api/methods/define';
import { table } from '../methods/contract';
import { methodFileOf } from '../support/methodFiles';
import type { SandboxOptions } from '.';
import { anyText, type Json, useClient } from './client';

/* The cards, clients, accounts, limits and transactions that commands change and reads show. */

const { ask, close, post, sandbox, start } = useClient();

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

it.each(table)('%s, if it needs a card, is refused for an unknown one, and for a closed one unless it only looks', async (_, method) => {
	await startAt();
	const { inSandbox } = await methodFileOf(method);
	const ofCard = async (card: string, id: string) => (await post(method.path, { ...(carriesRequestId(method) && { request_id: id }), ...method.sample.request, ...(method.fields.some(({ key }) => key === 'start_date') && PERIOD), card_id: card })).json;
	const needsCard = inSandbox !== undefined && 'needs' in inSandbox && inSandbox.needs?.includes('card') === true;
	const refused = (why: string) => ({ status: 'error', request_status: 'error', error_description: why });
	const id = randomUUID();
	const unknown = await ofCard('card-9999', id);
	if (needsCard) expect(unknown).toMatchObject(refused('card not found'));
	else expect(unknown.error_description).not.toBe('card not found');
	if (needsCard && method.is === 'command') expect((await ask(id)).json).toMatchObject({ request_status: 'error', error_description: 'card not found' });
	const closed = await ofCard('card-1012', randomUUID());
	if (needsCard && isCommand(method)) expect(closed).toMatchObject(refused('card is already closed'));
	else expect(closed.error_description).not.toBe('card is already closed');
	if (needsCard && !isCommand(method)) expect(closed.status).toBe('ok');
	if (needsCard) expect(sandbox.ledger.all).toEqual([]);
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
