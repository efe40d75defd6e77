import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { CredentialData, Sandbox } from '../../n8n/sandbox.ts';
import type { Effect, FaultRule } from '../../sandbox/index.ts';
import { changeCredential } from '../credentials.ts';
import { at, errorOf, only } from '../items.ts';
import type { Playground } from '../playground.ts';
import { dataTables, type DataTables, type DueRow } from './dataTables.ts';
import { CARDS_DUE, HOUSEKEEPING, impatient, listing } from './lists.ts';
import { scheduledRuns, type Attempt, type ChangeNodes, type ScheduledRuns } from './runs.ts';

const CLOSE_PATH = '/v5/card-api/card/close';
const STATUS_PATH = '/v5/card-api/request/status';
const EVERY_PATH = [CLOSE_PATH, STATUS_PATH];

/** The cards of the list that comes with the workflow and are due. */
const LISTED = ['card-1006', 'card-1007'];

/** The closing of the cards that are due. A new n8n is needed: the first run makes the data table. */
export function housekeeping(playground: () => Playground): void {
	suite('Nightly housekeeping', () => {
		let sandbox: Sandbox;
		let tables: DataTables;
		let attempt: ScheduledRuns['attempt'];
		let run: ScheduledRuns['run'];

		before(async () => {
			({ sandbox } = playground());
			tables = dataTables(playground().host.rest);
			({ attempt, run } = scheduledRuns(playground()));
			await sandbox.reset();
		});

		/** What the report says of a card that is not closed. */
		interface Attention {
			card_id: string;
			outcome: string;
			try_again: string;
			due_date: string;
		}

		const report = ({ itemsOf }: Pick<Attempt, 'itemsOf'>) => {
			const { date, attention, ...counts } = only(itemsOf<{ date: string; attention: Attention[] }>('Report'));
			assert.match(date, /^\d{4}-\d{2}-\d{2}$/);
			return { counts: Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)), attention };
		};
		const closed = (effects: Effect[]) => effects.map(({ path, target }) => [path, target.card_id]).sort();
		const closing = (...cards: string[]) => cards.map((card) => [CLOSE_PATH, card]);
		const noted = async () => (await tables.rows(CARDS_DUE)).map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]);
		const onDay = (card_id: string, day: string, more: Partial<DueRow> = {}): DueRow => ({ card_id, due_date: `${day}T00:00:00.000Z`, ...more });

		/** A night that ends red, since a person is needed; what it says. */
		async function redNight(change: ChangeNodes) {
			const night = await attempt(HOUSEKEEPING, change);
			assert.equal(night.execution.status, 'error');
			return { ...night, message: errorOf(night.execution).message };
		}

		test('the first run makes the data table, and closes what is due on the list, each card once', async () => {
			assert.equal(await tables.exists(CARDS_DUE), false);
			const { effects, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 2, done: 2 }, attention: [] });
			assert.deepEqual(closed(effects), closing(...LISTED));
			assert.deepEqual(await tables.rows(CARDS_DUE), []);
		});

		test('the second run closes what is new in the data table, and nothing twice', async () => {
			await tables.add(
				CARDS_DUE,
				onDay('card-1008', '2026-01-31', { reason: 'In the table only' }),
				onDay('card-1009', '2099-12-31', { reason: 'Not due yet' }),
			);
			const { effects, journal, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 3, done: 1, done_before: 2 }, attention: [] });
			assert.deepEqual(closed(effects), closing('card-1008'));
			assert.equal(journal.find(({ body }) => body.card_id === 'card-1008')?.body.description, 'In the table only');
			assert.deepEqual(await noted(), [['card-1008', 'done', ''], ['card-1009', null, null]]);
		});

		test('the third run does nothing more, and does not send what is noted as done', async () => {
			const { effects, journal, ...night } = await run(HOUSEKEEPING);
			assert.deepEqual(report(night), { counts: { total: 2, done_before: 2 }, attention: [] });
			assert.deepEqual(effects, []);
			assert.deepEqual(journal.filter(({ path }) => path === CLOSE_PATH).map(({ body }) => body.card_id).sort(), LISTED);
		});

		for (const [what, list] of [
			['is empty', ''],
			['has no rows', 'card_id,due_date,reason'],
			['has cards of later only', 'card_id,due_date,reason\ncard-1001,2099-12-31,Later'],
		] as const) {
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
		] as const) {
			test(`takes a list from ${where}`, async () => {
				const { journal, ...night } = await run(HOUSEKEEPING, listing(list));
				assert.deepEqual(report(night).counts, { total: 1, done: 1 });
				assert.equal(at(journal, 0).body.description, 'Pasted');
			});
		}

		test('counts by outcome, tells each card that is not closed, and ends red, since a person is needed', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1003', kind: 'processForever' });
			const list = [
				'card_id,due_date,reason',
				'card-1001,2026-01-31,Done',
				'no-such-card,2026-01-31,Refused',
				'card-1003,2026-01-31,Processing',
				'card-1004,soon,Unreadable date',
				',2026-01-31,No card',
			].join('\n');
			const night = await redNight(impatient(list));
			const { counts, attention } = report(night);
			assert.deepEqual(counts, { total: 5, done: 1, refused: 1, processing: 1, not_done: 2 });
			assert.deepEqual(attention.map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]).sort(), [
				['', 'not_done', 'no'],
				['card-1003', 'processing', 'after_check'],
				['card-1004', 'not_done', 'no'],
				['no-such-card', 'refused', 'no'],
			]);
			assert.match(night.message, /^4 of 5 cards are not closed\. .*no-such-card \(refused\): .*card not found/);
			assert.equal(attention.find(({ card_id }) => card_id === 'card-1004')?.due_date, 'soon');
			assert.deepEqual(closed(night.effects), closing('card-1001'));
		});

		test('a card that FreedomPay refused is noted and left alone, until it is due on another date', async () => {
			await sandbox.reset();
			await tables.clear(CARDS_DUE);
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1009', kind: 'errorRequestStatus' });
			await tables.add(CARDS_DUE, onDay('card-1009', '2026-01-31'));
			assert.deepEqual(report(await redNight(listing(''))).counts, { total: 1, refused: 1 });
			assert.deepEqual(await noted(), [['card-1009', 'refused', 'no']]);
			assert.deepEqual((await run(HOUSEKEEPING, listing(''))).journal, []);

			await tables.add(CARDS_DUE, onDay('card-1009', '2026-02-28'));
			assert.deepEqual(report(await run(HOUSEKEEPING, listing(''))).counts, { total: 1, done: 1 });
			assert.deepEqual(await noted(), [['card-1009', 'refused', 'no'], ['card-1009', 'done', '']]);
		});

		test('what is still processed keeps no night from being green, and the next one tells its end', async () => {
			await sandbox.reset();
			await tables.clear(CARDS_DUE);
			await sandbox.takeTime({ processingMs: 4_000 });
			await tables.add(CARDS_DUE, onDay('card-1002', '2026-01-31'));
			assert.deepEqual(report(await run(HOUSEKEEPING, impatient(''))).counts, { total: 1, processing: 1 });
			assert.deepEqual(await noted(), [['card-1002', 'processing', 'after_check']]);
			assert.deepEqual(report(await run(HOUSEKEEPING, listing(''))).counts, { total: 1, done_before: 1 });
			assert.deepEqual(await noted(), [['card-1002', 'done_before', '']]);
			assert.equal((await sandbox.ledger()).length, 1);
			await sandbox.takeTime({ processingMs: 0 });
		});

		const everywhere = (fault: FaultRule) => async () => {
			await sandbox.misbehave(...EVERY_PATH.map((path): FaultRule => ({ path, times: 'always', ...fault })));
		};
		const page = (status: number) => everywhere({ kind: 'rawBefore', status, body: '<html>No</html>', headers: { 'content-type': 'text/html' } });
		const answer = (body: object) => async () => await sandbox.misbehave({ path: CLOSE_PATH, times: 'always', kind: 'rawAfter', body: JSON.stringify(body) });
		const everyAnswer = (body: object) => everywhere({ kind: 'rawAfter', body: JSON.stringify(body) });
		for (const [what, breakIt, end] of [
			['redirects (302)', everywhere({ kind: 'redirect', status: 302, location: 'https://portal.example.com/login' }), 'not_done'],
			['a 404 page', page(404), 'not_done'],
			['a 403 page', page(403), 'not_done'],
			['a changed key', () => useCredential({ partnerKey: 'changed' }), 'not_done'],
			['words in capitals', answer({ status: 'OK', request_status: 'SUCCESS' }), 'done'],
			['an undocumented word', answer({ status: 'ok', request_status: 'declined' }), 'done'],
			['an undocumented word, also when asked', everyAnswer({ status: 'ok', request_status: 'declined' }), 'unknown'],
		] as const) {
			test(`a bad night, of ${what}: the report is true, nothing is lost, and the next good night does all`, async () => {
				await sandbox.reset();
				await tables.clear(CARDS_DUE);
				const cards = ['card-1001', 'card-1002', 'card-1003'];
				await tables.add(CARDS_DUE, ...cards.map((card) => onDay(card, '2026-01-31')));
				await breakIt();
				let night: Attempt;
				try {
					night = await attempt(HOUSEKEEPING, listing(''));
				} finally {
					await useCredential({});
				}
				const { counts, attention } = report(night);
				assert.deepEqual(counts, { total: 3, [end]: 3 });
				const again = { done: '', not_done: 'yes', unknown: 'after_check' }[end];
				assert.deepEqual(await noted(), cards.map((card) => [card, end, again]));
				const isWell = end === 'done';
				assert.deepEqual(attention.map(({ card_id, outcome, try_again }) => [card_id, outcome, try_again]), isWell ? [] : cards.map((card) => [card, end, again]));
				assert.equal(night.execution.status, isWell ? 'success' : 'error');
				const acted = (await sandbox.ledger()).map(({ target }) => target.card_id).sort();
				assert.deepEqual(acted, end === 'not_done' ? [] : cards);

				await sandbox.behave();
				const good = await run(HOUSEKEEPING, listing(''));
				assert.deepEqual(report(good).attention, []);
				assert.ok((await noted()).every(([, outcome]) => outcome === 'done' || outcome === 'done_before'));
				assert.deepEqual((await sandbox.ledger()).map(({ target }) => target.card_id).sort(), cards);
			});
		}

		const useCredential = async (data: Partial<CredentialData>) => await changeCredential(playground(), data);
	});
}
