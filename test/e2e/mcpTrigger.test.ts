import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';

import type { Sandbox } from '../n8n/sandbox.ts';
import type { FaultKind } from '../sandbox/faults.ts';
import { toolNode } from './agents.ts';
import { at, only, type Told } from './items.ts';
import type { NodeSettings } from './itemRuns.ts';
import { connectMcp, type McpAnswer, type McpClient } from './mcpClient.ts';
import { placed, type WorkflowBody } from './nodes.ts';
import { startPlayground, type Playground } from './playground.ts';

const CLOSE_PATH = '/v5/card-api/card/close';
const SET_PIN_PATH = '/v5/card-api/card/set_pin';
const STATUS_PATH = '/v5/card-api/request/status';

const CARD_ID = "={{ $fromAI('card_id', 'ID of the card', 'string') }}";
const CLOSE = { resource: 'card', operation: 'close', cardId: CARD_ID, reason: "={{ $fromAI('reason', 'Why the card is closed', 'string') }}" };
const SET_PIN = { resource: 'card', operation: 'setPin', cardId: CARD_ID };

const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 50 };

/** Each workflow offers one tool, under its name's own path. */
const WORKFLOWS: Record<string, [parameters: object, settings?: NodeSettings]> = {
	close: [CLOSE],
	'close-with-retry': [CLOSE, RETRY_ON_FAIL],
	'close-by-event': [{ ...CLOSE, eventId: 'evt-1' }],
	'close-by-made-up-event': [{ ...CLOSE, eventId: "={{ $fromAI('event', 'ID of the event', 'string') }}" }],
	'close-and-continue': [CLOSE, { onError: 'continueRegularOutput' }],
	'set-pin-with-retry': [SET_PIN, RETRY_ON_FAIL],
};

