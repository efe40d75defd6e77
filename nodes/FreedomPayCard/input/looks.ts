import type { Field } from '../../card-api/methods/define';
import { isShortenedId } from './amounts';
import { isFixedText } from './given';
import { Broken } from './refusals';
import { foreignLetter, mixedLetter, oddSign, trimmed } from '../../card-api/text/signs';

/** What a text is looked at for before it is read as what its field holds. */
interface Look {
	/** Whether the signs are let be as they are: only prose. */
	asItIs?: true;
	/** Which letters may stand in it: Latin ones, any but mixed within a word, or any. */
	letters: 'latin' | 'unmixed' | 'any';
	/** Where an expression that n8n takes for text is looked for: in any value, or only in one that was typed as text. */
	template: 'anywhere' | 'typed';
	/** Whether blanks between its signs are no part of it. */
	isGrouped?: true;
	/** Whether a blank cannot stand in it. */
	isSolid?: true;
	/** Whether it names something, so that a number that a spreadsheet shortened names something else. */
	isName?: true;
	/** More signs than any value has. */
	most?: number;
}

const LOOKS: Readonly<Partial<Record<Field['kind'], Look>>> = {
	id: { letters: 'latin', template: 'anywhere', isSolid: true, isName: true, most: 1_000 },
	reference: { letters: 'unmixed', template: 'anywhere', isName: true, most: 10_000 },
	code: { letters: 'latin', template: 'anywhere', isGrouped: true, most: 1_000 },
	path: { letters: 'latin', template: 'anywhere', most: 1_000 },
	secret: { letters: 'any', template: 'typed', isGrouped: true, most: 100_000 },
	email: { letters: 'unmixed', template: 'anywhere', most: 1_000 },
	text: { letters: 'unmixed', template: 'typed' },
	prose: { asItIs: true, letters: 'any', template: 'typed' },
	file: { letters: 'any', template: 'anywhere', most: 1_000 },
	integer: { letters: 'latin', template: 'anywhere', most: 1_000 },
	number: { letters: 'latin', template: 'anywhere', isGrouped: true, most: 1_000 },
	decimal: { letters: 'latin', template: 'anywhere', isGrouped: true, most: 1_000 },
	phone: { letters: 'latin', template: 'anywhere', isGrouped: true, most: 1_000 },
	boolean: { letters: 'any', template: 'anywhere', most: 1_000 },
	options: { letters: 'unmixed', template: 'anywhere', most: 1_000 },
	date: { letters: 'any', template: 'anywhere', most: 1_000 },
	dateTime: { letters: 'any', template: 'anywhere', most: 1_000 },
};

/** Text in which nothing can hide, as nearly all is. */
const PLAIN = /^[!-~]+$/;

function holdsTemplate({ template }: Look, text: string, typed: unknown): boolean {
	if (template === 'typed') return isFixedText(typed) && text.includes('{{') && text.includes('}}');
	return text.includes('{{') || text.includes('}}') || /^\$(?:json|node|\()/.test(text);
}

/** Refuses signs that nobody sees, or that are taken for others. */
function refuseOddSigns({ letters, isGrouped, isSolid }: Look, text: string): void {
	const unseen = oddSign(isGrouped === true ? text.replace(/[\p{Zs}\t\r\n]/gu, ' ') : text);
	if (unseen !== undefined) throw new Broken({ is: 'invisible', found: unseen });
	if (isSolid === true && text.includes(' ')) throw new Broken({ is: 'spaces' });
	const foreign = letters === 'latin' ? foreignLetter(text) : undefined;
	if (foreign !== undefined) throw new Broken({ is: 'alphabet', found: foreign });
	const mixed = letters === 'unmixed' ? mixedLetter(text) : undefined;
	if (mixed !== undefined) throw new Broken({ is: 'mixed', found: mixed });
}

/**
 * Trims a text and looks at it for what nobody sees, or what n8n or a spreadsheet made of it.
 * @param typed what was typed for it, if that is known
 * @throws {Broken}
 */
export function lookedAt(kind: Field['kind'], text: string, typed: unknown): string {
	const look = LOOKS[kind];
	if (look === undefined) return text;
	const { asItIs, isName, most = Infinity } = look;
	const isPlain = PLAIN.test(text);
	const clean = isPlain || asItIs === true ? text : trimmed(text);
	if (clean.length > most) throw new Broken({ is: 'long', most });
	if (holdsTemplate(look, clean, typed)) throw new Broken({ is: 'template' });
	if (isName === true && isShortenedId(clean)) throw new Broken({ is: 'shortened' });
	if (!isPlain && asItIs !== true) refuseOddSigns(look, clean);
	return clean;
}
