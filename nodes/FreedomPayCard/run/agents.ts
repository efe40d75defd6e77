import type { IExecuteFunctions } from 'n8n-workflow';

/** What of n8n's context tells whether an AI agent runs the node. */
type AgentContext = Pick<IExecuteFunctions, 'getExecuteData' | 'getExecutionId' | 'getInputData' | 'getNode' | 'isToolExecution'>;

function isOfToolType(context: AgentContext): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Whether an AI agent runs the node as its tool. Newer agents run it as n8n runs any node, where only its type tells. */
export function isToolOfAgent(context: AgentContext): boolean {
	return context.isToolExecution?.() === true || isOfToolType(context);
}

/** Calls of a tool that failed so far, by what was asked. Only in this process, where n8n's tries are too. */
const failedCalls = new WeakMap<object, Map<string, number>>();

/** Whether Retry On Fail runs a call of a tool that has just failed once more. */
function isTriedAgain(context: AgentContext): boolean {
	const { retryOnFail, maxTries = 3 } = context.getNode();
	if (retryOnFail !== true) return false;
	const agent = context.getExecuteData();
	const calls = failedCalls.get(agent) ?? new Map<string, number>();
	failedCalls.set(agent, calls);
	const call = JSON.stringify(context.getInputData().map(({ json }) => json));
	const tries = (calls.get(call) ?? 0) + 1;
	const isLast = tries >= Math.min(5, Math.max(2, maxTries));
	calls.set(call, isLast ? 0 : tries);
	return !isLast;
}

/**
 * Whether a failure has to be an item to be heard. The agents up to version 2 give the model an empty text for what a tool throws:
 * it would take a command whose outcome is unknown for done. (n8n's MCP trigger, where there is no execution, does tell it.)
 */
export function hearsItemsOnly(context: AgentContext): boolean {
	// An n8n that cannot be asked has older agents, which mostly run their tools themselves.
	const isRunByAgent = context.isToolExecution?.() ?? isOfToolType(context);
	return isRunByAgent && context.getExecutionId() !== undefined && !isTriedAgain(context);
}
