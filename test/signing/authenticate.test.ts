import { Readable } from 'node:stream';

import fc from 'fast-check';
import { DateTime } from 'luxon';

import { signPayload } from '../../nodes/card-api/signing/detachedJws';
import { bodies, bodyTexts } from '../support/arbitraries';
import { authenticate, credential, HOST, messageOf, post, signatureOf } from '../support/authenticate';
import { fromHttpRequestNode, fromOwnNode } from '../support/requester';
import { openSignature, PUBLISHED, SIBLINGS } from '../support/signatures';

describe('the published example', () => {
	const { url, body, signature } = PUBLISHED;

	test.each<[string, object]>([
		['an object, as a node builds it', fromOwnNode(url, { body: JSON.parse(body) as never }).options],
		['text', fromOwnNode(url, { body }).options],
		['bytes', fromOwnNode(url, { body: Buffer.from(body) }).options],
		['a path alone', fromOwnNode('/v5/card-api/request/status', { body }).options],
		['a path and a base URL', fromOwnNode('/v5/card-api/request/status', { baseURL: 'https://test-api.freedompay.kz/', body }).options],
		['the HTTP Request node with JSON', fromHttpRequestNode(url, { body: JSON.parse(body) as object, json: true }).options],
		['the HTTP Request node with raw text', fromHttpRequestNode(url, { body, headers: { 'content-type': 'application/json' } }).options],
	])('comes out byte for byte from %s', async (_shape, request) => {
		const signed = await authenticate(request, PUBLISHED.credential);
		expect(signatureOf(signed)).toBe(signature);
		expect(signed.body.toString('utf8')).toBe(body);
		expect(signed.url ?? signed.uri).toBe(url);
		expect(signed).not.toHaveProperty('baseURL');
	});
});

test.each(SIBLINGS)('the published example of a sibling API comes out byte for byte: $name', async ({ key, header, body, signature }) => {
	const encoded = Buffer.from(header).toString('base64url');
	const signed = await signPayload(Buffer.from(body), JSON.parse(header) as Record<string, unknown>, key);
	expect(signed).toBe(`${encoded}..${signature}`);
	expect(openSignature(signed, Buffer.from(body), key)).toMatchObject({ verified: true, detached: true });
});

describe.each(['HS512', 'HS256'] as const)('any body with %s', (algorithm) => {
	const fields = { ...credential, algorithm };
	const headers = {
		HS512: '{"uri":"/v5/card-api/card/close","auth_id":"123456","method":"POST","params":"","alg":"HS512"}',
		HS256: '{"alg":"HS256","typ":"JWT","auth_id":"123456","uri":"/v5/card-api/card/close","method":"POST","params":""}',
	};

	async function expectSigned(request: object): Promise<Buffer> {
		const signed = await authenticate(request, fields);
		const { verified, detached, header } = openSignature(signatureOf(signed), signed.body, credential.partnerKey);
		expect({ verified, detached }).toEqual({ verified: true, detached: true });
		// The order of the keys is part of what is signed.
		expect(JSON.stringify(header)).toBe(headers[algorithm]);
		return signed.body;
	}

	test('that is an object says the same as its bytes', async () => {
		await fc.assert(
			fc.asyncProperty(bodies, async (body) => {
				const bytes = await expectSigned(post(body));
				expect(bytes.toString('utf8')).toBe(JSON.stringify(body));
			}),
		);
	});

	test('that is text or bytes goes out as it was typed', async () => {
		await fc.assert(
			fc.asyncProperty(bodyTexts, fc.boolean(), async (text, asBytes) => {
				const typed = Buffer.from(text, 'utf8');
				expect((await expectSigned(post(asBytes ? typed : text))).equals(typed)).toBe(true);
			}),
		);
	});

	test('is signed right again when it is signed a second time', async () => {
		await fc.assert(
			fc.asyncProperty(bodyTexts, fc.boolean(), async (text, legacy) => {
				const url = `${HOST}/v5/card-api/card/close`;
				const first = legacy
					? fromHttpRequestNode(url, { body: text, qs: { page: 'a b' } }).options
					: fromOwnNode('/v5/card-api/card/close', { baseURL: HOST, body: text, qs: { page: 'a b' } }).options;
				const once = await authenticate(first, fields);
				expect(await authenticate(once, fields)).toEqual(once);
			}),
			{ numRuns: 25 },
		);
	});

	test('changes the signature with its last byte', async () => {
		const [one, other] = await Promise.all([authenticate(post('{"a":1}'), fields), authenticate(post('{"a":1} '), fields)]);
		expect(signatureOf(one)).not.toBe(signatureOf(other));
		expect(openSignature(signatureOf(one), other.body, credential.partnerKey).verified).toBe(false);
	});
});

