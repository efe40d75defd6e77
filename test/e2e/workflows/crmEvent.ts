import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { StoredExecution, Host } from '../../n8n/host.ts';
import type { CredentialData, Sandbox } from '../../n8n/sandbox.ts';
import { changeCredential } from '../credentials.ts';
import { at, itemsOf } from '../items.ts';
import { manualRuns } from '../manualRuns.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayCrmEventClosesCard';
const PATH = 'crm-event';

/** A CRM event closes a card. */
export function crmEvent(playground: () => Playground): void {
	suite('a CRM event closes a card', () => {
		let host: Host;
		let sandbox: Sandbox;
		let runs: ExampleRuns;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
		});

		const event = (number: number, card_id: string) => ({ event_id: `evt-2026-${number}`, card_id, reason: 'Lost by the cardholder' });
		const closings = (card: string) => runs.effectsOn(card);

		const firstThatActed = async () => at((await sandbox.journal()).filter(({ acted }) => acted), 0);

		/** What the list of executions says of the latest one, and the node at which it ended. */
		async function told() {
			const { status, data } = await runs.last();
			const { error, lastNodeExecuted } = data.resultData;
			return { status, endedAt: lastNodeExecuted, message: error?.message };
		}

		/** The answer is not the last word: after it, the same event goes on in this node. */
		const END = 'Close Card to the End';
		const DONE = { status: 'success', endedAt: 'Answer 200 Done', message: undefined };

		test('which is pinned as a sample, when it is run by hand', async () => {
			const execution = await runs.byHand('CRM Event');
			assert.equal(execution.status, 'success');
			assert.deepEqual(itemsOf(execution, 'Answer 200 Done').map(({ card_id, outcome }) => [card_id, outcome]), [['card-1004', 'done']]);
			assert.equal(await closings('card-1004'), 1);
			await sandbox.reset();
		});

		test('which is answered with 200, and a success in the list of executions', async () => {
			const { status, body } = await runs.deliver(PATH, event(1, 'card-1004'));
			const { requestId, body: sent } = await firstThatActed();
			assert.deepEqual([status, body], [200, { outcome: 'done', card_id: 'card-1004', request_id: requestId }]);
			assert.deepEqual([sent.card_id, sent.description], ['card-1004', 'Lost by the cardholder']);
			assert.deepEqual(await told(), DONE);
		});

		test('once, when it is delivered twice, and the second answer is that of the first', async () => {
			const { status, body } = await runs.deliver(PATH, event(1, 'card-1004'));
			const { requestId } = await firstThatActed();
			assert.deepEqual([status, body], [200, { outcome: 'done_before', card_id: 'card-1004', request_id: requestId }]);
			assert.equal((await told()).status, 'success');
			assert.equal(await closings('card-1004'), 1);
		});

		test('once, when it is delivered twice at the same time', async () => {
			const both = await Promise.all([runs.deliver(PATH, event(2, 'card-1005')), runs.deliver(PATH, event(2, 'card-1005'))]);
			assert.deepEqual(both.map(({ status }) => status), [200, 200]);
			assert.ok(both.every(({ body }) => ['done', 'done_before'].includes(body.outcome)));
			assert.equal(await closings('card-1005'), 1);
		});

		test('which is answered with 202 once while FreedomPay still processes it, and followed to its end', async () => {
			await sandbox.takeTime({ processingMs: 16_000 });
			const first = await runs.deliver(PATH, event(3, 'card-1006'));
			assert.deepEqual([first.status, first.body.outcome, first.body.card_id], [202, 'processing', 'card-1006']);
			assert.deepEqual(await told(), { status: 'success', endedAt: END, message: undefined });

			const later = await runs.deliver(PATH, event(3, 'card-1006'));
			assert.deepEqual([later.status, later.body], [200, { outcome: 'done_before', card_id: 'card-1006', request_id: first.body.request_id }]);
			assert.equal(await closings('card-1006'), 1);
		});

		test('which is answered with 502 when it comes again while FreedomPay still processes it', async () => {
			await sandbox.reset();
			await sandbox.takeTime({ processingMs: 40_000 });
			const first = await runs.deliver(PATH, event(12, 'card-1003'));
			assert.equal(first.status, 202);
			const second = await runs.deliver(PATH, event(12, 'card-1003'));
			assert.deepEqual([second.status, second.body.outcome, second.body.try_again], [502, 'processing', 'after_check']);
			assert.deepEqual(await told(), { status: 'success', endedAt: END, message: undefined });
			assert.equal(await closings('card-1003'), 1);
			await sandbox.takeTime({ processingMs: 0 });
		});

		test('without a key, or with a wrong one, is let in by nobody', async () => {
			const [journal, executions] = [await sandbox.journal(), await runs.executions()];
			for (const headers of [{}, { 'X-CRM-Key': 'guessed' }] as Array<Record<string, string>>) {
				assert.equal((await runs.deliver(PATH, event(4, 'card-1007'), headers)).status, 403);
			}
			assert.deepEqual(await sandbox.journal(), journal);
			assert.equal((await runs.executions()).length, executions.length);
		});

		for (const [what, sent, field = /Event ID/] of [
			['without an id', { card_id: 'card-1007', reason: 'Lost' }],
			['with an empty id', { event_id: ' ', card_id: 'card-1007', reason: 'Lost' }],
			['with an id that is no text', { event_id: { id: 1 }, card_id: 'card-1007', reason: 'Lost' }],
			['without a card', { event_id: 'evt-2026-5', reason: 'Lost' }, /Card ID/],
			['with two cards in one field', { event_id: 'evt-2026-6', card_id: 'card-1007, card-1008' }, /Card ID/],
			['that is empty', {}, /Card ID|Event ID/],
		] as ReadonlyArray<readonly [what: string, sent: object, field?: RegExp]>) {
			test(`${what} is answered with 422, nothing is sent, and the execution has failed`, async () => {
				const journal = await sandbox.journal();
				const { status, body } = await runs.deliver(PATH, sent);
				assert.deepEqual([status, body.outcome, body.try_again], [422, 'not_done', 'no']);
				assert.match(body.error, field);
				assert.notEqual(body.next_step, '');
				assert.deepEqual(await sandbox.journal(), journal);

				const { status: listed, endedAt, message } = await told();
				assert.deepEqual([listed, endedAt], ['error', END]);
				assert.match(message ?? '', field);
			});
		}

		test('without a reason closes the card all the same', async () => {
			const { status } = await runs.deliver(PATH, { event_id: 'evt-2026-7', card_id: 'card-1007' });
			assert.equal(status, 200);
			assert.equal((await sandbox.journal()).at(-1)?.body.description, 'Asked for by the CRM');
		});

		test('for a card that FreedomPay does not know is answered with 422, and the execution has failed', async () => {
			const { status, body } = await runs.deliver(PATH, event(8, 'no-such-card'));
			const { requestId } = at((await sandbox.journal()).filter((entry) => entry.body.card_id === 'no-such-card'), 0);
			assert.deepEqual([status, body.outcome, body.try_again, body.card_id, body.request_id], [422, 'refused', 'no', 'no-such-card', requestId]);
			assert.match(body.error, /card not found/);
			assert.notEqual(body.next_step, '');

			const { status: listed, endedAt, message } = await told();
			assert.deepEqual([listed, endedAt], ['error', END]);
			assert.match(message ?? '', /card not found/);
		});

		test('with an unknown outcome is answered with 502, looked up after the answer, and the next delivery tells it', async () => {
			await sandbox.misbehave(
				{ path: 'card/close', card: 'card-1008', kind: 'dropAfter' },
				{ path: 'request/status', kind: 'http503Before', times: 3 },
			);
			const { status, body } = await runs.deliver(PATH, event(9, 'card-1008'));
			assert.deepEqual([status, body.outcome, body.try_again, body.card_id], [502, 'unknown', 'after_check', 'card-1008']);
			assert.deepEqual(await told(), { status: 'success', endedAt: END, message: undefined });
			assert.equal(await closings('card-1008'), 1);

			const again = await runs.deliver(PATH, event(9, 'card-1008'));
			assert.deepEqual([again.status, again.body], [200, { outcome: 'done_before', card_id: 'card-1008', request_id: body.request_id }]);
			assert.equal(await closings('card-1008'), 1);
		});

		for (const [number, [what, breakIt]] of ([
			['FreedomPay refuses the key', () => useCredential({ partnerKey: 'another' })],
			['FreedomPay cannot be reached', () => useCredential({ baseUrl: 'http://127.0.0.1:9' })],
		] as const).entries()) {
			test(`is answered with 503 when ${what}, ends red at FreedomPay's node, and Retry does it once that is put right`, async () => {
				const card = `card-${1009 + number}`;
				await breakIt();
				let failed: StoredExecution;
				try {
					const { status, body } = await runs.deliver(PATH, event(10 + number, card));
					assert.deepEqual([status, body.outcome, body.try_again], [503, 'not_done', 'yes']);
					failed = await runs.last();
					assert.deepEqual([failed.status, failed.data.resultData.lastNodeExecuted], ['error', END]);
					assert.equal(await closings(card), 0);
				} finally {
					await useCredential({});
				}
				const retried = await manualRuns(host).retry(failed);
				assert.deepEqual([retried.status, itemsOf(retried, END).map(({ outcome }) => outcome)], ['success', ['done']]);
				assert.equal(await closings(card), 1);

				const again = await runs.deliver(PATH, event(10 + number, card));
				assert.deepEqual([again.status, again.body.outcome], [200, 'done_before']);
				assert.equal(await closings(card), 1);
			});
		}

		const useCredential = async (data: Partial<CredentialData>) => await changeCredential(playground(), data);
	});
}
