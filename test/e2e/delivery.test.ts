import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { v5 } from 'uuid';

import type { Sandbox } from '../n8n/sandbox.ts';
import { itemsOf, type Told } from './items.ts';
import { linkByHandWorkflow, linkCardsWorkflow, linkWaitLinkWorkflow } from './linkWorkflows.ts';
import { startPlayground, type Playground } from './playground.ts';
import { storedWorkflows, type StoredWorkflows } from './storedWorkflows.ts';
import { post } from './webhooks.ts';

const CRM_EXAMPLE = 'freedomPayCrmEventClosesCard';
const CLOSE = '/v5/card-api/card/close';
const LINK = '/v5/card-api/card/link';
const LINK_NODE = 'Link Client';

/** What every request id of the package hangs on; a change would let reruns act twice. */
const NAMESPACE = '7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b';

/** The node's field, filled in from an item of `cardList`. */
const BY_EVENT = { eventId: '={{ $json.event_id }}' };

/** A card to link, and the event behind that. */
interface CardToLink {
	card_id: string;
	client_id: string;
	event_id: string;
}

/** The request ids of effects, by card. */
type IdsByCard = Record<string, Array<string | undefined>>;

suite('safe delivery in a real n8n', () => {
	let playground: Playground;
	let sandbox: Sandbox;
	let workflows: StoredWorkflows;

	before(async () => {
		playground = await startPlayground('delivery', { acceptUnknown: true });
		({ sandbox } = playground);
		workflows = storedWorkflows(playground);
	});
	after(() => playground?.stop());

	suite('a CRM event', () => {
		const deliverEvent = (event: object) => workflows.deliver('crm-event', event);

		before(() => playground.host.publish(CRM_EXAMPLE));
		beforeEach(() => sandbox.reset());

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

	suite('executions that are killed together', () => {
		const CARDS = 40;
		const LEAST = 12;
		const THREE_AT_ONCE = { options: { maxParallelRequests: 3 } };
		const cardsOf = (workflowId: string) => cardList(workflowId, CARDS);

		/** The fields of each one's card node. */
		const KILLED = { nightlyLinks: BY_EVENT, retriedEventLinks: BY_EVENT, retriedPlainLinks: {} };

		/** The effects that each had when n8n had been started again. */
		const earlier: Record<string, IdsByCard> = {};

		/** Runs the lists, kills n8n in the middle of them, and starts n8n again. */
		before(async () => {
			await sandbox.reset();
			const names = Object.keys(KILLED);
			for (const [id, fields] of Object.entries(KILLED)) await workflows.publish(linkCardsWorkflow(id, { fields: { ...fields, ...THREE_AT_ONCE } }));
			await sandbox.takeTime({ latencyMs: 250 });
			const answers = names.map((id) => assert.rejects(workflows.deliver(id, { cards: cardsOf(id) })));
			const done = async () => await Promise.all(names.map(async (id) => Object.keys(await effectsOf(id)).length));
			while (Math.min(...(await done())) < LEAST) await delay(20);
			await playground.kill();
			await Promise.all(answers);

			await playground.restart();
			await sandbox.takeTime({ latencyMs: 0 });
			for (const id of names) earlier[id] = await effectsOf(id);
		});

		test('end there, and n8n does not take them up by itself', async () => {
			for (const [id, effects] of Object.entries(earlier)) {
				const done = Object.keys(effects).length;
				assert.ok(done >= LEAST && done < CARDS, `${done} effects by ${id}`);
				assert.equal((await workflows.newest(id)).status, 'crashed');
			}
		});

		test('and run again with the same event ids: each effect once, and those done before say so', async () => {
			const { status, body } = await workflows.deliver<Told[]>('nightlyLinks', { cards: cardsOf('nightlyLinks') });
			assert.equal(status, 200);
			await isDoneOnce('nightlyLinks', body);
		});

		test('and retried from the list of executions, with event ids: each effect once', async () => {
			await isDoneOnce('retriedEventLinks', await retry(await workflows.newest('retriedEventLinks')));
		});

		test('and retried from the list of executions, without event ids: each effect once', async () => {
			await isDoneOnce('retriedPlainLinks', await retry(await workflows.newest('retriedPlainLinks')));
		});

		async function isDoneOnce(workflowId: string, items: Told[]): Promise<void> {
			const effects = earlier[workflowId] ?? {};
			assert.deepEqual(outcomes(items), doneOrBefore(cardsOf(workflowId), effects));
			const now = await effectsOf(workflowId);
			assert.deepEqual(now, idsByCard(items));
			assert.deepEqual(now, { ...now, ...effects });
		}

		async function effectsOf(workflowId: string): Promise<IdsByCard> {
			return Object.fromEntries(Object.entries(await effects()).filter(([card]) => card.startsWith(`${workflowId}-`)));
		}
	});

	suite('a failed execution that is retried from the list of executions', () => {
		beforeEach(() => sandbox.reset());

		test('acts once, with event ids', async () => await failAndRetry('eventLinks', BY_EVENT));
		test('acts once, with ids that the node makes', async () => await failAndRetry('plainLinks', {}));

		async function failAndRetry(workflowId: string, fields: object): Promise<void> {
			const cards = cardList(workflowId, 3);
			const [actedUnheard, notActed, done] = cardIds(cards) as [string, string, string];
			await workflows.publish(linkCardsWorkflow(workflowId, { fields }));
			await failOnce(actedUnheard, notActed);
			assert.equal((await workflows.deliver(workflowId, { cards })).status, 500);
			assert.deepEqual(Object.keys(await effects()).sort(), [actedUnheard, done]);

			const failed = await workflows.newest(workflowId);
			const items = await retry(failed);
			assert.notEqual((await workflows.newest(workflowId)).id, failed.id);
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
			workflows.publish(linkCardsWorkflow(WORKFLOW, { settings: { retryOnFail: true, maxTries: 3, waitBetweenTries: 50 } })),
		);
		beforeEach(() => sandbox.reset());

		test('stay the same over Retry On Fail, so that each effect is there once', async () => {
			const [, , actedUnheard, notActed] = cardIds(cards) as [string, string, string, string, string];
			await failOnce(actedUnheard, notActed);
			const { status, body: items } = await workflows.deliver<Told[]>(WORKFLOW, { cards });

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
			await workflows.deliver(WORKFLOW, { cards });

			const origin = { ...(await originOf(await workflows.newest(WORKFLOW))), node: LINK_NODE };
			assert.deepEqual(
				Object.fromEntries((await sent(LINK)).map(({ requestId, body }) => [String(body.card_id), requestId])),
				Object.fromEntries(cards.map((card) => [card.card_id, linkId(origin, card)])),
			);
		});

		test('differ in a new execution of the same workflow', async () => {
			const first = await workflows.deliver<Told[]>(WORKFLOW, { cards });
			const second = await workflows.deliver<Told[]>(WORKFLOW, { cards });
			const ids = [...first.body, ...second.body].map(({ request_id }) => request_id);
			assert.equal(new Set(ids).size, 2 * cards.length);
		});

		test("are the same instance's in another process beside it", async () => {
			const workflowId = 'linksByHand';
			await workflows.store(linkByHandWorkflow(workflowId, cards));
			await playground.host.command(['execute', `--id=${workflowId}`]);

			const origin = { ...(await originOf(await workflows.newest(workflowId))), node: LINK_NODE };
			assert.deepEqual(
				Object.fromEntries((await sent(LINK)).map(({ requestId, body }) => [String(body.card_id), requestId])),
				Object.fromEntries(cards.map((card) => [card.card_id, linkId(origin, card)])),
			);
		});

		test('stay those of the execution when another process resumes it', async () => {
			const workflowId = 'linkWaitLink';
			const card = { card_id: 'waiting-1', client_id: 'client-1' };
			await workflows.publish(linkWaitLinkWorkflow(workflowId));
			const { body: told } = await workflows.deliver<{ executionId: string; resumeUrl: string }>(workflowId, card);
			while ((await workflows.newest(workflowId)).status !== 'waiting') await delay(100);
			const before = await originOf(await workflows.newest(workflowId));

			await playground.restart();
			const { status, body: item } = await post(new URL(told.resumeUrl), {});
			assert.deepEqual([status, item.outcome, item.request_status], [200, 'done', 'success']);

			const last = await workflows.newest(workflowId);
			assert.equal(last.id, told.executionId);
			assert.deepEqual(await originOf(last), before);
			assert.deepEqual(
				(await sent(LINK)).map(({ requestId }) => requestId),
				[LINK_NODE, 'Link Client Again'].map((name) => linkId({ ...before, node: name }, card)),
			);
		});
	});

	/** Each card's request ids in the order of their effects. */
	async function effects(): Promise<IdsByCard> {
		const byCard: IdsByCard = {};
		for (const { target, requestId } of await sandbox.ledger()) (byCard[String(target.card_id)] ??= []).push(requestId);
		return byCard;
	}

	async function sent(wanted: string) {
		return (await sandbox.journal()).filter(({ path }) => path === wanted);
	}

	/** One card acts and its answer is lost, another one does not act, and asking about both fails until the node gives up. */
	async function failOnce(actedUnheard: string, notActed: string): Promise<void> {
		const asksPerItem = 3;
		await sandbox.misbehave(
			{ path: 'card/link', card: actedUnheard, kind: 'dropAfter' },
			{ path: 'card/link', card: notActed, kind: 'dropBefore' },
			{ path: 'request/status', kind: 'http503Before', times: 2 * asksPerItem },
		);
	}

	/** Does what n8n's button Retry does; the items that come out. */
	const retry = async (execution: { id: string }): Promise<Told[]> => itemsOf(await workflows.retry(execution, false), LINK_NODE);

	/** Where the commands of an execution come from, but for the node: by its token, which it keeps whatever becomes of it. */
	async function originOf({ id, workflowId }: { id: string; workflowId: string }): Promise<Origin> {
		const { instanceId } = await playground.host.rest.request<{ instanceId: string }>('GET', '/settings');
		const { resumeToken } = (await playground.host.readExecution(id)).data;
		const { baseUrl, authId } = sandbox.credential;
		const partner = createHash('sha256').update(JSON.stringify([baseUrl, authId])).digest('base64url');
		return { instanceId, workflowId, execution: resumeToken, partner };
	}
});

/** Where a command comes from, but for the node. */
interface Origin {
	instanceId: string;
	workflowId: string;
	/** Its token. */
	execution: string | undefined;
	partner: string;
}

function cardList(name: string, count: number): CardToLink[] {
	return Array.from({ length: count }, (_, index) => ({
		card_id: `${name}-${index + 1}`,
		client_id: `client-of-${name}-${index + 1}`,
		event_id: `event-of-${name}-${index + 1}`,
	}));
}

const cardIds = (cards: CardToLink[]): string[] => cards.map(({ card_id }) => card_id);

const outcomes = (items: Told[]) => items.map(({ card_id, outcome }) => [card_id, outcome]);

const allDone = (cards: CardToLink[]) => cardIds(cards).map((card) => [card, 'done']);

/** What a run says that begins with some of the effects. */
const doneOrBefore = (cards: CardToLink[], before: IdsByCard) => cardIds(cards).map((card) => [card, card in before ? 'done_before' : 'done']);

/** What the ledger has to hold when each item's command acted once. */
const idsByCard = (items: Told[]): IdsByCard => Object.fromEntries(items.map(({ card_id, request_id }) => [card_id, [request_id]]));

/** The id that the node makes for a link that its execution wants once. The keys of every object are in the order of the alphabet. */
function linkId({ execution, instanceId, node, partner, workflowId }: Origin & { node: string }, { card_id, client_id }: Omit<CardToLink, 'event_id'>): string {
	const parts = { execution, identity: { card_id, client_id }, instanceId, m: 0, n: 0, node, partner, path: LINK, workflowId };
	return v5(JSON.stringify(parts), NAMESPACE);
}
