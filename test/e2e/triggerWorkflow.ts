import { chain, node, noOp, SANDBOX_CREDENTIAL, type Workflow, type WorkflowNode } from './nodes.ts';

export const TRIGGER_TYPE = 'n8n-nodes-freedompay.freedomPayCardTrigger';

/** What comes after the trigger. */
export const OPERATION = 'Operation';

/** How often n8n polls then. */
export const EVERY_MS = 2_000;

/** n8n refuses a step in the seconds of a cron expression, but takes many Poll Times of a fixed second each. */
const everyTwoSeconds = { item: Array.from({ length: 30 }, (_, index) => ({ mode: 'custom', cronExpression: `${2 * index} * * * * *` })) };

/**
 * A workflow that starts with each new operation of cards, polled every two seconds.
 *
 * @param settings of the trigger, such as other credentials
 */
export function watchingWorkflow(id: string, cardIds: readonly string[], settings: Partial<WorkflowNode> = {}): Workflow {
	const parameters = { pollTimes: everyTwoSeconds, event: 'newOperation', cardIds, options: { requestTimeoutSeconds: 5 } };
	const trigger = {
		...node('When a Card Is Used', TRIGGER_TYPE, 1, parameters),
		// n8n's durable scheduler takes no long one.
		id: 'trigger',
		credentials: SANDBOX_CREDENTIAL,
		...settings,
	};
	return chain(id, [trigger, noOp(OPERATION)]);
}
