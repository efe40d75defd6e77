import type { Field, FileValue } from '../methods/define';
import { SECRET_NAMES } from '../methods/secretNames';

export const MASK = '******';

/** A JWS is no shorter. */
const SHORTEST_JWS = 27;

/** Text without spaces that may hold a JWS. Each character is looked at once, whatever a server sends. */
const MAY_HOLD_JWS = new RegExp(`[\\w.-]{${SHORTEST_JWS},}`, 'g');

function maskJws(text: string): string {
	if (text.length < SHORTEST_JWS) return text;
	return text.replace(MAY_HOLD_JWS, (run) => {
		const start = run.indexOf('eyJ');
		return start !== -1 && run.slice(start).split('.', 3).length === 3 ? run.slice(0, start) + MASK : run;
	});
}

const NO_SECRETS: readonly string[] = [];

/** The values of a body's secret fields. */
export function secretsOf(fields: readonly Field[], body: Readonly<Record<string, unknown>>): readonly string[] {
	if (!fields.some(({ kind }) => kind === 'secret')) return NO_SECRETS;
	return fields
		.filter(({ kind }) => kind === 'secret')
		.map(({ key }) => body[key])
		.flatMap((value) => (typeof value === 'string' || typeof value === 'number' ? [String(value)] : []))
		.filter((value) => value !== '');
}

/** A body for people's eyes: its secret fields masked, a file told by its size. */
export function maskBody(fields: readonly Field[], body: Readonly<Record<string, unknown>>): Record<string, unknown> {
	const byKey = new Map(fields.map((field) => [field.key, field]));
	const shown = (key: string, value: unknown): unknown => {
		const field = byKey.get(key);
		if (field?.kind === 'secret') return MASK;
		if (field?.kind === 'file') return `PDF of ${(value as FileValue).byteLength} bytes, as base64`;
		if (field?.kind === 'object') return maskBody(field.fields, value as Record<string, unknown>);
		return maskAnswer(value, []);
	};
	return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, shown(key, value)]));
}

/** Free text, such as a server's message, without the secrets that it may repeat. */
export function maskText(text: string, secrets: readonly string[]): string {
	return maskJws(secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text));
}

/**
 * Masks secrets that stand on their own in a text: a short code may also be part of a date, a card's
 * mask or an amount, which are left alone.
 */
function maskWords(text: string, secrets: readonly string[]): string {
	return maskJws(
		secrets.reduce((masked, secret) => {
			const literal = secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
			return masked.replace(new RegExp(`(?<![\\p{L}\\p{N}_*-]|\\d[.,:])${literal}(?![\\p{L}\\p{N}_*-]|[.,:]\\d)`, 'gu'), MASK);
		}, text),
	);
}

/**
 * An answer without what must not be shown: by the field's name, and texts that repeat a secret that was sent.
 * @returns the same answer if there is nothing to mask, as in most
 */
export function maskAnswer(value: unknown, secrets: readonly string[]): unknown {
	if (typeof value === 'string') return secrets.includes(value) ? MASK : maskWords(value, secrets);
	if (typeof value !== 'object' || value === null) return value;
	let isMasked = false;
	const shown = Object.entries(value).map(([key, entry]: [string, unknown]) => {
		const masked = SECRET_NAMES.test(key) && !isBlankSecret(entry) ? MASK : maskAnswer(entry, secrets);
		isMasked ||= masked !== entry;
		return [key, masked] as const;
	});
	if (!isMasked) return value;
	return Array.isArray(value) ? shown.map(([, masked]) => masked) : Object.fromEntries(shown);
}

function isBlankSecret(value: unknown): boolean {
	return value === null || value === '';
}
