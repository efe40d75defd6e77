import { chain, node, sandboxNode, splitOut, waitToBeResumed, webhook, type Workflow, type WorkflowNode } from './nodes.ts';

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
 * @param id of the workflow, and the webhook's path
 * @param choices `fields` of the card node, such as its Event ID, and its `settings`, such as Retry On Fail
 */
export function linkCardsWorkflow(id: string, { fields = {}, settings = {} }: { fields?: object; settings?: object } = {}): Workflow {
	return chain(id, [
		webhook(id, { responseMode: 'lastNode', responseData: 'allEntries' }),
		splitOut('body.cards'),
		{ ...linkClient('Link Client', NODE_IDS.linkClient, { ...ITEM, ...fields }), ...settings },
	]);
}

/**
 * A webhook that takes one card, links it, and waits to be resumed by the address that it answers with; then links the card
 * again, in another node.
 *
 * @param id of the workflow, and the webhook's path
 */
export function linkWaitLinkWorkflow(id: string): Workflow {
	const card = { cardId: "={{ $('Card').item.json.body.card_id }}", clientId: "={{ $('Card').item.json.body.client_id }}" };
	return chain(id, [
		webhook(id, { responseMode: 'responseNode' }, 'Card'),
		linkClient('Link Client', NODE_IDS.linkClient, card),
		...waitToBeResumed(id),
		linkClient('Link Client Again', NODE_IDS.linkClientAgain, card),
	]);
}

/** A workflow that is run by hand or by n8n's command, and links the cards that it holds. */
export function linkByHandWorkflow(id: string, cards: readonly object[]): Workflow {
	const assignments = [{ id: 'cards', name: 'cards', type: 'array', value: JSON.stringify(cards) }];
	return chain(id, [
		node('Run by Hand', 'n8n-nodes-base.manualTrigger', 1, {}),
		node('Cards', 'n8n-nodes-base.set', 3.4, { assignments: { assignments }, options: {} }),
		splitOut('cards'),
		linkClient('Link Client', NODE_IDS.linkByHand, ITEM),
	]);
}

const ITEM = { cardId: '={{ $json.card_id }}', clientId: '={{ $json.client_id }}' };

const linkClient = (name: string, id: string, fields: object): WorkflowNode => ({
	...sandboxNode(name, { resource: 'card', operation: 'linkClient', ...fields }),
	id,
});
