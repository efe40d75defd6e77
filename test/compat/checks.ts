import { strict as assert } from 'node:assert';
import { setImmediate } from 'node:timers/promises';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { properties } from '../../nodes/FreedomPayCard/panel/properties';
import { testCredential } from '../support/credentialTest';
import type { NodeOutcome, NodeSettings } from '../support/engine';
import { runAgent, runEngineAgent, type ToolToRun } from '../support/agents';
import { unknownRequestForms, type Sandbox } from '../sandbox';
import { failedOf } from '../support/items';
import { startListener } from '../support/listener';
import { fromHttpRequestNode, fromOwnNode, makeRequests, type RequestToMake } from '../support/requester';
import { openSignature } from '../support/signatures';
import { refund, setPin } from '../support/toolParameters';
import { begin, CARDS, CLOSE, STATUS, work, type Subject } from './subject';

/*
 * What the package promises of any n8n, tried with the n8n-core that is installed: the packed node, its real clock, the
 * sandbox on a socket. Kept to what an n8n may do otherwise than another; the rest is in the other tests.
 */

interface Check {
	/** As the table of versions has it. */
	name: string;
	run: (subject: Subject, sandbox: Sandbox) => Promise<void>;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const paths = ({ journal }: Sandbox) => journal.all.map(({ path }) => path.split('/').at(-1));
const closedCards = ({ ledger }: Sandbox) => ledger.all.map(({ target }) => target.card_id);

/** Every request on the wire was signed rightly: says the sandbox, and says a bare HMAC. */
function assertSigned(sandbox: Sandbox): void {
	assert.notEqual(sandbox.journal.all.length, 0, 'nothing was sent');
	for (const { headers, rawBody, path, query, signatureVerified } of sandbox.journal.all) {
		assert.equal(signatureVerified, true);
		const { header, ...opened } = openSignature(headers['x-jws-signature'], rawBody, sandbox.partnerKey);
		assert.deepEqual(opened, { verified: true, detached: true });
		assert.deepEqual(header, { uri: path, auth_id: sandbox.authId, method: 'POST', params: query, alg: 'HS512' });
	}
}

/** Each item by output, as `card-1001` when done or as its outcome when failed, with the item that it is paired with. */
function routed({ items }: NodeOutcome): Array<Array<[item: unknown, what: unknown]>> {
	return items.map((output) =>
		output.map(({ json, pairedItem }) => [(pairedItem as { item?: number } | undefined)?.item, failedOf(json)?.outcome ?? json.card_id]),
	);
}

/** The requests that either of n8n's helpers makes, each as its node would. */
const byBothHelpers = (url: string): Readonly<Record<string, RequestToMake[]>> => ({
	'own node': [
		fromOwnNode(url, { body: { a: { b: [1, 'é"\n'] } } as never }),
		fromOwnNode(url, { body: '{"amount": 1.10,\n"id": 12345678901234567890}' }),
		fromOwnNode(url, { body: Buffer.from('{"a":"é"} ') }),
		fromOwnNode(url, { body: {}, qs: { page: 1, name: 'a b&c' } }),
	],
	'HTTP Request node': [
		fromHttpRequestNode(url, { body: { a: { b: [1, 'é"\n'] } } }),
		fromHttpRequestNode(url, { body: ' {"amount": 1.10}\n', headers: { 'content-type': 'application/json' } }),
		fromHttpRequestNode(url, { body: {}, json: true, useStream: undefined }),
		fromHttpRequestNode(`${url}?a=%2F`, { body: {}, qs: { page: 1, name: 'a b&c' } }),
	],
});

const signing = (who: string, bodies: readonly string[]): Check => ({
	name: `signed by the ${who}`,
	async run({ credential }, sandbox) {
		const requests = byBothHelpers(`${sandbox.url}/v5/card-api/any`)[who] ?? [];
		await makeRequests(sandbox.credential, requests, credential);
		assert.deepEqual(sandbox.journal.all.map(({ rawBody }) => rawBody.toString('utf8')), bodies);
		assertSigned(sandbox);
	},
});

/** With the second of three cards unknown to the API. */
const routing = (settings: NodeSettings, expected: ReturnType<typeof routed>): Check => ({
	name: settings.onError ?? '',
	async run(subject, sandbox) {
		const outcome = await work(subject, sandbox, { items: [{ card: 'card-1001' }, { card: 'nobody' }, { card: 'card-1003' }], settings });
		assert.equal(outcome.status, 'success');
		assert.deepEqual(routed(outcome), expected);
		assert.deepEqual(closedCards(sandbox).sort(), ['card-1001', 'card-1003']);

		sandbox.reset();
		const refused = await work(subject, sandbox, { nodeCredentials: null, settings });
		assert.deepEqual(routed(refused).flat().map(([, what]) => what), ['not_done', 'not_done', 'not_done']);
		assert.deepEqual(routed(refused).at(-1)?.length, 3, 'failed items left by the output of those that are done');
		assert.deepEqual(paths(sandbox), []);
	},
});

type CallTool = (toRun: ToolToRun) => Promise<{ answers: ReadonlyArray<{ items: unknown; error: string | undefined }> }>;

function asTool(name: string, call: CallTool): Check {
	return {
		name,
		async run({ node, credential }, sandbox) {
			const tool = { node, credential, credentialData: sandbox.credential, parameters: refund };
			const order = { order: 'order-1', amount: 10, reason: 'Returned' };
			const { answers } = await call({ ...tool, rounds: [[order], [{ ...order, reason: 'The customer asks again' }]] });
			assert.equal(answers.length, 2);
			for (const { items } of answers) assert.match(JSON.stringify(items), /"request_status":"success"/);
			assert.equal(sandbox.ledger.all.length, 1, 'one order was refunded twice');
			assertSigned(sandbox);

			sandbox.reset();
			sandbox.faults.add({ path: 'transaction/refund', kind: 'dropAfter' }, { path: STATUS, kind: 'http500Before', times: 'always' });
			const lost = await call({ ...tool, executionId: '2', rounds: [[order]] });
			assert.equal(lost.answers.length, 1);
			assert.match(JSON.stringify(lost.answers), /unknown/i, 'the model is not told that the outcome is unknown');
			assert.doesNotMatch(JSON.stringify(lost.answers), /"request_status":"success"/);
			assert.equal(sandbox.ledger.all.length, 1);

			// What has no request ID is never repeated, and with Retry On Fail too the model hears that it may be done.
			sandbox.reset();
			sandbox.faults.add({ path: 'card/set_pin', kind: 'dropAfter' });
			const settings = { retryOnFail: true, maxTries: 2 };
			const pin = await call({ ...tool, executionId: '3', parameters: setPin, settings, rounds: [[{ card: 'card-1001' }]] });
			assert.match(JSON.stringify(pin.answers), /unknown/i, 'with Retry On Fail, the model is not told that the outcome is unknown');
			assert.deepEqual(paths(sandbox), ['set_pin']);
		},
	};
}

/** Agents that have n8n run their tools came later than those that run them themselves. */
const runsToolsOfAgents = (): boolean => {
	try {
		require.resolve('n8n-core/dist/execution-engine/requests-response.js');
		return true;
	} catch {
		return false;
	}
};

export const checks: readonly Check[] = [
	{
		name: 'loads, whole',
		run({ description, credential }) {
			assert.deepEqual(plain(description.properties), plain(properties()));
			assert.equal(description.name, 'freedomPayCard');
			assert.equal(description.usableAsTool, true);
			assert.deepEqual([description.inputs, description.outputs], [['main'], ['main']]);
			assert.match(JSON.stringify(description.iconUrl), /freedomPayCard\.svg.*freedomPayCard\.dark\.svg/);
			assert.ok(description.codex?.alias?.includes('payment card'));
			assert.equal(typeof credential.authenticate, 'function');
			assert.ok(credential.test !== undefined);
			assert.match(JSON.stringify(credential.iconUrl), /freedomPayApi\.svg/);
			assert.deepEqual(plain(credential.properties), plain(new FreedomPayApi().properties));
			return Promise.resolve();
		},
	},
	{
		name: "credential's test",
		async run({ credential }, sandbox) {
			for (const unknownRequest of Object.values(unknownRequestForms)) {
				sandbox.settings.unknownRequest = unknownRequest;
				assert.equal(await testCredential(credential, sandbox.credential), 'Connection successful!');
			}
			assertSigned(sandbox);
			// Some versions lose the credential's own words for it.
			const refused = await testCredential(credential, { ...sandbox.credential, partnerKey: 'another' });
			assert.match(refused, /refused the signature \(HTTP 401\)|check your credentials/);
		},
	},
	signing('own node', ['{"a":{"b":[1,"é\\"\\n"]}}', '{"amount": 1.10,\n"id": 12345678901234567890}', '{"a":"é"} ', '{}']),
	signing('HTTP Request node', ['{"a":{"b":[1,"é\\"\\n"]}}', ' {"amount": 1.10}\n', '{}', '{}']),
	{
		name: 'redirects end',
		async run({ credential }, sandbox) {
			const elsewhere = await startListener();
			try {
				sandbox.faults.add({ kind: 'redirect', location: `${elsewhere.url}${CLOSE}`, times: 'always' });
				const requests = Object.values(byBothHelpers(`${sandbox.url}${CLOSE}`)).flatMap(([first]) => (first === undefined ? [] : [first]));
				await makeRequests(sandbox.credential, requests, credential);
				assert.deepEqual(elsewhere.received, []);
				assert.deepEqual(paths(sandbox), ['close', 'close']);
			} finally {
				await elsewhere.stop();
			}
		},
	},
	{
		name: 'done, in order',
		async run(subject, sandbox) {
			sandbox.settings.processingMs = 300;
			const outcome = await work(subject, sandbox);
			assert.deepEqual(routed(outcome), [CARDS.map((card, item) => [item, card])]);
			for (const { json } of outcome.items[0] ?? []) assert.equal(json.request_status, 'success');
			assert.deepEqual(closedCards(sandbox).sort(), [...CARDS]);
			assertSigned(sandbox);
		},
	},
	{
		name: 'one key per item',
		async run(subject, sandbox) {
			const outcome = await work(subject, sandbox, {
				items: [{ card: 'card-1001', key: sandbox.partnerKey }, { card: 'card-1002', key: 'another' }],
				credentialData: { ...sandbox.credential, partnerKey: '={{ $json.key }}' },
				settings: { onError: 'continueErrorOutput' },
			});
			assert.deepEqual(routed(outcome), [[[0, 'card-1001']], [[1, 'not_done']]]);
			assert.deepEqual(closedCards(sandbox), ['card-1001']);
		},
	},
	{
		name: 'lost answers',
		async run(subject, sandbox) {
			sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', card: 'card-1001' }, { path: CLOSE, kind: 'dropBefore', card: 'card-1002' });
			const outcome = await work(subject, sandbox, { items: [{ card: 'card-1001' }, { card: 'card-1002' }] });
			assert.deepEqual(routed(outcome), [[[0, 'card-1001'], [1, 'card-1002']]]);
			assert.equal(outcome.items[0]?.[0]?.json.outcome, 'done');
			assert.deepEqual(closedCards(sandbox).sort(), ['card-1001', 'card-1002']);
			const bytes = new Set(sandbox.journal.to(CLOSE).filter(({ body }) => (body as { card_id: string }).card_id === 'card-1002').map(({ rawBody }) => rawBody.toString('utf8')));
			assert.equal(bytes.size, 1);
			assertSigned(sandbox);
		},
	},
	{
		name: 'stopWorkflow',
		async run(subject, sandbox) {
			sandbox.faults.add({ path: CLOSE, kind: 'refuse', card: 'card-1002' });
			const outcome = await work(subject, sandbox, { parameters: { options: { maxParallelRequests: 1 } } });
			assert.notEqual(outcome.run.data.resultData.error, undefined);
			assert.match(outcome.error?.message ?? '', /^1 of 3 failed: card-1002\. FreedomPay answered that the request failed/);
			assert.match(String((outcome.error as { description?: unknown } | undefined)?.description), /^Done \(1\): card-1001<br>\nFailed \(1\): card-1002<br>\nNot sent \(1\): card-1003<br>\n/);
			assert.deepEqual(closedCards(sandbox), ['card-1001']);
		},
	},
	routing({ onError: 'continueRegularOutput' }, [[[0, 'card-1001'], [1, 'refused'], [2, 'card-1003']]]),
	routing({ onError: 'continueErrorOutput' }, [[[0, 'card-1001'], [2, 'card-1003']], [[1, 'refused']]]),
	{
		name: 'cancel',
		async run(subject, sandbox) {
			sandbox.faults.add({ path: CLOSE, kind: 'stallBefore', times: 'always' });
			const { done, cancel } = await begin(subject, sandbox, { parameters: { options: { maxParallelRequests: 2 } } });
			while (sandbox.journal.all.length < 2) await setImmediate();
			cancel();
			const { status } = await done;
			assert.equal(status, 'canceled');
			// The requests on their way are given up, and nothing new is sent.
			while (sandbox.gauges.inFlight > 0) await setImmediate();
			assert.deepEqual(paths(sandbox), ['close', 'close']);
			assert.deepEqual(closedCards(sandbox), []);
		},
	},
	{
		name: 'deadline',
		async run(subject, sandbox) {
			// Bytes keep coming, so that no timer of idleness fires.
			sandbox.faults.add({ path: CLOSE, kind: 'trickleBodyAfter', intervalMs: 20 });
			const outcome = await work(subject, sandbox, { items: [{ card: 'card-1001' }], parameters: { options: { requestTimeoutSeconds: 1 } } });
			assert.deepEqual(routed(outcome), [[[0, 'card-1001']]]);
			assert.equal(outcome.items[0]?.[0]?.json.outcome, 'done');
			assert.deepEqual(paths(sandbox), ['close', 'status']);
			assert.deepEqual(closedCards(sandbox), ['card-1001']);
		},
	},
	{
		name: '401 sent once',
		async run(subject, sandbox) {
			sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
			const outcome = await work(subject, sandbox, { settings: { onError: 'continueErrorOutput' }, parameters: { options: { maxParallelRequests: 1 } } });
			assert.deepEqual(routed(outcome), [[], [[0, 'not_done'], [1, 'not_done'], [2, 'not_done']]]);
			assert.deepEqual(paths(sandbox), ['close']);
		},
	},
	{
		name: 'Retry On Fail',
		async run(subject, sandbox) {
			// The second card's outcome stays unknown in the first try.
			sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', card: 'card-1002' }, { path: STATUS, kind: 'http500Before', times: 3 });
			const outcome = await work(subject, sandbox, {
				settings: { retryOnFail: true, maxTries: 2 },
				parameters: { options: { maxParallelRequests: 1 } },
			});
			assert.equal(outcome.status, 'success');
			assert.equal(outcome.tries, 2);
			assert.deepEqual(routed(outcome), [CARDS.map((card, item) => [item, card])]);
			assert.deepEqual(closedCards(sandbox), [...CARDS]);
			assert.equal(new Set(sandbox.ledger.all.map(({ requestId }) => requestId)).size, 3);
		},
	},
	{
		name: 'hints',
		async run(subject, sandbox) {
			sandbox.faults.add({ path: CLOSE, kind: 'processForever' });
			const outcome = await work(subject, sandbox, { items: [{ card: 'card-1001' }], parameters: { waitForCompletion: false } });
			assert.equal(outcome.items[0]?.[0]?.json.outcome, 'processing');
			assert.deepEqual([outcome.hints.length, outcome.warnings.length], [1, 1]);
		},
	},
	asTool('AI tool, by the agent', runAgent),
	...(runsToolsOfAgents() ? [asTool('AI tool, by the engine', runEngineAgent)] : []),
];
