import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { runCard, stored } from '../support/card';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownCards: 'accept' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

const STATEMENT = { resource: 'card', operation: 'getOperations', cardId: 'card-1001' };
const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');

let executions = 0;

/** Runs the node in an execution of its own. */
async function run(parameters: INodeParameters, items: unknown[] = [{}]) {
	executions += 1;
	// One at a time, so that the journal has the order of the items.
	const options = { maxParallelRequests: 1, ...(parameters.options as INodeParameters | undefined) };
	return await runCard(sandbox.credential, { ...parameters, options }, items as never, 'stopWorkflow', { executionId: String(executions) });
}

function bodies(): Array<Record<string, unknown>> {
	return sandbox.journal.all.map(({ rawBody }) => JSON.parse(rawBody.toString()) as Record<string, unknown>);
}

describe('dates', () => {
	// The harness runs workflows in n8n's default time zone, America/New_York.
	test.each([
		["of n8n's picker, winter", '2025-01-31T09:30:00', '2025-01-31T09:30:00-05:00'],
		["of n8n's picker, summer", '2025-07-31T09:30:00', '2025-07-31T09:30:00-04:00'],
		['with a blank', '2025-01-31 09:30', '2025-01-31T09:30:00-05:00'],
		['in a zone', '2025-01-31T09:30:00+05:00', '2025-01-31T09:30:00+05:00'],
		['in a zone without a colon', '2025-01-31T09:30:00+0530', '2025-01-31T09:30:00+05:30'],
		['in UTC, with milliseconds', '2025-01-31T09:30:00.123Z', '2025-01-31T09:30:00+00:00'],
		['a Luxon DateTime', "={{ DateTime.fromISO('2025-01-31T09:30:00', { zone: 'Asia/Almaty' }) }}", '2025-01-31T09:30:00+05:00'],
		['a Date', "={{ new Date('2025-01-31T09:30:00Z') }}", '2025-01-31T04:30:00-05:00'],
		['just before a change of the clock', '2025-03-09T01:59:59', '2025-03-09T01:59:59-05:00'],
		['just after a change of the clock', '2025-03-09T03:00:00', '2025-03-09T03:00:00-04:00'],
	])('%s', async (_, startDate, wire) => {
		const outcome = await run({ ...STATEMENT, additionalFields: { startDate } });
		expect(outcome.error?.message).toBeUndefined();
		expect(bodies()).toEqual([{ card_id: 'card-1001', start_date: wire }]);
	});

	test.each([
		['2025-01-31', /Start Date needs a time of day too/],
		['yesterday', /Start Date must be a date and time/],
		['2025-02-31T09:30:00', /Start Date must be a date and time/],
		['2025-01-31T25:30:00', /Start Date must be a date and time/],
		['2025-01-31T09:30:00+99:00', /Start Date must be a date and time/],
		['={{ 1738315800000 }}', /Start Date must be a date and time/],
		["={{ DateTime.fromISO('nonsense') }}", /Start Date/],
	])('%s is refused', async (startDate, message) => {
		expect((await run({ ...STATEMENT, additionalFields: { startDate } })).error?.message).toMatch(message);
		expect(bodies()).toEqual([]);
	});
});

describe('Set PIN', () => {
	const setPin = (pin: unknown) => run({ resource: 'card', operation: 'setPin', cardId: 'card-1001', additionalFields: { pin: pin as string } });

	test.each(['1234', ' 1234 ', '12 34', '1-2-3-4', '123456789012', '١٢٣٤', '={{ 1234 }}'])('a plain PIN (%j) is refused, and named nowhere', async (pin) => {
		const outcome = await setPin(pin);
		expect(outcome.error?.message).toMatch(/PIN \(Encrypted\) must be encrypted/);
		expect(`${outcome.error?.message} ${outcome.error?.description}`).not.toMatch(/1234|١٢٣٤/);
		expect(bodies()).toEqual([]);
	});

	test('an encrypted one is handed through, and comes out nowhere', async () => {
		const pin = 'U2FsdGVkX19hbGljZQ==';
		sandbox.faults.add({ kind: 'rawAfter', path: 'set_pin', body: JSON.stringify({ status: 'ok', request_status: 'success', dt: 'x', pin, echoed: pin }) });
		const outcome = await setPin(pin);
		expect(bodies()).toEqual([{ card_id: 'card-1001', pin }]);
		expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ card_id: 'card-1001', pin: '******', echoed: '******' });
	});
});

