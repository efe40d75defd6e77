import type { INodeExecutionData } from 'n8n-workflow';

import type { Plan } from '../input/plan';
import type { JsonObject } from '../../card-api/json/exactJson';
import { isCommand, type Simplification } from '../../card-api/methods/define';
import { OF_SUCCESS } from '../../card-api/methods/statusWords';
import { nextStepOf } from '../../card-api/text/words';
import type { Failed } from './ending';
import { tryAgainOf, type DoneOutcome } from './outcomes';
import { maskBody } from './secrets';

/** The ids that an item sent, for the next step: its request id and whom it is about. */
export function sentIds({ ids, requestId }: Plan): JsonObject {
	return { ...(requestId === undefined ? {} : { request_id: requestId.id }), ...ids };
}

/** The fields of an answer that come out under another name, since the node's own have theirs. */
const RENAMED: Readonly<Record<string, string>> = { error: 'api_error', outcome: 'api_outcome' };

/**
 * Renames a top-level `outcome`, which the node has of its own, and `error`: with Retry On Fail n8n takes an item that has one for a
 * failure and runs the whole node again.
 */
function withoutOwnKeys(fields: JsonObject): JsonObject {
	if (!Object.keys(RENAMED).some((key) => Object.hasOwn(fields, key))) return fields;
	return Object.fromEntries(Object.entries(fields).map(([key, value]) => [Object.hasOwn(RENAMED, key) ? (RENAMED[key] ?? key) : key, value]));
}

/** An answer, or an entry of its list, as an item has it: the ids sent, and its fields. */
export function entryOf(ids: JsonObject, fields: JsonObject): JsonObject {
	return { ...ids, ...withoutOwnKeys(fields) };
}

/** Leaves fields out of an answer, by dotted paths that lead through lists. */
function without(value: unknown, path: readonly string[]): unknown {
	if (Array.isArray(value)) return value.map((entry) => without(entry, path));
	const [key, ...rest] = path;
	if (typeof value !== 'object' || value === null || key === undefined || !Object.hasOwn(value, key)) return value;
	const { [key]: inner, ...others } = value as JsonObject;
	return rest.length === 0 ? others : { ...value, [key]: without(inner, rest) };
}

/** An answer with the words of its numbers beside them. A number that the dictionary does not have stays alone. */
function inWords(answer: JsonObject, { method: { dictionaries } }: Plan): JsonObject {
	if (dictionaries === undefined) return answer;
	return Object.fromEntries(
		Object.entries(answer).flatMap(([key, value]) => {
			const dictionary = Object.hasOwn(dictionaries, key) ? dictionaries[key] : undefined;
			// Not any value: an object need not have a text.
			const word = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
			const text = dictionary !== undefined && Object.hasOwn(dictionary, word) ? dictionary[word] : undefined;
			return text === undefined ? [[key, value]] : [[key, value], [`${key}_text`, text]];
		}),
	);
}

/** Nothing of an answer but what paths that lead through lists lead to. */
function only(value: unknown, paths: ReadonlyArray<readonly string[]>): unknown {
	if (Array.isArray(value)) return value.map((entry: unknown) => only(entry, paths));
	if (typeof value !== 'object' || value === null) return value;
	const kept = Object.entries(value as JsonObject).flatMap(([key, inner]): Array<[string, unknown]> => {
		const inside = paths.filter(([first]) => first === key).map(([, ...rest]) => rest);
		if (inside.length === 0) return [];
		return [[key, inside.some((rest) => rest.length === 0) ? inner : only(inner, inside)]];
	});
	return Object.fromEntries(kept);
}

/** Whether a field says no more than that a read succeeded. Another word that came has something to say. */
function saysSuccess(answer: JsonObject, field: string): boolean {
	return Object.hasOwn(OF_SUCCESS, field) && answer[field] === OF_SUCCESS[field as keyof typeof OF_SUCCESS];
}

function simplified(answer: JsonObject, { first, without: left }: Simplification): JsonObject {
	const unsaid = left.filter((path) => !Object.hasOwn(OF_SUCCESS, path) || saysSuccess(answer, path));
	const rest = unsaid.reduce((kept, path) => without(kept, path.split('.')) as JsonObject, answer);
	const found = first.filter((key) => Object.hasOwn(rest, key)).map((key): [string, unknown] => [key, rest[key]]);
	return { ...Object.fromEntries(found), ...rest };
}

