import type { Contract } from '../contract';
import { STATUSES } from '../samples';

export const contract: Contract = {
	documented: {
		path: '/v5/card-api/client/update',
		id: true,
		// Inside `client` by analogy with client/add: the page is flattened.
		fields: { client_id: ['string', true], product_id: ['integer', true], client: ['object', true], 'client.phone': ['integer', true] },
		answer: STATUSES,
	},
	kind: 'command',
	parameters: { clientId: 'client-1', productId: '={{ "3000" }}', phone: '+7 707 707 07 08' },
	body: { client_id: 'client-1', product_id: 3000, client: { phone: 77077070708 } },
	ids: { client_id: 'client-1' },
	identity: ['client', 'client_id', 'product_id'],
	alreadySo: 'never',
};
