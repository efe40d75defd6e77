import { CREDENTIAL } from '../n8n/examples.ts';
import { TRIGGER } from './manualRuns.ts';
import { inARow, noOp, placed, sandboxNode, type WorkflowBody, type WorkflowNode } from './nodes.ts';

/** An HTTP Request node shows this credential, whose host is FreedomPay's own. */
export const TEST_CREDENTIAL = {
	name: 'FreedomPay Test',
	type: CREDENTIAL.type,
	data: { environment: 'test', authId: 'demo', partnerKey: 'demo', algorithm: 'HS512' },
};

/** The ids of the requests that {@link EARLIER_EXAMPLES} make. */
const EARLIER_REQUEST = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const EARLIER_REFUND = '0f1dfb6a-2c19-4e0c-8f5b-7f3c40d1b9e2';

/** The step before the node. */
const INPUT = noOp('CRM Event');

const PERSON = { phone: '+7 707 707 07 07', first_name: 'Ivan', last_name: 'Ivanov' };
const NAMES = { firstName: '={{ $json.first_name }}', lastName: '={{ $json.last_name }}' };

/** An operation as it looks in use. */
export interface PanelExample {
	/** The node's name. */
	title: string;
	/** The item that comes in. */
	input: object;
	/** Those besides resource and operation. */
	parameters: object;
}

