import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { CREDENTIAL, FIRST_EXAMPLE } from '../n8n/examples.mjs';
import { openEditor } from './editor.mjs';
import { startPlayground } from './playground.mjs';

suite('the editor', () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;
	/** @type {Awaited<ReturnType<typeof openEditor>>} */
	let editor;

	before(async () => {
		playground = await startPlayground('editor');
		editor = await openEditor(playground.host.url);
	});
	afterEach(async (context) => {
		if (!context.passed) await editor?.screenshot(`failed-${context.name.replaceAll(/\W+/g, '-')}`);
	});
	after(async () => {
		await editor?.close();
		await playground?.stop();
	});

	test('runs the example green at the first click', async () => {
		const { page, screenshot } = editor;
		await page.goto(`${playground.host.url}/workflow/${FIRST_EXAMPLE}`);
		await canvasNode('Close Card').waitFor();
		await screenshot('example');

		await page.getByTestId('execute-workflow-button').click();
		await canvasNode('Close Card').getByTestId('canvas-node-status-success').waitFor();
		await screenshot('example-executed');

		const { cards } = await playground.sandbox.state();
		assert.deepEqual(
			['card-1001', 'card-1002', 'card-1003', 'card-1004'].map((id) => cards[id].status),
			['closed', 'closed', 'closed', 'active'],
		);
	});

	test('runs it green at the second click too, and closes nothing again', async () => {
		const { host, sandbox } = playground;
		const before = await sandbox.ledger();
		await editor.page.getByTestId('execute-workflow-button').click();
		const ended = async () => (await host.rest.request('GET', '/executions')).results.filter(({ stoppedAt }) => stoppedAt);
		while ((await ended()).length < 2) await delay(100);
		assert.deepEqual((await ended()).map(({ status }) => status), ['success', 'success']);
		await canvasNode('Close Card').getByTestId('canvas-node-status-success').waitFor();
		await editor.screenshot('example-executed-twice');
		assert.deepEqual(await sandbox.ledger(), before);
		assert.equal(before.length, 3);
	});

	test('finds the node by its name, with its actions', async () => {
		const { page, screenshot } = editor;
		await page.goto(`${playground.host.url}/workflow/new`);
		await page.getByTestId('canvas-add-button').click();
		await page.getByTestId('node-creator-search-bar').fill('FreedomPay Card');
		const found = page.getByTestId('node-creator-item-name').filter({ hasText: /^FreedomPay Card$/ });
		await found.waitFor();
		await screenshot('nodes-panel');

		await found.click();
		const actions = page.getByTestId('node-creator-item-name');
		await actions.filter({ hasText: 'Close a card' }).waitFor();
		await screenshot('actions');
		const names = (await actions.allInnerTexts()).map((name) => name.trim());
		assertIncludes(names, [
			'Close a card (cannot be undone)',
			'Link a client to a card',
			'Update a card',
			'Confirm a gift card',
			'Get the status of a request',
		]);

		await actions.filter({ hasText: 'Close a card' }).click();
		await page.getByTestId('ndv').waitFor();
	});

	test('shows the resources and operations', async () => {
		assertIncludes(await optionsOf('resource'), ['Card', 'Gift Card', 'Request']);
		assertIncludes(await optionsOf('operation', 'operations'), ['Close', 'Link Client', 'Update']);
	});

	test('runs the node with the credential picked and the fields filled in', async () => {
		const { page, screenshot } = editor;
		await page.getByTestId('node-credentials-select').click();
		await page.getByTestId(`node-credentials-select-item-${CREDENTIAL.id}`).click();
		await parameter('cardId').locator('input, textarea').fill('card-1005');
		await parameter('description').locator('input, textarea').fill('Lost by the cardholder');

		await page.getByTestId('node-execute-button').click();
		const output = page.getByTestId('output-panel');
		await output.getByTestId('node-run-status-success').waitFor();
		await output.getByText('card-1005').waitFor();
		await page.getByTestId('node-execute-button').getByText('Execute step').waitFor();
		await screenshot('node-executed');

		const { cards } = await playground.sandbox.state();
		assert.equal(cards['card-1005'].status, 'closed');
		const request = (await playground.sandbox.journal()).at(-1);
		assert.equal(request.signatureVerified, true);
		assert.equal(request.body.description, 'Lost by the cardholder');
	});

	test('tests the credential successfully', async () => {
		const { page, screenshot } = editor;
		await page.goto(`${playground.host.url}/home/credentials/${CREDENTIAL.id}`);
		await page.getByTestId('credentials-config-container-test-success').waitFor();
		await screenshot('credential');
	});

	const canvasNode = (name) => editor.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
	const parameter = (name) => editor.page.getByTestId(`parameter-input-${name}`);

	/** The choices of a dropdown in the node's panel. */
	async function optionsOf(name, screenshot) {
		await parameter(name).click();
		const options = editor.page.getByTestId('parameter-input-item').filter({ visible: true });
		await options.first().waitFor();
		if (screenshot) await editor.screenshot(screenshot);
		const texts = await options.allInnerTexts();
		await parameter(name).click();
		await options.first().waitFor({ state: 'hidden' });
		return texts.map((text) => text.split('\n')[0].trim());
	}
});

function assertIncludes(actual, expected) {
	assert.deepEqual(
		expected.filter((entry) => !actual.includes(entry)),
		[],
		`missing from: ${actual.join(', ')}`,
	);
}
