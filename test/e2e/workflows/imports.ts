import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';

import type { INode, INodeTypeDescription } from 'n8n-workflow';

import type { Host } from '../../n8n/host.ts';
import { ROOT } from '../../n8n/paths.mjs';
import { openEditor, type Editor } from '../editor.ts';
import type { Playground } from '../playground.ts';

// Its ES modules do not load in Node.js.
const { NodeHelpers } = createRequire(import.meta.url)('n8n-workflow') as typeof import('n8n-workflow');

const FOLDER = join(ROOT, 'workflows');
const workflows = readdirSync(FOLDER).map((file) => ({ file, ...(JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as ExampleWorkflow) }));

/** An example workflow, in its file and as n8n has it. */
interface ExampleWorkflow {
	id: string;
	name: string;
	active: boolean;
	nodes: INode[];
	pinData: object;
}

/** Each example workflow as n8n takes it in and shows it. */
export function imports(playground: () => Playground): void {
	suite('n8n and the example workflows', () => {
		let types: NodeTypes;
		let credentials: Set<string>;

		before(async () => {
			const { host } = playground();
			types = await nodeTypes(host);
			credentials = new Set((await host.rest.request<Array<{ id: string; type: string }>>('GET', '/credentials')).map(({ id, type }) => `${type} ${id}`));
		});

		test("n8n's command imports all of them", async () => {
			await playground().host.command(['import:workflow', '--separate', `--input=${FOLDER}`]);
			const stored = await Promise.all(workflows.map(({ id }) => playground().host.rest.request<ExampleWorkflow>('GET', `/workflows/${id}`)));
			const facts = ({ name, nodes, active, pinData }: ExampleWorkflow) => ({ name, nodes: nodes.map((node) => node.name).sort(), active, pinData });
			assert.deepEqual(stored.map(facts), workflows.map(facts));
		});

		for (const { file, nodes } of workflows) {
			test(`${file} has nodes and fields that this n8n knows, and all that it wants`, () => {
				const problems = nodes.flatMap((node) => problemsOf(node, types).map((problem) => `${node.name}: ${problem}`));
				assert.deepEqual(problems, []);
			});

			test(`${file} finds its credentials`, () => {
				const wanted = nodes.flatMap((node) => Object.entries(node.credentials ?? {}).map(([type, { id }]) => `${type} ${id}`));
				assert.deepEqual(wanted.filter((credential) => !credentials.has(credential)), []);
			});
		}

		suite('on the canvas', () => {
			let editor: Editor;

			before(async () => {
				editor = await openEditor(playground().host.url);
			});
			after(() => editor?.close());

			for (const { file, id, nodes } of workflows) {
				test(`${file} is shown whole, notes and all`, async () => {
					const { page, screenshot } = editor;
					await page.goto(`${playground().host.url}/workflow/${id}`);
					const stickies = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
					await page.getByTestId('canvas-node').first().waitFor();
					await page.getByTestId('zoom-to-fit').click();
					await page.getByTestId('sticky').nth(stickies.length - 1).waitFor();
					// The icons come after the nodes.
					await page.waitForLoadState('networkidle');
					await screenshot(`workflow-${file.replace('.json', '')}`);
					const shown = await page.locator('[data-node-name]').evaluateAll((found) => found.map((element) => element.getAttribute('data-node-name')));
					assert.deepEqual([...new Set(shown)].sort(), nodes.map(({ name }) => name).sort());
					assert.deepEqual(await page.getByTestId('sticky').evaluateAll(cutOff), []);
				});
			}
		});
	});
}

/** The titles of notes that are longer than their paper. Runs in the browser. */
function cutOff(notes: HTMLElement[]): string[] {
	const isCutOff = (element: Element) => element.scrollHeight > element.clientHeight + 1 && getComputedStyle(element).overflowY !== 'visible';
	return notes.filter((note) => [note, ...note.querySelectorAll('*')].some(isCutOff)).map(({ innerText }) => innerText.split('\n', 1).join());
}

type NodeTypes = ReadonlyMap<string, INodeTypeDescription>;

/** The descriptions of all nodes, by type and version. */
async function nodeTypes(host: Host): Promise<NodeTypes> {
	const descriptions = await host.rest.file<INodeTypeDescription[]>('/types/nodes.json');
	const versioned = descriptions.flatMap((description) => [description.version].flat().map((version) => [`${description.name}@${version}`, description] as const));
	return new Map(versioned);
}

function problemsOf(node: INode, types: NodeTypes): string[] {
	const description = types.get(`${node.type}@${node.typeVersion}`);
	if (description === undefined) return [`no ${node.type} of version ${node.typeVersion}`];
	const { properties } = description;
	const shown = NodeHelpers.getNodeParameters(properties, node.parameters, true, false, node, description) ?? {};
	const issues = NodeHelpers.getNodeParametersIssues(properties, node, description)?.parameters ?? {};
	return [...Object.keys(node.parameters).filter((key) => !(key in shown)).map((key) => `unknown field ${key}`), ...Object.values(issues).flat()];
}
