import type { IExecuteFunctions } from 'n8n-workflow';

import { BadInput, idsOf } from '../methods/define';
import { isRefusal, type Plan, type Refusal } from './plan';
import { ItemReader } from './itemReader';
import type { Origin } from './requestIds';

/** How many items a message names at most. */
const MAX_NAMED = 10;

/**
 * Reads and checks every item before anything is sent.
 * @param originOf where in n8n an item is
 * @param breathe is called between the items, to let others have their turn; what it throws ends the reading
 * @returns a plan or a refusal for each item, in their order
 */
export async function readItems(
	context: IExecuteFunctions,
	originOf: (itemIndex: number) => Origin,
	breathe: () => Promise<void> | undefined,
): Promise<Array<Plan | Refusal>> {
	const items = context.getInputData();
	const reader = new ItemReader(context, items);
	const planned: Array<Plan | Refusal> = [];
	for (const itemIndex of items.keys()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
		try {
			planned.push(await reader.read(itemIndex, originOf(itemIndex)));
		} catch (error) {
			planned.push(refusalOf(error));
		}
	}
	return refuseSharedUuids(planned);
}

function refusalOf(error: unknown): Refusal {
	const message = error instanceof Error ? error.message : String(error);
	const culprit = error instanceof BadInput ? `the value of ${error.label}, or the expression that gives it` : 'the expressions in the fields of this node';
	return { message, description: `Nothing was sent for this item. Check ${culprit}.`, facts: {} };
}

function typedUuid(planned: Plan | Refusal): string | undefined {
	if (isRefusal(planned) || planned.requestId?.source !== 'typed') return undefined;
	return planned.requestId.id.toLowerCase();
}

function namedItems(items: readonly number[]): string {
	const more = items.length - MAX_NAMED;
	return `${items.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Refuses items of one run that have the same UUID typed in: which of them would be meant? */
function refuseSharedUuids(planned: Array<Plan | Refusal>): Array<Plan | Refusal> {
	const sharing = new Map<string, number[]>();
	for (const [itemIndex, plan] of planned.entries()) {
		const id = typedUuid(plan);
		if (id === undefined) continue;
		const items = sharing.get(id);
		if (items === undefined) sharing.set(id, [itemIndex]);
		else items.push(itemIndex);
	}
	return planned.map((plan) => {
		const items = sharing.get(typedUuid(plan) ?? '') ?? [];
		if (isRefusal(plan) || items.length < 2) return plan;
		return {
			message: `Request ID is the same UUID in items ${namedItems(items)}`,
			description: 'Nothing was sent for these items. Give each item a Request ID of its own, or leave it out.',
			facts: { request_id: plan.requestId?.id, ...idsOf(plan.method, plan.body) },
		};
	});
}