describe('Create Client', () => {
	const data = (content: Buffer) => ({ data: content.toString('base64'), mimeType: 'application/pdf' });
	const wallet = {
		resource: 'client',
		operation: 'create',
		productId: 1000,
		phone: '+77077070707',
		type: 1,
		resident: 1,
		firstName: 'Ivan',
		lastName: 'Ivanov',
		country: 'KAZ',
		personId: '900131300123',
		document: 'data',
		address1: '{"city":"Almaty"}',
		address2: '{"city":"Almaty"}',
	};
	const item = { json: {}, binary: { data: data(PDF) } };

	test.each(['country', 'personId', 'document', 'address1', 'address2'])('product 1000 needs %s', async (name) => {
		const outcome = await run({ ...wallet, [name]: name.startsWith('address') ? '{}' : '' }, [item]);
		expect(outcome.error?.message).toMatch(/must not be empty for a Freedom Wallet Card \(product 1000\)/);
		expect(bodies()).toEqual([]);
	});

	test.each([2000, 3000])('product %s does not, and takes them as additional fields', async (productId) => {
		const { resource, operation, phone, type, resident, firstName, lastName } = wallet;
		const basic = { resource, operation, phone, type, resident, firstName, lastName, productId };
		await run(basic);
		await run({ ...basic, additionalFields: { country: 'KAZ', address1: '{"city":"Almaty"}', document: 'data' } }, [item]);
		const client = { phone: 77077070707, type: 1, resident: 1, first_name: 'Ivan', last_name: 'Ivanov' };
		expect(bodies()).toMatchObject([
			{ product_id: productId, client },
			{ product_id: productId, client: { ...client, country: 'KAZ', document: PDF.toString('base64'), address1: { city: 'Almaty' } } },
		]);
		expect(Object.keys(bodies()[0]?.client as object)).toEqual(Object.keys(client));
	});

	test('the product may come from an expression', async () => {
		const outcome = await run({ ...wallet, productId: '={{ "1000" }}' }, [item]);
		expect(outcome.error?.message).toBeUndefined();
		expect(bodies()).toMatchObject([{ product_id: 1000, client: { country: 'KAZ' } }]);
	});

	test.each([
		['no such input field', { document: 'other' }, item, /Document names the input field "other", which holds no file/],
		['no PDF', {}, { json: {}, binary: { data: data(Buffer.from('PK..')) } }, /Document must be a PDF file/],
		['more than 2 MB', {}, { json: {}, binary: { data: data(Buffer.concat([PDF, Buffer.alloc(2 * 1024 * 1024)])) } }, /Document must be at most 2 MB/],
		['Cyrillic letters', { firstName: 'Иван' }, item, /First Name must be written in Latin letters/],
		['a phone number without a country code', { phone: '0707 070 707' }, item, /Phone must be a phone number with its country code/],
		['an unknown product', { productId: '={{ 4000 }}' }, item, /Product must be one of 3000, 1000, 2000/],
		['a number that would be rounded', { address1: '{"house":12345678901234567890}' }, item, /Registration Address holds the number 12345678901234567890/],
		['a forbidden key', { address1: '{"__proto__":{"x":1}}' }, item, /Registration Address has "__proto__"/],
	])('%s: refused', async (_, change, one, message) => {
		const outcome = await run({ ...wallet, ...change }, [one]);
		expect(outcome.error?.message).toMatch(message);
		expect(bodies()).toEqual([]);
	});

	test('a document of exactly 2 MB is sent', async () => {
		const content = Buffer.concat([PDF, Buffer.alloc(2 * 1024 * 1024 - PDF.length)]);
		const outcome = await run(wallet, [{ json: {}, binary: { data: data(content) } }]);
		expect(outcome.error?.message).toBeUndefined();
		expect((bodies()[0]?.client as { document: string }).document).toBe(content.toString('base64'));
	});

	test('a dry run tells the document by its size', async () => {
		const outcome = await run({ ...wallet, options: { dryRun: true } }, [item]);
		expect(stored(outcome)[0]?.[0]?.json.body).toMatchObject({ client: { document: 'PDF of 15 bytes, as base64', phone: 77077070707 } });
	});

	test('the same event for the same person acts once, with another scan too, and for another person again', async () => {
		const event = { ...wallet, eventId: 'crm-1' };
		const identifiedAt = (idnDate: string) => ({ additionalFields: { identificationInfo: { info: { idnDate, identifiedBy: `At ${idnDate}` } } } });
		await run({ ...event, ...identifiedAt('2025-01-31T09:30:00Z') }, [item]);
		const scannedAgain = { json: {}, binary: { data: data(Buffer.concat([PDF, PDF])) } };
		const again = await run({ ...event, ...identifiedAt('2025-02-01T10:00:00Z') }, [scannedAgain]);
		expect(stored(again)[0]?.[0]?.json).toMatchObject({ recovered: true });
		expect(sandbox.ledger.all).toHaveLength(1);
		await run({ ...event, personId: '900131300999' }, [item]);
		await run({ ...event, firstName: 'Johann' }, [item]);
		expect(sandbox.ledger.all).toHaveLength(3);
	});
});

