import { Readable } from 'node:stream';

import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { signPayload } from '../../nodes/card-api/signing/detachedJws';
import { bodies, bodyTexts } from '../support/arbitraries';
import { fromHttpRequestNode, fromOwnNode } from '../support/requester';
import { openSignature, PUBLISHED, SIBLINGS } from '../support/signatures';

const HOST = 'https://api.freedompay.kz';
const credential = { environment: 'production', authId: '123456', partnerKey: 'pärtner-key 🔑', algorithm: 'HS512' };
const type = new FreedomPayApi();

interface Signed {
	url?: string;
	uri?: string;
	body: Buffer;
	headers: Record<string, string>;
	[option: string]: unknown;
}

async function authenticate(request: object, fields: object = credential): Promise<Signed> {
	return (await type.authenticate(fields as never, request as never)) as unknown as Signed;
}

/** A request of a node of one's own, to the production host. */
const post = (body: unknown, more: Partial<IHttpRequestOptions> = {}) =>
	fromOwnNode(`${HOST}/v5/card-api/card/close`, { body: body as never, ...more }).options;

async function messageOf(attempt: Promise<unknown>): Promise<string> {
	const error: unknown = await attempt.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof Error)) throw new Error('It was signed');
	return error.message;
}

const signatureOf = ({ headers }: Signed) => headers['X-JWS-Signature'];

// n8n's editor gets `{ ...type }`, and lists for the HTTP Request node what still has an `authenticate` then.
test('is offered by the HTTP Request node', () => {
	expect({ ...type }).toHaveProperty('authenticate');
});

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
				expect(JSON.parse(bytes.toString('utf8'))).toEqual(JSON.parse(JSON.stringify(body)));
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

