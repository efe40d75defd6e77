import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { GivenId } from '../../card-api/intent/command';
import { jsonBytes } from '../../card-api/json/jsonBytes';
import { methodOf } from '../../card-api/methods';
import { BadInput, holdsSecret, identityOf, idsOf, listed, objectIn, panelFields, parameterName, parameterOf, type Field, type Method, type Resolved } from '../../card-api/methods/define';
import { isBlank } from '../../card-api/text/signs';
import { eventId, optionsOf, switchesOf, WITHOUT_SETTINGS, type Settings } from '../panel/options';
import { ADDITIONAL_FIELDS, jsonParameterOf, OPTIONS_PARAMETER } from '../panel/properties';
import { fixedEventHint, refuseHollow, refuseIdOfModel, type ExpressionContext } from './eventId';
import { checkFile, withFiles, type FileContext } from './files';
import { addedWithin, givenWithin, isExpression, typedWithin, type Given } from './given';
import { holdsNothing } from './jsonValues';
import { Parameters, type ParameterContext } from './parameters';
import type { Draft } from './plan';
import { refusal } from './refusals';
import { settingsOf } from './settings';
import { readField, readFields, type Reading } from './values';

/** What of n8n's context the items of a run are read by. */
export type ReaderContext = ParameterContext & FileContext & ExpressionContext & Pick<IExecuteFunctions, 'getTimezone'>;

/** The request of a method whose fields are its body. */
function plainly(method: Method, body: Record<string, unknown>, holdsFiles: boolean): Resolved {
	const whole = (requestId: string | undefined) => (requestId === undefined ? body : { request_id: requestId, ...body });
	const bytes = holdsFiles ? async (requestId: string | undefined) => jsonBytes(await withFiles(whole(requestId))) : (requestId: string | undefined) => jsonBytes(whole(requestId));
	return { method, body, requestId: '', requestIdIsBlank: false, bytes, identity: identityOf(method, body) };
}

/** What was chosen among the options, and by the switches beside the fields. */
function chosenBy(form: Form, method: Method, options: Given, parameters: Parameters, itemIndex: number): Chosen {
	const known = form.chosen.get(method.is);
	if (known !== undefined) return known;
	const switches = switchesOf(method).flatMap(({ field }) => (field === eventId ? [] : [field]));
	const { requestId = '', ...settings } = settingsOf(optionsOf(form.declared), (name) => givenWithin(options, name));
	const switched = settingsOf(switches, (name) => parameters.givenTo(name, itemIndex));
	const chosen = { typed: String(requestId), settings: { ...WITHOUT_SETTINGS, ...settings, ...switched } };
	const names = [OPTIONS_PARAMETER, ...switches.map(({ key }) => parameterName(key))];
	if (names.every((name) => parameters.isConstant(name))) form.chosen.set(method.is, chosen);
	return chosen;
}

const NO_HINTS: readonly string[] = [];

/** What was taken for granted of points in time, in words. */
function timeHints(assumed: NonNullable<Reading['assumed']>, timezone: string): string[] {
	const labelsOf = (which: 'zone' | 'wholeDay') => assumed.filter(({ what }) => what === which).map(({ label }) => label);
	const zoneless = labelsOf('zone');
	const wholeDays = labelsOf('wholeDay');
	return [
		...(zoneless.length === 0 ? [] : [`${listed(zoneless)} ${zoneless.length === 1 ? 'has' : 'have'} no time zone, so the time zone of the workflow counts: ${timezone}.`]),
		...(wholeDays.length === 0 ? [] : [`${listed(wholeDays)} is midnight without a time zone, so the whole day counts, until 23:59:59 in the time zone of the workflow: ${timezone}.`]),
	];
}

