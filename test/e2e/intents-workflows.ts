import { randomUUID } from 'node:crypto';

import { node } from './delivery-workflows.ts';
import { TRIGGER } from './manualRuns.ts';

/** Names of the nodes, by which their runs are found in an execution. */
export const ITEMS = 'Items';
export const CARD = 'Card';
export const AGAIN = 'Card Again';
export const DONE = 'Done';
export const FAILED = 'Failed';

/** A node's Reason. */
const reason = (text) => ({ reason: text });

/** The parameters of the card node for each command, which it takes from the item that came in. */
export const commands = {
	close: ({ why = 'Lost by the cardholder', ...fields } = {}) => ({
		resource: 'card',
		operation: 'close',
		cardId: from('card_id'),
		...reason(why),
		...fields,
	}),
	refund: ({ amount = from('amount'), why = 'Returned goods', ...fields } = {}) => ({
		resource: 'transaction',
		operation: 'refund',
		orderId: from('order_id'),
		transactionId: from('transaction_id'),
		refund: 'part',
		amount,
		...reason(why),
		...fields,
	}),
	setPin: (additionalFields = {}) => ({ resource: 'card', operation: 'setPin', cardId: from('card_id'), additionalFields }),
	confirm: () => ({ resource: 'giftCard', operation: 'confirm', otp: from('code'), cardId: from('card_id') }),
	getOperations: (fields) => ({ resource: 'card', operation: 'getOperations', cardId: from('card_id'), ...fields }),
	setLimits: (limits) => ({
		resource: 'limit',
		operation: 'set',
		objectType: 'card',
		cardId: from('card_id'),
		limitsJson: limits,
		additionalFields: { limitsJson: limits },
	}),
	createClient: (birthdate) => ({
		resource: 'client',
		operation: 'create',
		productId: 2000,
		phone: '+77010000009',
		type: 1,
		resident: 1,
		firstName: 'Ivan',
		lastName: 'Ivanov',
		additionalFields: { birthdate },
	}),
};

/** A field of the item that stands at the beginning, from wherever the item has come since. */
function from(field) {
	return `={{ $('${ITEMS}').item.json.${field} }}`;
}

/**
 * A card node. As when it is pasted in n8n's editor, it has an id of its own each time.
 *
 * @param {object} parameters one of `commands`
 * @param {object} [settings] such as On Error, or another name
 */
export const cardNode = (parameters, settings = {}) => ({
	...node(CARD, 'n8n-nodes-freedompay.freedomPayCard', 1, parameters),
	id: randomUUID(),
	...settings,
});

export const noOp = (name) => node(name, 'n8n-nodes-base.noOp', 1, {});

/**
 * A webhook that takes `{ items: [...] }` and hands them to nodes that follow one another.
 *
 * @param {string} id of the workflow, and the webhook's path
 * @param {any[]} nodes
 * @param {object} [choices]
 * @param {object} [choices.settings] of the workflow
 * @param {'lastNode' | 'onReceived' | 'responseNode'} [choices.answers] when it answers, by default at the end
 * @param {Record<string, { main: any[][] }>} [choices.connections] in place of those that such nodes have
 */
export function webhookWorkflow(id, nodes, { settings = {}, answers = 'lastNode', connections = {} } = {}) {
	const webhook = {
		...node('Webhook', 'n8n-nodes-base.webhook', 2, { httpMethod: 'POST', path: id, responseMode: answers, options: {} }),
		webhookId: `${id}-webhook`,
	};
	const items = node(ITEMS, 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.items', options: {} });
	return workflowOf(id, [webhook, items, ...nodes], settings, connections);
}

/**
 * A workflow that is run by hand and hands its items to nodes that follow one another.
 *
 * @param {string} id
 * @param {object[]} items
 * @param {any[]} nodes
 * @param {Record<string, { main: any[][] }>} [connections] in place of those that such nodes have
 */
export function manualWorkflow(id, items, nodes, connections = {}) {
	const pinData = { [ITEMS]: items.map((json) => ({ json })) };
	return { ...workflowOf(id, [{ ...TRIGGER, id: 'trigger' }, noOp(ITEMS), ...nodes], {}, connections), pinData };
}

/** A workflow that other workflows call, and that hands the items on to nodes that follow one another. */
export function subWorkflow(id, nodes) {
	const trigger = node('When Called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	return workflowOf(id, [trigger, noOp(ITEMS), ...nodes], {}, {});
}

/** A node that calls another workflow. */
export const callWorkflow = (workflowId, settings = {}) => ({
	...node('Call', 'n8n-nodes-base.executeWorkflow', 1.2, {
		source: 'database',
		workflowId: { __rl: true, mode: 'id', value: workflowId },
		mode: 'once',
		options: { waitForSubWorkflow: true },
	}),
	...settings,
});

/** Connections of a node's outputs, each to one node or none. */
export const to = (...names) => ({ main: names.map((name) => (name === undefined ? [] : [{ node: name, type: 'main', index: 0 }])) });

function workflowOf(id, nodes, settings, connections) {
	const inTurn = nodes.slice(1).map((next, index) => [nodes[index].name, to(next.name)]);
	return {
		id,
		name: id,
		active: false,
		nodes: nodes.map((each, index) => ({ ...each, position: [220 * index, 0] })),
		connections: { ...Object.fromEntries(inTurn), ...connections },
		settings: { executionOrder: 'v1', timezone: 'Asia/Almaty', ...settings },
	};
}
