import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { v5 } from 'uuid';

import { startDeliveryPlayground } from './delivery-playground.ts';
import { linkByHandWorkflow, linkCardsWorkflow, linkWaitLinkWorkflow } from './delivery-workflows.ts';

const CRM_EXAMPLE = 'freedomPayCrmEventClosesCard';
const CLOSE = '/v5/card-api/card/close';
const LINK = '/v5/card-api/card/link';

/** What every request id of the package hangs on; a change would let reruns act twice. */
const NAMESPACE = '7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b';

/** The node's field, filled in from an item of `cardList`. */
const BY_EVENT = { eventId: '={{ $json.event_id }}' };

suite('safe delivery in a real n8n', () => {
	/** @type {import('./delivery-playground.ts').DeliveryPlayground} */
	let playground;
	let sandbox;

	before(async () => {
		playground = await startDeliveryPlayground();
		({ sandbox } = playground);
	});
	after(() => playground?.stop());
	beforeEach(() => sandbox.reset());

	suite('a CRM event', () => {
		const deliverEvent = (event) => playground.deliver('/webhook/crm-event', event);

		before(() => playground.host.publish(CRM_EXAMPLE));

		test('delivered twice acts once, and the second answer says that it was done before', async () => {
			const event = { event_id: 'evt-1', card_id: 'card-1001', reason: 'Lost by the cardholder' };
			const first = await deliverEvent(event);
			const second = await deliverEvent(event);

			assert.deepEqual([first.status, first.body.outcome], [200, 'done']);
			assert.deepEqual([second.status, second.body.outcome], [200, 'done_before']);
			assert.equal(second.body.request_id, first.body.request_id);
			assert.deepEqual(await effects(), { 'card-1001': [first.body.request_id] });
		});

		for (const [what, times] of Object.entries({
			'a slow answer': { latencyMs: 500, processingMs: 0 },
			'a command that settles later': { latencyMs: 200, processingMs: 1500 },
		})) {
			test(`delivered twice at once acts once, with ${what}`, async () => {
				await sandbox.takeTime(times);
				const event = { event_id: 'evt-2', card_id: 'card-1002', reason: 'Lost by the cardholder' };
				const answers = await Promise.all([deliverEvent(event), deliverEvent(event)]);

				assert.deepEqual(answers.map(({ status }) => status), [200, 200]);
				assert.deepEqual(answers.map(({ body }) => body.outcome).sort(), ['done', 'done_before']);
				assert.equal((await sent(CLOSE)).length, 2);
				assert.deepEqual(await effects(), { 'card-1002': [answers[0].body.request_id] });
				assert.equal(answers[1].body.request_id, answers[0].body.request_id);
			});
		}
	});

	suite('an execution that is killed', () => {
		test('and run again with the same event ids: each effect once, and those done before say so', async () => {
			const workflowId = 'nightlyLinks';
			const cards = cardList('night', 40);
			const before = await killHalfway(workflowId, cards, BY_EVENT);
			const { status, body: items } = await playground.deliver(`/webhook/${workflowId}`, { cards });

			assert.equal(status, 200);
			assert.deepEqual(outcomes(items), doneOrBefore(cards, before));
			const now = await effects();
			assert.deepEqual(now, idsByCard(items));
			assert.deepEqual(now, { ...now, ...before });
		});

		test('and retried from the list of executions, with event ids: each effect once', async () => {
			const workflowId = 'retriedEventLinks';
			const cards = cardList(workflowId, 40);
			const before = await killHalfway(workflowId, cards, BY_EVENT);
			const items = await retry(await lastExecution(workflowId));

			assert.deepEqual(outcomes(items), doneOrBefore(cards, before));
			const now = await effects();
			assert.deepEqual(now, idsByCard(items));
			assert.deepEqual(now, { ...now, ...before });
		});

		test('and retried from the list of executions, without event ids: each effect once', async () => {
			const workflowId = 'retriedPlainLinks';
			const cards = cardList(workflowId, 40);
			const before = await killHalfway(workflowId, cards, {});
			const items = await retry(await lastExecution(workflowId));

			assert.deepEqual(outcomes(items), doneOrBefore(cards, before));
			const now = await effects();
			assert.deepEqual(now, idsByCard(items));
			assert.deepEqual(now, { ...now, ...before });
		});

		/** Runs a list of cards, kills n8n in the middle of it, and starts n8n again; the effects that there are by then. */
		async function killHalfway(workflowId, cards, fields) {
			await playground.publish(linkCardsWorkflow(workflowId, { fields: { ...fields, options: { maxParallelRequests: 3 } } }));
			await sandbox.takeTime({ latencyMs: 250 });
			const answer = assert.rejects(playground.deliver(`/webhook/${workflowId}`, { cards }));
			while ((await sandbox.ledger()).length < 12) await delay(20);
			await playground.killN8n();
			await answer;

			await playground.restartN8n();
			await sandbox.takeTime({ latencyMs: 0 });
			const done = Object.keys(await effects()).length;
			assert.ok(done >= 12 && done < 30, `${done} effects by a killed execution, which n8n does not take up by itself`);
			assert.equal((await lastExecution(workflowId)).status, 'crashed');
			return await effects();
		}
	});

	suite('a failed execution that is retried from the list of executions', () => {
		test('acts once, with event ids', async () => await failAndRetry('eventLinks', BY_EVENT));
		test('acts once, with ids that the node makes', async () => await failAndRetry('plainLinks', {}));

		async function failAndRetry(workflowId, fields) {
			const cards = cardList(workflowId, 3);
			const [actedUnheard, notActed, done] = cardIds(cards);
			await playground.publish(linkCardsWorkflow(workflowId, { fields }));
			await failOnce(actedUnheard, notActed);
			assert.equal((await playground.deliver(`/webhook/${workflowId}`, { cards })).status, 500);
			assert.deepEqual(Object.keys(await effects()).sort(), [actedUnheard, done]);

			const failed = await lastExecution(workflowId);
			const items = await retry(failed);
			assert.notEqual((await lastExecution(workflowId)).id, failed.id);
			assert.deepEqual(await effects(), idsByCard(items));
			assert.deepEqual(outcomes(items), allDone(cards));
			const sends = (await sent(LINK)).map(({ body }) => body.card_id);
			assert.deepEqual(sends.sort(), [actedUnheard, done, notActed, notActed].sort(), 'the retry sends only what was not done');
		}
	});

	suite('request ids that the node makes', () => {
		const WORKFLOW = 'linksWithRetry';
		const cards = cardList('retry', 5);

		before(() =>
			playground.publish(linkCardsWorkflow(WORKFLOW, { settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 50 } })),
		);

		test('stay the same over Retry On Fail, so that each effect is there once', async () => {
			const [, , actedUnheard, notActed] = cardIds(cards);
			await failOnce(actedUnheard, notActed);
			const { status, body: items } = await playground.deliver(`/webhook/${WORKFLOW}`, { cards });

			assert.equal(status, 200);
			assert.deepEqual(outcomes(items), allDone(cards));
			assert.deepEqual(await effects(), idsByCard(items));
			const requests = await sent(LINK);
			for (const { card_id, request_id } of items) {
				const ids = requests.filter(({ body }) => body.card_id === card_id).map(({ requestId }) => requestId);
				const sends = card_id === notActed ? [request_id, request_id] : [request_id];
				assert.deepEqual(ids, sends, 'the second try sends only what was not done, under the same id');
			}
		});

		test('come from the instance, workflow, execution, node, method, identity and partner', async () => {
			await playground.deliver(`/webhook/${WORKFLOW}`, { cards });

			const origin = { ...(await originOf(await lastExecution(WORKFLOW))), node: 'Link Client' };
			assert.deepEqual(
				Object.fromEntries((await sent(LINK)).map(({ requestId, body }) => [body.card_id, requestId])),
				Object.fromEntries(cards.map((card) => [card.card_id, linkId(origin, card)])),
			);
		});

		test('differ in a new execution of the same workflow', async () => {
			const first = await playground.deliver(`/webhook/${WORKFLOW}`, { cards });
			const second = await playground.deliver(`/webhook/${WORKFLOW}`, { cards });
			const ids = [...first.body, ...second.body].map(({ request_id }) => request_id);
			assert.equal(new Set(ids).size, 2 * cards.length);
		});

		test("are the same instance's in another process beside it", async () => {
			const workflowId = 'linksByHand';
			await playground.host.rest.request('POST', '/workflows', linkByHandWorkflow(workflowId, cards));
			await playground.host.command(['execute', `--id=${workflowId}`]);

			const origin = { ...(await originOf(await lastExecution(workflowId))), node: 'Link Client' };
			assert.deepEqual(
				Object.fromEntries((await sent(LINK)).map(({ requestId, body }) => [body.card_id, requestId])),
				Object.fromEntries(cards.map((card) => [card.card_id, linkId(origin, card)])),
			);
		});

		test('stay those of the execution when another process resumes it', async () => {
			const workflowId = 'linkWaitLink';
			const card = { card_id: 'waiting-1', client_id: 'client-1' };
			await playground.publish(linkWaitLinkWorkflow(workflowId));
			const { body: told } = await playground.deliver(`/webhook/${workflowId}`, card);
			while ((await lastExecution(workflowId)).status !== 'waiting') await delay(100);
			const before = await originOf(await lastExecution(workflowId));

			await playground.restartN8n();
			const { status, body: item } = await playground.deliver(told.resumeUrl, {});
			assert.deepEqual([status, item.outcome, item.request_status], [200, 'done', 'success']);

			const last = await lastExecution(workflowId);
			assert.equal(last.id, told.executionId);
			assert.deepEqual(await originOf(last), before);
			assert.deepEqual(
				(await sent(LINK)).map(({ requestId }) => requestId),
				['Link Client', 'Link Client Again'].map((name) => linkId({ ...before, node: name }, card)),
			);
		});
	});

	/** Each card's request ids in the order of their effects. */
	async function effects() {
		const byCard = {};
		for (const { target, requestId } of await sandbox.ledger()) (byCard[target.card_id] ??= []).push(requestId);
		return byCard;
	}

	async function sent(wanted) {
		return (await sandbox.journal()).filter(({ path }) => path === wanted);
	}

	/** One card acts and its answer is lost, another one does not act, and asking about both fails until the node gives up. */
	async function failOnce(actedUnheard, notActed) {
		const asksPerItem = 3;
		await sandbox.misbehave(
			{ path: 'card/link', card: actedUnheard, kind: 'dropAfter' },
			{ path: 'card/link', card: notActed, kind: 'dropBefore' },
			{ path: 'request/status', kind: 'http503Before', times: 2 * asksPerItem },
		);
	}

	async function lastExecution(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const { results } = await playground.host.rest.request('GET', `/executions?filter=${filter}`);
		return results[0];
	}

	/** Does what n8n's button Retry does; the items that come out. */
	async function retry({ id, workflowId }) {
		await playground.host.rest.request('POST', `/executions/${id}/retry`, { loadWorkflow: false });
		const { data } = await playground.host.readExecution((await lastExecution(workflowId)).id);
		return data.resultData.runData['Link Client'][0].data.main[0].map(({ json }) => json);
	}

	/** Where the commands of an execution come from, but for the node: by its token, which it keeps whatever becomes of it. */
	async function originOf({ id, workflowId }) {
		const { instanceId } = await playground.host.rest.request('GET', '/settings');
		const { resumeToken } = (await playground.host.readExecution(id)).data;
		const { baseUrl, authId } = sandbox.credential;
		const partner = createHash('sha256').update(JSON.stringify([baseUrl, authId])).digest('base64url');
		return { instanceId, workflowId, execution: resumeToken, partner };
	}
});

function cardList(name, count) {
	return Array.from({ length: count }, (_, index) => ({
		card_id: `${name}-${index + 1}`,
		client_id: `client-of-${name}-${index + 1}`,
		event_id: `event-of-${name}-${index + 1}`,
	}));
}

const cardIds = (cards) => cards.map(({ card_id }) => card_id);

const outcomes = (items) => items.map(({ card_id, outcome }) => [card_id, outcome]);

const allDone = (cards) => cardIds(cards).map((card) => [card, 'done']);

/** What a run says that begins with some of the effects. */
const doneOrBefore = (cards, before) => cardIds(cards).map((card) => [card, card in before ? 'done_before' : 'done']);

/** What the ledger has to hold when each item's command acted once. */
const idsByCard = (items) => Object.fromEntries(items.map(({ card_id, request_id }) => [card_id, [request_id]]));

/** The id that the node makes for a link that its execution wants once. The keys of every object are in the order of the alphabet. */
function linkId({ execution, instanceId, node, partner, workflowId }, { card_id, client_id }) {
	const parts = { execution, identity: { card_id, client_id }, instanceId, m: 0, n: 0, node, partner, path: LINK, workflowId };
	return v5(JSON.stringify(parts), NAMESPACE);
}
