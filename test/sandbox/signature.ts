import { base64url, decodeProtectedHeader, flattenedVerify } from 'jose';

/** Whether a signature verified, and if not, why. */
export type SignatureCheck =
	| { verified: true; algorithm: string }
	| { verified: false; reason: string };

/** The request as it came over the wire. */
export interface ReceivedRequest {
	method: string;
	path: string;
	/** The raw query string, without the question mark. */
	query: string;
	/** The very bytes received. */
	rawBody: Uint8Array;
	/** The `X-JWS-Signature` header. */
	signature: string | undefined;
}

const refuse = (reason: string): SignatureCheck => ({ verified: false, reason });

/**
 * Verifies the signature of a request: a compact JWS with detached payload over the raw bytes of the
 * body, its protected header naming this request.
 * @see RFC 7515, appendix F
 */
export async function checkSignature(
	request: ReceivedRequest,
	expected: { authId: string; partnerKey: string },
): Promise<SignatureCheck> {
	if (request.signature === undefined) return refuse('no X-JWS-Signature header');
	const parts = request.signature.split('.');
	const [protectedHeader, payload, signature] = parts;
	if (parts.length !== 3 || !protectedHeader || !signature) return refuse('not a compact JWS');
	if (payload !== '') return refuse('the payload is not detached');

	try {
		const header = decodeProtectedHeader(request.signature);
		const facts = {
			uri: request.path,
			method: request.method,
			auth_id: expected.authId,
			params: request.query,
		};
		for (const [name, value] of Object.entries(facts)) {
			if (header[name] !== value) return refuse(`${name} of the protected header is not that of the request`);
		}
		await flattenedVerify(
			{ protected: protectedHeader, payload: base64url.encode(request.rawBody), signature },
			new TextEncoder().encode(expected.partnerKey),
			{ algorithms: ['HS512', 'HS256'] },
		);
		return { verified: true, algorithm: String(header.alg) };
	} catch (error) {
		return refuse(error instanceof Error ? error.message : 'cannot be read');
	}
}
