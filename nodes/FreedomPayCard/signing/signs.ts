/*
 * The signs of a text that nobody sees, or takes for others. The engine's own Unicode tables tell them: what counts is which letters
 * hardly belong together, not which two look alike, so that a library of look-alikes would bring large tables for another question.
 */

const ODD_SIGN = /(?! )[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Z}\u2800]/u;

/** A letter of another alphabet than the Latin one, a digit of another script, or a wide form. */
const FOREIGN_LETTER = /(?!\p{Script=Latin})\p{Letter}|(?![0-9])\p{Nd}|[\uff01-\uff5e]/u;

/** Beside a Latin letter, one of an alphabet that has letters of the same looks. */
const LOOK_ALIKE = '[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}]';
const MIXED_LETTER = new RegExp(`(?<=\\p{Script=Latin})${LOOK_ALIKE}|${LOOK_ALIKE}(?=\\p{Script=Latin})`, 'u');

const SCRIPTS: ReadonlyArray<[script: RegExp, name: string]> = [
	[/\p{Script=Cyrillic}/u, 'Cyrillic'],
	[/\p{Script=Greek}/u, 'Greek'],
	[/\p{Script=Armenian}/u, 'Armenian'],
	[/[\uff01-\uff5e]/, 'a wide form'],
];

const NAMES: Readonly<Record<string, string>> = {
	'\t': 'a tab',
	'\n': 'a line break',
	'\r': 'a line break',
	'\u00a0': 'a no-break space',
	'\u00ad': 'a soft hyphen',
	'\u200b': 'a zero-width space',
	'\u200c': 'a zero-width non-joiner',
	'\u200d': 'a zero-width joiner',
	'\u2060': 'a word joiner',
	'\ufeff': 'a byte order mark',
};

function told(text: string, at: number, inWords: (sign: string, codePoint: string) => string): string | undefined {
	const code = text.codePointAt(at);
	if (code === undefined) return undefined;
	const codePoint = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
	return `${inWords(String.fromCodePoint(code), codePoint)} at position ${[...text.slice(0, at)].length + 1}`;
}

function first(pattern: RegExp, text: string, inWords: (sign: string, codePoint: string) => string): string | undefined {
	const at = text.search(pattern);
	return at === -1 ? undefined : told(text, at, inWords);
}

/**
 * The first sign of a text that nobody sees, or takes for a plain blank: `a zero-width space (U+200B) at position 3`.
 * @returns undefined when there is none; never anything else of the text
 */
export function unseenIn(text: string): string | undefined {
	return first(ODD_SIGN, text, (sign, codePoint) => `${NAMES[sign] ?? 'an invisible sign'} (${codePoint})`);
}

const letterInWords = (sign: string, codePoint: string) => `a letter that is ${SCRIPTS.find(([script]) => script.test(sign))?.[1] ?? 'not Latin'} (${codePoint})`;

/**
 * The first letter of another alphabet in a text that has Latin letters or digits too: `a letter that is Cyrillic (U+0421) at position 3`.
 * @returns undefined when there is none; never anything else of the text
 */
export function foreignIn(text: string): string | undefined {
	return /[A-Za-z0-9]/.test(text) ? first(FOREIGN_LETTER, text, letterInWords) : undefined;
}

/**
 * The first letter beside a Latin one that may be taken for one, told as {@link foreignIn} does.
 * @returns undefined when there is none
 */
export function mixedIn(text: string): string | undefined {
	return first(MIXED_LETTER, text, letterInWords);
}
