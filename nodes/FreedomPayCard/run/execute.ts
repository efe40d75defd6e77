import { NodeApiError, NodeOperationError, type Failure, type IExecuteFunctions, type INode, type INodeExecutionData } from 'n8n-workflow';

import type { Clock } from '../delivery/clock';
import { retryAfterMs, Wire } from '../delivery/wire';
import { isRefusal, type Draft, type Refusal, type RunsAgain } from '../input/plan';
import { readItems } from '../input/readItems';
import { startsOf, type Ask, type Circumstances } from '../intent/intents';
import { placeOf, Records, TOOL } from '../intent/records';
import { methodOf } from '../methods';
import { holdsSecret } from '../methods/define';
import { Account } from '../output/account';
import type { NamedCause } from '../output/failures';
import { errorItem, type Failed } from '../output/items';
import { refusalOf } from '../output/objections';
import { tryAgainOf } from '../output/outcomes';
import { atItem, namingIds } from '../output/words';
import { askedBy, senderOf } from './asked';
import { Batch, type Work } from './batch';
import { Breather } from './breather';
import { Credentials, isUnusable } from './credentials';
import { Ancestry, flightsOf, openExecutionData, type ExecutionData } from './executionData';

/**
 * Runs the node: checks every item, delivers them side by side, and gives one item out per item in, in the same order.
 *
 * While the node continues on errors it never throws: n8n would pass the items that came in to the success output.
 * @param clock time and chance, replaced by tests
 * @throws {NodeOperationError} for bad input, a credential that cannot be used or a defect, unless the node continues on errors
 * @throws {NodeApiError} for a failed item, unless the node continues on errors
 */
export async function execute(context: IExecuteFunctions, clock: Clock): Promise<INodeExecutionData[][]> {
	const goesOn = context.continueOnFail();
	let batch: Batch;
	try {
		batch = await conduct(context, clock, goesOn);
	} catch (error) {
		if (goesOn || hearsItemsOnly(context)) return [failAll(context, error)];
		throw toNodeError(context.getNode(), error);
	}
	addHints(context, batch);
	const failure = goesOn ? undefined : failureOf(batch, context.getNode(), clock);
	if (failure !== undefined && !hearsItemsOnly(context)) throw failure;
	return [batch.items];
}

