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

/**
 * The protected header by algorithm, its keys in the order that the provider shows them
 * (HS512: page "Overview" of 2025-03; HS256: a newer copy of it, which no published key verifies).
 */
const PROTECTED_HEADERS = {
	HS512: (auth_id: string, { uri, method, params }: SignedRequest): JWSHeaderParameters => ({
		uri,
		auth_id,
		method,
		params,
		alg: 'HS512',
	}),
	HS256: (auth_id: string, { uri, method, params }: SignedRequest): JWSHeaderParameters => ({
		alg: 'HS256',
		typ: 'JWT',
		auth_id,
		uri,
		method,
		params,
	}),
};

export type Algorithm = keyof typeof PROTECTED_HEADERS;

export const algorithms = Object.keys(PROTECTED_HEADERS) as readonly Algorithm[];

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
	return await signPayload(body, PROTECTED_HEADERS[algorithm](authId, request), key);
}