describe('numbers, dates and half characters', () => {
	test('a byte order mark before text or bytes is neither signed nor sent', async () => {
		const typed = '{"a": 1.10}';
		for (const body of [`\ufeff${typed}`, Buffer.from(`\ufeff${typed}`)]) {
			for (const request of [post(body), fromHttpRequestNode(`${HOST}/v5/card-api/card/close`, { body }).options]) {
				const once = await authenticate(request);
				expect(once.body.toString('utf8')).toBe(typed);
				expect(openSignature(signatureOf(once), once.body, credential.partnerKey).verified).toBe(true);
				expect(await authenticate(once)).toEqual(once);
			}
		}
	});

	test('numbers in typed JSON stay as typed', async () => {
		const typed = '{"a":12345678901234567890,"b":1.10,"c":1e21,"d":-0}';
		expect((await authenticate(post(typed))).body.toString()).toBe(typed);
		expect((await authenticate(fromHttpRequestNode(`${HOST}/x`, { body: typed }).options)).body.toString()).toBe(typed);
	});

	test('a Luxon date and time becomes ISO 8601 with its offset', async () => {
		const at = DateTime.fromISO('2025-01-31T09:30:00', { zone: 'Asia/Almaty' });
		const { body } = await authenticate(post({ at, list: [at] }));
		expect(JSON.parse(body.toString())).toEqual({ at: '2025-01-31T09:30:00.000+05:00', list: ['2025-01-31T09:30:00.000+05:00'] });
	});

	test('half of a surrogate pair is escaped in a built body', async () => {
		expect((await authenticate(post({ name: 'a\ud83d' }))).body.toString()).toBe('{"name":"a\\ud83d"}');
	});

	test('an empty object is a body', async () => {
		for (const request of [post({}), fromHttpRequestNode(`${HOST}/x`, { body: {} }).options]) {
			expect((await authenticate(request)).body.toString()).toBe('{}');
		}
	});

	test('objects of another realm and without a prototype are objects', async () => {
		const { body } = await authenticate(post({ inner: Object.assign(Object.create(null) as object, { a: 1 }) }));
		expect(body.toString()).toBe('{"inner":{"a":1}}');
	});
});

