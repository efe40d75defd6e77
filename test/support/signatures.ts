import { createHmac } from 'node:crypto';

import type { Sandbox } from '../sandbox';

/** The example that the provider publishes. */
export const PUBLISHED = {
	credential: { environment: 'test', authId: '123456', partnerKey: 'secret', algorithm: 'HS512' },
	url: 'https://test-api.freedompay.kz/v5/card-api/request/status',
	body: '{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca"}',
	signature:
		'eyJ1cmkiOiIvdjUvY2FyZC1hcGkvcmVxdWVzdC9zdGF0dXMiLCJhdXRoX2lkIjoiMTIzNDU2IiwibWV0aG9kIjoiUE9TVCIsInBhcmFtcyI6IiIsImFsZyI6IkhTNTEyIn0..f1sQoeIpX_ZjOaykQzSeylvvKaVrEQV4gNM2ACFbEMkFDUV9Zk5WO1yQGEWez-vnQMVHodLBDVEyh5Xm2-3MjQ',
} as const;

/** Examples of sibling APIs with the same scheme: E-Money (page doc-761039) and Invoice (page doc-786384), the second with a Cyrillic body. */
export const SIBLINGS = [
	{
		name: 'HS256, E-Money',
		key: 'your-256-bit-secret',
		header: '{"uri":"/v5/partner/wallet/add","auth_id":"123456","method":"POST","params":"","alg":"HS256"}',
		body: '{"request_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","country":"KAZ","currency":"KZT"}',
		signature: '5xVbhml5y1Uw1TYQ_djwwefFz8y_CnX-ajzNvOBCcmE',
	},
	{
		name: 'HS512, Invoice',
		key: 'secret_key',
		header: '{"path":"/v5/merchant/invoice/init","merchant_id":123456,"method":"POST","params":"","alg":"HS512"}',
		body: '{"order_id":"828cf71d-a447-4a67-a149-c1df8bc197ca","merchant_id":123456,"amount":100,"description":"Счет за услуги","invoice_method":"qr","currency":"KZT"}',
		signature: 'wCwFCAmxN0nbTm6mad8GxowIjgkCwfF7IAy2ijO9thLjsZFXnS4K_I4NPnXjkTFTMnEzqjk8rtIVmtf7NbGyvg',
	},
] as const;

const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS512: 'sha512' };

/** A signature taken apart with nothing but an HMAC. */
export interface Opened {
	/** Whether the HMAC over these bytes with this key is that of the signature. */
	verified: boolean;
	/** Whether the payload is left out, as the API asks. */
	detached: boolean;
	header: Readonly<Record<string, unknown>>;
}

/**
 * Checks a signature independently of the library that made it.
 * @param signature the `X-JWS-Signature` header
 * @param bytes the body as it came over the wire
 */
export function openSignature(signature: unknown, bytes: Uint8Array, partnerKey: string): Opened {
	const [encodedHeader = '', payload, mac] = String(signature).split('.');
	const header = JSON.parse(Buffer.from(encodedHeader, 'base64url').toString('utf8')) as Record<string, unknown>;
	const expected = createHmac(HASHES[String(header.alg)] ?? '', Buffer.from(partnerKey, 'utf8'))
		.update(`${encodedHeader}.${Buffer.from(bytes).toString('base64url')}`)
		.digest('base64url');
	return { verified: mac === expected, detached: payload === '', header };
}

/** Every request on the wire, checked by the sandbox and, apart from it, with an HMAC. */
export function expectAllSigned(sandbox: Sandbox, algorithm: string): void {
	for (const { signatureVerified, signature, headers, rawBody, path, query } of sandbox.journal.all) {
		expect(signature).toEqual({ verified: true, algorithm });
		expect(signatureVerified).toBe(true);
		expect(openSignature(headers['x-jws-signature'], rawBody, sandbox.partnerKey)).toMatchObject({
			verified: true,
			detached: true,
			header: { uri: path, params: query, auth_id: sandbox.authId, method: 'POST', alg: algorithm },
		});
		expect(headers['content-type']).toBe('application/json');
	}
}
