import { NodeApiError, NodeOperationError, type Failure, type INode } from 'n8n-workflow';

import { retryAfterMs } from '../../card-api/delivery/wire';
import { nextStepOf, type Words } from '../../card-api/text/words';
import type { Failed, NamedCause } from './ending';
import { tryAgainOf } from './outcomes';
import type { Report, RunEnder } from './report';
import { atItem, namingIds, plain } from './words';

/** A cause as n8n's own code reads it. */
function n8nFailureOf({ is, retryAfter }: NamedCause, now: number): Failure {
	const wait = retryAfterMs(retryAfter, now);
	return is === 'rate-limited' && wait !== undefined ? { cause: is, retryAfterMs: wait } : { cause: is };
}

/** The same, as an error of n8n takes it; older versions do not look at it. */
function namedFailure(named: NamedCause | undefined, now: number): { failure?: Failure } {
	return named === undefined ? {} : { failure: n8nFailureOf(named, now) };
}

/** What an error of n8n is made of. */
interface ErrorWords extends Words {
	itemIndex?: number;
	failure?: Failure;
}

/** An error of what the node was given, or of the node itself. */
export function operationError(node: INode, { message, ...rest }: ErrorWords, cause: Error | string = message): NodeOperationError {
	return verbatim(new NodeOperationError(node, cause, rest), message);
}

/**
 * The error of a request that failed.
 * @param failed what became of it
 * @param words what is said of it
 * @param now in ms since 1970
 */
export function apiError(node: INode, { outcome, cause, facts, httpCode, named }: Failed, words: ErrorWords, now: number): NodeApiError {
	const error = new NodeApiError(node, {}, { ...words, ...namedFailure(named, now), ...(httpCode !== undefined && { httpCode }) });
	error.context.details = { outcome, cause, try_again: tryAgainOf(outcome, cause), ...facts };
	return verbatim(error, words.message);
}

/** Undoes what n8n makes of a message in which it finds the name of a system error, such as the EEXIST in "preexisting". */
function verbatim<Thrown extends NodeApiError | NodeOperationError>(error: Thrown, message: string): Thrown {
	error.message = message;
	return error;
}

/** n8n shows a description as HTML. */
export const NEW_LINE = '<br>\n';

/** The id that a message names its item by, in brackets behind it, and the others, as sentences, but for those that the advice has already. */
function idsOf({ ending: { plan } }: RunEnder, advice: string): { whose: string; others: string[] } {
	const [best, ...others] = plan === undefined ? [] : namingIds(plan);
	return {
		whose: best === undefined ? '' : ` (${best.label} ${best.id})`,
		others: others.filter(({ id }) => !advice.includes(id)).map(({ label, id }) => `${label}: ${id}.`),
	};
}

/** The message and the description of a run of one item that stops. */
function wordsOnOne(stop: RunEnder): Words {
	const step = nextStepOf(stop.failed);
	const { whose, others } = idsOf(stop, step);
	// The list of executions shows the message only.
	return { message: stop.failed.message + whose, description: plain([step, ...others].join(' ').trim()) };
}

/** Those of a run of many: what and how many, a line for each kind of ending, what to do about the one that stopped it, and about all. */
function wordsOnMany(stop: RunEnder, { account, count }: Report): Words {
	const { ending: { itemIndex }, failed } = stop;
	const { whose, others } = idsOf(stop, failed.description);
	const advice = plain([failed.description, ...others, account.advice].join(' ').trim());
	const { text, only } = account.headline;
	return { message: atItem(`${text}. ${failed.message}${only === itemIndex ? '' : whose}`, itemIndex, count), description: [...account.lines.map(plain), advice].join(NEW_LINE) };
}

function wordsOf(stop: RunEnder, report: Report): Words {
	const { message, description } = report.count === 1 ? wordsOnOne(stop) : wordsOnMany(stop, report);
	const { failed, ending } = stop;
	const remark = 'route' in ending ? (ending.route?.hint ?? '') : '';
	// What is said already is not said again.
	const lines = report.hintLines.filter((line) => remark === '' || !failed.description.includes(remark) || !line.includes(remark));
	return { message, description: [description, ...lines].join(NEW_LINE) };
}

/**
 * The error that ends an execution of which an item failed.
 * @param now in ms since 1970
 */
export function errorOf(stop: RunEnder, report: Report, node: INode, now: number): NodeApiError | NodeOperationError {
	const { ending, failed } = stop;
	const words: ErrorWords = { ...wordsOf(stop, report), itemIndex: ending.itemIndex };
	if (ending.is === 'defect') return operationError(node, { ...words, ...namedFailure(failed.named, now) }, ending.error instanceof Error ? ending.error : new Error(String(ending.error)));
	return apiError(node, failed, words, now);
}

/** The error that ends an execution before anything was sent; one that is n8n's already stays as it is. */
export function errorBefore(thrown: unknown, { failed: { message, description }, itemIndex }: { failed: Failed; itemIndex: number | undefined }, node: INode): NodeApiError | NodeOperationError {
	if (thrown instanceof NodeApiError || thrown instanceof NodeOperationError) return thrown;
	return operationError(node, { message, description, ...(itemIndex !== undefined && { itemIndex }) });
}
