import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { wholeExecutionsOf } from '../e2e/executions.ts';
import { EVERY_MS, watchingWorkflow } from '../e2e/triggerWorkflow.ts';
import { until } from '../e2e/until.ts';
import { WHOLE_TEST } from '../n8n/patience.ts';
import type { Cluster } from './cluster.ts';

const ROUNDS = 20;

/** A trigger that polls, whose executions the workers take. */
export function polled(running: () => Cluster): void {
	suite('a trigger that polls', () => {
		test('each operation is in exactly one execution, while a worker is killed', WHOLE_TEST, async () => {
			const id = 'watchInQueue';
			const cards = ['queued-1', 'queued-2', 'queued-3'];
			const { sandbox, workers: [worker] } = running();
			await sandbox.reset();
			await running().publish(watchingWorkflow(id, cards));

			const booked: string[] = [];
			for (let round = 0; round < ROUNDS; round++) {
				const bookings = cards.map((card_id, index) => ({ card_id, rrn: `queued-${round}-${index}.` }));
				await sandbox.book(...bookings);
				booked.push(...bookings.map(({ rrn }) => rrn));
				if (round === ROUNDS / 2) await worker.kill();
				await delay(EVERY_MS / 2);
			}

			const ask = async () => {
				const executions = await wholeExecutionsOf(running().host, id);
				const texts = executions.map(({ data }) => JSON.stringify(data));
				const counts = booked.map((rrn) => texts.filter((text) => text.includes(rrn)).length);
				return counts.every((count) => count > 0) ? counts : undefined;
			};
			await until(ask, () => 'an execution for each operation');
			// The next polls find nothing that is new.
			await delay(3 * EVERY_MS);
			assert.deepEqual(await ask(), booked.map(() => 1));
		});
	});
}
