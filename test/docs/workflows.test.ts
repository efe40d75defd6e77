import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NodeHelpers, type IConnections, type INode, type IPinData } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { FreedomPayCardTrigger } from '../../nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node';
import { operations } from '../../nodes/card-api/methods';

/*
 * What every file in workflows/ keeps to, so that whoever imports one finds their way and comes to no harm. That n8n takes and runs it
 * is shown in test/e2e/.
 */

interface WorkflowFile {
	id: string;
	name: string;
	active: boolean;
	nodes: INode[];
	connections: IConnections;
	settings: Record<string, unknown>;
	pinData: IPinData;
}

const FOLDER = join(__dirname, '../../workflows');
const files = readdirSync(FOLDER).sort();
const workflows = files.map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as WorkflowFile);

const { description } = new FreedomPayCard();
const { description: triggerDescription } = new FreedomPayCardTrigger();

const CARD = 'n8n-nodes-freedompay.freedomPayCard';
const CARD_TOOL = `${CARD}Tool`;
const CARD_TRIGGER = `${CARD}Trigger`;
const STICKY = 'n8n-nodes-base.stickyNote';
/** Triggers that need no sample: one gives nothing, and in the other one it would take the place of what is typed. */
const WITHOUT_SAMPLE = ['n8n-nodes-base.manualTrigger', '@n8n/n8n-nodes-langchain.chatTrigger'];
const AGENT = '@n8n/n8n-nodes-langchain.agent';
const CREDENTIAL = { freedomPayApi: { id: 'freedomPaySandbox', name: 'FreedomPay Sandbox' } };

const WORKFLOW_KEYS = ['id', 'name', 'active', 'nodes', 'connections', 'settings', 'pinData'];
const SETTINGS = ['executionOrder', 'callerPolicy', 'errorWorkflow', 'executionTimeout', 'saveExecutionProgress', 'timezone'];
/** What n8n adds to the panel of a node that is a tool. */
const TOOL_FIELDS = ['descriptionType', 'toolDescription'];
const SMALL_WORDS = new Set(['a', 'an', 'and', 'as', 'at', 'by', 'for', 'from', 'in', 'into', 'is', 'it', 'of', 'on', 'or', 'per', 'the', 'to', 'with']);
const OF_A_MACHINE = /localhost|127\.0\.0\.1|\/(?:home|root|tmp|usr|var|Users|work)\/|[A-Z]:\\|file:\/\/|\$env\b/;

const isSticky = ({ type }: INode) => type === STICKY;
const isTrigger = ({ type }: INode) => /Trigger$|\.webhook$/.test(type);
const isCard = ({ type }: INode) => [CARD, CARD_TOOL, CARD_TRIGGER].includes(type);
const descriptionOf = ({ type }: INode) => (type === CARD_TRIGGER ? triggerDescription : description);
const textOf = (sticky: INode) => sticky.parameters.content as string;

interface Link {
	from: string;
	to: string;
	kind: string;
	output: number;
}

function linksOf({ connections }: WorkflowFile): Link[] {
	return Object.entries(connections).flatMap(([from, kinds]) =>
		Object.entries(kinds).flatMap(([kind, outputs]) =>
			outputs.flatMap((targets, output) => (targets ?? []).map(({ node }) => ({ from, to: node, kind, output }))),
		),
	);
}

/** The nodes that are reached from one, by links of any kind; it itself only where there is a way back to it. */
function reachedFrom(start: string, links: readonly Link[]): Set<string> {
	const reached = new Set<string>();
	for (const open = [start]; open.length > 0; ) {
		const at = open.pop();
		for (const { from, to } of links) {
			if (from !== at || reached.has(to)) continue;
			reached.add(to);
			open.push(to);
		}
	}
	return reached;
}

interface Box {
	left: number;
	top: number;
	right: number;
	bottom: number;
}

const NODE_HEIGHT = 96;
/** Below a node: two lines for its name, one for its subtitle. */
const LABEL_HEIGHT = 60;
/** A name is wider than its node. */
const LABEL_OVERHANG = 48;

/** What a node takes up on the canvas, its name included. */
function boxOf({ type, position: [left, top], parameters }: INode): Box {
	if (type === STICKY) {
		const { width = 240, height = 160 } = parameters as { width?: number; height?: number };
		return { left, top, right: left + width, bottom: top + height };
	}
	const width = type === AGENT ? 256 : 96;
	return { left: left - LABEL_OVERHANG, top, right: left + width + LABEL_OVERHANG, bottom: top + NODE_HEIGHT + LABEL_HEIGHT };
}

const overlap = (one: Box, other: Box) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** How near a sticky note has to be to a node that it is about. */
const BESIDE = 120;

function isBeside(sticky: INode, node: INode): boolean {
	const { left, top, right, bottom } = boxOf(node);
	return overlap(boxOf(sticky), { left, top: top - BESIDE, right, bottom: bottom + BESIDE });
}

