import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';

import type { Host } from '../../n8n/host.ts';
import type { Sandbox } from '../../n8n/sandbox.ts';
import { openBrowser, type Visit } from '../editor.ts';
import { at, itemsOf } from '../items.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayRegister';

/** A row of the file that comes back. */
interface Row {
	event_id: string;
	card_id: string;
	reason: string;
	outcome: string;
	cause: string;
	try_again: string;
	message: string;
	date: string;
}

/** A register comes back with the outcome of each of its rows. */
export function register(playground: () => Playground): void {
	suite('Register', () => {
		let host: Host;
		let sandbox: Sandbox;
		let runs: ExampleRuns;
		let browser: Visit;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
			browser = await openBrowser();
		});
		after(() => browser?.close());

		/** Puts a file into the form; the rows of what comes back, and the file itself. */
		async function put(file: { name: string; mimeType: string; buffer: Buffer }): Promise<{ rows: Row[]; buffer: Buffer }> {
			const { page } = browser;
			await runs.begin();
			await page.goto(`${host.url}/form/register`);
			await page.locator('input[type=file]').setInputFiles(file);
			const download = page.waitForEvent('download');
			await page.locator('button[type=submit], #submit-btn').click();
			const back = await download;
			assert.equal(back.suggestedFilename(), 'register-outcomes.xlsx');
			const execution = await runs.last();
			assert.equal(execution.status, 'success');
			return { rows: itemsOf<Row>(execution, 'Row with Its Outcome'), buffer: await buffer(await back.createReadStream()) };
		}

		const CSV = 'event_id,card_id,reason\nreg-1,card-1001,Договор расторгнут\nreg-2,card-1012,Closed already\n,,\nreg-3,,No card\nreg-4,card-1002,Lost\n';
		const facts = ({ event_id, card_id, outcome, cause, try_again }: Row) => [event_id, card_id, outcome, cause, try_again];
		const AFTERWARDS = (done: string) => [
			['reg-1', 'card-1001', done, '', ''],
			['reg-2', 'card-1012', 'refused', 'already_closed', 'no'],
			['reg-3', '', 'not_done', 'input', 'no'],
			['reg-4', 'card-1002', done, '', ''],
		];

		test('works on the register that is pinned as a sample, when it is run by hand', async () => {
			const { data } = await runs.byHand('Register Form');
			assert.deepEqual(itemsOf<Row>({ data }, 'Row with Its Outcome').map(({ event_id, outcome }) => [event_id, outcome]), [['reg-1', 'done'], ['reg-2', 'refused'], ['reg-3', 'not_done']]);
			await sandbox.reset();
		});

		test('a CSV file comes back as an Excel file: the same rows in their order, each with its outcome, cause and date', async () => {
			const { rows } = await put({ name: 'register.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
			assert.deepEqual(rows.map(facts), AFTERWARDS('done'));
			assert.equal(at(rows, 0).reason, 'Договор расторгнут');
			for (const { date } of rows) assert.ok(!Number.isNaN(Date.parse(date)), date);
			assert.match(at(rows, 1).message, /card is already closed/);
			assert.equal((await sandbox.ledger()).length, 2);
		});

		test('put in once more, and as the Excel file that came back, it closes nothing twice, and says so', async () => {
			const again = await put({ name: 'register.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
			assert.deepEqual(again.rows.map(facts), AFTERWARDS('done_before'));
			const excel = await put({ name: 'register-outcomes.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: again.buffer });
			assert.deepEqual(excel.rows.map(({ event_id, outcome }) => [event_id, outcome]), AFTERWARDS('done_before').map(([event, , outcome]) => [event, outcome]));
			assert.equal((await sandbox.ledger()).length, 2);
		});
	});
}
