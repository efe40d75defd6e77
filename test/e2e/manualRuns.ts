import type { Host, StoredExecution } from '../n8n/host.ts';
import { PATIENCE_MS } from '../n8n/patience.ts';
import type { WorkflowBody, WorkflowNode } from './nodes.ts';
import { until } from './until.ts';

export { placed } from './nodes.ts';

/** Workflows of an n8n that are run by hand. */
export interface ManualRuns {
	/** Stores a workflow that begins with a manual trigger; its id. */
	store: (name: string, workflow: WorkflowBody) => Promise<string>;
	/** Runs a stored workflow from its trigger, by the trigger's name, to the end. */
	run: (workflowId: string, trigger: string) => Promise<StoredExecution>;
	/** As `run`, but does not wait for the end; the execution's id. */
	start: (workflowId: string, trigger: string) => Promise<string>;
	/** The execution with its run data, when it has ended. */
	end: (executionId: string) => Promise<StoredExecution>;
	/** Does what n8n's button Retry does, by default with the workflow as it is stored now; the new execution when it has ended. */
	retry: (execution: { id: string }, loadWorkflow?: boolean) => Promise<StoredExecution>;
}

/**
 * Workflows that a running n8n runs as the editor's button does, without the start of another n8n process.
 *
 * @param options how long a run may take
 */
export function manualRuns(host: Host, { timeoutMs = PATIENCE_MS }: { timeoutMs?: number } = {}): ManualRuns {
	async function end(executionId: string): Promise<StoredExecution> {
		const ask = async () => {
			const execution = await host.readExecution(executionId);
			return execution.stoppedAt ? execution : undefined;
		};
		return await until(ask, () => `the end of execution ${executionId}`, timeoutMs);
	}

	async function start(workflowId: string, trigger: string): Promise<string> {
		// Older versions of n8n take the workflow from here.
		const workflowData = await host.rest.request('GET', `/workflows/${workflowId}`);
		const run = { triggerToStartFrom: { name: trigger }, workflowData };
		return (await host.rest.request<{ executionId: string }>('POST', `/workflows/${workflowId}/run`, run)).executionId;
	}

	return {
		async store(name, { nodes, connections, pinData = {} }) {
			const workflow = { name, nodes, connections, pinData, settings: { executionOrder: 'v1' }, active: false };
			return (await host.rest.request<{ id: string }>('POST', '/workflows', workflow)).id;
		},
		run: async (workflowId, trigger) => await end(await start(workflowId, trigger)),
		start,
		end,
		async retry({ id }, loadWorkflow = true) {
			const retried = await host.rest.request<{ id: string }>('POST', `/executions/${id}/retry`, { loadWorkflow });
			return await host.readExecution(retried.id);
		},
	};
}

/** A manual trigger, the start of every workflow here. */
export const TRIGGER: WorkflowNode = { name: 'Run by Hand', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };
