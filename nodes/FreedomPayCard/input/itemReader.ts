import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Given } from '../intent/command';
import { jsonBytes } from '../json/jsonBytes';
import { methodOf } from '../methods';
import { BadInput, identityOf, listed, objectOf, panelFields, parameterName, parameterOf, type Field, type Method, type Resolved } from '../methods/define';
import { eventId, optionsOf, switchesOf } from '../panel/options';
import { ADDITIONAL_FIELDS, jsonParameterOf, OPTIONS } from '../panel/properties';
import { checkFile, withFiles } from './files';
import { Parameters } from './parameters';
import type { Draft, Settings } from './plan';
import { isBlank, readField, readFields } from './values';

function settingsOf(fields: readonly Field[], valueOf: (name: string) => unknown): Record<string, unknown> {
	const read = readFields(fields, (field) => {
		const value = valueOf(parameterName(field.key));
		return isBlank(value) && 'default' in field ? field.default : value;
	});
	return Object.fromEntries(Object.entries(read).map(([key, value]) => [parameterName(key), value]));
}

/** The request of a method whose fields are its body. */
function plainly(method: Method, body: Record<string, unknown>, holdsFiles: boolean): Resolved {
	const whole = (requestId: string | undefined) => (requestId === undefined ? body : { request_id: requestId, ...body });
	const bytes = holdsFiles ? async (requestId: string | undefined) => jsonBytes(await withFiles(whole(requestId))) : (requestId: string | undefined) => jsonBytes(whole(requestId));
	return { method, body, requestId: '', requestIdIsBlank: false, bytes, identity: identityOf(method, body) };
}

const DEFAULTS = { limit: 0, maxWaitSeconds: 0, returnAll: true, simplify: false, waitForCompletion: false, wholeAnswer: false };

/** What was chosen among the options, and by the switches beside the fields. */
function chosenBy(form: Form, method: Method, options: Record<string, unknown>, parameters: Parameters, itemIndex: number): Chosen {
	const known = form.chosen.get(method.is);
	if (known !== undefined) return known;
	const switches = switchesOf(method).flatMap(({ field }) => (field === eventId ? [] : [field]));
	const { requestId = '', ...settings } = settingsOf(optionsOf(form.declared), (name) => options[name]);
	const switched = settingsOf(switches, (name) => parameters.valueOf(name, itemIndex));
	const chosen = { typed: String(requestId), settings: { ...DEFAULTS, ...settings, ...switched } as Settings };
	const names = [OPTIONS, ...switches.map(({ key }) => parameterName(key))];
	if (names.every((name) => parameters.isConstant(name))) form.chosen.set(method.is, chosen);
	return chosen;
}

const NO_HINTS: readonly string[] = [];

function zoneHint(zoneless: readonly string[], timezone: string): string {
	return `${listed(zoneless)} ${zoneless.length === 1 ? 'has' : 'have'} no time zone, so the time zone of the workflow counts: ${timezone}.`;
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

/** How the user tells a command from the next one: by a UUID, by its event, or not. */
function givenOf(resolved: Resolved, typed: string, event: string): Given {
	const { method, requestId: own } = resolved;
	if (method.is !== 'command') return { is: 'nothing' };
	if (own !== '' && typed !== '' && own.toLowerCase() !== typed.toLowerCase()) {
		throw new BadInput('Request ID', 'is given in the option and, differently, in the body. Leave one of them empty');
	}
	const uuid = typed === '' ? own : typed;
	if (uuid !== '' && event !== '') {
		throw new BadInput('Event ID', 'is given beside a Request ID. Leave one of them empty: each says by itself which command is meant');
	}
	if (uuid !== '') return { is: 'uuid', uuid };
	return event === '' ? { is: 'nothing' } : { is: 'event', event };
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

/** The panel's settings of an item, and the UUID typed in among them. */
interface Chosen {
	typed: string;
	settings: Settings;
}

/** What the items of an operation have in common. */
interface Form {
	declared: Method;
	files: readonly Field[];
	/** What was chosen, where it is the same for all items; a custom request may be of several kinds. */
	chosen: Map<Method['is'], Chosen>;
}

const NO_OPTIONS: Record<string, unknown> = {};

/** Reads what the items of a run ask for. */
export class ItemReader {
	private readonly parameters: Parameters;

	private readonly timezone: string;

	private readonly forms = new Map<string, Form>();

	constructor(
		private readonly context: IExecuteFunctions,
		items: readonly INodeExecutionData[],
	) {
		this.parameters = new Parameters(context, items);
		this.timezone = context.getTimezone();
	}

	/**
	 * Reads and checks what one item asks for.
	 * @throws {BadInput} naming the field; also whatever n8n throws for an expression that fails
	 */
	async read(itemIndex: number): Promise<Draft> {
		const { parameters, timezone } = this;
		const parameter = (name: string): unknown => parameters.valueOf(name, itemIndex);
		const form = this.formOf(String(parameter('resource')), String(parameter('operation')));
		const { declared } = form;

		const given = givenBy(parameter);
		const files = new Map<Field, unknown>();
		for (const field of form.files) files.set(field, await checkFile(this.context, itemIndex, field.label, given(field)));
		const zoneless: string[] = [];
		const values = readFields(declared.fields, (field) => (files.has(field) ? files.get(field) : given(field)), { where: '', timezone, zoneless });
		declared.check?.(values);
		const resolved = declared.resolve?.(values) ?? plainly(declared, values, files.size > 0);
		const isCommand = resolved.method.is === 'command';

		const options = (parameter(OPTIONS) ?? NO_OPTIONS) as Record<string, unknown>;
		const { typed, settings } = chosenBy(form, resolved.method, options, parameters, itemIndex);
		const event = isCommand ? parameter(parameterOf(eventId)) : undefined;
		if (isCommand) {
			refuseBlank(eventId.label, event, () => parameters.asTyped(parameterOf(eventId)));
			refuseBlank('Request ID', options.requestId, () => (parameters.asTyped(OPTIONS) as typeof options | undefined)?.requestId);
			if (resolved.requestIdIsBlank) refuseBlank('The request_id in the Body', '', () => parameters.asTyped('body'));
		}
		const eventText = ((isCommand ? readField(eventId, event) : undefined) as string | undefined) ?? '';
		return {
			method: resolved.method,
			body: resolved.body,
			bytes: resolved.bytes,
			identity: resolved.identity,
			object: objectOf(resolved.method, resolved.body),
			bodyAsTyped: declared.resolve === undefined ? undefined : String(parameters.asTyped('body')),
			given: givenOf(resolved, typed, eventText.trim()),
			settings,
			hints: zoneless.length === 0 ? NO_HINTS : [zoneHint(zoneless, timezone)],
		};
	}

	private formOf(resource: string, operation: string): Form {
		const name = `${resource}.${operation}`;
		const known = this.forms.get(name);
		if (known !== undefined) return known;
		const declared = methodOf(resource, operation);
		if (declared === undefined) throw new BadInput('Operation', `"${operation}" is not one of the resource "${resource}"`);
		const form: Form = { declared, files: panelFields(declared.fields).filter(({ kind }) => kind === 'file'), chosen: new Map() };
		this.forms.set(name, form);
		return form;
	}
}
