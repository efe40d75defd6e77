import { useSandbox } from '../support/bench';
import { failedItems } from '../support/items';
import { startListener, type Listener } from '../support/listener';
import { CLOSE } from '../support/paths';
import { fromHttpRequestNode, fromOwnNode, makeRequests } from '../support/requester';
import { runJobContinuing } from '../support/runs';

/* A redirect is not followed: another host would get the signature. */

const sandbox = useSandbox({ partnerKey: 'pärtner-key 🔑' });

let elsewhere: Listener;

beforeAll(async () => {
	elsewhere = await startListener();
});

afterAll(async () => await elsewhere.stop());

describe.each([301, 302, 303, 307, 308])('a redirect of HTTP %d', (status) => {
	test.each(['another host', 'the same host'])('to %s is not followed', async (where) => {
		const location = `${where === 'another host' ? elsewhere.url : sandbox.url}/v5/card-api/stolen`;
		sandbox.faults.add({ kind: 'redirect', status, location, times: 'always' });
		const url = `${sandbox.url}/v5/card-api/card/close`;
		await makeRequests(sandbox.credential, [
			fromOwnNode(url, { body: { a: 1 } }),
			fromOwnNode(url, { body: { a: 1 }, returnFullResponse: true, ignoreHttpStatusErrors: true }),
			fromHttpRequestNode(url, { body: { a: 1 } }),
			fromHttpRequestNode(url, { body: { a: 1 }, simple: false, maxRedirects: 21 }),
		]);
		expect(elsewhere.received).toEqual([]);
		expect(sandbox.journal.all.map(({ path }) => path)).toEqual([CLOSE, CLOSE, CLOSE, CLOSE]);
	});

	test('fails the FreedomPay Card node, naming the host', async () => {
		sandbox.faults.add({ kind: 'redirect', status, location: `${elsewhere.url}/stolen`, times: 'always' });
		const outcome = await runJobContinuing(sandbox);
		expect(failedItems(outcome)).toEqual([
			[0, expect.objectContaining({ message: expect.stringContaining(new URL(elsewhere.url).host) as string, outcome: 'not_done', http_status: status })],
		]);
		expect(elsewhere.received).toEqual([]);
		// It is asked whether the command arrived all the same.
		expect(sandbox.journal.all.map(({ path }) => path)).toEqual([CLOSE, '/v5/card-api/request/status']);
		expect(sandbox.ledger.all).toEqual([]);
	});
});
