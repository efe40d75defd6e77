import type { INodeExecutionData } from 'n8n-workflow';

import type { Plan } from '../input/plan';
import type { JsonObject } from '../json/exactJson';
import { idsOf } from '../methods/define';
import { maskBody } from './secrets';

/** The ids that an item sent, for the next step: its request id and whom it is about. */
export function sentIds({ method, body, requestId }: Plan): JsonObject {
	return { ...(requestId === undefined ? {} : { request_id: requestId.id }), ...idsOf(method, body) };
}

/**
 * Renames a top-level `error`: with Retry On Fail n8n takes an item that has one for a failure and
 * runs the whole node again.
 */
function withoutErrorKey(fields: JsonObject): JsonObject {
	if (!Object.hasOwn(fields, 'error')) return fields;
	const { error, ...rest } = fields;
	return { ...rest, api_error: error };
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

function simplified(answer: JsonObject, { method, settings }: Plan): JsonObject {
	if (!settings.simplify) return answer;
	return (method.verbose ?? []).reduce((left, path) => without(left, path.split('.')) as JsonObject, answer);
}

/** The list of an answer: by its name, or the only one where the name is not documented. */
function listIn(answer: JsonObject, name: string | undefined): { name: string; list: readonly unknown[] } | undefined {
	const lists = Object.entries(answer).flatMap(([key, value]) => (Array.isArray(value) ? [{ name: key, list: value as unknown[] }] : []));
	return name === undefined ? (lists.length === 1 ? lists[0] : undefined) : lists.find((each) => each.name === name);
}

/** The entries of a listing's answer; undefined for any other, and where the answer has no such list. */
function entriesOf(answer: JsonObject, { method, settings }: Plan): JsonObject[] | undefined {
	if (settings.wholeAnswer || method.entries === undefined) return undefined;
	const found = listIn(answer, method.entries.in);
	if (found === undefined) return undefined;
	const shown = settings.returnAll ? found.list : found.list.slice(0, settings.limit);
	return shown.map((entry) =>
		typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? (entry as JsonObject) : { [found.name]: entry },
	);
}

/**
 * The items of a request that is done, or still processing: the ids sent, the answer on top. One, or one per entry of a listing.
 * @param answer without secrets
 */
export function answerItems(plan: Plan, answer: JsonObject, recovered: boolean, itemIndex: number): INodeExecutionData[] {
	const shown = inWords(simplified(answer, plan), plan);
	return (entriesOf(shown, plan) ?? [shown]).map((fields) => ({
		json: { ...sentIds(plan), ...withoutErrorKey(fields), ...(recovered ? { recovered: true } : {}) },
		pairedItem: { item: itemIndex },
	}));
}

/** The request that an item would send. */
export function dryRunItem(plan: Plan, origin: string, itemIndex: number): INodeExecutionData {
	const { method, body, requestId } = plan;
	const id = requestId === undefined ? {} : { request_id: requestId.id };
	return {
		json: {
			dry_run: true,
			method: 'POST',
			url: origin + method.path,
			body: { ...id, ...maskBody(method.fields, body) },
		},
		pairedItem: { item: itemIndex },
	};
}

/**
 * A failed item, in the one shape that every n8n routes to the error output with all that it holds: one key, an object.
 * @param itemIndex the input item's; undefined where there is none
 */
export function errorItem(message: string, facts: JsonObject, nextStep: string, itemIndex: number | undefined): INodeExecutionData {
	const error = { message, ...facts, next_step: nextStep };
	return { json: { error }, ...(itemIndex === undefined ? {} : { pairedItem: { item: itemIndex } }) };
}
