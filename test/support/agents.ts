import {
	NodeConnectionTypes,
	type EngineRequest,
	type EngineResponse,
	type IConnections,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodeType,
	type INodeTypeDescription,
	type ITaskData,
	type IWebhookData,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { FEED, readyWorkflow, runWorkflow, UNDER_TEST, type NodeToRun, type WorkflowOutcome, type WorkflowToRun } from './engine';

/*
 * A node as the tool of an AI agent, run by n8n-core's own code. In place of the agent is a node that calls the
 * tool as a model would: a test says when and with what.
 */

const PACKAGE = 'n8n-nodes-freedompay';
const AGENT = 'Agent';
const AGENT_TYPE = 'harness.agent';

/** A node to be called as a tool; its parameters take the model's arguments with `$fromAI`. */
export interface ToolToRun extends Omit<NodeToRun, 'items'> {
	/** What the model asks for, one round after the other; the calls of a round are made at once. */
	rounds: ReadonlyArray<readonly IDataObject[]>;
	/** What the agent was given. */
	items?: NodeToRun['items'];
}

/** What a model is told of a call. */
export interface ToolAnswer {
	/** The items' fields, when the call gave some. */
	items: IDataObject[] | undefined;
	/** What went wrong, when the call failed as a whole. */
	error: string | undefined;
}

export interface ToolOutcome extends WorkflowOutcome {
	/** What the calls came to, in the order of the rounds. */
	answers: ToolAnswer[];
	/** The tool's runs as n8n keeps them: one per call or, with an agent's own loop, one per try. */
	runs: ITaskData[];
}

/** The tool that n8n makes of a node that is usable as one: another type, without inputs. */
function asTool(node: INodeType): INodeType {
	const { description } = node;
	const properties: INodeProperties[] = [
		{ displayName: 'Tool Description', name: 'descriptionType', type: 'options', options: [{ name: 'Set Automatically', value: 'auto' }], default: 'auto' },
		...description.properties,
	];
	const ofTool: INodeTypeDescription = { ...description, name: `${description.name}Tool`, inputs: [], outputs: [NodeConnectionTypes.AiTool], properties };
	delete ofTool.usableAsTool;
	return Object.create(node, { description: { value: ofTool } }) as INodeType;
}

function agentWith(execute: (context: IExecuteFunctions, response: EngineResponse | undefined) => Promise<INodeExecutionData[][] | EngineRequest>): INodeType {
	return {
		description: {
			displayName: AGENT,
			name: 'agent',
			group: ['transform'],
			version: 1,
			description: 'Calls the tool of a test',
			defaults: { name: AGENT },
			inputs: [{ type: NodeConnectionTypes.Main }, { type: NodeConnectionTypes.AiTool }],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		async execute(this: IExecuteFunctions, response) {
			return await execute(this, response);
		},
	};
}

function workflowOf(toRun: ToolToRun, agent: INodeType): WorkflowToRun {
	const { node, nodeTypeName, parameters, items = [{ chat: 'Do what is needed' }], settings, nodeId, nodeCredentials, ...rest } = toRun;
	const { credential, credentialData = {}, credentials = [], extraNodes, ...runSettings } = rest;
	const tool = asTool(node);
	const type = nodeTypeName ?? `${PACKAGE}.${tool.description.name}`;
	const connections: IConnections = {
		[FEED]: { main: [[{ node: AGENT, type: 'main', index: 0 }]] },
		[UNDER_TEST]: { ai_tool: [[{ node: AGENT, type: 'ai_tool', index: 0 }]] },
	};
	return {
		...runSettings,
		items,
		connections,
		extraNodes: { ...extraNodes, [type]: tool, [AGENT_TYPE]: agent },
		credentials: [...credentials, ...(credential === undefined ? [] : [{ type: credential, data: credentialData }])],
		nodes: [
			{ name: AGENT, type: AGENT_TYPE, credentials: null },
			{
				name: UNDER_TEST,
				type,
				parameters,
				...(settings !== undefined && { settings }),
				...(nodeId !== undefined && { id: nodeId }),
				...(nodeCredentials !== undefined && { credentials: nodeCredentials }),
			},
		],
	};
}

/** A tool as an agent gets it: LangChain's. */
interface Callable {
	invoke(args: IDataObject): Promise<string>;
}

async function call(tool: Callable, args: IDataObject): Promise<ToolAnswer> {
	let answer: string;
	try {
		answer = await tool.invoke(args);
	} catch (error) {
		return { items: undefined, error: error instanceof Error ? error.message : String(error) };
	}
	try {
		return { items: JSON.parse(answer) as IDataObject[], error: undefined };
	} catch {
		// Older versions tell the model of a failure in words.
		return { items: undefined, error: answer };
	}
}

async function callAll(rounds: ToolToRun['rounds'], toolFor: () => Promise<unknown>): Promise<ToolAnswer[]> {
	const answers: ToolAnswer[] = [];
	for (const round of rounds) {
		const called = round.map(async (args) => {
			const [tool] = (await toolFor()) as Callable[];
			if (tool === undefined) throw new Error('The agent has no tool');
			return await call(tool, args);
		});
		answers.push(...(await Promise.all(called)));
	}
	return answers;
}

function outcomeOf(outcome: WorkflowOutcome, answers: ToolAnswer[]): ToolOutcome {
	return { ...outcome, answers, runs: outcome.runData[UNDER_TEST] ?? [] };
}

/**
 * Has an agent call the tool in its own loop, as Agent 1 and 2 do: outside the engine, with a run index that rises
 * with every try.
 */
export async function runAgent(toRun: ToolToRun): Promise<ToolOutcome> {
	let answers: ToolAnswer[] = [];
	const agent = agentWith(async (context) => {
		const tools = context.getInputConnectionData(NodeConnectionTypes.AiTool, 0);
		answers = await callAll(toRun.rounds, async () => await tools);
		return [[{ json: { output: 'Done.' }, pairedItem: { item: 0 } }]];
	});
	return outcomeOf(await runWorkflow(workflowOf(toRun, agent)), answers);
}

function answerOf({ data, error }: ITaskData): ToolAnswer {
	const items = data?.[NodeConnectionTypes.AiTool]?.[0]?.map(({ json }) => json);
	return { items, error: error?.message };
}

/**
 * Has an agent ask the engine for the calls of a round, as Agent 3 does: n8n runs the tool as a node of its own,
 * one call after the other.
 */
export async function runEngineAgent(toRun: ToolToRun): Promise<ToolOutcome> {
	const rounds = [...toRun.rounds];
	const agent = agentWith(async () => {
		const round = rounds.shift();
		if (round === undefined) return await Promise.resolve([[{ json: { output: 'Done.' }, pairedItem: { item: 0 } }]]);
		return {
			actions: round.map((input, index) => ({
				actionType: 'ExecutionNodeAction' as const,
				nodeName: UNDER_TEST,
				input,
				type: NodeConnectionTypes.AiTool,
				id: `call-${rounds.length}-${index}`,
				metadata: { itemIndex: 0 },
			})),
			metadata: {},
		};
	});
	const outcome = await runWorkflow(workflowOf(toRun, agent));
	return outcomeOf(outcome, (outcome.runData[UNDER_TEST] ?? []).map(answerOf));
}

/**
 * Calls the tool as the MCP trigger does: from a webhook, before there is an execution. Every call is a request of
 * its own.
 */
export async function callByMcp(toRun: ToolToRun): Promise<Pick<ToolOutcome, 'answers' | 'executions' | 'logs'>> {
	const agent = agentWith(async () => await Promise.resolve([[]]));
	const { core, workflow, additionalData, counts } = await readyWorkflow({ ...workflowOf(toRun, agent), executionId: null });
	const node = workflow.getNode(AGENT);
	if (node === null) throw new Error('The agent is missing');
	const answers = await callAll(toRun.rounds, async () => {
		const ofRequest = { ...additionalData, httpRequest: { body: {}, headers: {}, params: {}, query: {} } } as unknown as IWorkflowExecuteAdditionalData;
		const context = new core.WebhookContext(workflow, node, ofRequest, 'webhook', {} as IWebhookData, [], null);
		return await context.getInputConnectionData(NodeConnectionTypes.AiTool, 0);
	});
	return { answers, ...counts() };
}
