import { BadInput } from '../../card-api/methods/define';
import { alphabetOf, quoted, signInWords, type Found } from '../../card-api/text/signs';

/** What a field was given that it cannot take. Each is told in one place, {@link refusal}. */
export type Rule =
	/** Whatever the field wants, as words that complete "<label> …", such as `must be a date such as 1990-01-31`. */
	| { is: 'form'; form: string }
	/** The same, where the value is better not shown or would tell nothing. */
	| { is: 'plainly'; form: string }
	/** It was left empty. `unless` says when that would do, such as `for a Freedom Wallet Card`. */
	| { is: 'empty'; unless: string }
	/** Its expression gave nothing. */
	| { is: 'gaveNothing'; insteadOf: 'clearing' | 'choosing' }
	/** A part of its expression gave nothing that can stand in a text. */
	| { is: 'hollow'; part: string; lack: string }
	/** It holds what JavaScript writes for a value that is none. */
	| { is: 'noValue'; found: string }
	/** A model makes it up. */
	| { is: 'ofModel' }
	/** A model gave nothing for it. */
	| { is: 'notGiven' }
	| { is: 'invisible'; found: Found }
	| { is: 'spaces' }
	| { is: 'alphabet'; found: Found }
	/** A letter beside a Latin one that looks like one. */
	| { is: 'mixed'; found: Found }
	/** An expression that n8n did not take for one. */
	| { is: 'template' }
	/** A number that a spreadsheet shortened, such as 1.23E+05. */
	| { is: 'shortened' }
	/** A number with more decimals than money has. */
	| { is: 'decimals'; rounded: string }
	/** A number with a decimal comma, or grouped digits. */
	| { is: 'separators'; written: readonly string[] }
	| { is: 'long'; most: number }
	/** A time of day where only a day is meant. */
	| { is: 'timeOfDay'; written: string; local: string | undefined; timezone: string };

/** A rule that a value broke, on its way to the field that it was for. */
export class Broken extends Error {
	override readonly name = 'Broken';

	constructor(readonly rule: Rule) {
		super(rule.is);
	}
}

/** Ends the reading of a value that is not as the field wants it: `form` completes "<label> …". */
export function wants(form: string): Broken {
	return new Broken({ is: 'form', form });
}

function withoutEnd(text: string): string {
	return text.replace(/\.$/, '');
}

/** What came, as a message shows it. */
function shown(came: unknown): string | undefined {
	if (typeof came === 'string') return quoted(came);
	return typeof came === 'number' || typeof came === 'boolean' ? String(came) : undefined;
}

function reasonOf(rule: Rule, value: string | undefined, label: string): string {
	const it = value === undefined ? '' : ` ${value}`;
	switch (rule.is) {
		case 'form':
			return value === undefined ? rule.form : `${withoutEnd(rule.form)}, not${it}`;
		case 'plainly':
			return rule.form;
		case 'empty':
			return `must not be empty${rule.unless === '' ? '' : ` ${rule.unless}`}`;
		case 'gaveNothing':
			return rule.insteadOf === 'clearing'
				? 'is an expression that gives nothing. Correct it, or clear the field to do without'
				: 'must not be empty: its expression gives nothing. Correct it, or set the field by hand';
		case 'hollow':
			return `has ${quoted(rule.part)} in its expression, which gives ${rule.lack}. Correct it; if it may be empty, write it all as one expression`;
		case 'noValue':
			return `holds ${quoted(rule.found)}, as a missing field leaves behind:${it}. Correct the expression`;
		case 'ofModel':
			return 'must not be filled in by the model, which makes up a new one at every call. Clear the field, or drag in the ID of what started the workflow';
		case 'notGiven':
			return `must not be empty. Give ${label}, or ask the person for it`;
		case 'invisible':
			return `holds a sign that cannot be seen (${signInWords(rule.found.sign)}) at position ${rule.found.position}${it === '' ? '' : `:${it}`}. Type the value anew`;
		case 'spaces':
			return `must not contain spaces${it === '' ? '' : `, as${it} does`}`;
		case 'alphabet':
			return `must be written in Latin letters and digits: "${rule.found.sign}" at position ${rule.found.position} is ${alphabetOf(rule.found.sign)}${it === '' ? '' : `, in${it}`}. Type the value anew`;
		case 'mixed':
			return `mixes alphabets in a word: "${rule.found.sign}" at position ${rule.found.position} is ${alphabetOf(rule.found.sign)}, beside a Latin letter${it === '' ? '' : `, in${it}`}. Type the value anew`;
		case 'template':
			return `holds an expression that n8n takes for text${it === '' ? '' : `:${it}`}. Set the field to Expression, or drag the value in`;
		case 'shortened':
			return `is${it}, as a spreadsheet shortens a long number: digits may be missing. Format the column as text and give all digits`;
		case 'decimals':
			return `is${it}, which has more than 3 decimals. Round it: ${rule.rounded}`;
		case 'separators':
			return `is${it}. Write it as ${rule.written.join(' or ')}, with a point and without spaces`;
		case 'long':
			return `is longer than ${rule.most} signs`;
		case 'timeOfDay': {
			const there = rule.local === undefined ? '' : `, and ${rule.local} in the time zone of the workflow (${rule.timezone})`;
			return `must be a day, such as 1990-01-31: ${quoted(rule.written)} is not midnight${there}. Give the day alone`;
		}
	}
}

/**
 * The refusal of a value: the one place where words are made of it.
 * @param label the field as the panel shows it
 * @param came the value that came, shown in the message; undefined for a secret one
 */
export function refusal(label: string, came: unknown, rule: Rule): BadInput {
	return new BadInput(label, reasonOf(rule, shown(came), label));
}
