import type { IExecuteFunctions, IHttpRequestOptions, INodeExecutionData, INodeType } from 'n8n-workflow';

import { CLOSE_PATH, CREDENTIAL, type Answered, type NodeSubject } from './subject';

interface TextResponse {
	body: string;
	statusCode: number;
}

/** The least that a node can do: a loop over n8n's helper, without checks, retries or expressions. */
async function sendAll(context: IExecuteFunctions, baseUrl: string, parallel: number): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	const data = await context.getCredentials(CREDENTIAL);
	const credentialsDecrypted = { id: 'credential-1', name: CREDENTIAL, type: CREDENTIAL, data };
	const results = new Array<INodeExecutionData>(items.length);
	let next = 0;
	const sendInTurn = async () => {
		for (let item = next++; item < items.length; item = next++) {
			const options: IHttpRequestOptions = {
				method: 'POST',
				url: baseUrl + CLOSE_PATH,
				headers: { 'Content-Type': 'application/json' },
				body: Buffer.from(JSON.stringify(items[item]?.json)),
				encoding: 'text',
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
			};
			const response = (await context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, options, { credentialsDecrypted })) as TextResponse;
			results[item] = { json: { ...items[item]?.json, ...(JSON.parse(response.body) as Answered & object) } as INodeExecutionData['json'], pairedItem: { item } };
		}
	};
	await Promise.all(Array.from({ length: parallel }, sendInTurn));
	return [results];
}

/** A hand-built loop: the floor that n8n allows a node. */
export const helper: NodeSubject = ({ parallel }, { baseUrl }) => {
	const type: INodeType = {
		description: {
			displayName: 'Loop',
			name: 'loop',
			group: ['output'],
			version: 1,
			description: 'Sends each item through the helper',
			defaults: { name: 'Loop' },
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: CREDENTIAL, required: true }],
			properties: [],
		},
		async execute() {
			return await sendAll(this, baseUrl, parallel);
		},
	};
	return { typeName: 'bench.loop', type, parameters: {} };
};
