import type { IExecuteFunctions } from 'n8n-workflow';

import { jsonBytes } from '../json/jsonBytes';
import { methodOf } from '../methods';
import { BadInput, identityOf, listed, panelFields, parameterName, parameterOf, type Field, type Method, type Resolved } from '../methods/define';
import { eventId, hasCommandId, optionsOf, switchesOf } from '../panel/options';
import { ADDITIONAL_FIELDS, jsonParameterOf, OPTIONS } from '../panel/properties';
import { readFile } from './files';
import type { Plan, Settings } from './plan';
import { requestIdOfEvent, requestIdOfItem, type Origin, type RequestId } from './requestIds';
import { isBlank, readField, readFields } from './values';

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
	return { method, body, requestId: '', requestIdIsBlank: false, bytes, identity: identityOf(method, body) };
}

/**
 * Refuses an expression that came out blank where leaving the field out means something else: the event or the UUID that was to
 * keep the command from acting twice would be dropped without a word.
 * @param raw the field as it was typed
 */
function refuseBlank(label: string, value: unknown, raw: () => unknown): void {
	if (!isBlank(value)) return;
	const typed = raw();
	if (typeof typed !== 'string' || !typed.startsWith('=')) return;
	throw new BadInput(label, 'is an expression that gives nothing. Correct it, or clear the field to do without');
}

/** The request id of a command: the user's own UUID, or made of the event, or of the item. */
function requestIdOf(resolved: Resolved, typed: string, event: string, origin: Origin): RequestId | undefined {
	const { method, identity, requestId: own } = resolved;
	if (!hasCommandId(method)) return undefined;
	if (own !== '' && typed !== '' && own.toLowerCase() !== typed.toLowerCase()) {
		throw new BadInput('Request ID', 'is given in the option and, differently, in the body. Leave one of them empty');
	}
	const uuid = typed === '' ? own : typed;
	if (uuid !== '' && event !== '') {
		throw new BadInput('Event ID', 'is given beside a Request ID. Leave one of them empty: each says by itself which command is meant');
	}
	if (uuid !== '') return { id: uuid, source: 'typed' };
	const whole = { path: method.path, identity };
	return event === '' ? requestIdOfItem(origin, whole) : requestIdOfEvent(event, whole);
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
		if (field.beside === true) return parameter(name);
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
 * @param origin where in n8n the item is
 * @throws {BadInput} naming the field; also whatever n8n throws for an expression that fails
 */
export async function readItem(context: IExecuteFunctions, itemIndex: number, origin: Origin): Promise<Plan> {
	const parameter = (name: string): unknown => context.getNodeParameter(name, itemIndex, null);
	const raw = (name: string): unknown => context.getNodeParameter(name, itemIndex, null, { rawExpressions: true });
	const resource = String(parameter('resource'));
	const operation = String(parameter('operation'));
	const declared = methodOf(resource, operation);
	if (declared === undefined) throw new BadInput('Operation', `"${operation}" is not one of the resource "${resource}"`);

	const given = givenBy(parameter);
	const files = new Map<Field, unknown>();
	for (const field of panelFields(declared.fields).filter(({ kind }) => kind === 'file')) {
		files.set(field, await readFile(context, itemIndex, field.label, given(field)));
	}
	const timezone = context.getTimezone();
	const zoneless: string[] = [];
	const values = readFields(declared.fields, (field) => (files.has(field) ? files.get(field) : given(field)), { where: '', timezone, zoneless });
	declared.check?.(values);
	const resolved = declared.resolve?.(values) ?? plainly(declared, values);
	const isCommand = hasCommandId(resolved.method);

	const options = (parameter(OPTIONS) ?? {}) as Record<string, unknown>;
	const { requestId: typed = '', ...settings } = settingsOf(optionsOf(declared), (name) => options[name]);
	const event = isCommand ? parameter(parameterOf(eventId)) : undefined;
	if (isCommand) {
		refuseBlank(eventId.label, event, () => raw(parameterOf(eventId)));
		refuseBlank('Request ID', options.requestId, () => (raw(OPTIONS) as typeof options | null)?.requestId);
		if (resolved.requestIdIsBlank) refuseBlank('The request_id in the Body', '', () => raw('body'));
	}
	const eventText = ((isCommand ? readField(eventId, event) : undefined) as string | undefined) ?? '';
	const switches = switchesOf(resolved.method).map(({ field }) => field).filter((field) => field !== eventId);
	return {
		method: resolved.method,
		body: resolved.body,
		bytes: resolved.bytes,
		identity: resolved.identity,
		requestId: requestIdOf(resolved, String(typed), eventText.trim(), origin),
		settings: {
			limit: 0,
			maxWaitSeconds: 0,
			returnAll: true,
			simplify: false,
			waitForCompletion: false,
			wholeAnswer: false,
			...settings,
			...settingsOf(switches, parameter),
		} as Settings,
		hints:
			zoneless.length === 0
				? []
				: [`${listed(zoneless)} ${zoneless.length === 1 ? 'has' : 'have'} no time zone, so the time zone of the workflow counts: ${timezone}.`],
	};
}
