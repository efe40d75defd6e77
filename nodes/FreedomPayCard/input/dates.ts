import { DateTime } from 'luxon';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** As the API wants a point in time. */
const WIRE_FORM = "yyyy-MM-dd'T'HH:mm:ssZZ";

interface DateTimeLike {
	toISO: () => string | null;
}

/** Of any copy of Luxon: n8n's expressions make them with its own. */
function isDateTime(value: unknown): value is DateTimeLike {
	return typeof value === 'object' && value !== null && 'isLuxonDateTime' in value && 'toISO' in value;
}

function isDate(value: unknown): value is Date {
	// Of any realm: n8n's expressions have one of their own.
	return Object.prototype.toString.call(value) === '[object Date]';
}

/** A date as text; undefined for what is none. */
function textOf(value: unknown, zone: string): string | undefined {
	if (typeof value === 'string') return value.trim();
	const date = isDate(value) ? DateTime.fromMillis(value.getTime(), { zone }) : value;
	if (!isDateTime(date)) return undefined;
	const iso = date.toISO();
	if (iso === null) throw new TypeError('is an invalid date');
	return iso;
}

/** Whether a point in time names its zone: all but text without one do. */
export function hasZone(value: unknown): boolean {
	return typeof value !== 'string' || MOMENT.exec(value.trim())?.[4] !== undefined;
}

/**
 * Writes a point in time as the API wants it, `YYYY-MM-DDThh:mm:ss+hh:mm`.
 * @param value of n8n's picker (without a zone), text with a zone, a Luxon DateTime or a Date
 * @param timezone the workflow's, meant when the value has none
 * @throws {TypeError} completing the sentence "<label> …"
 */
export function dateTimeText(value: unknown, timezone: string): string {
	const text = textOf(value, timezone);
	if (text !== undefined && DAY.test(text)) throw new TypeError(`needs a time of day too, such as ${text}T09:30:00`);
	const [, day, minute, second = '00', offset = ''] = MOMENT.exec(text ?? '') ?? [];
	const moment = DateTime.fromISO(`${day}T${minute}:${second}${offset.toUpperCase()}`, { zone: timezone, setZone: true });
	if (!moment.isValid) throw new TypeError('must be a date and time such as 2025-01-31T09:30:00+05:00');
	return moment.toFormat(WIRE_FORM);
}

/**
 * Writes a calendar day, `YYYY-MM-DD`. Of a value with a time, it is the day that it names.
 * @throws {TypeError} completing the sentence "<label> …"
 */
export function dayText(value: unknown, timezone: string): string {
	const text = textOf(value, timezone);
	if (text === undefined) throw new TypeError('must be a date such as 1990-01-31');
	return MOMENT.exec(text)?.[1] ?? text;
}
