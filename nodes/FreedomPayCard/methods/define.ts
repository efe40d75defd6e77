import * as z from 'zod/v4-mini';

/**
 * How a method uses the API's `request_id`:
 * - `none`: the body has no such field (statements, Set PIN, gift cards);
 * - `fresh`: a read that carries one; every attempt gets a new one;
 * - `idempotent`: a command; the id is the identity of the intent, so that every attempt sends the
 *   same id and the same bytes.
 */
export type RequestIdClass = 'none' | 'fresh' | 'idempotent';

/**
 * How an answer tells its outcome:
 * - `request`: `status` and `request_status` (page "Dictionaries");
 * - `gift`: an integer `status`, 0 for success (page "Gift Cards / Dictionaries").
 */
export type AnswerKind = 'request' | 'gift';

/** What a field holds; decides its control in the panel and how a value of an expression is read. */
export type FieldKind =
	| 'id'
	| 'text'
	| 'code'
	| 'secret'
	| 'integer'
	| 'number'
	| 'boolean'
	| 'dateTime'
	| 'date'
	| 'email'
	| 'options'
	| 'file'
	| 'json'
	| 'object'
	| 'list';

/** One field of a request body: what the panel shows and what the API is sent. */
export interface Field {
	/** The API's name, such as `card_id`. The panel's parameter is the same in camelCase. */
	key: string;
	/** The name that the user sees. */
	label: string;
	description: string;
	kind: FieldKind;
	required: boolean;
	placeholder?: string;
	/** What the panel starts with; empty unless given. */
	default?: string | number | boolean;
	/** The contract of the value on the wire. */
	schema: z.core.$ZodType;
	/** The choices of an `options` field; `default` picks the first of a required one. */
	options?: ReadonlyArray<{ name: string; value: string | number; description?: string }>;
	/** The fields inside an `object` or of each entry of a `list`. */
	fields?: readonly Field[];
	/** The name of one entry of a `list`, as the panel's parameter and as shown. */
	entry?: { name: string; label: string };
	/** Panel choices that decide whether a field is needed, e.g. by product. */
	requiredWhen?: { key: string; in: ReadonlyArray<string | number> };
}

/** Everything that the package knows about one API method, in one place. */
export interface Method {
	resource: string;
	operation: string;
	/** Shown in the Operation dropdown, in Title Case. */
	name: string;
	/** Shown in the nodes panel, in sentence case. */
	action: string;
	description: string;
	path: string;
	/** The provider's page. */
	source: string;
	/** A command changes something; a read can be repeated at will. */
	kind: 'command' | 'read';
	requestId: RequestIdClass;
	answers: AnswerKind;
	fields: readonly Field[];
	/** The body's fields, as dotted paths, that say whom the command is about (ids, not free text). */
	target: readonly string[];
	/** The documented answer. Unknown fields pass through. */
	answer: z.core.$ZodType;
	/** The list in the answer that "Split Into Items" turns into items. */
	splits?: string;
	/** The answer's fields that "Simplify" keeps, as dotted paths, for answers of more than ten fields. */
	simplified?: readonly string[];
	/** What the documentation leaves open, shown to the user as a notice. */
	caveat?: string;
	/** The provider's examples, or ones in their form where none is published. */
	sample: { request: Record<string, unknown>; answer: Record<string, unknown> };
}

/** Names an API field as the panel does: `card_id` gives `cardId`. */
export function parameterName(key: string): string {
	return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The contract of a method's body on the wire, without `request_id`.
 * @param fields the method's fields, in the order of the wire
 */
export function bodySchema(fields: readonly Field[]) {
	return z.strictObject(
		Object.fromEntries(
			fields.map(({ key, schema, required }) => [key, required ? schema : z.optional(schema)]),
		),
	);
}
