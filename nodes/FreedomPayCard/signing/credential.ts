import { algorithms, type Algorithm, type Signer } from './detachedJws';

const ENVIRONMENTS: Readonly<Record<string, string>> = {
	production: 'https://api.freedompay.kz',
	test: 'https://test-api.freedompay.kz',
};

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

function originOf(environment: unknown, baseUrl: unknown): string {
	if (environment !== 'custom') {
		const known = Object.hasOwn(ENVIRONMENTS, String(environment)) ? ENVIRONMENTS[String(environment)] : undefined;
		if (known === undefined) {
			throw new CredentialRefusal('Choose an Environment in the FreedomPay API credential.');
		}
		return known;
	}
	const typed = typeof baseUrl === 'string' ? baseUrl.trim() : '';
	if (!URL.canParse(typed)) {
		throw new CredentialRefusal(
			'The Base URL in the FreedomPay API credential is not a valid URL. Type one such as https://api.freedompay.kg.',
		);
	}
	const url = new URL(typed);
	if (url.username !== '' || url.password !== '') {
		throw new CredentialRefusal(
			'The Base URL in the FreedomPay API credential must not hold a user name or password. Remove them.',
		);
	}
	if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
		throw new CredentialRefusal(
			`The Base URL in the FreedomPay API credential must end after the host. Type ${url.origin} and leave out what follows.`,
		);
	}
	if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
		throw new CredentialRefusal(
			'The Base URL in the FreedomPay API credential must begin with https://. Plain http is allowed for this machine (localhost) only.',
		);
	}
	return url.origin;
}

/**
 * Reads the fields of a `freedomPayApi` credential.
 * @param fields the decrypted fields, as n8n hands them over
 * @throws {CredentialRefusal} saying which field to mend; never quoting the key
 */
export function checkCredential(fields: Readonly<Record<string, unknown>>): CheckedCredential {
	const { authId, partnerKey, algorithm } = fields;
	if (typeof authId !== 'string' || authId.trim() === '') {
		throw new CredentialRefusal('The Auth ID in the FreedomPay API credential is empty. Type the one that FreedomPay gave you.');
	}
	if (typeof partnerKey !== 'string' || partnerKey.trim() === '') {
		throw new CredentialRefusal('The Partner Key in the FreedomPay API credential is empty. Type the one that FreedomPay gave you.');
	}
	if (!algorithms.includes(algorithm as Algorithm)) {
		throw new CredentialRefusal('Choose a Signature Algorithm in the FreedomPay API credential.');
	}
	return {
		origin: originOf(fields.environment, fields.baseUrl),
		authId,
		partnerKey,
		algorithm: algorithm as Algorithm,
	};
}

/**
 * Whether white space surrounds a field of the credential. It is kept, since it may belong to the
 * key, but it is the likeliest reason for a refused signature.
 */
export function hasOuterWhiteSpace({ authId, partnerKey }: Signer): boolean {
	return authId !== authId.trim() || partnerKey !== partnerKey.trim();
}
