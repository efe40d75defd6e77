import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { sender } from '../delivery/attempt';
import type { Clock } from '../delivery/clock';
import { Wire } from '../delivery/wire';
import { checkCredential, CredentialRefusal, hasOuterWhiteSpace, type CheckedCredential } from '../signing/credential';
import { Batch } from './batch';
import { errorItem } from './output';
import type { Plan } from './plan';
import { isRefusal, planItems } from './planning';
import { SentIds } from './sentIds';

const CREDENTIAL_TYPE = 'freedomPayApi';

const WHITE_SPACE = ' The Auth ID or the Partner Key begins or ends with white space, which is used as part of it.';

/** Looks the credential up, once for the whole run. */
async function readCredential(
	context: IExecuteFunctions,
): Promise<{ checked: CheckedCredential; decrypted: Record<string, unknown> }> {
	const decrypted = await context.getCredentials(CREDENTIAL_TYPE);
	try {
		return { checked: checkCredential(decrypted), decrypted };
	} catch (error) {
		const message = error instanceof CredentialRefusal ? error.message : 'The FreedomPay API credential cannot be used.';
		throw new NodeOperationError(context.getNode(), message, { description: 'Nothing was sent.' });
	}
}

/**
 * Runs the node: checks every item, delivers them side by side, and gives one item out per item in,
 * in the same order.
 * @param clock time and chance, replaced by tests
 * @throws {NodeOperationError} for bad input or a credential that cannot be used: nothing was sent
 * @throws {NodeApiError} for a failed item, unless the node continues on failures
 */
export async function execute(context: IExecuteFunctions, clock: Clock): Promise<INodeExecutionData[][]> {
	const node = context.getNode();
	const goesOn = context.continueOnFail();
	const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);

	const planned = await planItems(context, runIndex);
	const bad = planned.findIndex(isRefusal);
	const refused = planned[bad];
	if (refused !== undefined && isRefusal(refused) && !goesOn) {
		throw new NodeOperationError(node, refused.message, { description: refused.description, itemIndex: bad });
	}
	const first = planned.find((plan): plan is Plan => !isRefusal(plan));
	if (first === undefined) {
		return [planned.filter(isRefusal).map(({ message, details }, itemIndex) => errorItem(message, details, itemIndex))];
	}

	const { checked, decrypted } = await readCredential(context);
	const keyHint = hasOuterWhiteSpace(checked) ? WHITE_SPACE : '';
	const send = sender(context, CREDENTIAL_TYPE, decrypted);
	const wire = new Wire(checked.origin, send, clock, context.getExecutionCancelSignal(), first.settings.maxParallelRequests);
	const batch = new Batch(wire, new SentIds(context, runIndex), { goesOn, origin: checked.origin, keyHint });
	try {
		await batch.run(planned);
	} catch (error) {
		throw new NodeOperationError(node, error as Error, { description: batch.tally.words(planned.length) });
	}

	const { hints, stoppedBy } = batch;
	if (keyHint !== '') {
		hints.push({ message: `FreedomPay API credential:${keyHint} If that is not meant, type it again without.`, location: 'outputPane' });
	}
	if (hints.length > 0) context.addExecutionHints(...hints);
	if (stoppedBy === undefined) return [batch.items];

	const { told, itemIndex } = stoppedBy;
	const error = new NodeApiError(
		node,
		{},
		{
			message: `${told.message} (item ${itemIndex})`,
			description: `${told.description} ${batch.tally.words(planned.length)}`.trim(),
			itemIndex,
			...(told.httpCode === undefined ? {} : { httpCode: told.httpCode }),
		},
	);
	error.context.details = told.details;
	throw error;
}
