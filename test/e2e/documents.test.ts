import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';

import { startListener, type Listener } from '../support/listener.ts';
import { at, only, type Execution } from './items.ts';
import { manualRuns, TRIGGER } from './manualRuns.ts';
import { node, placed, sandboxNode, to } from './nodes.ts';
import { startPlayground, type Playground } from './playground.ts';
import { runsOf } from './workflows/runs.ts';

const ADD = '/v5/card-api/client/add';
const NEW_CARDHOLDER = 'freedomPayNewCardholder';

/** Every byte there is, and more than n8n reads at once. */
const PDF = Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(600_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))), Buffer.from('%%EOF\n')]);

const FORM = { event_id: 'form-1', card_id: 'card-1007', first_name: 'Aigerim', last_name: 'Sadykova', phone: '+7 701 000 00 04', iban: 'KZ86125KZT5004100100', currency: 'KZT' };

/** Where n8n keeps a file of an execution, by how it names the file there. n8n 3 is announced to have the first two only. */
const MODES: Record<string, RegExp | undefined> = { filesystem: /^filesystem/, database: /^database:/, default: undefined };

suite('a document, in a real n8n', () => {
	let playground: Playground;
	let server: Listener;

	before(async () => {
		playground = await startPlayground('documents');
		await playground.host.publish(NEW_CARDHOLDER);
		server = await startListener((_request, response) => void response.writeHead(200, { 'content-type': 'application/pdf' }).end(PDF));
	});
	after(async () => {
		await server?.stop();
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
			const options = { response: { response: { responseFormat: 'file', outputPropertyName: 'scan' } } };
			const fetched = node('Scan', 'n8n-nodes-base.httpRequest', 4.2, { url: `${server.url}/scan.pdf`, options });
			const person = { phone: FORM.phone, type: 1, resident: 1, firstName: FORM.first_name, lastName: FORM.last_name };
			const create = sandboxNode('Create Client', { resource: 'client', operation: 'create', productId: 2000, ...person, additionalFields: { document: 'scan' } });
			const runs = manualRuns(playground.host);
			const id = await runs.store('Scan', { nodes: placed([TRIGGER, fetched, create]), connections: { [TRIGGER.name]: to('Scan'), Scan: to('Create Client') } });
			const execution = await runs.run(id, TRIGGER.name);
			assert.equal(execution.status, 'success');
			await hasArrived(execution, 'Scan', 'scan');
		});

		/** That the document came in where n8n was told to keep it, and that FreedomPay has it, signed, in one client. */
		async function hasArrived({ data }: Execution, source: string, field: string): Promise<void> {
			const file = at(at(data.resultData.runData[source], 0).data?.main?.[0] ?? [], 0).binary?.[field];
			if (name === undefined) assert.equal(Buffer.from(file?.data ?? '', 'base64').compare(PDF), 0);
			else assert.match(file?.id ?? '', name);
			const sent = (await playground.sandbox.journal()).filter(({ path }) => path === ADD);
			assert.deepEqual(sent.map(({ signatureVerified, acted }) => [signatureVerified, acted]), [[true, true]]);
			assert.equal(Buffer.from((only(sent).body.client as { document: string }).document, 'base64').compare(PDF), 0);
			assert.equal((await playground.sandbox.ledger()).filter(({ path }) => path === ADD).length, 1);
		}
	});
});
