import type { INodeParameters } from 'n8n-workflow';

import { bodiesOf, useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { runInTurn, runJobContinuing } from '../support/runs';

/* The fields of Create Client: what a product needs, phone numbers, documents. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const PDF = Buffer.from('%PDF-1.4\n%%EOF\n');
const run = async (parameters: INodeParameters, items?: unknown[]) => await runInTurn(sandbox, parameters, items);
const bodies = () => bodiesOf(sandbox);

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
		const outcome = await runJobContinuing(sandbox, { parameters: clients, items: files, run: { onCredentialLookup } });
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
		// Another scan stands in other bytes under the same ID, as it has to.
		sandbox.journal.clear();
	});
});
