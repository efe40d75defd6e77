import * as z from 'zod/v4-mini';

import type { RefusalMeaning, Step } from './refusals';
import type { SubjectName } from './subjects';

/**
 * How an answer tells its outcome:
 * - `request`: `status` and `request_status` (page "Dictionaries");
 * - `gift`: an integer `status`, 0 for success (page "Gift Cards / Dictionaries").
 */
export type AnswerKind = 'request' | 'gift';

/** What every field of a request body has: what the panel shows and what the API is sent. */
interface AnyField {
	/** The API's name, such as `card_id`. The panel's parameter is the same in camelCase. */
	key: string;
	/** The panel's parameter, where the name in camelCase would not do. */
	parameter?: string;
	/** The name that the user sees. */
	label: string;
	description: string;
	required: boolean;
	/**
	 * What an expression means that comes out blank, in an optional field: `leftOut` where absence says no more than "not known";
	 * `refused` unless given, since leaving it out would be another request.
	 */
	blank?: 'leftOut' | 'refused';
	/** The contract of the value that is read: of a file, its base64 text. */
	schema: z.core.$ZodType;
	/** The contract on the wire, where that takes more than the panel offers. */
	wire?: z.core.$ZodType;
	/** Whether the panel shows an optional field beside the required ones instead of among the Additional Fields. */
	beside?: boolean;
	/** What the panel says below the field. */
	hint?: string;
	/** What makes an optional field required. */
	requiredWhen?: Need;
	/** Another field in whose place it is sent; `false` for a choice of the panel, which is not sent. */
	sentAs?: string | false;
}

/** A choice among the fields beside a field that makes it required: `in` of all its values `of`. */
interface Need {
	key: string;
	in: ReadonlyArray<string | number>;
	of: ReadonlyArray<string | number>;
	/** Completes "must not be empty". */
	why: string;
	/** Where the field is only for that choice: refuses it under another one, completing the sentence "<label> …". */
	otherwise?: string;
}

/** One value. */
export interface ScalarField extends AnyField {
	/** What it holds; decides its control in the panel and how a value of an expression is read. */
	kind:
		| 'id'
		| 'reference'
		| 'text'
		| 'prose'
		| 'code'
		| 'secret'
		| 'integer'
		| 'number'
		| 'decimal'
		| 'phone'
		| 'boolean'
		| 'dateTime'
		| 'date'
		| 'email'
		| 'json'
		| 'path';
	/** What an id names. */
	names?: SubjectName;
	/** The form of a date, which the panel shows behind the label: of a field, a model of an AI agent learns only how it is called. */
	form?: string;
	/** Another field beside it, by whose choice the panel calls it: under each choice it is a parameter of its own. */
	calledBy?: CalledBy;
	placeholder?: string;
	/** Whether it is not for a model of an AI agent to choose. */
	notInTools?: boolean;
	/** Whether a point in time ends a period: a date alone is the whole day then, and its beginning elsewhere. */
	endsPeriod?: boolean;
	/** What the panel starts with; empty unless given. */
	default?: string | number | boolean;
	/** What else n8n's control of the field needs. */
	typeOptions?: { minValue?: number; password?: boolean };
	/** What gives the choices of a list that n8n loads, see `panel/loadOptions.ts`. */
	loadOptionsMethod?: 'getCurrencies';
}

/** How a field is called under each choice of another one. */
export interface CalledBy {
	/** The other field. */
	choice: ChoiceField;
	/** By the choice's value. */
	as: Readonly<Record<string, Pick<ScalarField, 'label' | 'description'> & { parameter: string }>>;
}

/** One of several values; `default` picks the first unless given. */
export interface ChoiceField extends AnyField {
	kind: 'options';
	options: ReadonlyArray<{ name: string; value: string | number; description?: string }>;
	default?: string | number;
	/** The choice that leaves the field out. */
	none?: string;
}

/** Any of several values; none unless given. */
export interface ManyField extends AnyField {
	kind: 'multiOptions';
	options: ChoiceField['options'];
	default: readonly string[];
}

