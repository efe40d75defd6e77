import type { Plan } from '../input/plan';
import { SUBJECTS } from '../../card-api/methods/subjects';
import { sentIds } from './items';

/**
 * A message with the place of its item, as n8n's own nodes name it: counted from 0. The editor adds it in this very form where it is
 * missing. A single item needs none.
 * @param items how many items the node was given
 */
export function atItem(message: string, itemIndex: number, items: number): string {
	return items === 1 ? message : `${message} [item ${itemIndex}]`;
}

/** An id of an item, and what the panel calls it. */
export interface NamedId {
	label: string;
	id: string;
}

/** The ids by which an item is named, the best one first; none for some reads. */
export function namingIds(plan: Plan): NamedId[] {
	const ids = sentIds(plan);
	return Object.values(SUBJECTS).filter(({ key }) => ids[key] !== undefined).map(({ key, label }) => ({ label, id: String(ids[key]) }));
}

/** A text where n8n takes HTML, as it does for descriptions and hints: what FreedomPay or an input item says is no markup. */
export function plain(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
