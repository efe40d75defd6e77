import { isSafeNumber, parse } from 'lossless-json';

import { endOfNested, endOfString, MAX_DEPTH, withoutBom } from './scan';

export type JsonObject = { [key: string]: unknown };

/** What stands in an answer for what is nested too deep. Not its text, in which nobody would find a secret by the name of its field. */
export const LEFT_OUT = `[left out: nested more than ${MAX_DEPTH} levels deep]`;

/** Numbers that are written with no more signs than this, and without an exponent, are exact. */
const SURELY_EXACT = 15;

/** A number that is written with more signs than this is not even tried. */
const SURELY_INEXACT = 1_000;

function isDigit(sign: number): boolean {
	return sign >= 0x30 && sign <= 0x39;
}

/** Where the signs end that a number of JSON may be written with. */
function endOfNumber(text: string, start: number): number {
	let at = start + 1;
	for (let sign = text.charCodeAt(at); isDigit(sign) || sign === 0x2e || sign === 0x2b || sign === 0x2d || (sign | 0x20) === 0x65; sign = text.charCodeAt(at)) at++;
	return at;
}

function isNumber(token: string): boolean {
	try {
		return typeof JSON.parse(token) === 'number';
	} catch {
		// The whole text is no JSON then, which its parser will say.
		return false;
	}
}

function isInexact(token: string): boolean {
	// An exponent takes three signs.
	if (token.length < 3 || (token.length <= SURELY_EXACT && !/e/i.test(token))) return false;
	return (token.length > SURELY_INEXACT || !isSafeNumber(token)) && isNumber(token);
}

function isName(text: string, end: number): boolean {
	let at = end;
	while (text.charCodeAt(at) === 0x20 || (text.charCodeAt(at) >= 0x09 && text.charCodeAt(at) <= 0x0d)) at++;
	return text[at] === ':';
}

/** JSON text that can be parsed without loss. */
interface Tamed {
	text: string;
	/** Whether a name in it is written with a backslash. */
	hasEscapedName: boolean;
}

/**
 * The same JSON with each number that a double cannot hold exactly as text, and with what is nested too deep left out.
 * @returns undefined when it is none
 */
function tamed(text: string): Tamed | undefined {
	let hasEscapedName = false;
	let taken = 0;
	let tame = '';
	let depth = 0;
	const replace = (from: number, to: number, by: string): void => {
		tame += text.slice(taken, from) + JSON.stringify(by);
		taken = to;
	};
	for (let at = 0; at < text.length; at++) {
		const sign = text.charCodeAt(at);
		if (sign === 0x22) {
			const start = at;
			at = endOfString(text, at);
			hasEscapedName ||= isName(text, at + 1) && text.slice(start, at).includes('\\');
		} else if (sign === 0x5d || sign === 0x7d) depth--;
		else if (sign === 0x5b || sign === 0x7b) {
			depth++;
			if (depth <= MAX_DEPTH) continue;
			const end = endOfNested(text, at);
			if (end === undefined) return undefined;
			replace(at, end, LEFT_OUT);
			depth--;
			at = end - 1;
		} else if (isDigit(sign) || sign === 0x2d) {
			const end = endOfNumber(text, at);
			const token = text.slice(at, end);
			if (isInexact(token) && !isName(text, end)) replace(at, end, token);
			at = end - 1;
		}
	}
	return { text: tame === '' ? text : tame + text.slice(taken), hasEscapedName };
}

/** V8 may take one name with a backslash for another, by the shape of an object that it parsed before: `"\\""` for `"\\\\"`. */
function parseTamed({ text, hasEscapedName }: Tamed): unknown {
	return hasEscapedName ? parse(text, undefined, { parseNumber: Number, onDuplicateKey: ({ newValue }) => newValue }) : JSON.parse(text);
}

/** Leaves out of parsed JSON the one key that changes an object's prototype when it is assigned. It is nested no deeper than {@link MAX_DEPTH}. */
function withoutProto(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutProto);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => key !== '__proto__')
			.map(([key, entry]) => [key, withoutProto(entry)]),
	);
}

/** Text in which the key may be that is left out. */
function mayHoldProto(text: string): boolean {
	return text.includes('__proto__') || text.includes('\\u');
}

/**
 * Reads an answer, whatever its length and depth. A number that a double cannot hold exactly comes out as its digits, as text; what is
 * nested more than {@link MAX_DEPTH} levels deep as {@link LEFT_OUT}. A byte order mark before it is skipped.
 * @returns undefined when the text is no JSON object
 */
export function parseAnswer(text: string): JsonObject | undefined {
	let value: unknown;
	try {
		const tame = tamed(withoutBom(text));
		if (tame === undefined) return undefined;
		value = parseTamed(tame);
	} catch {
		// Not JSON: what that means is for the caller to say.
		return undefined;
	}
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (!isObject) return undefined;
	return (mayHoldProto(text) ? withoutProto(value) : value) as JsonObject;
}
