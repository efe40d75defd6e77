import { foreignLetter, invisibleInWords, letterInWords, mixedLetter, oddSign, type Found } from '../text/signs';
import { isAlgorithm, type Signer } from './detachedJws';
import { CUSTOM_ENVIRONMENT, ENVIRONMENTS, EXAMPLE_ORIGIN } from './environments';

/** The first sign that nobody sees, in words that tell nothing else of the text; undefined when there is none. */
function invisibleIn(text: string): string | undefined {
	return worded(oddSign(text), invisibleInWords);
}

/** The first letter of another alphabet in a text that has Latin letters or digits too. */
function foreignIn(text: string): string | undefined {
	return /[A-Za-z0-9]/.test(text) ? worded(foreignLetter(text), letterInWords) : undefined;
}

/** The first letter beside a Latin one that may be taken for one. */
function mixedIn(text: string): string | undefined {
	return worded(mixedLetter(text), letterInWords);
}

function worded(found: Found | undefined, inWords: (sign: string) => string): string | undefined {
	return found === undefined ? undefined : `${inWords(found.sign)} at position ${found.position}`;
}

/** A credential that can sign: its origin and its key. */
export interface CheckedCredential extends Signer {
	/** Scheme, host and port that signed requests may go to. */
	origin: string;
}

/** A credential that cannot be used, or a request that it must not sign. The message says what to do. */
export class CredentialRefusal extends Error {
	override readonly name = 'CredentialRefusal';
}

function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

const BASE_URL = 'The Base URL in the FreedomPay API credential';

/** The address that was probably meant by one without `https://`; undefined when it looks like none. */
function meantBy(typed: string): string | undefined {
	const address = typed.replace(/^\/\//, '');
	// A word alone is hardly a host.
	if (!/[.:]/.test(address) || !URL.canParse(`https://${address}`)) return undefined;
	const { host, hostname } = new URL(`https://${address}`);
	return `${isLoopback(hostname) ? 'http' : 'https'}://${host}`;
}

/** The Base URL as it was typed, without white space around it. */
function typedUrl(baseUrl: unknown): string {
	const typed = typeof baseUrl === 'string' ? baseUrl.trim() : '';
	if (typed === '' && (typeof baseUrl === 'string' || baseUrl === undefined || baseUrl === null)) {
		throw new CredentialRefusal(`${BASE_URL} ${blankWords(baseUrl)} Type one such as ${EXAMPLE_ORIGIN}.`);
	}
	const invisible = invisibleIn(typed);
	if (invisible !== undefined) throw new CredentialRefusal(`${BASE_URL} holds ${invisible}, which nobody sees. Type it again by hand.`);
	const mixed = mixedIn(typed);
	if (mixed !== undefined) throw new CredentialRefusal(`${BASE_URL} holds ${mixed} among Latin ones. Type it again with Latin letters.`);
	return typed;
}

function customOrigin(baseUrl: unknown): string {
	const typed = typedUrl(baseUrl);
	const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(typed) || /^https?:/i.test(typed);
	const meant = hasScheme ? undefined : meantBy(typed);
	if (meant !== undefined) throw new CredentialRefusal(`${BASE_URL} must begin with https://. Type ${meant}.`);
	if (!hasScheme || !URL.canParse(typed)) {
		throw new CredentialRefusal(`${BASE_URL} is not a valid URL. Type one such as ${EXAMPLE_ORIGIN}.`);
	}
	const url = new URL(typed);
	if (url.username !== '' || url.password !== '') {
		throw new CredentialRefusal(`${BASE_URL} must not hold a user name or password. Remove them.`);
	}
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
		// A host of another scheme may be none of https.
		const meantHost = `https://${url.host}`;
		const instead = url.host !== '' && URL.canParse(meantHost) ? meantHost : `one such as ${EXAMPLE_ORIGIN}`;
		throw new CredentialRefusal(`${BASE_URL} must begin with https://. Type ${instead}. Plain http is allowed for this machine (localhost) only.`);
	}
	if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
		throw new CredentialRefusal(`${BASE_URL} must end after the host. Type ${url.origin} and leave out what follows.`);
	}
	return url.origin;
}

