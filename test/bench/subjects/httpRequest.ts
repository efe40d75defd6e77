import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { IVersionedNodeType } from 'n8n-workflow';

import { CLOSE_PATH, CREDENTIAL, type NodeSubject } from './subject';

/** n8n's HTTP Request node with this package's credential, its options as they come. */
export const httpRequest: NodeSubject = ({ n8nFolder }, { baseUrl }) => {
	if (n8nFolder === undefined) throw new Error('The HTTP Request node needs an installed n8n');
	const load = createRequire(join(n8nFolder, 'package.json'));
	const { HttpRequest } = load('n8n-nodes-base/dist/nodes/HttpRequest/HttpRequest.node.js') as {
		HttpRequest: new () => IVersionedNodeType;
	};
	return {
		typeName: 'n8n-nodes-base.httpRequest',
		type: new HttpRequest(),
		parameters: {
			method: 'POST',
			url: baseUrl + CLOSE_PATH,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: CREDENTIAL,
			sendBody: true,
			contentType: 'json',
			specifyBody: 'json',
			jsonBody: '={{ JSON.stringify($json) }}',
			options: {},
		},
	};
};
