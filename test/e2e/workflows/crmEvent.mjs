import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import { CREDENTIAL } from '../../n8n/examples.mjs';
import { itemsOf, runsOf } from './runs.mjs';

const ID = 'freedomPayCrmEventClosesCard';
const PATH = 'crm-event';

/**
 * A CRM event closes a card.
 *
 * @param {() => Awaited<ReturnType<typeof import('../playground.mjs').startPlayground>>} playground
 */
export function crmEvent(playground) {
	suite('a CRM event closes a card', () => {
		let host;
		let sandbox;
		let runs;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
		});

		const event = (number, card_id) => ({ event_id: `evt-2026-${number}`, card_id, reason: 'Lost by the cardholder' });
		const closings = (card) => runs.effectsOn(card);

		/** What the list of executions says of the latest one, and what was there for an alert. */
		async function told() {
			const execution = await runs.last();
			const [alert] = itemsOf(execution, 'Send Alert Here');
			return { status: execution.status, alert: alert?.error, message: execution.data.resultData.error?.message };
		}

		test('which is pinned as a sample, when it is run by hand', async () => {
			const execution = await runs.byHand('CRM Event');
			assert.equal(execution.status, 'success');
			assert.deepEqual(itemsOf(execution, 'Answer 200 Done').map(({ card_id, request_status }) => [card_id, request_status]), [['card-1004', 'success']]);
			assert.equal(await closings('card-1004'), 1);
			await sandbox.reset();
		});

		test('which is answered with 200, and a success in the list of executions', async () => {
			const { status, body } = await runs.deliver(PATH, event(1, 'card-1004'));
			const [{ requestId, body: sent }] = (await sandbox.journal()).filter(({ acted }) => acted);
			assert.deepEqual([status, body], [200, { outcome: 'done', card_id: 'card-1004', request_id: requestId, recovered: false }]);
			assert.deepEqual([sent.card_id, sent.description], ['card-1004', 'Lost by the cardholder']);
			assert.deepEqual(await told(), { status: 'success', alert: undefined, message: undefined });
		});

		test('once, when it is delivered twice, and the second answer is that of the first', async () => {
			const { status, body } = await runs.deliver(PATH, event(1, 'card-1004'));
			const [{ requestId }] = (await sandbox.journal()).filter(({ acted }) => acted);
			assert.deepEqual([status, body], [200, { outcome: 'done', card_id: 'card-1004', request_id: requestId, recovered: true }]);
			assert.equal((await told()).status, 'success');
			assert.equal(await closings('card-1004'), 1);
		});

		test('once, when it is delivered twice at the same time', async () => {
			const both = await Promise.all([runs.deliver(PATH, event(2, 'card-1005')), runs.deliver(PATH, event(2, 'card-1005'))]);
			assert.deepEqual(both.map(({ status, body }) => [status, body.outcome]), [[200, 'done'], [200, 'done']]);
			assert.equal(await closings('card-1005'), 1);
		});

		test('which is answered with 202 while FreedomPay still processes it, and with 200 when it is delivered again later', async () => {
			await sandbox.takeTime({ processingMs: 16_000 });
			const first = await runs.deliver(PATH, event(3, 'card-1006'));
			assert.deepEqual([first.status, first.body.outcome, first.body.card_id], [202, 'processing', 'card-1006']);
			assert.deepEqual(await told(), { status: 'success', alert: undefined, message: undefined });

			let later = first;
			while (later.status === 202) later = await runs.deliver(PATH, event(3, 'card-1006'));
			assert.deepEqual([later.status, later.body], [200, { ...first.body, outcome: 'done', recovered: true }]);
			assert.equal(await closings('card-1006'), 1);
			await sandbox.takeTime({ processingMs: 0 });
		});

		test('without a key, or with a wrong one, is let in by nobody', async () => {
			const [journal, executions] = [await sandbox.journal(), await runs.executions()];
			for (const headers of [{}, { 'X-CRM-Key': 'guessed' }]) {
				assert.equal((await runs.deliver(PATH, event(4, 'card-1007'), headers)).status, 403);
			}
			assert.deepEqual(await sandbox.journal(), journal);
			assert.equal((await runs.executions()).length, executions.length);
		});

		for (const [what, sent] of [
			['without an id', { card_id: 'card-1007', reason: 'Lost' }],
			['with an empty id', { event_id: ' ', card_id: 'card-1007', reason: 'Lost' }],
			['with an id that is no text', { event_id: { id: 1 }, card_id: 'card-1007', reason: 'Lost' }],
			['without a card', { event_id: 'evt-2026-5', reason: 'Lost' }],
			['with two cards in one field', { event_id: 'evt-2026-6', card_id: 'card-1007, card-1008' }],
			['that is empty', {}],
		]) {
			test(`${what} is answered with 422, nothing is sent, and the execution has failed`, async () => {
				const journal = await sandbox.journal();
				const { status, body } = await runs.deliver(PATH, sent);
				assert.deepEqual([status, body.outcome], [422, 'not sent']);
				assert.match(body.error, /needs an event_id and a card_id/);
				assert.match(body.next_step, /Correct the event/);
				assert.deepEqual(await sandbox.journal(), journal);

				const { status: listed, alert, message } = await told();
				assert.deepEqual([listed, alert.outcome], ['error', 'not sent']);
				assert.match(message, /needs an event_id and a card_id/);
			});
		}

		test('without a reason closes the card all the same', async () => {
			const { status } = await runs.deliver(PATH, { event_id: 'evt-2026-7', card_id: 'card-1007' });
			assert.equal(status, 200);
			assert.equal((await sandbox.journal()).at(-1).body.description, 'Asked for by the CRM');
		});

		test('for a card that FreedomPay does not know is answered with 422, and the execution has failed', async () => {
			const { status, body } = await runs.deliver(PATH, event(8, 'no-such-card'));
			const { requestId } = (await sandbox.journal()).find((entry) => entry.body.card_id === 'no-such-card');
			assert.deepEqual([status, body.outcome, body.card_id, body.request_id], [422, 'failed', 'no-such-card', requestId]);
			assert.match(body.error, /card not found/);
			assert.notEqual(body.next_step, '');

			const { status: listed, alert, message } = await told();
			assert.deepEqual([listed, alert.outcome, alert.request_id], ['error', 'failed', requestId]);
			assert.match(message, /^Card no-such-card \(failed\): .*card not found/);
		});

		test('with an unknown outcome is answered with 502, and the next delivery tells it', async () => {
			await sandbox.misbehave(
				{ path: 'card/close', card: 'card-1008', kind: 'dropAfter' },
				{ path: 'request/status', kind: 'http503Before', times: 3 },
			);
			const { status, body } = await runs.deliver(PATH, event(9, 'card-1008'));
			assert.deepEqual([status, body.outcome, body.card_id], [502, 'unknown', 'card-1008']);
			const { status: listed, alert } = await told();
			assert.deepEqual([listed, alert.outcome], ['error', 'unknown']);
			assert.equal(await closings('card-1008'), 1);

			const again = await runs.deliver(PATH, event(9, 'card-1008'));
			const done = { outcome: 'done', card_id: 'card-1008', request_id: body.request_id, recovered: true };
			assert.deepEqual([again.status, again.body], [200, done]);
			assert.equal(await closings('card-1008'), 1);
		});

		test('is answered with 503 when FreedomPay refuses the key, and is done once that is corrected', async () => {
			await sandbox.misbehave({ path: 'card/close', card: 'card-1009', kind: 'forbidden' });
			const { status, body } = await runs.deliver(PATH, event(10, 'card-1009'));
			assert.deepEqual([status, body.outcome], [503, 'rejected']);
			assert.equal((await told()).status, 'error');
			assert.equal(await closings('card-1009'), 0);

			const again = await runs.deliver(PATH, event(10, 'card-1009'));
			assert.deepEqual([again.status, again.body.outcome], [200, 'done']);
			assert.equal(await closings('card-1009'), 1);
		});

		test('is answered with 503 when FreedomPay cannot be reached, and is done once it can', async () => {
			await useAddress('http://127.0.0.1:9');
			try {
				const { status, body } = await runs.deliver(PATH, event(11, 'card-1010'));
				assert.deepEqual([status, body.outcome], [503, 'not sent']);
				assert.equal((await told()).status, 'error');
			} finally {
				await useAddress(sandbox.url);
			}
			const again = await runs.deliver(PATH, event(11, 'card-1010'));
			assert.deepEqual([again.status, again.body.outcome], [200, 'done']);
			assert.equal(await closings('card-1010'), 1);
		});

		async function useAddress(baseUrl) {
			const { name, type } = CREDENTIAL;
			await host.rest.request('PATCH', `/credentials/${CREDENTIAL.id}`, { name, type, data: { ...sandbox.credential, baseUrl } });
		}
	});
}