function isTitleCase(text: string): boolean {
	return text.split(/[\s-]+/).every((word, index) => /^[A-Z0-9“"(]/.test(word) || (index > 0 && SMALL_WORDS.has(word)));
}

/** Each rule: what a workflow breaks it with, in words; nothing where it keeps it. */
const rules: Readonly<Record<string, (workflow: WorkflowFile, file: string) => string[]>> = {
	'is named after its file, and has an ID that says so': ({ id, name }, file) => {
		const slug = `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`;
		return [...(slug === file ? [] : [`${file} should be ${slug}`]), ...(/^freedomPay[A-Z][A-Za-z]+$/.test(id) ? [] : [`ID ${id}`])];
	},
	'is a workflow as n8n exports it, without what belongs to one installation': (workflow) => [
		...Object.keys(workflow).filter((key) => !WORKFLOW_KEYS.includes(key)),
		...WORKFLOW_KEYS.filter((key) => !(key in workflow)).map((key) => `no ${key}`),
		...(workflow.active ? ['active'] : []),
	],
	'has settings that n8n knows, with the execution order v1': ({ settings }) => [
		...Object.keys(settings).filter((key) => !SETTINGS.includes(key)),
		...(settings.executionOrder === 'v1' ? [] : ['executionOrder']),
	],
	'names nothing of one machine': (workflow) => {
		return workflow.nodes.filter((node) => OF_A_MACHINE.test(JSON.stringify(node))).map(({ name }) => name);
	},
	'holds no secret: credentials are references, and no header or key is typed in': ({ nodes }) => {
		const typed = /"(?:password|secret|token|apiKey|partnerKey|authorization)":\s*"[^"=]|Bearer |-----BEGIN/i;
		const extra = nodes.filter(({ credentials = {} }) => Object.values(credentials).some((one) => Object.keys(one).sort().join() !== 'id,name'));
		return [...nodes.filter((node) => typed.test(JSON.stringify(node.parameters))), ...extra].map(({ name }) => name);
	},
	'has nodes with names and IDs of their own, names in Title Case': ({ nodes }) => {
		const twice = (values: string[]) => values.filter((value, index) => values.indexOf(value) !== index);
		return [
			...twice(nodes.map(({ name }) => name)),
			...twice(nodes.map(({ id }) => id)),
			...nodes.filter(({ name }) => !isTitleCase(name)).map(({ name }) => name),
		];
	},
	'has a trigger, and pinned sample data on each but a manual one and a chat': ({ nodes, pinData }) => {
		const triggers = nodes.filter(isTrigger);
		const pinned = (name: string) => (pinData[name] ?? []).some(({ json }) => Object.keys(json).length > 0);
		const bare = triggers.filter(({ type, name }) => !WITHOUT_SAMPLE.includes(type) && !pinned(name));
		return [...(triggers.length === 0 ? ['no trigger'] : []), ...bare.map(({ name }) => name)];
	},
	'pins data on its triggers only': ({ nodes, pinData }) => {
		const triggers = nodes.filter(isTrigger).map(({ name }) => name);
		return Object.keys(pinData).filter((name) => !triggers.includes(name));
	},
	'connects nodes that exist, each reached from a trigger or serving one that is': (workflow) => {
		const { nodes } = workflow;
		const links = linksOf(workflow);
		const names = nodes.map(({ name }) => name);
		const reached = new Set(nodes.filter(isTrigger).flatMap(({ name }) => [name, ...reachedFrom(name, links)]));
		// A tool may stand behind a human review, which serves the agent.
		const serves = (name: string): boolean => links.some(({ from, to, kind }) => from === name && kind !== 'main' && (reached.has(to) || serves(to)));
		return [
			...links.flatMap(({ from, to }) => [from, to]).filter((name) => !names.includes(name)),
			...nodes.filter((node) => !isSticky(node) && !reached.has(node.name) && !serves(node.name)).map(({ name }) => name),
		];
	},
	'refers in expressions to nodes that exist': ({ nodes }) => {
		const names = nodes.map(({ name }) => name);
		const named = [...JSON.stringify(nodes).matchAll(/\$\('((?:[^'\\]|\\.)+)'\)/g)].map(([, name = '']) => name);
		return named.filter((name) => !names.includes(name));
	},
	'begins with a sticky note that says what it does and what to change': ({ nodes }) => {
		const about = nodes.filter(isSticky).filter((sticky) => textOf(sticky).startsWith('## '));
		const [first] = about;
		return [
			...(about.length === 1 && first?.name === 'About This Workflow' ? [] : ['one sticky note, About This Workflow, with a title']),
			...(first !== undefined && !textOf(first).includes('**To change:**') ? ['no "**To change:**"'] : []),
		];
	},
	'has sticky notes that are short': ({ nodes }) => {
		return nodes.filter((node) => isSticky(node) && textOf(node).length > 1200).map(({ name }) => name);
	},
	'says at each FreedomPay node where to choose the credential': ({ nodes }) => {
		const hints = nodes.filter((node) => isSticky(node) && /choose your credential here/i.test(textOf(node)));
		return nodes.filter((node) => isCard(node) && !hints.some((hint) => isBeside(hint, node))).map(({ name }) => name);
	},
	'names the credential of the sandbox in each FreedomPay node': ({ nodes }) => {
		return nodes.filter((node) => isCard(node) && JSON.stringify(node.credentials) !== JSON.stringify(CREDENTIAL)).map(({ name }) => name);
	},
	'handles what fails at each FreedomPay node: on a branch, beside what is done, or in the end, for a Retry': (workflow) => {
		const { nodes } = workflow;
		const links = linksOf(workflow).filter(({ kind }) => kind === 'main');
		const followers = (name: string, from: number) => nodes.filter((node) => links.some((link) => link.from === name && link.output === from && link.to === node.name));
		const hasBranch = ({ name, onError }: INode) => onError === 'continueErrorOutput' && followers(name, 1).length > 0;
		// Under plain Continue both kinds come out together, so what follows has to tell them apart.
		const isToldApart = ({ name, onError }: INode) =>
			onError === 'continueRegularOutput' && followers(name, 0).some(({ parameters }) => JSON.stringify(parameters).includes('$json.error'));
		// n8n's Retry begins at the node that ended the execution: the same command once more, after the answer.
		const isTheEnd = ({ name, onError, parameters: { operation } }: INode) =>
			onError === undefined &&
			nodes.some((first) => hasBranch(first) && first.parameters.operation === operation && reachedFrom(first.name, links).has(name));
		return nodes.filter((node) => node.type === CARD && ![hasBranch, isToldApart, isTheEnd].some((isHandled) => isHandled(node))).map(({ name }) => name);
	},
	'gives each command that has one its Event ID, from the event': ({ nodes }) => {
		const carriesId = ({ parameters: { resource, operation } }: INode) =>
			operations.some((method) => method.resource === resource && method.operation === operation && method.is === 'command');
		const fromEvent = ({ parameters: { eventId } }: INode) => typeof eventId === 'string' && /^=.*\{\{.+\}\}/s.test(eventId);
		return nodes.filter((node) => node.type === CARD && carriesId(node) && !fromEvent(node)).map(({ name }) => name);
	},
	'fills in FreedomPay nodes as their panel has it: no field that is not shown, none missing that is required': ({ nodes }) =>
		nodes.filter(isCard).flatMap((node) => {
			const ofType = descriptionOf(node);
			const { properties } = ofType;
			const shown = NodeHelpers.getNodeParameters(properties, node.parameters, false, false, node, ofType) ?? {};
			const unknown = Object.keys(node.parameters).filter((key) => !(key in shown) && !isKnown(node, key));
			const issues = NodeHelpers.getNodeParametersIssues(properties, node, ofType);
			return [...unknown.map((key) => `${node.name}: ${key}`), ...(issues === null ? [] : [`${node.name}: ${JSON.stringify(issues)}`])];
		}),
	'is laid out from left to right, but for ways back': (workflow) => {
		const links = linksOf(workflow).filter(({ kind }) => kind === 'main');
		const x = (name: string) => workflow.nodes.find((node) => node.name === name)?.position[0] ?? NaN;
		return links.filter(({ from, to }) => !reachedFrom(to, links).has(from) && !(x(to) > x(from))).map(({ from, to }) => `${from} → ${to}`);
	},
	'has no node on or under another one': ({ nodes }) =>
		nodes.flatMap((one, index) =>
			nodes.slice(index + 1).flatMap((other) => (overlap(boxOf(one), boxOf(other)) ? [`${one.name} / ${other.name}`] : [])),
		),
};

/** Whether a field need not be in the panel: n8n leaves out what has its default, and knows those of a tool and of a poll itself. */
function isKnown(node: INode, key: string): boolean {
	const { type, parameters } = node;
	if (type === CARD_TOOL && TOOL_FIELDS.includes(key)) return true;
	if (type === CARD_TRIGGER && key === 'pollTimes') return true;
	return descriptionOf(node).properties.some(({ name, default: preset }) => name === key && preset === parameters[key]);
}

describe.each(files.map((file, index) => ({ file, workflow: workflows[index] as WorkflowFile })))('workflows/$file', ({ file, workflow }) => {
	test.each(Object.entries(rules))('%s', (_, broken) => {
		expect(broken(workflow, file)).toEqual([]);
	});
});

test('no two workflows have one ID or one webhook path', () => {
	const ids = workflows.map(({ id }) => id);
	expect(new Set(ids).size).toBe(ids.length);
	const paths = workflows.flatMap(({ nodes }) => nodes.filter(isTrigger)).flatMap(({ parameters: { path } }) => (path === undefined ? [] : [path as string]));
	expect(new Set(paths).size).toBe(paths.length);
});
