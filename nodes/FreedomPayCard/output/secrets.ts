import { LEFT_OUT } from '../../card-api/json/exactJson';
import { DEEPEST } from '../../card-api/json/scan';
import type { Field, FileValue } from '../../card-api/methods/define';
import { SECRET_NAMES } from '../../card-api/methods/secretNames';

export const MASK = '******';

/** A JWS is no shorter. */
const SHORTEST_JWS = 27;

/** What a JWS begins with: `{"` in base64url. */
const JWS_START = 'eyJ';

function isJwsSign(sign: number): boolean {
	const isLetter = (sign | 0x20) >= 0x61 && (sign | 0x20) <= 0x7a;
	return isLetter || (sign >= 0x30 && sign <= 0x39) || sign === 0x5f || sign === 0x2d || sign === 0x2e;
}

/** Masks each JWS. Every sign is looked at once, and without a pattern: a word of some million signs is too long for one. */
function maskJws(text: string): string {
	let masked = '';
	let taken = 0;
	for (let start = text.indexOf(JWS_START); start !== -1; start = text.indexOf(JWS_START, taken)) {
		let end = start;
		let dots = 0;
		for (let sign = text.charCodeAt(end); isJwsSign(sign); sign = text.charCodeAt(end)) {
			if (sign === 0x2e) dots++;
			end++;
		}
		const isJws = dots >= 2 && end - start >= SHORTEST_JWS;
		masked += isJws ? text.slice(taken, start) + MASK : text.slice(taken, end);
		taken = end;
	}
	return taken === 0 ? text : masked + text.slice(taken);
}

const NO_SECRETS: readonly string[] = [];

/** The values of a body's secret fields, however deep they are, and of what is in them. */
export function secretsOf(fields: readonly Field[], body: Readonly<Record<string, unknown>>): readonly string[] {
	const names = new Set(fields.filter(({ kind }) => kind === 'secret').map(({ key }) => key));
	if (names.size === 0) return NO_SECRETS;
	const secretsIn = (value: unknown, isSecret: boolean): string[] => {
		if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, entry]) => secretsIn(entry, isSecret || names.has(key)));
		return isSecret && (typeof value === 'string' || typeof value === 'number') && value !== '' ? [String(value)] : [];
	};
	return secretsIn(body, false);
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

/** A shorter code may be part of a date, a card's mask or an amount. */
const SHORTEST_TELLING = 5;

/** A shorter number may be any status. */
const SHORTEST_NUMBER = 3;

/** Masks secrets in a text: a short one wherever it is not part of a longer number, a date, an amount or a card's mask. */
function maskWords(text: string, secrets: readonly string[]): string {
	return maskJws(
		secrets.reduce((masked, secret) => {
			if (!masked.includes(secret)) return masked;
			if (secret.length >= SHORTEST_TELLING) return masked.replaceAll(secret, MASK);
			const literal = secret.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
			return masked.replace(new RegExp(`(?<![\\d*]|\\d[.,:/-])${literal}(?![\\d*]|[.,:/-]\\d)`, 'g'), MASK);
		}, text),
	);
}

/**
 * An answer without what must not be shown: by the field's name, and texts that repeat a secret that was sent. What is nested
 * more than a thousand levels deep, as no answer that was read here is, is left out.
 * @returns the same answer if there is nothing to mask, as in most
 */
export function maskAnswer(value: unknown, secrets: readonly string[]): unknown {
	return masked(value, secrets, 0);
}

function masked(value: unknown, secrets: readonly string[], depth: number): unknown {
	if (typeof value === 'string') return secrets.includes(value) ? MASK : maskWords(value, secrets);
	if (typeof value === 'number' && secrets.length > 0 && isTelling(String(value), secrets)) return MASK;
	if (typeof value !== 'object' || value === null) return value;
	if (depth >= DEEPEST) return LEFT_OUT;
	let isMasked = false;
	const shown = Object.entries(value).map(([key, entry]: [string, unknown]) => {
		const safe = SECRET_NAMES.test(key) && entry !== null && entry !== '' ? MASK : masked(entry, secrets, depth + 1);
		const safeKey = secrets.length === 0 || Array.isArray(value) ? key : secrets.includes(key) ? MASK : maskWords(key, secrets);
		isMasked ||= safe !== entry || safeKey !== key;
		return [safeKey, safe] as const;
	});
	if (!isMasked) return value;
	return Array.isArray(value) ? shown.map(([, safe]) => safe) : Object.fromEntries(shown);
}

/** Whether the digits of a number hold a secret: a short one only if they are nothing else. */
function isTelling(digits: string, secrets: readonly string[]): boolean {
	return secrets.some((secret) => {
		// A number has no zeros in front.
		const significant = secret.replace(/^0+(?=\d)/, '');
		return significant.length >= SHORTEST_TELLING ? digits.includes(significant) : significant.length >= SHORTEST_NUMBER && digits === significant;
	});
}
