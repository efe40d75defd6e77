import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { CREDENTIAL } from '../n8n/examples.ts';
import type { ReceivedRequest } from '../n8n/sandbox.ts';
import type { Received } from '../support/listener.ts';
import { at, type Item } from './items.ts';
import { manualRuns, TRIGGER } from './manualRuns.ts';
import { inARow, placed, SANDBOX_CREDENTIAL, type WorkflowBody, type WorkflowNode } from './nodes.ts';
import { startPlayground, type Playground } from './playground.ts';
import { startRecorder, type Recorder } from './recorder.ts';

const NODE = 'HTTP Request';
const STATUS_PATH = '/v5/card-api/request/status';
const CLOSE_PATH = '/v5/card-api/card/close';

/** A body that the sandbox takes. */
const STATUS_BODY = {
	contentType: 'json',
	specifyBody: 'json',
	jsonBody: '{"request_id":"7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01"}',
};

const JSON_ADVICE = /Set Body Content Type to JSON \(or Raw with application\/json\)/;

suite('the HTTP Request node with the credential, in a real n8n', () => {
	let playground: Playground;
	/** Stands before the sandbox and keeps the bytes. */
	let wire: Recorder;
	/** A host that no signed request may reach. */
	let stranger: Recorder;

	before(async () => {
		playground = await startPlayground('http-request');
		const { host, sandbox } = playground;
		[wire, stranger] = await Promise.all([startRecorder(sandbox.url), startRecorder()]);
		const data = { ...sandbox.credential, baseUrl: wire.url };
		await host.rest.request('PATCH', `/credentials/${CREDENTIAL.id}`, { name: CREDENTIAL.name, type: CREDENTIAL.type, data });
	});
	after(() => Promise.all([playground, wire, stranger].map((server) => server?.stop())));

	test('signs a JSON body of fields', async () => {
		const { items, requests, journal } = await send(CLOSE_PATH, {
			contentType: 'json',
			specifyBody: 'keypair',
			bodyParameters: {
				parameters: [
					{ name: 'request_id', value: '7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01' },
					{ name: 'card_id', value: 'card-1001' },
					{ name: 'description', value: 'Карта утеряна' },
				],
			},
		});
		assert.deepEqual(
			journal.map(({ path, signatureVerified, acted, body }) => [path, signatureVerified, acted, body.card_id, body.description]),
			[[CLOSE_PATH, true, true, 'card-1001', 'Карта утеряна']],
		);
		assert.equal(at(requests, 0).headers['content-type'], 'application/json');
		assert.equal(at(items, 0).json.request_status, 'success');
	});

	test('signs a body of JSON text', async () => {
		const { journal } = await send(STATUS_PATH, {
			contentType: 'json',
			specifyBody: 'json',
			jsonBody: '{ "request_id": "7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01" }',
		});
		assert.deepEqual(
			journal.map(({ signatureVerified, body }) => [signatureVerified, body]),
			[[true, { request_id: '7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01' }]],
		);
	});

	test('signs JSON text of expressions', async () => {
		const { journal } = await send(STATUS_PATH, {
			contentType: 'json',
			specifyBody: 'json',
			jsonBody: "={{ { request_id: '7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01', at: $now } }}",
		});
		assert.equal(at(journal, 0).signatureVerified, true);
		assert.equal(at(journal, 0).body.request_id, '7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01');
	});

	test('signs a raw body of application/json, byte for byte as typed', async () => {
		const typed = '{\n\t"request_id":  "7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01",\n\t"amount": 12345678901234567890.10, "é": "\\u00e9 карта 💳"\n}';
		const { requests, journal } = await send(STATUS_PATH, { contentType: 'raw', rawContentType: 'application/json', body: typed });
		assert.equal(at(requests, 0).rawBody.toString('utf8'), typed);
		assert.equal(at(journal, 0).signatureVerified, true);
	});

	test('signs the query as well', async () => {
		const { requests, journal } = await send(`${STATUS_PATH}?a=1`, {
			...STATUS_BODY,
			sendQuery: true,
			specifyQuery: 'keypair',
			queryParameters: { parameters: [{ name: 'b', value: 'ä +&' }] },
		});
		assert.match(at(requests, 0).target, /\?a=1&b=/);
		assert.equal(at(journal, 0).signatureVerified, true);
	});

	const fields = { bodyParameters: { parameters: [{ name: 'request_id', value: '7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01' }] } };
	for (const [what, parameters, advice] of [
		['a form', { contentType: 'form-urlencoded', specifyBody: 'keypair', ...fields }, JSON_ADVICE],
		['a form of text', { contentType: 'form-urlencoded', specifyBody: 'string', body: 'request_id=1' }, JSON_ADVICE],
		['a multipart form', { contentType: 'multipart-form-data', ...fields }, JSON_ADVICE],
		['raw text of another type', { contentType: 'raw', rawContentType: 'text/plain', body: '{}' }, JSON_ADVICE],
		['raw text that is not JSON', { contentType: 'raw', rawContentType: 'application/json', body: '{"a":' }, /is not valid JSON/],
		['no body', { sendBody: false }, /Turn on Send Body/],
		['another method', { ...STATUS_BODY, method: 'GET' }, /Set Method to POST/],
	] as const) {
		test(`refuses ${what}, says what to change and sends nothing`, async () => {
			const { error, requests } = await send(STATUS_PATH, parameters);
			assert.match(told(error), advice);
			assert.deepEqual(requests, []);
		});
	}

	test('refuses a file, even one of JSON, says what to change and sends nothing', async () => {
		const file = { type: 'n8n-nodes-base.convertToFile', typeVersion: 1.1, parameters: { operation: 'toJson', options: {} } };
		const { error, requests } = await send(STATUS_PATH, { contentType: 'binaryData', inputDataFieldName: 'data' }, file);
		assert.match(told(error), JSON_ADVICE);
		assert.deepEqual(requests, []);
	});

	for (const [kind, httpCode] of [
		['unauthorized', '401'],
		['forbidden', '403'],
	] as const) {
		test(`a signature that is refused (${httpCode}) fails the node, without the key or the signature in the error`, async () => {
			await playground.sandbox.misbehave({ path: STATUS_PATH, kind });
			const { error, requests } = await send(STATUS_PATH, STATUS_BODY);
			assert.equal(error?.httpCode, httpCode);
			assert.equal(requests.length, 1);
			const shown = JSON.stringify(error);
			const signature = String(at(requests, 0).headers['x-jws-signature']);
			assert.match(signature, /^[\w-]+\.\.[\w-]+$/);
			for (const secret of [playground.sandbox.credential.partnerKey, signature]) assert.ok(!shown.includes(secret));
		});
	}

	test('refuses another host, says what to change and sends nothing', async () => {
		for (const url of [stranger.url, wire.url.replace('127.0.0.1', 'localhost'), wire.url.replace('//', '//user@')]) {
			const { error, requests } = await send(url + STATUS_PATH, STATUS_BODY);
			assert.match(told(error), url.includes('@') ? /user name/ : /Change the URL, or the credential's Environment/);
			assert.deepEqual([requests, stranger.take()], [[], []]);
		}
	});

	for (const status of [302, 307]) {
		test(`does not follow a redirect (${status})`, async () => {
			await playground.sandbox.misbehave({ path: STATUS_PATH, kind: 'redirect', status, location: `${stranger.url}/elsewhere` });
			const { error, requests } = await send(STATUS_PATH, { ...STATUS_BODY, options: { redirect: { redirect: { followRedirects: true, maxRedirects: 5 } } } });
			assert.match(told(error), new RegExp(String(status)));
			assert.equal(requests.length, 1);
			assert.deepEqual(stranger.take(), []);
		});
	}

	/**
	 * Runs a workflow of one HTTP Request node.
	 *
	 * @param where a path at the credential's host, or a URL
	 * @param file a node before it that makes a file
	 */
	async function send(where: string, parameters: object, file?: Omit<WorkflowNode, 'name'>): Promise<Sent> {
		const { host, sandbox } = playground;
		const runs = manualRuns(host);
		const url = where.startsWith('/') ? wire.url + where : where;
		const workflowId = await runs.store('HTTP Request', workflowOf({ url, ...parameters }, file));
		const before = await sandbox.journal();
		wire.take();
		const execution = await runs.run(workflowId, TRIGGER.name);
		const run = at(execution.data.resultData.runData[NODE], 0);
		return {
			error: run.error as ShownError | undefined,
			items: run.data?.main?.[0] as Item[] | undefined,
			requests: wire.take(),
			journal: (await sandbox.journal()).slice(before.length),
		};
	}
});

/** An error as n8n keeps it. */
interface ShownError {
	message: string;
	description?: string | null | undefined;
	httpCode?: string | null;
}

/** What came of a request that the node was to make. */
interface Sent {
	error: ShownError | undefined;
	items: Item[] | undefined;
	requests: Received[];
	journal: ReceivedRequest[];
}

function workflowOf(parameters: object, file: Omit<WorkflowNode, 'name'> | undefined): WorkflowBody {
	const nodes = placed([
		TRIGGER,
		...(file === undefined ? [] : [{ ...file, name: 'File' } as WorkflowNode]),
		{
			name: NODE,
			type: 'n8n-nodes-base.httpRequest',
			typeVersion: 4.5,
			parameters: {
				method: 'POST',
				authentication: 'predefinedCredentialType',
				nodeCredentialType: CREDENTIAL.type,
				sendBody: true,
				options: {},
				...parameters,
			},
			credentials: SANDBOX_CREDENTIAL,
		},
	]);
	return { nodes, connections: inARow(nodes) };
}

/** All that the user can read of an error. */
const told = (error: ShownError | undefined): string => `${error?.message}\n${error?.description ?? ''}`;
