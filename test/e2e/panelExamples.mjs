import { CREDENTIAL } from '../n8n/examples.mjs';
import { placed, TRIGGER } from './manualRuns.mjs';

/** An HTTP Request node shows this credential, whose host is FreedomPay's own. */
export const TEST_CREDENTIAL = {
	name: 'FreedomPay Test',
	type: CREDENTIAL.type,
	data: { environment: 'test', authId: 'demo', partnerKey: 'demo', algorithm: 'HS512' },
};

/** The id of a request that {@link EARLIER_EXAMPLE} makes. */
const EARLIER_REQUEST = '828cf71d-a447-4a67-a149-c1df8bc197ca';

/** The step before the node. */
const INPUT = {
	name: 'CRM Event',
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
};

/**
 * One typical operation per resource, as it looks in use.
 *
 * @typedef {object} PanelExample
 * @property {string} name of the picture
 * @property {string} title of the node
 * @property {object} input the item that comes in
 * @property {object} parameters
 * @property {boolean} [runs] whether the sandbox can carry it out
 */

/** @type {PanelExample[]} */
export const PANEL_EXAMPLES = [
	{
		name: 'card',
		title: 'Update Card',
		input: { card_id: 'card-1005', iban: 'KZ86125KZT5004100100' },
		parameters: {
			resource: 'card',
			operation: 'update',
			cardId: '={{ $json.card_id }}',
			accounts: { account: [{ iban: '={{ $json.iban }}', currency: 'KZT', type: 'IBAN' }] },
		},
		runs: true,
	},
	{
		name: 'client',
		title: 'Create Client',
		input: { crm_id: 'crm-4711', phone: '+7 707 707 07 07', first_name: 'Ivan', last_name: 'Ivanov', birthdate: '1990-01-31' },
		parameters: {
			resource: 'client',
			operation: 'create',
			productId: 2000,
			phone: '={{ $json.phone }}',
			firstName: '={{ $json.first_name }}',
			lastName: '={{ $json.last_name }}',
			additionalFields: { birthdate: '={{ $json.birthdate }}', externalUserId: '={{ $json.crm_id }}' },
		},
		runs: true,
	},
	{
		name: 'custom-request',
		title: 'Unblock Card',
		input: { card_id: 'card-1006' },
		parameters: {
			resource: 'custom',
			operation: 'send',
			path: 'card-api/card/unblock',
			body: '={\n  "card_id": "{{ $json.card_id }}",\n  "description": "Found again"\n}',
		},
	},
	{
		name: 'gift-card',
		title: 'Confirm Gift Card',
		input: { gift_card: 555, code: '1234' },
		parameters: {
			resource: 'giftCard',
			operation: 'confirm',
			otp: '={{ $json.code }}',
			cardId: '={{ $json.gift_card}}',
		},
		runs: true,
	},
	{
		name: 'limit',
		title: 'Set Limit',
		input: { card_id: 'card-1007', monthly_cash: 5000 },
		parameters: {
			resource: 'limit',
			operation: 'set',
			objectType: 'card',
			objectValue: '={{ $json.card_id }}',
			limits: {
				limit: [
					{
						transactionType: 'withdrawal_atm',
						region: '',
						period: 'month',
						amount: { amount: [{ type: 'max', value: '={{ $json.monthly_cash }}', currency: 'USD' }] },
					},
				],
			},
		},
		runs: true,
	},
	{
		name: 'request',
		title: 'Get Status of Request',
		input: { request_id: EARLIER_REQUEST },
		parameters: { resource: 'request', operation: 'getStatus', requestId: '={{ $json.request_id }}' },
		runs: true,
	},
	{
		name: 'transaction',
		title: 'Refund Transaction',
		input: { order_id: 'order-1', transaction_id: 'transaction-1', refund: 1500.5, ticket: 'TKT-42' },
		parameters: {
			resource: 'transaction',
			operation: 'refund',
			orderId: '={{ $json.order_id }}',
			transactionId: '={{ $json.transaction_id }}',
			additionalFields: { amount: '={{ $json.refund }}' },
			eventId: '={{ $json.ticket }}',
		},
		runs: true,
	},
];

/**
 * The command whose outcome an example asks for.
 *
 * @type {PanelExample}
 */
export const EARLIER_EXAMPLE = {
	name: 'earlier',
	title: 'Reset PIN Counter',
	input: { card_id: 'card-1008' },
	parameters: {
		resource: 'card',
		operation: 'resetPinCounter',
		cardId: '={{ $json.card_id }}',
		options: { requestId: EARLIER_REQUEST },
	},
};

/** A workflow of one example. The ids of its nodes are `before`, `shown` and `after`. */
export function exampleWorkflow({ title, input, parameters }) {
	const node = {
		id: 'shown',
		name: title,
		type: 'n8n-nodes-freedompay.freedomPayCard',
		typeVersion: 1,
		parameters,
		credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
	};
	return inputAnd(node, input);
}

/** A workflow with the HTTP Request node and this package's credential. */
export function httpRequestWorkflow(credential) {
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

function inputAnd(node, input) {
	const to = ({ name }) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return {
		nodes: placed([TRIGGER, { id: 'before', ...INPUT }, node, { id: 'after', name: 'Next Step', type: 'n8n-nodes-base.noOp', typeVersion: 1 }]),
		connections: { [TRIGGER.name]: to(INPUT), [INPUT.name]: to(node), [node.name]: to({ name: 'Next Step' }) },
		pinData: { [INPUT.name]: [{ json: input }] },
	};
}
