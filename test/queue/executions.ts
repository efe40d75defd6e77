import type { StoredExecution } from '../n8n/host.ts';

/** The ids of the cards that an execution was started with; none where n8n has not kept them. */
export function cardsGiven({ data }: StoredExecution): string[] {
	const [start] = data.executionData?.nodeExecutionStack ?? [];
	const [item] = start?.data.main?.[0] ?? [];
	const { cards = [] } = (item?.json.body ?? {}) as { cards?: Array<{ card_id: string }> };
	return cards.map(({ card_id }) => card_id);
}
