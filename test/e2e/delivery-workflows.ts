import { CREDENTIAL } from '../n8n/examples.ts';

/** The node id of each card node, as n8n keeps it with the workflow. */
const NODE_IDS = {
	linkClient: '3f1c7a52-9d0e-4b6a-8c21-5e7f90a1b201',
	linkClientAgain: '3f1c7a52-9d0e-4b6a-8c21-5e7f90a1b202',
	linkByHand: '3f1c7a52-9d0e-4b6a-8c21-5e7f90a1b203',
};

/**
 * A webhook that takes `{ cards: [{ card_id, client_id, event_id }] }`, links each card to its client, and answers with the
 * items that come out.
 *
 * @param {string} id of the workflow, and the webhook's path
 * @param {object} [choices]
 * @param {Record<string, unknown>} [choices.fields] of the card node, such as its Event ID
 * @param {Record<string, unknown>} [choices.settings] of the card node, such as Retry On Fail
 */
export function linkCardsWorkflow(id, { fields = {}, settings = {} } = {}) {
	return chain(id, [
		webhook(id, { responseMode: 'lastNode', responseData: 'allEntries' }),
		node('One Item per Card', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.cards', options: {} }),
		{ ...linkClient('Link Client', NODE_IDS.linkClient, { ...ITEM, ...fields }), ...settings },
	]);
}

/**
 * A webhook that takes one card, links it, and waits to be resumed by the address that it answers with; then links the card
 * again, in another node.
 *
 * @param {string} id of the workflow, and the webhook's path
 */
export function linkWaitLinkWorkflow(id) {
	const card = { cardId: "={{ $('Card').item.json.body.card_id }}", clientId: "={{ $('Card').item.json.body.client_id }}" };
	return chain(id, [
		{ ...webhook(id, { responseMode: 'responseNode' }), name: 'Card' },
		linkClient('Link Client', NODE_IDS.linkClient, card),
		...waitToBeResumed(id),
		linkClient('Link Client Again', NODE_IDS.linkClientAgain, card),
	]);
}

/**
 * A workflow that is run by hand or by n8n's command, and links the cards that it holds.
 *
 * @param {string} id of the workflow
 * @param {object[]} cards
 */
export function linkByHandWorkflow(id, cards) {
	const assignments = [{ id: 'cards', name: 'cards', type: 'array', value: JSON.stringify(cards) }];
	return chain(id, [
		node('Run by Hand', 'n8n-nodes-base.manualTrigger', 1, {}),
		node('Cards', 'n8n-nodes-base.set', 3.4, { assignments: { assignments }, options: {} }),
		node('One Item per Card', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'cards', options: {} }),
		linkClient('Link Client', NODE_IDS.linkByHand, ITEM),
	]);
}

/** A node, but for its position. */
export const node = (name, type, typeVersion, parameters) => ({ id: `${type}-${name}`, name, type, typeVersion, parameters });

/** A webhook by the name of Cards. */
export const webhook = (path, response) => ({
	...node('Cards', 'n8n-nodes-base.webhook', 2, { httpMethod: 'POST', path, ...response, options: {} }),
	webhookId: `${path}-webhook`,
});

/**
 * Nodes that answer a webhook with the execution's id and the address that resumes it, and wait for that; it is answered with what the
 * last node gives.
 */
export const waitToBeResumed = (id) => [
	node('Tell How to Resume', 'n8n-nodes-base.respondToWebhook', 1.1, {
		respondWith: 'json',
		responseBody: '={{ { executionId: $execution.id, resumeUrl: $execution.resumeUrl } }}',
	}),
	{
		...node('Wait', 'n8n-nodes-base.wait', 1.1, { resume: 'webhook', httpMethod: 'POST', responseMode: 'lastNode', options: {} }),
		webhookId: `${id}-wait`,
	},
];

const ITEM = { cardId: '={{ $json.card_id }}', clientId: '={{ $json.client_id }}' };

const linkClient = (name, id, fields) => ({
	...node(name, 'n8n-nodes-freedompay.freedomPayCard', 1, { resource: 'card', operation: 'linkClient', ...fields }),
	id,
	credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
});

/** A workflow whose nodes follow one another. */
export function chain(id, nodes) {
	const connections = nodes.slice(1).map((next, index) => [nodes[index].name, { main: [[{ node: next.name, type: 'main', index: 0 }]] }]);
	return {
		id,
		name: id,
		active: false,
		nodes: nodes.map((each, index) => ({ ...each, position: [220 * index, 0] })),
		connections: Object.fromEntries(connections),
		settings: { executionOrder: 'v1' },
	};
}