function isOfToolType(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Whether an AI agent runs the node as its tool. Newer agents run it as n8n runs any node, where only its type tells. */
function isToolOfAgent(context: IExecuteFunctions): boolean {
	return context.isToolExecution?.() === true || isOfToolType(context);
}

/** Calls of a tool that failed so far, by what was asked. Only in this process, where n8n's tries are too. */
const failedCalls = new WeakMap<object, Map<string, number>>();

/** Whether Retry On Fail runs a call of a tool that has just failed once more. */
function isTriedAgain(context: IExecuteFunctions): boolean {
	const { retryOnFail, maxTries = 3 } = context.getNode();
	if (retryOnFail !== true) return false;
	const agent = context.getExecuteData();
	const calls = failedCalls.get(agent) ?? new Map<string, number>();
	failedCalls.set(agent, calls);
	const call = JSON.stringify(context.getInputData().map(({ json }) => json));
	const tries = (calls.get(call) ?? 0) + 1;
	const isLast = tries >= Math.min(5, Math.max(2, maxTries));
	calls.set(call, isLast ? 0 : tries);
	return !isLast;
}

/**
 * Whether a failure has to be an item to be heard. The agents up to version 2 give the model an empty text for what a tool throws:
 * it would take a command whose outcome is unknown for done. (n8n's MCP trigger, where there is no execution, does tell it.)
 */
function hearsItemsOnly(context: IExecuteFunctions): boolean {
	// An n8n that cannot be asked has older agents, which mostly run their tools themselves.
	const isRunByAgent = context.isToolExecution?.() ?? isOfToolType(context);
	return isRunByAgent && context.getExecutionId() !== undefined && !isTriedAgain(context);
}

const CANCELED: Hindrance = { message: 'Not sent: the execution was canceled', description: 'Nothing was sent. Run it again.', outcome: 'not_done', cause: 'canceled' };

/** What keeps a run from sending anything. */
type Hindrance = ErrorWords & Pick<Failed, 'outcome' | 'cause'>;

/** Ends a run that has sent nothing. */
class NothingSent extends Error {
	override readonly name = 'NothingSent';

	constructor(readonly hindrance: Hindrance) {
		super(hindrance.message);
	}
}

/** Where a run is in n8n, and what the execution remembers. */
interface Run {
	context: IExecuteFunctions;
	data: ExecutionData;
	/** Undefined for a tool, whose runs are not told apart. */
	runIndex: number | undefined;
	records: Records;
	circumstances: Circumstances;
	/** Lets others have their turn, if they have waited long. */
	breathe: () => Promise<void> | undefined;
}

/** How n8n would run this execution again. */
function runsAgainOf(context: IExecuteFunctions): RunsAgain {
	switch (context.getMode()) {
		case 'trigger':
		case 'webhook':
		case 'error':
		case 'retry':
			return 'byRetry';
		case 'integrated':
			return 'byCaller';
		default:
			return 'notAtAll';
	}
}

/** Takes up a run. */
function openRun(context: IExecuteFunctions, breathe: Run['breathe']): Run {
	const data = openExecutionData(context);
	const runIndex = isToolOfAgent(context) ? undefined : Number(context.getWorkflowDataProxy(0).$runIndex ?? 0);
	const origin = {
		instanceId: context.getInstanceId(),
		workflowId: context.getWorkflow().id ?? '',
		execution: data.execution,
		node: context.getNode().name,
	};
	const circumstances = { origin, executionId: context.getExecutionId() ?? '', runIndex, isAfterCrash: data.isAfterCrash };
	return { context, data, runIndex, records: new Records(data.kept, runIndex), circumstances, breathe };
}

/** Finds out who sends each item, and which command it is. */
async function worksOf(run: Run, drafts: Array<Draft | Refusal>, credentials: Credentials): Promise<Array<Work | Refusal>> {
	const { context, records, runIndex, circumstances, breathe } = run;
	// Without anything remembered, it does not matter where an item comes from.
	const ancestry = runIndex === undefined || runIndex === 0 || records.isEmpty ? undefined : new Ancestry(context, runIndex);
	const works: Array<Work | Refusal> = [];
	const asks: Ask[] = [];
	for (const [itemIndex, draft] of drafts.entries()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
		if (isRefusal(draft)) {
			works.push(draft);
			continue;
		}
		const route = await credentials.routeFor(itemIndex);
		const parent = ancestry?.parentOf(itemIndex) ?? (runIndex === undefined || runIndex === 0 ? undefined : null);
		works.push({ draft, route, start: undefined, place: runIndex === undefined ? TOOL : placeOf(runIndex, itemIndex), parent });
		const asked = askedBy(draft);
		if (asked !== undefined && !isUnusable(route)) asks.push({ itemIndex, asked, sender: senderOf(route), parent });
	}
	const steps = startsOf(asks, records, circumstances);
	let step = steps.next();
	for (; step.done !== true; step = steps.next()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
	}
	for (const [itemIndex, start] of step.value) (works[itemIndex] as Work).start = start;
	return works;
}

const BY_CREDENTIAL = { outcome: 'not_done', cause: 'credential' } as const;

function refusedItem({ message, description, isUnknown }: Refusal, itemIndex: number): Hindrance {
	const words = isUnknown === true ? ({ outcome: 'unknown', cause: 'other' } as const) : ({ outcome: 'not_done', cause: 'input' } as const);
	return { message, description, itemIndex, ...words };
}

/** Why nothing is sent while the node stops on errors: the first item that cannot be. */
function firstHindrance(works: ReadonlyArray<Work | Refusal>): Hindrance | undefined {
	for (const [itemIndex, work] of works.entries()) {
		if ('message' in work) return refusedItem(work, itemIndex);
		const { route, start, draft } = work;
		// One for all is no item's fault.
		if (isUnusable(route)) return works.every((other) => 'route' in other && isUnusable(other.route) && other.route.message === route.message) ? { ...route, ...BY_CREDENTIAL } : { ...route, ...BY_CREDENTIAL, itemIndex };
		if (start?.is === 'objection') return refusedItem(refusalOf(start.objection, draft), itemIndex);
	}
	return undefined;
}

/** What ends a run before anything is sent. */
function beforeSending(hindrance: Hindrance, items: number): Hindrance {
	const { message, description, itemIndex } = hindrance;
	if (itemIndex === undefined) return hindrance;
	return { ...hindrance, message: atItem(message, itemIndex, items), description: items === 1 ? description : `${description} The other items were not sent either.` };
}

/**
 * Runs all items to their end.
 * @throws only while nothing was sent yet
 */
async function conduct(context: IExecuteFunctions, clock: Clock, goesOn: boolean): Promise<Batch> {
	const cancel = context.getExecutionCancelSignal();
	const breather = new Breather(clock);
	const run = openRun(context, () => {
		if (cancel?.aborted) throw new NothingSent(CANCELED);
		return breather.breathe();
	});
	const { data, records, circumstances, runIndex } = run;
	const drafts = await readItems(context, run.breathe);
	const refused = drafts.find(isRefusal);
	const works: Array<Work | Refusal> = refused === undefined || goesOn ? await worksOf(run, drafts, new Credentials(context)) : [];
	const hindrance = goesOn ? undefined : (refused === undefined ? firstHindrance(works) : refusedItem(refused, drafts.indexOf(refused)));
	if (hindrance !== undefined) {
		data.kept.stopped = true;
		throw new NothingSent(beforeSending(hindrance, drafts.length));
	}

	const first = drafts.find((draft): draft is Draft => !isRefusal(draft));
	const wire = new Wire(clock, cancel, first?.settings.maxParallelRequests ?? 1);
	const runsAgain = runsAgainOf(context);
	const account = new Account(runsAgain, circumstances.isAfterCrash);
	const batch = new Batch({
		wire, records, goesOn, breather, account, runsAgain,
		origin: circumstances.origin,
		executionId: circumstances.executionId,
		inputs: context.getInputData(),
		isTool: runIndex === undefined,
		flights: runIndex === undefined ? flightsOf(data.kept) : undefined,
	});
	await batch.run(works);
	records.end(account.isAllWell);
	if (batch.stoppedBy !== undefined) data.kept.stopped = true;
	return batch;
}

/** Every item as a failed one, for an error that came before anything was sent. */
function failAll(context: IExecuteFunctions, error: unknown): INodeExecutionData[] {
	const { message, description, outcome, cause } = wordsOf(error);
	return inputItems(context).map((itemIndex) => errorItem({ message, description, outcome, cause, isSecretive: isSecretive(context), facts: {} }, itemIndex));
}

/** Whether the operation takes a one-time code or a PIN, or may. */
function isSecretive(context: IExecuteFunctions): boolean {
	try {
		const { resource, operation } = context.getNode().parameters;
		const method = methodOf(String(resource), String(operation));
		return method !== undefined && holdsSecret(method);
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot read its operation', { error });
		return true;
	}
}

/** The numbers of the items that came in; a single nameless one where they cannot be read. */
function inputItems(context: IExecuteFunctions): Array<number | undefined> {
	try {
		return [...context.getInputData().keys()];
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot read its input items', { error });
		return [undefined];
	}
}

function wordsOf(error: unknown): Hindrance {
	if (error instanceof NothingSent) return error.hindrance;
	const message = error instanceof Error ? error.message : String(error);
	const own = error instanceof NodeOperationError ? error.description : undefined;
	return { message, description: own ?? 'Nothing was sent. Correct this and run it again.', outcome: 'not_done', cause: 'defect' };
}

function toNodeError(node: INode, error: unknown): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
	const { message, description, itemIndex } = wordsOf(error);
	return operationError(node, { message, description, ...(itemIndex !== undefined && { itemIndex }) });
}

