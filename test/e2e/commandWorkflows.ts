import { randomUUID } from 'node:crypto';

import { TRIGGER } from './manualRuns.ts';
import { chain, node, noOp, sandboxNode, splitOut, webhook, type Connections, type Workflow, type WorkflowNode } from './nodes.ts';

/** Names of the nodes, by which their runs are found in an execution. */
export const ITEMS = 'Items';
export const CARD = 'Card';
export const AGAIN = 'Card Again';
export const DONE = 'Done';
export const FAILED = 'Failed';

/** Fields of a command, and its Reason. */
type Reasoned = { why?: string } & Readonly<Record<string, unknown>>;

/** The parameters of the card node for each command, which it takes from the item that came in. */
export const commands = {
	close: ({ why = 'Lost by the cardholder', ...fields }: Reasoned = {}) => ({
		resource: 'card',
		operation: 'close',
		cardId: from('card_id'),
		reason: why,
		...fields,
	}),
	refund: ({ amount = from('amount'), why = 'Returned goods', ...fields }: Reasoned & { amount?: string } = {}) => ({
		resource: 'transaction',
		operation: 'refund',
		orderId: from('order_id'),
		transactionId: from('transaction_id'),
		refund: 'part',
		amount,
		reason: why,
		...fields,
	}),
	setPin: (additionalFields: object = {}) => ({ resource: 'card', operation: 'setPin', cardId: from('card_id'), additionalFields }),
	confirm: () => ({ resource: 'giftCard', operation: 'confirm', otp: from('code'), cardId: from('card_id') }),
	getOperations: (fields: object) => ({ resource: 'card', operation: 'getOperations', cardId: from('card_id'), ...fields }),
	setLimits: (limits: string) => ({
		resource: 'limit',
		operation: 'set',
		objectType: 'card',
		cardId: from('card_id'),
		limitsJson: limits,
		additionalFields: { limitsJson: limits },
	}),
	createClient: (birthdate: string) => ({
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
function from(field: string): string {
	return `={{ $('${ITEMS}').item.json.${field} }}`;
}

/**
 * A card node. As when it is pasted in n8n's editor, it has an id of its own each time.
 *
 * @param parameters one of `commands`
 * @param settings such as On Error, or another name
 */
export const commandNode = (parameters: object, settings: object = {}): WorkflowNode & { id: string } => ({
	...sandboxNode(CARD, parameters),
	id: randomUUID(),
	...settings,
});

/** The time zone of the sandbox's cards. */
const SETTINGS = { timezone: 'Asia/Almaty' };

/** What a workflow with a webhook may differ in. */
export interface WebhookChoices {
	/** Settings of the workflow. */
	settings?: object;
	/** When it answers, by default at the end. */
	answers?: 'lastNode' | 'onReceived' | 'responseNode';
	/** In place of those that nodes have which follow one another. */
	connections?: Connections | undefined;
}

/**
 * A webhook that takes `{ items: [...] }` and hands them to nodes that follow one another.
 *
 * @param id of the workflow, and the webhook's path
 */
export function webhookWorkflow(id: string, nodes: readonly WorkflowNode[], { settings = {}, answers = 'lastNode', connections = {} }: WebhookChoices = {}): Workflow {
	return chain(id, [webhook(id, { responseMode: answers }, 'Webhook'), splitOut('body.items', ITEMS), ...nodes], { settings: { ...SETTINGS, ...settings }, connections });
}

/**
 * A workflow that is run by hand and hands its items to nodes that follow one another.
 *
 * @param connections in place of those that such nodes have
 */
export function manualWorkflow(items: readonly object[], nodes: readonly WorkflowNode[], connections: Connections = {}): Workflow {
	const pinData = { [ITEMS]: items.map((json) => ({ json })) };
	return { ...chain(randomUUID(), [TRIGGER, noOp(ITEMS), ...nodes], { settings: SETTINGS, connections }), pinData };
}

/** A workflow that other workflows call, and that hands the items on to nodes that follow one another. */
export function subWorkflow(id: string, nodes: readonly WorkflowNode[]): Workflow {
	const trigger = node('When Called', 'n8n-nodes-base.executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	return chain(id, [trigger, noOp(ITEMS), ...nodes], { settings: SETTINGS });
}
