import type { Host, StoredExecution } from '../n8n/host.ts';

/** All executions of a workflow with their run data, as the main process tells them, newest first. */
export async function wholeExecutionsOf(host: Host, workflowId: string): Promise<StoredExecution[]> {
	const filter = encodeURIComponent(JSON.stringify({ workflowId }));
	const found: Array<{ id: string }> = [];
	let cursor: string | null | undefined;
	do {
		const from: string = cursor ? `&cursor=${cursor}` : '';
		const page = await host.rest.request<{ results: Array<{ id: string }>; nextCursor?: string | null }>('GET', `/executions?filter=${filter}&limit=50${from}`);
		found.push(...page.results);
		cursor = page.nextCursor;
	} while (cursor);

	const whole: StoredExecution[] = [];
	for (const { id } of found) whole.push(await host.readExecution(id));
	return whole;
}

/** The ids of the cards that an execution was started with; none where n8n has not kept them. */
export function cardsGiven({ data }: StoredExecution): string[] {
	const [start] = data.executionData?.nodeExecutionStack ?? [];
	const [item] = start?.data.main?.[0] ?? [];
	const { cards = [] } = (item?.json.body ?? {}) as { cards?: Array<{ card_id: string }> };
	return cards.map(({ card_id }) => card_id);
}