/** As much of an answer as is asked for. */
function asked(answer: JsonObject, { method: { simplify }, settings }: Plan): JsonObject {
	if (simplify === undefined || settings.output === 'raw') return answer;
	if (settings.output === 'selectedFields') return only(answer, settings.fields.map((path) => path.split('.'))) as JsonObject;
	return settings.simplify ? simplified(answer, simplify) : answer;
}

/** The list of an answer: by its name, or the only one where the name is not documented. */
function listIn(answer: JsonObject, name: string | undefined): { name: string; list: readonly unknown[] } | undefined {
	const lists = Object.entries(answer).flatMap(([key, value]) => (Array.isArray(value) ? [{ name: key, list: value as unknown[] }] : []));
	return name === undefined ? (lists.length === 1 ? lists[0] : undefined) : lists.find((each) => each.name === name);
}

/** The entries of a listing's answer that come out, and how many it has; undefined for any other, and where the answer has no such list. */
function entriesOf(answer: JsonObject, { method, settings }: Plan): { shown: JsonObject[]; entries: number } | undefined {
	if (settings.wholeAnswer || method.entries === undefined) return undefined;
	const found = listIn(answer, method.entries.in);
	if (found === undefined) return undefined;
	const shown = settings.returnAll ? found.list : found.list.slice(0, settings.limit);
	return {
		shown: shown.map((entry) => (typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry as JsonObject) : { [found.name]: entry })),
		entries: found.list.length,
	};
}

/**
 * The items of a request that is done, or still processing: what became of a command, the ids sent, the answer on top. One, or one per
 * entry of a listing.
 * @param answer without secrets
 * @returns the items, and how many there would be without a limit
 */
export function answerItems(plan: Plan, answer: JsonObject, outcome: DoneOutcome, itemIndex: number): { items: INodeExecutionData[]; entries: number } {
	const whole = inWords(asked(answer, plan), plan);
	const { shown, entries } = entriesOf(whole, plan) ?? { shown: [whole], entries: 1 };
	const items = shown.map((fields) => ({
		json: { ...(isCommand(plan.method) && { outcome }), ...entryOf(sentIds(plan), fields) },
		pairedItem: { item: itemIndex },
	}));
	return { items, entries };
}

/** The request that an item would send. */
export function dryRunItem(plan: Plan, origin: string, itemIndex: number): INodeExecutionData {
	const { method, body, requestId } = plan;
	const id = requestId === undefined ? {} : { request_id: requestId.id };
	return {
		json: {
			outcome: 'dry_run',
			method: 'POST',
			url: origin + method.path,
			body: { ...id, ...maskBody(method.fields, body) },
		},
		pairedItem: { item: itemIndex },
	};
}

/** What never comes along from an input item: the words by which n8n and workflows tell what became of an item. */
const NEVER_ALONG: readonly string[] = ['error', 'outcome', 'cause', 'try_again', 'earlier', 'next_step', '$error', '$json'];

/** Items with the fields of the input item that they came of, as far as they have none of that name. */
export function withOtherFields(items: INodeExecutionData[], input: INodeExecutionData | undefined): INodeExecutionData[] {
	const along = Object.entries(input?.json ?? {}).filter(([key]) => !NEVER_ALONG.includes(key));
	return items.map((item) => ({
		...item,
		json: { ...item.json, ...Object.fromEntries(along.filter(([key]) => !Object.hasOwn(item.json, key))) },
	}));
}

/**
 * A failed item, in the one shape that every n8n routes to the error output with all that it holds: one key, an object.
 * @param itemIndex the input item's; undefined where there is none
 */
export function errorItem(failed: Failed, itemIndex: number | undefined): INodeExecutionData {
	const { message, outcome, cause, isEarlier, isSecretive, facts } = failed;
	const error = {
		message,
		outcome,
		cause,
		try_again: tryAgainOf(outcome, cause),
		...(isEarlier === true && { earlier: true }),
		next_step: nextStepOf(failed),
		...facts,
	};
	// Behind a plain number n8n finds the input item, but does not add its fields.
	return { json: { error }, ...(itemIndex === undefined ? {} : { pairedItem: isSecretive ? itemIndex : { item: itemIndex } }) };
}

/** A command that FreedomPay has and is not finished with, for a model that would try an error again. */
export function openItem(failed: Failed, itemIndex: number): INodeExecutionData {
	return { json: { outcome: 'processing', message: failed.message, next_step: nextStepOf(failed), ...failed.facts }, pairedItem: { item: itemIndex } };
}
