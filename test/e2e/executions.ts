import type { ExecutionStatus } from 'n8n-workflow';

import type { Host } from '../n8n/host.ts';

/** As many as n8n lists at once. */
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

/** The executions that n8n lists, newest first; those of one workflow where it is named. */
export async function executionsOf(host: Host, workflowId?: string): Promise<ListedExecution[]> {
	const query = `?limit=${MOST}${workflowId === undefined ? '' : `&filter=${encodeURIComponent(JSON.stringify({ workflowId }))}`}`;
	return (await host.rest.request<{ results: ListedExecution[] }>('GET', `/executions${query}`)).results;
}
