import { NodeConnectionTypes, type ICredentialTestRequest, type ICredentialType, type IExecuteFunctions, type INodeType } from 'n8n-workflow';

import { runNode } from './engine';

interface Failure extends Error {
	cause?: { code?: string; response?: { status: number; statusText: string } };
}

type Tested = { answer: unknown } | { failure: Failure };

function testOf({ test }: ICredentialType): ICredentialTestRequest {
	if (test === undefined) throw new Error('The credential has no test');
	return test;
}

/** Runs the test of a credential as n8n's form does: through a node made up of one property that holds the request. */
async function run(credential: ICredentialType, credentialData: object): Promise<Tested> {
	let failure: Failure | undefined;
	const probe: INodeType = {
		description: {
			displayName: 'Probe',
			name: 'probe',
			group: ['output'],
			version: 1,
			description: 'Runs the test of a credential',
			defaults: { name: 'Probe' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: 'freedomPayApi', required: true }],
			properties: [{ displayName: 'Temp', name: 'temp', type: 'string', routing: { request: testOf(credential).request }, default: '' }],
		},
		async execute(this: IExecuteFunctions) {
			const { RoutingNode } = await import('n8n-core');
			try {
				return await new RoutingNode(this as never, probe).runNode() ?? [];
			} catch (error) {
				// The engine would drop its cause.
				failure = error as Failure;
				throw error;
			}
		},
	};
	const { items } = await runNode({ node: probe, parameters: {}, items: [{}], credential, credentialData: credentialData as never });
	return failure === undefined ? { answer: items[0]?.[0]?.json } : { failure };
}

/**
 * What n8n's form says after "Test", by the credential's rules.
 * @param credential its type
 */
export async function testCredential(credential: ICredentialType, credentialData: object): Promise<string> {
	const { rules = [] } = testOf(credential);
	const tested = await run(credential, credentialData);
	if ('failure' in tested) {
		const { message, cause } = tested.failure;
		if (cause?.response === undefined) return cause?.code ?? message;
		const { status, statusText } = cause.response;
		const rule = rules.find(({ type, properties }) => type === 'responseCode' && properties.value === status);
		if (rule !== undefined) return rule.properties.message;
		return statusText === '' ? `Received HTTP status code: ${status}` : statusText;
	}
	const answer = tested.answer as Readonly<Record<string, unknown>> | undefined;
	// None of the rules' keys is a path.
	const rule = rules.find(({ type, properties }) => type === 'responseSuccessBody' && answer?.[properties.key] === properties.value);
	return rule?.properties.message ?? 'Connection successful!';
}
