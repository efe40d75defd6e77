import type { INodeExecutionData } from 'n8n-workflow';

import type { Closed } from '../../card-api/delivery/wire';
import type { Plan, Refusal } from '../input/plan';
import { holdsSecret } from '../../card-api/methods/define';
import type { Words } from '../../card-api/text/words';
import { credentialInWords, type Delivered, type Ending, type Failed, type ToldRoute } from './ending';
import { describeDefect, describeFailure, describeOpen } from './failures';
import { answerItems, dryRunItem, openItem, sentIds } from './items';
import { causeOfClosing, type DoneOutcome } from './outcomes';

/** Says why an item is not started. */
function whyNotStarted(closed: Closed, route: ToldRoute | undefined): Words {
	const again = 'Run it again for the items that were not sent.';
	switch (closed.by) {
		case 'cancel':
			return { message: 'Not sent: the execution was canceled', description: '', again };
		case 'failure':
			return { message: 'Not sent: an earlier item failed', description: '', again };
		case 'defect':
			return { message: 'Not sent: the node stopped after an error of its own', description: '', again };
		case 'credential':
			return {
				message: `Not sent: FreedomPay refused the credential${route === undefined ? '' : credentialInWords(route)} (HTTP ${closed.httpStatus}), first for item ${closed.itemIndex}`,
				description: 'Correct the FreedomPay API credential and run it again.',
			};
		case 'host':
			return {
				message: `Not sent: FreedomPay's host, or something before it, turned requests away (HTTP ${closed.httpStatus}), first for item ${closed.itemIndex}`,
				description: 'Check the Environment and Base URL of the FreedomPay API credential and what stands between n8n and FreedomPay, and run it again.',
			};
	}
}

function notStarted(plan: Plan, { message, description, again }: Words, cause: Failed['cause']): Failed {
	return { message, description, again, outcome: 'not_done', cause, isSecretive: holdsSecret(plan.method), facts: sentIds(plan) };
}

/** Describes an item that is not sent for what it holds. */
export function describeRefused({ message, description, isUnknown, isSecretive, facts }: Refusal): Failed {
	const words = isUnknown === true ? ({ outcome: 'unknown', cause: 'other' } as const) : ({ outcome: 'not_done', cause: 'input' } as const);
	return { message, description, ...words, isSecretive, facts };
}

/** Whether it has to be done for its item to be a success. What a read tells of another's progress is what it was asked for. */
export function isWaitedFor({ method, settings }: Plan): boolean {
	return method.is === 'oneTimeCommand' || (method.is === 'command' && settings.waitForCompletion);
}

/** Of what is remembered, where its credential cannot be used. */
const NOWHERE: ToldRoute = { name: '', hint: '', where: '' };

/** How an item comes out: as one that failed, or as what came of it, with how many items that would be without a limit. */
export type Told = { is: 'failed'; failed: Failed } | { is: 'well'; plan: Plan; items: INodeExecutionData[]; entries: number };

function failing(failed: Failed): Told {
	return { is: 'failed', failed };
}

/** What a command came to, in the item's word. */
function doneOf({ outcome, isOwn }: Delivered): DoneOutcome {
	if (outcome.is === 'processing') return 'processing';
	return outcome.from === 'earlier' && !isOwn ? 'done_before' : 'done';
}

function toldDelivered(ending: Delivered, isTool: boolean): Told {
	const { itemIndex, outcome, plan, route, isOwn } = ending;
	if (outcome.is === 'failure') return failing(describeFailure(outcome, plan, route ?? NOWHERE));
	if (outcome.is === 'processing' && isWaitedFor(plan)) {
		const open = { ...describeOpen(outcome.answer, plan), isEarlier: outcome.from === 'earlier' && !isOwn };
		return isTool ? { is: 'well', plan, items: [openItem(open, itemIndex)], entries: 1 } : failing(open);
	}
	return { is: 'well', plan, ...answerItems(plan, outcome.answer, doneOf(ending), itemIndex) };
}

/** Tells how an item ended. */
export function told(ending: Ending, isTool: boolean): Told {
	switch (ending.is) {
		case 'delivered':
			return toldDelivered(ending, isTool);
		case 'dryRun':
			return { is: 'well', plan: ending.plan, items: [dryRunItem(ending.plan, ending.origin, ending.itemIndex)], entries: 1 };
		case 'refused':
			return failing(describeRefused(ending.refusal));
		case 'closed':
			return failing(notStarted(ending.plan, whyNotStarted(ending.why, ending.route), causeOfClosing(ending.why)));
		case 'unusable':
			return failing(notStarted(ending.plan, ending.why, 'credential'));
		case 'follower': {
			const message = `Not sent: it is the same command as that of item ${ending.leader}, which was not sent`;
			return failing(notStarted(ending.plan, { message, description: 'Run it again once that item can be sent.' }, 'other'));
		}
		case 'defect':
			return failing(describeDefect(ending.error, ending.plan, ending.mayHaveArrived));
	}
}
