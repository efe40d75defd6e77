import type { IRunExecutionData, ITaskData } from 'n8n-workflow';

import type { StoredExecution } from '../n8n/host.ts';
import type { ReceivedRequest } from '../n8n/sandbox.ts';
import type { Effect } from '../sandbox/index.ts';
import { startChatModel, toolResults, type ModelRequest, type OfferedTool, type Turn } from './chatModel.ts';
import { at } from './items.ts';
import type { NodeSettings } from './itemRuns.ts';
import { manualRuns, TRIGGER } from './manualRuns.ts';
import { placed, SANDBOX_CREDENTIAL, type Connection, type WorkflowBody, type WorkflowNode } from './nodes.ts';
import type { Playground } from './playground.ts';

const AGENT = 'AI Agent';
const MODEL = 'OpenAI Chat Model';
const TOOL = 'FreedomPay Card';

/** What an agent's run came to: for the model, for the user, on the wire and in effect. */
export interface Conversation {
	execution: StoredExecution;
	/** What the model was asked. */
	received: ModelRequest[];
	offered: OfferedTool[];
	/** The tools' results, in the model's words. */
	results: string[];
	/** The tool's runs, as n8n keeps them. */
	toolRuns: ITaskData[];
	output: unknown;
	journal: ReceivedRequest[];
	effects: Effect[];
}

/** Which agent: below version 3 its node runs its tools itself, from 3 on n8n's engine does. The settings are those of the tool's node, such as Retry On Fail. */
export interface AgentChoices {
	version: number;
	settings?: NodeSettings | undefined;
}

/** Agents whose only tool is the package's node and whose model answers from a script. */
export interface Agents {
	stop: () => Promise<void>;
	/** Runs an agent to its end; the parameters are those of the tool's node. */
	converse: (parameters: object, turns: readonly Turn[], choices: AgentChoices) => Promise<Conversation>;
	/** Does what n8n's button Retry does with an agent's failed execution; the turns are the model's from now on. */
	retry: (execution: { id: string }, turns: readonly Turn[]) => Promise<Conversation>;
}

/** Prepares agents in an n8n. */
export async function prepareAgents({ host, sandbox }: Pick<Playground, 'host' | 'sandbox'>): Promise<Agents> {
	const model = await startChatModel();
	const credential = { name: 'Scripted Model', type: 'openAiApi', data: { apiKey: 'none', url: model.url } };
	const { id, name } = await host.rest.request<{ id: string; name: string }>('POST', '/credentials', credential);
	const runs = manualRuns(host);

	return {
		stop: model.stop,
		async converse(parameters, turns, { version, settings = {} }) {
			const workflowId = await runs.store(AGENT, agentWorkflow(parameters, { version, settings, model: { id, name } }));
			return await told(turns, async () => await runs.run(workflowId, TRIGGER.name));
		},
		retry: async (execution, turns) => await told(turns, async () => await runs.retry(execution, false)),
	};

	async function told(turns: readonly Turn[], run: () => Promise<StoredExecution>): Promise<Conversation> {
		const [journalBefore, ledgerBefore] = await Promise.all([sandbox.journal(), sandbox.ledger()]);
		model.follow(turns);
		const execution = await run();
		const received = model.requests();
		return {
			execution,
			received,
			offered: at(received, 0).body.tools,
			results: toolResults(received.at(-1)),
			toolRuns: runsOf(execution.data, TOOL),
			output: runsOf(execution.data, AGENT).at(-1)?.data?.main?.[0]?.[0]?.json.output,
			journal: (await sandbox.journal()).slice(journalBefore.length),
			effects: (await sandbox.ledger()).slice(ledgerBefore.length),
		};
	}
}

const runsOf = ({ resultData: { runData } }: IRunExecutionData, node: string): ITaskData[] => runData[node] ?? [];

function agentWorkflow(parameters: object, { version, settings, model }: { version: number; settings: NodeSettings; model: { id: string; name: string } }): WorkflowBody {
	const agent = (type: string): Connection => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
	return {
		nodes: placed([
			TRIGGER,
			{
				name: AGENT,
				type: '@n8n/n8n-nodes-langchain.agent',
				typeVersion: version,
				parameters: { promptType: 'define', text: 'The customer has lost the card. Do what is needed.', options: {} },
			},
			{
				name: MODEL,
				type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
				typeVersion: 1.3,
				parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, responsesApiEnabled: false, options: {} },
				credentials: { openAiApi: model },
			},
			{ ...toolNode(TOOL, parameters), ...settings },
		]),
		connections: { [TRIGGER.name]: agent('main'), [MODEL]: agent('ai_languageModel'), [TOOL]: agent('ai_tool') },
	};
}

/** The package's node as a tool. */
export function toolNode(name: string, parameters: object): WorkflowNode {
	return { name, type: 'n8n-nodes-freedompay.freedomPayCardTool', typeVersion: 1, parameters, credentials: SANDBOX_CREDENTIAL };
}
