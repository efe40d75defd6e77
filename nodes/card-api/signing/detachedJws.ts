import { FlattenedSign, type CryptoKey, type JWSHeaderParameters } from 'jose';

/** What the credential and the request contribute to a signature. */
export interface Signer {
	authId: string;
	/** Used as the bytes of its UTF-8 text, not base64-decoded. */
	partnerKey: string;
	algorithm: Algorithm;
}

export interface SignedRequest {
	/** The path of the URL, such as `/v5/card-api/request/status`. */
	uri: string;
	method: string;
	/** The raw query string; empty for every documented method. */
	params: string;
}

/** What an algorithm of JWS is for the Card API. */
interface JwsAlgorithm {
	/** Of the HMAC (RFC 7518, section 3.2). */
	hash: 'SHA-256' | 'SHA-512';
	/** The protected header, its keys in the order that the provider shows them. */
	header: (authId: string, request: SignedRequest) => JWSHeaderParameters;
	/** Where the provider shows it, for the credential's choice. */
	shown: string;
}

/** All that is known of each algorithm, by its `alg`. */
export const ALGORITHMS = {
	/** Page "Overview" of 2025-03. */
	HS512: {
		hash: 'SHA-512',
		header: (auth_id, { uri, method, params }) => ({ uri, auth_id, method, params, alg: 'HS512' }),
		shown: 'The documented algorithm',
	},
	/** A newer copy of that page, which no published key verifies. */
	HS256: {
		hash: 'SHA-256',
		header: (auth_id, { uri, method, params }) => ({ alg: 'HS256', typ: 'JWT', auth_id, uri, method, params }),
		shown: 'Shown in a newer copy of the documentation',
	},
} as const satisfies Readonly<Record<string, JwsAlgorithm>>;

export type Algorithm = keyof typeof ALGORITHMS;

/** What a new credential starts with. */
export const DEFAULT_ALGORITHM: Algorithm = 'HS512';

/** Whether a field of a credential names an algorithm. */
export function isAlgorithm(value: unknown): value is Algorithm {
	return typeof value === 'string' && Object.hasOwn(ALGORITHMS, value);
}

/**
 * Signs bytes under a protected header: a compact JWS with detached payload.
 * @param header its keys in the order in which they are signed
 * @param key an imported one, or one that is used as the bytes of its UTF-8 text
 * @throws when the key is empty
 * @see RFC 7515, section 7.2.2 and appendix F
 */
export async function signPayload(payload: Uint8Array, header: JWSHeaderParameters, key: string | CryptoKey): Promise<string> {
	const jws = await new FlattenedSign(payload).setProtectedHeader(header).sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
	return `${jws.protected}..${jws.signature}`;
}

/**
 * Signs a request as the Card API asks, the payload being the exact bytes of the body.
 * @param key the signer's partner key, imported for its algorithm
 * @returns the value of the `X-JWS-Signature` header
 * @see https://docs.freedompay.kz/doc-760202
 */
export async function signDetached(
	body: Uint8Array,
	request: SignedRequest,
	{ authId, algorithm }: Pick<Signer, 'authId' | 'algorithm'>,
	key: CryptoKey,
): Promise<string> {
	return await signPayload(body, ALGORITHMS[algorithm].header(authId, request), key);
}