describe('a value that JSON would drop, change or choke on is refused with its path', () => {
	const holed: unknown[] = [1];
	holed[2] = 3;
	class Amount {
		value = 1;
	}
	test.each<[string, unknown, string]>([
		['undefined', undefined, 'is missing'],
		['NaN', NaN, 'NaN'],
		['Infinity', Infinity, 'Infinity'],
		['minus Infinity', -Infinity, '-Infinity'],
		['a BigInt', 10n, 'bigint'],
		['a Symbol', Symbol('s'), 'symbol'],
		['a function', () => 1, 'function'],
		['a Date', new Date(0), 'Date'],
		['a Buffer', Buffer.from('x'), 'Buffer'],
		['a Map', new Map(), 'Map'],
		['a boxed number', Object(1), 'Number'],
		['an object of a class', new Amount(), 'Amount'],
		['an object with a method', { toJSON: () => 'x' }, '.toJSON'],
		['an invalid Luxon date', DateTime.invalid('no'), 'invalid date'],
		['a list with a hole', holed, '[1]'],
	])('%s', async (_name, value, reason) => {
		for (const [body, path] of [
			[{ accounts: [{ iban: value }] }, 'accounts[0].iban'],
			[{ top: value }, 'top'],
		] as const) {
			const message = await messageOf(authenticate(post(body)));
			expect(message).toContain(path);
			expect(message).toContain(reason);
		}
	});

	test('an object that inherits from one without a prototype', async () => {
		const strange: unknown = Object.create(Object.create(null) as object);
		expect(await messageOf(authenticate(post({ top: strange })))).toContain('"top"');
	});

	test.each(['__proto__', 'constructor', 'prototype'])('the name %s', async (name) => {
		const text = `{"a":[{"${name}":{"polluted":true}}]}`;
		for (const body of [text, Buffer.from(text), JSON.parse(text)]) {
			expect(await messageOf(authenticate(post(body)))).toContain(`a[0].${name}`);
		}
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});
});

describe('a request that is not one of the Card API is refused, and the message says what to change', () => {
	const url = `${HOST}/v5/card-api/card/close`;
	const own = (more: object) => fromOwnNode(url, { body: { a: 1 }, ...more }).options;
	const legacy = (more: object) => fromHttpRequestNode(url, { body: { a: 1 }, ...more }).options;
	const stream = () => Readable.from(['{"a":1}']);
	const json = { 'content-type': 'application/json' };

	test.each<[string, object, RegExp]>([
		['another host', own({ url: 'https://evil.example/v5/card-api/card/close' }), /api\.freedompay\.kz only, not to https:\/\/evil\.example.*Change the URL/],
		['another host, HTTP Request node', legacy({ uri: 'https://evil.example/x' }), /only, not to https:\/\/evil\.example/],
		['a host that begins alike', own({ url: 'https://api.freedompay.kz.evil.example/x' }), /not to https:\/\/api\.freedompay\.kz\.evil\.example/],
		['the test host', own({ url: 'https://test-api.freedompay.kz/x' }), /Environment/],
		['another port', own({ url: 'https://api.freedompay.kz:8443/x' }), /:8443/],
		['plain http', own({ url: 'http://api.freedompay.kz/x' }), /not to http:/],
		['another base URL', own({ url: '/x', baseURL: 'https://evil.example' }), /evil\.example/],
		['a user in the URL', own({ url: 'https://user:hunter2@api.freedompay.kz/x' }), /user name or password.*Remove/],
		['a user in the URL, HTTP Request node', legacy({ uri: 'https://user@api.freedompay.kz/x' }), /user name or password/],
		['no URL', legacy({ uri: 'https://' }), /URL is not valid/],
		['GET', own({ method: 'GET' }), /Set Method to POST/],
		['GET, HTTP Request node', legacy({ method: 'GET', body: undefined }), /Set Method to POST/],
		['PUT', legacy({ method: 'PUT' }), /Set Method to POST/],
		['no method', { url, body: { a: 1 } }, /Set Method to POST/],
		['no body', own({ body: undefined }), /Send Body/],
		['no body, HTTP Request node', legacy({ body: undefined }), /Send Body/],
		['empty text', legacy({ body: '' }), /Send Body/],
		['a form', legacy({ body: undefined, form: { a: '1' } }), /Body Content Type to JSON/],
		['a form beside a body', legacy({ form: { a: '1' } }), /Body Content Type to JSON/],
		['a multipart form', legacy({ body: undefined, formData: { a: '1' } }), /Body Content Type to JSON/],
		['form parameters', own({ body: new URLSearchParams({ a: '1' }) }), /JSON/],
		['form data', own({ body: new FormData() }), /JSON/],
		['a stream', legacy({ body: stream(), headers: { 'content-type': 'application/octet-stream' } }), /JSON/],
		['a stream that calls itself JSON', legacy({ body: stream(), headers: json }), /JSON/],
		['a file', legacy({ body: Buffer.from('%PDF'), headers: { 'content-type': 'application/pdf' } }), /JSON/],
		['plain text', legacy({ body: 'a=1', headers: { 'content-type': 'text/plain' } }), /JSON/],
		['a form that calls itself by another case', own({ headers: { 'CONTENT-TYPE': 'application/x-www-form-urlencoded' } }), /JSON/],
		['text that is no JSON', legacy({ body: '{"a":1', headers: json }), /not valid JSON/],
		['text that is no JSON object', legacy({ body: '5', headers: json }), /not a JSON object/],
		['null as text', legacy({ body: 'null', headers: json }), /not a JSON object/],
		['half a surrogate pair in text', legacy({ body: '{"a":"\ud83d"}', headers: json }), /surrogate/],
		['bytes that are no UTF-8', own({ body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }), /UTF-8/],
		['two byte order marks', own({ body: Buffer.from('\ufeff\ufeff{}') }), /not valid JSON/],
		['a body that is nested too deep', own({ body: JSON.parse(`${'{"a":'.repeat(501)}1${'}'.repeat(501)}`) as never }), /nested more than 500 levels deep/],
		['text that is nested too deep', legacy({ body: `${'['.repeat(100_000)}${']'.repeat(100_000)}`, headers: json }), /nested more than 500 levels deep/],
	])('%s', async (_name, request, message) => {
		expect(await messageOf(authenticate(request))).toMatch(message);
	});
});

