import { parse } from 'lossless-json';

import { tryParse } from './jsonBytes';
import { endOfString } from './scan';

/**
 * Whether a string of JSON is a name.
 * @param end the place after its closing quote
 */
export function isName(text: string, end: number): boolean {
	let at = end;
	while (text.charCodeAt(at) === 0x20 || (text.charCodeAt(at) >= 0x09 && text.charCodeAt(at) <= 0x0d)) at++;
	return text[at] === ':';
}

function hasEscapedName(text: string): boolean {
	if (!text.includes('\\')) return false;
	for (let start = text.indexOf('"'); start !== -1; ) {
		const end = endOfString(text, start);
		if (isName(text, end + 1) && text.slice(start, end).includes('\\')) return true;
		start = text.indexOf('"', end + 1);
	}
	return false;
}

/**
 * Parses JSON text. V8 may take one name that is written with a backslash for another, by the shape of an object that it parsed before, e.g.
 * `"\\""` for `"\\\\"` (https://github.com/nodejs/node/issues/63785): text with such a name is read without it.
 * @returns undefined when it is no JSON
 */
export function parseJson(text: string): { value: unknown } | undefined {
	const parsed = tryParse(text);
	if (parsed === undefined || !hasEscapedName(text)) return parsed;
	try {
		return { value: parse(text, undefined, { parseNumber: Number, onDuplicateKey: ({ newValue }) => newValue }) };
	} catch {
		// Nested so deep that it is refused for its depth, whatever its names are.
		return parsed;
	}
}
