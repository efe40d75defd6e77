import { partialAnswer, sampleAnswer } from '../answers';
import type { Read } from '../define';
import { cardId } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';

export const getCard: Read = {
	resource: 'card',
	operation: 'get',
	name: 'Get',
	action: 'Get a card with its status',
	description: 'Get the state of a card, such as whether it is active, blocked or closed',
	path: '/v5/card-api/card/info',
	source: 'https://691vi5ab6p.apidog.io/doc-760202',
	is: 'read',
	requestId: 'fresh',
	answers: 'request',
	fields: [cardId],
	ids: ['card_id'],
	// The page of this method is not public; path and body are in the overview's signature example.
	answer: partialAnswer(),
	// So these names are only what other answers call such things. Of the status words a read that succeeded says no more than that.
	simplify: {
		first: ['card_status', 'card_mask'],
		without: ['status', 'request_status', 'dt'],
		fields: [
			{ name: 'Accounts', value: 'accounts' },
			{ name: 'Card Mask', value: 'card_mask' },
			{ name: 'Card Status', value: 'card_status' },
			{ name: 'Client ID', value: 'client_id' },
			{ name: 'Time of Answer', value: 'dt' },
		],
	},
	sample: { request: { card_id: '828cf71d-a447-4a67-a149-c1df8bc197ca' }, answer: sampleAnswer },
};

/** No field of this answer is documented: these are the sandbox's assumption, in the names of other answers. */
export const inSandbox: SandboxRead = {
	needs: ['card'],
	tell: ({ card: { id, mask, status, clientId, accounts } }) => ({
		card_id: id,
		card_mask: mask,
		card_status: status,
		...(clientId !== undefined && { client_id: clientId }),
		accounts,
	}),
};

export const inDocs: InDocs = {
	russian: 'сведения о карте',
	foundBy: ['card status'],
	title: 'Get Card',
	input: { card_id: 'card-1001' },
	parameters: { cardId: '={{ $json.card_id }}' },
};
