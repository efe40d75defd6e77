import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';

import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { declared } from '../screenshots/declared.ts';
import { pictures, prepare } from '../screenshots/pictures.ts';
import { Studio } from '../screenshots/studio.ts';
import type { Editor } from './editor.ts';
import { manualRuns } from './manualRuns.ts';
import { openedEditor } from './openedEditor.ts';
import { exampleOf, exampleWorkflow, type PanelExample } from './panelExamples.ts';
import type { Playground } from './playground.ts';

suite("the node's panels in a real n8n", () => {
	let playground: Playground;
	let editor: Editor;
	let studio: Studio;
	const example = exampleOf('card', 'close');

	const opened = openedEditor('panels', prepare);
	before(() => {
		({ playground, editor } = opened());
		studio = new Studio({ playground, editor, folder: join(BUILD_FOLDER, 'screenshots') });
	});

	test('offer every operation under its resource, none with its description cut off', async () => {
		await editor.open(await store('Every operation', example), 'shown');
		const resources = declared();
		assertInOrder(await editor.offered('resource'), resources.map(({ name }) => name));

		for (const { name, operations } of resources) {
			await editor.choose('resource', name);
			assertInOrder(await editor.offered('operation'), operations.map((operation) => operation.name));
			assert.deepEqual(await editor.cutOff('operation'), []);
		}
	});

	test('offer the fields of both outputs to the next step before the first run', async () => {
		await editor.open(await store('Output fields', example), 'after');
		const fields = editor.input.getByTestId('run-data-schema-node-name');
		await fields.filter({ hasText: 'http_status' }).waitFor();
		// The list is drawn in any order.
		const offered = await fields.evaluateAll((found) =>
			found
				.map((element) => ({ text: element.innerText.trim(), top: element.getBoundingClientRect().top }))
				.sort((one, other) => one.top - other.top)
				.map(({ text }) => text),
		);
		const failed = ['message', 'outcome', 'cause', 'try_again', 'next_step', 'request_id', 'card_id', 'http_status'];
		assert.deepEqual(offered.slice(0, offered.indexOf('http_status') + 1), ['outcome', 'request_id', 'card_id', 'status', 'request_status', 'dt', 'error', ...failed]);
	});

	// What the other pictures show, the first hour and the workflows' own tests go through.
	for (const picture of pictures().filter(({ names }) => names.every((name) => name.startsWith('operations/')))) {
		test(`look as in ${picture.names.join(', ')}`, () => picture.take(studio));
	}

	const store = async (name: string, shown: PanelExample) => await manualRuns(playground.host).store(name, exampleWorkflow(shown));
});

/** Other entries may stand between and after the expected ones: n8n adds some of its own. */
function assertInOrder(actual: string[], expected: string[]): void {
	assert.deepEqual(
		actual.filter((entry) => expected.includes(entry)),
		expected,
		`offered: ${actual.join(', ')}`,
	);
}
