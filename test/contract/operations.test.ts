import type { INodeParameters } from 'n8n-workflow';

import { methodOf } from '../../nodes/card-api/methods';
import { carriesRequestId, type Method } from '../../nodes/card-api/methods/define';
import { startSandbox, type Sandbox } from '../sandbox';
import { runCard, stored } from '../support/card';
import { documented } from './documented';

const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');
const CARD = 'card-1001';
const REQUEST = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Case {
	name: string;
	/** As the panel, or an agent, gives them: numbers as text, lists as JSON. */
	parameters: INodeParameters;
	/** The body on the wire, in its order, without the request id. */
	body: Record<string, unknown>;
	/** The ids that come out besides the answer. */
	ids?: Record<string, unknown>;
}

const PERSON = {
	phone: 77077070707,
	type: 1,
	resident: 2,
	first_name: 'Ivan',
	last_name: 'Ivanov',
};

const CASES: readonly Case[] = [
	{ name: 'card.close', parameters: { cardId: CARD, reason: 'Lost' }, body: { card_id: CARD, description: 'Lost' }, ids: { card_id: CARD } },
	{ name: 'card.unblock', parameters: { cardId: CARD, reason: 'Found' }, body: { card_id: CARD, description: 'Found' }, ids: { card_id: CARD } },
	{ name: 'card.resetPinCounter', parameters: { cardId: CARD }, body: { card_id: CARD }, ids: { card_id: CARD } },
	{ name: 'card.setPin', parameters: { cardId: CARD, additionalFields: { pin: '' } }, body: { card_id: CARD }, ids: { card_id: CARD } },
	{ name: 'card.get', parameters: { cardId: REQUEST, simplify: false }, body: { card_id: REQUEST }, ids: { card_id: REQUEST } },
	{
		name: 'card.linkClient',
		parameters: { cardId: CARD, clientId: 'client-2001' },
		body: { client_id: 'client-2001', card_id: CARD },
		ids: { client_id: 'client-2001', card_id: CARD },
	},
	{
		name: 'card.update',
		parameters: { cardId: CARD, additionalFields: { accountsJson: '={{ $json.accounts }}' } },
		body: { card_id: CARD, accounts: [{ iban: 'ES7921000813610123456789', currency: 'USD', type: 'IBAN' }] },
		ids: { card_id: CARD },
	},
	{
		name: 'card.getOperations',
		parameters: { cardId: CARD, startDate: '2025-01-01T00:00:00+05:00', endDate: '2025-01-31T23:59:59Z' },
		body: { card_id: CARD, start_date: '2025-01-01T00:00:00+05:00', end_date: '2025-01-31T23:59:59+00:00' },
		ids: { card_id: CARD },
	},
	{
		name: 'card.getExtendedStatement',
		parameters: { cardId: CARD, startDate: '2025-01-01T00:00:00+05:00', endDate: '2025-01-31T23:59:59+05:00', simplify: false },
		body: { card_id: CARD, start_date: '2025-01-01T00:00:00+05:00', end_date: '2025-01-31T23:59:59+05:00' },
		ids: { card_id: CARD },
	},
	{
		name: 'card.validateCardholder',
		parameters: {
			userPhone: '7077070707',
			firstName: 'Ivan',
			lastName: 'Ivanov',
			cardToken: '00000000-0000-0000-0000-000000000000',
		},
		body: {
			user_phone: '7077070707',
			first_name: 'Ivan',
			last_name: 'Ivanov',
			card_token: '00000000-0000-0000-0000-000000000000',
		},
		ids: { card_token: '00000000-0000-0000-0000-000000000000' },
	},
	{
		name: 'card.issue',
		parameters: {
			productId: '1000',
			firstName: 'Ivan',
			lastName: 'Ivanov',
			phone: '+7 707 707 07 07',
			country: 'kaz',
			personId: '900131300123',
			additionalFields: { birthdate: '1990-01-31', email: 'ivan@example.com' },
		},
		body: {
			product_id: 1000,
			cardholder: {
				first_name: 'Ivan',
				last_name: 'Ivanov',
				birthdate: '1990-01-31',
				phone: 77077070707,
				email: 'ivan@example.com',
				country: 'KAZ',
				person_id: '900131300123',
			},
		},
		ids: { product_id: 1000 },
	},
	{
		name: 'client.create',
		parameters: {
			productId: 1000,
			phone: '+7 (707) 707-07-07',
			type: '1',
			resident: 2,
			firstName: 'Ivan',
			lastName: 'Ivanov',
			country: 'KAZ',
			personId: '900131300123',
			document: 'data',
			address1: { address: { country: 'kaz', postalCode: 50000, city: 'Almaty', street: 'Abay Avenue', building: '10, apt. 5' } },
			address2: { address: { country: 'KAZ', postalCode: '050000', city: 'Almaty', street: 'Dostyk Avenue', building: '5' } },
			additionalFields: {
				branchId: '7',
				middleName: 'Ivanovich',
				birthdate: '1990-01-31',
				email: 'ivan@example.com',
				language: 'en',
				externalUserId: 'crm-4711',
				identificationInfo: { info: { idnDate: '2025-01-31T09:30:00+05:00', identifiedBy: 'Branch 7' } },
			},
		},
		body: {
			product_id: 1000,
			branch_id: '7',
			client: {
				...PERSON,
				middle_name: 'Ivanovich',
				birthdate: '1990-01-31',
				email: 'ivan@example.com',
				country: 'KAZ',
				person_id: '900131300123',
				language: 'en',
				document: PDF.toString('base64'),
				external_user_id: 'crm-4711',
				address1: { country: 'KAZ', postal_code: '50000', address_line1: 'Almaty', address_line2: 'Abay Avenue', address_line3: '10, apt. 5' },
				address2: { country: 'KAZ', postal_code: '050000', address_line1: 'Almaty', address_line2: 'Dostyk Avenue', address_line3: '5' },
				identification_info: { idn_date: '2025-01-31T09:30:00+05:00', identified_by: 'Branch 7' },
			},
		},
		ids: { product_id: 1000 },
	},
	{
		name: 'client.update',
		parameters: { clientId: 'client-1', productId: '={{ "3000" }}', phone: '+7 707 707 07 08' },
		body: { client_id: 'client-1', product_id: 3000, client: { phone: 77077070708 } },
		ids: { client_id: 'client-1' },
	},
	{
		name: 'limit.set',
		parameters: {
			objectType: 'card',
			cardId: '123456789',
			limits: {
				limit: [
					{
						transactionType: 'withdrawal_atm',
						region: '',
						period: 'month',
						amount: { amount: [{ type: 'max', value: '5000', currency: 'USD' }] },
					},
				],
			},
		},
		body: {
			object: { type: 'card', value: '123456789' },
			limits: [{ transaction_type: 'withdrawal_atm', period: 'month', amount: [{ type: 'max', value: '5000', currency: 'USD' }] }],
		},
		ids: { object: { type: 'card', value: '123456789' } },
	},
	{
		name: 'limit.getMany',
		parameters: { objectType: 'card', cardId: 123456789 },
		body: { object: { type: 'card', value: '123456789' } },
		ids: { object: { type: 'card', value: '123456789' } },
	},
	{
		name: 'transaction.refund',
		parameters: { orderId: 'order-1', transactionId: 'tx-1', refund: 'part', amount: '10.50', reason: 'Returned' },
		body: { order_id: 'order-1', transaction_id: 'tx-1', description: 'Returned', amount: 10.5 },
		ids: { order_id: 'order-1', transaction_id: 'tx-1', amount: 10.5 },
	},
	{ name: 'transaction.getStatus', parameters: { requestId: REQUEST }, body: { request_id: REQUEST }, ids: { request_id: REQUEST } },
	{ name: 'request.getStatus', parameters: { requestId: REQUEST }, body: { request_id: REQUEST }, ids: { request_id: REQUEST } },
	{ name: 'giftCard.confirm', parameters: { otp: '1234', cardId: '555' }, body: { otp: '1234', card_id: 555 }, ids: { card_id: 555 } },
];

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownIds: 'accept' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

