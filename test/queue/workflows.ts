import { chain, sandboxNode, splitOut, waitToBeResumed, webhook, type Workflow } from '../e2e/nodes.ts';

/** The closing node's name, by which its run is found in an execution. */
export const CLOSE_CARD = 'Close Card';

const BY_EVENT = { eventId: '={{ $json.event_id }}' };

/**
 * A webhook that takes `{ cards: [{ card_id, event_id }] }`, closes each card, and answers with the items that come out.
 *
 * @param id of the workflow, and the webhook's path
 * @param choices fields and settings of the card node; by default each card is closed for its event, and failed items come out among the others
 */
export function closeCardsWorkflow(
	id: string,
	{ fields = BY_EVENT, settings = { onError: 'continueRegularOutput' } }: { fields?: object; settings?: object } = {},
): Workflow {
	return chain(id, [
		webhook(id, { responseMode: 'lastNode', responseData: 'allEntries' }),
		splitOut('body.cards'),
		{ ...sandboxNode(CLOSE_CARD, { ...CLOSE, cardId: '={{ $json.card_id }}', ...fields }), ...settings },
	]);
}

/**
 * A webhook that takes one card and closes it without waiting for the end; waits to be resumed by the address that it answers with, and
 * then asks what became of the command.
 *
 * @param id of the workflow, and the webhook's path
 */
export function closeWaitAskWorkflow(id: string): Workflow {
	const requestId = `={{ $('${CLOSE_CARD}').item.json.request_id }}`;
	return chain(id, [
		webhook(id, { responseMode: 'responseNode' }),
		sandboxNode(CLOSE_CARD, { ...CLOSE, cardId: '={{ $json.body.card_id }}', waitForCompletion: false }),
		...waitToBeResumed(id),
		sandboxNode('Ask', { resource: 'request', operation: 'getStatus', requestId, waitForCompletion: true }),
	]);
}

const CLOSE = { resource: 'card', operation: 'close', reason: 'Lost by the cardholder' };
