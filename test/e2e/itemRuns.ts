import assert from 'node:assert/strict';

import type { ExecutionStatus } from 'n8n-workflow';

import type { Effect } from '../sandbox/index.ts';
import { CREDENTIAL } from '../n8n/examples.ts';
import type { Host, StoredExecution } from '../n8n/host.ts';
import type { CredentialData, ReceivedRequest, Sandbox } from '../n8n/sandbox.ts';
import { errorOf, itemsOf, type Item, type Told } from './items.ts';
import { manualRuns, TRIGGER } from './manualRuns.ts';
import { noOp, placed, sandboxNode, to, type WorkflowBody, type WorkflowNode } from './nodes.ts';

const CARD_NODE = 'Card';
const ITEMS = 'Items';
const DONE = 'Done';
const FAILED = 'Failed';

/** Settings of the package's node, such as On Error, Retry On Fail or other credentials. */
export type NodeSettings = Partial<Omit<WorkflowNode, 'name' | 'type'>>;

/** What an execution came to, for the user, on the wire and in effect. */
export interface Came {
	id: string;
	status: ExecutionStatus;
	/** What it ended with, if that was an error. */
	error: { message: string; description: string } | undefined;
	/** The items that the next node got by the success output; undefined when it did not run. */
	done: Item[] | undefined;
	/** The same by the error output. */
	failed: Item[] | undefined;
	journal: ReceivedRequest[];
	effects: Effect[];
}

/** Workflows that give items to the package's node. */
export interface ItemRuns {
	/** Stores such a workflow; its id. */
	store: (items: readonly object[], parameters: object, settings?: NodeSettings) => Promise<string>;
	/** Changes the node of a stored workflow. */
	change: (workflowId: string, items: readonly object[], parameters: object, settings?: NodeSettings) => Promise<void>;
	/** Runs a stored workflow to its end. */
	run: (workflowId: string) => Promise<Came>;
	/** Begins to run a stored workflow; the execution's id. */
	start: (workflowId: string) => Promise<string>;
	/** Waits for the end of an execution. */
	end: (executionId: string) => Promise<Came>;
	/** Does what n8n's button Retry does, with the workflow as it is stored now. */
	retry: (execution: { id: string }) => Promise<Came>;
}

/** Workflows that give items to the package's node, and hand what comes out on to another node for each of its outputs. */
export function itemRuns({ host, sandbox }: { host: Host; sandbox: Pick<Sandbox, 'journal' | 'ledger'> }): ItemRuns {
	const runs = manualRuns(host);

	return {
		store: async (items, parameters, settings = {}) => await runs.store(CARD_NODE, workflowOf(items, parameters, settings)),
		async change(workflowId, items, parameters, settings = {}) {
			await host.rest.request('PATCH', `/workflows/${workflowId}`, workflowOf(items, parameters, settings));
		},
		run: async (workflowId) => await told(await runs.run(workflowId, TRIGGER.name)),
		start: async (workflowId) => await runs.start(workflowId, TRIGGER.name),
		end: async (executionId) => await told(await runs.end(executionId)),
		retry: async (execution) => await told(await runs.retry(execution)),
	};

	async function told(execution: StoredExecution): Promise<Came> {
		const { id, status, data } = execution;
		const { runData, error } = data.resultData;
		const outputs = (runData[CARD_NODE]?.at(-1)?.data?.main ?? []) as unknown as ReadonlyArray<Item[] | undefined>;
		const itemsBy = (output: number, next: string): Item[] | undefined => {
			const items = outputs[output];
			assert.deepEqual(itemsOf<Told>(execution, next), (items ?? []).map(({ json }) => json));
			return runData[next] && items;
		};
		return {
			id,
			status,
			error: error && errorOf(execution),
			done: itemsBy(0, DONE),
			failed: itemsBy(1, FAILED),
			journal: await sandbox.journal(),
			effects: await sandbox.ledger(),
		};
	}
}

/**
 * Stores a further FreedomPay credential.
 *
 * @param data its fields
 * @returns the settings of a node that uses it
 */
export async function storeCredential(host: Host, data: Partial<CredentialData>): Promise<{ credentials: Record<string, { id: string; name: string }> }> {
	const { id, name } = await host.rest.request<{ id: string; name: string }>('POST', '/credentials', { name: 'Other', type: CREDENTIAL.type, data });
	return { credentials: { [CREDENTIAL.type]: { id, name } } };
}

function workflowOf(items: readonly object[], parameters: object, settings: NodeSettings): WorkflowBody {
	return {
		nodes: placed([TRIGGER, noOp(ITEMS), { ...sandboxNode(CARD_NODE, parameters), ...settings }, noOp(DONE), noOp(FAILED)]),
		connections: { [TRIGGER.name]: to(ITEMS), [ITEMS]: to(CARD_NODE), [CARD_NODE]: to(DONE, FAILED) },
		pinData: { [ITEMS]: items.map((json) => ({ json })) },
	};
}
