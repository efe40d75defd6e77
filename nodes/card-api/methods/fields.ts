import { isValidIBAN } from 'ibantools';
import * as z from 'zod/v4-mini';

import { CURRENCIES } from './currencies';
import { bodySchema, type BoxField, type ChoiceField, type Field, type FileField, type GroupField, type ListField, type ManyField, type ScalarField } from './define';
import { SUBJECTS, type SubjectName } from './subjects';

/*
 * The kinds of values that the API's fields hold. Each function takes the field's key, label and
 * description and gives the field; a message completes the sentence "<label> …".
 */

type FieldFacts<F extends Field = ScalarField> = Pick<F, 'key' | 'label' | 'description'> & Partial<Omit<F, 'kind' | 'inline' | 'schema'>>;

export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const filled = () =>
	z.string('must be text').check(z.minLength(1, 'must not be empty'), z.refine(isWellFormed, 'must be well-formed Unicode text'));

function isWellFormed(text: string): boolean {
	// A lone surrogate has no UTF-8 form.
	return !/\p{Surrogate}/u.test(text);
}

/** An id of the API: text without white space. Its form is not documented, so nothing else is asked of it. */
export function id(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^\S+$/, 'must not contain spaces'), z.regex(/^[^\p{Cc}\p{Cf}]+$/u, 'must not contain invisible characters'));
	return { kind: 'id', required: true, schema, ...facts };
}

/** A UUID of any version (RFC 9562). */
export function uuid(facts: FieldFacts): ScalarField {
	return { ...id(facts), schema: uuidSchema() };
}

/** The contract of a UUID of any version, the nil UUID included, as the API's own example has one. */
export function uuidSchema() {
	return filled().check(z.regex(UUID, 'must be a UUID such as 828cf71d-a447-4a67-a149-c1df8bc197ca'));
}

/** Text of a line, such as a name or a street. */
export function text(facts: FieldFacts): ScalarField {
	return { kind: 'text', required: true, schema: filled(), ...facts };
}

/** Text that names something and is not the API's own id, such as the number of a document. */
export function reference(facts: FieldFacts): ScalarField {
	return { kind: 'reference', required: true, schema: filled(), ...facts };
}

/** Free text in the words of people, sent as it is. */
export function prose(facts: FieldFacts): ScalarField {
	return { kind: 'prose', required: true, schema: filled(), ...facts };
}

/** A one-time code: digits only, kept as text since it may begin with zero. */
export function oneTimeCode(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^\d+$/, 'must be digits only'));
	return { kind: 'secret', required: true, schema, ...facts };
}

/** An encrypted PIN. One in plain text is refused: it must not travel, and FreedomPay could not read it. */
export function encryptedPin(facts: FieldFacts): ScalarField {
	const schema = filled().check(
		z.refine(
			(value) => !/^\p{Nd}{3,12}$/u.test(value.replace(/[\s.-]/g, '')),
			'must be encrypted as agreed with FreedomPay. A plain PIN is not sent. Leave the field out to let FreedomPay generate a PIN',
		),
	);
	return { kind: 'secret', required: false, schema, ...facts };
}

/** Text in Latin letters. */
export function latin(facts: FieldFacts): ScalarField {
	const schema = filled().check(
		z.refine((value) => /\p{Letter}/u.test(value) && !/(?!\p{Script=Latin})\p{Letter}/u.test(value), 'must be written in Latin letters'),
	);
	return { kind: 'text', required: true, schema, ...facts };
}

/** A code of a number of letters, such as a country's (ISO 3166) in capitals. */
export function countryCode(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^[A-Z]{3}$/, 'must be a country code of three letters such as KAZ'));
	return { kind: 'code', required: true, schema, ...facts };
}

/** A language code of two letters (ISO 639-1), sent as it is. */
export function languageCode(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^[A-Za-z]{2}$/, 'must be a language code of two letters such as en'));
	return { kind: 'id', required: true, schema, ...facts };
}

/** An email address. */
export function email(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^[^\s@]+@[^\s@]+$/, 'must be an email address'));
	return { kind: 'email', required: true, schema, placeholder: 'e.g. name@email.com', ...facts };
}

export const PHONE_FORM = 'must be a phone number with its country code, such as +7 707 707 07 07';

/** A phone number that the API takes as a whole number: country code and number (E.164), at most 15 digits. */
export function phone(facts: FieldFacts): ScalarField {
	const schema = z.number(PHONE_FORM).check(z.refine((value) => Number.isInteger(value) && value > 0 && value < 1e15, PHONE_FORM));
	return { kind: 'phone', required: true, schema, placeholder: 'e.g. +7 707 707 07 07', ...facts };
}

/** A phone number in a form that is not documented: text, sent as it is, but none that a spreadsheet made a decimal number of. */
export function phoneText(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.refine((value) => !/^\d+[.,]\d*$/.test(value), 'must be a phone number without decimals, such as 7077070707'));
	return { kind: 'reference', required: true, schema, ...facts };
}

