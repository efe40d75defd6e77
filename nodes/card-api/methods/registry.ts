/*
 * Every declared method, one line each. The node, the sandbox, the schemas and the docs read this list.
 */
export { closeCard } from './card/close';
export { getCard } from './card/get';
export { getExtendedStatement } from './card/getExtendedStatement';
export { getOperations } from './card/getOperations';
export { issueCard } from './card/issue';
export { linkClient } from './card/linkClient';
export { resetPinCounter } from './card/resetPinCounter';
export { setPin } from './card/setPin';
export { unblockCard } from './card/unblock';
export { updateCard } from './card/update';
export { validateCardholder } from './card/validateCardholder';
export { createClient } from './client/create';
export { updateClient } from './client/update';
export { confirmGiftCard } from './giftCard/confirm';
export { getLimits } from './limit/getMany';
export { setLimits } from './limit/set';
export { getRequestStatus } from './request/getStatus';
export { getTransactionStatus } from './transaction/getStatus';
export { refundTransaction } from './transaction/refund';