/** One for each operation, by its resource and its own name; the sandbox can carry each out. */
const EXAMPLES: Readonly<Record<string, PanelExample>> = {
	'card.close': {
		title: 'Close Card',
		input: { card_id: 'card-1005', reason: 'Lost by the cardholder', event_id: 'evt-17' },
		parameters: { cardId: '={{ $json.card_id }}', reason: '={{ $json.reason }}', eventId: '={{ $json.event_id }}' },
	},
	'card.get': { title: 'Get Card', input: { card_id: 'card-1001' }, parameters: { cardId: '={{ $json.card_id }}' } },
	'card.getExtendedStatement': {
		title: 'Get Statement',
		input: { card_id: 'card-1001' },
		parameters: { cardId: '={{ $json.card_id }}', startDate: '2025-01-01T00:00:00', endDate: '2025-01-31T23:59:59' },
	},
	'card.getOperations': {
		title: 'Get Operations',
		input: { card_id: 'card-1001', from: '2025-01-01T00:00:00', to: '2025-01-31T23:59:59' },
		parameters: { cardId: '={{ $json.card_id }}', startDate: '={{ $json.from }}', endDate: '={{ $json.to }}' },
	},
	'card.issue': {
		title: 'Issue Card',
		input: { ...PERSON, country: 'KAZ', iin: '900131300123', order: 'order-7' },
		parameters: {
			productId: 1000,
			...NAMES,
			phone: '={{ $json.phone }}',
			country: '={{ $json.country }}',
			personId: '={{ $json.iin }}',
			eventId: '={{ $json.order }}',
		},
	},
	'card.linkClient': {
		title: 'Link Client',
		input: { card_id: 'card-1007', client_id: 'client-2002', deal_id: 'deal-42' },
		parameters: { cardId: '={{ $json.card_id }}', clientId: '={{ $json.client_id }}', eventId: '={{ $json.deal_id }}' },
	},
	'card.resetPinCounter': {
		title: 'Reset PIN Counter',
		input: { card_id: 'card-1002', ticket: 'TKT-41' },
		parameters: { cardId: '={{ $json.card_id }}', eventId: '={{ $json.ticket }}' },
	},
	'card.setPin': { title: 'Set PIN', input: { card_id: 'card-1003' }, parameters: { cardId: '={{ $json.card_id }}' } },
	'card.unblock': {
		title: 'Unblock Card',
		input: { card_id: 'card-1006', reason: 'Found again', ticket: 'TKT-43' },
		parameters: { cardId: '={{ $json.card_id }}', reason: '={{ $json.reason }}', eventId: '={{ $json.ticket }}' },
	},
	'card.update': {
		title: 'Update Card',
		input: { card_id: 'card-1004', iban: 'KZ86125KZT5004100100', change: 'chg-9' },
		parameters: {
			cardId: '={{ $json.card_id }}',
			accounts: { account: [{ iban: '={{ $json.iban }}', currency: 'KZT', type: 'IBAN' }] },
			eventId: '={{ $json.change }}',
		},
	},
	'card.validateCardholder': {
		title: 'Validate Cardholder',
		input: { ...PERSON, phone: '7077070707', token: '00000000-0000-0000-0000-000000000000' },
		parameters: { userPhone: '={{ $json.phone }}', ...NAMES, cardToken: '={{ $json.token }}' },
	},
	'client.create': {
		title: 'Create Client',
		input: { ...PERSON, birthdate: '1990-01-31', crm_id: 'crm-4711' },
		parameters: {
			productId: 2000,
			phone: '={{ $json.phone }}',
			...NAMES,
			eventId: '={{ $json.crm_id }}',
			additionalFields: { birthdate: '={{ $json.birthdate }}', externalUserId: '={{ $json.crm_id }}' },
		},
	},
	'client.update': {
		title: 'Update Client',
		input: { client_id: 'client-2001', phone: '+7 707 707 07 08', change: 'chg-10' },
		parameters: { clientId: '={{ $json.client_id }}', productId: 2000, phone: '={{ $json.phone }}', eventId: '={{ $json.change }}' },
	},
	'custom.send': {
		title: 'Unblock Card',
		input: { card_id: 'card-1002', ticket: 'TKT-44' },
		parameters: {
			path: 'card-api/card/unblock',
			body: '={\n  "card_id": "{{ $json.card_id }}",\n  "description": "Found again"\n}',
			eventId: '={{ $json.ticket }}',
		},
	},
	'giftCard.confirm': {
		title: 'Confirm Gift Card',
		input: { code: '1234' },
		parameters: { otp: '={{ $json.code }}' },
	},
	'limit.getMany': { title: 'Get Limits', input: { card_id: 'card-1001' }, parameters: { objectType: 'card', cardId: '={{ $json.card_id }}' } },
	'limit.set': {
		title: 'Set Limit',
		input: { card_id: 'card-1003', monthly_cash: 5000, change: 'chg-11' },
		parameters: {
			objectType: 'card',
			cardId: '={{ $json.card_id }}',
			limits: {
				limit: [
					{
						transactionType: 'withdrawal_atm',
						region: '',
						period: 'month',
						amount: { amount: [{ type: 'max', value: '={{ $json.monthly_cash }}', currency: 'KZT' }] },
					},
				],
			},
			eventId: '={{ $json.change }}',
		},
	},
	'request.getStatus': {
		title: 'Get Status of Request',
		input: { request_id: EARLIER_REQUEST },
		parameters: { requestId: '={{ $json.request_id }}' },
	},
	'transaction.getStatus': {
		title: 'Get Status of Refund',
		input: { request_id: EARLIER_REFUND },
		parameters: { requestId: '={{ $json.request_id }}' },
	},
	'transaction.refund': {
		title: 'Refund Transaction',
		input: { order_id: 'order-1', transaction_id: 'transaction-1', refund: 1500.5, ticket: 'TKT-42' },
		parameters: {
			orderId: '={{ $json.order_id }}',
			transactionId: '={{ $json.transaction_id }}',
			refund: 'part',
			amount: '={{ $json.refund }}',
			eventId: '={{ $json.ticket }}',
		},
	},
};

/** The example of an operation. */
export function exampleOf(resource: string, operation: string): PanelExample {
	const example = EXAMPLES[`${resource}.${operation}`];
	if (example === undefined) throw new Error(`Give ${resource}.${operation} an example in panelExamples.ts.`);
	return { ...example, parameters: { resource, operation, ...example.parameters } };
}

/** The commands whose outcomes examples ask for. */
export const EARLIER_EXAMPLES: readonly PanelExample[] = [
	{
		title: 'Reset PIN Counter',
		input: { card_id: 'card-1008' },
		parameters: { resource: 'card', operation: 'resetPinCounter', cardId: '={{ $json.card_id }}', options: { requestId: EARLIER_REQUEST } },
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
			options: { requestId: EARLIER_REFUND },
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
	return inputAnd(node, { request_id: EARLIER_REQUEST, card_id: 'card-1001' });
}

function inputAnd(node: WorkflowNode, input: object): WorkflowBody {
	const nodes = placed([TRIGGER, { ...INPUT, id: 'before' }, node, { ...noOp('Next Step'), id: 'after' }]);
	return { nodes, connections: inARow(nodes), pinData: { [INPUT.name]: [{ json: input }] } };
}
