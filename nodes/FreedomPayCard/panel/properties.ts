import type { IDisplayOptions, INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { operations, resources } from '../../card-api/methods';
import { panelFields, parameterName, parameterOf, type BoxField, type ChoiceField, type ListField, type ManyField, type Method, type PanelField, type CalledBy, type ScalarField } from '../../card-api/methods/define';
import { eventId, optionsOf, switchesOf, type Switch } from './options';

/** The parameter that holds a method's optional fields. */
export const ADDITIONAL_FIELDS = 'additionalFields';
export const OPTIONS_PARAMETER = 'options';

/** The parameter that takes a whole list as JSON: n8n takes no expression for a list of entries. */
export function jsonParameterOf(field: PanelField): string {
	return `${parameterOf(field)}Json`;
}

function byName(a: { name: string }, b: { name: string }): number {
	return a.name.localeCompare(b.name);
}

function byDisplayName(a: INodeProperties, b: INodeProperties): number {
	return a.displayName.localeCompare(b.displayName);
}

/** A field that is only for one choice, inside a box or an entry of a list. */
function onlyFor({ requiredWhen }: PanelField): IDisplayOptions | undefined {
	return requiredWhen?.otherwise === undefined ? undefined : { show: { [parameterName(requiredWhen.key)]: [...requiredWhen.in] } };
}

function entryOf(field: BoxField | ListField): INodePropertyCollection {
	const { name, label } = field.entry;
	const values = panelFields(field.fields).map((inner) => property(inner, onlyFor(inner)));
	// n8n's lint wants them sorted from five on.
	return { displayName: label, name, values: values.length < 5 ? values : values.sort(byDisplayName) };
}

function typeOptionsOf({ typeOptions }: ScalarField): Pick<INodeProperties, 'typeOptions'> {
	return typeOptions === undefined ? {} : { typeOptions };
}

function dropdown(field: ChoiceField): Pick<INodeProperties, 'type' | 'default' | 'options'> {
	const options = [...field.options].sort(byName).map((option) => ({ ...option }));
	return { type: 'options', options, default: field.default ?? field.options[0]?.value ?? '' };
}

function choices(field: ManyField): Pick<INodeProperties, 'type' | 'default' | 'options'> {
	return { type: 'multiOptions', options: [...field.options].sort(byName).map((option) => ({ ...option })), default: [...field.default] };
}

function control(field: PanelField): Pick<INodeProperties, 'type' | 'default' | 'options' | 'typeOptions'> {
	switch (field.kind) {
		case 'options':
			return dropdown(field);
		case 'multiOptions':
			return choices(field);
		case 'object':
			return { type: 'fixedCollection', options: [entryOf(field)], default: {} };
		case 'list':
			return { type: 'fixedCollection', typeOptions: { multipleValues: true }, options: [entryOf(field)], default: {} };
		case 'file':
			return { type: 'string', default: '' };
		default:
			return scalarControl(field);
	}
}

function scalarControl(field: ScalarField): Pick<INodeProperties, 'type' | 'default' | 'typeOptions'> {
	const { loadOptionsMethod } = field;
	if (loadOptionsMethod !== undefined) return { type: 'options', typeOptions: { loadOptionsMethod }, default: field.default ?? '' };
	switch (field.kind) {
		case 'secret':
			return { type: 'string', typeOptions: { password: true }, default: '' };
		case 'integer':
		case 'number':
			return { type: 'number', ...typeOptionsOf(field), default: field.default ?? '' };
		case 'boolean':
			return { type: 'boolean', default: field.default ?? false };
		case 'dateTime':
			return { type: 'dateTime', default: '' };
		case 'json':
			return { type: 'json', default: field.default ?? '{}' };
		default:
			return { type: 'string', ...typeOptionsOf(field), default: field.default ?? '' };
	}
}

function placeholderOf(field: PanelField): Pick<INodeProperties, 'placeholder'> {
	if (field.kind === 'list' || field.kind === 'object') return { placeholder: `Add ${field.entry.label}` };
	return !('placeholder' in field) || field.placeholder === undefined ? {} : { placeholder: field.placeholder };
}

/** Whether a field is filled from the start, so that it need not be marked as required. */
function hasDefault(field: PanelField): boolean {
	if (field.kind === 'object' || field.kind === 'list' || field.kind === 'file') return false;
	return field.kind === 'options' || field.kind === 'boolean' || field.default !== undefined;
}

function shownLabel(field: PanelField): string {
	return 'form' in field && field.form !== undefined ? `${field.label} (${field.form})` : field.label;
}

/** A field as the panel shows it. */
export function property(field: PanelField, displayOptions?: IDisplayOptions): INodeProperties {
	return {
		displayName: shownLabel(field),
		name: parameterOf(field),
		...control(field),
		...(field.required && !hasDefault(field) ? { required: true } : {}),
		description: field.description,
		...(field.hint === undefined ? {} : { hint: field.hint }),
		...placeholderOf(field),
		...(displayOptions === undefined ? {} : { displayOptions }),
	};
}

/** A field that is among the others while it is required is not in the collection then. */
function elsewhere({ requiredWhen }: PanelField): IDisplayOptions | undefined {
	return requiredWhen === undefined ? undefined : { hide: { [`/${parameterName(requiredWhen.key)}`]: [...requiredWhen.in] } };
}

/** What is not for a model of an AI agent to choose is not there in tools. */
function notInTools(field: PanelField): Pick<IDisplayOptions, 'hide'> | undefined {
	return 'notInTools' in field && field.notInTools === true ? { hide: { '@tool': [true] } } : undefined;
}

/** What only an expression is: n8n shows a parameter whenever a choice that it depends on is one. */
const NO_CHOICE = 'expression';

/** What begins like an expression. */
const AN_EXPRESSION = { _cnd: { startsWith: '=' } };

/** A field that is called by another's choice: the one for that choice is required, but none where an expression chooses. */
function calledProperties(field: PanelField, { choice, as }: CalledBy, show: NonNullable<IDisplayOptions['show']>): INodeProperties[] {
	const name = parameterOf(choice);
	const values = Object.keys(as);
	return Object.entries(as).flatMap(([value, called]) => [
		property({ ...field, ...called }, { show, hide: { [name]: [...values.filter((other) => other !== value), AN_EXPRESSION] } }),
		property({ ...field, ...called, required: false }, { show: { ...show, [name]: [NO_CHOICE] } }),
	]);
}

/**
 * A field beside the others: always, or while another's choice requires it. It is marked as required then, but not where that
 * choice is an expression: n8n would not run without it, whatever the expression gives.
 */
function besideOthers(field: PanelField, shown: NonNullable<IDisplayOptions['show']>): INodeProperties[] {
	if ('calledBy' in field && field.calledBy !== undefined) return calledProperties(field, field.calledBy, shown);
	if (field.required || field.beside === true) return [property(field, { show: shown })];
	const { requiredWhen } = field;
	if (requiredWhen === undefined) return [];
	const choice = parameterName(requiredWhen.key);
	const others = requiredWhen.of.filter((value) => !requiredWhen.in.includes(value));
	return [
		property({ ...field, required: true, hint: `Required ${requiredWhen.why}` }, { show: shown, hide: { [choice]: [...others, AN_EXPRESSION] } }),
		property(field, { show: { ...shown, [choice]: [NO_CHOICE] } }),
	];
}

/** A list as JSON, for one that an earlier step or an AI agent makes. */
function jsonOf(field: ListField): ScalarField {
	const names = field.fields.filter(({ sentAs }) => sentAs === undefined).map(({ key }) => key).join(', ');
	const other = field.fields.find(({ sentAs }) => typeof sentAs === 'string');
	const plainly = `${field.label} as a JSON list of objects with ${names}, for a list that an expression gives`;
	return {
		kind: 'json',
		key: field.key,
		parameter: jsonParameterOf(field),
		label: `${field.label} (JSON)`,
		description: other === undefined ? plainly : `${plainly}. A value that is not documented is written as "other" and given in a field of its own, such as ${other.key}.`,
		required: false,
		schema: field.schema,
		default: '[]',
	};
}

function collection(displayName: string, name: string, placeholder: string, fields: readonly PanelField[], displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName,
		name,
		type: 'collection',
		placeholder,
		default: {},
		options: fields.map((field) => property(field, elsewhere(field) ?? notInTools(field))).sort(byDisplayName),
		displayOptions,
	};
}

