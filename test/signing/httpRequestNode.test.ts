import { Readable } from 'node:stream';

import { useSandbox } from '../support/bench';
import { startListener, type Listener } from '../support/listener';
import { fromHttpRequestNode, fromOwnNode, makeRequests } from '../support/requester';
import { expectAllSigned } from '../support/signatures';

/* n8n's HTTP Request node, and other nodes, with the credential. */

const JSON_TYPE = { 'content-type': 'application/json' };
const sandbox = useSandbox({ partnerKey: 'pärtner-key 🔑' });

let elsewhere: Listener;

beforeAll(async () => {
	elsewhere = await startListener();
});

afterAll(async () => await elsewhere.stop());

const refusals = (items: ReadonlyArray<{ json: Record<string, unknown> }>) => items.map(({ json }) => json.refused ?? '');

describe('the HTTP Request node with the credential', () => {
	const url = () => `${sandbox.url}/v5/card-api/card/close`;

	test.each<[string, Record<string, unknown>, string]>([
		['JSON', { body: { a: { b: [1, 'é"\n'] } } }, '{"a":{"b":[1,"é\\"\\n"]}}'],
		['JSON with the answer as JSON', { body: { a: 1 }, json: true, useStream: undefined }, '{"a":1}'],
		['fields', { body: { card_id: 'card-1001', description: 'Lost' } }, '{"card_id":"card-1001","description":"Lost"}'],
		['raw JSON', { body: ' {"amount": 1.10,\n"id": 12345678901234567890}\n', headers: JSON_TYPE }, ' {"amount": 1.10,\n"id": 12345678901234567890}\n'],
		['raw JSON with a charset', { body: '{"a":"é"}', headers: { 'content-type': 'application/json; charset=utf-8' } }, '{"a":"é"}'],
		['a JSON file', { body: Buffer.from('{"a":1}'), headers: { ...JSON_TYPE, 'content-length': 7 } }, '{"a":1}'],
		['an empty object', { body: {} }, '{}'],
		['an empty object as text', { body: '{}', headers: JSON_TYPE }, '{}'],
	])('sends %s as signed', async (_kind, given, bytes) => {
		const { items } = await makeRequests(sandbox.credential, [fromHttpRequestNode(url(), given)]);
		expect(refusals(items[0] ?? [])).toEqual(['']);
		expect(sandbox.journal.all.map(({ rawBody }) => rawBody.toString('utf8'))).toEqual([bytes]);
		expectAllSigned(sandbox, 'HS512');
	});

	test('signs the query as params', async () => {
		await makeRequests(sandbox.credential, [
			fromHttpRequestNode(url(), { body: {}, qs: { page: 1, name: 'a b&c', tag: ['x', 'y'] } }),
			fromHttpRequestNode(`${url()}?a=%2F&b=é`, { body: {} }),
			fromOwnNode(url(), { body: {}, qs: { page: 1, name: 'Ж' } }),
		]);
		expect(sandbox.journal.all.map(({ query }) => query)).toEqual(['page=1&name=a+b%26c&tag=x&tag=y', 'a=%2F&b=%C3%A9', 'page=1&name=%D0%96']);
		expectAllSigned(sandbox, 'HS512');
	});

	test('gets a refusal that says what to change, and nothing leaves', async () => {
		const stream = (type: string) => ({ body: Readable.from(['{}']), headers: { 'content-type': type } });
		const authority = new URL(sandbox.url).host;
		const cases: Array<[Record<string, unknown>, RegExp]> = [
			[{ form: { a: '1' } }, /JSON only.*Body Content Type/],
			[{ formData: { a: '1' } }, /JSON only.*Body Content Type/],
			[stream('application/octet-stream'), /JSON only.*Body Content Type/],
			[stream('application/json'), /JSON only.*Body Content Type/],
			[{ body: 'a=1', headers: { 'content-type': 'text/plain' } }, /JSON only/],
			[{ body: '{"a":', headers: JSON_TYPE }, /not valid JSON/],
			[{ body: '"text"', headers: JSON_TYPE }, /not a JSON object/],
			[{ body: { when: new Date(0) } }, /"when".*Date/],
			[{ body: { amount: NaN } }, /"amount".*NaN/],
			[{ body: JSON.parse('{"__proto__":1}') as object }, /"__proto__"/],
			[{}, /Turn on Send Body/],
			[{ method: 'GET' }, /Set Method to POST/],
			[{ body: {}, uri: `${elsewhere.url}/v5/card-api/card/close` }, /signs requests to .* only/],
			[{ body: {}, uri: `https://${authority}/v5/card-api/card/close` }, /signs requests to .* only/],
			[{ body: {}, uri: `http://user:word@${authority}/v5/card-api/card/close` }, /user name or password/],
		];
		const { items } = await makeRequests(sandbox.credential, cases.map(([given]) => fromHttpRequestNode(url(), given)));
		for (const [index, refusal] of refusals(items[0] ?? []).entries()) expect(refusal).toMatch(cases[index]?.[1] ?? /never/);
		expect(sandbox.journal.counts().received).toBe(0);
		expect(sandbox.gauges.connectionsOpened).toBe(0);
		expect(elsewhere.received).toEqual([]);
	});
});

test('a node of one\'s own cannot send elsewhere, a form or a half-signed request', async () => {
	const path = '/v5/card-api/card/close';
	const { items } = await makeRequests(sandbox.credential, [
		fromOwnNode(elsewhere.url + path, { body: {} }),
		fromOwnNode(path, { baseURL: elsewhere.url, body: {} }),
		fromOwnNode(sandbox.url + path, { body: new URLSearchParams({ a: '1' }) }),
		fromOwnNode(sandbox.url + path, { body: new FormData() }),
		fromOwnNode(sandbox.url + path, { body: { id: 1n } as never }),
		fromOwnNode(sandbox.url + path, { method: 'GET' }),
	]);
	expect(refusals(items[0] ?? []).every((refusal) => refusal !== '')).toBe(true);
	expect(sandbox.journal.counts().received + elsewhere.received.length).toBe(0);
});
