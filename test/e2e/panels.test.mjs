import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';

import { CREDENTIAL, FIRST_EXAMPLE } from '../n8n/examples.mjs';
import { BUILD_FOLDER, ROOT } from '../n8n/paths.mjs';
import { openEditor } from './editor.mjs';
import { manualRuns, TRIGGER } from './manualRuns.mjs';
import { EARLIER_EXAMPLE, exampleWorkflow, httpRequestWorkflow, PANEL_EXAMPLES, TEST_CREDENTIAL } from './panelExamples.mjs';
import { startPlayground } from './playground.mjs';

const SCREENSHOTS = join(BUILD_FOLDER, 'screenshots');
const VIEWPORT = { width: 1440, height: 900 };
/** Tall enough for every panel, so that nothing is scrolled away when it is measured. */
const TALL = { width: 1440, height: 1600 };
const PANEL_MARGIN = 24;
/** Names stand below the nodes. */
const CANVAS_MARGIN = { top: 16, bottom: 56 };
/** The editor's labels and panels take a moment to change. */
const SETTLE_MS = 600;
/** What lies over the canvas and the panels. */
const HIDDEN =
	'.el-notification, .vue-flow__background, [class*="nodeButtonsWrapper"], [data-test-id=floating-node], [data-test-id=node-feature-request] { visibility: hidden !important; }';

