import { chain, node, waitToBeResumed, webhook } from '../e2e/nodes.ts';
import { CREDENTIAL } from '../n8n/examples.ts';

/** The closing node's name, by which its run is found in an execution. */
export const CLOSE_CARD = 'Close Card';

const BY_EVENT = { eventId: '={{ $json.event_id }}' };

/**
 * A webhook that takes `{ cards: [{ card_id, event_id }] }`, closes each card, and answers with the items that come out.
 *
 * @param {string} id of the workflow, and the webhook's path
 * @param {object} [choices] by default each card is closed for its event, and failed items come out among the others
 * @param {object} [choices.fields] of the card node
 * @param {object} [choices.settings] of the card node
 */
export function closeCardsWorkflow(id, { fields = BY_EVENT, settings = { onError: 'continueRegularOutput' } } = {}) {
	return chain(id, [
		webhook(id, { responseMode: 'lastNode', responseData: 'allEntries' }),
		node('One Item per Card', 'n8n-nodes-base.splitOut', 1, { fieldToSplitOut: 'body.cards', options: {} }),
		{ ...cardNode(CLOSE_CARD, { ...CLOSE, cardId: '={{ $json.card_id }}', ...fields }), ...settings },
	]);
}

/**
 * A webhook that takes one card and closes it without waiting for the end; waits to be resumed by the address that it answers with, and
 * then asks what became of the command.
 *
 * @param {string} id of the workflow, and the webhook's path
 */
export function closeWaitAskWorkflow(id) {
	const requestId = `={{ $('${CLOSE_CARD}').item.json.request_id }}`;
	return chain(id, [
		webhook(id, { responseMode: 'responseNode' }),
		cardNode(CLOSE_CARD, { ...CLOSE, cardId: '={{ $json.body.card_id }}', waitForCompletion: false }),
		...waitToBeResumed(id),
		cardNode('Ask', { resource: 'request', operation: 'getStatus', requestId, waitForCompletion: true }),
	]);
}

const CLOSE = { resource: 'card', operation: 'close', reason: 'Lost by the cardholder' };

const cardNode = (name, parameters) => ({
	...node(name, 'n8n-nodes-freedompay.freedomPayCard', 1, parameters),
	credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
});
