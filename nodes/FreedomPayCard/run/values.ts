import * as z from 'zod/v4-mini';

import { parameterName, type Field } from '../methods/define';
import { tryParse } from '../signing/jsonBytes';

/** A value that a field cannot take. `label` is the field as the panel shows it; `reason` completes the sentence. */
export class BadInput extends Error {
	override readonly name = 'BadInput';

	constructor(
		readonly label: string,
		readonly reason: string,
	) {
		super(`${label} ${reason}`);
	}
}

/** The value of an expression that found nothing, or of a field left empty. */
export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function exactInteger(value: number): string {
	if (!Number.isSafeInteger(value)) {
		throw new TypeError('is a number that JavaScript cannot hold exactly. Pass it as text');
	}
	return String(value);
}

function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (typeof value === 'number') return exactInteger(value);
	throw new TypeError(`must be text, not ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function numberOf(value: unknown): number {
	const number = typeof value === 'string' ? Number(value.trim()) : value;
	if (typeof number !== 'number' || !Number.isFinite(number)) throw new TypeError('must be a number');
	return number;
}

function fromJson(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const parsed = tryParse(value);
	if (parsed === undefined) throw new TypeError('is not valid JSON');
	return parsed.value;
}

function listOf(value: unknown, field: Field): unknown[] {
	const parsed = fromJson(value);
	if (Array.isArray(parsed)) return parsed;
	// The panel keeps the entries of a fixed collection under the entry's name.
	const entries = objectOf(parsed)[field.entry?.name ?? ''];
	if (entries === undefined) return [];
	return Array.isArray(entries) ? entries : [entries];
}

function objectOf(value: unknown): Record<string, unknown> {
	const parsed = fromJson(value);
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new TypeError(`must be an object, not ${kindOf(parsed)}`);
	return parsed as Record<string, unknown>;
}

/** Reads the fields inside an object, by the panel's names or the API's. */
function readObject(fields: readonly Field[], value: unknown, where: string): Record<string, unknown> {
	const object = objectOf(value);
	const names = new Set(fields.flatMap(({ key }) => [key, parameterName(key)]));
	const stranger = Object.keys(object).find((key) => !names.has(key));
	if (stranger !== undefined) throw new BadInput(where, `has no field "${stranger}"`);
	const own = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
	return readFields(fields, (field) => own(parameterName(field.key)) ?? own(field.key), ` of ${where}`);
}

/** Turns what the panel or an expression gave into the value for the wire. */
function wireValue(field: Field, value: unknown): unknown {
	switch (field.kind) {
		case 'id':
		case 'secret':
		case 'email':
		case 'date':
			return textOf(value).trim();
		case 'code':
			return textOf(value).replace(/\s+/g, '').toUpperCase();
		case 'text':
			return textOf(value);
		case 'integer':
		case 'number':
			return numberOf(value);
		case 'options':
			return field.options?.find((option) => String(option.value) === String(value))?.value ?? value;
		case 'list':
			return listOf(value, field).map((entry, index) =>
				readObject(field.fields ?? [], entry, `${field.entry?.label ?? field.label} ${index + 1}`),
			);
		case 'object':
			return readObject(field.fields ?? [], value, field.label);
		case 'json':
			return fromJson(value);
		case 'boolean':
			return typeof value === 'string' ? fromJson(value.toLowerCase()) : value;
		case 'dateTime':
		case 'file':
			return value;
	}
}

/**
 * Reads and checks one field.
 * @param where follows the label in messages, for a field inside another
 * @returns undefined for an optional field left empty
 * @throws {BadInput}
 */
export function readField(field: Field, value: unknown, where = ''): unknown {
	const label = `${field.label}${where}`;
	if (isBlank(value)) {
		if (!field.required) return undefined;
		throw new BadInput(label, 'must not be empty');
	}
	let wire: unknown;
	try {
		wire = wireValue(field, value);
	} catch (error) {
		throw asBadInput(label, error);
	}
	const checked = z.safeParse(field.schema, wire);
	if (checked.success) return checked.data;
	throw new BadInput(label, checked.error.issues[0]?.message ?? 'is not valid');
}

function asBadInput(label: string, error: unknown): BadInput {
	if (error instanceof BadInput) return error;
	return new BadInput(label, error instanceof Error ? error.message : 'is not valid');
}

/**
 * Reads fields into a body, in the order of the wire, leaving out optional ones that are empty.
 * @throws {BadInput}
 */
export function readFields(
	fields: readonly Field[],
	valueOf: (field: Field) => unknown,
	where = '',
): Record<string, unknown> {
	return Object.fromEntries(
		fields
			.map((field) => [field.key, readField(field, valueOf(field), where)] as const)
			.filter(([, value]) => value !== undefined),
	);
}
