import { setTimeout as delay } from 'node:timers/promises';

import { CRM_CREDENTIAL } from '../../n8n/examples.ts';
import { manualRuns } from '../manualRuns.ts';

/** n8n looks once in a minute for executions that have waited long enough. */
const END_TIMEOUT_MS = 180_000;

/** Also one that waits for a form, and runs on, has a time at which it stopped. */
const OVER = ['success', 'error', 'crashed', 'canceled'];

/**
 * What the tests of an example workflow ask of n8n and the sandbox.
 *
 * @param {Awaited<ReturnType<typeof import('../playground.ts').startPlayground>>} playground
 * @param {string} workflowId
 */
export function runsOf({ host, sandbox }, workflowId) {
	async function executions() {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		return (await host.rest.request('GET', `/executions?filter=${filter}`)).results;
	}

	/** What the sandbox's commands have done: the end of each path, and whom it was about. */
	const effects = async () => (await sandbox.ledger()).map(({ path, target }) => [path.split('/').slice(-2).join('/'), target]);

	const newestId = async () => Math.max(0, ...(await executions()).map(({ id }) => Number(id)));

	/** The newest execution before what is asked about now: one that has just begun need not be in the list yet. */
	let before = 0;

	/** The latest execution since `begin`, when it has ended: n8n answers a webhook before. */
	async function last() {
		let latest;
		for (const deadline = Date.now() + END_TIMEOUT_MS; Date.now() < deadline; await delay(100)) {
			[latest] = await executions();
			if (Number(latest?.id) > before && OVER.includes(latest.status)) return await host.readExecution(latest.id);
		}
		throw new Error(`No execution of ${workflowId} after ${before} ended in time: ${latest?.id} is ${latest?.status}.`);
	}

	/** Takes note of what there is before something is run. */
	async function begin() {
		before = await newestId();
	}

	return {
		executions,
		last,
		begin,
		/**
		 * Does what the editor's button does, with the sample event that is pinned on the trigger.
		 *
		 * @param {string} trigger its name
		 */
		byHand: async (trigger) => await manualRuns(host).run(workflowId, trigger),
		/**
		 * Sends a request to a published webhook, as the CRM does.
		 *
		 * @param {string} path of the webhook
		 * @param {unknown} body JSON, or a form
		 * @param {Record<string, string>} [headers] instead of the key that the webhook asks for
		 * @returns {Promise<{ status: number, body: any }>}
		 */
		async deliver(path, body, headers = { [CRM_CREDENTIAL.data.name]: CRM_CREDENTIAL.data.value }) {
			await begin();
			const isForm = body instanceof FormData;
			const response = await fetch(`${host.url}/webhook/${path}`, {
				method: 'POST',
				headers: { ...headers, ...(!isForm && { 'content-type': 'application/json' }) },
				body: isForm ? body : JSON.stringify(body),
			});
			const text = await response.text();
			return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
		},
		effects,
		/** How often something was done to a card. */
		effectsOn: async (card) => (await effects()).filter(([, { card_id }]) => card_id === card).length,
	};
}

/**
 * The items that a node gave out.
 *
 * @param {any} execution with its run data
 * @param {string} node
 * @param {number} [output]
 */
export function itemsOf({ data }, node, output = 0) {
	return (data.resultData.runData[node] ?? []).flatMap((run) => run.data?.main[output] ?? []).map(({ json }) => json);
}