function originOf(environment: unknown, baseUrl: unknown): string {
	if (environment === CUSTOM_ENVIRONMENT) return customOrigin(baseUrl);
	const known = ENVIRONMENTS.get(String(environment));
	if (known === undefined) throw new CredentialRefusal('Choose an Environment in the FreedomPay API credential.');
	return known.origin;
}

/** Says of a field without content that it is empty; what is typed is never undefined or null. */
function blankWords(value: string | undefined | null): string {
	return typeof value === 'string' ? 'is empty.' : `is empty: its expression gives ${value === null ? 'null' : 'undefined'}.`;
}

/**
 * Reads a field of text. An expression may give a number, which is its digits.
 * @throws {CredentialRefusal} never quoting what came
 */
function textOf(label: string, value: unknown): string {
	const field = `The ${label} in the FreedomPay API credential`;
	if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
		throw new CredentialRefusal(`${field} ${blankWords(value)} Type the one that FreedomPay gave you.`);
	}
	if (typeof value === 'string') return value;
	if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
	const kind = typeof value === 'number' ? 'a number that has more digits than are kept exactly, or a fraction' : typeof value === 'boolean' ? 'true or false' : 'a list or an object';
	throw new CredentialRefusal(`${field} is an expression that gives ${kind}. Make it give text.`);
}

/** Text without the plain white space around it. */
function withoutPlainSpace(text: string): string {
	const isPlain = (sign: string | undefined) => sign === ' ' || sign === '\t' || sign === '\n' || sign === '\r';
	let [from, to] = [0, text.length];
	while (from < to && isPlain(text[from])) from++;
	while (to > from && isPlain(text[to - 1])) to--;
	return text.slice(from, to);
}

/** The ID of a partner: unlike a key, it is read by people, and none that one cannot read is right. */
function authIdOf(value: unknown): string {
	const authId = textOf('Auth ID', value);
	const strange = invisibleIn(withoutPlainSpace(authId)) ?? foreignIn(authId);
	if (strange !== undefined) throw new CredentialRefusal(`The Auth ID in the FreedomPay API credential holds ${strange}. Type it again by hand, with Latin letters and digits.`);
	return authId;
}

/**
 * Reads the fields of a `freedomPayApi` credential.
 * @param fields the decrypted fields, as n8n hands them over
 * @throws {CredentialRefusal} saying which field to mend; never quoting the key
 */
export function checkCredential(fields: Readonly<Record<string, unknown>>): CheckedCredential {
	const { algorithm } = fields;
	const authId = authIdOf(fields.authId);
	const partnerKey = textOf('Partner Key', fields.partnerKey);
	if (!isAlgorithm(algorithm)) throw new CredentialRefusal('Choose a Signature Algorithm in the FreedomPay API credential.');
	return {
		origin: originOf(fields.environment, fields.baseUrl),
		authId,
		partnerKey,
		algorithm,
	};
}

/**
 * What is strange about a credential that can sign: white space around a field, or a sign of the key that nobody sees or takes for another.
 * It is kept, since it may belong to the key, but is the likeliest reason for a refused signature.
 * @returns a sentence that quotes nothing but the sign; empty when there is nothing to remark
 */
export function remarkOn({ authId, partnerKey }: Signer): string {
	const inner = withoutPlainSpace(partnerKey);
	const isSurrounded = authId !== withoutPlainSpace(authId) || partnerKey !== inner;
	if (isSurrounded) return 'The Auth ID or the Partner Key begins or ends with white space, which is used as part of it.';
	const strange = invisibleIn(inner) ?? foreignIn(inner);
	return strange === undefined ? '' : `The Partner Key holds ${strange}, which is used as part of it.`;
}
