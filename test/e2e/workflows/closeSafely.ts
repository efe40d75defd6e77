import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { Host } from '../../n8n/host.ts';
import type { Sandbox } from '../../n8n/sandbox.ts';
import { at, itemsOf, type Told } from '../items.ts';
import { chain, node, splitOut, webhook, type Workflow, type WorkflowNode } from '../nodes.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayCloseACardSafely';
const CALLER = 'callerOfCloseSafely';

/** The sub-workflow that closes a card safely, called by a published workflow. */
export function closeSafely(playground: () => Playground): void {
	suite('Close a card safely', () => {
		let host: Host;
		let sandbox: Sandbox;
		let runs: ExampleRuns;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
			await host.rest.request('POST', '/workflows', callerWorkflow());
			await host.publish(CALLER);
		});

		const closings = (card: string) => runs.effectsOn(card);

		/** Calls it with some cards in one go; the results by card. */
		async function call(...cards: object[]): Promise<Record<string, Told>> {
			const { status, body } = await runs.deliver<Told[]>(CALLER, { cards });
			assert.equal(status, 200);
			assert.equal(body.length, cards.length);
			for (const result of body) assert.deepEqual(Object.keys(result), ['card_id', 'outcome', 'cause', 'try_again', 'message', 'request_id']);
			assert.equal((await runs.last()).status, 'success');
			return Object.fromEntries(body.map((result) => [result.card_id, result]));
		}

		const loss = (card_id: string, event_id = `loss-of-${card_id}`) => ({ card_id, reason: 'Lost by the cardholder', event_id });

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
			const { requestId } = at((await sandbox.journal()).filter(({ acted }) => acted), 0);
			const done = { card_id: 'card-1001', outcome: 'done', cause: '', try_again: '', message: 'The card is closed.', request_id: requestId };
			assert.deepEqual(results['card-1001'], done);
			assert.match(results['no-such-card']?.message ?? '', /card not found/);
			assert.match(results['card-1003']?.message ?? '', /Event ID/);
			assert.equal(results['card-1003']?.request_id, null);
			assert.deepEqual(await Promise.all(['card-1001', 'card-1003'].map(closings)), [1, 0]);
		});

		test('tells an outcome that nobody knows', async () => {
			await sandbox.misbehave(
				{ path: 'card/close', card: 'card-1002', kind: 'dropAfter' },
				{ path: 'request/status', kind: 'http503Before', times: 3 },
			);
			const result = at(Object.values(await call(loss('card-1002'))), 0);
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
			assert.equal(result?.outcome, 'done');
		});

		test('without a card tells that it failed, and sends nothing', async () => {
			const journal = await sandbox.journal();
			const { null: result } = await call({ event_id: 'loss-4', reason: 'Lost' });
			assert.deepEqual([result?.outcome, result?.cause, result?.try_again], ['not_done', 'input', 'no']);
			assert.match(result?.message ?? '', /Card ID/);
			assert.deepEqual(await sandbox.journal(), journal);
		});

		suite('when FreedomPay is still processing it', () => {
			before(async () => {
				const { nodes } = await host.rest.request<{ nodes: WorkflowNode[] }>('GET', `/workflows/${ID}`);
				const impatient = nodes.map((node) =>
					node.name === 'Close Card' ? { ...node, parameters: { ...node.parameters, options: { maxWaitSeconds: 1 } } } : node,
				);
				await host.rest.request('PATCH', `/workflows/${ID}`, { nodes: impatient });
				await host.publish(ID);
			});

			test('tells so, and when it is called again and it is done, tells that', async () => {
				await sandbox.takeTime({ processingMs: 4_000 });
				const seen: Told[] = [];
				do seen.push(at(Object.values(await call(loss('card-1008'))), 0));
				while (at(seen, -1).outcome === 'processing');
				const [first, last] = [at(seen, 0), at(seen, -1)];
				assert.deepEqual([first.outcome, first.try_again, last.outcome], ['processing', 'after_check', 'done_before']);
				assert.match(first.request_id, /^[0-9a-f-]{36}$/);
				assert.equal(await closings('card-1008'), 1);
			});
		});
	});
}

/** A webhook that takes `{ cards: [ … ] }`, calls the sub-workflow with all of them, and answers with what it gives. */
function callerWorkflow(): Workflow {
	const fields = ['card_id', 'reason', 'event_id'];
	return chain(CALLER, [
		webhook(CALLER, { responseMode: 'lastNode', responseData: 'allEntries' }),
		splitOut('body.cards'),
		node('Close Them', 'n8n-nodes-base.executeWorkflow', 1.4, {
			workflowId: { __rl: true, mode: 'id', value: ID },
			workflowInputs: {
				mappingMode: 'defineBelow',
				value: Object.fromEntries(fields.map((field) => [field, `={{ $json.${field} }}`])),
				matchingColumns: [],
				schema: fields.map((id) => ({ id, displayName: id, required: false, defaultMatch: false, display: true, canBeUsedToMatch: true, type: 'string' })),
			},
			mode: 'once',
			options: {},
		}),
	]);
}
