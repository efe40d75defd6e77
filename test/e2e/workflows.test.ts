import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { CREDENTIAL, FIRST_EXAMPLE, importExamples } from '../n8n/examples.ts';
import { executionsOf } from './executions.ts';
import { at, errorOf, placeOf, type Execution, type Item } from './items.ts';
import type { WorkflowNode } from './nodes.ts';
import { manualRuns } from './manualRuns.ts';
import { startPlayground, type Playground } from './playground.ts';
import { alert } from './workflows/alert.ts';
import { closeSafely } from './workflows/closeSafely.ts';
import { crmEvent } from './workflows/crmEvent.ts';
import { giftCard } from './workflows/giftCard.ts';
import { imports } from './workflows/imports.ts';
import { newCardholder } from './workflows/newCardholder.ts';
import { register } from './workflows/register.ts';

/** The items of the node that closes cards. */
const itemsIn = ({ data }: Execution) => at(data.resultData.runData['Close Card'], 0).data?.main?.[0] as unknown as Item[];

suite('the example workflows in a real n8n', () => {
	let playground: Playground;

	before(async () => {
		playground = await startPlayground('workflows');
	});
	after(() => playground?.stop());

	test('close three cards: one verified request per card, one paired item out per item in', async () => {
		const { host, sandbox } = playground;
		const { status, data } = await manualRuns(host).run(FIRST_EXAMPLE, 'Run by Hand');
		assert.equal(status, 'success');

		const items = itemsIn({ data });
		const cards = ['card-1001', 'card-1002', 'card-1003'];
		assert.deepEqual(
			items.map((item) => ({ card: item.json.card_id, outcome: item.json.outcome, status: item.json.request_status, from: placeOf(item) })),
			cards.map((card, index) => ({ card, outcome: 'done', status: 'success', from: index })),
		);

		// Sent side by side, they may arrive in any order.
		const journal = (await sandbox.journal()).sort((a, b) => String(a.body.card_id).localeCompare(String(b.body.card_id)));
		assert.deepEqual(
			journal.map(({ method, path, status: answered, signatureVerified, body }) => [
				method,
				path,
				answered,
				signatureVerified,
				body.card_id,
			]),
			cards.map((card) => ['POST', '/v5/card-api/card/close', 200, true, card]),
		);
		assert.deepEqual(
			journal.map(({ requestId }) => requestId),
			items.map(({ json }) => json.request_id),
		);

		assert.deepEqual((await sandbox.ledger()).map(({ target }) => target.card_id).sort(), cards);
	});

	test('close three cards a second time: green again, the outcomes of the first, and nothing done anew', async () => {
		const { host, sandbox } = playground;
		const { id: firstId } = at(await executionsOf(host), 0);
		const before = await sandbox.ledger();
		const first = await host.readExecution(firstId);
		const second = await manualRuns(host).run(FIRST_EXAMPLE, 'Run by Hand');
		assert.notEqual(second.id, firstId);
		assert.equal(second.status, 'success');
		assert.deepEqual(
			itemsIn(second).map((item) => [item.json.card_id, item.json.request_id, item.json.request_status, item.json.outcome, placeOf(item)]),
			itemsIn(first).map(({ json }, index) => [json.card_id, json.request_id, 'success', 'done_before', index]),
		);
		assert.deepEqual(await sandbox.ledger(), before);
		assert.equal(before.length, 3);
	});

	test('close three cards, one of which is closed already: the others are closed, and the execution says which one was not', async () => {
		const { host, sandbox } = playground;
		await sandbox.reset();
		const { nodes, ...example } = await host.rest.request<{ nodes: WorkflowNode[] }>('GET', `/workflows/${FIRST_EXAMPLE}`);
		const id = 'closeThreeOneClosed';
		const changed = JSON.parse(JSON.stringify(nodes).replace('card-1002', 'card-1012')) as WorkflowNode[];
		await host.rest.request('POST', '/workflows', { ...example, id, nodes: changed });

		const execution = await manualRuns(host).run(id, 'Run by Hand');
		assert.equal(execution.status, 'error');
		assert.match(errorOf(execution).message, /^1 of 3 cards were not closed: \(1\) card-1012, refused: .*card is already closed/);
		assert.deepEqual((await sandbox.ledger()).map(({ target }) => target.card_id).sort(), ['card-1001', 'card-1003']);
	});

	test('a second import refreshes the credential and leaves an edited workflow alone', async () => {
		const { host, sandbox } = playground;
		const path = `/workflows/${FIRST_EXAMPLE}`;
		await host.rest.request('PATCH', path, { name: 'Mine now' });
		await importExamples(host, { ...sandbox.credential, authId: 'other' });

		assert.equal((await host.rest.request<{ name: string }>('GET', path)).name, 'Mine now');
		const credential = await host.rest.request<{ data: { authId: string } }>('GET', `/credentials/${CREDENTIAL.id}?includeData=true`);
		assert.equal(credential.data.authId, 'other');
		await importExamples(host, sandbox.credential);
	});

	imports(() => playground);
	crmEvent(() => playground);
	closeSafely(() => playground);
	newCardholder(() => playground);
	giftCard(() => playground);
	register(() => playground);
	alert(() => playground);
});
