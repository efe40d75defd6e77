import type { IDisplayOptions, INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { methods, resources } from '../methods';
import { parameterName, type Field, type Method } from '../methods/define';
import { hasCommandId, optionsOf, waitForCompletion } from './options';

/** The parameter that holds a method's optional fields. */
export const ADDITIONAL_FIELDS = 'additionalFields';
export const OPTIONS = 'options';

function byName(a: { name: string }, b: { name: string }): number {
	return a.name.localeCompare(b.name);
}

function byDisplayName(a: INodeProperties, b: INodeProperties): number {
	return a.displayName.localeCompare(b.displayName);
}

function choices(field: Field): INodePropertyOptions[] {
	return [...(field.options ?? [])].sort(byName).map((option) => ({ ...option }));
}

function control(field: Field): Pick<INodeProperties, 'type' | 'default' | 'options' | 'typeOptions'> {
	switch (field.kind) {
		case 'secret':
			return { type: 'string', typeOptions: { password: true }, default: '' };
		case 'integer':
		case 'number':
			return { type: 'number', default: field.default ?? '' };
		case 'boolean':
			return { type: 'boolean', default: field.default ?? false };
		case 'options':
			return { type: 'options', options: choices(field), default: field.default ?? field.options?.[0]?.value ?? '' };
		case 'dateTime':
			return { type: 'dateTime', default: '' };
		case 'json':
			return { type: 'json', default: field.default ?? '{}' };
		case 'object':
			return { type: 'collection', options: (field.fields ?? []).map((inner) => property(inner)).sort(byDisplayName), default: {} };
		case 'list': {
			const { name, label } = field.entry ?? { name: 'entry', label: field.label };
			const values = (field.fields ?? []).map((inner) => property(inner));
			const entry: INodePropertyCollection = { displayName: label, name, values };
			return { type: 'fixedCollection', typeOptions: { multipleValues: true }, options: [entry], default: {} };
		}
		default:
			return { type: 'string', default: field.default ?? '' };
	}
}

function placeholderOf(field: Field): Pick<INodeProperties, 'placeholder'> {
	if (field.kind === 'list') return { placeholder: `Add ${field.entry?.label ?? field.label}` };
	if (field.kind === 'object') return { placeholder: 'Add Field' };
	return field.placeholder === undefined ? {} : { placeholder: field.placeholder };
}

function property(field: Field, displayOptions?: IDisplayOptions): INodeProperties {
	return {
		displayName: field.label,
		name: parameterName(field.key),
		...control(field),
		...(field.required && field.kind !== 'boolean' && field.default === undefined ? { required: true } : {}),
		description: field.description,
		...placeholderOf(field),
		...(displayOptions === undefined ? {} : { displayOptions }),
	};
}

function collection(displayName: string, name: string, placeholder: string, fields: readonly Field[], displayOptions: IDisplayOptions): INodeProperties {
	return {
		displayName,
		name,
		type: 'collection',
		placeholder,
		default: {},
		options: fields.map((field) => property(field)).sort(byDisplayName),
		displayOptions,
	};
}

function notice(displayName: string, displayOptions: IDisplayOptions): INodeProperties {
	return { displayName, name: 'notice', type: 'notice', default: '', displayOptions };
}

function fieldsOf(method: Method): INodeProperties[] {
	const displayOptions = { show: { resource: [method.resource], operation: [method.operation] } };
	const required = method.fields.filter((field) => field.required);
	const optional = method.fields.filter((field) => !field.required);
	return [
		...(method.caveat === undefined
			? []
			: [notice(method.caveat, displayOptions)]),
		...required.map((field) => property(field, displayOptions)),
		...(hasCommandId(method) ? [property(waitForCompletion, displayOptions)] : []),
		...(optional.length === 0 ? [] : [collection('Additional Fields', ADDITIONAL_FIELDS, 'Add Field', optional, displayOptions)]),
		collection('Options', OPTIONS, 'Add option', optionsOf(method), displayOptions),
	];
}

function operationOption({ name, operation, description, action }: Method): INodePropertyOptions {
	return { name, value: operation, description, action };
}

function operationOf(resource: string): INodeProperties {
	const options = methods
		.filter((method) => method.resource === resource)
		.map(operationOption)
		.sort(byName);
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options,
		default: options[0]?.value ?? '',
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
		...methods.flatMap(fieldsOf),
	];
}
