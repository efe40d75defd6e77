import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { firstWorkflow } from '../e2e/firstWorkflow.ts';
import { manualRuns, TRIGGER } from '../e2e/manualRuns.ts';
import { placed, type WorkflowNode } from '../e2e/nodes.ts';
import { earlierExamples, exampleOf, exampleWorkflow, httpRequestWorkflow, TEST_CREDENTIAL, type PanelExample } from '../e2e/panelExamples.ts';
import type { Playground } from '../e2e/playground.ts';
import { TRIGGER_TYPE } from '../e2e/triggerWorkflow.ts';
import { CREDENTIAL } from '../n8n/examples.ts';
import { ROOT } from '../n8n/paths.mjs';
import type { StoredCredential } from '../n8n/rest.ts';
import { declared } from './declared.ts';
import { boxOf, type Studio } from './studio.ts';

const WORKFLOWS = join(ROOT, 'workflows');
const WINDOW = { width: 1200, height: 720 };

/** A picture, or several of one course of events. */
export interface Picture {
	/** Of its files, without `.png`. */
	names: string[];
	take: (studio: Studio) => Promise<void>;
}

/** Every picture of the documentation. Each is taken of the running product, and fails where that does not show what it should. */
export function pictures(): Picture[] {
	return [...operations(), httpRequest(), credential(), firstSteps(), ...canvases(), creator(), output(), error(), trigger(), communityNodes(), ...workflows()];
}

/** Does what the examples presuppose. */
export async function prepare({ host }: Pick<Playground, 'host'>): Promise<void> {
	const runs = manualRuns(host);
	for (const example of earlierExamples()) await runs.run(await runs.store(example.title, exampleWorkflow(example)), TRIGGER.name);
}

const pictureName = (resource: string, operation: string): string => `operations/${resource}-${operation}`;

function operations(): Picture[] {
	return declared().flatMap(({ resource, operations: offered }) =>
		offered.map(({ operation }) => ({
			names: [pictureName(resource, operation)],
			async take(studio: Studio) {
				const { editor } = studio;
				await studio.tallWindow();
				await editor.open(await stored(studio, exampleOf(resource, operation)), 'shown');
				assert.equal(await editor.page.getByTestId('node-issues').count(), 0);
				await editor.executeStep();
				await editor.output.getByTestId('node-run-status-success').waitFor();
				await studio.pictureOfParameters(pictureName(resource, operation));
			},
		})),
	);
}

function httpRequest(): Picture {
	return {
		names: ['http-request'],
		async take(studio) {
			const { host } = studio.playground;
			const { id, name } = await host.rest.request<StoredCredential>('POST', '/credentials', TEST_CREDENTIAL);
			await studio.tallWindow();
			await studio.editor.open(await manualRuns(host).store('HTTP Request', httpRequestWorkflow({ id, name })), 'shown');
			await studio.page.getByTestId('node-credentials-select').filter({ visible: true }).first().waitFor();
			await studio.pictureOfParameters('http-request');
			await host.rest.request('DELETE', `/credentials/${id}`);
		},
	};
}

function credential(): Picture {
	return {
		names: ['credential'],
		async take(studio) {
			const { page } = studio;
			await studio.window(1000, 1250);
			await page.goto(`${studio.editor.url}/home/credentials/${CREDENTIAL.id}`);
			await page.getByTestId('credentials-config-container-test-success').getByText('Retry').waitFor();
			await credentialDown(studio, 'credential', 'partnerKey');
		},
	};
}

/** The open credential, down to one of its fields. n8n's dialog has the same height in any window, and shows the rest when it is scrolled. */
async function credentialDown(studio: Studio, name: string, field: string): Promise<void> {
	const modal = await boxOf(studio.page.getByTestId('editCredential-modal'));
	const last = await boxOf(studio.editor.parameter(field));
	await studio.picture(name, { ...modal, height: Math.min(modal.height, last.y + last.height + 24 - modal.y) });
}

/** The first workflow of one's own, step by step. */
function firstSteps(): Picture {
	const named = (name: string) => `first-workflow/${name}`;
	return {
		names: ['1-search', '2-credential', '3-fields', '4-execute', '5-output'].map(named),
		async take(studio) {
			const { editor, playground } = studio;
			for (const { name, act } of firstWorkflow(editor, playground.sandbox.credential, 'card-1009')) {
				// A credential shows its fields in a tall window only.
				await studio.window(WINDOW.width, name === '2-credential' ? 1250 : WINDOW.height);
				await act();
				if (name === '2-credential') await credentialDown(studio, named(name), 'partnerKey');
				else await studio.picture(named(name));
			}
			await editor.deleteCredential();
		},
	};
}

