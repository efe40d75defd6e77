import * as z from 'zod/v4-mini';

import { answer } from '../answers';
import type { Read } from '../define';
import { earlierRequest } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';
import { REQUEST_STATUS_PATH } from '../paths';

export const getTransactionStatus: Read = {
	resource: 'transaction',
	operation: 'getStatus',
	name: 'Get Status',
	action: 'Get the status of a transaction request',
	description: 'Get the outcome of an earlier transaction request, such as a refund',
	path: REQUEST_STATUS_PATH,
	source: 'https://docs.freedompay.kz/api-14318518',
	is: 'read',
	requestId: 'none',
	answers: 'request',
	fields: [
		earlierRequest({
			description: 'ID of the transaction request to look up, such as the request_id that a refund gave out',
		}),
	],
	ids: ['request_id'],
	tellsProgress: true,
	// The page shows both ids as always there; one address answers about requests of every kind.
	answer: answer({ transaction_id: z.optional(z.string()), fin_document_id: z.optional(z.string()) }),
	sample: {
		request: { request_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' },
		answer: {
			status: 'ok',
			request_status: 'success',
			transaction_id: 'transaction-1',
			fin_document_id: 'document-1',
			dt: '2025-01-01T00:01:01+00:30',
		},
	},
};

/** The sandbox tells it of what it remembers. */
export const inSandbox: SandboxRead = {};

export const inDocs: InDocs = {
	russian: 'результат запроса по транзакции',
	title: 'Get Status of Refund',
	input: { request_id: '0f1dfb6a-2c19-4e0c-8f5b-7f3c40d1b9e2' },
	parameters: { requestId: '={{ $json.request_id }}' },
};
