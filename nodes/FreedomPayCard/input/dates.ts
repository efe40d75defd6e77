const WALL_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

interface DateTimeLike {
	toISO: () => string | null;
}

function isDateTime(value: unknown): value is DateTimeLike {
	return typeof value === 'object' && value !== null && 'isLuxonDateTime' in value && 'toISO' in value;
}

function isDate(value: unknown): value is Date {
	// Of any realm: n8n's expressions have one of their own.
	return Object.prototype.toString.call(value) === '[object Date]';
}

/** The offset of a time zone at a moment, such as `+05:00`. */
function offsetAt(moment: number, timezone: string): string {
	const parts = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' }).formatToParts(moment);
	const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
	return /[+-]\d{2}:\d{2}/.exec(name)?.[0] ?? '+00:00';
}

/** The offset that a clock on the wall of a time zone has when it shows a time. */
function offsetOfWall(wall: string, timezone: string): string {
	const first = offsetAt(Date.parse(`${wall}Z`), timezone);
	const second = offsetAt(Date.parse(`${wall}${first}`), timezone);
	return offsetAt(Date.parse(`${wall}${second}`), timezone) === second ? second : first;
}

function textOfMoment(value: unknown): string | undefined {
	if (isDateTime(value)) {
		const iso = value.toISO();
		if (iso === null) throw new TypeError('is an invalid date');
		return iso;
	}
	return typeof value === 'string' ? value.trim() : undefined;
}

function textOfDate(value: Date, timezone: string): string {
	if (Number.isNaN(value.getTime())) throw new TypeError('is an invalid date');
	const offset = offsetAt(value.getTime(), timezone);
	const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
	const shift = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
	return `${new Date(value.getTime() + shift).toISOString().slice(0, 19)}${offset}`;
}

function normalOffset(offset: string): string {
	if (/^z$/i.test(offset)) return '+00:00';
	const digits = offset.replace(':', '').padEnd(5, '0');
	return `${digits.slice(0, 3)}:${digits.slice(3)}`;
}

/** Whether a point in time names its zone: all but text without one do. */
export function hasZone(value: unknown): boolean {
	return typeof value !== 'string' || WALL_TIME.exec(value.trim())?.[4] !== undefined;
}

/**
 * Writes a point in time as the API wants it, `YYYY-MM-DDThh:mm:ss+hh:mm`.
 * @param value of n8n's picker (without a zone), text with a zone, a Luxon DateTime or a Date
 * @param timezone the workflow's, meant when the value has none
 * @throws {TypeError} completing the sentence "<label> …"
 */
export function dateTimeText(value: unknown, timezone: string): string {
	const text = isDate(value) ? textOfDate(value, timezone) : textOfMoment(value);
	if (text === undefined) throw new TypeError('must be a date and time such as 2025-01-31T09:30:00+05:00');
	if (/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new TypeError(`needs a time of day too, such as ${text}T09:30:00`);
	const [, day, minute, second = '00', offset] = WALL_TIME.exec(text) ?? [];
	const wall = `${day}T${minute}:${second}`;
	if (Number.isNaN(Date.parse(`${wall}Z`))) throw new TypeError('must be a date and time such as 2025-01-31T09:30:00+05:00');
	return `${wall}${offset === undefined ? offsetOfWall(wall, timezone) : normalOffset(offset)}`;
}

/**
 * Writes a calendar day, `YYYY-MM-DD`. Of a value with a time, it is the day that it names.
 * @throws {TypeError} completing the sentence "<label> …"
 */
export function dayText(value: unknown, timezone: string): string {
	const text = isDate(value) ? textOfDate(value, timezone) : textOfMoment(value);
	if (text === undefined) throw new TypeError('must be a date such as 1990-01-31');
	return WALL_TIME.exec(text)?.[1] ?? text;
}
