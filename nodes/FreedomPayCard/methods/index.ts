import { closeCard } from './card/close';
import { getCard } from './card/get';
import { getExtendedStatement } from './card/getExtendedStatement';
import { getOperations } from './card/getOperations';
import { issueCard } from './card/issue';
import { linkClient } from './card/linkClient';
import { resetPinCounter } from './card/resetPinCounter';
import { setPin } from './card/setPin';
import { unblockCard } from './card/unblock';
import { updateCard } from './card/update';
import { validateCardholder } from './card/validateCardholder';
import { createClient } from './client/create';
import { sendCustomRequest } from './custom/send';
import type { Method } from './define';
import { confirmGiftCard } from './giftCard/confirm';
import { getLimits } from './limit/getMany';
import { setLimits } from './limit/set';
import { getRequestStatus } from './request/getStatus';
import { getTransactionStatus } from './transaction/getStatus';
import { refundTransaction } from './transaction/refund';

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

/** Every declared method. The node, the sandbox, the schemas and the docs read this list. */
export const methods: readonly Method[] = [
	closeCard,
	getCard,
	getExtendedStatement,
	getOperations,
	issueCard,
	linkClient,
	resetPinCounter,
	setPin,
	unblockCard,
	updateCard,
	validateCardholder,
	createClient,
	confirmGiftCard,
	getLimits,
	setLimits,
	getRequestStatus,
	getTransactionStatus,
	refundTransaction,
];

/** What the node offers: the methods, and the request whose method the user names. */
export const operations: readonly Method[] = [...methods, sendCustomRequest];

/** Finds a method by the panel's resource and operation. */
export function methodOf(resource: string, operation: string): Method | undefined {
	return operations.find((method) => method.resource === resource && method.operation === operation);
}

/** The method that tells the outcome of another one. */
export const requestStatus = getRequestStatus;
