import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { REQUEST_STATUS_PATH } from '../nodes/card-api/methods/paths';
import { checkCredential, CredentialRefusal, remarkOn } from '../nodes/card-api/signing/credential';
import { ALGORITHMS, DEFAULT_ALGORITHM } from '../nodes/card-api/signing/detachedJws';
import { CUSTOM_ENVIRONMENT, DEFAULT_ENVIRONMENT, ENVIRONMENTS, EXAMPLE_ORIGIN, environmentHostOf } from '../nodes/card-api/signing/environments';
import { importedKey } from '../nodes/card-api/signing/importedKey';
import { signRequest } from '../nodes/card-api/signing/signRequest';

/** Of a request that does not exist: by it, the credential's test is known. */
const TEST_REQUEST_ID = '5f0a3c1e-8d47-4b52-9c66-0e1d2f3a4b5c';

function isTest({ body }: IHttpRequestOptions): boolean {
	return typeof body === 'object' && body !== null && 'request_id' in body && body.request_id === TEST_REQUEST_ID;
}

export class FreedomPayApi implements ICredentialType {
	name = 'freedomPayApi';

	displayName = 'FreedomPay API';

	icon = { light: 'file:freedomPayApi.svg', dark: 'file:freedomPayApi.dark.svg' } as const;

	documentationUrl = 'https://github.com/n8n-nodes-freedompay/n8n-nodes-freedompay#your-keys';

	properties: INodeProperties[] = [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				...[...ENVIRONMENTS].map(([value, environment]) => ({ name: environment.name, value, description: `${environment.holds} (${environmentHostOf(environment)})` })),
				{
					name: 'Custom',
					value: CUSTOM_ENVIRONMENT,
					description: "Another country's host of the same API, or a sandbox",
				},
			],
			default: DEFAULT_ENVIRONMENT,
			// n8n's test of a credential shows nothing but the code of a host that cannot be reached, and has no rule for it.
			description:
				'Which host the requests go to. A request to any other host is refused. If the test of the credential answers with a code: ENOTFOUND is a host that does not exist, ECONNREFUSED or ETIMEDOUT one that does not answer, and one with CERT, SIGNED or SIGNATURE a certificate that n8n does not trust.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: EXAMPLE_ORIGIN,
			description: 'Scheme and host, without a path. Plain http is allowed for this machine only.',
			displayOptions: { show: { environment: [CUSTOM_ENVIRONMENT] } },
		},
		{
			displayName: 'Auth ID',
			name: 'authId',
			type: 'string',
			required: true,
			default: '',
			description: 'The ID of the partner, given by FreedomPay',
		},
		{
			displayName: 'Partner Key',
			name: 'partnerKey',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'The secret that signs every request, given by FreedomPay. It is used exactly as typed.',
		},
		{
			displayName: 'Signature Algorithm',
			name: 'algorithm',
			type: 'options',
			options: Object.entries(ALGORITHMS)
				.map(([name, { shown }]) => ({ name, value: name, description: shown }))
				.sort((one, other) => one.name.localeCompare(other.name)),
			default: DEFAULT_ALGORITHM,
			description: 'Change it only if FreedomPay tells you to',
		},
		// n8n adds these two itself to every credential that signs, with words that leave open what they mean for this one.
		{
			displayName: 'Allowed HTTP Request Domains',
			name: 'allowedHttpRequestDomains',
			type: 'options',
			options: [
				{ name: 'All', value: 'all', description: 'It signs for the host of its Environment only, so this is safe' },
				{ name: 'Specific Domains', value: 'domains', description: 'The host of its Environment has to be among them' },
				{ name: 'None', value: 'none', description: 'Only the FreedomPay Card node may use this credential' },
			],
			default: 'all',
			description:
				"Whether n8n's own HTTP Request and GraphQL nodes may use this credential as well. The FreedomPay Card node works with any choice.",
		},
		{
			displayName: 'Allowed Domains',
			name: 'allowedDomains',
			type: 'string',
			default: '',
			placeholder: [...ENVIRONMENTS.values()].map(environmentHostOf).join(', '),
			description: 'Domains with commas between them. An asterisk stands for any subdomain.',
			displayOptions: { show: { allowedHttpRequestDomains: ['domains'] } },
		},
	];

	/**
	 * Asks for the status of a request that does not exist. How the API answers that is not
	 * documented, so every answer passes but those that say that the key or the host is wrong.
	 */
	test: ICredentialTestRequest = {
		request: {
			method: 'POST',
			url: REQUEST_STATUS_PATH,
			body: { request_id: TEST_REQUEST_ID },
			ignoreHttpStatusErrors: {
				ignore: true,
				except: [301, 302, 303, 307, 308, 401, 403, 405, 407, 429, 500, 501, 502, 503, 504],
			},
		},
		rules: [
			...[
				[401, 'FreedomPay refused the signature (HTTP 401). Check the Environment, Auth ID, Partner Key and Signature Algorithm.'] as const,
				[403, 'FreedomPay refused the signature (HTTP 403), or a proxy on the way the request. Check the Environment, Auth ID, Partner Key and Signature Algorithm, and the proxy that n8n is set to use.'] as const,
				[407, 'The proxy that n8n is set to use wants a name and password (HTTP 407). Put them into HTTPS_PROXY of n8n.'] as const,
			].map(([value, message]) => ({ type: 'responseCode' as const, properties: { value, message } })),
			// A text answer is seen as its characters: a web page begins with "<".
			{
				type: 'responseSuccessBody',
				properties: {
					key: '0',
					value: '<',
					message: 'The host answered with a web page. Check the Environment and the Base URL.',
				},
			},
			// n8n takes both kinds of rule in one list; its type names lists of one kind.
		] as ICredentialTestRequest['rules'] & object,
	};

	/**
	 * Signs a request. The only place that does. A property of its own, since n8n gives its editor copies of credential types that
	 * lack what they inherit, and the HTTP Request node offers only those with this one.
	 */
	authenticate = async (credentials: ICredentialDataDecryptedObject, requestOptions: IHttpRequestOptions): Promise<IHttpRequestOptions> => {
		const credential = checkCredential(credentials);
		const remark = isTest(requestOptions) ? remarkOn(credential) : '';
		if (remark !== '') {
			throw new CredentialRefusal(`${remark} Type it again without. If FreedomPay gave it to you like that, save it all the same: it is used exactly as typed.`);
		}
		return await signRequest(requestOptions, credential, await importedKey(credentials, credential));
	};
}
