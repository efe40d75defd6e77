import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { OperationInUse } from '../docs/inUse.ts';
import { CREDENTIAL } from '../n8n/examples.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { TRIGGER } from './manualRuns.ts';
import { inARow, noOp, placed, sandboxNode, type WorkflowBody, type WorkflowNode } from './nodes.ts';

/** An HTTP Request node shows this credential, whose host is FreedomPay's own. */
export const TEST_CREDENTIAL = {
	name: 'FreedomPay Test',
	type: CREDENTIAL.type,
	data: { environment: 'test', authId: 'demo', partnerKey: 'demo', algorithm: 'HS512' },
};

/** The step before the node. */
const INPUT = noOp('CRM Event');

/** An operation as it looks in use. */
export type PanelExample = Pick<OperationInUse, 'title' | 'input' | 'parameters'>;

/** The example of an operation, from its method's file; the sandbox can carry each out. */
export function exampleOf(resource: string, operation: string): PanelExample {
	const inUse = JSON.parse(readFileSync(join(BUILD_FOLDER, 'operations.json'), 'utf8')) as OperationInUse[];
	const example = inUse.find((each) => each.resource === resource && each.operation === operation);
	assert.ok(example, `${resource}.${operation} is in the panel, but not in build/operations.json: build anew`);
	const { title, input, parameters } = example;
	return { title, input, parameters: { resource, operation, ...parameters } };
}

/** The request whose outcome a resource's example of Get Status asks for. */
const askedFor = (resource: string) => String(exampleOf(resource, 'getStatus').input.request_id);

/** The commands whose outcomes examples ask for. Needs the build, as they do. */
export const earlierExamples = (): readonly PanelExample[] => [
	{
		title: 'Reset PIN Counter',
		input: { card_id: 'card-1008' },
		parameters: { resource: 'card', operation: 'resetPinCounter', cardId: '={{ $json.card_id }}', options: { requestId: askedFor('request') } },
	},
	{
		title: 'Refund Transaction',
		input: { order_id: 'order-1', transaction_id: 'transaction-1' },
		parameters: {
			resource: 'transaction',
			operation: 'refund',
			orderId: '={{ $json.order_id }}',
			transactionId: '={{ $json.transaction_id }}',
			refund: 'part',
			amount: 100,
			options: { requestId: askedFor('transaction') },
		},
	},
];

/** A workflow of one example. The ids of its nodes are `before`, `shown` and `after`. */
export function exampleWorkflow({ title, input, parameters }: PanelExample): WorkflowBody {
	return inputAnd({ ...sandboxNode(title, parameters), id: 'shown' }, input);
}

/** A workflow with the HTTP Request node and this package's credential. */
export function httpRequestWorkflow(credential: { id: string; name: string }): WorkflowBody {
	const node = {
		id: 'shown',
		name: 'Unblock Card',
		type: 'n8n-nodes-base.httpRequest',
		typeVersion: 4.5,
		parameters: {
			method: 'POST',
			url: 'https://test-api.freedompay.kz/v5/card-api/card/unblock',
			authentication: 'predefinedCredentialType',
			nodeCredentialType: CREDENTIAL.type,
			sendBody: true,
			contentType: 'json',
			specifyBody: 'json',
			jsonBody:
				'={\n  "request_id": "{{ $json.request_id }}",\n  "card_id": "{{ $json.card_id }}",\n  "description": "Found again"\n}',
			options: {},
		},
		credentials: { [CREDENTIAL.type]: { id: credential.id, name: credential.name } },
	};
	return inputAnd(node, { request_id: askedFor('request'), card_id: 'card-1001' });
}

function inputAnd(node: WorkflowNode, input: object): WorkflowBody {
	const nodes = placed([TRIGGER, { ...INPUT, id: 'before' }, node, { ...noOp('Next Step'), id: 'after' }]);
	return { nodes, connections: inARow(nodes), pinData: { [INPUT.name]: [{ json: input }] } };
}
