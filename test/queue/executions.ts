/**
 * All executions of a workflow with their run data, as the main process tells them.
 *
 * @param {import('../n8n/host.ts').Host} host
 * @param {string} workflowId
 * @returns {Promise<any[]>} newest first
 */
export async function executionsOf(host, workflowId) {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const found = [];
	let cursor;
	do {
		const from = cursor ? `&cursor=${cursor}` : '';
		const page = await host.rest.request('GET', `/executions?filter=${filter}&limit=50${from}`);
		found.push(...page.results);
		cursor = page.nextCursor;
	} while (cursor);

	const whole = [];
	for (const { id } of found) whole.push(await host.readExecution(id));
	return whole;
}

/**
 * What came out of a node, in all its runs, by its first output.
 *
 * @param {any} execution
 * @param {string} node its name
 * @returns {any[]} the items' JSON
 */
export function itemsOut({ data }, node) {
	const runs = data.resultData.runData[node] ?? [];
	return runs.flatMap((run) => run.data?.main?.[0] ?? []).map(({ json }) => json);
}

/**
 * The ids of the cards that an execution was started with; none where n8n has not kept them.
 *
 * @param {any} execution
 * @returns {string[]}
 */
export function cardsGiven(execution) {
	const [start] = execution.data.executionData?.nodeExecutionStack ?? [];
	const [item] = start?.data.main[0] ?? [];
	return (item?.json.body?.cards ?? []).map(({ card_id }) => card_id);
}
