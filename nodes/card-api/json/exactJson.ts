import { isSafeNumber } from 'lossless-json';

import { tryParse } from './jsonBytes';
import { isName, parseJson } from './parseJson';
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

function isInexact(token: string): boolean {
	// An exponent takes three signs.
	if (token.length < 3 || (token.length <= SURELY_EXACT && !/e/i.test(token))) return false;
	return (token.length > SURELY_INEXACT || !isSafeNumber(token)) && typeof tryParse(token)?.value === 'number';
}

/**
 * The same JSON with each number that a double cannot hold exactly as text, and with what is nested too deep left out.
 * @returns undefined when it is none
 */
function tamed(text: string): string | undefined {
	let taken = 0;
	let tame = '';
	let depth = 0;
	const replace = (from: number, to: number, by: string): void => {
		tame += text.slice(taken, from) + JSON.stringify(by);
		taken = to;
	};
	for (let at = 0; at < text.length; at++) {
		const sign = text.charCodeAt(at);
		if (sign === 0x22) at = endOfString(text, at);
		else if (sign === 0x5d || sign === 0x7d) depth--;
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
	return tame === '' ? text : tame + text.slice(taken);
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
	const tame = tamed(withoutBom(text));
	const value = tame === undefined ? undefined : parseJson(tame)?.value;
	const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
	if (!isObject) return undefined;
	return (mayHoldProto(text) ? withoutProto(value) : value) as JsonObject;
}