function notice(displayName: string, displayOptions: IDisplayOptions): INodeProperties {
	return { displayName, name: 'notice', type: 'notice', default: '', displayOptions };
}

/** Whether a field beside the others may stay empty, whatever is chosen. */
function isOptional({ required, requiredWhen }: PanelField): boolean {
	return !required && requiredWhen === undefined;
}

function fieldsOf(method: Method): INodeProperties[] {
	const show = { resource: [method.resource], operation: [method.operation] };
	const displayOptions = { show };
	const fields = panelFields(method.fields);
	const optional = [
		...fields.filter((field) => !field.required && field.beside !== true && field.requiredWhen?.otherwise === undefined),
		...fields.filter((field) => field.kind === 'list').map(jsonOf),
	];
	const shownFor = ({ field, shownWhen = {} }: Switch) => ({
		show: { ...show, ...Object.fromEntries(Object.entries(shownWhen).map(([name, values]) => [name, [...values]])) },
		...notInTools(field),
	});
	return [
		...(method.notice === undefined ? [] : [notice(method.notice, displayOptions)]),
		...[...fields.filter((field) => !isOptional(field)), ...fields.filter(isOptional)].flatMap((field) => besideOthers(field, show)),
		...switchesOf(method).map((entry) => property(entry.field, shownFor(entry))),
		...(optional.length === 0 ? [] : [collection('Additional Fields', ADDITIONAL_FIELDS, optional.length === 1 ? `Add ${shownLabel(optional[0] ?? eventId)}` : 'Add Field', optional, displayOptions)]),
		collection('Options', OPTIONS_PARAMETER, 'Add option', optionsOf(method), displayOptions),
	];
}

function operationOption({ name, operation, description, action }: Method): INodePropertyOptions {
	return { name, value: operation, description, action };
}

function operationOf(resource: string): INodeProperties {
	const offered = operations.filter((method) => method.resource === resource).sort(byName);
	// What a new node starts with must do no harm.
	const first = (offered.find(({ is }) => is === 'read') ?? offered[0])?.operation ?? '';
	const options = offered.map(operationOption);
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options,
		default: first,
	};
}

/** The panel, made from the registry of methods: resource, operations, and each operation's fields and options. */
export function properties(): INodeProperties[] {
	const used = Object.entries(resources).map(([value, name]) => ({ name, value })).sort(byName);
	return [
		{
			displayName: 'Resource',
			name: 'resource',
			type: 'options',
			noDataExpression: true,
			options: used,
			default: 'card',
		},
		...used.map(({ value }) => operationOf(value)),
		...operations.flatMap(fieldsOf),
	];
}
