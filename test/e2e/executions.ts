import type { ExecutionStatus } from 'n8n-workflow';

import type { Host, StoredExecution } from '../n8n/host.ts';

/** As many as n8n lists on a page. */
const MOST = 100;

/** An execution as n8n lists it. */
export interface ListedExecution {
	id: string;
	workflowId: string;
	status: ExecutionStatus;
	/** Such as `manual`, or `trigger`. */
	mode: string;
	stoppedAt?: string | null;
}

/**
 * The executions that n8n lists, newest first; those of one workflow where it is named. An older n8n pages otherwise, and gives the first page.
 *
 * n8n reads those under way and those that have ended beside each other: one that ends meanwhile is in both, or in neither. It is in what is
 * listed next.
 */
export async function executionsOf(host: Host, workflowId?: string): Promise<ListedExecution[]> {
	const listed = [...(await listOnce(host, workflowId)), ...(await listOnce(host, workflowId))];
	return [...new Map(listed.map((execution) => [execution.id, execution])).values()].sort((one, other) => Number(other.id) - Number(one.id));
}

async function listOnce(host: Host, workflowId?: string): Promise<ListedExecution[]> {
	const query = `?limit=${MOST}${workflowId === undefined ? '' : `&filter=${encodeURIComponent(JSON.stringify({ workflowId }))}`}`;
	const found: ListedExecution[] = [];
	let cursor: string | null | undefined;
	do {
		const from: string = cursor ? `&cursor=${cursor}` : '';
		const page = await host.rest.request<{ results: ListedExecution[]; nextCursor?: string | null }>('GET', `/executions${query}${from}`);
		found.push(...page.results);
		cursor = page.nextCursor;
	} while (cursor);
	return found;
}

/** The same of one workflow, with their run data, as the main process tells them. */
export async function wholeExecutionsOf(host: Host, workflowId: string): Promise<StoredExecution[]> {
	const whole: StoredExecution[] = [];
	for (const { id } of await executionsOf(host, workflowId)) whole.push(await host.readExecution(id));
	return whole;
}