describe('Refund', () => {
	const refund = (additionalFields: INodeParameters, item = {}) =>
		run({ resource: 'transaction', operation: 'refund', orderId: 'o-1', transactionId: 't-1', additionalFields }, [item]);

	test('without an amount the field is left out', async () => {
		await refund({});
		expect(Object.keys(bodies()[0] ?? {})).toEqual(['request_id', 'order_id', 'transaction_id']);
	});

	test.each(['', '={{ $json.missing }}', '={{ null }}', '={{ "" }}'])('an amount that turns out empty (%j) is no full refund', async (amount) => {
		expect((await refund({ amount })).error?.message).toMatch(/Amount must not be empty. Remove the field/);
		expect(bodies()).toEqual([]);
	});

	test.each(['abc', '1,5', '0x10', '-1', '12345678901234567.89', '={{ [] }}'])('the amount %j is refused', async (amount) => {
		expect((await refund({ amount })).error?.message).toMatch(/^Amount /);
		expect(bodies()).toEqual([]);
	});
});

describe('statements', () => {
	test('Split Into Items gives one item per operation, paired with its input', async () => {
		const outcome = await run({ ...STATEMENT, cardId: '={{ $json.card }}', options: { splitIntoItems: true } }, [{ card: 'card-1001' }, { card: 'card-1002' }]);
		const [items = []] = stored(outcome);
		expect(items.map(({ json, pairedItem }) => [json.card_id, json.type, json.amount, pairedItem])).toEqual([
			['card-1001', 'pay', 1500.5, { item: 0 }],
			['card-1001', 'withdrawal', 20000, { item: 0 }],
			['card-1002', 'pay', 1500.5, { item: 1 }],
			['card-1002', 'withdrawal', 20000, { item: 1 }],
		]);
	});

	test('Split Into Items: an empty list gives no item, an answer without the list stays whole', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","operations":[],"dt":"x"}' });
		expect(stored(await run({ ...STATEMENT, options: { splitIntoItems: true } }))[0] ?? []).toEqual([]);
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","list":1,"dt":"x"}' });
		expect(stored(await run({ ...STATEMENT, options: { splitIntoItems: true } }))[0]).toMatchObject([{ json: { list: 1 } }]);
	});

	test('an operation with a field "error" is no failed item', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","operations":[{"type":"x","error":"y"}],"dt":"x"}' });
		const outcome = await run({ ...STATEMENT, options: { splitIntoItems: true } });
		expect(stored(outcome)[0]).toMatchObject([{ json: { type: 'x', api_error: 'y' } }]);
	});

	test('Simplify leaves known details out, and nothing that is not documented', async () => {
		const parameters = { resource: 'card', operation: 'getExtendedStatement', cardId: 'card-1001', startDate: '2025-01-01T00:00:00Z', endDate: '2025-02-01T00:00:00Z' };
		const body = '{"status":"ok","new":1,"balances":{"accounts":[{"iban":"KZ","amount":5,"debit":1,"new":2}]},"authorizations":[{"amount":1,"cashback":2,"new":3}],"operations":[{"a":1}]}';
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement_extended', body });
		const simple = stored(await run(parameters))[0]?.[0]?.json;
		expect(simple).toEqual({
			card_id: 'card-1001',
			status: 'ok',
			new: 1,
			balances: { accounts: [{ iban: 'KZ', amount: 5, new: 2 }] },
			authorizations: [{ amount: 1, new: 3 }],
			operations: [{ a: 1 }],
		});
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement_extended', body });
		expect(stored(await run({ ...parameters, simplify: false }))[0]?.[0]?.json).toEqual({ card_id: 'card-1001', ...(JSON.parse(body) as object) });
	});
});

describe('what an AI agent gives', () => {
	test('limits as JSON text, with names of the panel or of the API', async () => {
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', objectValue: '1', additionalFields: { limitsJson: '={{ $json.limits }}' } };
		await run(parameters, [
			{ limits: '[{"transaction_type":"pay","amount":[{"type":"max","value":5000.5,"currency":"kzt"}]}]' },
			{ limits: [{ transactionType: 'pay', amount: {} }] },
		]);
		expect(bodies()).toMatchObject([
			{ limits: [{ transaction_type: 'pay', amount: [{ type: 'max', value: '5000.5', currency: 'KZT' }] }] },
			{ limits: [{ transaction_type: 'pay' }] },
		]);
	});

	test('a list that is given twice, or is none, is refused', async () => {
		const limit = { transactionType: 'pay' };
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', objectValue: '1' };
		const twice = await run({ ...parameters, limits: { limit: [limit] }, additionalFields: { limitsJson: '[{"transaction_type":"pay"}]' } });
		expect(twice.error?.message).toMatch(/Limits is given both in fields and as JSON/);
		const none = await run({ ...parameters, additionalFields: { limitsJson: '[]' } });
		expect(none.error?.message).toMatch(/Limits/);
		const broken = await run({ ...parameters, additionalFields: { limitsJson: '[{"transaction_type":"pay","speed":1}]' } });
		expect(broken.error?.message).toMatch(/Limit 1 has no field "speed"/);
		expect(bodies()).toEqual([]);
	});

	test('switches as text', async () => {
		await run({ resource: 'card', operation: 'close', cardId: 'card-1001', description: 'x', waitForCompletion: '={{ "False" }}', options: { dryRun: '={{ "true" }}' } });
		expect(bodies()).toEqual([]);
	});
});