suite('the MCP Server Trigger in a real n8n', () => {
	let playground: Playground;
	let sandbox: Sandbox;

	before(async () => {
		playground = await startPlayground('mcp-trigger');
		({ sandbox } = playground);
		const { host } = playground;
		for (const [path, [parameters, settings]] of Object.entries(WORKFLOWS)) {
			const { id } = await host.rest.request<{ id: string }>('POST', '/workflows', mcpWorkflow(path, parameters, settings));
			await host.publish(id);
		}
	});
	after(() => playground?.stop());
	beforeEach(() => sandbox.reset());

	test('offers the operation, and says that a card is closed for good', async () => {
		const tool = only(await (await connect('close')).tools());
		assert.match(tool.name, /FreedomPay/);
		assert.match(tool.description, /^Close a card for good\b/);
		assert.deepEqual(Object.keys(tool.inputSchema.properties), ['card_id', 'reason']);
	});

	test('closes a card once, and answers with the outcome and the card', async () => {
		const { isError, text } = await call('close', { card_id: 'card-1001', reason: 'Lost' });
		assert.equal(isError, false);
		const item = itemOf(text);
		assert.deepEqual([item.outcome, item.card_id, item.status, item.request_status], ['done', 'card-1001', 'ok', 'success']);
		const journal = await sandbox.journal();
		assert.deepEqual(
			journal.map(({ path, signatureVerified, requestId, body }) => [path, signatureVerified, requestId, body.description]),
			[[CLOSE_PATH, true, item.request_id, 'Lost']],
		);
		assert.deepEqual(await acted(), [[CLOSE_PATH, 'card-1001', item.request_id]]);
	});

	for (const [what, kind, sends] of [
		['acted', 'dropAfter', 1],
		['did not act', 'dropBefore', 2],
	] as const) {
		test(`with Retry On Fail, when the first try ${what} and ended unknown: one request ID, one effect`, async () => {
			await endUnknown(kind);
			const { isError, text } = await call('close-with-retry', { card_id: 'card-1002', reason: 'Lost' });
			assert.equal(isError, false);
			const item = itemOf(text);
			assert.deepEqual([item.outcome, item.card_id, item.request_status], ['done', 'card-1002', 'success']);
			const journal = await sandbox.journal();
			assert.deepEqual([...new Set(journal.map(({ requestId }) => requestId))], [item.request_id]);
			assert.equal(journal.filter(({ path }) => path === CLOSE_PATH).length, sends);
			assert.deepEqual(await acted(), [[CLOSE_PATH, 'card-1002', item.request_id]]);
		});
	}

	test('without Retry On Fail says that the outcome is unknown, under which request ID, and how to check', async () => {
		await endUnknown('dropAfter');
		const { isError, text } = await call('close', { card_id: 'card-1002', reason: 'Lost' });
		assert.equal(isError, true);
		const [, , id] = at(await acted(), 0);
		assert.match(text, /It is unknown whether FreedomPay carried out the command \(Close\)/);
		assert.match(text, new RegExp(`Request: Get Status and the request ID ${id}`));
		assert.equal((await sandbox.journal()).filter(({ path }) => path === CLOSE_PATH).length, 1);
	});

	test('closes two cards at once: two request IDs, one effect each', async () => {
		const client = await connect('close');
		await sandbox.takeTime({ latencyMs: 200 });
		const { name } = at(await client.tools(), 0);
		const cards = ['card-1003', 'card-1004'];
		const answers = await Promise.all(cards.map((card_id) => client.call(name, { card_id, reason: 'Lost' })));
		const items = answers.map(({ text }) => itemOf(text));
		assert.deepEqual(
			items.map(({ card_id, outcome }) => [card_id, outcome]),
			cards.map((card) => [card, 'done']),
		);
		assert.equal(new Set(items.map(({ request_id }) => request_id)).size, 2);
		assert.deepEqual((await acted()).sort(), items.map(({ card_id, request_id }) => [CLOSE_PATH, card_id, request_id]).sort());
	});

	test('called by two clients for the same event: closed once, and both get the outcome', async () => {
		await sandbox.takeTime({ latencyMs: 200 });
		const call1 = { card_id: 'card-1005', reason: 'Lost' };
		const answers = await Promise.all([call('close-by-event', call1), call('close-by-event', call1)]);
		const items = answers.map(({ text }) => itemOf(text));
		assert.deepEqual(items.map(({ card_id, request_status }) => [card_id, request_status]), [['card-1005', 'success'], ['card-1005', 'success']]);
		assert.deepEqual(items.map(({ outcome }) => outcome).sort(), ['done', 'done_before']);
		assert.equal(at(items, 1).request_id, at(items, 0).request_id);
		assert.deepEqual(await acted(), [[CLOSE_PATH, 'card-1005', at(items, 0).request_id]]);
	});

	test('called with an event that the client makes up: refused, since it may be another one each time', async () => {
		const { isError, text } = await call('close-by-made-up-event', { card_id: 'card-1005', reason: 'Lost', event: 'evt-1' });
		assert.equal(isError, true);
		assert.match(text, /Event ID/);
		assert.deepEqual(await sandbox.journal(), []);
	});

	test('called twice without an event: each call is a command of its own, since nothing ties them together', async () => {
		const first = await call('close', { card_id: 'card-1006', reason: 'Lost' });
		const second = await call('close', { card_id: 'card-1006', reason: 'Lost' });
		assert.deepEqual([first.isError, second.isError], [false, true]);
		assert.match(second.text, /card is already closed/);
		const ids = (await sandbox.journal()).filter(({ path }) => path === CLOSE_PATH).map(({ requestId }) => requestId);
		assert.equal(new Set(ids).size, 2);
		assert.equal((await acted()).length, 1);
	});

	test('with Retry On Fail, when the outcome of Set PIN is unknown: sent once, and told so', async () => {
		await sandbox.misbehave({ path: SET_PIN_PATH, kind: 'dropAfter' });
		const { isError, text } = await call('set-pin-with-retry', { card_id: 'card-1007' });
		assert.equal(isError, true);
		assert.match(text, /It is unknown whether FreedomPay carried out the command \(Set PIN\)/);
		assert.deepEqual((await sandbox.journal()).map(({ path }) => path), [SET_PIN_PATH]);
		assert.deepEqual(await acted(), [[SET_PIN_PATH, 'card-1007', undefined]]);
	});

	for (const path of ['close', 'close-with-retry', 'close-and-continue']) {
		test(`says which argument is wrong, and sends nothing: ${path}`, async () => {
			const { text } = await call(path, { card_id: ' ', reason: 'Lost' });
			assert.match(text, /Card ID must not be empty/);
			assert.deepEqual([await sandbox.journal(), await acted()], [[], []]);
		});
	}

	test('tells no partner key and no signature', async () => {
		await endUnknown('dropAfter');
		for (const { text } of [await call('close', { card_id: 'card-1008', reason: 'Lost' }), await call('close-and-continue', { card_id: 'no-such-card', reason: 'Lost' })]) {
			assert.ok(!text.includes(sandbox.credential.partnerKey));
			assert.doesNotMatch(text, /x-jws-signature|eyJ[\w-]+\.\.[\w-]+/i);
		}
	});

	const connect = (path: string): Promise<McpClient> => connectMcp(`${playground.host.url}/mcp/${path}`);

	/** Calls the only tool of a workflow, as a client of its own. */
	async function call(path: string, args: object): Promise<McpAnswer> {
		const client = await connect(path);
		const { name } = at(await client.tools(), 0);
		return await client.call(name, args);
	}

	/** The next closing acts or not, its answer is lost, and asking about it fails until the node gives up. */
	const endUnknown = (kind: FaultKind) => sandbox.misbehave({ path: CLOSE_PATH, kind }, { path: STATUS_PATH, kind: 'http503Before', times: 3 });

	const acted = async () => (await sandbox.ledger()).map(({ path, target, requestId }) => [path, String(target.card_id), requestId]);
});

function mcpWorkflow(path: string, parameters: object, settings: NodeSettings = {}): WorkflowBody & { name: string; active: boolean; settings: object } {
	const trigger = { name: 'MCP Server Trigger', type: '@n8n/n8n-nodes-langchain.mcpTrigger', typeVersion: 2.1, parameters: { path }, webhookId: `mcp-${path}` };
	const tool = { ...toolNode('FreedomPay Card', parameters), ...settings };
	return {
		name: path,
		active: false,
		nodes: placed([trigger, tool]),
		connections: { [tool.name]: { ai_tool: [[{ node: trigger.name, type: 'ai_tool', index: 0 }]] } },
		settings: { executionOrder: 'v1' },
	};
}

/** The one item that a call gave. */
const itemOf = (text: string): Told => only(JSON.parse(text) as Told[]);
