import { v4 } from 'uuid';
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { placeOf, type Kept, type Parent } from '../../card-api/intent/records';
import type { Outcome } from '../../card-api/delivery/protocol';

/** What of n8n's context an execution's data is reached by. */
type ExecutionDataContext = Pick<IExecuteFunctions, 'getContext' | 'getExecuteData' | 'getExecutionId' | 'getInputSourceData' | 'getMode' | 'getNode' | 'getWorkflowDataProxy'>;

/** All that this node keeps in the execution's data. */
export interface NodeData extends Kept {
	/** What the execution is known by, where n8n keeps nothing of its own. */
	execution?: string;
	/** Whether the last run of this node ended by stopping the execution. A process that was killed leaves no such mark. */
	stopped?: true;
	/** The execution in which this node ran last: n8n's Retry is another one, with the data of the first. */
	ranIn?: string;
	/** Whether the execution once broke off without such a mark. */
	brokeOff?: true;
}

/** For an execution that has no data, such as a call of n8n's MCP trigger: what its tries share all the same. */
const withoutData = new WeakMap<object, NodeData>();

function savedDataOf(context: ExecutionDataContext): NodeData | undefined {
	try {
		return context.getContext('node');
	} catch {
		// n8n throws when the execution has no data.
		return undefined;
	}
}

function sharedDataOf(context: ExecutionDataContext): NodeData {
	const shared = context.getExecuteData();
	const kept = withoutData.get(shared) ?? {};
	withoutData.set(shared, kept);
	return kept;
}

/** The parts of n8n's context that newer versions have. */
interface Established {
	getExecutionContext?: () => { establishedAt?: number } | undefined;
}

/** n8n's token of an execution: it outlives its process, its Retry and its waiting, and no two executions share one. */
function tokenOf(context: ExecutionDataContext): string | undefined {
	const { resumeUrl } = (context.getWorkflowDataProxy(0).$execution ?? {}) as { resumeUrl?: unknown };
	if (typeof resumeUrl !== 'string' || !URL.canParse(resumeUrl)) return undefined;
	const token = new URL(resumeUrl).searchParams.get('signature');
	return token === null || token === '' ? undefined : token;
}

/** What n8n keeps of this node in an execution. */
export interface ExecutionData {
	kept: NodeData;
	/** What the execution is known by: the same when n8n runs it again. */
	execution: string;
	/** Whether this is a Retry of an execution that broke off without this node's having stopped it, so that its data may be lost. */
	isAfterCrash: boolean;
}

/** Reads what n8n keeps of this node, and begins a new run. */
export function openExecutionData(context: ExecutionDataContext): ExecutionData {
	const saved = savedDataOf(context);
	const kept = saved ?? sharedDataOf(context);
	const token = saved === undefined ? undefined : tokenOf(context);
	if (token === undefined) {
		// Execution numbers begin at 1 again in a new database: hence the time.
		const { establishedAt = '' } = (context as Established).getExecutionContext?.() ?? {};
		kept.execution ??= `${context.getExecutionId() ?? v4()} ${establishedAt}`;
	}
	const executionId = context.getExecutionId() ?? '';
	// A further run within one Retry, as in a loop, comes after none that broke off.
	if (context.getMode() === 'retry' && kept.stopped !== true && kept.ranIn !== executionId) kept.brokeOff = true;
	kept.ranIn = executionId;
	delete kept.stopped;
	return { kept, execution: token ?? kept.execution ?? '', isAfterCrash: kept.brokeOff === true };
}

/** Commands of a tool that are on their way in this process, by the execution's data: parallel calls meet here. */
const onTheirWay = new WeakMap<object, Map<string, Promise<Outcome>>>();

/** The commands that calls of a tool have on their way, by name. */
export function flightsOf(kept: NodeData): Map<string, Promise<Outcome>> {
	const flights = onTheirWay.get(kept) ?? new Map<string, Promise<Outcome>>();
	onTheirWay.set(kept, flights);
	return flights;
}

/** Finds out from which of its own earlier items an item of this node comes: a loop leads a failed item back to it. */
export class Ancestry {
	private readonly outputs = new Map<number, Set<unknown>>();

	constructor(
		private readonly context: ExecutionDataContext,
		private readonly runIndex: number,
	) {}

	/** Where an item comes from; `null` where nothing tells, as for the next batch of *Loop Over Items*. */
	parentOf(itemIndex: number): Parent {
		const { context, runIndex } = this;
		let found: INodeExecutionData | undefined;
		try {
			found = context.getWorkflowDataProxy(itemIndex).$getPairedItem(context.getNode().name, context.getInputSourceData(), { item: itemIndex }) as INodeExecutionData | undefined;
		} catch {
			// n8n throws where no way leads back to this node.
			return null;
		}
		if (found === undefined) return null;
		for (let run = runIndex - 1; run >= 0; run--) {
			if (this.outputOf(run).has(found)) return placeIn(run, found);
		}
		return null;
	}

	/** All that this node gave out in a run. */
	private outputOf(run: number): Set<unknown> {
		const known = this.outputs.get(run);
		if (known !== undefined) return known;
		const { context } = this;
		const proxy = context.getWorkflowDataProxy(0);
		const items = [0, 1].flatMap((output): unknown[] => {
			try {
				return proxy.$items(context.getNode().name, output, run);
			} catch {
				// n8n throws where the node has no such output, or it gave nothing.
				return [];
			}
		});
		const given = new Set(items);
		this.outputs.set(run, given);
		return given;
	}
}

function placeIn(run: number, { pairedItem }: INodeExecutionData): Parent {
	const index = typeof pairedItem === 'object' && !Array.isArray(pairedItem) ? pairedItem.item : pairedItem;
	return typeof index === 'number' ? placeOf(run, index) : null;
}
