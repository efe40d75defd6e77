import type { IDataObject } from 'n8n-workflow';

import type { NodeOutcome } from './engine';

/** What the field `error` of a failed item says. */
export interface Failed {
	message: string;
	outcome: 'not_done' | 'refused' | 'unknown' | 'processing';
	cause: string;
	try_again: 'no' | 'yes' | 'after_check';
	earlier?: true;
	next_step: string;
	request_id?: string;
	card_id?: string;
	http_status?: number;
	code?: string;
	answer?: Record<string, unknown>;
	response?: string;
	request_status_answer?: Record<string, unknown>;
}

const OUTCOMES: readonly unknown[] = ['not_done', 'refused', 'unknown', 'processing'];

/** What a failed item says; undefined when it is not one, or not in the shape that every n8n knows. */
export function failedOf({ error }: Readonly<Record<string, unknown>>): Failed | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const { message, outcome, next_step: next } = error as Partial<Failed>;
	return [message, next].every((text) => typeof text === 'string' && text !== '') && OUTCOMES.includes(outcome) ? (error as unknown as Failed) : undefined;
}

function onlyItem(outcome: NodeOutcome, output: 0 | 1): Record<string, unknown> {
	const other = outcome.items[1 - output] ?? [];
	expect(other).toEqual([]);
	expect(outcome.items[output]).toHaveLength(1);
	const item = outcome.items[output]?.[0];
	expect([0, { item: 0 }]).toContainEqual(item?.pairedItem);
	return item?.json ?? {};
}

/** The one item, which is on the first output. */
export function success(outcome: NodeOutcome): Record<string, unknown> {
	return onlyItem(outcome, 0);
}

/** What became of an item that went in: it failed, or it came out with these fields. */
export type Fate = { failed: Failed; done?: undefined } | { done: IDataObject; failed?: undefined };

/**
 * What became of each of the items that went in, in their order. Every one came out once and paired, those that
 * failed where failed ones belong, and none as if it were done without an answer.
 */
export function fatesOf({ items, error, status }: NodeOutcome, count: number): Fate[] {
	const fates = new Map<number, Fate>();
	const problems: unknown[] = error === undefined || status === 'canceled' ? [] : [error.message];
	for (const [output, list] of items.entries()) {
		for (const { json, pairedItem } of list) {
			const index = typeof pairedItem === 'number' ? pairedItem : ((pairedItem as { item?: number } | undefined)?.item ?? -1);
			const failed = failedOf(json);
			if (fates.has(index)) problems.push({ 'came out twice': index });
			if (failed === undefined && typeof json.request_status !== 'string' && json.card_mask === undefined) problems.push({ 'no answer': json });
			// Where there is an output for failed items, they are there, and nothing else is. It shows the fields of the input, too.
			if (items.length > 1 && (failed !== undefined) !== (output === 1)) problems.push({ 'wrong output': output, json });
			if (items.length === 1 && failed !== undefined && Object.keys(json).length > 1) problems.push({ 'more than an error': json });
			fates.set(index, failed === undefined ? { done: json } : { failed });
		}
	}
	expect(problems).toEqual([]);
	const indexes = Array.from({ length: count }, (_, index) => index);
	expect([...fates.keys()].sort((a, b) => a - b)).toEqual(indexes);
	return indexes.map((index) => fates.get(index) as Fate);
}

/** What the one item says, which failed. */
export function failed(outcome: NodeOutcome): Failed {
	const [fate] = fatesOf(outcome, 1);
	if (fate?.failed === undefined) throw new Error(`The item did not fail: ${JSON.stringify(fate)}`);
	return fate.failed;
}

/** The fields of the one item, which is done or being processed. */
export function done(outcome: NodeOutcome): IDataObject {
	const [fate] = fatesOf(outcome, 1);
	if (fate?.done === undefined) throw new Error(`The item failed: ${JSON.stringify(fate)}`);
	return fate.done;
}

/** What became of items, as the message of a run that stops names it. */
type Kind = 'Done' | 'Still being processed' | 'Failed' | 'Unknown' | 'Not sent';

/** What the message of a run that stops says of its items: how many came to what, and their names as they stand there. */
export function accountOf(error: { description?: string | null | undefined } | undefined): Partial<Record<Kind, [count: number, names: string]>> {
	const lines = (error?.description ?? '').split('<br>\n').map((line) => /^(Done|Still being processed|Failed|Unknown|Not sent) \((\d+)\): (.*)$/.exec(line));
	return Object.fromEntries(lines.flatMap((line) => (line === null ? [] : [[line[1], [Number(line[2]), line[3]]]]))) as Partial<Record<Kind, [number, string]>>;
}

/**
 * The failed items, each by the number of the item that went in. They are where such items belong: on the second output, where n8n
 * adds the fields of the item that went in, or alone with their error.
 */
export function failedItems({ items }: NodeOutcome): Array<[item: number, told: Failed]> {
	return items.flatMap((list, output) =>
		list.flatMap(({ json, pairedItem }): Array<[number, Failed]> => {
			const told = failedOf(json);
			const isMisplaced = items.length > 1 ? (told === undefined) !== (output === 0) : told !== undefined && Object.keys(json).length > 1;
			if (isMisplaced || (told === undefined && 'error' in json)) throw new Error(`Not a failed item, or not in its place: ${JSON.stringify(json)}`);
			return told === undefined ? [] : [[typeof pairedItem === 'number' ? pairedItem : (pairedItem as { item: number }).item, told]];
		}),
	);
}

/** The items of both outputs as plain data: what n8n would store. */
export function stored({ items }: NodeOutcome): Array<Array<{ json: Record<string, unknown>; pairedItem: unknown }>> {
	return items.map((output) => output.map(({ json, pairedItem }) => ({ json: structuredClone(json), pairedItem })));
}
