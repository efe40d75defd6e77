import { useSandbox, wire } from '../support/bench';
import { startForwardProxy } from '../support/forwardProxy';
import { done, failed } from '../support/items';
import { startListener } from '../support/listener';
import { STATUS } from '../support/paths';
import { fromHttpRequestNode, makeRequests } from '../support/requester';
import { runJob, runJobContinuing, type Job } from '../support/runs';
import { withCause } from '../support/surroundings';
import { virtualClock, type VirtualClock } from '../support/virtualClock';

/* n8n's guard against requests to internal addresses (SSRF), switched on by the company that runs n8n, and read when n8n starts. */

const SETTINGS = {
	N8N_SSRF_PROTECTION_ENABLED: 'true',
	// As the message advises.
	N8N_SSRF_ALLOWED_IP_RANGES: '127.0.0.1/32',
	N8N_SSRF_BLOCKED_HOSTNAMES: 'localhost',
};

const sandbox = useSandbox();
beforeAll(() => Object.assign(process.env, SETTINGS));
afterAll(() => {
	for (const name of Object.keys(SETTINGS)) delete process.env[name];
});

let clock: VirtualClock;
const run = async (baseUrl: string, job: Job = {}) => {
	clock = virtualClock({ sandbox });
	return await runJobContinuing(sandbox, { clock, credential: { baseUrl }, ...job });
};

/** The sandbox's address by another host, which is not allowed. */
const at = (host: string) => sandbox.url.replace('127.0.0.1', host);

const MESSAGE = "n8n's SSRF protection blocked the request, so nothing was sent";

/** That nothing was tried twice, and nothing went out. */
function expectBlockedAtOnce(): void {
	expect(clock.sleeps).toEqual([]);
	expect(sandbox.journal.counts().received).toBe(0);
	expect(sandbox.ledger.all).toEqual([]);
}

test('an allowed host is reached, and the command acts', async () => {
	expect(done(await run(sandbox.url))).toMatchObject({ request_status: 'success' });
	expect(sandbox.ledger.all).toHaveLength(1);
});

describe.each([
	['an address', '127.0.0.2', 'Have N8N_SSRF_ALLOWED_IP_RANGES of n8n contain 127.0.0.2/32, if that is the host you mean.'],
	['an IPv6 address', '[::1]', 'Have N8N_SSRF_ALLOWED_IP_RANGES of n8n contain ::1/128, if that is the host you mean.'],
	['a name', 'localhost', 'Have N8N_SSRF_ALLOWED_HOSTNAMES of n8n name localhost, or N8N_SSRF_ALLOWED_IP_RANGES contain its address (as 10.1.2.3/32), if that is the host you mean.'],
])('a host that is not allowed, by %s', (_by, host, step) => {
	test.each<[string, Job]>([
		['a command', {}],
		['a command with an Event ID', { parameters: { eventId: 'evt-1' } }],
		['a command under a typed Request ID', { options: { requestId: '0192f3a1-7c1e-7d55-9f0a-3f2b8f5f7a10' } }],
		['a command without a request ID', { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } }],
		['a read', { parameters: { operation: 'get' } }],
		['a read that waits', { parameters: { resource: 'request', operation: 'getStatus', requestId: '828cf71d-a447-4a67-a149-c1df8bc197ca' } }],
	])('%s: not sent, the protection is named, and it is not tried again', async (_what, job) => {
		const told = failed(await run(at(host), job));
		expect(told).toMatchObject({ outcome: 'not_done', message: MESSAGE, code: 'SSRF_PROTECTION', next_step: `${step} Nothing was carried out now, so running it again is safe.` });
		expectBlockedAtOnce();
	});

	test('a stopped run says the same', async () => {
		clock = virtualClock({ sandbox });
		const { error, items } = await runJob(sandbox, { clock, credential: { baseUrl: at(host) } });
		expect(error).toMatchObject({ message: `${MESSAGE} (Card ID card-1001)`, description: expect.stringContaining(step) as unknown });
		expect(items).toEqual([]);
		expectBlockedAtOnce();
	});
});

test('many items: every one is not sent, and none is tried again', async () => {
	const { items } = await run(at('127.0.0.2'), { items: Array.from({ length: 50 }, (_, index) => ({ card: `card-${index}` })) });
	expect(items.map((output) => output.length)).toEqual([0, 50]);
	expectBlockedAtOnce();
});

test('a host name that does not exist is not taken for a blocked one', async () => {
	expect(failed(await run('https://nowhere.invalid', { surroundings: withCause }))).toMatchObject({ outcome: 'not_done', message: 'FreedomPay could not be reached, so nothing was sent' });
	expect(clock.sleeps).toHaveLength(2);
});

test('a name that the proxy alone would know is looked up by n8n all the same', async () => {
	const proxy = await startForwardProxy();
	process.env.HTTPS_PROXY = proxy.url;
	try {
		expect(failed(await run('https://nowhere.invalid', { surroundings: withCause }))).toMatchObject({ outcome: 'not_done', code: expect.stringMatching(/^(?:ENOTFOUND|EAI_AGAIN)$/) as unknown });
		expect(proxy.asked).toEqual([]);
	} finally {
		delete process.env.HTTPS_PROXY;
		await proxy.stop();
	}
});

test.each([301, 307, 308])('a redirect (HTTP %d) to a host that is not allowed is not followed, as ever', async (status) => {
	const other = await startListener();
	sandbox.faults.add({ kind: 'redirect', status, location: other.url.replace('127.0.0.1', 'localhost'), times: 'always' });
	expect(failed(await run(sandbox.url))).toMatchObject({ outcome: 'not_done', message: expect.stringMatching(/redirects to localhost:\d+, which is not followed/) as unknown });
	expect(wire(sandbox)).toEqual(['close', 'status']);
	expect(other.received).toEqual([]);
});

test("the HTTP Request node with the credential is blocked in n8n's own words", async () => {
	const outcome = await makeRequests({ ...sandbox.credential, baseUrl: at('127.0.0.2') }, [fromHttpRequestNode(at('127.0.0.2') + STATUS, { body: { request_id: 'x' }, json: true })]);
	expect(outcome.items[0]?.[0]?.json.refused).toMatch(/blocked because it resolves to a restricted IP address/);
	expect(sandbox.journal.counts().received).toBe(0);
});
