import assert from 'node:assert/strict';

import { CREDENTIAL } from '../n8n/examples.ts';
import { manualRuns, placed, TRIGGER } from './manualRuns.ts';

const CARD_NODE = 'Card';
const ITEMS = 'Items';
const DONE = 'Done';
const FAILED = 'Failed';

/**
 * Workflows that give items to the package's node, and hand what comes out on to another node for each of its outputs.
 *
 * @param {Pick<Awaited<ReturnType<typeof import('./playground.ts').startPlayground>>, 'host' | 'sandbox'>} playground
 */
export function itemRuns({ host, sandbox }) {
	const runs = manualRuns(host);

	return {
		/**
		 * Stores such a workflow.
		 *
		 * @param {object[]} items that come in
		 * @param {object} parameters of the node
		 * @param {object} [settings] of the node, such as On Error, Retry On Fail or other credentials
		 * @returns {Promise<string>} the workflow's id
		 */
		store: async (items, parameters, settings = {}) => await runs.store(CARD_NODE, workflowOf(items, parameters, settings)),
		/** Changes the node of a stored workflow. */
		async change(workflowId, items, parameters, settings = {}) {
			await host.rest.request('PATCH', `/workflows/${workflowId}`, workflowOf(items, parameters, settings));
		},
		/** Runs a stored workflow to its end. */
		run: async (workflowId) => await told(await runs.run(workflowId, TRIGGER.name)),
		/** Begins to run a stored workflow; the execution's id. */
		start: async (workflowId) => await runs.start(workflowId, TRIGGER.name),
		/** Waits for the end of an execution. */
		end: async (executionId) => await told(await runs.end(executionId)),
		/** Does what n8n's button Retry does, with the workflow as it is stored now. */
		async retry({ id }) {
			const retried = await host.rest.request('POST', `/executions/${id}/retry`, { loadWorkflow: true });
			return await told(await host.readExecution(retried.id));
		},
	};

	/** What an execution came to, for the user, on the wire and in effect. */
	async function told({ id, status, data }) {
		const { runData, error } = data.resultData;
		const outputs = runData[CARD_NODE]?.at(-1).data?.main ?? [];
		const itemsBy = (output, next) => {
			const received = runData[next]?.[0].data.main[0].map(({ json }) => json);
			assert.deepEqual(received ?? [], (outputs[output] ?? []).map(({ json }) => json));
			return received && outputs[output];
		};
		return {
			id,
			status,
			error,
			/** The items that the next node got by the success output; undefined when it did not run. */
			done: itemsBy(0, DONE),
			/** The same by the error output. */
			failed: itemsBy(1, FAILED),
			journal: await sandbox.journal(),
			effects: await sandbox.ledger(),
		};
	}
}

/**
 * Stores a further FreedomPay credential.
 *
 * @param {import('../n8n/host.ts').Host} host
 * @param {object} data its fields
 * @returns {Promise<{ credentials: object }>} the settings of a node that uses it
 */
export async function storeCredential(host, data) {
	const { id, name } = await host.rest.request('POST', '/credentials', { name: 'Other', type: CREDENTIAL.type, data });
	return { credentials: { [CREDENTIAL.type]: { id, name } } };
}

function workflowOf(items, parameters, settings) {
	const noOp = (name) => ({ name, type: 'n8n-nodes-base.noOp', typeVersion: 1 });
	const to = (...names) => ({ main: names.map((node) => [{ node, type: 'main', index: 0 }]) });
	const card = {
		name: CARD_NODE,
		type: 'n8n-nodes-freedompay.freedomPayCard',
		typeVersion: 1,
		parameters,
		credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
		...settings,
	};
	return {
		nodes: placed([TRIGGER, noOp(ITEMS), card, noOp(DONE), noOp(FAILED)]),
		connections: { [TRIGGER.name]: to(ITEMS), [ITEMS]: to(CARD_NODE), [CARD_NODE]: to(DONE, FAILED) },
		pinData: { [ITEMS]: items.map((json) => ({ json })) },
	};
}
