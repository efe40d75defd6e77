import type { INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';

import type { RunsAgain } from '../input/plan';
import { RunAccount } from './runAccount';
import type { Ending, Failed } from './ending';
import { hintOnNothing, hintOnRest, hintsOf } from './hints';
import { errorItem, withOtherFields } from './items';
import { told, type Told } from './told';
import { atItem, plain } from './words';

/** What a report goes by. */
export interface Basis {
	/** Whether failed items are items, instead of the end of the run. */
	goesOn: boolean;
	isTool: boolean;
	/** The items that came in. */
	inputs: readonly INodeExecutionData[];
	/** Whether somebody runs it by hand, in the editor. */
	isManual: boolean;
	runsAgain: RunsAgain;
	/** Whether this is the Retry of an execution that broke off. */
	isAfterCrash: boolean;
	/** Whether this execution sent something before this run that was, or may have been, carried out. */
	hasSentBefore: boolean;
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** An item that ends the run. */
export interface RunEnder {
	ending: Ending;
	failed: Failed;
}

/**
 * What became of the items of a run: the one place where that is written down, for the output, for the message of a run that stops, and for
 * the user's hints.
 */
export class Report {
	readonly account: RunAccount;

	private readonly results: INodeExecutionData[][] = [];

	/** By their words without the ids in them: one of many that differ in these is enough. */
	private readonly remarks = new Map<string, string>();

	/** The first item that failed, when a failure ends the run. */
	private stop: RunEnder | undefined;

	/** The first command that FreedomPay had not finished: it ends the run when all have ended. */
	private open: RunEnder | undefined;

	constructor(private readonly basis: Basis) {
		const { runsAgain, isAfterCrash, hasSentBefore } = basis;
		this.account = new RunAccount(this.count, runsAgain, isAfterCrash, hasSentBefore);
	}

	/** How many items came in. */
	get count(): number {
		return this.basis.inputs.length;
	}

	/** What ends the execution, if anything does. */
	get stoppedBy(): RunEnder | undefined {
		return this.stop ?? this.open;
	}

	/** Whether no new item is to start. */
	get isStopped(): boolean {
		return this.stop !== undefined;
	}

	/** Whether every item so far is done, or on its way to be where nobody waits for that. */
	get isAllWell(): boolean {
		return this.account.isAllWell;
	}

	/** The items that came out, one or more per item in, in the order of the input. */
	get items(): INodeExecutionData[] {
		return this.results.flat();
	}

	/** What the user should know of the run. First, as a warning, that commands acted on real cards, which who tries something out may not have meant. */
	get hints(): NodeExecutionHint[] {
		const { account, remarks } = this;
		const warnings = this.basis.isManual ? account.whereabouts : [];
		const others = [...account.hints(this.stoppedBy !== undefined), ...remarks.values()];
		const location = 'outputPane';
		return [
			...warnings.map((message): NodeExecutionHint => ({ message: plain(message), type: 'warning', location })),
			...others.map((message): NodeExecutionHint => ({ message: plain(message), location })),
		];
	}

	/** The same for the message of a run that stops, which leaves no hints. */
	get hintLines(): string[] {
		return this.hints.map(({ message }) => message);
	}

	/** Notes what the user should know, once. */
	remark(hint: string): void {
		const words = hint.replace(UUID, '');
		if (!this.remarks.has(words)) this.remarks.set(words, hint);
	}

	/**
	 * Writes down how an item ended. Nothing is written where that throws.
	 * @returns whether the item failed
	 */
	record(ending: Ending): boolean {
		const { itemIndex } = ending;
		const { goesOn, isTool } = this.basis;
		const came = told(ending, isTool);
		this.results[itemIndex] = came.is === 'failed' ? [this.failedItem(ending, came.failed)] : this.along(came, itemIndex);
		this.account.count(ending, came.is === 'failed' ? came.failed : undefined);
		for (const hint of hintsOf(ending)) this.remark(hint);
		if (came.is === 'well') {
			if (came.items.length === 0) this.remark(hintOnNothing(came.plan, this.count));
			if (came.entries > came.items.length) this.remark(hintOnRest(came.plan, came.entries, this.count));
			return false;
		}
		if (!goesOn) this.end({ ending, failed: came.failed });
		return true;
	}

	private end(stop: RunEnder): void {
		// A command that is not finished keeps no other item from starting.
		if (stop.failed.outcome === 'processing') this.open ??= stop;
		else this.stop ??= stop;
	}

	private along({ plan: { settings }, items }: Told & { is: 'well' }, itemIndex: number): INodeExecutionData[] {
		return settings.includeOtherFields ? withOtherFields(items, this.basis.inputs[itemIndex]) : items;
	}

	private failedItem({ is, itemIndex }: Ending, failed: Failed): INodeExecutionData {
		// Which field is wrong is told with the item that it is wrong in.
		return errorItem(is === 'refused' ? { ...failed, message: atItem(failed.message, itemIndex, this.count) } : failed, itemIndex);
	}
}
