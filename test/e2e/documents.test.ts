import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, suite, test } from 'node:test';

import { CREDENTIAL } from '../n8n/examples.ts';
import { manualRuns, placed, TRIGGER } from './manualRuns.ts';
import { startPlayground } from './playground.ts';
import { runsOf } from './workflows/runs.ts';

const ADD = '/v5/card-api/client/add';
const NEW_CARDHOLDER = 'freedomPayNewCardholder';

/** Every byte there is, and more than n8n reads at once. */
const PDF = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(600_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))), Buffer.from('%%EOF\n')]);

const FORM = { event_id: 'form-1', card_id: 'card-1007', first_name: 'Aigerim', last_name: 'Sadykova', phone: '+7 701 000 00 04', iban: 'KZ86125KZT5004100100', currency: 'KZT' };

/** Where n8n keeps a file of an execution, by how it names the file there. n8n 3 is announced to have the first two only. */
const MODES = { filesystem: /^filesystem/, database: /^database:/, default: undefined };

suite('a document, in a real n8n', () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;
	let server;

	before(async () => {
		playground = await startPlayground('documents');
		await playground.host.publish(NEW_CARDHOLDER);
		server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/pdf' }).end(PDF));
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	});
	after(async () => {
		server?.close();
		await playground?.stop();
	});
	beforeEach(() => playground.sandbox.reset());

	for (const [mode, name] of Object.entries(MODES)) suite(`that n8n keeps in its mode "${mode}"`, () => {
		// Where n8n is told nothing, it keeps files in the file system.
		if (mode !== 'filesystem') before(() => playground.restart({ N8N_DEFAULT_BINARY_DATA_MODE: mode }));

		test('arrives byte for byte from the form of a webhook', async () => {
			const runs = runsOf(playground, NEW_CARDHOLDER);
			const form = new FormData();
			for (const [field, value] of Object.entries(FORM)) form.set(field, value);
			form.set('document', new Blob([PDF], { type: 'application/pdf' }), 'passport.pdf');
			const { status, body } = await runs.deliver('new-cardholder', form);
			assert.deepEqual([status, body.outcome], [200, 'done']);
			await hasArrived(await runs.last(), 'New Cardholder', 'document');
		});

		test('arrives byte for byte from a file that the HTTP Request node fetched', async () => {
			const fetched = {
				name: 'Scan',
				type: 'n8n-nodes-base.httpRequest',
				typeVersion: 4.2,
				parameters: { url: `http://127.0.0.1:${server.address().port}/scan.pdf`, options: { response: { response: { responseFormat: 'file', outputPropertyName: 'scan' } } } },
			};
			const create = {
				name: 'Create Client',
				type: 'n8n-nodes-freedompay.freedomPayCard',
				typeVersion: 1,
				parameters: { resource: 'client', operation: 'create', productId: 2000, phone: FORM.phone, type: 1, resident: 1, firstName: FORM.first_name, lastName: FORM.last_name, additionalFields: { document: 'scan' } },
				credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
			};
			const to = (node) => ({ main: [[{ node, type: 'main', index: 0 }]] });
			const runs = manualRuns(playground.host);
			const id = await runs.store('Scan', { nodes: placed([TRIGGER, fetched, create]), connections: { [TRIGGER.name]: to('Scan'), Scan: to('Create Client') } });
			const execution = await runs.run(id, TRIGGER.name);
			assert.equal(execution.status, 'success');
			await hasArrived(execution, 'Scan', 'scan');
		});

		/** That the document came in where n8n was told to keep it, and that FreedomPay has it, signed, in one client. */
		async function hasArrived({ data }, node, field) {
			const [{ binary }] = data.resultData.runData[node][0].data.main[0];
			if (name === undefined) assert.equal(Buffer.from(binary[field].data, 'base64').compare(PDF), 0);
			else assert.match(binary[field].id, name);
			const sent = (await playground.sandbox.journal()).filter(({ path }) => path === ADD);
			assert.deepEqual(sent.map(({ signatureVerified, acted }) => [signatureVerified, acted]), [[true, true]]);
			assert.equal(Buffer.from(sent[0].body.client.document, 'base64').compare(PDF), 0);
			assert.equal((await playground.sandbox.ledger()).filter(({ path }) => path === ADD).length, 1);
		}
	});
});
