import assert from 'node:assert/strict';
import { before, beforeEach, suite, test } from 'node:test';

import type { ReceivedRequest, Sandbox } from '../../n8n/sandbox.ts';
import { at } from '../items.ts';
import type { Playground } from '../playground.ts';
import { dataTables, type DataTables } from './dataTables.ts';
import { CARDS_DUE, HOUSEKEEPING, impatient, listing } from './lists.ts';
import { scheduledRuns, type ScheduledRuns } from './runs.ts';

const CLOSE_PATH = '/v5/card-api/card/close';
const STATUS_PATH = '/v5/card-api/request/status';
const RECONCILE = 'reconcile.json';

/** The look after what was left open. */
export function reconcile(playground: () => Playground): void {
	suite('Reconcile', () => {
		let sandbox: Sandbox;
		let tables: DataTables;
		let attempt: ScheduledRuns['attempt'];
		let run: ScheduledRuns['run'];

		before(async () => {
			({ sandbox } = playground());
			tables = dataTables(playground().host.rest);
			({ attempt, run } = scheduledRuns(playground()));
			// Makes the data table.
			await run(RECONCILE);
		});
		beforeEach(async () => {
			await sandbox.reset();
			await tables.clear(CARDS_DUE);
		});

		const asked = (journal: ReceivedRequest[]) => journal.map(({ path, body }) => [path, body.request_id]);
		const due = (card_id: string) => ({ card_id, due_date: '2026-01-31T00:00:00.000Z', reason: 'Test' });
		const noted = async () => (await tables.rows(CARDS_DUE)).map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]);

		test('with nothing open, it ends well and asks nothing', async () => {
			const { journal, itemsOf } = await run(RECONCILE);
			assert.deepEqual([journal, itemsOf('Refused or Not Known'), itemsOf('Send the Alert Here')], [[], [], []]);
		});

		test('what Nightly housekeeping left in process is settled: the row says done, and the card is closed once', async () => {
			await sandbox.takeTime({ processingMs: 4_000 });
			await tables.add(CARDS_DUE, due('card-1001'));
			await run(HOUSEKEEPING, impatient(''));
			assert.deepEqual(await noted(), [['card-1001', 'processing', 'after_check']]);
			assert.deepEqual(await sandbox.ledger(), []);

			const { request_id: requestId } = at(await tables.rows(CARDS_DUE), 0);
			const { journal, itemsOf } = await run(RECONCILE);
			assert.deepEqual([...new Set(asked(journal).map(String))], [String([STATUS_PATH, requestId])]);
			assert.deepEqual([await noted(), itemsOf('Send the Alert Here')], [[['card-1001', 'done', '']], []]);
			assert.deepEqual((await sandbox.ledger()).map(({ target }) => target.card_id), ['card-1001']);
		});

		test('what FreedomPay still processes when the wait is over is told and kept', async () => {
			await sandbox.misbehave({ path: CLOSE_PATH, kind: 'processForever' });
			await tables.add(CARDS_DUE, due('card-1001'));
			await run(HOUSEKEEPING, impatient(''));
			const { itemsOf } = await run(RECONCILE, (node) => {
				node('Get Status').parameters.options = { maxWaitSeconds: 1 };
			});
			const told = itemsOf('Send the Alert Here').map(({ card_id, outcome, message }) => [card_id, outcome, message]);
			assert.deepEqual(told, [['card-1001', 'processing', 'FreedomPay is still processing it']]);
			assert.deepEqual(await noted(), [['card-1001', 'processing', 'after_check']]);
		});

		test('an unknown outcome that turns out well: the row says done, and nothing is sent again', async () => {
			const requestId = await close('card-1002');
			await tables.add(CARDS_DUE, { request_id: requestId, card_id: 'card-1002', outcome: 'unknown' });
			const { journal, effects, itemsOf } = await run(RECONCILE);
			assert.deepEqual([asked(journal), effects], [[[STATUS_PATH, requestId]], []]);
			assert.deepEqual([await noted(), itemsOf('Send the Alert Here')], [[['card-1002', 'done', '']], []]);
		});

		test('a request that was refused after all: told once, with the reason, and kept', async () => {
			const requestId = await close('no-such-card');
			await tables.add(CARDS_DUE, { request_id: requestId, card_id: 'no-such-card', outcome: 'processing' });
			const { itemsOf } = await run(RECONCILE);
			const alerts = itemsOf('Send the Alert Here');
			assert.deepEqual(alerts.map(({ card_id, outcome }) => [card_id, outcome]), [['no-such-card', 'refused']]);
			assert.match(at(alerts, 0).message, /card not found/);

			const again = await run(RECONCILE);
			assert.deepEqual([again.journal, again.itemsOf('Send the Alert Here')], [[], []]);
			assert.deepEqual(await noted(), [['no-such-card', 'refused', 'no']]);
		});

		test('what stays open is told each time and kept, and does not keep the rest from being settled', async () => {
			const requestId = await close('card-1003');
			const neverArrived = '0f9d3b9c-4a52-4c0e-8f1d-2b6c7d8e9f01';
			await tables.add(
				CARDS_DUE,
				{ request_id: neverArrived, card_id: 'card-1004', outcome: 'unknown' },
				{ request_id: requestId, card_id: 'card-1003', outcome: 'unknown' },
			);
			for (const time of ['first', 'second']) {
				const { itemsOf } = await run(RECONCILE);
				const alerts = itemsOf('Send the Alert Here');
				assert.deepEqual(alerts.map(({ request_id, outcome }) => [request_id, outcome]), [[neverArrived, 'unknown']], time);
				assert.match(at(alerts, 0).message, /request not found/);
				assert.deepEqual(await noted(), [['card-1004', 'unknown', 'after_check'], ['card-1003', 'done', '']]);
			}
		});

		test('while FreedomPay cannot be asked, every row stays, and is told', async () => {
			const requestId = await close('card-1005');
			await tables.add(CARDS_DUE, { request_id: requestId, card_id: 'card-1005', outcome: 'processing' });
			await sandbox.misbehave({ path: STATUS_PATH, kind: 'http503Before', times: 'always' });
			const { itemsOf } = await run(RECONCILE);
			assert.deepEqual(itemsOf('Send the Alert Here').map(({ request_id, outcome }) => [request_id, outcome]), [[requestId, 'processing']]);
			assert.deepEqual(await noted(), [['card-1005', 'processing', 'after_check']]);
		});

		/** Closes a card by the housekeeping's list; the request's id. */
		async function close(card: string): Promise<string> {
			const { journal } = await attempt(HOUSEKEEPING, listing(`card_id,due_date,reason\n${card},2026-01-31,Test`));
			return String(at(journal.filter(({ path, body }) => path === CLOSE_PATH && body.card_id === card), 0).requestId);
		}
	});
}
