import type { INodeExecutionData, INodeParameters, NodeParameterValueType } from 'n8n-workflow';

import { asCalled, isGroup, panelFields, parameterName, parameterOf, type Field, type Method, type PanelField } from '../../nodes/card-api/methods/define';
import { ADDITIONAL_FIELDS, jsonParameterOf } from '../../nodes/FreedomPayCard/panel/properties';

type Values = Readonly<Record<string, unknown>>;

/** A node as somebody would set it, and the item that goes in. */
export interface SetNode {
	parameters: INodeParameters;
	item: INodeExecutionData;
}

/** The values of a body's fields as the panel has them: those inside an inline object beside the others. */
function panelValues(fields: readonly Field[], body: Values): Record<string, unknown> {
	return Object.fromEntries(
		fields.flatMap((field): Array<[string, unknown]> => (isGroup(field) ? Object.entries(panelValues(field.fields, (body[field.key] ?? {}) as Values)) : [[field.key, body[field.key]]])),
	);
}

function isBeside({ required, beside, requiredWhen }: PanelField, values: Values): boolean {
	return required || beside === true || (requiredWhen !== undefined && requiredWhen.in.some((choice) => choice === values[requiredWhen.key]));
}

/** Sets a node to send a body of a method: each field where the panel has it. */
export function nodeSending(method: Method, body: Values = method.sample.request): SetNode {
	const values = panelValues(method.fields, body);
	const fields = panelFields(method.fields);
	for (const field of fields) {
		// The panel's own choices, and what it starts with.
		if (field.kind === 'options') values[field.key] ??= field.default ?? field.options[0]?.value;
	}
	const beside: INodeParameters = {};
	const additional: INodeParameters = {};
	const item: INodeExecutionData = { json: {} };
	for (const declared of fields) {
		const field = asCalled(declared, values) as PanelField | undefined;
		const value = values[declared.key];
		if (field === undefined || value === undefined) continue;
		const place = isBeside(field, values) ? beside : additional;
		const name = parameterOf(field);
		if (field.kind === 'list') additional[jsonParameterOf(field)] = JSON.stringify(value);
		else if (field.kind === 'object') {
			const inside = Object.fromEntries(panelFields(field.fields).map((inner) => [parameterOf(inner), (value as Values)[inner.key] as NodeParameterValueType]));
			place[name] = { [field.entry.name]: inside };
		} else if (field.kind === 'file') {
			place[name] = 'file';
			item.binary = { file: { data: value as string, mimeType: 'application/pdf', fileName: 'scan.pdf', fileExtension: 'pdf' } };
		} else place[name] = value as NodeParameterValueType;
	}
	const { resource, operation } = method;
	return { parameters: { resource, operation, ...beside, [ADDITIONAL_FIELDS]: additional }, item };
}

/** The parameter of the first field that has to be filled in and can be given by an expression. */
export function firstRequired({ fields }: Method): string {
	const field = panelFields(fields).find(({ kind, required }) => required && kind !== 'options' && kind !== 'list');
	if (field === undefined) throw new Error('No field is required');
	return 'calledBy' in field && field.calledBy !== undefined ? (field.calledBy.as[String(field.calledBy.choice.default)]?.parameter ?? '') : parameterName(field.parameter ?? field.key);
}