/** Fields inside an object of the body, which the panel shows beside the others. */
export interface GroupField extends AnyField {
	kind: 'object';
	inline: true;
	fields: readonly Field[];
}

/** The same in a box of the panel. */
export interface BoxField extends AnyField {
	kind: 'object';
	inline: false;
	fields: readonly Field[];
	entry: Entry;
}

/** A list of entries of the same fields. */
export interface ListField extends AnyField {
	kind: 'list';
	fields: readonly Field[];
	entry: Entry;
}

/** A file of the input, named by the input field that holds it. */
export interface FileField extends AnyField {
	kind: 'file';
	placeholder?: string;
}

/** The name of one entry of a list or box, as the panel's parameter and as shown. */
interface Entry {
	name: string;
	label: string;
}

/** One field of a request body. */
export type Field = PanelField | GroupField;

/** One that the panel shows as such. */
export type PanelField = ScalarField | ChoiceField | ManyField | BoxField | ListField | FileField;

/** The value of a `file` field: a file that was checked, and is read when it is sent. */
export interface FileValue {
	byteLength: number;
	/**
	 * Reads it, as base64.
	 * @throws when it cannot be read any more, or is another file by now
	 */
	base64: () => Promise<string>;
}

/** A value that a field cannot take. `label` is the field as the panel shows it; `reason` completes the sentence. */
export class BadInput extends Error {
	override readonly name = 'BadInput';

	/** The problems that were found; itself, if it is one. */
	readonly parts: readonly BadInput[];

	constructor(
		readonly label: string,
		readonly reason: string,
		several?: { message: string; parts: readonly BadInput[] },
	) {
		super(several?.message ?? `${label} ${reason}`);
		this.parts = several?.parts ?? [this];
	}
}

/** Names, as a sentence lists them: "A", "A and B", "A, B and C". */
export function listed(names: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
	return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}

/** How many items a message names at most. */
const MAX_NAMED_ITEMS = 10;

