import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { failedItems, runCard, stored } from '../support/card';

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownIds: 'accept' });
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
		const outcome = await run({ ...STATEMENT, startDate });
		expect(outcome.error?.message).toBeUndefined();
		expect(bodies()).toEqual([{ card_id: 'card-1001', start_date: wire }]);
	});

	test.each([
		['yesterday', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-02-31T09:30:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-01-31T25:30:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['2025-01-31T09:30:00+99:00', /Start Date must be a date such as 2025-01-31, or a date and time/],
		['={{ 1738315800000 }}', /Start Date must be a date such as 2025-01-31, or a date and time/],
		["={{ DateTime.fromISO('nonsense') }}", /Start Date/],
	])('%s is refused', async (startDate, message) => {
		expect((await run({ ...STATEMENT, startDate })).error?.message).toMatch(message);
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
	const ADDRESS = { country: 'kaz', postalCode: '050000', city: 'Almaty', street: 'Abay Avenue', building: '10' };
	const SENT_ADDRESS = { country: 'KAZ', postal_code: '050000', address_line1: 'Almaty', address_line2: 'Abay Avenue', address_line3: '10' };
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
		address1: { address: ADDRESS },
		address2: { address: ADDRESS },
	};
	const item = { json: {}, binary: { data: data(PDF) } };

	test.each(['country', 'personId', 'document', 'address1', 'address2'])('product 1000 needs %s', async (name) => {
		const outcome = await run({ ...wallet, [name]: name.startsWith('address') ? {} : `={{ '' }}` }, [item]);
		expect(outcome.error?.message).toMatch(/must not be empty for a Freedom Wallet Card \(product 1000\)/);
		expect(bodies()).toEqual([]);
	});

	test.each([2000, 3000])('product %s does not, and takes them as additional fields', async (productId) => {
		const { resource, operation, phone, type, resident, firstName, lastName } = wallet;
		const basic = { resource, operation, phone, type, resident, firstName, lastName, productId };
		await run(basic);
		await run({ ...basic, additionalFields: { country: 'KAZ', address1: { address: ADDRESS }, document: 'data' } }, [item]);
		const client = { phone: 77077070707, type: 1, resident: 1, first_name: 'Ivan', last_name: 'Ivanov' };
		expect(bodies()).toMatchObject([
			{ product_id: productId, client },
			{ product_id: productId, client: { ...client, country: 'KAZ', document: PDF.toString('base64'), address1: SENT_ADDRESS } },
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
		['an address without a city', { address1: { address: { ...ADDRESS, city: '={{ $json.city }}' } } }, item, /City of Registration Address must not be empty/],
	])('%s: refused', async (_, change, one, message) => {
		const outcome = await run({ ...wallet, ...change }, [one]);
		expect(outcome.error?.message).toMatch(message);
		expect(bodies()).toEqual([]);
	});

	test('all that is missing is told at once', async () => {
		const { error } = await run({ ...wallet, country: "={{ '' }}", personId: '={{ null }}', document: '={{ undefined }}', address2: {}, firstName: 'Иван' }, [item]);
		expect(error?.message).toMatch(
			/^First Name must be written in Latin letters, not "Иван"\. Country, Person ID, Document and Residential Address must not be empty for a Freedom Wallet Card \(product 1000\)/,
		);
		expect(error?.description).toMatch(/First Name, Country, Person ID, Document and Residential Address/);
		const nothing = await run({ ...wallet, productId: 2000, phone: '={{ $json.p }}', firstName: '={{ $json.f }}', lastName: '={{ $json.l }}' });
		expect(nothing.error?.message).toMatch(/^Phone, First Name and Last Name must not be empty/);
		expect(bodies()).toEqual([]);
	});

	test.each([
		['with a plus and signs', '+7 (707) 707-07-07', 77077070707],
		['as a number', 77077070707, 77077070707],
		['of Russia', '7 495 123-45-67', 74951234567],
		['of Kyrgyzstan', '+996 555 123 456', 996555123456],
		['of Vietnam, with its plus', '+84 912 345 678', 84912345678],
	])('a phone number %s', async (_, phone, wire) => {
		await run({ ...wallet, phone }, [item]);
		expect(bodies()).toMatchObject([{ client: { phone: wire } }]);
	});

	const NO_PHONE = /^Phone must be a phone number with its country code/;
	test.each([
		['8 707 70', NO_PHONE],
		['+7 707 707 07', NO_PHONE],
		['77077', NO_PHONE],
		['+7 707 707 07 07 1', NO_PHONE],
		['7077070707', NO_PHONE],
		['8 (707) 707-07-07', /^Phone needs its country code\. Write it as \+7 707 707 0707(?: |$)/],
		['8 495 123 45 67', /^Phone needs its country code\. Write it as \+7 495 123 45 67/],
		['84912345678', /^Phone needs its country code\. Write it as \+7 491 234 56 78, or as \+84 912 345 678 if that is meant/],
	])('the phone number %j is refused', async (phone, message) => {
		expect((await run({ ...wallet, phone }, [item])).error?.message).toMatch(message);
		expect(bodies()).toEqual([]);
	});

	test('a document of exactly 2 MB is sent', async () => {
		const content = Buffer.concat([PDF, Buffer.alloc(2 * 1024 * 1024 - PDF.length)]);
		const outcome = await run(wallet, [{ json: {}, binary: { data: data(content) } }]);
		expect(outcome.error?.message).toBeUndefined();
		expect((bodies()[0]?.client as { document: string }).document).toBe(content.toString('base64'));
	});

	test.each<[string, (binary: { data: string }) => void, RegExp]>([
		['is another one when it is to be sent', (binary) => (binary.data = Buffer.from('%PDF-1.4 of somebody else').toString('base64')), /Document is another file than the one that was checked/],
		['is gone when it is to be sent', (binary) => Object.assign(binary, { id: 'filesystem-v2:gone' }), /binary data/],
	])('a document that %s is not sent, and the others are', async (_, change, reason) => {
		const files = [PDF, PDF].map((content) => ({ json: {}, binary: { data: data(content) } }));
		const clients = { ...wallet, personId: '={{ $itemIndex }}', options: { maxParallelRequests: 1 } };
		// The credential is looked up when all items are checked and none is sent yet.
		const onCredentialLookup = () => change(files[0]?.binary.data as { data: string });
		const outcome = await runCard(sandbox.credential, clients, files, 'continueErrorOutput', { onCredentialLookup });
		expect(failedItems(outcome)).toMatchObject([[0, { outcome: 'not_done', next_step: expect.stringMatching(reason) as string }]]);
		expect(failedItems(outcome)[0]?.[1].message).toMatch(/could not be read again/);
		expect(sandbox.ledger.all).toHaveLength(1);
		expect((bodies()[0]?.client as { document: string }).document).toBe(PDF.toString('base64'));
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
		expect(stored(again)[0]?.[0]?.json).toMatchObject({ outcome: 'done_before' });
		expect(sandbox.ledger.all).toHaveLength(1);
		await run({ ...event, personId: '900131300999' }, [item]);
		await run({ ...event, firstName: 'Johann' }, [item]);
		expect(sandbox.ledger.all).toHaveLength(3);
	});
});

describe('Refund', () => {
	const refund = (given: INodeParameters, item = {}) =>
		run({ resource: 'transaction', operation: 'refund', orderId: 'o-1', transactionId: 't-1', ...given }, [item]);

	test('in full, the amount is left out', async () => {
		await refund({ refund: 'full' });
		expect(Object.keys(bodies()[0] ?? {})).toEqual(['request_id', 'order_id', 'transaction_id']);
	});

	test.each(['', '={{ $json.missing }}', '={{ null }}', '={{ "" }}'])('an amount that turns out empty (%j) is no full refund', async (amount) => {
		expect((await refund({ amount })).error?.message).toMatch(/^Amount (?:must not be empty|is an expression that gives nothing)/);
		expect(bodies()).toEqual([]);
	});

	test.each(['abc', '1,5', '0x10', '-1', '12345678901234567.89', '={{ [] }}'])('the amount %j is refused', async (amount) => {
		expect((await refund({ amount })).error?.message).toMatch(/^Amount /);
		expect(bodies()).toEqual([]);
	});
});

describe('statements', () => {
	const operationsAnswer = (operations: unknown) => JSON.stringify({ status: 'ok', request_status: 'success', operations, dt: 'x' });

	test('give one item per operation, paired with its input', async () => {
		const body = operationsAnswer([{ type: 'pay', amount: 1500.5 }, { type: 'withdrawal', amount: 20000 }]);
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', times: 2, body });
		const outcome = await run({ ...STATEMENT, cardId: '={{ $json.card }}' }, [{ card: 'card-1001' }, { card: 'card-1002' }]);
		const [items = []] = stored(outcome);
		expect(items.map(({ json, pairedItem }) => [json.card_id, json.type, json.amount, pairedItem])).toEqual([
			['card-1001', 'pay', 1500.5, { item: 0 }],
			['card-1001', 'withdrawal', 20000, { item: 0 }],
			['card-1002', 'pay', 1500.5, { item: 1 }],
			['card-1002', 'withdrawal', 20000, { item: 1 }],
		]);
	});

	test('give 50 items at most, fewer with a Limit, all with Return All', async () => {
		const many = operationsAnswer(Array.from({ length: 60 }, (_, number) => ({ number })));
		for (const [settings, count] of [[{}, 50], [{ limit: 3 }, 3], [{ limit: '={{ 7 }}' }, 7], [{ returnAll: true }, 60]] as const) {
			sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: many });
			const [items = []] = stored(await run({ ...STATEMENT, ...settings }));
			expect([settings, items.map(({ json }) => json.number)]).toEqual([settings, Array.from({ length: count }, (_, number) => number)]);
		}
	});

	test.each([0, -1, 1.5, 'x'])('a Limit of %j is refused', async (limit) => {
		expect((await run({ ...STATEMENT, limit })).error?.message).toMatch(/^Limit must be a/);
		expect(bodies()).toEqual([]);
	});

	test('no operation gives no item, and a hint; an answer without the list stays whole', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: operationsAnswer([]) });
		const none = await run(STATEMENT);
		expect(stored(none)[0] ?? []).toEqual([]);
		expect(none.hints.map(({ message }) => message)).toEqual([expect.stringMatching(/^FreedomPay's answer to Get Operations has no entries, so nothing goes on from there\. .*Always Output Data/)]);
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","list":1,"dt":"x"}' });
		expect(stored(await run(STATEMENT))[0]).toMatchObject([{ json: { list: 1 } }]);
	});

	test('Whole Answer gives the answer as one item, uncut', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: operationsAnswer([{ number: 1 }, { number: 2 }]) });
		const outcome = await run({ ...STATEMENT, limit: 1, options: { wholeAnswer: true } });
		expect(stored(outcome)[0]).toMatchObject([{ json: { card_id: 'card-1001', request_status: 'success', operations: [{ number: 1 }, { number: 2 }] } }]);
	});

	test('limits, whose list has no documented name: the only list of the answer', async () => {
		const listLimits = { resource: 'limit', operation: 'getMany', objectType: 'card', cardId: 'card-1001' };
		const answered = async (body: string) => {
			sandbox.faults.add({ kind: 'rawAfter', path: 'limits/list', body });
			return stored(await run(listLimits))[0]?.map(({ json }) => json);
		};
		const object = { type: 'card', value: 'card-1001' };
		expect(await answered('{"status":"ok","active":[{"period":"day"},{"period":"month"}]}')).toMatchObject([{ object, period: 'day' }, { object, period: 'month' }]);
		expect(await answered('{"status":"ok","a":[{"period":"day"}],"b":[]}')).toMatchObject([{ object, status: 'ok', a: [{ period: 'day' }], b: [] }]);
	});

	test('what limits are about is the ID of the type that came out, whatever the other IDs hold', async () => {
		const parameters = { resource: 'limit', operation: 'getMany', objectType: '={{ $json.type }}', accountId: 'account-1', cardId: '={{ $json.card }}', clientId: '' };
		const outcome = await runCard(sandbox.credential, parameters, [{ type: 'card', card: 'card-1001' }, { type: 'account' }, { type: 'client' }, { type: 'cards' }] as never, 'continueErrorOutput', { executionId: 'of types' });
		expect(bodies().map(({ object }) => object)).toEqual([{ type: 'card', value: 'card-1001' }, { type: 'account', value: 'account-1' }]);
		const told = failedItems(outcome).map(([, { message }]) => message);
		expect(told[0]).toMatch(/^Client ID must not be empty/);
		expect(told[1]).toMatch(/^Object Type must be one of account, card, client/);
		expect(told[1]).not.toContain('ID');
		expect(told).toHaveLength(2);
	});

	test.each(['getOperations', 'getExtendedStatement'])('%s: a start after the end is refused, the same moment is not', async (operation) => {
		const period = (startDate: string, endDate: string) => run({ ...STATEMENT, operation, startDate, endDate });
		const wrong = await period('2025-02-01T00:00:00Z', '2025-02-01T04:00:00+05:00');
		expect(wrong.error?.message).toMatch(/^Start Date \(2025-02-01T00:00:00\+00:00\) must not be after End Date \(2025-02-01T04:00:00\+05:00\)/);
		expect(bodies()).toEqual([]);
		expect((await period('2025-02-01T00:00:00Z', '2025-02-01T05:00:00+05:00')).error).toBeUndefined();
	});

	test('a time without a zone leaves a hint that names the zone of the workflow', async () => {
		const hintsOf = async (parameters: INodeParameters) => (await run({ ...STATEMENT, ...parameters })).hints.map(({ message }) => message);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00', endDate: '2025-02-01 09:30' })).toEqual([
			'Start Date and End Date have no time zone, so the time zone of the workflow counts: America/New_York.',
		]);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00Z', endDate: '2025-02-01T09:30:00' })).toEqual([
			'End Date has no time zone, so the time zone of the workflow counts: America/New_York.',
		]);
		expect(await hintsOf({ startDate: '2025-01-31T09:30:00+05:00', endDate: '={{ DateTime.now() }}', returnAll: true })).toEqual([]);
	});

	test('an operation with a field "error" is no failed item', async () => {
		sandbox.faults.add({ kind: 'rawAfter', path: 'statement', body: '{"status":"ok","request_status":"success","operations":[{"type":"x","error":"y"}],"dt":"x"}' });
		const outcome = await run(STATEMENT);
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
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', cardId: '1', additionalFields: { limitsJson: '={{ $json.limits }}' } };
		await run(parameters, [
			{ limits: '[{"transaction_type":"pay","amount":[{"type":"max","value":5000.5,"currency":"kzt"}]}]' },
			{ limits: [{ transactionType: 'pay', period: 'day', amount: { amount: [{ type: 'max', value: '1', currency: 'KZT' }] } }] },
		]);
		expect(bodies()).toMatchObject([
			{ limits: [{ transaction_type: 'pay', amount: [{ type: 'max', value: '5000.5', currency: 'KZT' }] }] },
			{ limits: [{ transaction_type: 'pay', period: 'day', amount: [{ type: 'max', value: '1', currency: 'KZT' }] }] },
		]);
	});

	test('a list that is given twice, or is none, is refused', async () => {
		const limit = { transactionType: 'pay' };
		const parameters = { resource: 'limit', operation: 'set', objectType: 'card', cardId: '1' };
		const twice = await run({ ...parameters, limits: { limit: [limit] }, additionalFields: { limitsJson: '[{"transaction_type":"pay"}]' } });
		expect(twice.error?.message).toMatch(/Limits is given both in fields and as JSON/);
		const none = await run({ ...parameters, additionalFields: { limitsJson: '[]' } });
		expect(none.error?.message).toMatch(/Limits/);
		const broken = await run({ ...parameters, additionalFields: { limitsJson: '[{"transaction_type":"pay","speed":1}]' } });
		expect(broken.error?.message).toMatch(/Limit 1 has no field "speed"/);
		expect(bodies()).toEqual([]);
	});

	test('switches as text', async () => {
		await run({ resource: 'card', operation: 'close', cardId: 'card-1001', reason: 'x', waitForCompletion: '={{ "False" }}', options: { dryRun: '={{ "true" }}' } });
		expect(bodies()).toEqual([]);
	});
});
