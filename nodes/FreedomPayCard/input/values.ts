import * as z from 'zod/v4-mini';

import { allBadInput, asCalled, BadInput, isGroup, onWire, parameterOf, type BoxField, type Field, type GroupField, type ListField, type ScalarField } from '../../card-api/methods/define';
import { NotJson } from '../../card-api/json/jsonBytes';
import { amountText } from './amounts';
import { dayText, pointInTime } from './dates';
import { givenWithin, isExpression, isOfModel, typedWithin, type Given } from './given';
import { asObject, fromJson, holdsNothing, jsonTextOf } from './jsonValues';
import { lookedAt } from './looks';
import { phoneNumber } from './phone';
import { Broken, refusal, type Rule } from './refusals';
import { booleanOf, integerOf, namesOf, pathOf, textOf } from './scalars';
import { isBlank, quoted } from '../../card-api/text/signs';

/*
 * A value on its way to the wire: is it blank, and may it be? Then its text is trimmed and looked at for what nobody sees (looks.ts),
 * read as what its field holds, and checked against the field's contract. Whatever breaks a rule is told in one place (refusals.ts).
 */

/** What reading a field depends on besides its value. */
export interface Reading {
	/** Follows the label in messages, for a field inside another. */
	where: string;
	/** The workflow's time zone, for times without one. */
	timezone: string;
	/** Takes what had to be taken for granted of points in time, by the label of their field. */
	assumed?: Array<{ label: string; what: 'zone' | 'wholeDay' }>;
	/** What was read before beside the fields, for those that are required by another's choice. */
	chosen?: Readonly<Record<string, unknown>> | undefined;
}

const TOP: Reading = { where: '', timezone: 'UTC' };

/** The entries of a list: given as one, or as the panel keeps them, under the entry's name. */
function entriesOf({ value, typed }: Given, field: ListField): Given[] {
	const parsed = fromJson(value);
	const whole: Given = Array.isArray(parsed) ? { value: parsed, typed } : givenWithin({ value: asObject(parsed), typed }, field.entry.name);
	if (whole.value === undefined) return [];
	const entries: unknown[] = Array.isArray(whole.value) ? whole.value : [whole.value];
	return entries.map((entry, index) => ({ value: entry, typed: Array.isArray(whole.typed) ? typedWithin(whole.typed, index) : whole.typed }));
}

/** The fields of an object that the panel keeps under the name of its box. */
function unboxed({ value, typed }: Given, field: GroupField | BoxField): Given {
	const object: Given = { value: asObject(value), typed };
	const inner = field.inline ? undefined : givenWithin(object, field.entry.name);
	return inner?.value === undefined ? object : inner;
}

/** Reads the fields inside an object, by the panel's names or the API's. */
function readObject(fields: readonly Field[], { value, typed }: Given, reading: Reading): Record<string, unknown> {
	const object: Given = { value: asObject(value), typed };
	const names = new Set(fields.flatMap((field) => [field.key, parameterOf(field)]));
	const stranger = Object.keys(object.value as object).find((key) => !names.has(key));
	if (stranger !== undefined) throw new BadInput(reading.where, `has no field ${quoted(stranger)}`);
	const given = (field: Field): Given => {
		const byParameter = givenWithin(object, parameterOf(field));
		return byParameter.value === undefined && field.key !== parameterOf(field) && Object.hasOwn(object.value as object, field.key) ? givenWithin(object, field.key) : byParameter;
	};
	// Its choices are those inside it.
	return readFields(fields, given, { ...reading, chosen: undefined, where: ` of ${reading.where}` });
}

function pointOf(field: ScalarField, value: unknown, { timezone, assumed }: Reading): string {
	const { wire, assumed: what } = pointInTime(value, timezone, field.endsPeriod === true);
	if (what !== undefined) assumed?.push({ label: field.label, what });
	return wire;
}

/** Turns what the panel or an expression gave into the value for the wire. */
function wireValue(field: Field, given: Given, reading: Reading): unknown {
	const { kind } = field;
	const value = typeof given.value === 'string' ? lookedAt(kind, given.value, given.typed) : given.value;
	switch (kind) {
		case 'id':
		case 'reference':
		case 'secret':
		case 'email':
		case 'text':
		case 'prose':
			return textOf(value);
		case 'code':
			return textOf(value).replace(/\s+/g, '').toUpperCase();
		case 'path':
			return pathOf(value);
		case 'integer':
			return integerOf(value);
		case 'number':
			return Number(amountText(value));
		case 'decimal':
			return amountText(value);
		case 'phone':
			return phoneNumber(textOf(value));
		case 'options':
			return field.options.find((option) => String(option.value) === String(value))?.value ?? value;
		case 'multiOptions':
			return namesOf(value);
		case 'list':
			return entriesOf(given, field).map((entry, index) =>
				readObject(field.fields, entry, { ...reading, where: `${field.entry.label} ${index + 1}` }),
			);
		case 'object':
			return readObject(field.fields, unboxed(given, field), { ...reading, where: field.label });
		case 'json':
			return jsonTextOf(value);
		case 'boolean':
			return booleanOf(value);
		case 'file':
			return value;
		case 'dateTime':
			return pointOf(field, value, reading);
		case 'date':
			return dayText(value, reading.timezone);
	}
}

