import { DateTime } from 'luxon';

import { Broken, wants } from './refusals';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

/** As the API wants a point in time. */
const WIRE_FORM = "yyyy-MM-dd'T'HH:mm:ssZZ";
const DATE_TIME_FORM = 'must be a date such as 2025-01-31, or a date and time such as 2025-01-31T09:30:00+05:00';
const DAY_FORM = 'must be a date such as 1990-01-31';

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
	if (typeof value === 'string') return value;
	const date = isDate(value) ? DateTime.fromMillis(value.getTime(), { zone }) : value;
	if (!isDateTime(date)) return undefined;
	const iso = date.toISO();
	if (iso === null) throw new Broken({ is: 'plainly', form: 'is an invalid date' });
	return iso;
}

interface Moment {
	day: string;
	/** `hh:mm:ss`. */
	time: string;
	isWholeSecond: boolean;
	isMidnight: boolean;
	/** As it was written; empty without one. */
	offset: string;
}

function momentOf(text: string): Moment | undefined {
	const [whole, day = '', minute = '', second = '00', fraction = '', offset = ''] = MOMENT.exec(text) ?? [];
	if (whole === undefined) return undefined;
	const time = `${minute}:${second}`;
	const isWholeSecond = !/[1-9]/.test(fraction);
	return { day, time, isWholeSecond, isMidnight: isWholeSecond && time === '00:00:00', offset: offset.toUpperCase() };
}

function dateTimeOf({ day, time, offset }: Moment, timezone: string): DateTime {
	return DateTime.fromISO(`${day}T${time}${offset}`, { zone: timezone, setZone: true });
}

/** A point in time, and what had to be taken for granted about it. */
export interface PointInTime {
	wire: string;
	/** `zone`: it had none. `wholeDay`: it was the midnight that n8n's picker gives for a day, and the day is meant to the end. */
	assumed?: 'zone' | 'wholeDay';
}

/**
 * Writes a point in time as the API wants it, `YYYY-MM-DDThh:mm:ss+hh:mm`.
 * @param value of n8n's picker (without a zone), text with a zone, a Luxon DateTime or a Date
 * @param timezone the workflow's, meant when the value has none
 * @param endsPeriod whether a date alone is meant to its end, instead of its beginning
 * @throws {Broken}
 */
export function pointInTime(value: unknown, timezone: string, endsPeriod: boolean): PointInTime {
	const text = textOf(value, timezone);
	if (text === undefined) throw wants(DATE_TIME_FORM);
	const isDay = DAY.test(text);
	const moment = isDay ? { day: text, time: '00:00:00', isWholeSecond: true, isMidnight: true, offset: '' } : momentOf(text);
	if (moment === undefined) throw wants(DATE_TIME_FORM);
	const isWholeDay = endsPeriod && moment.isMidnight && moment.offset === '';
	const dateTime = dateTimeOf(isWholeDay ? { ...moment, time: '23:59:59' } : moment, timezone);
	if (!dateTime.isValid) throw wants(DATE_TIME_FORM);
	const wire = dateTime.toFormat(WIRE_FORM);
	if (isDay || moment.offset !== '') return { wire };
	return { wire, assumed: isWholeDay ? 'wholeDay' : 'zone' };
}

/**
 * Writes a calendar day, `YYYY-MM-DD`. A value with a time is a day when it is midnight: as it is written, or in the zone of the
 * workflow, so that a Date, a DateTime and their saved text are the same day.
 * @throws {Broken}
 */
export function dayText(value: unknown, timezone: string): string {
	const text = textOf(value, 'utc');
	if (text === undefined) throw wants(DAY_FORM);
	const moment = momentOf(text);
	if (moment === undefined) return text;
	if (moment.isMidnight) return moment.day;
	const local = moment.offset === '' ? undefined : dateTimeOf(moment, timezone).setZone(timezone);
	if (moment.isWholeSecond && local?.isValid === true && local.equals(local.startOf('day'))) return local.toFormat('yyyy-MM-dd');
	throw new Broken({ is: 'timeOfDay', written: text, local: local?.isValid === true ? local.toFormat('yyyy-MM-dd HH:mm') : undefined, timezone });
}
