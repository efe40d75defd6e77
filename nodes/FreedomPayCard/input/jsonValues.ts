import { isSafeNumber, parse } from 'lossless-json';

import { jsonBytes, jsonTextBytes } from '../../card-api/json/jsonBytes';
import { parseJson } from '../../card-api/json/parseJson';
import { Broken } from './refusals';
import { mustBe } from './scalars';
import { isBlank, trimmed } from '../../card-api/text/signs';

/** More digits than any number has that a double holds exactly. */
const MOST_NUMBER_SIGNS = 400;

function refuseInexact(text: string): number {
	if (text.length > MOST_NUMBER_SIGNS || !isSafeNumber(text)) {
		throw new Broken({ is: 'plainly', form: `holds the number ${text.slice(0, 40)}, which has more digits than can be sent exactly. Write it as text` });
	}
	return Number(text);
}

/** What JSON text holds, every number exact; anything else as it is. */
export function fromJson(value: unknown): unknown {
	if (typeof value !== 'string') return value;
	const text = trimmed(value);
	const parsed = parseJson(text);
	if (parsed === undefined) throw new Broken({ is: 'plainly', form: 'is not valid JSON' });
	// The parser rounds numbers without a word.
	parse(text, undefined, { parseNumber: refuseInexact, onDuplicateKey: ({ newValue }) => newValue });
	return parsed.value;
}

/** JSON text as it was typed; an object of an expression is written as JSON. */
export function jsonTextOf(value: unknown): string {
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (typeof value !== 'string' && !isObject) throw mustBe('a JSON object', value);
	// A byte order mark is an editor's, and no part of the text.
	return (typeof value === 'string' ? jsonTextBytes(value.replace(/^\ufeff/, '')) : jsonBytes(value)).toString('utf8');
}

/** An object, or JSON text of one. */
export function asObject(value: unknown): Record<string, unknown> {
	const parsed = fromJson(value);
	if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw mustBe('an object', parsed);
	return parsed as Record<string, unknown>;
}

/** Whether a value of the panel's boxes or JSON editors is blank, or an object or list without entries, also as text. */
export function holdsNothing(value: unknown): boolean {
	if (typeof value === 'string') return /^(?:\{\s*\}|\[\s*\])?$/.test(trimmed(value));
	return isBlank(value) || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
