import { NodeConnectionTypes, type ICredentialType, type IDataObject, type IExecuteFunctions, type IHttpRequestOptions, type INodeType } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { runNode, type NodeOutcome } from './engine';

/** A request in the shape of the HTTP Request node. */
export type LegacyOptions = Record<string, unknown> & { uri: string; method: string };

/** Options of a request to be made with the credential, by either of n8n's helpers. */
export type RequestToMake =
	| { helper: 'httpRequestWithAuthentication'; options: IHttpRequestOptions }
	| { helper: 'requestWithAuthentication'; options: LegacyOptions };

/** A node that hands its requests to n8n's helpers, as other nodes do. */
function requester(requests: readonly RequestToMake[]): INodeType {
	return {
		description: {
			displayName: 'Requester',
			name: 'requester',
			group: ['output'],
			version: 1,
			description: 'Makes the requests of a test',
			defaults: { name: 'Requester' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: 'freedomPayApi', required: true }],
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			const items = [];
			for (const [item, { helper, options }] of requests.entries()) {
				const { helpers } = this;
				try {
					const answer = (
						helper === 'requestWithAuthentication'
							? await helpers.requestWithAuthentication.call(this, 'freedomPayApi', options as never)
							: await helpers.httpRequestWithAuthentication.call(this, 'freedomPayApi', options)
					) as IDataObject;
					const body: unknown = 'statusCode' in answer ? answer.body : answer;
					if (typeof body === 'object' && body !== null && 'destroy' in body) (body.destroy as () => void)();
					items.push({ json: { status: Number(answer.statusCode ?? 200) }, pairedItem: { item } });
				} catch (error) {
					const { message = '', description = '' } = error as { message?: string; description?: string | null };
					items.push({ json: { refused: `${message} ${description ?? ''}` }, pairedItem: { item } });
				}
			}
			return [items];
		},
	};
}

/**
 * Makes requests in n8n's engine with a FreedomPay API credential.
 * @param credential its type, by default that of the sources
 */
export async function makeRequests(
	credentialData: object,
	requests: readonly RequestToMake[],
	credential: ICredentialType = new FreedomPayApi(),
): Promise<NodeOutcome> {
	const outcome = await runNode({
		node: requester(requests),
		parameters: {},
		items: [{ start: true }],
		credential,
		credentialData: credentialData as never,
	});
	if (outcome.error !== undefined) throw outcome.error;
	return outcome;
}

/** The options that n8n's HTTP Request node (version 4.4) makes, before the credential sees them. */
export function fromHttpRequestNode(uri: string, given: Record<string, unknown> = {}): RequestToMake {
	const { headers, ...rest } = given;
	const options = {
		headers: { ...(headers as object | undefined), accept: 'application/json,text/html,*/*;q=0.7' },
		method: 'POST',
		uri,
		gzip: true,
		rejectUnauthorized: true,
		followRedirect: true,
		followAllRedirects: true,
		maxRedirects: undefined,
		resolveWithFullResponse: true,
		sendCredentialsOnCrossOriginRedirect: false,
		timeout: 300_000,
		encoding: null,
		json: false,
		useStream: true,
		...rest,
	};
	return { helper: 'requestWithAuthentication', options };
}

/** The options that a node of one's own would give to n8n's helper. */
export function fromOwnNode(url: string, given: Partial<IHttpRequestOptions> = {}): RequestToMake {
	return { helper: 'httpRequestWithAuthentication', options: { method: 'POST', url, ...given } };
}
