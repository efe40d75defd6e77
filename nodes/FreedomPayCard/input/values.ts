import { isSafeNumber, parse } from 'lossless-json';
import * as z from 'zod/v4-mini';

import { allBadInput, BadInput, isGroup, onWire, parameterOf, type BoxField, type Field, type GroupField, type ListField } from '../methods/define';
import { jsonBytes, jsonTextBytes, NotJson, tryParse } from '../json/jsonBytes';
import { dateTimeText, dayText, hasZone } from './dates';
import { phoneNumber } from './phone';

/** What reading a field depends on besides its value. */
export interface Reading {
	/** Follows the label in messages, for a field inside another. */
	where: string;
	/** The workflow's time zone, for times without one. */
	timezone: string;
	/** Takes the names of fields with a time that had no zone. */
	zoneless?: string[];
	/** What was read before beside the fields, for those that are required by another's choice. */
	chosen?: Readonly<Record<string, unknown>> | undefined;
}

const TOP: Reading = { where: '', timezone: 'UTC' };

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

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

function numberOf(value: unknown): number {
	if (typeof value === 'string') {
		const digits = value.trim();
		if (!DECIMAL.test(digits)) throw new TypeError('must be a number');
		if (!isSafeNumber(digits.replace(/^\+/, ''))) throw new TypeError('is a number with more digits than can be sent exactly');
		return Number(digits);
	}
	if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('must be a number');
	return value;
}

function decimalOf(value: unknown): string {
	if (typeof value === 'string') return value.trim();
	const digits = typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
	if (!/^-?\d+(\.\d+)?$/.test(digits)) throw new TypeError('must be a number such as 5000');
	return Number.isInteger(value) ? exactInteger(Number(value)) : digits;
}

function refuseInexact(text: string): number {
	if (!isSafeNumber(text)) throw new TypeError(`holds the number ${text.slice(0, 40)}, which has more digits than can be sent exactly. Write it as text`);
	return Number(text);
}

function fromJson(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const parsed = tryParse(value);
	if (parsed === undefined) throw new TypeError('is not valid JSON');
	// JSON.parse rounds numbers without a word.
	parse(value, undefined, { parseNumber: refuseInexact, onDuplicateKey: ({ newValue }) => newValue });
	return parsed.value;
}

/** A plain copy of a free value: what JSON cannot carry is refused, a DateTime becomes text. */
function plainJson(value: unknown): unknown {
	return JSON.parse(jsonBytes(fromJson(value)).toString('utf8'));
}

/** JSON text as it was typed; an object of an expression is written as JSON. */
function jsonTextOf(value: unknown): string {
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (typeof value !== 'string' && !isObject) throw new TypeError(`must be a JSON object, not ${kindOf(value)}`);
	return (typeof value === 'string' ? jsonTextBytes(value) : jsonBytes(value)).toString('utf8');
}

