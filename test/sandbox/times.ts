/** Kazakhstan's time, which the Card API tells. */
export const UTC_PLUS_5_MS = 5 * 60 * 60 * 1000;

/** RFC 3339 in Kazakhstan's time, as `dt` is. */
export function rfc3339(at: number): string {
	return new Date(at + UTC_PLUS_5_MS).toISOString().replace('Z', '+05:00');
}

/** RFC 3339 in Kazakhstan's time without fractions, as a request writes a time. */
export function wholeSeconds(at: number): string {
	return rfc3339(at).replace(/\.\d+/, '');
}

/** `2022-05-01 12:01:15` in GMT+0, as gift cards' `datetime` is. */
export function giftTime(at: number): string {
	return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
