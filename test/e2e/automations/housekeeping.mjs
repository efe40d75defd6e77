import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import { dataTables } from './dataTables.mjs';
import { CARDS_DUE, HOUSEKEEPING, impatient, listing, OPEN_REQUESTS, openRequests } from './lists.mjs';
import { scheduledRuns } from './runs.mjs';

const CLOSE_PATH = '/v5/card-api/card/close';
const STATUS_PATH = '/v5/card-api/request/status';

/** The cards of the list that comes with the workflow and are due. */
const LISTED = ['card-1006', 'card-1007'];

/**
 * The closing of the cards that are due. A new n8n is needed: the first run makes the data tables.
 *
 * @param {() => Awaited<ReturnType<typeof import('../playground.mjs').startPlayground>>} playground
 */
export function housekeeping(playground) {
	suite('Nightly housekeeping', () => {
		let sandbox;
		let tables;
		let run;

		before(async () => {
			({ sandbox } = playground());
			tables = dataTables(playground().host.rest);
			({ run } = scheduledRuns(playground()));
			await sandbox.reset();
		});

		const report = ({ itemsOf }) => {
			const [{ date, attention, ...counts }, ...more] = itemsOf('Send the Report Here');
			assert.deepEqual(more, [], 'one report');
			assert.match(date, /^\d{4}-\d{2}-\d{2}$/);
			return { counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), attention };
		};
		const closed = (effects) => effects.map(({ path, target }) => [path, target.card_id]).sort();
		const closing = (...cards) => cards.map((card) => [CLOSE_PATH, card]);

		test('the first run makes both data tables, and closes what is due on the list, each card once', async () => {
			assert.deepEqual([await tables.exists(CARDS_DUE), await tables.exists(OPEN_REQUESTS)], [false, false]);
			const { effects, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 2, done: 2 }, attention: [] });
			assert.deepEqual(closed(effects), closing(...LISTED));
			assert.deepEqual([await tables.rows(CARDS_DUE), await tables.rows(OPEN_REQUESTS)], [[], []]);
		});

		test('the second run closes what is new in the data table, and nothing twice', async () => {
			await tables.add(
				CARDS_DUE,
				{ card_id: 'card-1007', due_date: '2026-01-31T00:00:00.000Z', reason: 'On the list too' },
				{ card_id: 'card-1008', due_date: '2026-01-31T00:00:00.000Z', reason: 'In the table only' },
				{ card_id: 'card-1009', due_date: '2099-12-31T00:00:00.000Z', reason: 'Not due yet' },
			);
			const { effects, journal, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 3, done: 1, recovered: 2 }, attention: [] });
			assert.deepEqual(closed(effects), closing('card-1008'));
			assert.equal(journal.find(({ body }) => body.card_id === 'card-1008').body.description, 'In the table only');
			const rows = await tables.rows(CARDS_DUE);
			assert.deepEqual(rows.map(({ card_id, outcome }) => [card_id, outcome]), [['card-1007', 'recovered'], ['card-1008', 'done'], ['card-1009', null]]);
		});

		test('the third run does nothing more, and does not send what is noted as done', async () => {
			const { effects, journal, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 2, recovered: 2 }, attention: [] });
			assert.deepEqual(effects, []);
			assert.deepEqual(journal.filter(({ path }) => path === CLOSE_PATH).map(({ body }) => body.card_id).sort(), LISTED);
		});

		for (const [what, list] of [
			['is empty', ''],
			['has no rows', 'card_id,due_date,reason'],
			['has cards of later only', 'card_id,due_date,reason\ncard-1001,2099-12-31,Later'],
		]) {
			test(`a night whose list ${what} ends well with a report of 0`, async () => {
				const { journal, ...night } = await run(HOUSEKEEPING, listing(list));
				assert.deepEqual(report(night), { counts: {}, attention: [] });
				assert.deepEqual(journal, []);
			});
		}

		for (const [where, list] of [
			['Excel, by tabs', 'card_id\tdue_date\treason\ncard-1001\t31.01.2026\tPasted\n'],
			['a file with semicolons and Windows line ends', 'card_id;due_date;reason\r\ncard-1002;2026-01-31;Pasted\r\n'],
			['a file with a byte order mark', '\uFEFFcard_id,due_date,reason\ncard-1003,2026-01-31,Pasted'],
		]) {
			test(`takes a list from ${where}`, async () => {
				const { journal, ...night } = await run(HOUSEKEEPING, listing(list));
				assert.deepEqual(report(night).counts, { total: 1, done: 1 });
				assert.equal(journal[0].body.description, 'Pasted');
			});
		}

		test('counts by outcome, keeps what is open for Reconcile, and closes no card of a row that it cannot read', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1003', kind: 'processForever' });
			const list = [
				'card_id,due_date,reason',
				'card-1001,2026-01-31,Done',
				'no-such-card,2026-01-31,Failed',
				'card-1003,2026-01-31,Processing',
				'card-1004,soon,Unreadable date',
				',2026-01-31,No card',
			].join('\n');
			const night = await run(HOUSEKEEPING, impatient(list));
			const { counts, attention } = report(night);
			assert.deepEqual(counts, { total: 5, done: 1, failed: 1, processing: 1, not_sent: 2 });
			assert.deepEqual(attention.map(({ card_id, outcome }) => [card_id, outcome]).sort(), [
				['', 'not sent'],
				['card-1003', 'processing'],
				['card-1004', 'not sent'],
				['no-such-card', 'failed'],
			]);
			assert.match(attention.find(({ outcome }) => outcome === 'failed').message, /card not found/);
			assert.match(attention.find(({ card_id }) => card_id === 'card-1004').message, /needs a card_id, and a due_date .*Unreadable date/);
			assert.deepEqual(closed(night.effects), closing('card-1001'));
			const { requestId } = night.journal.find(({ body }) => body.card_id === 'card-1003');
			assert.deepEqual(await openRequests(tables), [[requestId, 'card-1003', 'processing']]);
		});

		test('a card that failed is noted and left alone, until it is due on another date', async () => {
			await sandbox.reset();
			await tables.clear(CARDS_DUE);
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1009', kind: 'errorRequestStatus' });
			await tables.add(CARDS_DUE, { card_id: 'card-1009', due_date: '2026-01-31T00:00:00.000Z' });
			assert.deepEqual(report(await run(HOUSEKEEPING, listing(''))).counts, { total: 1, failed: 1 });
			assert.deepEqual((await tables.rows(CARDS_DUE)).map(({ outcome }) => outcome), ['failed']);
			assert.deepEqual((await run(HOUSEKEEPING, listing(''))).journal, []);

			await tables.clear(CARDS_DUE);
			await tables.add(CARDS_DUE, { card_id: 'card-1009', due_date: '2026-02-28T00:00:00.000Z' });
			assert.deepEqual(report(await run(HOUSEKEEPING, listing(''))).counts, { total: 1, done: 1 });
		});

		test('keeps an unknown outcome for Reconcile, once for however many nights, and tries that card again', async () => {
			await sandbox.reset();
			await tables.clear(OPEN_REQUESTS);
			await tables.add(CARDS_DUE, { card_id: 'card-1010', due_date: '2026-01-31T00:00:00.000Z' });
			const endsUnknown = [
				{ path: CLOSE_PATH, card: 'card-1010', kind: 'dropAfter' },
				{ path: STATUS_PATH, kind: 'http503Before', times: 'always' },
			];
			await sandbox.misbehave(...endsUnknown);
			const first = await run(HOUSEKEEPING, listing(''));
			assert.deepEqual(report(first).counts, { total: 1, unknown: 1 });
			const [{ requestId }] = first.effects;
			assert.deepEqual(await openRequests(tables), [[requestId, 'card-1010', 'unknown']]);

			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1010', kind: 'dropBefore', times: 'always' });
			const second = await run(HOUSEKEEPING, listing(''));
			assert.deepEqual([report(second).counts, second.effects], [{ total: 1, unknown: 1 }, []]);
			assert.deepEqual(await openRequests(tables), [[requestId, 'card-1010', 'unknown']]);
			assert.equal((await tables.rows(CARDS_DUE)).at(-1).outcome, null, 'still due');
		});
	});
}
