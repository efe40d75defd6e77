import * as z from 'zod/v4-mini';

import { operations } from '../../card-api/methods';
import { isCommand, type Field, type Method } from '../../card-api/methods/define';

/** The part of JSON Schema that n8n's editor reads. */
export interface OutputSchema {
	type?: string;
	properties?: Record<string, OutputSchema>;
	items?: OutputSchema;
	version?: number;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function plain(schema: JsonSchema): OutputSchema {
	const [first] = schema.anyOf ?? [];
	if (first !== undefined) return plain(first);
	return {
		...(typeof schema.type === 'string' ? { type: schema.type } : {}),
		...(schema.type === 'object' ? { properties: plainProperties(schema) } : {}),
		...(schema.items === undefined ? {} : { items: plain(schema.items as JsonSchema) }),
	};
}

function plainProperties({ properties = {} }: JsonSchema): Record<string, OutputSchema> {
	return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, plain(inner as JsonSchema)]));
}

function without(schema: OutputSchema, [key = '', ...rest]: readonly string[]): OutputSchema {
	if (schema.items !== undefined) return { ...schema, items: without(schema.items, [key, ...rest]) };
	const { [key]: inner, ...others } = schema.properties ?? {};
	if (inner === undefined) return schema;
	return { ...schema, properties: rest.length === 0 ? others : { ...others, [key]: without(inner, rest) } };
}

function sentSchema(field: Field): OutputSchema {
	switch (field.kind) {
		case 'object':
			return { type: 'object', properties: Object.fromEntries(field.fields.map((inner) => [inner.key, sentSchema(inner)])) };
		case 'options':
			return { type: typeof field.options[0]?.value === 'number' ? 'number' : 'string' };
		case 'integer':
		case 'number':
			return { type: 'number' };
		default:
			return { type: 'string' };
	}
}

/** What one item of a listing is; the whole answer where its list is not documented, or is none. */
function entrySchema({ entries }: Method, answer: OutputSchema): OutputSchema {
	return answer.properties?.[entries?.in ?? '']?.items ?? answer;
}

/** What a failed item says of itself, whatever the operation. */
const FAILED = ['message', 'outcome', 'cause', 'try_again', 'next_step'];

function failedSchema(method: Method, sent: readonly Field[]): Record<string, OutputSchema> {
	return {
		...Object.fromEntries(FAILED.map((key) => [key, { type: 'string' }])),
		...(method.is === 'command' ? { request_id: { type: 'string' } } : {}),
		...Object.fromEntries(sent.map((field) => [field.key, sentSchema(field)])),
		http_status: { type: 'number' },
	};
}

/**
 * What n8n's editor offers of an operation's output before its first run: the ids sent and the
 * documented answer, simplified as it is by default. n8n reads one schema per operation, for both outputs: the fields of a failed item
 * are in it as well, as `error`.
 */
export function outputSchema(method: Method): OutputSchema {
	const answer = plain(z.toJSONSchema(method.answer, { io: 'input', unrepresentable: 'any' }));
	const { properties = {} } = entrySchema(method, (method.simplify?.without ?? []).reduce((left, path) => without(left, path.split('.')), answer));
	const sent = method.fields.filter(({ key }) => method.ids.includes(key));
	return {
		type: 'object',
		properties: {
			...(isCommand(method) ? { outcome: { type: 'string' } } : {}),
			...(method.is === 'command' ? { request_id: { type: 'string' } } : {}),
			...Object.fromEntries(sent.map((field) => [field.key, sentSchema(field)])),
			...Object.fromEntries(Object.values(method.absent ?? {}).flatMap((words) => Object.keys(words).map((key) => [key, { type: 'string' }]))),
			...properties,
			...Object.fromEntries(Object.keys(method.dictionaries ?? {}).map((key) => [`${key}_text`, { type: 'string' }])),
			error: { type: 'object', properties: failedSchema(method, sent) },
		},
		version: 1,
	};
}

/** The schema of every operation, by its place below `__schema__`. */
export function outputSchemas(): Record<string, OutputSchema> {
	return Object.fromEntries(
		operations.map((method) => [`v1.0.0/${method.resource}/${method.operation}.json`, outputSchema(method)]),
	);
}
