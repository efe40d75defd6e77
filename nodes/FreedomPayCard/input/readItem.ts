import type { IExecuteFunctions } from 'n8n-workflow';

import type { RetryClass } from '../delivery/judge';
import { methodOf } from '../methods';
import { BadInput, panelFields, parameterName, parameterOf, type Field, type Method, type Resolved } from '../methods/define';
import { hasCommandId, optionsOf, simplify, waitForCompletion } from '../panel/options';
import { ADDITIONAL_FIELDS, jsonParameterOf, OPTIONS } from '../panel/properties';
import { jsonBytes } from '../signing/jsonBytes';
import { readFile } from './files';
import { requestIdFor, type Origin, type RequestId } from './requestIds';
import { isBlank, readFields } from './values';

/** What an item asks for, checked, before anything is sent. */
export interface Plan {
	method: Method;
	/** The body without its request id. */
	body: Record<string, unknown>;
	/** The bytes to send, with the request id of the attempt. */
	bytes: (requestId: string | undefined) => Buffer;
	/** The id of a command. */
	requestId: RequestId | undefined;
	settings: Settings;
}

/** The panel's options, by the names of the panel. */
export interface Settings {
	dryRun: boolean;
	maxParallelRequests: number;
	maxWaitSeconds: number;
	requestTimeoutSeconds: number;
	simplify: boolean;
	splitIntoItems: boolean;
	waitForCompletion: boolean;
}

function settingsOf(fields: readonly Field[], valueOf: (name: string) => unknown): Record<string, unknown> {
	const read = readFields(fields, (field) => {
		const value = valueOf(parameterName(field.key));
		return isBlank(value) ? field.default : value;
	});
	return Object.fromEntries(Object.entries(read).map(([key, value]) => [parameterName(key), value]));
}

/** The request of a method whose fields are its body. */
function plainly(method: Method, body: Record<string, unknown>): Resolved {
	const bytes = (requestId: string | undefined) => jsonBytes(requestId === undefined ? body : { request_id: requestId, ...body });
	return { method, body, requestId: '', bytes, identity: body };
}

/** The request id of a command: that of its body, or as the option Request ID says. */
function idOf({ method, body, identity, requestId: own }: Resolved, option: string, origin: Origin): RequestId | undefined {
	if (!hasCommandId(method)) return undefined;
	if (own !== '' && option !== '' && own.toLowerCase() !== option.toLowerCase()) {
		throw new BadInput('Request ID', 'is given in the option and, differently, in the body. Leave one of them empty');
	}
	const typed = own === '' ? option : own;
	return requestIdFor(method, typed === '' ? body : identity, typed, origin);
}

/** Whether a value of the panel's boxes or JSON editors holds nothing. */
function isVoid(value: unknown): boolean {
	if (typeof value === 'string') return /^\s*(?:\{\s*\}|\[\s*\])?\s*$/.test(value);
	return isBlank(value) || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** Finds a field's value in the panel: beside the others, or among the Additional Fields. */
function givenBy(parameter: (name: string) => unknown): (field: Field) => unknown {
	const additional = (parameter(ADDITIONAL_FIELDS) ?? {}) as Record<string, unknown>;
	// A field that was added and came out undefined is not one that was left out.
	const added = (name: string) => (Object.hasOwn(additional, name) ? (additional[name] ?? null) : undefined);
	return (field) => {
		const name = parameterOf(field);
		const beside = field.required || field.requiredWhen !== undefined ? parameter(name) : undefined;
		if (field.kind === 'list') {
			const json = added(jsonParameterOf(field));
			if (isVoid(json)) return beside ?? added(name);
			if (isVoid(beside)) return json;
			throw new BadInput(field.label, 'is given both in fields and as JSON. Leave one of them empty');
		}
		return field.required || !isVoid(beside) ? beside : added(name);
	};
}

/**
 * Reads and checks what one item asks for.
 * @throws {BadInput} naming the field; also whatever n8n throws for an expression that fails
 */
export async function planItem(context: IExecuteFunctions, itemIndex: number, origin: Omit<Origin, 'itemIndex'>): Promise<Plan> {
	const parameter = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const resource = String(parameter('resource'));
	const operation = String(parameter('operation'));
	const declared = methodOf(resource, operation);
	if (declared === undefined) throw new BadInput('Operation', `"${operation}" is not one of the resource "${resource}"`);

	const given = givenBy(parameter);
	const files = new Map<Field, unknown>();
	for (const field of panelFields(declared.fields).filter(({ kind }) => kind === 'file')) {
		files.set(field, await readFile(context, itemIndex, field.label, given(field)));
	}
	const values = readFields(declared.fields, (field) => (files.has(field) ? files.get(field) : given(field)), {
		where: '',
		timezone: context.getTimezone(),
	});
	const resolved = declared.resolve?.(values) ?? plainly(declared, values);

	const options = (parameter(OPTIONS) ?? {}) as Record<string, unknown>;
	const { requestId: typed = '', ...settings } = settingsOf(optionsOf(declared), (name) => options[name]);
	const switches = [
		...(hasCommandId(resolved.method) ? [waitForCompletion] : []),
		...(declared.verbose === undefined ? [] : [simplify]),
	];
	return {
		method: resolved.method,
		body: resolved.body,
		bytes: resolved.bytes,
		requestId: idOf(resolved, String(typed).trim(), { ...origin, itemIndex }),
		settings: {
			maxWaitSeconds: 0,
			simplify: false,
			splitIntoItems: false,
			waitForCompletion: false,
			...settings,
			...settingsOf(switches, parameter),
		} as Settings,
	};
}

/** How safely a method can be sent again. */
export function retryClassOf({ kind, requestId }: Method): RetryClass {
	if (kind === 'read') return 'read';
	return requestId === 'idempotent' ? 'command' : 'once';
}
