import { sendCustomRequest } from './custom/send';
import type { Method } from './define';
import { missedBeside } from './namedOnly';
import * as registry from './registry';

/** The resources, as shown. */
export const resources: Readonly<Record<string, string>> = {
	card: 'Card',
	client: 'Client',
	custom: 'Custom Request',
	giftCard: 'Gift Card',
	limit: 'Limit',
	request: 'Request',
	transaction: 'Transaction',
};

/** Every declared method. */
export const methods: readonly Method[] = Object.values<Method>(registry).map((method) => {
	const missed = missedBeside(method);
	return missed === '' ? method : { ...method, description: `${method.description}.${missed}` };
});

/** What the node offers: the methods, and the request whose method the user names. */
export const operations: readonly Method[] = [...methods, sendCustomRequest];

/** Finds a method by the panel's resource and operation. */
export function methodOf(resource: string, operation: string): Method | undefined {
	return operations.find((method) => method.resource === resource && method.operation === operation);
}

/** The method that tells the outcome of another one. */
export const requestStatus: Method = registry.getRequestStatus;
