import { useSandbox } from '../support/bench';
import { fromOwnNode, makeRequests } from '../support/requester';
import { expectAllSigned } from '../support/signatures';

/* n8n hands a request to the credential a second time after HTTP 401. */

const sandbox = useSandbox({ partnerKey: 'pärtner-key 🔑' });

describe('after HTTP 401 n8n signs the signed request again', () => {
	test.each([
		['an object', { body: { a: 'é' } as never }],
		['text', { body: ' {"a": "é"}' }],
		['bytes', { body: Buffer.from('{"a":"é"} ') }],
		['a base URL and a query', { url: '/v5/card-api/any', baseURL: '', qs: { page: 'a b' }, body: {} }],
	])('and the second one is right: %s', async (_kind, given) => {
		sandbox.faults.add({ kind: 'unauthorized' });
		const more = 'baseURL' in given ? { ...given, baseURL: sandbox.url } : given;
		await makeRequests(sandbox.credential, [fromOwnNode(`${sandbox.url}/v5/card-api/any`, more)]);
		const [first, second, ...others] = sandbox.journal.all;
		expect(others).toEqual([]);
		expect(second?.rawBody.equals(first?.rawBody ?? Buffer.alloc(0))).toBe(true);
		expect(second?.query).toBe(first?.query);
		expectAllSigned(sandbox, 'HS512');
	});
});
