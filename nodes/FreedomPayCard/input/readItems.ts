import { BadInput, holdsSecret, namedItems } from '../../card-api/methods/define';
import { ItemReader, type ReaderContext } from './itemReader';
import type { Draft, Refusal } from './plan';

/**
 * Reads and checks every item before anything is sent.
 * @param breathe is called between the items, to let others have their turn; what it throws ends the reading
 * @returns a draft or a refusal for each item, in their order
 */
export async function readItems(
	context: ReaderContext,
	breathe: () => Promise<void> | undefined,
): Promise<Array<Draft | Refusal>> {
	const items = context.getInputData();
	const reader = new ItemReader(context, items);
	const drafts: Array<Draft | Refusal> = [];
	for (const itemIndex of items.keys()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
		try {
			drafts.push(await reader.read(itemIndex));
		} catch (error) {
			drafts.push(refusalOf(error, reader.isSecretive(itemIndex)));
		}
	}
	return refuseSharedUuids(drafts);
}

function refusalOf(error: unknown, isSecretive: boolean): Refusal {
	const message = error instanceof Error ? error.message : String(error);
	const culprit = error instanceof BadInput ? `the value of ${error.label}, or the expression that gives it` : 'the expressions in the fields of this node';
	return { is: 'refusal', message, description: `Nothing was sent for this item. Check ${culprit}.`, isSecretive, facts: {} };
}

function typedUuid(draft: Draft | Refusal): string | undefined {
	return draft.is === 'refusal' || draft.given.is !== 'uuid' ? undefined : draft.given.uuid.toLowerCase();
}

/** Refuses items of one run that have the same UUID typed in: which of them would be meant? */
function refuseSharedUuids(drafts: Array<Draft | Refusal>): Array<Draft | Refusal> {
	const sharing = new Map<string, number[]>();
	for (const [itemIndex, draft] of drafts.entries()) {
		const id = typedUuid(draft);
		if (id === undefined) continue;
		const items = sharing.get(id);
		if (items === undefined) sharing.set(id, [itemIndex]);
		else items.push(itemIndex);
	}
	return drafts.map((draft) => {
		const uuid = typedUuid(draft);
		const items = uuid === undefined ? [] : (sharing.get(uuid) ?? []);
		if (draft.is === 'refusal' || items.length < 2) return draft;
		return {
			is: 'refusal',
			message: `Request ID is the same UUID in items ${namedItems(items)}`,
			description: 'Nothing was sent for these items. Give each item a Request ID of its own, or leave it out.',
			isSecretive: holdsSecret(draft.method),
			facts: { request_id: uuid, ...draft.ids },
		};
	});
}
