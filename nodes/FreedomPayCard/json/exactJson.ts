import { isSafeNumber, parse } from 'lossless-json';

export type JsonObject = { [key: string]: unknown };

function exactNumber(text: string): number | string {
	return isSafeNumber(text) ? Number(text) : text;
}

/** Copies parsed JSON without the one key that changes an object's prototype when it is assigned. */
function withoutProto(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutProto);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => key !== '__proto__')
			.map(([key, entry]) => [key, withoutProto(entry)]),
	);
}

/** A number of more than 15 digits (a point may be among them) or with an exponent, or a key that may be the one left out: text that takes a closer look. */
const NEEDS_CARE = /[:,[]\s*-?(?:[\d.]{16}|[\d.]+[eE])|\\u|__proto__/;

/** Parses JSON with every number exact. */
function parseExactly(text: string): unknown {
	if (!NEEDS_CARE.test(text)) return JSON.parse(text);
	return withoutProto(parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue }));
}

/**
 * Reads an answer. A number that a double cannot hold exactly comes out as its digits, as text.
 * @returns undefined when the text is no JSON object
 */
export function parseAnswer(text: string): JsonObject | undefined {
	let value: unknown;
	try {
		value = parseExactly(text);
	} catch {
		// Not JSON: what that means is for the caller to say.
		return undefined;
	}
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	return isObject ? (value as JsonObject) : undefined;
}
