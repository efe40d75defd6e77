import * as z from 'zod/v4-mini';

import { answer } from '../answers';
import type { Read } from '../define';
import { earlierRequest } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';
import { REQUEST_STATUS_PATH } from '../paths';

export const getRequestStatus: Read = {
	resource: 'request',
	operation: 'getStatus',
	name: 'Get Status',
	action: 'Get the status of a request',
	description: 'Get the outcome of an earlier request by its request ID',
	path: REQUEST_STATUS_PATH,
	source: 'https://docs.freedompay.kg/api-13677899',
	is: 'read',
	requestId: 'none',
	answers: 'request',
	fields: [
		earlierRequest({
			description: 'ID of the request to look up, such as the request_id that an earlier step gave out',
		}),
	],
	ids: ['request_id'],
	tellsProgress: true,
	answer: answer({
		cards: z.optional(z.array(z.looseObject({ card_id: z.string() }))),
		client_id: z.optional(z.string()),
		transaction_id: z.optional(z.string()),
		fin_document_id: z.optional(z.string()),
	}),
	sample: {
		request: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
		answer: {
			status: 'ok',
			request_status: 'success',
			cards: [{ card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95' }],
			client_id: '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10',
			dt: '2025-01-01T00:01:01+00:30',
		},
	},
};

/** The sandbox tells it of what it remembers. */
export const inSandbox: SandboxRead = {};

export const inDocs: InDocs = {
	russian: 'результат отправленного ранее запроса, при желании с ожиданием',
	title: 'Get Status of Request',
	input: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
	parameters: { requestId: '={{ $json.request_id }}' },
};