/** The node on the canvas after a run, in both of n8n's themes. */
function canvases(): Picture[] {
	return (['light', 'dark'] as const).map((theme) => ({
		names: [`node-${theme}`],
		async take(studio: Studio) {
			const { editor, page } = studio;
			await page.emulateMedia({ colorScheme: theme });
			await studio.window(1100, 700);
			await editor.open(await stored(studio, exampleOf('card', 'close')));
			await editor.executeWorkflow();
			await editor.isGreen('Next Step');
			await studio.pictureOfCanvas(`node-${theme}`, editor.nodes, { side: 32 });
			await page.emulateMedia({ colorScheme: 'light' });
		},
	}));
}

function creator(): Picture {
	return {
		names: ['node-creator'],
		async take(studio) {
			const { editor, page, playground } = studio;
			await studio.window(1100, 700);
			await editor.open(await manualRuns(playground.host).store('Search', { nodes: placed([TRIGGER]), connections: {} }));
			await editor.openCreator();
			await (await editor.search('payment card')).filter({ hasText: 'FreedomPay Card' }).waitFor();
			const panel = await boxOf(page.getByTestId('node-creator'));
			await studio.picture('node-creator', { ...panel, height: 300 });
		},
	};
}

function output(): Picture {
	return {
		names: ['output'],
		async take(studio) {
			const { editor } = studio;
			await studio.window(1440, 900);
			await editor.open(await stored(studio, exampleOf('card', 'getOperations')), 'shown');
			await editor.executeStep();
			await editor.output.getByTestId('radio-button-table').click();
			await studio.pictureOfOutput('output', editor.output.locator('table tr').nth(5));
		},
	};
}

function error(): Picture {
	return {
		names: ['error'],
		async take(studio) {
			const { editor } = studio;
			const example = exampleOf('card', 'close');
			await studio.window(1440, 900);
			await editor.open(await stored(studio, { ...example, input: { ...example.input, card_id: 'card-9999', event_id: 'evt-18' } }), 'shown');
			await editor.executeStep();
			await studio.pictureOfOutput('error', editor.output.locator('.node-error-view__header'));
		},
	};
}

/** The trigger with its test event. */
function trigger(): Picture {
	return {
		names: ['trigger'],
		async take(studio) {
			const { editor, page, playground } = studio;
			const { nodes } = JSON.parse(readFileSync(join(WORKFLOWS, 'tell-me-when-a-card-is-used.json'), 'utf8')) as { nodes: WorkflowNode[] };
			const watching = nodes.filter(({ type }) => type === TRIGGER_TYPE).map((node) => ({ ...node, id: 'shown', parameters: { ...node.parameters, ...FILTERED } }));
			await studio.window(1440, 1000);
			await editor.open(await manualRuns(playground.host).store('Trigger', { nodes: watching, connections: {} }), 'shown');
			await page.getByTestId('node-execute-button').click();
			await editor.output.getByTestId('node-run-status-success').waitFor();
			await studio.picture('trigger', await boxOf(editor.panel));
		},
	};
}

/** Filters and options that the picture of the trigger shows. */
const FILTERED = { filters: { leastAmounts: { leastAmount: [{ amount: '500', currency: 'KZT' }] } }, options: { lookBackHours: 48 } };

function communityNodes(): Picture {
	return {
		names: ['community-nodes'],
		async take(studio) {
			const { page } = studio;
			await studio.window(1100, 700);
			await page.goto(`${studio.editor.url}/settings/community-nodes`);
			await page.getByTestId('community-package-card').filter({ hasText: 'n8n-nodes-freedompay' }).waitFor();
			await studio.picture('community-nodes', { x: 0, y: 0, width: 1100, height: 420 });
		},
	};
}

/** The workflows of this repository, as they look on the canvas. */
function workflows(): Picture[] {
	return readdirSync(WORKFLOWS)
		.filter((file) => file.endsWith('.json'))
		.map((file) => workflowPicture(file));
}

function workflowPicture(file: string): Picture {
	const name = `workflows/${file.replace('.json', '')}`;
	return {
		names: [name],
		async take(studio) {
			const { editor, page } = studio;
			const { nodes } = JSON.parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as { nodes: Array<{ type: string }> };
			await studio.window(1440, 900);
			await editor.openNew();
			await editor.importFromFile(join(WORKFLOWS, file));
			await editor.selectNothing();
			assert.equal((await editor.shownNodes()).length, nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote').length);
			await studio.pictureOfCanvas(name, page.locator('.vue-flow__node'));
		},
	};
}

const stored = async ({ playground }: Studio, example: PanelExample): Promise<string> =>
	 await manualRuns(playground.host).store(example.title, exampleWorkflow(example));
