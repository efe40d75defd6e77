/**
 * A whole n8n with the packed package: the oldest that the package promises to run in, and the pinned one, which is the newest.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { itemRuns } from '../e2e/itemRuns.ts';
import { wholeExecutionsOf } from '../e2e/executions.ts';
import { itemsOf, type Item } from '../e2e/items.ts';
import { manualRuns, TRIGGER } from '../e2e/manualRuns.ts';
import { inARow, placed, SANDBOX_CREDENTIAL } from '../e2e/nodes.ts';
import { startPlayground, type Playground } from '../e2e/playground.ts';
import { EVERY_MS, OPERATION, watchingWorkflow } from '../e2e/triggerWorkflow.ts';
import { until } from '../e2e/until.ts';
import { CREDENTIAL, FIRST_EXAMPLE } from '../n8n/examples.ts';
import { HOST_FOLDER, HOSTS_FOLDER, installed, ROOT } from '../n8n/paths.mjs';
import { WHOLE_TEST } from '../n8n/patience.ts';
import type { CredentialData } from '../n8n/sandbox.ts';
import type { Effect } from '../sandbox/index.ts';
import { failedOf } from '../support/items.ts';

const FIRST_EXAMPLE_FILE = join(ROOT, 'workflows', 'close-three-cards.json');
const CLOSE_PATH = '/v5/card-api/card/close';

const folders = [...readdirSync(HOSTS_FOLDER).map((version) => join(HOSTS_FOLDER, version)), HOST_FOLDER];

const cardsOf = (effects: readonly Effect[]): unknown[] => effects.map(({ target }) => target.card_id);

for (const from of folders) {
	const { version } = installed(from);

	suite(`in n8n ${version}, whole`, () => {
		let playground: Playground | undefined;
		const running = (): Playground => {
			assert.ok(playground !== undefined, 'n8n has not started');
			return playground;
		};
		before(async () => {
			playground = await startPlayground(`compat-${version}`, { from });
		});
		after(async () => await playground?.stop());

		/** What n8n's editor does when a credential is saved. */
		async function testCredential(changed: Partial<CredentialData> = {}): Promise<{ status: string; message: string }> {
			const { host, sandbox } = running();
			const data = { ...sandbox.credential, ...changed };
			return await host.rest.request('POST', '/credentials/test', { credentials: { ...CREDENTIAL, data } });
		}

		test('the credential is tested with a signed request', async () => {
			assert.equal((await testCredential()).status, 'OK');
			const refused = await testCredential({ partnerKey: 'another' });
			assert.equal(refused.status, 'Error');
			assert.match(refused.message, /refused the signature|check your credentials/);
		});

		test('the first example, imported and executed, closes its three cards', async () => {
			const { host, sandbox } = running();
			await sandbox.reset();
			// An older n8n gives a workflow that it gets by its interface an ID of its own; its command keeps the file's.
			await host.command(['import:workflow', `--input=${FIRST_EXAMPLE_FILE}`]);
			assert.equal((await manualRuns(host).run(FIRST_EXAMPLE, 'Run by Hand')).status, 'success');
			const journal = await sandbox.journal();
			assert.equal(journal.every(({ signatureVerified }) => signatureVerified), true);
			assert.equal(new Set(cardsOf(await sandbox.ledger())).size, 3);
		});

		test('the trigger starts a workflow with a new operation, once', WHOLE_TEST, async () => {
			const { host, sandbox } = running();
			await sandbox.reset();
			// An older n8n gives it an ID of its own.
			const { id } = await host.rest.request<{ id: string }>('POST', '/workflows', watchingWorkflow('watch', ['card-1007']));
			await host.publish(id);
			await sandbox.book({ card_id: 'card-1007', amount: 1500.5 });
			const told = async () => {
				const executions = await wholeExecutionsOf(host, id);
				return executions.flatMap((execution) => itemsOf<{ card_id: string; amount: number }>(execution, OPERATION));
			};
			await until(async () => ((await told()).length > 0 ? true : undefined), () => 'the operation');
			await delay(2 * EVERY_MS);
			assert.deepEqual((await told()).map(({ card_id, amount }) => [card_id, amount]), [['card-1007', 1500.5]]);
			await host.rest.request('POST', `/workflows/${id}/deactivate`);
		});

		for (const [onError, ...outputs] of [
			['continueRegularOutput', ['card-1001', 'refused', 'card-1003'], undefined],
			['continueErrorOutput', ['card-1001', 'card-1003'], ['refused']],
		] as const) {
			test(`${onError}: each item leaves where it belongs`, async () => {
				const { sandbox } = running();
				await sandbox.reset();
				const runs = itemRuns(running());
				const items = ['card-1001', 'nobody', 'card-1003'].map((card) => ({ card }));
				const parameters = { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', reason: 'Lost' };
				const { status, done, failed, effects } = await runs.run(await runs.store(items, parameters, { onError }));
				assert.equal(status, 'success');
				const told = (received: Item[] | undefined) => received?.map(({ json }) => failedOf(json)?.outcome ?? json.card_id);
				assert.deepEqual([told(done), told(failed)], outputs);
				assert.deepEqual(cardsOf(effects).sort(), ['card-1001', 'card-1003']);
			});
		}

		test('the HTTP Request node signs with the credential', async () => {
			const { host, sandbox } = running();
			await sandbox.reset();
			const runs = manualRuns(host);
			const request = {
				name: 'Request',
				type: 'n8n-nodes-base.httpRequest',
				typeVersion: 4.2,
				parameters: {
					method: 'POST',
					url: sandbox.url + CLOSE_PATH,
					authentication: 'predefinedCredentialType',
					nodeCredentialType: CREDENTIAL.type,
					sendBody: true,
					specifyBody: 'json',
					jsonBody: '{"request_id":"7a0f6f3e-5d0c-4a58-9a53-0f6f2a1f1c01","card_id":"card-1001","description":"Карта утеряна"}',
				},
				credentials: SANDBOX_CREDENTIAL,
			};
			const nodes = placed([TRIGGER, request]);
			const { status } = await runs.run(await runs.store('Request', { nodes, connections: inARow(nodes) }), TRIGGER.name);
			assert.equal(status, 'success');
			assert.deepEqual((await sandbox.journal()).map(({ path, signatureVerified }) => [path, signatureVerified]), [[CLOSE_PATH, true]]);
			assert.deepEqual(cardsOf(await sandbox.ledger()), ['card-1001']);
		});
	});
}
