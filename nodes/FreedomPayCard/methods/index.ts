import { closeCard } from './card/close';
import { linkClient } from './card/linkClient';
import { updateCard } from './card/update';
import type { Method } from './define';
import { confirmGiftCard } from './giftCard/confirm';
import { getRequestStatus } from './request/getStatus';

/** The resources, as shown. */
export const resources: Readonly<Record<string, string>> = {
	card: 'Card',
	giftCard: 'Gift Card',
	request: 'Request',
};

/** Every method that the node offers. The node, the sandbox, the schemas and the docs read this list. */
export const methods: readonly Method[] = [
	closeCard,
	linkClient,
	updateCard,
	confirmGiftCard,
	getRequestStatus,
];

/** Finds a method by the panel's resource and operation. */
export function methodOf(resource: string, operation: string): Method | undefined {
	return methods.find((method) => method.resource === resource && method.operation === operation);
}

/** The method that tells the outcome of another one. */
export const requestStatus = getRequestStatus;
