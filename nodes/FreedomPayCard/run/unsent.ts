import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { methodOf } from '../../card-api/methods';
import { holdsSecret } from '../../card-api/methods/define';
import type { Obstacle } from './items';

/** What of n8n's context tells of the input of a run that sends nothing. */
type UnsentContext = Pick<IExecuteFunctions, 'getInputData' | 'getNode' | 'logger'>;

/** Ends a run that has sent nothing. */
export class NothingSent extends Error {
	override readonly name = 'NothingSent';

	constructor(readonly obstacle: Obstacle) {
		super(obstacle.failed.message);
	}
}

/** Of a run that is canceled before anything is sent. */
export function canceled(context: UnsentContext): Obstacle {
	const words = { message: 'Not sent: the execution was canceled', description: 'Nothing was sent. Run it again.' };
	return { failed: { ...words, outcome: 'not_done', cause: 'canceled', isSecretive: isSecretive(context), facts: {} }, itemIndex: undefined };
}

/** What keeps a run from sending anything, by what was thrown. */
export function obstacleOf(error: unknown, context: UnsentContext): Obstacle {
	if (error instanceof NothingSent) return error.obstacle;
	const message = error instanceof Error ? error.message : String(error);
	const own = error instanceof NodeOperationError ? error.description : undefined;
	const description = own ?? 'Nothing was sent. Correct this and run it again.';
	return { failed: { message, description, outcome: 'not_done', cause: 'defect', isSecretive: isSecretive(context), facts: {} }, itemIndex: undefined };
}

/** Whether the operation takes a one-time code or a PIN, or may. */
function isSecretive(context: UnsentContext): boolean {
	try {
		const { resource, operation } = context.getNode().parameters;
		const method = typeof resource === 'string' && typeof operation === 'string' ? methodOf(resource, operation) : undefined;
		return method !== undefined && holdsSecret(method);
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot read its operation', { error });
		return true;
	}
}

/** The numbers of the items that came in; a single nameless one where they cannot be read. */
export function inputItems(context: UnsentContext): Array<number | undefined> {
	try {
		return [...context.getInputData().keys()];
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot read its input items', { error });
		return [undefined];
	}
}