/** A path, its leading /v5/ added when it was left out. */
function pathOf(value: unknown): string {
	const text = textOf(value).trim();
	if (/^\/?v5\//i.test(text)) return `/${text.replace(/^\//, '')}`;
	return text.startsWith('/') ? text : `/v5/${text}`;
}

function listOf(value: unknown, field: ListField): unknown[] {
	const parsed = fromJson(value);
	if (Array.isArray(parsed)) return parsed;
	// The panel keeps the entries of a fixed collection under the entry's name.
	const entries = objectOf(parsed)[field.entry.name];
	if (entries === undefined) return [];
	return Array.isArray(entries) ? entries : [entries];
}

function objectOf(value: unknown): Record<string, unknown> {
	const parsed = fromJson(value);
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new TypeError(`must be an object, not ${kindOf(parsed)}`);
	return parsed as Record<string, unknown>;
}

/** The fields of an object that the panel keeps under the name of its box. */
function unboxed(value: unknown, field: GroupField | BoxField): unknown {
	const object = objectOf(value);
	return !field.inline && Object.hasOwn(object, field.entry.name) ? object[field.entry.name] : object;
}

/** Reads the fields inside an object, by the panel's names or the API's. */
function readObject(fields: readonly Field[], value: unknown, reading: Reading): Record<string, unknown> {
	const object = objectOf(value);
	const names = new Set(fields.flatMap((field) => [field.key, parameterOf(field)]));
	const stranger = Object.keys(object).find((key) => !names.has(key));
	if (stranger !== undefined) throw new BadInput(reading.where, `has no field "${stranger}"`);
	const own = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
	// Its choices are those inside it.
	return readFields(fields, (field) => own(parameterOf(field)) ?? own(field.key), { ...reading, chosen: undefined, where: ` of ${reading.where}` });
}

/** Turns what the panel or an expression gave into the value for the wire. */
function wireValue(field: Field, value: unknown, reading: Reading): unknown {
	switch (field.kind) {
		case 'id':
		case 'secret':
		case 'email':
			return textOf(value).trim();
		case 'code':
			return textOf(value).replace(/\s+/g, '').toUpperCase();
		case 'text':
			return textOf(value);
		case 'path':
			return pathOf(value);
		case 'integer':
		case 'number':
			return numberOf(value);
		case 'decimal':
			return decimalOf(value);
		case 'phone':
			return phoneNumber(textOf(value));
		case 'options':
			return field.options.find((option) => String(option.value) === String(value))?.value ?? value;
		case 'list':
			return listOf(value, field).map((entry, index) =>
				readObject(field.fields, entry, { ...reading, where: `${field.entry.label} ${index + 1}` }),
			);
		case 'object':
			return readObject(field.fields, unboxed(value, field), { ...reading, where: field.label });
		case 'json':
			return plainJson(value);
		case 'rawJson':
			return jsonTextOf(value);
		case 'boolean':
			return typeof value === 'string' ? fromJson(value.trim().toLowerCase()) : value;
		case 'file':
			return value;
		case 'dateTime':
			if (!hasZone(value)) reading.zoneless?.push(field.label);
			return dateTimeText(value, reading.timezone);
		case 'date':
			return dayText(value, reading.timezone);
	}
}

/** Whether a field holds nothing: for boxes of the panel also when they have no entry. */
function isEmpty({ kind, required }: Field, value: unknown): boolean {
	if (isBlank(value)) return true;
	if (kind !== 'list' && kind !== 'object' && kind !== 'json') return false;
	if (typeof value === 'string') return !required && /^\s*(?:\{\s*\}|\[\s*\])\s*$/.test(value);
	return !required && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Why a field must not be empty; undefined when it may. */
function needOf({ required, requiredWhen }: Field, chosen: Reading['chosen'] = {}): string | undefined {
	if (required) return 'must not be empty';
	if (requiredWhen?.in.some((choice) => choice === chosen[requiredWhen.key]) === true) return `must not be empty ${requiredWhen.why}`;
	return undefined;
}

/** Why a field must not be given; undefined when it may. */
function hindranceOf({ requiredWhen }: Field, chosen: Reading['chosen'] = {}): string | undefined {
	const choice = requiredWhen === undefined ? undefined : chosen[requiredWhen.key];
	const isOther = requiredWhen?.of.some((value) => value === choice) === true && !requiredWhen.in.some((value) => value === choice);
	return isOther ? requiredWhen.otherwise : undefined;
}

/**
 * Reads and checks one field.
 * @returns undefined for an optional field left empty
 * @throws {BadInput}
 */
export function readField(field: Field, value: unknown, reading: Reading = TOP): unknown {
	const label = `${field.label}${reading.where}`;
	if (isEmpty(field, value)) {
		const need = needOf(field, reading.chosen);
		if (need === undefined) return undefined;
		throw new BadInput(label, need);
	}
	const hindrance = hindranceOf(field, reading.chosen);
	if (hindrance !== undefined) throw new BadInput(label, hindrance);
	// Checked where it was found.
	if (field.kind === 'file') return value;
	let wire: unknown;
	try {
		wire = wireValue(field, value, reading);
	} catch (error) {
		throw asBadInput(label, error);
	}
	const checked = z.safeParse(field.schema, wire);
	if (checked.success) return checked.data;
	throw new BadInput(label, checked.error.issues[0]?.message ?? 'is not valid');
}

function asBadInput(label: string, error: unknown): BadInput {
	if (error instanceof BadInput) return error;
	if (error instanceof NotJson) return new BadInput(label, error.path === '' ? error.reason : `has "${error.path}", which ${error.reason}`);
	return new BadInput(label, error instanceof Error ? error.message : 'is not valid');
}

/**
 * Reads fields into a body, in the order of the wire, leaving out optional ones that are empty.
 * @throws {BadInput} naming every field that has a value it cannot take
 */
export function readFields(
	fields: readonly Field[],
	valueOf: (field: Field) => unknown,
	reading: Reading = TOP,
): Record<string, unknown> {
	const body: Record<string, unknown> = {};
	const inner = { ...reading, chosen: reading.chosen ?? body };
	const problems: BadInput[] = [];
	for (const field of fields) {
		try {
			const value = isGroup(field) ? readFields(field.fields, valueOf, inner) : readField(field, valueOf(field), inner);
			if (value !== undefined) body[field.key] = value;
		} catch (error) {
			problems.push(...asBadInput(field.label, error).parts);
		}
	}
	if (problems.length > 0) throw allBadInput(problems);
	return onWire(fields, body);
}
