import { setTimeout as delay } from 'node:timers/promises';

import { CRM_CREDENTIAL } from '../../n8n/examples.mjs';

/**
 * What the tests of an example workflow ask of n8n and the sandbox.
 *
 * @param {Awaited<ReturnType<typeof import('../playground.mjs').startPlayground>>} playground
 * @param {string} workflowId
 */
export function runsOf({ host, sandbox }, workflowId) {
	async function executions() {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		return (await host.rest.request('GET', `/executions?filter=${filter}`)).results;
	}

	/** The latest execution, when it has ended: n8n answers a webhook before. */
	async function last() {
		for (;;) {
			const [latest] = await executions();
			if (latest?.stoppedAt) return await host.readExecution(latest.id);
			await delay(100);
		}
	}

	return {
		executions,
		last,
		/**
		 * Sends a request to a published webhook, as the CRM does.
		 *
		 * @param {string} path of the webhook
		 * @param {unknown} body JSON, or a form
		 * @param {Record<string, string>} [headers] instead of the key that the webhook asks for
		 * @returns {Promise<{ status: number, body: any }>}
		 */
		async deliver(path, body, headers = { [CRM_CREDENTIAL.data.name]: CRM_CREDENTIAL.data.value }) {
			const isForm = body instanceof FormData;
			const response = await fetch(`${host.url}/webhook/${path}`, {
				method: 'POST',
				headers: { ...headers, ...(!isForm && { 'content-type': 'application/json' }) },
				body: isForm ? body : JSON.stringify(body),
			});
			const text = await response.text();
			return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
		},
		/** What the sandbox's commands have done: the end of each path, and whom it was about. */
		effects: async () => (await sandbox.ledger()).map(({ path, target }) => [path.split('/').slice(-2).join('/'), target]),
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