function methodNamed(name: string): Method {
	const [resource = '', operation = ''] = name.split('.');
	const method = methodOf(resource, operation);
	if (method === undefined) throw new Error(`No method ${name}`);
	return method;
}

async function run(name: string, parameters: INodeParameters, items: unknown[] = [{}], more = {}) {
	const { resource, operation } = methodNamed(name);
	return await runCard(sandbox.credential, { resource, operation, ...parameters }, items as never, 'stopWorkflow', more);
}

const withDocument = {
	json: { accounts: '[{"iban":"ES79 2100 0813 6101 2345 6789","currency":"usd","type":"IBAN"}]' },
	binary: { data: { data: PDF.toString('base64'), mimeType: 'application/pdf', fileName: 'scan.pdf', fileExtension: 'pdf' } },
};

/** An answer with what no page knows, and with numbers that a double cannot hold. */
function answerText(method: Method): string {
	const known = JSON.stringify(method.sample.answer).slice(0, -1);
	return `${known},"a_new_field":{"inside":[1,"2"]},"a_new_id":12345678901234567890,"an_amount":9007199254740993.25}`;
}

test('every operation has its case', () => {
	expect(CASES.map(({ name }) => name).sort()).toEqual(Object.keys(documented).sort());
});

test.each(CASES.map((one): [string, Case] => [one.name, one]))('%s: request as documented, answer whole', async (name, { parameters, body, ids = {} }) => {
	const method = methodNamed(name);
	sandbox.faults.add({ kind: 'rawAfter', path: method.path, body: answerText(method) });
	const outcome = await run(name, { ...parameters, ...(method.entries === undefined ? {} : { options: { wholeAnswer: true } }) }, [withDocument]);
	expect(outcome.error?.message).toBeUndefined();

	const requests = sandbox.journal.to(method.path);
	expect(requests).toHaveLength(1);
	expect(requests[0]?.signatureVerified).toBe(true);
	const sent = JSON.parse(requests[0]?.rawBody.toString() ?? '') as Record<string, unknown>;
	const carriesId = carriesRequestId(method);
	if (carriesId) expect(sent.request_id).toMatch(UUID);
	const whole = carriesId ? { request_id: sent.request_id, ...body } : body;
	expect(requests[0]?.rawBody.toString()).toBe(JSON.stringify(whole));

	const [[item] = []] = stored(outcome);
	expect(item).toEqual({
		json: {
			...(method.is === 'read' ? {} : { outcome: 'done' }),
			...ids,
			...(method.is === 'command' ? { request_id: sent.request_id } : {}),
			...method.sample.answer,
			...(name === 'giftCard.confirm' ? { card_status_text: 'issued' } : {}),
			a_new_field: { inside: [1, '2'] },
			a_new_id: '12345678901234567890',
			an_amount: '9007199254740993.25',
		},
		pairedItem: { item: 0 },
	});
	expect(outcome.hints).toEqual([]);
});

