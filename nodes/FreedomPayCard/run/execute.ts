import { NodeApiError, NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

import { sender } from '../delivery/attempt';
import type { Clock } from '../delivery/clock';
import { deliver, type Intent, type Outcome } from '../delivery/deliver';
import type { JsonObject } from '../delivery/exactJson';
import type { Lease } from '../delivery/slots';
import { Wire } from '../delivery/wire';
import { checkCredential, CredentialRefusal, hasOuterWhiteSpace, type CheckedCredential } from '../signing/credential';
import { describeFailure, type Told } from './failures';
import { answerItems, dryRunItem, errorItem, sentIds } from './output';
import { planItem, retryClassOf, type Plan } from './plan';
import { freshRequestId } from './requestIds';
import { Tally } from './tally';
import { SentIds } from './sentIds';
import { BadInput } from './values';

export const CREDENTIAL_TYPE = 'freedomPayApi';

/** An item that is not to be sent, and why. */
type Refusal = Told & { plan?: Plan };

function isRefusal(planned: Plan | Refusal): planned is Refusal {
	return 'message' in planned;
}

function refusal(message: string, description: string, details: JsonObject = {}): Refusal {
	return { message, description, httpCode: undefined, details: { ...details, outcome: 'not sent', next_step: description } };
}

/** Plans every item before anything is sent. */
async function planItems(context: IExecuteFunctions, runIndex: number): Promise<Array<Plan | Refusal>> {
	const origin = {
		instanceId: context.getInstanceId(),
		workflowId: context.getWorkflow().id ?? '',
		executionId: context.getExecutionId(),
		nodeId: context.getNode().id,
		runIndex,
	};
	const planned: Array<Plan | Refusal> = [];
	for (const itemIndex of context.getInputData().keys()) {
		try {
			planned.push(await planItem(context, itemIndex, origin));
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			const description =
				error instanceof BadInput
					? `Nothing was sent for this item. Check the value of ${error.label}, or the expression that gives it.`
					: 'Nothing was sent for this item. Check the expressions in the fields of this node.';
			planned.push(refusal(`${message} (item ${itemIndex})`, description));
		}
	}
	return refuseSharedIds(planned);
}

/** Refuses items of one run that have the same UUID typed in: which of them would be meant? */
function refuseSharedIds(planned: Array<Plan | Refusal>): Array<Plan | Refusal> {
	const items = new Map<string, number[]>();
	planned.forEach((plan, itemIndex) => {
		if (isRefusal(plan) || plan.requestId?.by !== 'typed') return;
		const id = plan.requestId.id.toLowerCase();
		items.set(id, [...(items.get(id) ?? []), itemIndex]);
	});
	return planned.map((plan, itemIndex) => {
		if (isRefusal(plan) || plan.requestId?.by !== 'typed') return plan;
		const sharing = items.get(plan.requestId.id.toLowerCase()) ?? [];
		if (sharing.length === 1) return plan;
		return refusal(
			`Request ID is the same UUID in items ${sharing.slice(0, 10).join(', ')} (item ${itemIndex})`,
			'Nothing was sent for these items. Give each item a Request ID of its own, or leave the option empty.',
			sentIds(plan),
		);
	});
}

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

function intentOf(plan: Plan, ids: SentIds): Intent {
	const { method, requestId, settings } = plan;
	const common = {
		path: method.path,
		answers: method.answers,
		retryClass: retryClassOf(method),
		timeoutMs: settings.requestTimeoutSeconds * 1000,
		maxWaitMs: settings.waitForCompletion ? settings.maxWaitSeconds * 1000 : 0,
	};
	if (method.requestId === 'fresh') {
		const bytes = () => plan.bytes(freshRequestId());
		return { ...common, requestId: undefined, idIsOurs: false, bytes };
	}
	const sent = plan.bytes(requestId?.id);
	const idIsOurs = requestId !== undefined && (requestId.by !== 'typed' || ids.wasSent(requestId.id, sent));
	if (requestId?.by === 'typed') ids.remember(requestId.id, sent);
	return { ...common, requestId: requestId?.id, idIsOurs, bytes: () => sent };
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
	const results = new Array<INodeExecutionData[] | undefined>(planned.length);

	const firstBad = planned.findIndex(isRefusal);
	if (firstBad !== -1 && !goesOn) {
		const { message, description } = planned[firstBad] as Refusal;
		throw new NodeOperationError(node, message, { description, itemIndex: firstBad });
	}
	if (planned.every(isRefusal)) {
		return [planned.map(({ message, details }, itemIndex) => errorItem(message, details, itemIndex))];
	}

	const { checked, decrypted } = await readCredential(context);
	const keyHint = hasOuterWhiteSpace(checked) ? ' The Auth ID or the Partner Key begins or ends with white space, which is part of the key as it is.' : '';
	const hints = new Set<string>();
	if (keyHint !== '') hints.add(`FreedomPay API credential:${keyHint} If that is not meant, type it again without.`);

	// One bound for the whole run: that of its first item.
	const { maxParallelRequests } = (planned.find((plan) => !isRefusal(plan)) as Plan).settings;
	const send = sender(context, CREDENTIAL_TYPE, decrypted);
	const wire = new Wire(checked.origin, send, clock, context.getExecutionCancelSignal(), maxParallelRequests);
	const ids = new SentIds(context, runIndex);
	const tally = new Tally();
	/** Items of one event share a request: the first sends it, the others take its outcome over. */
	const byEvent = new Map<string, Promise<Outcome>>();
	let failed: { told: Told; itemIndex: number } | undefined;

	const finish = (plan: Plan, outcome: Outcome, itemIndex: number) => {
		tally.count(outcome, plan.requestId?.id);
		if (outcome.is === 'failure') {
			const told = describeFailure(outcome, plan, sentIds(plan), keyHint);
			results[itemIndex] = [errorItem(told.message, told.details, itemIndex)];
			if (goesOn) return;
			failed ??= { told, itemIndex };
			wire.closed = true;
			return;
		}
		if (outcome.odd) hints.add(`FreedomPay answered ${plan.method.name} with a status that its documentation does not list. Look at the output before relying on it.`);
		else if (!outcome.recovered && !z.safeParse(plan.method.answer, outcome.answer).success) {
			hints.add(`FreedomPay's answer to ${plan.method.name} differs from its documentation. It is passed on as it came.`);
		}
		results[itemIndex] = answerItems(plan, outcome.answer, outcome.recovered, itemIndex);
	};

	const run = async (plan: Plan, itemIndex: number, lease: Lease): Promise<void> => {
		const eventId = plan.requestId?.by === 'event' ? plan.requestId.id : undefined;
		const earlier = eventId === undefined ? undefined : byEvent.get(eventId);
		if (earlier !== undefined) {
			lease.release();
			const outcome = await earlier;
			finish(plan, outcome.is === 'failure' ? outcome : { ...outcome, recovered: true }, itemIndex);
			return;
		}
		const delivery = deliver(intentOf(plan, ids), wire, lease);
		if (eventId !== undefined) byEvent.set(eventId, delivery);
		finish(plan, await delivery, itemIndex);
	};

	let defect: Error | undefined;
	const running = new Set<Promise<void>>();
	for (const [itemIndex, plan] of planned.entries()) {
		if (isRefusal(plan)) {
			results[itemIndex] = [errorItem(plan.message, plan.details, itemIndex)];
			continue;
		}
		if (plan.settings.dryRun) {
			results[itemIndex] = [dryRunItem(plan, checked.origin, itemIndex)];
			continue;
		}
		const lease = wire.lease();
		if (!wire.closed) await lease.hold('new');
		if (wire.closed) {
			lease.release();
			tally.notStarted++;
			const told = notStarted(context);
			results[itemIndex] = [errorItem(told.message, { ...sentIds(plan), ...told.details }, itemIndex)];
			continue;
		}
		const item: Promise<void> = run(plan, itemIndex, lease)
			.catch((error: Error) => {
				// A defect of this package: let no further request out, and say so.
				wire.closed = true;
				defect ??= error;
			})
			.then(() => {
				lease.release();
				running.delete(item);
			});
		running.add(item);
	}
	await Promise.all(running);
	if (defect !== undefined) throw new NodeOperationError(node, defect, { description: tally.words(planned.length) });

	if (hints.size > 0) context.addExecutionHints(...[...hints].map((message) => ({ message, location: 'outputPane' as const })));
	if (failed !== undefined) throw stopped(context, failed.told, failed.itemIndex, tally);
	return [results.flatMap((items) => items ?? [])];
}

function notStarted(context: IExecuteFunctions): Told {
	const cancelled = context.getExecutionCancelSignal()?.aborted === true;
	return refusal(
		cancelled ? 'Not sent: the execution was canceled' : 'Not sent: FreedomPay refused the credential for an earlier item',
		cancelled ? 'Run it again for the items that were not sent.' : 'Mend the FreedomPay API credential and run it again.',
	);
}

function stopped(context: IExecuteFunctions, told: Told, itemIndex: number, tally: Tally): NodeApiError {
	const error = new NodeApiError(
		context.getNode(),
		{},
		{
			message: `${told.message} (item ${itemIndex})`,
			description: `${told.description} ${tally.words(context.getInputData().length)}`,
			itemIndex,
			...(told.httpCode === undefined ? {} : { httpCode: told.httpCode }),
		},
	);
	error.context.details = told.details;
	return error;
}