/** A calendar day, `YYYY-MM-DD`. */
export function day(facts: FieldFacts): ScalarField {
	const form = 'must be a date such as 1990-01-31';
	const isDay = (value: string) =>
		/^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;
	const schema = filled().check(z.refine(isDay, form));
	return { kind: 'date', required: true, schema, placeholder: 'e.g. 1990-01-31', form: 'YYYY-MM-DD', ...facts };
}

/** An amount of money that the API takes as a number: no currency of ISO 4217 in use has more than three decimals. */
export function amount(facts: FieldFacts): ScalarField {
	const schema = z.number('must be a number').check(
		z.refine((value) => value > 0, 'must be more than zero'),
		z.refine((value) => value < 1e12, 'must be less than 1000000000000'),
		z.refine((value) => /^\d+(?:\.\d{1,3})?$/.test(String(value)), 'must be an amount with at most 3 decimals, such as 1500.50'),
	);
	return { kind: 'number', required: true, schema, ...facts };
}

/** A number that the API takes as text, such as `5000`. */
export function decimal(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.regex(/^\d+(?:\.\d{1,3})?$/, 'must be a number such as 5000'));
	return { kind: 'decimal', required: true, schema, ...facts };
}

/** JSON text of an object, kept as it is typed. */
export function json(facts: FieldFacts): ScalarField {
	const schema = z.string('must be a JSON object').check(z.regex(/^\s*\{/, 'must be a JSON object'));
	return { kind: 'json', required: true, schema, ...facts };
}

/** The path of a method: below /v5/, nothing but plain segments. */
export function path(facts: FieldFacts): ScalarField {
	const schema = filled().check(
		z.regex(
			/^\/v5(?:\/(?!\.+(?:\/|$))[\w.~-]+)+$/,
			'must be a path below /v5/ such as card-api/card/unblock: letters, digits, "-", "_", "." and "~" between single slashes, without host, query or ".."',
		),
	);
	return { kind: 'path', required: true, schema, ...facts };
}

/** A whole number that a double holds exactly. */
export function integer(facts: FieldFacts): ScalarField {
	const schema = z.number('must be a whole number').check(z.refine(Number.isSafeInteger, 'must be a whole number'));
	return { kind: 'integer', required: true, schema, ...facts };
}

/** A number that names something: more than zero, which is what a spreadsheet or a program gives for none. */
export function numericId(facts: FieldFacts): ScalarField {
	const form = 'must be a whole number from 1';
	const schema = z.number(form).check(z.refine((value) => Number.isSafeInteger(value) && value > 0, form));
	return { kind: 'integer', required: true, schema, ...facts };
}

/** A whole number within bounds, both included. */
export function count(from: number, to: number, facts: FieldFacts): ScalarField {
	const range = `must be a whole number from ${from} to ${to}`;
	const schema = z.number(range).check(z.refine((value) => Number.isInteger(value) && value >= from && value <= to, range));
	return { kind: 'integer', required: true, schema, ...facts };
}

/** Yes or no. */
export function flag(facts: FieldFacts): ScalarField {
	return { kind: 'boolean', required: true, schema: z.boolean('must be true or false'), default: false, ...facts };
}

/** An International Bank Account Number (ISO 13616), check digits included. */
export function iban(facts: FieldFacts): ScalarField {
	const schema = filled().check(z.refine((value) => isValidIBAN(value), 'must be an IBAN with correct check digits'));
	return { kind: 'code', required: true, schema, ...facts };
}

/** A currency (ISO 4217): chosen from a list, or its code of three letters. Its words are those that n8n wants of every loaded list. */
export function currency(facts: Pick<ScalarField, 'key'>): ScalarField {
	const known = new Set<unknown>(CURRENCIES.map(({ value }) => value));
	const schema = filled().check(z.refine((value) => known.has(value), 'must be an ISO 4217 currency code such as KZT'));
	return {
		kind: 'code',
		label: 'Currency Name or ID',
		description: 'Choose from the list, or specify an ID using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
		required: true,
		schema,
		loadOptionsMethod: 'getCurrencies',
		default: 'KZT',
		...facts,
	};
}

/** One of the choices that the documentation lists. */
export function oneOf(options: ChoiceField['options'], facts: FieldFacts<ChoiceField>): ChoiceField {
	const values = options.map(({ value }) => value);
	const schema = z.union(
		[z.string(), z.number()],
		`must be one of ${values.join(', ')}`,
	).check(z.refine((value) => values.includes(value), `must be one of ${values.join(', ')}`));
	return { kind: 'options', required: true, schema, options, ...facts };
}

/** Any of several choices. A name that is none of them may be given as well. */
export function anyOf(options: ManyField['options'], facts: FieldFacts<ManyField>): ManyField {
	return { kind: 'multiOptions', required: true, schema: z.array(z.string()), options, default: [], ...facts };
}

/**
 * One of the values that the documentation shows, whose full list is not public; another one has a field of its own, so that it is
 * never sent by a slip.
 * @param none a choice that leaves the field out, where it has one
 * @returns the choice, and the field for another value
 */
export function documentedOr(documented: ChoiceField['options'], facts: FieldFacts<ChoiceField>, none?: string): [choice: ChoiceField, other: ScalarField] {
	const { key, label } = facts;
	const values = documented.map(({ value }) => value);
	const options = [
		...documented,
		{ name: 'Other', value: OTHER, description: 'A value that is not documented publicly' },
		...(none === undefined ? [] : [{ name: 'Not Set', value: none, description: 'The field is left out. What that means is not documented publicly.' }]),
	];
	const offered = options.map(({ value }) => value);
	const otherKey = `${OTHER}_${key}`;
	const otherLabel = `${label} (Other)`;
	const wrong = `must be one of ${values.join(', ')}. For a value that is not documented choose Other and give it as ${otherLabel}; in JSON, write "${key}": "${OTHER}" and the value as "${otherKey}"`;
	const schema = z.union([z.string(), z.number()], wrong).check(z.refine((value) => offered.includes(value), wrong));
	return [
		{ kind: 'options', required: true, schema, wire: filled(), options, ...(none !== undefined && { none }), ...facts },
		id({
			key: otherKey,
			label: otherLabel,
			description: `${label} as FreedomPay calls it`,
			required: false,
			sentAs: key,
			requiredWhen: {
				key,
				in: [OTHER],
				of: offered,
				why: `where ${label} is Other`,
				otherwise: `is given, but ${label} is not Other. Choose Other, or clear ${otherLabel}`,
			},
		}),
	];
}

const OTHER = 'other';

/** Whether the date and time are real ones: JavaScript would make 3 March of 31 February. */
function isOnCalendar(dateTime: string): boolean {
	const wall = dateTime.slice(0, 19);
	return !Number.isNaN(Date.parse(dateTime)) && new Date(`${wall}Z`).toJSON()?.startsWith(wall) === true;
}

/** A point in time with its zone (RFC 3339), e.g. `2025-01-31T09:30:00+05:00`. The panel takes a date alone, too. */
export function dateTime(facts: FieldFacts): ScalarField {
	const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}$/;
	const schema = filled().check(
		z.refine(
			(value) => form.test(value) && isOnCalendar(value),
			'must be a date such as 2025-01-31, or a date and time such as 2025-01-31T09:30:00+05:00',
		),
	);
	return { kind: 'dateTime', required: true, schema, form: 'YYYY-MM-DD', ...facts };
}

