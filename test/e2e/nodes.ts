import { CREDENTIAL } from '../n8n/examples.ts';

/** A node of a workflow, as n8n takes it. */
export interface WorkflowNode {
	name: string;
	type: string;
	typeVersion: number;
	parameters?: object;
	id?: string;
	webhookId?: string;
	/** Its credentials by their types. */
	credentials?: Readonly<Record<string, { id: string; name: string }>>;
	/** Its other settings, such as On Error. */
	[setting: string]: unknown;
}

/** The nodes that come after a node, by its outputs. */
export type Connection = Readonly<Record<string, ReadonlyArray<ReadonlyArray<{ node: string; type: string; index: number }>>>>;

/** The connections of a workflow's nodes, by their names. */
export type Connections = Readonly<Record<string, Connection>>;

/** What a workflow does. */
export interface WorkflowBody {
	nodes: readonly WorkflowNode[];
	connections: Connections;
	/** Items that nodes give out without being run, by the nodes' names. */
	pinData?: Readonly<Record<string, ReadonlyArray<{ json: object }>>>;
}

/** A workflow with an id of its own. */
export interface Workflow extends WorkflowBody {
	id: string;
	name: string;
	active: boolean;
	settings: object;
}

/** How a node names the sandbox's credential. */
export const SANDBOX_CREDENTIAL = { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } };

/** The type of the package's node. */
export const CARD_NODE_TYPE = 'n8n-nodes-freedompay.freedomPayCard';

/** A node, but for its position. */
export const node = (name: string, type: string, typeVersion: number, parameters: object): WorkflowNode & { id: string } => ({
	id: `${type}-${name}`,
	name,
	type,
	typeVersion,
	parameters,
});

/** The package's node with the sandbox's credential. */
export const sandboxNode = (name: string, parameters: object): WorkflowNode => ({
	...node(name, CARD_NODE_TYPE, 1, parameters),
	credentials: SANDBOX_CREDENTIAL,
});

/** A node that hands its items on. */
export const noOp = (name: string): WorkflowNode => node(name, 'n8n-nodes-base.noOp', 1, {});

/** A webhook by the name of Cards. */
export const webhook = (path: string, response: object, name = 'Cards'): WorkflowNode => ({
	...node(name, 'n8n-nodes-base.webhook', 2, { httpMethod: 'POST', path, ...response, options: {} }),
	webhookId: `${path}-webhook`,
});

/** A node that makes an item of each entry of a list. */
export const splitOut = (fieldToSplitOut: string, name = 'One Item per Card'): WorkflowNode =>
	node(name, 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut, options: {} });

/**
 * Nodes that answer a webhook with the execution's id and the address that resumes it, and wait for that; it is answered with what the
 * last node gives.
 */
export const waitToBeResumed = (id: string): WorkflowNode[] => [
	node('Tell How to Resume', 'n8n-nodes-base.respondToWebhook', 1.1, {
		respondWith: 'json',
		responseBody: '={{ { executionId: $execution.id, resumeUrl: $execution.resumeUrl } }}',
	}),
	{
		...node('Wait', 'n8n-nodes-base.wait', 1.1, { resume: 'webhook', httpMethod: 'POST', responseMode: 'lastNode', options: {} }),
		webhookId: `${id}-wait`,
	},
];

/** A node that calls another workflow, once with all of its items. */
export const callWorkflow = (workflowId: string, settings: object = {}): WorkflowNode => ({
	...node('Call', 'n8n-nodes-base.executeWorkflow', 1.2, {
		source: 'database',
		workflowId: { __rl: true, mode: 'id', value: workflowId },
		mode: 'once',
		options: { waitForSubWorkflow: true },
	}),
	...settings,
});

/** Connections of a node's outputs, each to one node or none. */
export const to = (...names: ReadonlyArray<string | undefined>): Connection => ({
	main: names.map((name) => (name === undefined ? [] : [{ node: name, type: 'main', index: 0 }])),
});

/** Connections of nodes that follow one another. */
export function inARow(nodes: readonly WorkflowNode[]): Connections {
	return Object.fromEntries(nodes.slice(0, -1).map(({ name }, index) => [name, to(nodes[index + 1]?.name)]));
}

/** Gives nodes what n8n wants of each and the tests do not care about. */
export function placed(nodes: readonly WorkflowNode[]): WorkflowNode[] {
	return nodes.map((each, index) => ({ id: `node-${index}`, position: [220 * index, 0], parameters: {}, ...each }));
}

/**
 * A workflow whose nodes follow one another.
 *
 * @param choices `settings` of the workflow, and `connections` in place of those that such nodes have
 */
export function chain(id: string, nodes: readonly WorkflowNode[], { settings = {}, connections = {} }: { settings?: object; connections?: Connections } = {}): Workflow {
	return {
		id,
		name: id,
		active: false,
		nodes: placed(nodes),
		connections: { ...inARow(nodes), ...connections },
		settings: { executionOrder: 'v1', ...settings },
	};
}
