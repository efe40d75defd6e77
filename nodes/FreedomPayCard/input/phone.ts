import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/min';

import { PHONE_FORM } from '../../card-api/methods/fields';
import { isShortened } from './amounts';
import { Broken, wants } from './refusals';

/** Kazakhstan and Russia share the country code 7, and the 8 that is dialled instead of it inside the country. */
const DOMESTIC = /^8\d{10}$/;

/** What a spreadsheet or a calculation makes of a number: its point is not one between groups of digits. */
const DECIMAL = /^[+-]?\d+[.,]\d*$/;

function valid(number: PhoneNumber | undefined): PhoneNumber | undefined {
	return number?.isValid() === true ? number : undefined;
}

/**
 * Reads a phone number with its country code (E.164), checked against the numbering plans that libphonenumber knows.
 * @param text with or without "+", and the signs that people group digits by
 * @returns its digits as one number
 * @throws {Broken}
 */
export function phoneNumber(text: string): number {
	if (isShortened(text)) throw new Broken({ is: 'shortened' });
	if (DECIMAL.test(text)) throw wants('must be a phone number without decimals, such as +7 707 707 07 07');
	const compact = text.replace(/[\s().-]/g, '');
	const digits = compact.replace(/^\+/, '');
	if (!/^[1-9]\d{0,14}$/.test(digits)) throw wants(PHONE_FORM);
	const international = valid(parsePhoneNumberFromString(`+${digits}`));
	const domestic = DOMESTIC.test(compact) ? valid(parsePhoneNumberFromString(compact, 'KZ')) : undefined;
	if (domestic !== undefined) {
		const other = international === undefined ? '' : `, or as ${international.formatInternational()} if that is meant`;
		throw new Broken({ is: 'plainly', form: `needs its country code. Write it as ${domestic.formatInternational()}${other}` });
	}
	if (international === undefined) throw wants(PHONE_FORM);
	return Number(digits);
}