describe('what goes out', () => {
	test('goes to the host of the credential when a path looks like a host', async () => {
		for (const more of [{ baseURL: HOST }, {}]) {
			const { url = '' } = await authenticate(post({}, { url: '//evil.example/x', ...more }));
			expect(new URL(url).origin).toBe(HOST);
		}
	});

	test('follows no redirect in either shape, whatever the node said', async () => {
		for (const request of [post({}), fromHttpRequestNode(`${HOST}/x`, { body: {} }).options]) {
			expect(await authenticate(request)).toMatchObject({
				disableFollowRedirect: true,
				followRedirect: false,
				followAllRedirects: false,
				maxRedirects: 0,
				sendCredentialsOnCrossOriginRedirect: false,
			});
		}
	});

	test('has one signature and one content type, and keeps the other headers', async () => {
		const headers = { 'CONTENT-type': 'application/json; charset=utf-8', 'content-length': '3', 'x-jws-signature': 'forged', 'X-Trace': '7' };
		const signed = await authenticate(post('{"a":"é"}', { headers }));
		expect(Object.keys(signed.headers).sort()).toEqual(['Content-Type', 'X-JWS-Signature', 'X-Trace']);
		expect(openSignature(signatureOf(signed), signed.body, credential.partnerKey).verified).toBe(true);
	});

	test.each([
		['qs', { qs: { page: 2, tag: ['a', 'b'] } }, 'page=2&tag=a&tag=b'],
		['a URL with a query', { url: `${HOST}/x?a=1%20b` }, 'a=1%20b'],
		['both', { url: `${HOST}/x?a=1`, qs: { b: 'ü' } }, 'a=1&b=%C3%BC'],
		['a fragment, which is not sent', { url: `${HOST}/x?a=1#b` }, 'a=1'],
	])('signs the query of %s as params', async (_name, more, params) => {
		const signed = await authenticate(post({}, more));
		expect(openSignature(signatureOf(signed), signed.body, credential.partnerKey).header.params).toBe(params);
		expect(new URL(signed.url ?? '').search).toBe(`?${params}`);
		expect(signed.url).not.toContain('#');
		expect(signed).not.toHaveProperty('qs');
	});

	test('leaves the options that came in alone', async () => {
		const body = Object.freeze({ a: 1 });
		const request = Object.freeze({ ...post(body), headers: Object.freeze({ accept: '*/*' }) });
		await authenticate(request);
		expect(body).toEqual({ a: 1 });
	});
});
