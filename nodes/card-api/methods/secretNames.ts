/** Names of fields that hold what must not be shown, in requests and answers alike. */
export const SECRET_NAMES = /^(?:otp|pin|cvv2?|cvc2?|pan|card_number|partner_key)$/i;

/** The names of such fields in a value, however deep: it is nested no deeper than a body may be. */
export function secretNamesIn(value: unknown): string[] {
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([key, entry]) => [...(SECRET_NAMES.test(key) ? [key] : []), ...secretNamesIn(entry)]);
}
