/*
 * The signs of a text that nobody sees, or takes for others. The engine's own Unicode tables tell them: the rule is which letters may
 * stand in a field, not which two look alike, so that a library of look-alikes would bring large tables that answer another question.
 */

/** A sign that is not seen, or a blank that is not the plain one. */
const INVISIBLE = String.raw`\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800`;
const ODD_SIGN = new RegExp(`(?! )[${INVISIBLE}\\p{Zs}]`, 'u');
const NOTHING = new RegExp(`^[\\s${INVISIBLE}]*$`, 'u');
const ANY_BLANK = new RegExp(`[\\s${INVISIBLE}]`, 'u');

/** The alphabets that Latin letters are taken for, or that people type in by mistake. */
const SCRIPTS: ReadonlyArray<[script: RegExp, name: string]> = [
	[/\p{Script=Cyrillic}/u, 'Cyrillic'],
	[/\p{Script=Greek}/u, 'Greek'],
	[/\p{Script=Armenian}/u, 'Armenian'],
	[/\p{Script=Georgian}/u, 'Georgian'],
	[/\p{Script=Arabic}/u, 'Arabic'],
	[/\p{Script=Hebrew}/u, 'Hebrew'],
	[/\p{Script=Han}/u, 'Chinese'],
];

const FOREIGN_LETTER = /(?!\p{Script=Latin})\p{Letter}|(?![0-9])\p{Nd}|[\uff01-\uff5e]/u;

/** Beside a Latin letter, one of an alphabet that has letters of the same looks. */
const LOOK_ALIKE = '[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}]';
const MIXED_LETTER = new RegExp(`(?<=\\p{Script=Latin})${LOOK_ALIKE}|${LOOK_ALIKE}(?=\\p{Script=Latin})`, 'u');

const NAMES: Readonly<Record<string, string>> = {
	'\t': 'a tab',
	'\n': 'a line break',
	'\r': 'a line break',
	'\0': 'a NUL',
	'\u00a0': 'a no-break space',
	'\u00ad': 'a soft hyphen',
	'\u200b': 'a zero-width space',
	'\u200c': 'a zero-width non-joiner',
	'\u200d': 'a zero-width joiner',
	'\u200e': 'a left-to-right mark',
	'\u200f': 'a right-to-left mark',
	'\u202f': 'a narrow no-break space',
	'\u2060': 'a word joiner',
	'\ufeff': 'a byte order mark',
};

/** A sign, and where it stands: its number among the signs of the text, from 1. */
export interface Found {
	sign: string;
	position: number;
}

function firstOf(pattern: RegExp, text: string): Found | undefined {
	const at = text.search(pattern);
	const sign = at < 0 ? undefined : text.codePointAt(at);
	return sign === undefined ? undefined : { sign: String.fromCodePoint(sign), position: [...text.slice(0, at)].length + 1 };
}

/** The first sign of a text that nobody sees, or takes for a plain blank; undefined when there is none. */
export function oddSign(text: string): Found | undefined {
	return firstOf(ODD_SIGN, text);
}

/** The first letter or digit of a text that is of another alphabet than the Latin one; undefined when there is none. */
export function foreignLetter(text: string): Found | undefined {
	return firstOf(FOREIGN_LETTER, text);
}

/** The first letter that stands beside a Latin one and may be taken for one; undefined when there is none. */
export function mixedLetter(text: string): Found | undefined {
	return firstOf(MIXED_LETTER, text);
}

/** Whether a value is none, or text of which nothing can be seen: an expression found nothing, or a field was left empty. */
export function isBlank(value: unknown): boolean {
	return value === undefined || value === null || (typeof value === 'string' && NOTHING.test(value));
}

/** A text without the blanks and invisible signs around it. */
export function trimmed(text: string): string {
	let from = 0;
	let to = text.length;
	// Not with a pattern: one that looks for the end begins anew at every blank.
	while (from < to && ANY_BLANK.test(text[from] ?? '')) from += 1;
	while (to > from && ANY_BLANK.test(text[to - 1] ?? '')) to -= 1;
	return text.slice(from, to);
}

/** Names a sign by its code point, `U+200B`. */
function codePointOf(sign: string): string {
	return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Says what a sign is that nobody sees: `U+200B, a zero-width space`. */
export function signInWords(sign: string): string {
	const name = NAMES[sign];
	return name === undefined ? codePointOf(sign) : `${codePointOf(sign)}, ${name}`;
}

/** The same the other way round: `a zero-width space (U+200B)`. */
export function invisibleInWords(sign: string): string {
	return `${NAMES[sign] ?? 'an invisible sign'} (${codePointOf(sign)})`;
}

/** Says what a letter of another alphabet is: `a letter that is Cyrillic (U+0421)`. */
export function letterInWords(letter: string): string {
	return `a letter that is ${knownAlphabetOf(letter) ?? 'not Latin'} (${codePointOf(letter)})`;
}

function knownAlphabetOf(letter: string): string | undefined {
	return /[\uff01-\uff5e]/.test(letter) ? 'a wide form' : SCRIPTS.find(([script]) => script.test(letter))?.[1];
}

/** Says which alphabet a letter is of. */
export function alphabetOf(letter: string): string {
	return knownAlphabetOf(letter) ?? `not Latin (${codePointOf(letter)})`;
}

const SHOWN = 60;

/** Writes a text into a message: in quotes, shortened, what nobody sees as `<U+200B>`. */
export function quoted(text: string): string {
	const start = [...text.slice(0, 2 * SHOWN)].slice(0, SHOWN).join('');
	const seen = start.replace(new RegExp(ODD_SIGN, 'gu'), (sign) => `<${codePointOf(sign)}>`).replace(/\p{Surrogate}/gu, '\ufffd');
	return `"${seen}${start.length < text.length ? '…' : ''}"`;
}
