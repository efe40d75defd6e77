import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { selfSigned, startSandbox, type FaultKind, type Sandbox } from '../sandbox';
import { conclude, wire } from '../support/bench';
import { startForwardProxy, type ForwardProxy, type Refusal } from '../support/forwardProxy';
import { done, failed } from '../support/items';
import { everythingLeft, leaksIn } from '../support/leaks';
import { startListener } from '../support/listener';
import { CLOSE } from '../support/paths';
import { runJob, runJobContinuing, startJob, until, type Job } from '../support/runs';
import { contextSending, withCause } from '../support/surroundings';
import { virtualClock, type VirtualClock } from '../support/virtualClock';

/*
 * n8n's own proxy settings count for signed requests too: plain http, which only a sandbox speaks, is forwarded, https goes through a
 * tunnel. Whatever the proxy does, what the node says of a command agrees with the sandbox's ledger.
 */

/** With all that a proxy's address has to encode. */
const ACCOUNT = { user: 'n8n@office', password: 'pw-4f9c:7/e1' };

const VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'NO_PROXY', 'no_proxy'] as const;
const before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
const trusted = getCACertificates('default');

let proxy: ForwardProxy;
beforeAll(async () => {
	proxy = await startForwardProxy(ACCOUNT);
});
afterAll(async () => {
	for (const [name, value] of Object.entries(before)) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
	setDefaultCACertificates(trusted);
	await proxy.stop();
});

function use(address: string): void {
	for (const name of VARIABLES) delete process.env[name];
	process.env.HTTP_PROXY = address;
	process.env.HTTPS_PROXY = address;
}

beforeEach(() => {
	proxy.reset();
	use(proxy.url);
});

const effects = (sandbox: Sandbox) => sandbox.ledger.all.length;

/** Suites for a sandbox that speaks http, and one that speaks https. */
const overBoth = (suite: (sandbox: () => Sandbox, isTunnel: boolean) => void) => {
	describe.each(['http', 'https'])('over %s', (scheme) => {
		let sandbox: Sandbox;
		beforeAll(async () => {
			const tls = scheme === 'https' ? selfSigned() : undefined;
			if (tls !== undefined) setDefaultCACertificates([...trusted, tls.cert]);
			sandbox = await startSandbox({ ...(tls !== undefined && { tls }) });
		});
		afterEach(() => conclude(sandbox));
		afterAll(() => sandbox.stop());
		suite(() => sandbox, scheme === 'https');
	});
};

let clock: VirtualClock;
const run = async (sandbox: Sandbox, job: Job = {}) => {
	clock = virtualClock({ sandbox });
	return await runJobContinuing(sandbox, { clock, ...job });
};

const RESET_PIN: Job = { parameters: { operation: 'resetPinCounter' }, items: [{ card: 'card-1002' }] };
const GIFT: Job = { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } };

overBoth((sandbox, isTunnel) => {
	test('a signed request goes through the proxy of n8n with its name and password, and is signed for the host behind it', async () => {
		expect(done(await run(sandbox()))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
		const { url, journal } = sandbox();
		expect(proxy.asked).toEqual([isTunnel ? `CONNECT ${new URL(url).host}` : `POST ${url}${CLOSE}`]);
		expect(journal.all.map(({ signatureVerified, headers }) => [signatureVerified, headers['proxy-authorization']])).toEqual([[true, undefined]]);
	});

	test('a host in NO_PROXY is reached without it', async () => {
		process.env.NO_PROXY = '127.0.0.1';
		expect(done(await run(sandbox()))).toMatchObject({ request_status: 'success' });
		expect(proxy.asked).toEqual([]);
	});

	test('a proxy that cannot be reached: tried three times, nothing was sent, and the proxy is named', async () => {
		use('http://127.0.0.1:1');
		const { outcome, message, next_step: next } = failed(await run(sandbox()));
		expect([outcome, message]).toEqual(['not_done', 'FreedomPay could not be reached through the proxy that n8n is set to use, so nothing was sent']);
		expect(next).toMatch(/HTTPS_PROXY.*ECONNREFUSED/);
		expect(clock.sleeps).toHaveLength(2);
		expect(sandbox().journal.all).toEqual([]);
	});

	test('a proxy whose address is not valid', async () => {
		use('http://n8n@office:pw#1@127.0.0.1:1');
		const told = failed(await run(sandbox(), { surroundings: withCause }));
		expect([told.outcome, told.message]).toEqual(['not_done', 'The address of the proxy that n8n is set to use is not valid, so nothing was sent']);
		expect(told.next_step).toMatch(/percent-encoded/);
		expect(JSON.stringify(told)).not.toMatch(/office|pw#1/);
		expect(clock.sleeps).toEqual([]);
	});

	test.each<[string, Job]>([
		['a command', {}],
		['a command under a typed Request ID', { options: { requestId: '0192f3a1-7c1e-7d55-9f0a-3f2b8f5f7a10' } }],
		['a command without a request ID', GIFT],
		['a read', { parameters: { operation: 'get' } }],
	])('%s that the proxy wants a name and password for: not sent, and not tried again', async (_what, job) => {
		use(proxy.url.replace('pw-', 'wrong-'));
		const told = failed(await run(sandbox(), job));
		expect(told).toMatchObject({ outcome: 'not_done', message: 'The proxy that n8n is set to use refused the request (HTTP 407), so nothing was sent', http_status: 407 });
		expect(told.next_step).toMatch(/^Put its name and password into HTTPS_PROXY/);
		expect(proxy.asked).toHaveLength(1);
		expect(clock.sleeps).toEqual([]);
		expect(sandbox().journal.all).toEqual([]);
	});

	test('the proxy dies before it passes a command on: it is sent after all, and acts once', async () => {
		for (const refusal of ['cutBefore', 'resetBefore'] as const) {
			proxy.refuse(refusal);
			expect(done(await run(sandbox(), { items: [{ card: refusal === 'cutBefore' ? 'card-1001' : 'card-1002' }] }))).toMatchObject({ request_status: 'success' });
		}
		// Only where it can be told that nothing was sent, it is not asked about.
		expect(wire(sandbox())).toEqual(isTunnel ? ['close', 'close'] : ['status', 'close', 'status', 'close']);
		expect(effects(sandbox())).toBe(2);
	});

	test('the proxy dies when the command has arrived: it is asked about, and acts once', async () => {
		const { gate } = sandbox();
		gate.hold(2, 'card/close');
		const running = await startJob(sandbox(), { settings: { onError: 'continueErrorOutput' } });
		await until(() => gate.held === 1);
		proxy.cut();
		expect(done(await running.done)).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(wire(sandbox())).toEqual(['close', 'status']);
		expect(effects(sandbox())).toBe(1);
	});

	test('a command without a request ID has arrived when the proxy dies: unknown, and not sent again', async () => {
		const { gate } = sandbox();
		gate.hold(2);
		const running = await startJob(sandbox(), { ...GIFT, settings: { onError: 'continueErrorOutput' } });
		await until(() => gate.held === 1);
		proxy.cut();
		expect(failed(await running.done)).toMatchObject({ outcome: 'unknown' });
		expect(wire(sandbox())).toEqual(['activate_card']);
	});

	test('the proxy lets a command through and none of the questions about it: unknown, with a way to check', async () => {
		sandbox().faults.add({ path: CLOSE, kind: 'dropAfter' });
		let requests = 0;
		const surroundings: Job['surroundings'] = (context) =>
			contextSending(context, async (send) => {
				requests += 1;
				if (requests > 1) proxy.refuse({ status: 407 });
				return await send();
			});
		const { outcome, next_step: next } = failed(await run(sandbox(), { surroundings }));
		expect([outcome, next]).toEqual(['unknown', expect.stringMatching(/asking for its status was not let through.*Request: Get Status/)]);
		expect(effects(sandbox())).toBe(1);
	});

	const REFUSALS: Array<[string, Refusal]> = [
		['wants a name and password', { status: 407 }],
		['refuses with a page', { status: 403, body: `<html>No access for ${ACCOUNT.user}</html>` }],
		['is broken', { status: 502 }],
		['cuts', 'cutBefore'],
		['resets', 'resetBefore'],
		['cuts afterwards', 'cutAfter'],
	];

	test.each(REFUSALS)('its name and password are in nothing that a run leaves: the proxy %s', async (_how, refusal) => {
		for (const onError of ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const) {
			proxy.refuse(refusal, 'always');
			const outcome = await runJob(sandbox(), { settings: { onError } });
			expect(leaksIn(everythingLeft(outcome), isTunnel ? [ACCOUNT.user, ACCOUNT.password] : [ACCOUNT.password, `${ACCOUNT.user}:`])).toEqual([]);
			proxy.reset();
		}
	});
});

overBoth((sandbox, isTunnel) => {
	test.each([400, 403, 404, 405, 451])('the proxy refuses with a page and HTTP %d', async (status) => {
		proxy.refuse({ status }, 'always');
		const { outcome, message, next_step: next, http_status: told } = failed(await run(sandbox()));
		expect(effects(sandbox())).toBe(0);
		expect(told).toBe(status);
		expect(message).not.toMatch(/FreedomPay refused/);
		if (!isTunnel) {
			// The same page of the host itself would look like it.
			expect(outcome).toBe([400, 405, 451].includes(status) ? 'unknown' : 'not_done');
			if (status === 403) expect(message).toBe("The request was refused with a web page (HTTP 403), by FreedomPay's host or by a proxy or firewall before it");
			return;
		}
		expect([outcome, message]).toEqual(['not_done', `The proxy that n8n is set to use refused the request (HTTP ${status}), so nothing was sent`]);
		expect(next).toBe('Have the proxy let n8n through to 127.0.0.1, or name 127.0.0.1 in NO_PROXY if it can be reached without. Nothing was carried out now, so running it again is safe.');
		expect(proxy.asked).toHaveLength(1);
		expect(clock.sleeps).toEqual([]);
	});

	test.each([301, 302, 303, 307, 308])('the proxy redirects to a page of its own with HTTP %d, which sees nothing', async (status) => {
		const portal = await startListener();
		proxy.refuse({ status, headers: { location: portal.url } }, 'always');
		const { outcome, message } = failed(await run(sandbox()));
		expect(outcome).toBe('not_done');
		if (isTunnel) expect(message).toBe(`The proxy that n8n is set to use refused the request (HTTP ${status}), so nothing was sent`);
		expect(portal.received).toEqual([]);
		expect(effects(sandbox())).toBe(0);
	});

	test.each([408, 429, 500, 502, 503, 504])('the proxy answers HTTP %d once: the command acts once', async (status) => {
		for (const job of [{}, RESET_PIN]) {
			proxy.refuse({ status });
			expect(done(await run(sandbox(), job))).toMatchObject({ request_status: 'success' });
		}
		expect(effects(sandbox())).toBe(2);
		if (isTunnel) expect(wire(sandbox())).toEqual(['close', 'reset_counter_pin']);
	});

	test('the proxy is down for good: three tries, and it is named', async () => {
		proxy.refuse({ status: 503 }, 'always');
		const { outcome, message } = failed(await run(sandbox()));
		expect(outcome).toBe(isTunnel ? 'not_done' : 'unknown');
		if (isTunnel) expect(message).toBe('FreedomPay could not be reached through the proxy that n8n is set to use (HTTP 503), so nothing was sent');
		expect(sandbox().journal.all).toEqual([]);
	});

	test('the proxy never answers: not sent where no tunnel came about, unknown where it had the command', async () => {
		proxy.refuse('hang', 'always');
		const deadlines: AbortController[] = [];
		const deadline = () => {
			const controller = new AbortController();
			deadlines.push(controller);
			return { signal: controller.signal, met() {} };
		};
		const impatient = Object.create(virtualClock({ sandbox: sandbox() }), { deadline: { value: deadline } }) as VirtualClock;
		const running = await startJob(sandbox(), { clock: impatient, settings: { onError: 'continueErrorOutput' } });
		// Three sends, or one and three questions about it.
		for (let count = 1; count <= (isTunnel ? 3 : 4); count++) {
			await until(() => proxy.asked.length === count && deadlines.length === count);
			deadlines.at(-1)?.abort();
		}
		const { outcome, message, code } = failed(await running.done);
		expect([outcome, code]).toEqual([isTunnel ? 'not_done' : 'unknown', 'TIMEOUT']);
		if (isTunnel) expect(message).toMatch(/^FreedomPay could not be reached through the proxy/);
		expect(sandbox().journal.all).toEqual([]);
	});

	test('a command without a request ID that a broken proxy refused is sent again only where it surely did not arrive', async () => {
		proxy.refuse({ status: 502 });
		const outcome = await run(sandbox(), GIFT);
		if (isTunnel) expect(done(outcome)).toMatchObject({ status: 0, card_id: 555 });
		else expect(failed(outcome).outcome).toBe('unknown');
		expect(wire(sandbox())).toEqual(isTunnel ? ['activate_card'] : []);
	});

	test.each<FaultKind>(['unauthorized', 'forbidden', 'notFoundJson', 'conflict', 'refuse', 'http500Before', 'http503After', 'html200After'])(
		'what the host itself answers is the same through the proxy as without: %s',
		async (kind) => {
			const fates: unknown[] = [];
			for (const direct of ['', '127.0.0.1']) {
				process.env.NO_PROXY = direct;
				sandbox().faults.add({ path: CLOSE, kind, times: 'always' });
				const { items } = await run(sandbox());
				fates.push({ items: items.map((output) => output.map(({ json }) => ({ ...json, dt: '', error: { ...(json.error as object), answer: '', request_status_answer: '' } }))), wire: wire(sandbox()), effects: effects(sandbox()) });
				sandbox().reset();
			}
			expect(fates[0]).toEqual(fates[1]);
			expect(JSON.stringify(fates)).not.toMatch(/proxy that n8n is set to use/);
		},
	);

	test('a stopped run says the same, with the HTTP status', async () => {
		proxy.refuse({ status: 407 }, 'always');
		const { error } = await runJob(sandbox());
		expect(error).toMatchObject({ message: expect.stringMatching(/proxy that n8n is set to use refused the request \(HTTP 407\), so nothing was sent/) as unknown, httpCode: '407' });
	});
});