describe('the credential', () => {
	const custom = (baseUrl: unknown) => ({ ...credential, environment: 'custom', baseUrl });

	const FIELDS = [['Auth ID', 'authId'], ['Partner Key', 'partnerKey']] as const;

	describe.each(FIELDS)('%s', (label, name) => {
		const told = async (value: unknown) => await messageOf(authenticate(post({}), { ...credential, [name]: value }));

		test.each(['', '   ', ' \n', '\u00a0'])('that is %j is empty', async (value) => {
			expect(await told(value)).toBe(`The ${label} in the FreedomPay API credential is empty. Type the one that FreedomPay gave you.`);
		});

		test.each([undefined, null])('of an expression that gives %p is empty, and says so', async (value) => {
			expect(await told(value)).toMatch(new RegExp(`The ${label} .* is empty: its expression gives ${value}\\.`));
		});

		test.each([0, 5, 123456, -1, Number.MAX_SAFE_INTEGER])('of an expression that gives the number %d is its digits', async (value) => {
			const signed = await authenticate(post({ a: 1 }), { ...credential, [name]: value });
			const { verified, header } = openSignature(signatureOf(signed), signed.body, name === 'partnerKey' ? String(value) : credential.partnerKey);
			expect([verified, header.auth_id]).toEqual([true, name === 'authId' ? String(value) : credential.authId]);
		});

		test.each<[unknown, RegExp]>([
			[12345678901234567890, /gives a number that has more digits.*Make it give text/],
			[7290.4513, /gives a number.*or a fraction/],
			[NaN, /gives a number/],
			[true, /gives true or false/],
			[{ secret: 'pk-31f8c2' }, /gives a list or an object/],
			[['pk-31f8c2'], /gives a list or an object/],
		])('of an expression that gives %p is refused, unquoted', async (value, message) => {
			expect(await told(value)).toMatch(message);
			expect(await told(value)).not.toMatch(/empty|12345678|7290|pk-31f8c2/);
		});
	});

	test.each(['none', 'HS384', 'RS256', '', undefined, 'constructor'])('refuses the algorithm %p', async (algorithm) => {
		expect(await messageOf(authenticate(post({}), { ...credential, algorithm }))).toMatch(/Signature Algorithm/);
	});

	test.each(['', 'prod', undefined, null, 'constructor', 'toString', '__proto__'])('refuses the environment %p', async (environment) => {
		expect(await messageOf(authenticate(post({}), { ...credential, environment }))).toMatch(/Choose an Environment/);
	});

	test.each(['', '  ', '\u00a0', undefined, null])('refuses the Base URL %p as empty', async (baseUrl) => {
		expect(await messageOf(authenticate(post({}), custom(baseUrl)))).toMatch(/Base URL.*is empty.*such as https:\/\/api\.freedompay\.kg/);
	});

	test.each([
		['api.freedompay.kg', 'https://api.freedompay.kg'],
		[' api.freedompay.kg/ ', 'https://api.freedompay.kg'],
		['api.freedompay.kg:8443', 'https://api.freedompay.kg:8443'],
		['//api.freedompay.kg', 'https://api.freedompay.kg'],
		['//api.freedompay.kg:8443/v5', 'https://api.freedompay.kg:8443'],
		['API.freedompay.kg/v5?a=1', 'https://api.freedompay.kg'],
		['user:hunter2@api.freedompay.kg', 'https://api.freedompay.kg'],
		['localhost:3000', 'http://localhost:3000'],
		['127.0.0.1:3000', 'http://127.0.0.1:3000'],
	])('says what to type for the Base URL %p', async (baseUrl, instead) => {
		const told = await messageOf(authenticate(post({}), custom(baseUrl)));
		expect(told).toBe(`The Base URL in the FreedomPay API credential must begin with https://. Type ${instead}.`);
		const signed = await authenticate(fromOwnNode('/v5/x', { body: {} }).options, custom(instead));
		expect(signed.url).toBe(`${instead}/v5/x`);
	});

	test('never says to type null, or what it would refuse itself', async () => {
		const parts = fc.constantFrom('https', 'http', 'ftp', 'foo', 'file', ':', '/', '//', '://', 'api', '.kg', '8443', '@', '?', '#', 'localhost', '127.0.0.1', '[::1]', ' ');
		await fc.assert(
			fc.asyncProperty(fc.array(parts, { maxLength: 8 }), async (typed) => {
				const told = await authenticate(fromOwnNode('/v5/x', { body: {} }).options, custom(typed.join(''))).then(() => undefined, (error: Error) => error.message);
				if (told === undefined) return;
				expect(told).toMatch(/Base URL/);
				const instead = /Type (?:one such as )?(\S+?)(?:\.$|\. | and )/.exec(told)?.[1];
				if (instead !== undefined) await authenticate(fromOwnNode('/v5/x', { body: {} }).options, custom(instead));
			}),
			{ numRuns: 1_000, examples: [[['foo', '://', 'https', '127.0.0.1']]] },
		);
	});

	test.each([7, true, {}, 'https://', 'not a url', 'https://a b', 'nowhere'])('refuses the Base URL %p as no URL', async (baseUrl) => {
		expect(await messageOf(authenticate(post({}), custom(baseUrl)))).toMatch(/Base URL.*not a valid URL.*such as/);
	});

	test.each([
		'http://api.freedompay.kz',
		'http://localhost.evil.example',
		'http://127.0.0.1.evil.example',
		'http://evil.example/127.0.0.1',
		'http://0.0.0.0',
		'http://10.0.0.1',
		'http://[::2]',
		'ftp://api.freedompay.kz',
		'ws://localhost',
		'file:///',
		'javascript:alert(1)',
	])('refuses the Base URL %s', async (baseUrl) => {
		expect(await messageOf(authenticate(post({}), custom(baseUrl)))).toMatch(/Base URL/);
	});

	test.each([
		['https://api.freedompay.kg/v5', /end after the host.*Type https:\/\/api\.freedompay\.kg and/],
		['https://api.freedompay.kg/?a=1', /end after the host/],
		['https://api.freedompay.kg/#a', /end after the host/],
		['https://user:hunter2@api.freedompay.kg', /user name or password/],
		['https://user@api.freedompay.kg', /user name or password/],
		['http://api.freedompay.kg', /https:\/\//],
	])('says what to change in the Base URL %s', async (baseUrl, message) => {
		const told = await messageOf(authenticate(post({}), custom(baseUrl)));
		expect(told).toMatch(message);
		expect(told).not.toContain('hunter2');
	});

	test.each([
		['https://api.freedompay.kg', 'https://api.freedompay.kg'],
		[' https://api.freedompay.kg/ ', 'https://api.freedompay.kg'],
		['HTTPS://API.freedompay.kg:443', 'https://api.freedompay.kg'],
		['https://api.freedompay.kg:8443', 'https://api.freedompay.kg:8443'],
		['http://localhost:3000', 'http://localhost:3000'],
		['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
		['http://127.1.2.3', 'http://127.1.2.3'],
		['http://[::1]:3000', 'http://[::1]:3000'],
	])('takes the Base URL %p', async (baseUrl, origin) => {
		const signed = await authenticate(fromOwnNode('/v5/x', { body: {} }).options, custom(baseUrl));
		expect(signed.url).toBe(`${origin}/v5/x`);
		expect(openSignature(signatureOf(signed), signed.body, credential.partnerKey).verified).toBe(true);
	});

	test.each([' key', 'key\n', '\tkey ', 'c2VjcmV0', 'c2VjcmV0LWtleQ==', '-----BEGIN KEY-----\nabc\n', '🔑'])('uses the key %j exactly as typed', async (partnerKey) => {
		const signed = await authenticate(post({ a: 1 }), { ...credential, partnerKey });
		expect(openSignature(signatureOf(signed), signed.body, partnerKey).verified).toBe(true);
		for (const other of [partnerKey.trim(), Buffer.from(partnerKey, 'base64').toString()]) {
			if (other !== partnerKey) expect(openSignature(signatureOf(signed), signed.body, other).verified).toBe(false);
		}
	});

	describe('signs that nobody sees or takes for others', () => {
		test.each<[string, string, RegExp]>([
			['a zero-width space', '123\u200b456', /Auth ID .* holds a zero-width space \(U\+200B\) at position 4\. Type it again/],
			['a byte order mark', '\ufeff123456', /holds a byte order mark \(U\+FEFF\) at position 1\./],
			['a no-break space', '123456\u00a0', /holds a no-break space \(U\+00A0\) at position 7\./],
			['a soft hyphen', '123\u00ad456', /holds a soft hyphen \(U\+00AD\) at position 4\./],
			['a line break', '123\n456', /holds a line break \(U\+000A\) at position 4\./],
			['another invisible sign', '123\u2063456', /holds an invisible sign \(U\+2063\) at position 4\./],
			['a Cyrillic letter', 'AB-\u0421123', /holds a letter that is Cyrillic \(U\+0421\) at position 4\./],
			['a Greek letter', '\u03911234', /holds a letter that is Greek \(U\+0391\) at position 1\./],
			['a wide digit', '12\uff13456', /holds a letter that is a wide form \(U\+FF13\) at position 3\./],
		])('the Auth ID with %s is refused', async (_what, authId, message) => {
			expect(await messageOf(authenticate(post({}), { ...credential, authId }))).toMatch(message);
		});

		test.each(['м-ключ', 'ä-1', 'a b', ' 123456', '123456\n'])('the Auth ID %j is used as given', async (authId) => {
			const signed = await authenticate(post({}), { ...credential, authId });
			expect(openSignature(signatureOf(signed), signed.body, credential.partnerKey).header.auth_id).toBe(authId);
		});

		test.each<[string, string, RegExp]>([
			['a zero-width space', 'https://api\u200b.freedompay.kg', /Base URL .* holds a zero-width space \(U\+200B\) at position 12/],
			['a soft hyphen', 'https://api.free\u00addompay.kg', /holds a soft hyphen \(U\+00AD\) at position 17/],
			['a Cyrillic letter', 'https://\u0430pi.freedompay.kg', /holds a letter that is Cyrillic \(U\+0430\) at position 9 among Latin ones/],
			['a Cyrillic letter and no scheme', '\u0430pi.freedompay.kg', /Cyrillic \(U\+0430\) at position 1/],
		])('the Base URL with %s is refused', async (_what, baseUrl, message) => {
			expect(await messageOf(authenticate(post({}), custom(baseUrl)))).toMatch(message);
		});

		test('a host whose name is of another alphabet is none', async () => {
			const { url } = await authenticate(fromOwnNode('/v5/x', { body: {} }).options, custom('https://\u0430\u043f\u0438.\u049b\u0430\u0437'));
			expect(url).toMatch(/^https:\/\/xn--/);
		});

		test('any key is used as given', async () => {
			await fc.assert(
				fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', '1', '\u200b', '\ufeff', '\u00a0', '\u0421', '\u0394', '🔑') , minLength: 1 }), async (partnerKey) => {
					fc.pre(partnerKey.trim() !== '');
					const signed = await authenticate(post({ a: 1 }), { ...credential, partnerKey });
					expect(openSignature(signatureOf(signed), signed.body, partnerKey).verified).toBe(true);
				}),
			);
		});
	});

	test('quotes neither the key nor the body in any refusal', async () => {
		const partnerKey = 'pk-31f8c2';
		const refusals = await Promise.all([
			messageOf(authenticate(post('{"otp":"90417365"'), { ...credential, partnerKey })),
			messageOf(authenticate(post({ otp: NaN }), { ...credential, partnerKey })),
			messageOf(authenticate(post({ otp: '90417365' }, { url: 'https://evil.example' }), { ...credential, partnerKey })),
			messageOf(authenticate(post({}), { ...custom('nonsense'), partnerKey })),
			messageOf(authenticate(post({}), { ...credential, partnerKey, authId: '' })),
		]);
		expect(refusals.join()).not.toMatch(/pk-31f8c2|90417365/);
	});
});
