import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { CREDENTIAL, FIRST_EXAMPLE, importExamples } from '../n8n/examples.mjs';
import { startPlayground } from './playground.mjs';

const CRM_EXAMPLE = 'freedomPayCrmEventClosesCard';

suite('the example workflows in a real n8n', () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;

	before(async () => {
		playground = await startPlayground('workflows');
	});
	after(() => playground?.stop());

	test('close three cards: one verified request per card, one paired item out per item in', async () => {
		const { host, sandbox } = playground;
		await host.execute(FIRST_EXAMPLE);

		const [{ id }] = (await host.rest.request('GET', '/executions')).results;
		const { status, data } = await host.readExecution(id);
		assert.equal(status, 'success');

		const [items] = data.resultData.runData['Close Card'][0].data.main;
		const cards = ['card-1001', 'card-1002', 'card-1003'];
		assert.deepEqual(
			items.map(({ json, pairedItem }) => ({ card: json.card_id, status: json.request_status, from: pairedItem.item })),
			cards.map((card, index) => ({ card, status: 'success', from: index })),
		);

		const journal = await sandbox.journal();
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

		const state = await sandbox.state();
		assert.deepEqual(
			Object.keys(state.cards).filter((card) => state.cards[card].status === 'closed'),
			cards,
		);
	});

	test('close three cards a second time: green again, the outcomes of the first, and nothing done anew', async () => {
		const { host, sandbox } = playground;
		const [{ id: firstId }] = (await host.rest.request('GET', '/executions')).results;
		const before = await sandbox.ledger();
		await host.execute(FIRST_EXAMPLE);

		const [{ id }] = (await host.rest.request('GET', '/executions')).results;
		const [first, second] = await Promise.all([firstId, id].map((execution) => host.readExecution(execution)));
		assert.notEqual(id, firstId);
		assert.equal(second.status, 'success');
		const itemsOf = ({ data }) => data.resultData.runData['Close Card'][0].data.main[0];
		assert.deepEqual(
			itemsOf(second).map(({ json, pairedItem }) => [json.card_id, json.request_id, json.request_status, json.recovered, pairedItem.item]),
			itemsOf(first).map(({ json }, index) => [json.card_id, json.request_id, 'success', true, index]),
		);
		assert.deepEqual(await sandbox.ledger(), before);
		assert.equal(before.length, 3);
	});

	test('a CRM event that is delivered twice closes its card once', async () => {
		const { host, sandbox } = playground;
		await host.publish(CRM_EXAMPLE);
		const event = { event_id: 'evt-2026-0042', card_id: 'card-1004', reason: 'Lost by the cardholder' };

		const first = await deliver(event);
		assert.deepEqual([first.status, first.body.card_id, first.body.request_status], [200, 'card-1004', 'success']);
		const second = await deliver(event);
		assert.deepEqual([second.status, second.body.request_id, second.body.recovered], [200, first.body.request_id, true]);

		const closings = (await sandbox.journal()).filter(({ body, acted }) => acted && body.card_id === 'card-1004');
		assert.equal(closings.length, 1);
	});

	test('a CRM event for an unknown card is answered with what went wrong', async () => {
		const { status, body } = await deliver({ event_id: 'evt-2026-0043', card_id: 'no-such-card', reason: 'Lost' });
		assert.equal(status, 502);
		const [{ requestId }] = (await playground.sandbox.journal()).filter((entry) => entry.body.card_id === 'no-such-card');
		assert.deepEqual(Object.keys(body), ['error', 'outcome', 'request_id', 'next_step']);
		assert.match(body.error, /^FreedomPay answered that the request failed: card not found/);
		assert.deepEqual([body.outcome, body.request_id], ['failed', requestId]);
		assert.match(body.next_step, /^FreedomPay says that it does not know the card\. Check the Card ID/);
	});

	for (const [what, event] of [
		['without an id', { card_id: 'card-1005', reason: 'Lost' }],
		['with an empty id', { event_id: '', card_id: 'card-1005', reason: 'Lost' }],
	]) {
		test(`a CRM event ${what} is refused, and nothing is sent`, async () => {
			const before = await playground.sandbox.journal();
			const { status, body } = await deliver(event);
			assert.deepEqual([status, body.outcome, body.request_id], [502, 'not sent', undefined]);
			assert.match(body.error, /^Event ID is an expression that gives nothing/);
			assert.match(body.next_step, /Event ID/);
			assert.deepEqual(await playground.sandbox.journal(), before);
		});
	}

	test('a second import refreshes the credential and leaves an edited workflow alone', async () => {
		const { host, sandbox } = playground;
		const path = `/workflows/${FIRST_EXAMPLE}`;
		await host.rest.request('PATCH', path, { name: 'Mine now' });
		await importExamples(host, { ...sandbox.credential, authId: 'other' });

		assert.equal((await host.rest.request('GET', path)).name, 'Mine now');
		const credential = await host.rest.request('GET', `/credentials/${CREDENTIAL.id}?includeData=true`);
		assert.equal(credential.data.authId, 'other');
	});

	async function deliver(event) {
		const response = await fetch(`${playground.host.url}/webhook/crm-event`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(event),
		});
		return { status: response.status, body: await response.json() };
	}
});
