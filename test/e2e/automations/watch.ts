import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { Sandbox } from '../../n8n/sandbox.ts';
import type { FaultRule } from '../../sandbox/index.ts';
import { at, only } from '../items.ts';
import type { Playground } from '../playground.ts';
import { scheduledRuns, type Attempt, type ScheduledRuns } from './runs.ts';

const STATEMENT_PATH = '/v5/card-api/card/statement';
const WATCH = 'watch-cards.json';

/** The messages about new operations of cards. */
export function watch(playground: () => Playground): void {
	suite('Watch cards', () => {
		let sandbox: Sandbox;
		let attempt: ScheduledRuns['attempt'];
		let retry: ScheduledRuns['retry'];
		let run: ScheduledRuns['run'];

		before(() => {
			({ sandbox } = playground());
			({ attempt, retry, run } = scheduledRuns(playground()));
		});

		const operation = (rrn: string, more: object = {}) => ({ type: 'pay', amount: 1500.5, commission: 0, currency: 'KZT', mcc: 5411, datetime: '2026-01-15T10:30:00+05:00', rrn, merchant: {}, ...more });

		/** Lets the watched cards have these operations. */
		async function have(operationsByCard: Record<string, object[]>): Promise<void> {
			await sandbox.reset();
			const answers = Object.entries(operationsByCard).map(([card, operations]): FaultRule => {
				const body = JSON.stringify({ status: 'ok', request_status: 'success', operations, dt: '2026-01-15T12:00:00+05:00' });
				return { path: STATEMENT_PATH, card, kind: 'rawAfter', body, times: 'always' };
			});
			await sandbox.misbehave(...answers);
		}

		const messages = ({ itemsOf }: Pick<Attempt, 'itemsOf'>) => itemsOf('Send the Message Here').map(({ message }) => message);

		test('one message for each operation of the last three days', async () => {
			await have({ 'card-1001': [operation('1'), operation('2', { type: 'withdrawal', amount: 20000 })], 'card-1002': [] });
			const startedAt = Date.now();
			const { journal, ...watch } = await run(WATCH);
			assert.deepEqual(messages(watch), [
				'card-1001: pay of 1500.5 KZT on 2026-01-15T10:30:00+05:00 (RRN 1)',
				'card-1001: withdrawal of 20000 KZT on 2026-01-15T10:30:00+05:00 (RRN 2)',
			]);
			assert.deepEqual(journal.map(({ path, body }) => [path, body.card_id]).sort(), [[STATEMENT_PATH, 'card-1001'], [STATEMENT_PATH, 'card-1002']]);
			const days = (startedAt - Date.parse(String(at(journal, 0).body.start_date))) / 86_400_000;
			assert.ok(Math.abs(days - 3) < 0.01, `${days} days`);
		});

		test('a second run: no message again', async () => {
			assert.deepEqual(messages(await run(WATCH)), []);
		});

		test('a run with new ones: messages for these alone, also where card, time or type alone differ', async () => {
			await have({
				'card-1001': [operation('1'), operation('1', { type: 'reversal' }), operation('1', { datetime: '2026-01-16T08:00:00+05:00' })],
				'card-1002': [operation('1')],
			});
			assert.deepEqual(messages(await run(WATCH)), [
				'card-1001: reversal of 1500.5 KZT on 2026-01-15T10:30:00+05:00 (RRN 1)',
				'card-1001: pay of 1500.5 KZT on 2026-01-16T08:00:00+05:00 (RRN 1)',
				'card-1002: pay of 1500.5 KZT on 2026-01-15T10:30:00+05:00 (RRN 1)',
			]);
		});

		test('a message that could not be sent is not sent by a new run, but by Retry of the failed one', async () => {
			await have({ 'card-1001': [operation('5')], 'card-1002': [] });
			const { execution } = await attempt(WATCH, (node) => {
				Object.assign(node('Send the Message Here'), { type: 'n8n-nodes-base.stopAndError', parameters: { errorMessage: 'Slack is down' } });
			});
			assert.deepEqual([execution.status, execution.data.resultData.error?.message], ['error', 'Slack is down']);
			assert.deepEqual(messages(await run(WATCH)), []);

			const retried = await retry(execution, WATCH);
			assert.equal(retried.execution.status, 'success');
			assert.deepEqual(messages(retried), ['card-1001: pay of 1500.5 KZT on 2026-01-15T10:30:00+05:00 (RRN 5)']);
		});

		test('a card that cannot be read: an alert for it, and messages for the others', async () => {
			await have({ 'card-1002': [operation('9')] });
			await sandbox.misbehave({ path: STATEMENT_PATH, card: 'card-1001', kind: 'refuse', body: { error_description: 'no such card' }, times: 'always' });
			const watch = await run(WATCH);
			assert.deepEqual(messages(watch), ['card-1002: pay of 1500.5 KZT on 2026-01-15T10:30:00+05:00 (RRN 9)']);
			const alerts = watch.itemsOf('Send the Alert Here').map(({ message }) => message);
			assert.match(only(alerts), /^card-1001: operations could not be read\. .*no such card/);
		});
	});
}
