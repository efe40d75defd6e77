import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import { CREDENTIAL } from '../n8n/examples.ts';
import { WHOLE_TEST } from '../n8n/patience.ts';
import type { Editor } from './editor.ts';
import { executionsOf } from './executions.ts';
import { itemsOf, only } from './items.ts';
import { openedEditor } from './openedEditor.ts';
import type { Playground } from './playground.ts';
import { until } from './until.ts';

const CARD = 'card-1007';
const TRIGGER = 'FreedomPay Card Trigger';

/* What somebody does who wants to be told when a card is used, from an empty canvas to the first execution. */
suite('the trigger in the editor', () => {
	let playground: Playground;
	let editor: Editor;
	const opened = openedEditor('trigger-editor');
	before(() => {
		({ playground, editor } = opened());
	});

	test('is found by what it does, fetches a test event, is published, and its item is seen in the list of executions', WHOLE_TEST, async () => {
		const { sandbox, host } = playground;
		await sandbox.book({ card_id: CARD, amount: 4321 });
		await editor.openNew();
		await editor.openCreator();
		await (await editor.search('card used')).filter({ hasText: 'FreedomPay Card' }).first().waitFor();
		await editor.pick('FreedomPay Card');
		await editor.chooseAction('On new operation');
		await editor.chooseCredential(CREDENTIAL.id);
		await editor.fill('cardIds', CARD);
		await editor.click(editor.page.getByTestId('node-execute-button'));
		await editor.output.getByText('4321').first().waitFor();
		await editor.closePanel();

		await editor.publish();
		const { workflowId } = editor;
		await host.untilLive(workflowId);
		await sandbox.book({ card_id: CARD, amount: 4322 });
		const [execution] = await until(
			async () => {
				const executions = (await executionsOf(host, workflowId)).filter(({ mode, status }) => mode === 'trigger' && status === 'success');
				return executions.length > 0 ? executions : undefined;
			},
			() => 'an execution',
		);
		assert.equal(only(itemsOf<{ amount: number }>(await host.readExecution(execution?.id ?? ''), TRIGGER)).amount, 4322);

		await editor.page.goto(`${editor.url}/workflow/${workflowId}/executions/${execution?.id}`);
		await editor.openPanel(TRIGGER);
		await editor.output.getByText('4322').first().waitFor();
	});
});
