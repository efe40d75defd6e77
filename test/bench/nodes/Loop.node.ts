import type { Readable } from 'node:stream';

import type { IExecuteFunctions, IHttpRequestOptions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

import { CLOSE_PATH, CREDENTIAL, type Answered } from '../subjects/subject';

interface Response {
	body: string | Readable;
	statusCode: number;
}

/** Reads a body, unless it is larger than a limit. */
async function readText(body: Readable, maxBytes: number): Promise<string> {
	return await new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		body.on('data', (chunk: Buffer) => {
			size += chunk.length;
			if (size > maxBytes) body.destroy(new RangeError('The answer is too large'));
			else chunks.push(chunk);
		});
		body.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
		body.on('error', reject);
	});
}

/**
 * The least that a node can do: a hand-built loop over n8n's helper, without checks, retries or expressions. It is the floor that n8n
 * allows a node.
 */
export class Loop implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Loop',
		name: 'loop',
		group: ['output'],
		version: 1,
		description: 'Sends each item through the helper',
		defaults: { name: 'Loop' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: CREDENTIAL, required: true }],
		properties: [
			{ displayName: 'Base URL', name: 'baseUrl', type: 'string', default: '' },
			{ displayName: 'Parallel', name: 'parallel', type: 'number', default: 10 },
			{ displayName: 'Max Answer Bytes', name: 'maxAnswerBytes', type: 'number', default: 0, description: 'What a larger answer is cut off at; 0 for never' },
			{
				displayName: 'Look Up Once',
				name: 'lookUpOnce',
				type: 'boolean',
				default: true,
				description: 'Whether to look the credential up once and hand it over with each request',
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const items = this.getInputData();
		const baseUrl = this.getNodeParameter('baseUrl', 0) as string;
		const data = this.getNodeParameter('lookUpOnce', 0) === true ? await this.getCredentials(CREDENTIAL) : undefined;
		const more = data === undefined ? undefined : { credentialsDecrypted: { id: 'credential-1', name: CREDENTIAL, type: CREDENTIAL, data } };
		const maxAnswerBytes = this.getNodeParameter('maxAnswerBytes', 0) as number;
		const results = new Array<INodeExecutionData>(items.length);
		let next = 0;
		const sendInTurn = async () => {
			for (let item = next++; item < items.length; item = next++) {
				const options: IHttpRequestOptions = {
					method: 'POST',
					url: baseUrl + CLOSE_PATH,
					headers: { 'Content-Type': 'application/json' },
					body: Buffer.from(JSON.stringify(items[item]?.json)),
					// n8n hands an answer over before it is all in memory as a stream only.
					encoding: maxAnswerBytes === 0 ? 'text' : 'stream',
					returnFullResponse: true,
					ignoreHttpStatusErrors: true,
				};
				const response = (await this.helpers.httpRequestWithAuthentication.call(this, CREDENTIAL, options, more)) as Response;
				const text = typeof response.body === 'string' ? response.body : await readText(response.body, maxAnswerBytes);
				results[item] = { json: { ...items[item]?.json, ...(JSON.parse(text) as Answered & object) } as INodeExecutionData['json'], pairedItem: { item } };
			}
		};
		await Promise.all(Array.from({ length: this.getNodeParameter('parallel', 0) as number }, sendInTurn));
		return [results];
	}
}
