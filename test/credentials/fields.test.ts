import fc from 'fast-check';
import { DOMAIN_RESTRICTION_FIELDS, injectDomainRestrictionFields, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { authenticate, credential, messageOf, post, signatureOf, type } from '../support/authenticate';
import { fromOwnNode } from '../support/requester';
import { openSignature } from '../support/signatures';

/* The fields of the credential: what is refused, in words that say what to change, and what is used as it is. */

// n8n's editor gets `{ ...type }`, and lists for the HTTP Request node what still has an `authenticate` then.
test('is offered by the HTTP Request node', () => {
	expect({ ...type }).toHaveProperty('authenticate');
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

describe('in the panel', () => {
	const fields = new FreedomPayApi().properties;
	const named = (wanted: string) => fields.find(({ name }) => name === wanted);

	test('warns of nothing before anything has happened', () => {
		expect(fields.filter(({ type, hint }) => type === 'notice' || hint !== undefined)).toEqual([]);
	});

	test('says what a code means that its test answers with', () => {
		for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT']) expect(named('environment')?.description).toContain(code);
		// The codes of Node.js for a certificate that is not trusted.
		for (const code of ['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID']) {
			expect([code, ['CERT', 'SIGNED', 'SIGNATURE'].some((part) => code.includes(part))]).toEqual([code, true]);
		}
		expect(named('environment')?.description).toMatch(/CERT, SIGNED or SIGNATURE a certificate that n8n does not trust/);
	});

	test("explains n8n's own fields about the HTTP Request node, which are its own but for the words", () => {
		const known = ({ displayName, name, type, default: preset, displayOptions, options }: INodeProperties) => ({
			displayName, name, type, preset, displayOptions, options: (options as INodePropertyOptions[] | undefined)?.map((option) => [option.name, option.value]),
		});
		const own = fields.filter(({ name }) => /^allowed/.test(name));
		expect(own.map(known)).toEqual(DOMAIN_RESTRICTION_FIELDS.map(known));
		expect(fields.slice(-2)).toEqual(own);
		expect(injectDomainRestrictionFields(new FreedomPayApi())).toHaveLength(fields.length);
	});
});