/** The numbers of items, as a sentence lists them. */
export function namedItems(items: readonly number[]): string {
	const more = items.length - MAX_NAMED_ITEMS;
	return `${items.slice(0, MAX_NAMED_ITEMS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Several values that fields cannot take, told at once: those for the same reason in one sentence. */
export function allBadInput(problems: readonly BadInput[]): BadInput {
	const [first] = problems;
	if (first !== undefined && problems.length === 1) return first;
	const reasons = [...new Set(problems.map(({ reason }) => reason))];
	const sentences = reasons.map((why) => `${listed(problems.filter(({ reason }) => reason === why).map(({ label }) => label))} ${why}`);
	const reason = reasons.join(' / ');
	return new BadInput(listed(problems.map(({ label }) => label)), reason, { message: sentences.join('. '), parts: problems });
}

/** How an answer is made simple. Fields inside others are dotted paths, which lead through lists. */
export interface Simplification {
	/** What one asked for: comes first, in this order, as far as it is there. */
	first: readonly string[];
	/** What is left out. */
	without: readonly string[];
	/** The fields that an AI agent's tool can be held to. */
	fields: ChoiceField['options'];
}

/** What one item sends, where the user decides what a declaration otherwise says. */
export interface Resolved {
	/** The declaration as it stands for this item. */
	method: Method;
	/** The body without its request id, for the output. */
	body: Record<string, unknown>;
	/** The request id that the body brought along. */
	requestId: string;
	/** Whether the body has a field for the request id that holds nothing. */
	requestIdIsBlank: boolean;
	/** The bytes to send, with the request id of the attempt. */
	bytes: (requestId: string | undefined) => Buffer | Promise<Buffer>;
	/** What makes this command another one than the next, by name. */
	identity: Record<string, unknown>;
}

/** What the package knows about any API method, in one place. */
export interface Described {
	resource: string;
	operation: string;
	/** Shown in the Operation dropdown, in Title Case. */
	name: string;
	/** Shown in the nodes panel, in sentence case. */
	action: string;
	/** What the node shows below its name; the action unless given. */
	subtitle?: string;
	description: string;
	path: string;
	/** The provider's page. */
	source: string;
	answers: AnswerKind;
	fields: readonly Field[];
	/** The body's fields that the output repeats: whom the request is about. */
	ids: readonly string[];
	/** What the output says instead of such a field where that was left out. */
	absent?: Readonly<Record<string, Readonly<Record<string, string>>>>;
	/** The documented answer. Unknown fields pass through. */
	answer: z.core.$ZodType;
	/**
	 * Where the answer is a list: the field that holds the entries, each an item of its own. Undefined where its name is not documented:
	 * it is the only list of the answer then.
	 */
	entries?: { in: string | undefined };
	/** Whether the answer tells how far a request is, so that its end can be waited for. */
	tellsProgress?: boolean;
	/**
	 * Checks what single fields cannot tell.
	 * @throws {BadInput}
	 */
	check?: (body: Readonly<Record<string, unknown>>) => void;
	/** Fields of the answer that are numbers of a dictionary: the output says them in words too, as `<field>_text`. */
	dictionaries?: Readonly<Record<string, Readonly<Record<string, string>>>>;
	/** For answers of more than ten fields, or whose fields nobody documents: what "Simplify" makes of them. */
	simplify?: Simplification;
	/**
	 * Makes the request of one item from the checked fields, where these are not the body.
	 * @throws {BadInput}
	 */
	resolve?: (values: Readonly<Record<string, unknown>>) => Resolved;
	/** What can hurt, shown to the user as a notice. */
	notice?: string;
	/** The provider's examples, or ones in their form where none is published. */
	sample: { request: Record<string, unknown>; answer: Record<string, unknown> };
}

/** A method that changes something. */
interface Changing extends Described {
	/**
	 * The body's fields, as dotted paths, that make it another command than the next: ids, and content that acts, but no free text
	 * (a reason) and nothing that an expression makes anew each time (a timestamp). Part of request ids, so a change makes the same
	 * event act again.
	 */
	identity: readonly [string, ...string[]];
	/**
	 * What an equal one in the same run means: the `same` command once more, one that `adds` to it (another refund, another card), or
	 * what the user says when `asked`.
	 */
	repeat: 'same' | 'adds' | 'asked';
	/**
	 * The body's fields, as dotted paths, that name what it acts on: another command on the same object between two equal ones changes
	 * what the second one means. None where that is new, or not known.
	 */
	object: readonly string[];
	/** What the API's words mean when it refuses, where that is this method's own. They are not documented. */
	refusals: readonly RefusalMeaning[];
	/** What to do about a status of the dictionary of gift requests, by its code, where that is this method's own. */
	statusSteps?: Readonly<Record<number, Step>>;
}

/** Carries a request id, the same at every attempt: every attempt sends the same bytes. */
export interface Command extends Changing {
	is: 'command';
	/** The user's choices under which it is one, if that is for the user to say. */
	commandWhen?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
}

/** Changes something and carries no request id: it can be neither repeated nor asked about. */
export interface OneTimeCommand extends Changing {
	is: 'oneTimeCommand';
	/** What a person is told to do where nobody knows what became of it. */
	ifUnknown: string;
	/** The same where FreedomPay has taken it and not finished. */
	ifAccepted: string;
}

/** Changes nothing, so that it can be repeated at will. */
export interface Read extends Described {
	is: 'read';
	/** Whether it carries a request id: `none`, or a `fresh` one at every attempt. */
	requestId: 'none' | 'fresh';
}

/** Everything that the package knows about one API method. */
export type Method = Command | OneTimeCommand | Read;

const parameterNames = new Map<string, string>();

/** Names an API field as the panel does: `card_id` gives `cardId`. */
export function parameterName(key: string): string {
	const known = parameterNames.get(key);
	if (known !== undefined) return known;
	const name = key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
	parameterNames.set(key, name);
	return name;
}

/** The panel's parameter for a field. */
export function parameterOf({ key, parameter }: Field): string {
	return parameter ?? parameterName(key);
}

/**
 * A field as it is called under a choice.
 * @param siblings what was read of the fields beside it
 * @returns undefined where that choice is none of the known ones
 */
export function asCalled(field: Field, siblings: Readonly<Record<string, unknown>>): Field | undefined {
	if (!('calledBy' in field) || field.calledBy === undefined) return field;
	const { choice, as } = field.calledBy;
	const called = as[String(siblings[choice.key])];
	return called === undefined ? undefined : { ...field, ...called };
}

/** Whether a method changes something. */
export function isCommand(method: Method): method is Command | OneTimeCommand {
	return method.is !== 'read';
}

/** Whether a method takes a one-time code or a PIN. */
export function holdsSecret({ fields }: Method): boolean {
	return fields.some(({ kind }) => kind === 'secret');
}

/** Whether the body of a method has a request id that the node makes. */
export function carriesRequestId(method: Method): boolean {
	return method.is === 'command' || (method.is === 'read' && method.requestId === 'fresh');
}

/** Whether a method's answer is a list, each entry an item. */
export function isListing({ entries }: Method): boolean {
	return entries !== undefined;
}

/** Whether the end of what a method is about can be waited for. */
export function canWait({ is, tellsProgress }: Method): boolean {
	return is === 'command' || tellsProgress === true;
}

/** The ids that a request was about, for the output, by the API's names. */
export function idsOf({ ids, absent }: Method, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const given: Record<string, unknown> = {};
	for (const key of ids) {
		if (body[key] !== undefined) given[key] = body[key];
		else if (absent !== undefined) Object.assign(given, absent[key]);
	}
	return given;
}

/** Fields of a body by dotted path. One that was left out is `undefined`. */
function fieldsAt(paths: readonly string[], body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const at = (path: string) => path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
	const found: Record<string, unknown> = {};
	for (const path of paths) found[path] = path.includes('.') ? at(path) : body[path];
	return found;
}

/** What makes a command another one than the next, by dotted path; nothing of a read. */
export function identityOf(method: Method, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return isCommand(method) ? fieldsAt(method.identity, body) : {};
}

/** What a command acts on, by dotted path; nothing of a read. */
export function objectIn(method: Method, body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return isCommand(method) ? fieldsAt(method.object, body) : {};
}

/** The fields as the panel shows them: those of an inline object beside the others. */
export function panelFields(fields: readonly Field[]): PanelField[] {
	return fields.flatMap((field) => (isGroup(field) ? panelFields(field.fields) : [field]));
}

/** Whether a field is an object whose fields the panel shows beside the others. */
export function isGroup(field: Field): field is GroupField {
	return field.kind === 'object' && field.inline;
}

/** The fields inside a field. */
export function innerFields(field: Field): readonly Field[] {
	return field.kind === 'object' || field.kind === 'list' ? field.fields : [];
}

/**
 * The body of values that were read: without the choices that are the panel's alone, and with what stands for another field in its
 * place.
 * @param fields those of the values
 */
export function onWire(fields: readonly Field[], values: Record<string, unknown>): Record<string, unknown> {
	if (fields.every((field) => field.sentAs === undefined && (field.kind !== 'options' || field.none === undefined))) return values;
	const body: Record<string, unknown> = {};
	for (const field of fields) {
		const value = values[field.key];
		const isNone = field.kind === 'options' && value === field.none;
		if (value !== undefined && field.sentAs !== false && !isNone) body[field.sentAs ?? field.key] = value;
	}
	return body;
}

/**
 * The contract of a method's body on the wire, without `request_id`.
 * @param fields the method's fields, in the order of the wire
 */
export function bodySchema(fields: readonly Field[]) {
	const sent = fields.filter(({ sentAs }) => sentAs === undefined);
	return z.strictObject(
		Object.fromEntries(sent.map(({ key, schema, wire = schema, required }) => [key, required ? wire : z.optional(wire)])),
	);
}
