import assert from 'node:assert/strict';
import { before, beforeEach, suite, test } from 'node:test';

import { dataTables } from './dataTables.mjs';
import { CARDS_DUE, HOUSEKEEPING, impatient, listing, OPEN_REQUESTS, openRequests } from './lists.mjs';
import { scheduledRuns } from './runs.mjs';

const CLOSE_PATH = '/v5/card-api/card/close';
const STATUS_PATH = '/v5/card-api/request/status';
const RECONCILE = 'reconcile.json';

/**
 * The look after what was left open.
 *
 * @param {() => Awaited<ReturnType<typeof import('../playground.mjs').startPlayground>>} playground
 */
export function reconcile(playground) {
	suite('Reconcile', () => {
		let sandbox;
		let tables;
		let run;

		before(async () => {
			({ sandbox } = playground());
			tables = dataTables(playground().host.rest);
			({ run } = scheduledRuns(playground()));
			// Makes the data tables.
			await run(HOUSEKEEPING, listing(''));
			await tables.clear(CARDS_DUE);
		});
		beforeEach(async () => {
			await sandbox.reset();
			await tables.clear(OPEN_REQUESTS);
		});

		const asked = (journal) => journal.map(({ path, body }) => [path, body.request_id]);

		test('with no open request, it ends well and asks nothing', async () => {
			const { journal, itemsOf } = await run(RECONCILE);
			assert.deepEqual([journal, itemsOf('Failed or Not Known'), itemsOf('Send the Alert Here')], [[], [], []]);
		});

		test('what Nightly housekeeping left in process is settled: the row goes, and the card is closed once', async () => {
			await sandbox.takeTime({ processingMs: 4_000 });
			await run(HOUSEKEEPING, impatient('card_id,due_date,reason\ncard-1001,2026-01-31,Slow'));
			const [[requestId, card, outcome]] = await openRequests(tables);
			assert.deepEqual([card, outcome], ['card-1001', 'processing']);
			assert.deepEqual(await sandbox.ledger(), []);

			const { journal, itemsOf } = await run(RECONCILE);
			assert.deepEqual([...new Set(asked(journal).map(String))], [String([STATUS_PATH, requestId])]);
			assert.deepEqual([await openRequests(tables), itemsOf('Send the Alert Here')], [[], []]);
			assert.deepEqual((await sandbox.ledger()).map(({ target }) => target.card_id), ['card-1001']);
		});

		test('what FreedomPay still processes when the wait is over is told and kept', async () => {
			await sandbox.misbehave({ path: CLOSE_PATH, kind: 'processForever' });
			await run(HOUSEKEEPING, impatient('card_id,due_date,reason\ncard-1001,2026-01-31,Stuck'));
			const [[requestId]] = await openRequests(tables);
			const { itemsOf } = await run(RECONCILE, (node) => {
				node('Get Status').parameters.options = { maxWaitSeconds: 1 };
			});
			const told = itemsOf('Send the Alert Here').map(({ card_id, outcome, message }) => [card_id, outcome, message]);
			assert.deepEqual(told, [['card-1001', 'processing', 'FreedomPay is still processing it']]);
			assert.deepEqual(await openRequests(tables), [[requestId, 'card-1001', 'processing']]);
		});

		test('an unknown outcome that turns out well: the row goes, and nothing is sent again', async () => {
			const { requestId } = await close('card-1002');
			await tables.add(OPEN_REQUESTS, { request_id: requestId, card_id: 'card-1002', outcome: 'unknown', message: 'Lost' });
			const { journal, effects, itemsOf } = await run(RECONCILE);
			assert.deepEqual([asked(journal), effects], [[[STATUS_PATH, requestId]], []]);
			assert.deepEqual([await openRequests(tables), itemsOf('Send the Alert Here')], [[], []]);
		});

		test('a request that failed after all: told once, with the reason, and kept', async () => {
			const { requestId } = await close('no-such-card');
			await tables.add(OPEN_REQUESTS, { request_id: requestId, card_id: 'no-such-card', outcome: 'processing', message: '' });
			const { itemsOf } = await run(RECONCILE);
			const alerts = itemsOf('Send the Alert Here');
			assert.deepEqual(alerts.map(({ card_id, outcome }) => [card_id, outcome]), [['no-such-card', 'failed']]);
			assert.match(alerts[0].message, /card not found/);

			const again = await run(RECONCILE);
			assert.deepEqual([again.journal, again.itemsOf('Send the Alert Here')], [[], []]);
			assert.deepEqual(await openRequests(tables), [[requestId, 'no-such-card', 'failed']]);
		});

		test('what stays open is told each time and kept, and does not keep the rest from being settled', async () => {
			const { requestId } = await close('card-1003');
			const neverArrived = '0f9d3b9c-4a52-4c0e-8f1d-2b6c7d8e9f01';
			await tables.add(
				OPEN_REQUESTS,
				{ request_id: neverArrived, card_id: 'card-1004', outcome: 'unknown', message: '' },
				{ request_id: requestId, card_id: 'card-1003', outcome: 'unknown', message: '' },
			);
			for (const _ of ['first', 'second']) {
				const { itemsOf } = await run(RECONCILE);
				const alerts = itemsOf('Send the Alert Here');
				assert.deepEqual(alerts.map(({ request_id, outcome }) => [request_id, outcome]), [[neverArrived, 'unknown']]);
				assert.match(alerts[0].message, /request not found/);
				assert.deepEqual(await openRequests(tables), [[neverArrived, 'card-1004', 'unknown']]);
			}
		});

		test('while FreedomPay cannot be asked, every row stays, and is told', async () => {
			const { requestId } = await close('card-1005');
			await tables.add(OPEN_REQUESTS, { request_id: requestId, card_id: 'card-1005', outcome: 'processing', message: '' });
			await sandbox.misbehave({ path: STATUS_PATH, kind: 'http503Before', times: 'always' });
			const { itemsOf } = await run(RECONCILE);
			assert.deepEqual(itemsOf('Send the Alert Here').map(({ request_id, outcome }) => [request_id, outcome]), [[requestId, 'processing']]);
			assert.deepEqual(await openRequests(tables), [[requestId, 'card-1005', 'processing']]);
		});

		/** Closes a card by the housekeeping, and forgets what it noted. */
		async function close(card) {
			const { journal } = await run(HOUSEKEEPING, listing(`card_id,due_date,reason\n${card},2026-01-31,Test`));
			return journal.find(({ path, body }) => path === CLOSE_PATH && body.card_id === card);
		}
	});
}
