import { CREDENTIAL } from '../n8n/examples.ts';
import { startChatModel, toolResults } from './chatModel.ts';
import { manualRuns, placed, TRIGGER } from './manualRuns.ts';

const AGENT = 'AI Agent';
const MODEL = 'OpenAI Chat Model';
const TOOL = 'FreedomPay Card';

/**
 * Prepares agents whose only tool is the package's node and whose model answers from a script.
 *
 * @param {Pick<Awaited<ReturnType<typeof import('./playground.ts').startPlayground>>, 'host' | 'sandbox'>} playground
 */
export async function prepareAgents({ host, sandbox }) {
	const model = await startChatModel();
	const credential = { name: 'Scripted Model', type: 'openAiApi', data: { apiKey: 'none', url: model.url } };
	const { id, name } = await host.rest.request('POST', '/credentials', credential);
	const runs = manualRuns(host);

	return {
		stop: model.stop,
		/**
		 * Runs an agent to its end.
		 *
		 * @param {object} parameters of the tool's node
		 * @param {import('./chatModel.ts').Turn[]} turns of the model
		 * @param {object} choices
		 * @param {number} choices.version of the agent's node: below 3 it runs its tools itself, from 3 on n8n's engine does
		 * @param {object} [choices.settings] of the tool's node, such as Retry On Fail
		 */
		async converse(parameters, turns, { version, settings = {} }) {
			const workflowId = await runs.store(AGENT, agentWorkflow(parameters, { version, settings, model: { id, name } }));
			return await told(turns, async () => await runs.run(workflowId, TRIGGER.name));
		},
		/**
		 * Does what n8n's button Retry does with an agent's failed execution.
		 *
		 * @param {{ id: string }} execution
		 * @param {import('./chatModel.ts').Turn[]} turns of the model from now on
		 */
		async retry(execution, turns) {
			return await told(turns, async () => {
				const retried = await host.rest.request('POST', `/executions/${execution.id}/retry`, { loadWorkflow: false });
				return await host.readExecution(retried.id);
			});
		},
	};

	/** What an agent's run came to: for the model, for the user, on the wire and in effect. */
	async function told(turns, run) {
		const [journalBefore, ledgerBefore] = await Promise.all([sandbox.journal(), sandbox.ledger()]);
		model.follow(turns);
		const execution = await run();
		const { runData } = execution.data.resultData;
		const received = model.requests();
		return {
			execution,
			received,
			offered: received[0].body.tools,
			results: toolResults(received.at(-1)),
			/** The tool's runs, as n8n keeps them. */
			toolRuns: runData[TOOL] ?? [],
			output: runData[AGENT].at(-1).data?.main[0][0].json.output,
			journal: (await sandbox.journal()).slice(journalBefore.length),
			effects: (await sandbox.ledger()).slice(ledgerBefore.length),
		};
	}
}

function agentWorkflow(parameters, { version, settings, model }) {
	const agent = (type) => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
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
			{ name: TOOL, ...toolNode(parameters), ...settings },
		]),
		connections: { [TRIGGER.name]: agent('main'), [MODEL]: agent('ai_languageModel'), [TOOL]: agent('ai_tool') },
	};
}

/** The package's node as a tool, without its name. */
export function toolNode(parameters) {
	return {
		type: 'n8n-nodes-freedompay.freedomPayCardTool',
		typeVersion: 1,
		parameters,
		credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
	};
}
