import { NodeApiError, NodeOperationError, type Failure, type INode } from 'n8n-workflow';

import { retryAfterMs } from '../delivery/wire';
import type { Words } from '../text/words';
import type { Failed, NamedCause } from './ending';
import { tryAgainOf } from './outcomes';
import type { Report, Stop } from './report';
import { atItem, namingIds } from './words';

/** A cause as n8n's own code reads it. */
function named({ is, retryAfter }: NamedCause, now: number): Failure {
	const wait = retryAfterMs(retryAfter, now);
	return is === 'rate-limited' && wait !== undefined ? { cause: is, retryAfterMs: wait } : { cause: is };
}

interface ErrorWords extends Words {
	itemIndex?: number;
	failure?: Failure;
}

function operationError(node: INode, { message, ...rest }: ErrorWords, cause: Error | string = message): NodeOperationError {
	return verbatim(new NodeOperationError(node, cause, rest), message);
}

/** Undoes what n8n makes of a message in which it finds the name of a system error, such as the EEXIST in "preexisting". */
function verbatim<Thrown extends NodeApiError | NodeOperationError>(error: Thrown, message: string): Thrown {
	error.message = message;
	return error;
}

/** The message and the description of a run that stops: which item, what to do, and an account of all. */
function wordsOf({ ending: { plan, itemIndex }, failed }: Stop, report: Report): Words {
	// The list of executions shows the message only.
	const [best, ...others] = plan === undefined ? [] : namingIds(plan);
	const message = atItem(best === undefined ? failed.message : `${failed.message} (${best.label} ${best.id})`, itemIndex, report.count);
	const ids = others.filter(({ id }) => !failed.description.includes(id)).map(({ label, id }) => `${label}: ${id}.`);
	const isRerunTold = failed.outcome === 'unknown' && plan?.requestId !== undefined;
	return { message, description: [failed.description, ...ids, report.words(isRerunTold)].join(' ').trim() };
}

/**
 * The error that ends an execution of which an item failed.
 * @param now in ms since 1970
 */
export function errorOf(stop: Stop, report: Report, node: INode, now: number): NodeApiError | NodeOperationError {
	const { ending, failed } = stop;
	const { outcome, cause, facts, httpCode } = failed;
	const words: ErrorWords = {
		...wordsOf(stop, report),
		itemIndex: ending.itemIndex,
		// Older versions of n8n do not look at it.
		...(failed.named !== undefined && { failure: named(failed.named, now) }),
	};
	if (ending.is === 'defect') return operationError(node, words, ending.error instanceof Error ? ending.error : new Error(String(ending.error)));
	const error = new NodeApiError(node, {}, { ...words, ...(httpCode !== undefined && { httpCode }) });
	error.context.details = { outcome, cause, try_again: tryAgainOf(outcome, cause), ...facts };
	return verbatim(error, words.message);
}

/** The error that ends an execution before anything was sent; one that is n8n's already stays as it is. */
export function errorBefore(thrown: unknown, { failed: { message, description }, itemIndex }: { failed: Failed; itemIndex: number | undefined }, node: INode): NodeApiError | NodeOperationError {
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	return operationError(node, { message, description, ...(itemIndex !== undefined && { itemIndex }) });
}