suite("the node's panels in a real n8n", () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;
	/** @type {Awaited<ReturnType<typeof openEditor>>} */
	let editor;
	/** @type {ReturnType<typeof manualRuns>} */
	let workflows;

	before(async () => {
		mkdirSync(SCREENSHOTS, { recursive: true });
		playground = await startPlayground('panels');
		workflows = manualRuns(playground.host);
		await workflows.run(await workflows.store(EARLIER_EXAMPLE.title, exampleWorkflow(EARLIER_EXAMPLE)), TRIGGER.name);
		editor = await openEditor(playground.host.url);
	});
	afterEach(async (context) => {
		if (!context.passed) await editor?.screenshot(`failed-${context.name.replaceAll(/\W+/g, '-')}`);
	});
	after(async () => {
		await editor?.close();
		await playground?.stop();
	});

	test('offer every operation under its resource', async () => {
		const { resources, operationsOf } = declared();
		const [example] = PANEL_EXAMPLES;
		await openPanel(await workflows.store('Every operation', exampleWorkflow({ ...example, parameters: { resource: 'card', operation: 'close' } })));
		assertInOrder(await offered('resource'), resources.map(({ name }) => name));

		for (const { name, value } of resources) {
			await choose('resource', name);
			assertInOrder(await offered('operation'), operationsOf(value));
		}
	});

	for (const example of PANEL_EXAMPLES) {
		test(`show ${example.title}`, async () => {
			await openPanel(await workflows.store(example.title, exampleWorkflow(example)));
			assert.equal(await editor.page.getByTestId('node-issues').count(), 0);
			if (example.runs) await runStep();
			await screenshotOfPanel(example.name);
		});
	}

	test('offer the fields of the output to the next step before the first run', async () => {
		const [example] = PANEL_EXAMPLES;
		await openPanel(await workflows.store('Output fields', exampleWorkflow(example)), 'after');
		const input = editor.page.getByTestId('ndv-input-panel');
		for (const field of ['request_id', 'card_id', 'status', 'request_status', 'dt']) {
			await input.getByTestId('run-data-schema-item').getByText(field, { exact: true }).waitFor();
		}
		await screenshotOfPanel('output-fields');
	});

	test('show the HTTP Request node with the credential', async () => {
		const credential = await playground.host.rest.request('POST', '/credentials', TEST_CREDENTIAL);
		await openPanel(await workflows.store('HTTP Request', httpRequestWorkflow(credential)));
		await editor.page.getByTestId('node-credentials-select').filter({ visible: true }).first().waitFor();
		await screenshotOfPanel('http-request');
	});

	test('show the credential, tested', async () => {
		const { page } = editor;
		await page.setViewportSize({ width: VIEWPORT.width, height: 1150 });
		await page.goto(`${playground.host.url}/home/credentials/${CREDENTIAL.id}`);
		await page.getByTestId('credentials-config-container-test-success').getByText('Retry').waitFor();
		const { x, y, width, height } = await page.getByTestId('editCredential-modal').boundingBox();
		await picture('credential', { x, y, width, height });
	});

	test('show a workflow that has run, and what its node did', async () => {
		const { page } = editor;
		await page.setViewportSize({ width: VIEWPORT.width, height: 760 });
		await page.goto(`${playground.host.url}/workflow/${FIRST_EXAMPLE}`);
		const node = page.locator('[data-test-id="canvas-node"][data-node-name="Close Card"]');
		await node.waitFor();
		await page.getByTestId('execute-workflow-button').click();
		await node.getByTestId('canvas-node-status-success').waitFor();
		const canvas = await picture('canvas', await areaOfCanvas());

		await node.dblclick();
		await outputAsJson();
		const panel = await screenshotOfPanel('panel');
		await oneAboveTheOther('node', [canvas, panel]);
	});

	const parameter = (name) => editor.page.getByTestId(`parameter-input-${name}`);
	const choices = () => editor.page.getByTestId('parameter-input-item').filter({ visible: true });

	/** Opens the panel of a node in a stored workflow. */
	async function openPanel(workflowId, node = 'shown') {
		await editor.page.setViewportSize(TALL);
		await editor.page.goto(`${playground.host.url}/workflow/${workflowId}/${node}`);
		await editor.page.getByTestId('ndv').waitFor();
	}

	/** The names in a dropdown of the panel, in their order. */
	async function offered(name) {
		await parameter(name).click();
		await choices().first().waitFor();
		const texts = await choices().allInnerTexts();
		await parameter(name).click();
		await choices().first().waitFor({ state: 'hidden' });
		return texts.map((text) => text.split('\n')[0].trim());
	}

	async function choose(name, choice) {
		await parameter(name).click();
		await choices()
			.filter({ hasText: new RegExp(`^\\s*${choice}(?:\n|\\s*$)`) })
			.first()
			.click();
		await choices().first().waitFor({ state: 'hidden' });
	}

	async function runStep() {
		await editor.page.getByTestId('node-execute-button').click();
		await outputAsJson();
	}

	async function outputAsJson() {
		const output = editor.page.getByTestId('output-panel');
		await output.getByTestId('node-run-status-success').waitFor();
		await output.getByTestId('radio-button-json').click();
		await editor.page.getByTestId('node-execute-button').getByText('Execute step').waitFor();
	}

	/** Takes a picture of the panel, no taller than what it shows. */
	async function screenshotOfPanel(name) {
		const { page } = editor;
		// Pointing at a field would show its buttons.
		await page.mouse.move(0, 0);
		await page.setViewportSize(TALL);
		const bottom = await page
			.getByTestId('ndv')
			.locator('[data-test-id=parameter-item], [data-test-id=run-data-schema-item]')
			.evaluateAll((items) => Math.max(...items.map((item) => item.getBoundingClientRect().bottom)));
		await page.setViewportSize({ width: VIEWPORT.width, height: Math.max(560, Math.ceil(bottom) + 3 * PANEL_MARGIN) });
		const { width, height } = page.viewportSize();
		return await picture(name, {
			x: PANEL_MARGIN + 1,
			y: PANEL_MARGIN + 1,
			width: width - 2 * PANEL_MARGIN - 2,
			height: height - 2 * PANEL_MARGIN - 2,
		});
	}

	/** The part of the page that the workflow takes up, notes and names included. */
	async function areaOfCanvas() {
		const boxes = await editor.page
			.locator('.vue-flow__node')
			.evaluateAll((nodes) => nodes.map((node) => node.getBoundingClientRect()).map(({ top, bottom }) => ({ top, bottom })));
		const top = Math.floor(Math.min(...boxes.map((box) => box.top))) - CANVAS_MARGIN.top;
		const bottom = Math.ceil(Math.max(...boxes.map((box) => box.bottom))) + CANVAS_MARGIN.bottom;
		return { x: 45, y: top, width: 1390, height: bottom - top };
	}

	/** Takes a picture of a part of the page, when nothing moves any more. */
	async function picture(name, clip) {
		await editor.page.waitForTimeout(SETTLE_MS);
		return await editor.page.screenshot({ path: pathOf(name), clip, animations: 'disabled', style: HIDDEN });
	}

	/** Makes one picture of several. */
	async function oneAboveTheOther(name, pictures) {
		const page = await editor.page.context().browser().newPage({ viewport: VIEWPORT });
		const images = pictures.map((png) => `<img style="display: block" src="data:image/png;base64,${png.toString('base64')}">`);
		await page.setContent(`<body style="margin: 0; width: max-content">${images.join('<hr style="margin: 0; height: 8px; border: 0">')}</body>`);
		await page.locator('img').last().evaluate((image) => image.decode());
		await page.locator('body').screenshot({ path: pathOf(name) });
		await page.close();
	}
});

const pathOf = (name) => join(SCREENSHOTS, `${name}.png`);

/** The resources and operations of the built node. */
function declared() {
	const { FreedomPayCard } = createRequire(join(ROOT, 'package.json'))('./dist/nodes/FreedomPayCard/FreedomPayCard.node.js');
	const { properties } = new FreedomPayCard().description;
	const named = (name) => properties.filter((property) => property.name === name);
	return {
		resources: named('resource')[0].options,
		operationsOf: (resource) =>
			named('operation')
				.filter(({ displayOptions }) => displayOptions.show.resource.includes(resource))
				.flatMap(({ options }) => options.map(({ name }) => name)),
	};
}

/** Other entries may stand between and after the expected ones: n8n adds some of its own. */
function assertInOrder(actual, expected) {
	assert.deepEqual(
		actual.filter((entry) => expected.includes(entry)),
		expected,
		`offered: ${actual.join(', ')}`,
	);
}