test.each(CASES.filter(({ name }) => documented[name]?.example !== undefined).map(({ name }) => name))(
	'%s: the documented example comes out of the panel byte for byte',
	async (name) => {
		const method = methodNamed(name);
		const { request_id: id, ...rest } = documented[name]?.example ?? {};
		const { object, ...fields } = rest as { object?: { type: string; value: string } };
		const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
		const named = Object.entries(fields).filter(([, value]) => !Array.isArray(value)).map(([key, value]) => [camel(key), value]);
		const lists = Object.entries(fields).filter(([, value]) => Array.isArray(value)).map(([key]) => [`${key}Json`, `={{ $json.${key} }}`]);
		const parameters = Object.fromEntries(named) as INodeParameters;
		const isRequested = method.is === 'command';
		await run(name, {
			...parameters,
			additionalFields: Object.fromEntries(lists) as INodeParameters,
			...(object === undefined ? {} : { objectType: object.type, [`${object.type}Id`]: object.value }),
			...(!carriesRequestId(method) && id !== undefined ? { requestId: id as string } : {}),
			options: isRequested ? { requestId: id as string } : {},
		}, [fields]);
		const [request] = sandbox.journal.to(method.path);
		const sent = JSON.parse(request?.rawBody.toString() ?? '{}') as Record<string, unknown>;
		// A read that carries an id gets a new one each time.
		const expected = method.is === 'read' && method.requestId === 'fresh' ? { ...documented[name]?.example, request_id: sent.request_id } : documented[name]?.example;
		expect(sent).toEqual(expected);
	},
);

describe('an answer that does not come', () => {
	const commands = CASES.filter(({ name }) => methodNamed(name).is !== 'read');
	const reads = CASES.filter(({ name }) => methodNamed(name).is === 'read');
	const dropped = async (name: string, parameters: INodeParameters) => {
		const method = methodNamed(name);
		sandbox.faults.add({ kind: 'dropAfter', path: method.path });
		const outcome = await run(name, parameters, [withDocument]);
		return { method, outcome, requests: sandbox.journal.to(method.path) };
	};

	test.each(commands.map(({ name, parameters }): [string, INodeParameters] => [name, parameters]))('%s: acts at most once', async (name, parameters) => {
		const { method, outcome, requests } = await dropped(name, parameters);
		expect(requests).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(1);
		if (method.is === 'command') {
			expect(outcome.error).toBeUndefined();
			expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_status: 'success', outcome: 'done' });
		} else {
			expect(outcome.error?.message).toMatch(/It is unknown whether FreedomPay carried out the command/);
		}
	});

	test.each(reads.map(({ name, parameters }): [string, INodeParameters] => [name, parameters]))('%s: is read again', async (name, parameters) => {
		const { method, requests } = await dropped(name, parameters);
		expect(requests).toHaveLength(2);
		const [first, second] = requests.map(({ requestId }) => requestId);
		if (method.is === 'read' && method.requestId === 'fresh') expect(first).not.toBe(second);
		else expect(first).toBe(second);
		expect(sandbox.ledger.all).toEqual([]);
	});
});
