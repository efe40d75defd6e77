import { MAX_DEPTH, withoutBom } from './scan';

/** A value that JSON cannot carry. `path` leads to it, e.g. `accounts[0].iban`. */
export class NotJson extends Error {
	override readonly name = 'NotJson';

	constructor(
		readonly path: string,
		readonly reason: string,
	) {
		super(`${path === '' ? 'The body' : `"${path}" in the body`} ${reason}`);
	}
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

function isDateTime(value: object): value is { toISO(): string | null } {
	return 'isLuxonDateTime' in value && 'toISO' in value && typeof value.toISO === 'function';
}

/** Copies a value as JSON would carry it, refusing what JSON would drop or turn into null, and what is nested too deep. */
function plain(value: unknown, path: string, depth: number): unknown {
	switch (typeof value) {
		case 'boolean':
			return value;
		case 'string':
			return value;
		case 'number':
			if (!Number.isFinite(value)) throw new NotJson(path, `is ${value}, which JSON cannot hold`);
			return value;
		case 'object':
			break;
		default:
			throw new NotJson(path, value === undefined ? 'is missing' : `is a ${typeof value}, which JSON cannot hold`);
	}
	if (value === null) return null;
	if (depth >= MAX_DEPTH) throw new NotJson('', `is nested more than ${MAX_DEPTH} levels deep. Write it with fewer levels`);
	// Not `map`, which would skip holes.
	if (Array.isArray(value)) return Array.from(value, (entry, index) => plain(entry, `${path}[${index}]`, depth + 1));
	if (isDateTime(value)) {
		const iso = value.toISO();
		if (iso === null) throw new NotJson(path, 'is an invalid date');
		return iso;
	}
	const prototype: unknown = Object.getPrototypeOf(value);
	// The root prototype of any realm: n8n's expressions make objects in one of their own.
	if (typeof prototype === 'object' && prototype !== null && !Object.hasOwn(prototype, 'isPrototypeOf')) {
		const { constructor } = value;
		throw new NotJson(path, `is a ${typeof constructor === 'function' ? constructor.name : 'special object'}, which JSON cannot hold`);
	}
	const copy: Record<string, unknown> = {};
	for (const [key, entry] of Object.entries(value)) {
		const inner = path === '' ? key : `${path}.${key}`;
		if (FORBIDDEN_KEYS.has(key)) throw new NotJson(inner, 'has a name that is not allowed');
		copy[key] = plain(entry, inner, depth + 1);
	}
	return copy;
}

/**
 * Marks bytes as JSON that was checked here. The node and the credential are bundled each by itself, so that they share nothing but what
 * a name tells; bytes that lost their mark on the way through n8n are checked again.
 */
const CHECKED = Symbol.for('n8n-nodes-freedompay.checkedJson');

function markedAsChecked(bytes: Buffer): Buffer {
	return Object.defineProperty(bytes, CHECKED, { value: true });
}

/**
 * Serialises a body once, to the bytes that are both signed and sent.
 * @param body an object or array; a Luxon DateTime inside becomes ISO 8601 with its offset
 * @throws {NotJson} naming the path of undefined, NaN, Infinity, a BigInt, Date, Buffer or forbidden key, or of what is nested more than
 * {@link MAX_DEPTH} levels deep
 */
export function jsonBytes(body: unknown): Buffer {
	return markedAsChecked(Buffer.from(JSON.stringify(plain(body, '', 0)), 'utf8'));
}

/** Parses JSON text as V8 does, which may mistake a name, see `parseJson`: to check it is enough. Undefined when it is none. */
export function tryParse(text: string): { value: unknown } | undefined {
	try {
		return { value: JSON.parse(text) as unknown };
	} catch {
		// What text that is not JSON means is for the caller to say.
		return undefined;
	}
}

/**
 * Takes JSON text as it was typed: checked, not changed, but for a byte order mark before it, which no JSON may be sent with (RFC 8259,
 * section 8.1) and nobody sees to take it away.
 * @throws {NotJson} when it is no JSON object or array, is nested too deep, or has no UTF-8 form
 */
export function jsonTextBytes(typed: string): Buffer {
	const text = withoutBom(typed);
	if (/\p{Surrogate}/u.test(text)) throw new NotJson('', 'holds half of a surrogate pair, which has no UTF-8 form');
	const parsed = tryParse(text);
	if (parsed === undefined) throw new NotJson('', 'is not valid JSON. Check its quotes, commas and brackets');
	if (typeof parsed.value !== 'object' || parsed.value === null) throw new NotJson('', 'is not a JSON object');
	plain(parsed.value, '', 0);
	return markedAsChecked(Buffer.from(text, 'utf8'));
}

/**
 * Checks bytes that claim to be JSON text, as {@link jsonTextBytes} does.
 * @returns the same bytes, without a byte order mark
 */
export function checkJsonBytes(bytes: Buffer): Buffer {
	if (CHECKED in bytes) return bytes;
	const text = bytes.toString('utf8');
	if (!Buffer.from(text, 'utf8').equals(bytes)) throw new NotJson('', 'is not valid UTF-8');
	const checked = jsonTextBytes(text);
	return checked.length === bytes.length ? bytes : checked;
}
