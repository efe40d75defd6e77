import { isShortened } from './amounts';
import { Broken, wants } from './refusals';

/*
 * Single values, after their text was trimmed and looked at. Each takes what came, and throws the rule that it breaks.
 */

function kindOf(value: unknown): string {
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Ends the reading of a value of another type: it is named instead of shown. */
export function mustBe(what: string, value: unknown): Broken {
	return new Broken({ is: 'plainly', form: `must be ${what}, not ${kindOf(value)}` });
}

/** Text, or a whole number as its digits. */
export function textOf(value: unknown): string {
	if (typeof value === 'string') return value;
	if (typeof value !== 'number') throw mustBe('text', value);
	if (!Number.isFinite(value) || (!Number.isInteger(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER)) throw wants('must be text or a whole number');
	if (!Number.isSafeInteger(value)) throw new Broken({ is: 'plainly', form: 'is a number that JavaScript cannot hold exactly. Pass it as text' });
	return String(value);
}

const MOST_INTEGER_SIGNS = 17;

/** A whole number that is exact. */
export function integerOf(value: unknown): number {
	if (typeof value === 'number' && Number.isFinite(value)) return value;
	if (typeof value !== 'string') throw wants('must be a whole number');
	if (isShortened(value)) throw new Broken({ is: 'shortened' });
	if (!/^[+-]?\d+$/.test(value)) throw wants('must be a whole number');
	if (value.length > MOST_INTEGER_SIGNS || !Number.isSafeInteger(Number(value))) throw wants('must be a whole number of at most 15 digits, which can be sent exactly');
	return Number(value);
}

/** A switch. */
export function booleanOf(value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const word = typeof value === 'string' ? value.toLowerCase() : undefined;
	if (word !== 'true' && word !== 'false') throw wants('must be true or false');
	return word === 'true';
}

/** Several names: a list of them, or text with commas between. */
export function namesOf(value: unknown): string[] {
	if (Array.isArray(value)) return value.map(textOf);
	return textOf(value).split(',').map((name) => name.trim()).filter((name) => name !== '');
}

/** A path, its leading /v5/ added when it was left out. */
export function pathOf(value: unknown): string {
	const text = textOf(value);
	if (/^\/?v5\//i.test(text)) return `/${text.replace(/^\//, '')}`;
	return text.startsWith('/') ? text : `/v5/${text}`;
}
