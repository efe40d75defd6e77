import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';

import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { declared } from '../screenshots/declared.ts';
import { pictures, prepare } from '../screenshots/pictures.ts';
import { Studio } from '../screenshots/studio.ts';
import { openEditor } from './editor.ts';
import { manualRuns } from './manualRuns.ts';
import { exampleOf, exampleWorkflow } from './panelExamples.ts';
import { startPlayground } from './playground.ts';

suite("the node's panels in a real n8n", () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;
	/** @type {Awaited<ReturnType<typeof openEditor>>} */
	let editor;
	/** @type {Studio} */
	let studio;
	const example = exampleOf('card', 'close');

	before(async () => {
		playground = await startPlayground('panels');
		await prepare(playground);
		editor = await openEditor(playground.host.url);
		studio = new Studio({ playground, editor, folder: join(BUILD_FOLDER, 'screenshots') });
	});
	afterEach(async (context) => {
		if (!context.passed) await editor?.screenshot(`failed-${context.name.replaceAll(/\W+/g, '-')}`);
	});
	after(async () => {
		await editor?.close();
		await playground?.stop();
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
	for (const picture of pictures().filter(({ names: [name] }) => name.startsWith('operations/'))) {
		test(`look as in ${picture.names.join(', ')}`, () => picture.take(studio));
	}

	const store = async (name, shown) => await manualRuns(playground.host).store(name, exampleWorkflow(shown));
});

/** Other entries may stand between and after the expected ones: n8n adds some of its own. */
function assertInOrder(actual, expected) {
	assert.deepEqual(
		actual.filter((entry) => expected.includes(entry)),
		expected,
		`offered: ${actual.join(', ')}`,
	);
}
