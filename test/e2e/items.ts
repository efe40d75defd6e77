import assert from 'node:assert/strict';

import type { IRunExecutionData } from 'n8n-workflow';

import type { Failed } from '../support/items.ts';

/**
 * What an item says. Which fields it has depends on what became of it: a test names those that it expects, and one that is not there fails
 * the comparison.
 */
export interface Told {
	outcome: string;
	cause: string;
	try_again: string;
	message: string;
	request_id: string;
	card_id: string;
	status: string;
	request_status: string;
	error: Failed;
	[field: string]: unknown;
}

/** An item that a node gave out. */
export interface Item {
	json: Told;
	/** A plain number is an item's place too; it keeps n8n from adding the input's fields, where one of them is a code. */
	pairedItem: { item: number } | number;
}

/** All that is looked at in an execution. */
export interface Execution {
	data: IRunExecutionData;
}

/** An entry of a list that has to be there; a negative index counts from the end. */
export function at<Entry>(list: readonly Entry[] | undefined, index: number): Entry {
	const entry = list?.at(index);
	assert.ok(entry !== undefined, `there is no entry ${index} of ${list?.length ?? 'no list'}`);
	return entry;
}

/** The only entry of a list that has one. */
export function only<Entry>(list: readonly Entry[] | undefined): Entry {
	assert.equal(list?.length, 1);
	return at(list, 0);
}

/** What a node gave out in all its runs, by one of its outputs. */
export function itemsOf<Json = Told>({ data }: Execution, node: string, output = 0): Json[] {
	const runs = data.resultData.runData[node] ?? [];
	return runs.flatMap((run) => run.data?.main?.[output] ?? []).map(({ json }) => json as Json);
}

/** What the execution ended with, which has to be an error. */
export function errorOf({ data }: Execution): { message: string; description: string } {
	const { error } = data.resultData;
	assert.ok(error !== undefined, 'the execution did not end with an error');
	return { message: error.message, description: 'description' in error && typeof error.description === 'string' ? error.description : '' };
}

/** The place of the item that an item came from. */
export const placeOf = ({ pairedItem }: Item): number => (typeof pairedItem === 'number' ? pairedItem : pairedItem.item);

/** How often each of some names is there. */
export function counted(names: readonly unknown[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const name of names.map(String)) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}
