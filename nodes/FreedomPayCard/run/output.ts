import type { INodeExecutionData } from 'n8n-workflow';

import type { JsonObject } from '../delivery/exactJson';
import type { Plan } from './plan';
import { maskAnswer, maskBody, secretsOf } from './secrets';

/** The ids that an item sent, for the next step: its request id and whom it is about. */
export function sentIds({ method, body, requestId }: Plan): JsonObject {
	return {
		...(requestId === undefined ? {} : { request_id: requestId.id }),
		...Object.fromEntries(method.target.filter((key) => body[key] !== undefined).map((key) => [key, body[key]])),
	};
}

/**
 * Renames a top-level `error`: with Retry On Fail n8n takes an item that has one for a failure and
 * runs the whole node again.
 */
function withoutErrorKey({ error, ...rest }: JsonObject): JsonObject {
	return error === undefined ? rest : { ...rest, api_error: error };
}

/** An item that is done, or still processing: the ids sent, the answer on top. */
export function answerItem(plan: Plan, answer: JsonObject, recovered: boolean, itemIndex: number): INodeExecutionData {
	const masked = maskAnswer(answer, secretsOf(plan.method.fields, plan.body)) as JsonObject;
	const json = { ...sentIds(plan), ...withoutErrorKey(masked), ...(recovered ? { recovered: true } : {}) };
	return { json: json, pairedItem: { item: itemIndex } };
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

/** A failed item, in the one shape that n8n routes to the error output. */
export function errorItem(message: string, details: JsonObject, itemIndex: number): INodeExecutionData {
	return { json: { error: message, details: details }, pairedItem: { item: itemIndex } };
}
