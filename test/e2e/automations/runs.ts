import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { StoredExecution } from '../../n8n/host.ts';
import { ROOT } from '../../n8n/paths.mjs';
import type { ReceivedRequest } from '../../n8n/sandbox.ts';
import type { Effect } from '../../sandbox/index.ts';
import { at, itemsOf, type Told } from '../items.ts';
import { manualRuns } from '../manualRuns.ts';
import type { Workflow, WorkflowNode } from '../nodes.ts';
import type { Playground } from '../playground.ts';

/** A node of a workflow of this repository, to be changed. */
export type ChangeableNode = WorkflowNode & { parameters: Record<string, unknown> };

/** Changes nodes of a workflow, which it gets by their names. */
export type ChangeNodes = (node: (name: string) => ChangeableNode) => void;

/** A workflow of this repository. */
export interface RepositoryWorkflow extends Omit<Workflow, 'nodes'> {
	nodes: ChangeableNode[];
}

/** What a run came to, for the user, on the wire and in effect. */
export interface Attempt extends Retried {
	journal: ReceivedRequest[];
	effects: Effect[];
}

interface Retried {
	execution: StoredExecution;
	/** The items that a node gave out; none where it did not run. */
	itemsOf: <Json = Told>(name: string) => Json[];
}

/** Runs of the workflows of the folder `workflows/` that begin with a schedule, by their files. */
export interface ScheduledRuns {
	/** Runs a workflow to its end, with some of its nodes changed. */
	attempt: (file: string, change?: ChangeNodes) => Promise<Attempt>;
	/** As `attempt`, and the end has to be a good one. */
	run: (file: string, change?: ChangeNodes) => Promise<Attempt>;
	/** Does what n8n's button Retry does with a failed execution, with the workflow as its file has it. */
	retry: (execution: { id: string }, file: string) => Promise<Retried>;
}

/** Runs the workflows of the folder `workflows/` that begin with a schedule, as the editor's button does. */
export function scheduledRuns({ host, sandbox }: Pick<Playground, 'host' | 'sandbox'>): ScheduledRuns {
	const runs = manualRuns(host);

	async function attempt(file: string, change?: ChangeNodes): Promise<Attempt> {
		const workflow = readWorkflow(file);
		const node = nodesOf(workflow);
		change?.(node);
		await host.rest.request('PATCH', `/workflows/${workflow.id}`, workflow);

		const [journalBefore, ledgerBefore] = await Promise.all([sandbox.journal(), sandbox.ledger()]);
		const execution = await runs.run(workflow.id, at(workflow.nodes.filter(({ type }) => type.endsWith('Trigger')), 0).name);
		return {
			execution,
			itemsOf: (name) => itemsOf(execution, node(name).name),
			journal: (await sandbox.journal()).slice(journalBefore.length),
			effects: (await sandbox.ledger()).slice(ledgerBefore.length),
		};
	}

	return {
		attempt,
		async run(file, change) {
			const attempted = await attempt(file, change);
			const { status, data } = attempted.execution;
			assert.equal(status, 'success', data.resultData.error?.message);
			return attempted;
		},
		async retry(failed, file) {
			const workflow = readWorkflow(file);
			await host.rest.request('PATCH', `/workflows/${workflow.id}`, workflow);
			const execution = await runs.retry(failed);
			return { execution, itemsOf: (name) => itemsOf(execution, name) };
		},
	};
}

/** @param file its name in `workflows/` */
export function readWorkflow(file: string): RepositoryWorkflow {
	return JSON.parse(readFileSync(join(ROOT, 'workflows', file), 'utf8')) as RepositoryWorkflow;
}

/** A workflow's nodes by their names. */
export const nodesOf = (workflow: RepositoryWorkflow) => (name: string): ChangeableNode =>
	workflow.nodes.find((each) => each.name === name) ?? assert.fail(`no node ${name}`);
