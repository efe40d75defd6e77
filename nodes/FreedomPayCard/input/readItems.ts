import type { IExecuteFunctions } from 'n8n-workflow';

import type { JsonObject } from '../delivery/exactJson';
import { BadInput } from '../methods/define';
import type { Told } from './failures';
import { sentIds } from './output';
import { planItem, type Plan } from './plan';

/** An item that is not to be sent, and why. */
export type Refusal = Told;

export function isRefusal(planned: Plan | Refusal): planned is Refusal {
	return 'message' in planned;
}

/** An item that was not sent: what happened, what to do, and further facts. */
export function refusal(message: string, description: string, facts: JsonObject = {}): Refusal {
	return { message, description, httpCode: undefined, details: { ...facts, outcome: 'not sent', next_step: description } };
}

/**
 * Reads and checks every item before anything is sent.
 * @param runIndex which run of the node in its execution this is
 * @returns a plan or a refusal for each item, in their order
 */
export async function planItems(context: IExecuteFunctions, runIndex: number): Promise<Array<Plan | Refusal>> {
	const origin = {
		instanceId: context.getInstanceId(),
		workflowId: context.getWorkflow().id ?? '',
		executionId: firstExecutionId(context),
		nodeId: context.getNode().id,
		runIndex,
	};
	const planned: Array<Plan | Refusal> = [];
	for (const itemIndex of context.getInputData().keys()) {
		try {
			planned.push(await planItem(context, itemIndex, origin));
		} catch (error) {
			planned.push(refusalOf(error, itemIndex));
		}
	}
	return refuseSharedIds(planned);
}

/**
 * The execution that first ran this node. n8n's Retry of a failed execution starts a new one, which
 * takes over the data of the first: what is the same intent must keep its request id.
 */
function firstExecutionId(context: IExecuteFunctions): string | undefined {
	const kept = context.getContext('node') as { executionId?: string };
	kept.executionId ??= context.getExecutionId();
	return kept.executionId;
}

function refusalOf(error: unknown, itemIndex: number): Refusal {
	const message = error instanceof Error ? error.message : String(error);
	const culprit = error instanceof BadInput ? `the value of ${error.label}, or the expression that gives it` : 'the expressions in the fields of this node';
	return refusal(`${message} (item ${itemIndex})`, `Nothing was sent for this item. Check ${culprit}.`);
}

function typedId(planned: Plan | Refusal): string | undefined {
	if (isRefusal(planned) || planned.requestId?.by !== 'typed') return undefined;
	return planned.requestId.id.toLowerCase();
}

/** Refuses items of one run that have the same UUID typed in: which of them would be meant? */
function refuseSharedIds(planned: Array<Plan | Refusal>): Array<Plan | Refusal> {
	const sharing = new Map<string, number[]>();
	for (const [itemIndex, plan] of planned.entries()) {
		const id = typedId(plan);
		if (id === undefined) continue;
		const items = sharing.get(id);
		if (items === undefined) sharing.set(id, [itemIndex]);
		else items.push(itemIndex);
	}
	return planned.map((plan, itemIndex) => {
		const items = sharing.get(typedId(plan) ?? '') ?? [];
		if (items.length < 2) return plan;
		return refusal(
			`Request ID is the same UUID in items ${items.slice(0, 10).join(', ')} (item ${itemIndex})`,
			'Nothing was sent for these items. Give each item a Request ID of its own, or leave the option empty.',
			sentIds(plan as Plan),
		);
	});
}
