import type { IExecuteFunctions } from 'n8n-workflow';

import type { RetryClass } from '../delivery/judge';
import { methodOf } from '../methods';
import { parameterName, type Field, type Method } from '../methods/define';
import { hasCommandId, optionsOf, waitForCompletion } from '../panel/options';
import { ADDITIONAL_FIELDS, OPTIONS } from '../panel/properties';
import { requestIdFor, type Origin, type RequestId } from './requestIds';
import { BadInput, readFields } from './values';

/** What an item asks for, checked, before anything is sent. */
export interface Plan {
	method: Method;
	/** The body without its request id. */
	body: Record<string, unknown>;
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
	waitForCompletion: boolean;
}

function settingsOf(fields: readonly Field[], valueOf: (name: string) => unknown): Record<string, unknown> {
	const read = readFields(fields, (field) => valueOf(parameterName(field.key)) ?? field.default);
	return Object.fromEntries(Object.entries(read).map(([key, value]) => [parameterName(key), value]));
}

/**
 * Reads and checks what one item asks for.
 * @throws {BadInput} naming the field; also whatever n8n throws for an expression that fails
 */
export function planItem(context: IExecuteFunctions, itemIndex: number, origin: Omit<Origin, 'itemIndex'>): Plan {
	const parameter = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const resource = String(parameter('resource'));
	const operation = String(parameter('operation'));
	const method = methodOf(resource, operation);
	if (method === undefined) throw new BadInput('Operation', `"${operation}" is not one of the resource "${resource}"`);

	const additional = (parameter(ADDITIONAL_FIELDS) ?? {}) as Record<string, unknown>;
	const body = readFields(method.fields, (field) => {
		const name = parameterName(field.key);
		return field.required ? parameter(name) : additional[name];
	});

	const given = (parameter(OPTIONS) ?? {}) as Record<string, unknown>;
	const { requestId: typed = '', ...options } = settingsOf(optionsOf(method), (name) => given[name]);
	const waits = hasCommandId(method) ? settingsOf([waitForCompletion], parameter) : {};
	return {
		method,
		body,
		requestId: hasCommandId(method) ? requestIdFor(method, body, String(typed).trim(), { ...origin, itemIndex }) : undefined,
		settings: { maxWaitSeconds: 0, waitForCompletion: false, ...options, ...waits } as Settings,
	};
}

/** How safely a method can be sent again. */
export function retryClassOf({ kind, requestId }: Method): RetryClass {
	if (kind === 'read') return 'read';
	return requestId === 'idempotent' ? 'command' : 'once';
}
