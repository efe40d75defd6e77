import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { INodeParameters, IVersionedNodeType } from 'n8n-workflow';

import type { CredentialData } from '../../n8n/sandbox';
import type { NodeToMeasure } from '../engine';
import type { Job } from '../protocol';
import { BATCH_INTERVAL_MS } from '../lanes';
import { CLOSE_PATH, CREDENTIAL, type NodeSubject } from './subject';

/** n8n's HTTP Request node with this package's credential, its options as they come. */
export const httpRequest: NodeSubject = (job, credential) => withOptions(job, credential, {});

/** The same with its own batching. */
export const httpRequestBatches: NodeSubject = (job, credential) =>
	withOptions(job, credential, { batching: { batch: { batchSize: job.parallel, batchInterval: BATCH_INTERVAL_MS } } });

function withOptions({ n8nFolder }: Job, { baseUrl }: CredentialData, options: INodeParameters): NodeToMeasure {
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
			options,
		},
	};
}
