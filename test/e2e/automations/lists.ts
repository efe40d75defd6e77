import { at } from '../items.ts';
import type { ChangeNodes } from './runs.ts';

/** The file of the workflow that these lists are for. */
export const HOUSEKEEPING = 'nightly-housekeeping.json';

/** The data table that the workflows make. */
export const CARDS_DUE = 'FreedomPay Cards Due';

/** Gives Nightly housekeeping another list. */
export const listing = (list: string): ChangeNodes => (node) => {
	const { assignments } = node('Paste Your List Here').parameters.assignments as { assignments: Array<{ value: string }> };
	at(assignments, 0).value = list;
};

/** As `listing`, with little patience for what is still being processed. */
export const impatient = (list: string): ChangeNodes => (node) => {
	listing(list)(node);
	node('Close Cards').parameters.options = { maxWaitSeconds: 1 };
};
