import type { IHttpRequestOptions } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { fromOwnNode } from './requester';

/** Production. */
export const HOST = 'https://api.freedompay.kz';

/** The fields of a credential of it. */
export const credential = { environment: 'production', authId: '123456', partnerKey: 'pärtner-key 🔑', algorithm: 'HS512' };

/** The credential's type. */
export const type = new FreedomPayApi();

export interface Signed {
	url?: string;
	uri?: string;
	body: Buffer;
	headers: Record<string, string>;
	[option: string]: unknown;
}

/** What the credential makes of a request. */
export async function authenticate(request: object, fields: object = credential): Promise<Signed> {
	return (await type.authenticate(fields as never, request as never)) as unknown as Signed;
}

/** A request of a node of one's own, to the production host. */
export const post = (body: unknown, more: Partial<IHttpRequestOptions> = {}) =>
	fromOwnNode(`${HOST}/v5/card-api/card/close`, { body: body as never, ...more }).options;

/** Why a request was not signed. */
export async function messageOf(attempt: Promise<unknown>): Promise<string> {
	const error: unknown = await attempt.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!(error instanceof Error)) throw new Error('It was signed');
	return error.message;
}

export const signatureOf = ({ headers }: Signed) => headers['X-JWS-Signature'];
