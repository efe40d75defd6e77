import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import { itemsOf, runsOf } from './runs.ts';

const ID = 'freedomPayCloseACardSafely';
const CALLER = 'callerOfCloseSafely';

/**
 * The sub-workflow that closes a card safely, called by a published workflow.
 *
 * @param {() => Awaited<ReturnType<typeof import('../playground.ts').startPlayground>>} playground
 */
export function closeSafely(playground) {
	suite('Close a card safely', () => {
		let host;
		let sandbox;
		let runs;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
			await host.rest.request('POST', '/workflows', callerWorkflow());
			await host.publish(CALLER);
		});

		const closings = (card) => runs.effectsOn(card);

		/** Calls it with some cards in one go; the results by card. */
		async function call(...cards) {
			const { status, body } = await runs.deliver(CALLER, { cards });
			assert.equal(status, 200);
			assert.equal(body.length, cards.length);
			for (const result of body) assert.deepEqual(Object.keys(result), ['card_id', 'outcome', 'cause', 'try_again', 'message', 'request_id']);
			const execution = await runs.last();
			assert.equal(execution.status, 'success');
			return Object.fromEntries(body.map((result) => [result.card_id, result]));
		}

		const loss = (card_id, event_id = `loss-of-${card_id}`) => ({ card_id, reason: 'Lost by the cardholder', event_id });

		test('closes the card that is pinned as a sample, when it is run by hand', async () => {
			const execution = await runs.byHand('When Called');
			assert.equal(execution.status, 'success');
			assert.deepEqual(itemsOf(execution, 'One Result per Card').map(({ card_id, outcome }) => [card_id, outcome]), [['card-1004', 'done']]);
			await sandbox.reset();
		});

		test('gives one result for each card that it is given, whatever became of each', async () => {
			const results = await call(loss('card-1001'), loss('no-such-card'), loss('card-1003', ''));
			assert.deepEqual(
				Object.values(results).map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]),
				[['card-1001', 'done', ''], ['no-such-card', 'refused', 'no'], ['card-1003', 'not_done', 'no']],
			);
			const [{ requestId }] = (await sandbox.journal()).filter(({ acted }) => acted);
			const done = { card_id: 'card-1001', outcome: 'done', cause: '', try_again: '', message: 'The card is closed.', request_id: requestId };
			assert.deepEqual(results['card-1001'], done);
			assert.match(results['no-such-card'].message, /card not found/);
			assert.match(results['card-1003'].message, /Event ID/);
			assert.equal(results['card-1003'].request_id, null);
			assert.deepEqual(await Promise.all(['card-1001', 'card-1003'].map(closings)), [1, 0]);
		});

		test('tells an outcome that nobody knows', async () => {
			await sandbox.misbehave(
				{ path: 'card/close', card: 'card-1002', kind: 'dropAfter' },
				{ path: 'request/status', kind: 'http503Before', times: 3 },
			);
			const { 'card-1002': result } = await call(loss('card-1002'));
			assert.deepEqual([result.outcome, result.try_again], ['unknown', 'after_check']);
			assert.match(result.message, /unknown whether FreedomPay carried out.*Before repeating it/);
			assert.equal(await closings('card-1002'), 1);
		});

		test('called again with the same events, tells the outcomes of the first calls, the unknown one too', async () => {
			const results = await call(loss('card-1001'), loss('card-1002'), loss('no-such-card'));
			assert.deepEqual(
				Object.values(results).map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]),
				[['card-1001', 'done_before', ''], ['card-1002', 'done_before', ''], ['no-such-card', 'refused', 'no']],
			);
			assert.deepEqual(await Promise.all(['card-1001', 'card-1002'].map(closings)), [1, 1]);
		});

		test('closes a card without a reason', async () => {
			const { 'card-1003': result } = await call({ card_id: 'card-1003', event_id: 'loss-3' });
			assert.equal(result.outcome, 'done');
		});

		test('without a card tells that it failed, and sends nothing', async () => {
			const journal = await sandbox.journal();
			const { null: result } = await call({ event_id: 'loss-4', reason: 'Lost' });
			assert.deepEqual([result.outcome, result.cause, result.try_again], ['not_done', 'input', 'no']);
			assert.match(result.message, /Card ID/);
			assert.deepEqual(await sandbox.journal(), journal);
		});

		suite('when FreedomPay is still processing it', () => {
			before(async () => {
				const { nodes } = await host.rest.request('GET', `/workflows/${ID}`);
				const impatient = nodes.map((node) =>
					node.name === 'Close Card' ? { ...node, parameters: { ...node.parameters, options: { maxWaitSeconds: 1 } } } : node,
				);
				await host.rest.request('PATCH', `/workflows/${ID}`, { nodes: impatient });
				await host.publish(ID);
			});

			test('tells so, and when it is called again and it is done, tells that', async () => {
				await sandbox.takeTime({ processingMs: 4_000 });
				const seen = [];
				do seen.push((await call(loss('card-1008')))['card-1008']);
				while (seen.at(-1).outcome === 'processing');
				assert.deepEqual([seen[0].outcome, seen[0].try_again, seen.at(-1).outcome], ['processing', 'after_check', 'done_before']);
				assert.match(seen[0].request_id, /^[0-9a-f-]{36}$/);
				assert.equal(await closings('card-1008'), 1);
			});
		});
	});
}

/** A webhook that takes `{ cards: [ … ] }`, calls the sub-workflow with all of them, and answers with what it gives. */
function callerWorkflow() {
	const node = (name, type, typeVersion, parameters, x) => ({ id: `caller-${x}`, name, type: `n8n-nodes-base.${type}`, typeVersion, parameters, position: [x, 0] });
	const to = (name) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		id: CALLER,
		name: CALLER,
		active: false,
		nodes: [
			{ ...node('Cards', 'webhook', 2.1, { httpMethod: 'POST', path: CALLER, responseMode: 'lastNode', responseData: 'allEntries', options: {} }, 0), webhookId: CALLER },
			node('One Item per Card', 'splitOut', 1, { fieldToSplitOut: 'body.cards', options: {} }, 220),
			node(
				'Close Them',
				'executeWorkflow',
				1.4,
				{
					workflowId: { __rl: true, mode: 'id', value: ID },
					workflowInputs: {
						mappingMode: 'defineBelow',
						value: Object.fromEntries(['card_id', 'reason', 'event_id'].map((field) => [field, `={{ $json.${field} }}`])),
						matchingColumns: [],
						schema: ['card_id', 'reason', 'event_id'].map((id) => ({ id, displayName: id, required: false, defaultMatch: false, display: true, canBeUsedToMatch: true, type: 'string' })),
					},
					mode: 'once',
					options: {},
				},
				440,
			),
		],
		connections: { Cards: to('One Item per Card'), 'One Item per Card': to('Close Them') },
		settings: { executionOrder: 'v1' },
	};
}
