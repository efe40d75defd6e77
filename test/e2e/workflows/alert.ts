import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { Host } from '../../n8n/host.ts';
import { at, errorOf, itemsOf, type Execution } from '../items.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayAlertWhenSomethingFails';
const CRM = 'freedomPayCrmEventClosesCard';

/** The error workflow that tells of executions that ended red. */
export function alert(playground: () => Playground): void {
	suite('Alert when something fails', () => {
		let host: Host;
		let runs: ExampleRuns;
		let crm: ExampleRuns;

		before(async () => {
			({ host } = playground());
			runs = runsOf(playground(), ID);
			crm = runsOf(playground(), CRM);
			await playground().sandbox.reset();
			await host.publish(ID);
			await host.publish(CRM);
		});

		const message = (execution: Execution) => at(itemsOf<{ subject: string; text: string; link: string }>(execution, 'Send the Message Here'), 0);

		test('makes a message of the failed execution that is pinned as a sample, when it is run by hand', async () => {
			const { subject, text } = message(await runs.byHand('When an Execution Fails'));
			assert.match(subject, /CRM event closes card/);
			assert.match(text, /card-1012/);
		});

		test('tells the card, what happened, the next step and where to look, when a published workflow ends red', async () => {
			await runs.begin();
			assert.equal((await crm.deliver('crm-event', { event_id: 'evt-alert-1', card_id: 'card-1012' })).status, 422);
			const failed = await crm.last();
			assert.equal(failed.status, 'error');

			const execution = await runs.last();
			assert.equal(execution.status, 'success');
			const { text, link } = message(execution);
			assert.match(text, /Close Card to the End/);
			assert.match(text, /card-1012/);
			assert.match(text, /card is already closed/);
			assert.ok(text.includes(errorOf(failed).description), text);
			assert.ok(link.endsWith(`/workflow/${CRM}/executions/${failed.id}`), link);
		});
	});
}
