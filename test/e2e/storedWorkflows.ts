import type { StoredExecution } from '../n8n/host.ts';
import { executionsOf, type ListedExecution } from './executions.ts';
import { at, type Told } from './items.ts';
import { manualRuns } from './manualRuns.ts';
import type { Workflow } from './nodes.ts';
import type { Playground } from './playground.ts';
import { until } from './until.ts';
import { post, type WebhookAnswer } from './webhooks.ts';


/** Workflows with ids of their own, in whichever n8n the playground has at present. */
export interface StoredWorkflows {
	/** Puts a workflow into n8n. */
	store: (workflow: Workflow) => Promise<void>;
	/** The same, and makes its trigger live. */
	publish: (workflow: Workflow) => Promise<void>;
	/** Replaces the nodes of a stored workflow, as saving in the editor does. */
	change: (workflow: Workflow) => Promise<void>;
	/** Posts to a workflow's webhook, whose path is the workflow's id. */
	deliver: <Body = Told>(workflowId: string, body: object) => Promise<WebhookAnswer<Body>>;
	/** The newest execution of a workflow. */
	newest: (workflowId: string) => Promise<ListedExecution>;
	/** The same when it has ended, with its run data. */
	lastRun: (workflowId: string) => Promise<StoredExecution>;
	/** Posts to a workflow's webhook, and gives the execution when it has ended. */
	run: (workflowId: string, body: object) => Promise<StoredExecution>;
	/** Stores a workflow and runs it as the editor does. */
	runByHand: (workflow: Workflow) => Promise<StoredExecution>;
	/** Does what n8n's button Retry does, by default with the workflow as it is stored now; the new execution when it has ended. */
	retry: (execution: { id: string }, loadWorkflow?: boolean) => Promise<StoredExecution>;
}

/** Workflows with ids of their own, in whichever n8n the playground has when one is asked for. */
export function storedWorkflows(playground: Playground): StoredWorkflows {
	const request = async (method: string, path: string, body: object) => void (await playground.host.rest.request(method, path, body));

	const store = async (workflow: Workflow): Promise<void> => await request('POST', '/workflows', workflow);

	const deliver = async <Body>(workflowId: string, body: object) => await post<Body>(new URL(`/webhook/${workflowId}`, playground.host.url), body);

	const newest = async (workflowId: string): Promise<ListedExecution> => at(await executionsOf(playground.host, workflowId), 0);

	async function lastRun(workflowId: string): Promise<StoredExecution> {
		const ask = async () => {
			const [last] = await executionsOf(playground.host, workflowId);
			return last?.stoppedAt ? last.id : undefined;
		};
		return await playground.host.readExecution(await until(ask, () => `the end of the execution of ${workflowId}`));
	}

	return {
		store,
		async publish(workflow) {
			await store(workflow);
			await playground.host.publish(workflow.id);
		},
		change: async ({ id, nodes, connections }) => await request('PATCH', `/workflows/${id}`, { nodes, connections }),
		deliver,
		newest,
		lastRun,
		async run(workflowId, body) {
			await deliver(workflowId, body);
			return await lastRun(workflowId);
		},
		async runByHand(workflow) {
			await store(workflow);
			return await manualRuns(playground.host).run(workflow.id, at(workflow.nodes, 0).name);
		},
		retry: async (execution, loadWorkflow) => await manualRuns(playground.host).retry(execution, loadWorkflow),
	};
}
