import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { unknownRequestForms } from '../sandbox';
import { useSandbox } from '../support/bench';
import { testCredential } from '../support/credentialTest';
import { stored } from '../support/items';
import { startListener, unusedUrl } from '../support/listener';
import { runJob } from '../support/runs';
import { openSignature } from '../support/signatures';

const verdict = async (credentialData: object) => await testCredential(new FreedomPayApi(), credentialData);

const OK = 'Connection successful!';
const REFUSED = /FreedomPay refused the signature \(HTTP (401|403)\).*Partner Key/;

const sandbox = useSandbox({ authId: 'auth-1', partnerKey: 'right key' }, { isSigned: false });

describe('a right key passes', () => {
	test.each(Object.entries(unknownRequestForms))('when a request that is not known is answered as %s', async (_form, answer) => {
		sandbox.settings.unknownRequest = answer;
		for (const algorithm of ['HS512', 'HS256']) expect(await verdict({ ...sandbox.credential, algorithm })).toBe(OK);
		expect(sandbox.journal.all).toHaveLength(2);
		for (const { path, headers, rawBody, body } of sandbox.journal.all) {
			expect(path).toBe('/v5/card-api/request/status');
			expect(body).toEqual({ request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
			expect(openSignature(headers['x-jws-signature'], rawBody, 'right key').verified).toBe(true);
		}
		expect(sandbox.ledger.all).toEqual([]);
	});

	test.each([
		['None', { allowedHttpRequestDomains: 'none' }],
		['Specific Domains, with its own host', { allowedHttpRequestDomains: 'domains', allowedDomains: '127.0.0.1' }],
	])('whatever n8n lets its HTTP Request node do with it: %s', async (_choice, allowed) => {
		expect(await verdict({ ...sandbox.credential, ...allowed })).toBe(OK);
		const outcome = await runJob(sandbox, { credential: { ...allowed } });
		expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ outcome: 'done' });
	});

	test('when the request happens to be known', async () => {
		sandbox.faults.add({ kind: 'rawBefore', body: { status: 'ok', request_status: 'success', dt: '' } });
		expect(await verdict(sandbox.credential)).toBe(OK);
	});
});

describe('a wrong credential fails', () => {
	test.each([
		['Partner Key', { partnerKey: 'wrong key' }],
		['Auth ID', { authId: 'auth-2' }],
	])('for its %s', async (_field, wrong) => {
		expect(await verdict({ ...sandbox.credential, ...wrong })).toMatch(REFUSED);
		// n8n tries a 401 a second time.
		expect(sandbox.journal.all.every(({ signatureVerified }) => !signatureVerified)).toBe(true);
	});

	test('when it is refused with HTTP 403', async () => {
		sandbox.faults.add({ kind: 'forbidden', times: 'always' });
		expect(await verdict(sandbox.credential)).toMatch(/HTTP 403/);
	});

	test('when a proxy on the way wants a name and password', async () => {
		sandbox.faults.add({ kind: 'rawBefore', status: 407, body: '<html>Proxy</html>', times: 'always' });
		expect(await verdict(sandbox.credential)).toMatch(/proxy that n8n is set to use.*HTTP 407.*HTTPS_PROXY/);
	});

	test.each([
		['without a Partner Key', { partnerKey: '' }, /Partner Key.*empty/],
		['without an Auth ID', { authId: '' }, /Auth ID.*empty/],
		['with white space after the Partner Key', { partnerKey: 'a key ' }, /begins or ends with white space.*Type it again without/],
		['with white space before the Auth ID', { authId: ' auth-1' }, /begins or ends with white space/],
		['with a zero-width space in the Partner Key', { partnerKey: 'right\u200b key' }, /^The Partner Key holds a zero-width space \(U\+200B\) at position 6, .*Type it again without/],
		['with a byte order mark before the Partner Key', { partnerKey: '\ufeffright key' }, /Partner Key holds a byte order mark \(U\+FEFF\) at position 1/],
		['with a no-break space after the Partner Key', { partnerKey: 'right key\u00a0' }, /Partner Key holds a no-break space \(U\+00A0\) at position 10/],
		['with a Cyrillic letter in the Partner Key', { partnerKey: 'right \u043aey' }, /Partner Key holds a letter that is Cyrillic \(U\+043A\) at position 7/],
		['with a soft hyphen in the Auth ID', { authId: 'auth\u00ad-1' }, /Auth ID .*holds a soft hyphen \(U\+00AD\) at position 5/],
		['with a Base URL without a scheme', { baseUrl: 'api.freedompay.kg:8443' }, /Type https:\/\/api\.freedompay\.kg:8443\./],
		['with a path in the Base URL', { baseUrl: 'https://api.freedompay.kg/v5' }, /end after the host/],
	])('%s, before anything is sent', async (_case, wrong, message) => {
		expect(await verdict({ ...sandbox.credential, ...wrong })).toMatch(message);
		expect(sandbox.journal.counts().received).toBe(0);
	});
});

describe('a wrong host fails', () => {
	test('that answers with a web page', async () => {
		sandbox.faults.add({ kind: 'html200After' });
		expect(await verdict(sandbox.credential)).toMatch(/web page.*Base URL/);
	});

	test.each([301, 302, 303, 307, 308])('that redirects with HTTP %d', async (status) => {
		const other = await startListener();
		sandbox.faults.add({ kind: 'redirect', status, location: other.url, times: 'always' });
		expect(await verdict(sandbox.credential)).not.toBe(OK);
		expect(other.received).toEqual([]);
	});

	test.each(['http500Before', 'http502Before', 'http503Before', 'rateLimit'] as const)('that answers with %s', async (kind) => {
		sandbox.faults.add({ kind, times: 'always' });
		expect(await verdict(sandbox.credential)).not.toBe(OK);
	});

	test('that is not there', async () => {
		expect(await verdict({ ...sandbox.credential, baseUrl: await unusedUrl() })).toBe('ECONNREFUSED');
	});

	test('that cuts the connection', async () => {
		sandbox.faults.add({ kind: 'dropBefore', times: 'always' });
		expect(await verdict(sandbox.credential)).not.toBe(OK);
	});
});
