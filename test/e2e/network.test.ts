import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';

import { CREDENTIAL } from '../n8n/examples.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { startSandbox, type CredentialData, type Sandbox } from '../n8n/sandbox.ts';
import { startForwardProxy, type ForwardProxy } from '../support/forwardProxy.ts';
import { executionsOf } from './executions.ts';
import { itemRuns, storeCredential, type Came, type NodeSettings } from './itemRuns.ts';
import { at } from './items.ts';
import { startPlayground, type Playground } from './playground.ts';

const CLOSE = { resource: 'card', operation: 'close', cardId: '={{ $json.card_id }}', reason: 'Lost' };
const ERROR_OUTPUT = { onError: 'continueErrorOutput' };
const CARD = [{ card_id: 'card-1001' }];
const ACCOUNT = { user: 'n8n@office', password: 'pw-4f9c:7/e1' };

const PROTECTED = "n8n's SSRF protection blocked the request, so nothing was sent";

/*
 * One n8n as a company sets it up: nobody installs packages, its SSRF protection lets localhost through and no address of this machine,
 * and https goes by a proxy.
 */
suite("a company's network, in a real n8n", () => {
	let playground: Playground;
	let sandbox: Sandbox;
	/** The sandbox that speaks https, which n8n reaches through the proxy. */
	let secure: Sandbox;
	let proxy: ForwardProxy;
	let folder: string;

	before(async () => {
		folder = mkdtempSync(join(tmpdir(), 'n8n-network-'));
		proxy = await startForwardProxy(ACCOUNT);
		// The build of the sandbox is the playground's.
		playground = await startPlayground('network', {
			settings: {
				N8N_SSRF_PROTECTION_ENABLED: 'true',
				N8N_SSRF_ALLOWED_HOSTNAMES: 'localhost',
				HTTPS_PROXY: proxy.url,
				https_proxy: '',
				HTTP_PROXY: '',
				http_proxy: '',
				NO_PROXY: '127.0.0.1',
				no_proxy: '',
				NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
				N8N_COMMUNITY_PACKAGES_ENABLED: 'false',
				N8N_UNVERIFIED_PACKAGES_ENABLED: 'false',
			},
			prepare: async () => {
				secure = await startSandbox({ port: 0, tls: true, logFile: join(BUILD_FOLDER, 'logs', 'e2e-network-secure.log') });
				const { cert = '' } = secure;
				writeFileSync(join(folder, 'ca.pem'), cert);
				setDefaultCACertificates([...getCACertificates('default'), cert]);
			},
		});
		({ sandbox } = playground);
	});
	after(async () => {
		await Promise.all([playground, secure, proxy].map((server) => server?.stop()));
		rmSync(folder, { recursive: true, force: true });
	});
	beforeEach(async () => {
		proxy.reset();
		await Promise.all([sandbox.reset(), secure.reset()]);
	});

	/** The credential for a sandbox by another host of this machine. */
	const byHost = (host: string, { credential } = sandbox): CredentialData => ({ ...credential, baseUrl: credential.baseUrl.replace('127.0.0.1', host) });

	/** Closes a card with a credential; what came of it, by that credential's sandbox. */
	async function close(data: CredentialData, settings: NodeSettings = ERROR_OUTPUT, meanwhile?: () => Promise<void>): Promise<Came> {
		const runs = itemRuns({ host: playground.host, sandbox: data.baseUrl.startsWith('https:') ? secure : sandbox });
		const id = await runs.start(await runs.store(CARD, CLOSE, { ...settings, ...(await storeCredential(playground.host, data)) }));
		await meanwhile?.();
		return await runs.end(id);
	}

	/** What n8n's form says after "Test". */
	async function tested(data: CredentialData): Promise<{ status: string; message: string }> {
		const credentials = { id: '', name: 'Tested', type: CREDENTIAL.type, data };
		return await playground.host.rest.request<{ status: string; message: string }>('POST', '/credentials/test', { credentials });
	}

	const isDone = ({ done, effects }: Came) => {
		assert.deepEqual(done?.map(({ json }) => [json.card_id, json.outcome]), [['card-1001', 'done']]);
		assert.deepEqual(effects.map(({ target }) => target.card_id), ['card-1001']);
	};

	/** That a command did not go out, why, and who is to be named. */
	const isNotSent = ({ done, failed, journal, effects }: Came, cause: string, message: string, step: RegExp) => {
		assert.equal(done, undefined);
		const { error } = at(failed, 0).json;
		assert.deepEqual([error.outcome, error.cause, error.try_again, error.message], ['not_done', cause, 'yes', message]);
		assert.match(error.next_step, step);
		assert.deepEqual([journal, effects], [[], []]);
	};

	test('an installed package runs where n8n neither offers community packages nor installs unverified ones', async () => {
		const { rest } = playground.host;
		const { communityNodesEnabled, unverifiedCommunityNodesEnabled } = await rest.request<Record<string, boolean>>('GET', '/settings');
		assert.deepEqual([communityNodesEnabled, unverifiedCommunityNodesEnabled], [false, false]);
		await assert.rejects(rest.request('POST', '/community-packages', { name: 'n8n-nodes-of-somebody', version: '1.0.0' }), /unverified community packages is forbidden/);
		isDone(await close(byHost('localhost')));
	});

	suite('with the SSRF protection on', () => {
		test('a host that is allowed is reached, and the command acts', async () => isDone(await close(byHost('localhost'))));

		test('a host that is not allowed: an item that was not sent, and how to let it through', async () => {
			isNotSent(await close(byHost('127.0.0.1')), 'blocked', PROTECTED, /^Have N8N_SSRF_ALLOWED_IP_RANGES of n8n contain 127\.0\.0\.1\/32, if/);
		});

		test('the same stops a run that does not continue on errors', async () => {
			const { status, error, done, failed, journal, effects } = await close(byHost('127.0.0.1'), {});
			assert.equal(status, 'error');
			assert.equal(error?.message, `${PROTECTED} (Card ID card-1001)`);
			assert.match(error?.description ?? '', /N8N_SSRF_ALLOWED_IP_RANGES/);
			assert.deepEqual([done, failed, journal, effects], [undefined, undefined, [], []]);
		});

		test('a redirect to a host that is not allowed is not followed', async () => {
			await sandbox.misbehave({ path: 'card/close', kind: 'redirect', status: 307, location: sandbox.url });
			const { failed, journal, effects } = await close(byHost('localhost'));
			const { outcome, cause, try_again, message } = at(failed, 0).json.error;
			assert.deepEqual([outcome, cause, try_again], ['not_done', 'wrong_host', 'yes']);
			assert.match(message, /redirects to 127\.0\.0\.1:\d+, which is not followed/);
			// What was turned away is asked about, at the host that is allowed.
			const [sent, ...asked] = journal.map(({ path }) => path);
			assert.match(sent ?? '', /card\/close$/);
			assert.ok(asked.length > 0 && asked.every((path) => path.endsWith('request/status')));
			assert.deepEqual(effects, []);
		});

		test('the test of the credential passes where the host is allowed, and says why where it is not', async () => {
			assert.equal((await tested(byHost('localhost'))).status, 'OK');
			const { status, message } = await tested(byHost('127.0.0.1'));
			assert.deepEqual([status, message], ['Error', 'The request was blocked because it resolves to a restricted IP address']);
			assert.equal((await sandbox.journal()).length, 1);
		});

		test('a name that does not resolve is not called blocked', async () => {
			isNotSent(await close({ ...sandbox.credential, baseUrl: 'https://nowhere.invalid' }), 'unreachable', 'FreedomPay could not be reached, so nothing was sent', /ENOTFOUND|EAI_AGAIN/);
		});
	});

	suite('through a proxy', () => {
		const through = () => byHost('localhost', secure);

		test('whose own address is not among the allowed ones, a command acts, signed for the host behind it', async () => {
			const came = await close(through());
			isDone(came);
			assert.deepEqual(proxy.asked, [`CONNECT ${new URL(through().baseUrl).host}`]);
			assert.deepEqual(came.journal.map(({ signatureVerified }) => signatureVerified), [true]);
		});

		test('that wants another name and password: not sent, and asked once', async () => {
			proxy.refuse({ status: 407 }, 'always');
			isNotSent(await close(through()), 'blocked', 'The proxy that n8n is set to use refused the request (HTTP 407), so nothing was sent', /^Put its name and password into HTTPS_PROXY/);
			assert.equal(proxy.asked.length, 1);
		});

		test("that refuses with a page of its own: not FreedomPay's refusal of the credential", async () => {
			proxy.refuse({ status: 403 }, 'always');
			isNotSent(await close(through()), 'blocked', 'The proxy that n8n is set to use refused the request (HTTP 403), so nothing was sent', /^Have the proxy let n8n through to localhost/);
			assert.equal(proxy.asked.length, 1);
		});

		test('that is down for good: not sent, after three tries', async () => {
			proxy.refuse({ status: 503 }, 'always');
			isNotSent(await close(through()), 'unreachable', 'FreedomPay could not be reached through the proxy that n8n is set to use (HTTP 503), so nothing was sent', /HTTPS_PROXY/);
			assert.equal(proxy.asked.length, 3);
		});

		test('that fails before a command leaves: sent after all, once', async () => {
			proxy.refuse('resetBefore');
			proxy.refuse({ status: 502 });
			const came = await close(through());
			isDone(came);
			assert.equal(came.journal.length, 1);
		});

		test('that dies when the command has arrived: asked about, and done once', async () => {
			await secure.takeTime({ latencyMs: 500 });
			const came = await close(through(), ERROR_OUTPUT, async () => {
				while ((await secure.journal()).length < 1) await delay(20);
				proxy.cut();
			});
			isDone(came);
			assert.equal(came.journal.filter(({ path }) => path.endsWith('card/close')).length, 1);
		});

		test('the test of the credential passes, and tells a proxy that wants a name and password from FreedomPay', async () => {
			assert.equal((await tested(through())).status, 'OK');
			proxy.refuse({ status: 407 }, 'always');
			assert.match((await tested(through())).message, /proxy that n8n is set to use.*HTTP 407.*HTTPS_PROXY/);
			proxy.reset();
			proxy.refuse({ status: 403 }, 'always');
			assert.match((await tested(through())).message, /FreedomPay refused the signature \(HTTP 403\), or a proxy on the way/);
		});

		test('whose name and password are neither in an execution nor in the log of n8n', async () => {
			const executions = await executionsOf(playground.host);
			assert.ok(executions.length > 8);
			const kept = await Promise.all(executions.map(async ({ id }) => JSON.stringify(await playground.host.readExecution(id))));
			const forms = [ACCOUNT.password, encodeURIComponent(ACCOUNT.password), Buffer.from(`${ACCOUNT.user}:${ACCOUNT.password}`).toString('base64'), ACCOUNT.user, encodeURIComponent(ACCOUNT.user)];
			for (const text of [...kept, playground.host.output()]) for (const form of forms) assert.ok(!text.includes(form));
		});
	});
});