/** Whether a field was left empty: for optional boxes of the panel also when they have no entry. */
function isLeftEmpty({ kind, required }: Field, value: unknown): boolean {
	const mayHoldNothing = !required && (kind === 'list' || kind === 'object');
	return mayHoldNothing ? holdsNothing(value) : isBlank(value);
}

/** Why a field must not be given; undefined when it may. */
function banOn({ requiredWhen }: Field, chosen: Reading['chosen'] = {}): Rule | undefined {
	const choice = requiredWhen === undefined ? undefined : chosen[requiredWhen.key];
	const isOther = requiredWhen?.of.some((value) => value === choice) === true && !requiredWhen.in.some((value) => value === choice);
	return isOther && requiredWhen.otherwise !== undefined ? { is: 'plainly', form: requiredWhen.otherwise } : undefined;
}

/** Why a field must not be without a value; undefined when it may. */
function needOf(field: Field, { value, typed }: Given, chosen: Reading['chosen'] = {}): Rule | undefined {
	const { required, requiredWhen, blank } = field;
	const isPreset = field.kind === 'options' || ('default' in field && field.default !== undefined);
	// It is for another choice, under which it may be given nothing.
	if (banOn(field, chosen) !== undefined) return undefined;
	const isRequiredNow = requiredWhen?.in.some((choice) => choice === chosen[requiredWhen.key]) === true;
	if (isBlank(value) && isExpression(typed) && (required || isRequiredNow || blank !== 'leftOut')) {
		if (isOfModel(typed)) return { is: 'notGiven' };
		if (required && isPreset) return { is: 'gaveNothing', insteadOf: 'choosing' };
		if (!required && !isRequiredNow) return { is: 'gaveNothing', insteadOf: 'clearing' };
	}
	if (required) return { is: 'empty', unless: '' };
	if (isRequiredNow) return { is: 'empty', unless: requiredWhen?.why ?? '' };
	return undefined;
}

/** Whether a value must not be shown. */
function isHidden(field: Field): boolean {
	return field.kind === 'secret' || ('typeOptions' in field && field.typeOptions?.password === true);
}

/**
 * Reads and checks one field.
 * @returns undefined for an optional field left empty
 * @throws {BadInput}
 */
export function readField(field: Field, value: unknown, reading: Reading = TOP, typed?: unknown): unknown {
	const label = `${field.label}${reading.where}`;
	const refused = (rule: Rule) => refusal(label, isHidden(field) ? undefined : value, rule);
	if (isLeftEmpty(field, value)) {
		const need = needOf(field, { value, typed }, reading.chosen);
		if (need === undefined) return undefined;
		throw refused(need);
	}
	const ban = banOn(field, reading.chosen);
	if (ban !== undefined) throw refused(ban);
	// Checked where it was found.
	if (field.kind === 'file') return value;
	let wire: unknown;
	try {
		wire = wireValue(field, { value, typed }, reading);
	} catch (error) {
		throw error instanceof Broken ? refused(error.rule) : asBadInput(label, error);
	}
	const checked = z.safeParse(field.schema, wire);
	if (checked.success) return checked.data;
	throw refused({ is: 'form', form: checked.error.issues[0]?.message ?? 'is not valid' });
}

/** What was thrown for a field's value, as what is wrong with it. */
export function asBadInput(label: string, error: unknown): BadInput {
	if (error instanceof BadInput) return error;
	if (error instanceof NotJson) return new BadInput(label, error.path === '' ? error.reason : `has "${error.path}", which ${error.reason}`);
	// Of the engine: the stack is full.
	if (error instanceof RangeError) return refusal(label, undefined, { is: 'plainly', form: 'is nested too deep to be read' });
	return new BadInput(label, error instanceof Error ? error.message : 'is not valid');
}

function readOne(field: Field, givenTo: (field: Field) => Given, reading: Reading): unknown {
	if (isGroup(field)) return readFields(field.fields, givenTo, reading);
	const { value, typed } = givenTo(field);
	return readField(field, value, reading, typed);
}

/**
 * Reads fields into a body, in the order of the wire, leaving out optional ones that are empty.
 * @throws {BadInput} naming every field that has a value it cannot take
 */
export function readFields(
	fields: readonly Field[],
	givenTo: (field: Field) => Given,
	reading: Reading = TOP,
): Record<string, unknown> {
	const body: Record<string, unknown> = {};
	const inner = { ...reading, chosen: reading.chosen ?? body };
	const problems: BadInput[] = [];
	for (const declared of fields) {
		// Without a known choice nobody can tell how it is called; the choice itself is refused.
		const field = asCalled(declared, body);
		if (field === undefined) continue;
		try {
			const value = readOne(field, givenTo, inner);
			if (value !== undefined) body[field.key] = value;
		} catch (error) {
			problems.push(...asBadInput(field.label, error).parts);
		}
	}
	if (problems.length > 0) throw allBadInput(problems);
	return onWire(fields, body);
}