/** Leaves hints for the user. What was done stays done if that fails. */
function addHints(context: IExecuteFunctions, { hints }: Batch): void {
	if (hints.length === 0) return;
	try {
		context.addExecutionHints(...hints);
	} catch (error) {
		context.logger.warn('FreedomPay Card cannot leave its hints', { error });
	}
}

/** The error that ends the execution if an item failed: which one, what to do, and an account of all. */
function failureOf({ stoppedBy, account, count }: Batch, node: INode, clock: Clock): NodeApiError | NodeOperationError | undefined {
	if (stoppedBy === undefined) return undefined;
	const { told, plan, itemIndex, defect } = stoppedBy;
	// The list of executions shows the message only.
	const [best, ...others] = namingIds(plan);
	const message = atItem(best === undefined ? told.message : `${told.message} (${best.label} ${best.id})`, itemIndex, count);
	const ids = others.filter(({ id }) => !told.description.includes(id)).map(({ label, id }) => `${label}: ${id}.`);
	const isRerunTold = told.outcome === 'unknown' && plan.requestId !== undefined;
	const words = {
		message,
		description: [told.description, ...ids, account.words(count, isRerunTold)].join(' ').trim(),
		itemIndex,
		// Older versions of n8n do not look at it.
		...(told.named !== undefined && { failure: named(told.named, clock.wallClock()) }),
	};
	if (defect !== undefined) return operationError(node, words, defect);
	const error = new NodeApiError(node, {}, { ...words, ...(told.httpCode !== undefined && { httpCode: told.httpCode }) });
	const { outcome, cause, facts } = told;
	error.context.details = { outcome, cause, try_again: tryAgainOf(outcome, cause), ...facts };
	return verbatim(error, message);
}

/** A cause as n8n's own code reads it. */
function named({ is, retryAfter }: NamedCause, now: number): Failure {
	const wait = retryAfterMs(retryAfter, now);
	return is === 'rate-limited' && wait !== undefined ? { cause: is, retryAfterMs: wait } : { cause: is };
}

interface ErrorWords {
	message: string;
	description: string;
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
