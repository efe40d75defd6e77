import { setTimeout as delay } from 'node:timers/promises';

const RUN_TIMEOUT_MS = 60_000;

/**
 * Workflows that a running n8n runs as the editor's button does, without the start of another n8n process.
 *
 * @param {import('../n8n/host.ts').Host} host
 * @param {object} [options]
 * @param {number} [options.timeoutMs] how long a run may take
 */
export function manualRuns(host, { timeoutMs = RUN_TIMEOUT_MS } = {}) {
	/** Waits for the end of an execution. */
	async function end(executionId) {
		for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(100)) {
			const execution = await host.readExecution(executionId);
			if (execution.stoppedAt) return execution;
		}
		throw new Error(`Execution ${executionId} did not end in time.`);
	}

	async function start(workflowId, trigger) {
		// Older versions of n8n take the workflow from here.
		const workflowData = await host.rest.request('GET', `/workflows/${workflowId}`);
		const run = { triggerToStartFrom: { name: trigger }, workflowData };
		return (await host.rest.request('POST', `/workflows/${workflowId}/run`, run)).executionId;
	}

	return {
		/**
		 * Stores a workflow that begins with a manual trigger.
		 *
		 * @param {string} name
		 * @param {{ nodes: any[], connections: object, pinData?: object }} workflow
		 * @returns {Promise<string>} its id
		 */
		async store(name, { nodes, connections, pinData = {} }) {
			const workflow = { name, nodes, connections, pinData, settings: { executionOrder: 'v1' }, active: false };
			return (await host.rest.request('POST', '/workflows', workflow)).id;
		},
		/**
		 * Runs a stored workflow from its trigger to the end.
		 *
		 * @param {string} workflowId
		 * @param {string} trigger the name of its manual trigger
		 * @returns {Promise<any>} the execution with its run data
		 */
		run: async (workflowId, trigger) => await end(await start(workflowId, trigger)),
		/**
		 * As `run`, but does not wait for the end.
		 *
		 * @param {string} workflowId
		 * @param {string} trigger
		 * @returns {Promise<string>} the execution's id
		 */
		start,
		/**
		 * @param {string} executionId
		 * @returns {Promise<any>} the execution with its run data, when it has ended
		 */
		end,
	};
}

/** A manual trigger, the start of every workflow here. */
export const TRIGGER = { name: 'Run by Hand', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };

/**
 * Gives nodes what n8n wants of each and the tests do not care about.
 *
 * @param {any[]} nodes
 */
export function placed(nodes) {
	return nodes.map((node, index) => ({ id: `node-${index}`, position: [220 * index, 0], parameters: {}, ...node }));
}
