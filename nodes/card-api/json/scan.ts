/*
 * JSON text looked at sign by sign, once: a pattern would need a place on a stack for each sign of a long word, and a parser that calls
 * itself one for each level.
 */

/** How deep a value may be nested, whether it is sent or was received: n8n itself cannot store what is nested some thousand deep. */
export const MAX_DEPTH = 500;

/** How deep a value may be that holds such a one among lists and objects of this package's own. */
export const DEEPEST = 2 * MAX_DEPTH;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Map([
	[0x5b, 0x5d],
	[0x7b, 0x7d],
]);
const CLOSING = new Set(OPENING.values());

/** Text without the byte order mark that it may begin with: it is no part of the JSON (RFC 8259, section 8.1). */
export function withoutBom(text: string): string {
	return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/**
 * Where a string of JSON ends.
 * @param start the place of its opening quote
 * @returns the place of its closing quote; the text's length when it has none
 */
export function endOfString(text: string, start: number): number {
	for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
		let escapes = 0;
		while (text.charCodeAt(quote - 1 - escapes) === BACKSLASH) escapes++;
		if (escapes % 2 === 0) return quote;
	}
	return text.length;
}

/**
 * Where a list or an object ends.
 * @param start the place of its opening bracket
 * @returns the place after its closing bracket; undefined when its brackets do not match
 */
export function endOfNested(text: string, start: number): number | undefined {
	const open: number[] = [];
	for (let at = start; at < text.length; at++) {
		const sign = text.charCodeAt(at);
		const closing = OPENING.get(sign);
		if (sign === QUOTE) at = endOfString(text, at);
		else if (closing !== undefined) open.push(closing);
		else if (CLOSING.has(sign)) {
			if (open.pop() !== sign) return undefined;
			if (open.length === 0) return at + 1;
		}
	}
	return undefined;
}
