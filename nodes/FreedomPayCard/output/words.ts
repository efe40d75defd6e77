import type { Plan } from '../input/plan';
import { sentIds } from './items';

/**
 * A message with the place of its item, as n8n's own nodes name it: counted from 0. The editor adds it in this very form where it is
 * missing. A single item needs none.
 * @param items how many items the node was given
 */
export function atItem(message: string, itemIndex: number, items: number): string {
	return items === 1 ? message : `${message} [item ${itemIndex}]`;
}

/** The ids that tell people which item is meant, the best one first. */
const NAMING = [
	['card_id', 'Card ID'],
	['client_id', 'Client ID'],
	['transaction_id', 'Transaction ID'],
	['order_id', 'Order ID'],
	['request_id', 'Request ID'],
] as const;

/** An id of an item, and what the panel calls it. */
export interface NamedId {
	label: string;
	id: string;
}

/** The ids by which an item is named, the best one first; none for some reads. */
export function namingIds(plan: Plan): NamedId[] {
	const ids = sentIds(plan);
	return NAMING.filter(([key]) => ids[key] !== undefined).map(([key, label]) => ({ label, id: String(ids[key]) }));
}
