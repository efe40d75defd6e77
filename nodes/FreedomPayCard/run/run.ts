import type { IExecuteFunctions } from 'n8n-workflow';

import type { RunsAgain } from '../input/plan';
import type { Circumstances } from '../../card-api/intent/intents';
import { Records } from '../../card-api/intent/records';
import { isToolOfAgent } from './agents';
import { openExecutionData, type ExecutionData } from './executionData';

/** Where a run is in n8n, and what the execution remembers. */
export interface Run {
	context: IExecuteFunctions;
	data: ExecutionData;
	/** Undefined for a tool, whose runs are not told apart. */
	runIndex: number | undefined;
	records: Records;
	circumstances: Circumstances;
	runsAgain: RunsAgain;
	/** Lets others have their turn, if they have waited long. */
	breathe: () => Promise<void> | undefined;
}

/** How n8n would run this execution again. */
function runsAgainOf(context: Pick<IExecuteFunctions, 'getExecutionId' | 'getMode'>): RunsAgain {
	// A call of n8n's MCP trigger belongs to none.
	if (context.getExecutionId() === undefined) return 'notAtAll';
	switch (context.getMode()) {
		case 'trigger':
		case 'webhook':
		case 'error':
		case 'retry':
			return 'byRetry';
		case 'integrated':
			return 'byCaller';
		default:
			return 'notAtAll';
	}
}

/** Takes up a run. */
export function openRun(context: IExecuteFunctions, breathe: Run['breathe']): Run {
	const data = openExecutionData(context);
	const runIndex = isToolOfAgent(context) ? undefined : Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);
	const origin = {
		instanceId: context.getInstanceId(),
		workflowId: context.getWorkflow().id ?? '',
		execution: data.execution,
		node: context.getNode().name,
	};
	const circumstances = { origin, executionId: context.getExecutionId() ?? '', runIndex, isAfterCrash: data.isAfterCrash };
	return { context, data, runIndex, records: new Records(data.kept, runIndex), circumstances, runsAgain: runsAgainOf(context), breathe };
}
