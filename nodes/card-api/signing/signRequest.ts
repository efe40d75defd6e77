import type { CryptoKey } from 'jose';
import type { IHttpRequestOptions } from 'n8n-workflow';

import { CredentialRefusal, type CheckedCredential } from './credential';
import { signDetached } from './detachedJws';
import { DOCUMENTED_ORIGIN } from './environments';
import { checkJsonBytes, jsonBytes, jsonTextBytes } from '../json/jsonBytes';

/** The older shape of a request, in which n8n's HTTP Request node hands it to a credential. */
export interface LegacyRequest extends Omit<IHttpRequestOptions, 'url' | 'baseURL'> {
	uri: string;
	baseURL?: string;
	form?: unknown;
	formData?: unknown;
}

/** The shapes in which n8n hands a request to a credential. */
export type AnyRequest = IHttpRequestOptions | LegacyRequest;

const FORM_REFUSAL =
	'The Card API takes JSON only. Set Body Content Type to JSON (or Raw with application/json) instead of a form or a file.';

/** A signature must not follow a redirect. Each shape has switches of its own. */
const NO_REDIRECTS = {
	disableFollowRedirect: true,
	followRedirect: false,
	followAllRedirects: false,
	maxRedirects: 0,
	sendCredentialsOnCrossOriginRedirect: false,
};

function queryOf({ qs }: AnyRequest): string {
	if (qs === undefined || Object.keys(qs).length === 0) return '';
	return new URLSearchParams(
		Object.entries(qs).flatMap(([key, value]) =>
			(Array.isArray(value) ? value : [value]).map((entry): [string, string] => [key, String(entry)]),
		),
	).toString();
}

/** Where a request goes, its query included, whichever shape it has. */
function urlOf(request: AnyRequest, origin: string): URL {
	const target = 'uri' in request ? request.uri : request.url;
	const base = request.baseURL === undefined || request.baseURL === '' ? origin : request.baseURL;
	if (!URL.canParse(target, base)) {
		throw new CredentialRefusal(`The URL is not valid. Type one such as ${DOCUMENTED_ORIGIN}/v5/card-api/request/status.`);
	}
	// As axios joins them: a base URL's path is kept.
	const url = /^https?:/i.test(target) ? new URL(target) : new URL(base.replace(/\/+$/, '') + (target === '' ? '' : `/${target.replace(/^\/+/, '')}`));
	const query = queryOf(request);
	if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`;
	url.hash = '';
	return url;
}

/** The body's bytes: what is signed is what is sent. */
function bytesOf(request: AnyRequest): Buffer {
	const body: unknown = request.body;
	const isForm = 'uri' in request && (request.form !== undefined || request.formData !== undefined);
	if (isForm || body instanceof URLSearchParams) throw new CredentialRefusal(FORM_REFUSAL);
	const type = Object.entries(request.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
	if (typeof type === 'string' && !/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) throw new CredentialRefusal(FORM_REFUSAL);
	if (body === undefined || body === null || body === '') {
		throw new CredentialRefusal('The Card API takes a JSON body. Turn on Send Body and fill it, with {} if the method has no fields.');
	}
	if (typeof body === 'string') return jsonTextBytes(body);
	if (Buffer.isBuffer(body)) return checkJsonBytes(body);
	if (typeof body === 'object' && ('pipe' in body || 'getHeaders' in body)) throw new CredentialRefusal(FORM_REFUSAL);
	return jsonBytes(body);
}

/**
 * Signs a request of either shape, once or again: n8n calls a second time, on the options that the
 * first call gave, after a 401.
 * @param key the credential's partner key, imported for its algorithm
 * @returns options whose body is the very bytes that the signature covers, redirects off
 * @throws {CredentialRefusal} for another origin, another method than POST or a body that is not JSON
 */
export async function signRequest<T extends AnyRequest>(request: T, credential: CheckedCredential, key: CryptoKey): Promise<T> {
	const url = urlOf(request, credential.origin);
	if (url.origin !== credential.origin) {
		throw new CredentialRefusal(
			`The FreedomPay API credential signs requests to ${credential.origin} only, not to ${url.origin}. Change the URL, or the credential's Environment.`,
		);
	}
	if (url.username !== '' || url.password !== '') {
		throw new CredentialRefusal('The URL must not hold a user name or password. Remove them.');
	}
	if ((request.method ?? 'GET').toUpperCase() !== 'POST') {
		throw new CredentialRefusal('The Card API takes POST requests only. Set Method to POST.');
	}
	const body = bytesOf(request);
	const signature = await signDetached(
		body,
		{ uri: url.pathname, method: 'POST', params: url.search.slice(1) },
		credential,
		key,
	);
	const headers = Object.fromEntries(
		Object.entries(request.headers ?? {}).filter(([name]) => !/^(content-type|content-length|x-jws-signature)$/i.test(name)),
	);
	const signed: AnyRequest = {
		...request,
		...('uri' in request ? { uri: url.href } : { url: url.href }),
		body,
		headers: { ...headers, 'Content-Type': 'application/json', 'X-JWS-Signature': signature },
		...NO_REDIRECTS,
	};
	delete signed.baseURL;
	delete signed.qs;
	return signed as T;
}
