import { Broken, wants } from './refusals';

/*
 * Amounts of money are read and written as text: nothing is ever counted with them, so that no library for decimals is needed, and
 * a digit that is not lost as text is lost nowhere.
 */

/** No currency of ISO 4217 in use has more. */
const MOST_DECIMALS = 3;
const MOST_DIGITS = 15;

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?$/;
const SHORTENED = /^[+-]?\d+(?:[.,]\d*)?e[+-]?\d+$/i;
/** What an id is not: one of digits and an `e`, such as a hexadecimal one, has neither a mark nor a sign. */
const SHORTENED_ID = /^\d+(?:[.,]\d+e[+-]?|e\+)\d+$/i;
const GROUP_SIGNS = /[\s'’]/g;

/** Whether a text is a number as a spreadsheet shortens it: `1.23E+05`. */
export function isShortened(text: string): boolean {
	return SHORTENED.test(text);
}

/** As {@link isShortened}, but only what cannot be an id as it stands. */
export function isShortenedId(text: string): boolean {
	return SHORTENED_ID.test(text);
}

function withoutLastZeros(digits: string): string {
	let end = digits.length;
	while (digits[end - 1] === '0') end -= 1;
	return digits.slice(0, end);
}

interface Decimal {
	sign: string;
	whole: string;
	decimals: string;
}

function decimalOf(text: string): Decimal | undefined {
	const [, sign = '', whole = '', decimals = ''] = PLAIN.exec(text) ?? [];
	if (whole === '' && decimals === '') return undefined;
	return { sign: sign === '-' ? sign : '', whole: whole.replace(/^0+(?=\d)/, '') || '0', decimals: withoutLastZeros(decimals) };
}

function textOf({ sign, whole, decimals }: Decimal): string {
	return `${sign}${whole}${decimals === '' ? '' : `.${decimals}`}`;
}

/**
 * The one form of an amount: `5000` for 5000, "5000" and "5000.00", `1500.5` for "01500.50".
 * @returns a text that is no plain decimal number as it came
 */
export function normalAmount(value: string | number): string {
	const text = String(value).trim();
	const decimal = decimalOf(text);
	return decimal === undefined ? text : textOf(decimal);
}

function rounded({ sign, whole, decimals }: Decimal): string {
	return normalAmount(Number(`${sign}${whole}.${decimals.slice(0, 20)}`).toFixed(MOST_DECIMALS));
}

/** What a text with commas, points and blanks between its digits may be meant as; empty when it is no such number. */
function meantBy(text: string): string[] {
	const dense = text.replace(GROUP_SIGNS, '');
	if (!/^\d[\d.,]*$/.test(dense)) return [];
	const marks = dense.replace(/\d+/g, '');
	if (marks === '') return [dense];
	const last = dense.lastIndexOf(marks.at(-1) ?? '');
	const whole = dense.slice(0, last).replace(/[.,]/g, '');
	const decimals = dense.slice(last + 1);
	// "1,234,567" and "1.234.567" only group.
	if (marks.length > 1 && new Set(marks).size === 1) return [`${whole}${decimals}`];
	const asDecimals = `${whole}.${decimals}`;
	// Of "1,500" nobody can tell which.
	return marks === ',' && dense === text && decimals.length === 3 ? [`${whole}${decimals}`, asDecimals] : [asDecimals];
}

/**
 * Reads an amount of money.
 * @returns its one form, such as `1500.5`
 * @throws {Broken}
 */
export function amountText(value: unknown): string {
	if (typeof value !== 'string' && typeof value !== 'number') throw wants('must be a number such as 1500.50');
	const text = String(value);
	const decimal = decimalOf(text);
	if (decimal === undefined) {
		if (typeof value === 'string' && isShortened(text)) throw new Broken({ is: 'shortened' });
		const written = meantBy(text);
		throw written.length === 0 ? wants('must be a number such as 1500.50') : new Broken({ is: 'separators', written });
	}
	if (decimal.whole.length > MOST_DIGITS) throw wants('must be an amount of at most 15 digits before the point');
	if (decimal.decimals.length > MOST_DECIMALS) throw new Broken({ is: 'decimals', rounded: rounded(decimal) });
	return textOf(decimal);
}