/** How the user tells a command from the next one: by a UUID, by its event, or not. */
function givenOf(resolved: Resolved, typed: string, event: string): GivenId {
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

/** Whether a field was given nothing, and no expression that should have given something. */
function isLeftOut({ value, typed }: Given): boolean {
	return holdsNothing(value) && !(isBlank(value) && isExpression(typed));
}

/** Finds what a field was given in the panel: beside the others, or among the Additional Fields. */
function givenBy(givenTo: (name: string) => Given): (field: Field) => Given {
	const additional = givenTo(ADDITIONAL_FIELDS);
	const added = (name: string): Given => addedWithin(additional, name);
	return (field) => {
		const name = parameterOf(field);
		if (field.beside === true) return givenTo(name);
		const beside = field.required || field.requiredWhen !== undefined ? givenTo(name) : undefined;
		if (field.kind === 'list') {
			const json = added(jsonParameterOf(field));
			if (isLeftOut(json)) return beside ?? added(name);
			if (beside === undefined || isLeftOut(beside)) return json;
			throw new BadInput(field.label, 'is given both in fields and as JSON. Leave one of them empty');
		}
		return beside !== undefined && (field.required || !isLeftOut(beside)) ? beside : added(name);
	};
}

/** The panel's settings of an item, and the UUID typed in among them. */
interface Chosen {
	typed: string;
	settings: Settings;
}

/** The choice that n8n adds to Resource and Operation, for its node HTTP Request. */
const CUSTOM_API_CALL = '__CUSTOM_API_CALL__';

/** What the items of an operation have in common. */
interface Form {
	declared: Method;
	files: readonly Field[];
	/** What was chosen, where it is the same for all items; a custom request may be of several kinds. */
	chosen: Map<Method['is'], Chosen>;
}

/** Reads what the items of a run ask for. */
export class ItemReader {
	private readonly parameters: Parameters;

	private readonly timezone: string;

	private readonly forms = new Map<string, Form>();

	constructor(
		private readonly context: ReaderContext,
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
		const givenTo = (name: string): Given => parameters.givenTo(name, itemIndex);
		const form = this.formOf(String(parameters.valueOf('resource', itemIndex)), String(parameters.valueOf('operation', itemIndex)));
		const { declared } = form;

		const given = givenBy(givenTo);
		const files = new Map<Field, Given>();
		for (const field of form.files) files.set(field, await checkFile(this.context, itemIndex, field, given(field)));
		const assumed: NonNullable<Reading['assumed']> = [];
		const values = readFields(declared.fields, (field) => files.get(field) ?? given(field), { where: '', timezone, assumed });
		declared.check?.(values);
		const resolved = declared.resolve?.(values) ?? plainly(declared, values, files.size > 0);

		const { typed, settings } = chosenBy(form, resolved.method, givenTo(OPTIONS_PARAMETER), parameters, itemIndex);
		const { event, hint } = this.eventOf(resolved, itemIndex);
		return {
			is: 'draft',
			method: resolved.method,
			body: resolved.body,
			bytes: resolved.bytes,
			ids: idsOf(resolved.method, resolved.body),
			identity: resolved.identity,
			object: objectIn(resolved.method, resolved.body),
			bodyAsTyped: declared.resolve === undefined ? undefined : String(parameters.asTyped('body')),
			given: givenOf(resolved, typed, event),
			settings,
			hints: assumed.length === 0 && hint === undefined ? NO_HINTS : [...timeHints(assumed, timezone), ...(hint === undefined ? [] : [hint])],
		};
	}

	/** Whether an item's operation takes a one-time code or a PIN; so it is taken to be where the operation itself cannot be read. */
	isSecretive(itemIndex: number): boolean {
		const { parameters } = this;
		try {
			const method = methodOf(String(parameters.valueOf('resource', itemIndex)), String(parameters.valueOf('operation', itemIndex)));
			return method !== undefined && holdsSecret(method);
		} catch {
			return true;
		}
	}

	/** The Event ID of a command, empty without one, and what the user should know of it. */
	private eventOf({ method, requestIdIsBlank }: Resolved, itemIndex: number): { event: string; hint?: string | undefined } {
		if (method.is !== 'command') return { event: '' };
		const { context, parameters } = this;
		if (requestIdIsBlank && isExpression(parameters.asTyped('body'))) {
			throw refusal('The request_id in the Body', undefined, { is: 'gaveNothing', insteadOf: 'clearing' });
		}
		const { label } = eventId;
		refuseIdOfModel('Request ID', typedWithin(parameters.asTyped(OPTIONS_PARAMETER), 'requestId'));
		const given = parameters.givenTo(parameterOf(eventId), itemIndex);
		refuseIdOfModel(label, given.typed);
		const read = readField(eventId, given.value, undefined, given.typed) as string | undefined;
		refuseHollow(context, label, given, read, itemIndex);
		return { event: read?.normalize('NFC') ?? '', hint: fixedEventHint(label, given, read) };
	}

	private formOf(resource: string, operation: string): Form {
		const name = `${resource}.${operation}`;
		const known = this.forms.get(name);
		if (known !== undefined) return known;
		const declared = methodOf(resource, operation);
		if (resource === CUSTOM_API_CALL || operation === CUSTOM_API_CALL) {
			throw new BadInput('Operation', 'is "Custom API Call", which n8n offers by itself and this node does not have. Choose the resource Custom Request instead, or use the node HTTP Request with the same credential');
		}
		if (declared === undefined) throw new BadInput('Operation', `"${operation}" is not one of the resource "${resource}"`);
		const form: Form = { declared, files: panelFields(declared.fields).filter(({ kind }) => kind === 'file'), chosen: new Map() };
		this.forms.set(name, form);
		return form;
	}
}
