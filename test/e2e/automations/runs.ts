import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../n8n/paths.mjs';
import { manualRuns } from '../manualRuns.ts';
import { itemsOf } from '../workflows/runs.ts';

/**
 * Runs the workflows of the folder `workflows/` that begin with a schedule, as the editor's button does.
 *
 * @param {Awaited<ReturnType<typeof import('../playground.ts').startPlayground>>} playground
 */
export function scheduledRuns({ host, sandbox }) {
	const runs = manualRuns(host);

	/** Runs a workflow to its end; what it came to, for the user, on the wire and in effect. */
	async function attempt(file, change = () => undefined) {
		const workflow = readWorkflow(file);
		const node = (name) => workflow.nodes.find((each) => each.name === name) ?? assert.fail(`no node ${name}`);
		change(node);
		await host.rest.request('PATCH', `/workflows/${workflow.id}`, workflow);

		const [journalBefore, ledgerBefore] = await Promise.all([sandbox.journal(), sandbox.ledger()]);
		const execution = await runs.run(workflow.id, workflow.nodes.find(({ type }) => type.endsWith('Trigger')).name);
		return {
			execution,
			/** The items that a node gave out; none where it did not run. */
			itemsOf: (name) => itemsOf(execution, node(name).name),
			journal: (await sandbox.journal()).slice(journalBefore.length),
			effects: (await sandbox.ledger()).slice(ledgerBefore.length),
		};
	}

	return {
		attempt,
		/**
		 * As `attempt`, and the end has to be a good one.
		 *
		 * @param {string} file its name in `workflows/`
		 * @param {(node: (name: string) => any) => void} [change] changes nodes of it before
		 */
		async run(file, change) {
			const attempted = await attempt(file, change);
			const { status, data } = attempted.execution;
			assert.equal(status, 'success', data.resultData.error?.message);
			return attempted;
		},
		/** Does what n8n's button Retry does with a failed execution, with the workflow as its file has it. */
		async retry({ id }, file) {
			const workflow = readWorkflow(file);
			await host.rest.request('PATCH', `/workflows/${workflow.id}`, workflow);
			const retried = await host.rest.request('POST', `/executions/${id}/retry`, { loadWorkflow: true });
			const execution = await host.readExecution(retried.id);
			return { execution, itemsOf: (name) => itemsOf(execution, name) };
		},
	};
}

/** @param {string} file its name in `workflows/` */
export function readWorkflow(file) {
	return JSON.parse(readFileSync(join(ROOT, 'workflows', file), 'utf8'));
}