/** A list of entries of the same fields, at least one. */
export function list(entry: ListField['entry'], fields: readonly Field[], facts: FieldFacts<ListField>): ListField {
	const schema = z
		.array(bodySchema(fields), 'must be a list')
		.check(z.minLength(1, `needs at least one ${entry.label}`));
	return { kind: 'list', required: true, schema, fields, entry, ...facts };
}

/** An object of its own fields, which the panel shows beside the others. */
export function group(fields: readonly Field[], facts: FieldFacts<GroupField>): GroupField {
	return { kind: 'object', inline: true, required: true, schema: bodySchema(fields), fields, ...facts };
}

/** An object of its own fields, in a box. */
export function box(entry: BoxField['entry'], fields: readonly Field[], facts: FieldFacts<BoxField>): BoxField {
	return { kind: 'object', inline: false, required: true, schema: bodySchema(fields), fields, entry, ...facts };
}

/** A document: a PDF of at most 2 MB, sent as base64 (page "Dictionaries", Create client). */
export function pdf(facts: FieldFacts<FileField>): FileField {
	const schema = filled().check(
		z.refine((value) => value.startsWith('JVBERi'), 'must be a PDF file'),
		z.refine((value) => Buffer.byteLength(value, 'base64') <= MAX_DOCUMENT_BYTES, 'must be at most 2 MB'),
	);
	return { kind: 'file', required: false, schema, ...facts };
}

/** The id of what a request is about. */
export function idOf(names: SubjectName, facts: Partial<FieldFacts> & Pick<FieldFacts, 'description'>): ScalarField {
	const { key, label } = SUBJECTS[names];
	return id({ key, label, names, ...facts });
}

/** The id of an earlier request. */
export function earlierRequest(facts: Pick<FieldFacts, 'description'>): ScalarField {
	return { ...idOf('request', { placeholder: 'e.g. 828cf71d-a447-4a67-a149-c1df8bc197ca', ...facts }), schema: uuidSchema() };
}

/** The card's id, which most methods take. */
export const cardId = idOf('card', {
	description: 'ID of the card in Freedom Processing',
	placeholder: 'e.g. 019ab688-bef2-72c4-6a29-d0e08be76d95',
});

/** The client's id. */
export const clientId = idOf('client', {
	description: 'ID of the client in Freedom Processing',
	placeholder: 'e.g. 019ab688-bef2-72c4-6a29-d0e08be76d95',
});
