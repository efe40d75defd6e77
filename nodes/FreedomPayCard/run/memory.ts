import { v4 } from 'uuid';
import type { IExecuteFunctions } from 'n8n-workflow';

import type { JsonObject } from '../json/exactJson';
import type { Failure, Outcome } from '../delivery/protocol';

/** What a run learnt of one command. Kept in the execution's data, so free of secrets. */
export type Learnt =
	/** It may have arrived. */
	| { is: 'sent' }
	/** The API has it. */
	| { is: 'accepted'; answer: JsonObject }
	| { is: 'done'; answer: JsonObject }
	/** The API refused it. `secrets` tells whether the OTP or PIN was another one, without telling it. */
	| { is: 'refused'; effect: Failure['effect']; answer: JsonObject; httpStatus: number; secrets: string };

/** How a command is known, free of secrets. */
export interface CommandKey {
	/** The same for the same command, whoever sends it. */
	name: string;
	/** Who sends it; undefined before the credential is known. */
	partner: string | undefined;
}

/** By command, by partner. */
type Book<T> = Record<string, Record<string, T>>;

interface Kept {
	/** The execution that first ran this node. */
	executionId?: string;
	/** By run of the node, or for all calls of a tool. */
	learnt?: Record<string, Book<Learnt>>;
}

/** For an execution that has no data, such as a call of n8n's MCP trigger: what its tries share all the same. */
const withoutData = new WeakMap<object, Kept>();

function dataOf(context: IExecuteFunctions): Kept | undefined {
	try {
		return context.getContext('node');
	} catch {
		// n8n throws when the execution has no data.
		return undefined;
	}
}

function keptBy(context: IExecuteFunctions): Kept {
	const data = dataOf(context);
	if (data !== undefined) return data;
	const shared = context.getExecuteData();
	const kept = withoutData.get(shared) ?? {};
	withoutData.set(shared, kept);
	return kept;
}

/** Commands that are on their way in this process, by the execution's data: parallel calls of a tool meet here. */
const onTheirWay = new WeakMap<object, Book<Promise<Outcome>>>();

/** All that a book has of a command: of one partner, or of every one while nobody knows which it is. */
function entriesOf<T>(book: Book<T>, { name, partner }: CommandKey): T[] {
	const entries = Object.hasOwn(book, name) ? book[name] : undefined;
	if (entries === undefined) return [];
	if (partner === undefined) return Object.values(entries);
	const entry = Object.hasOwn(entries, partner) ? entries[partner] : undefined;
	return entry === undefined ? [] : [entry];
}

function enter<T>(book: Book<T>, { name, partner = '' }: CommandKey, entry: T | undefined): void {
	const entries = (book[name] ??= {});
	if (entry === undefined) delete entries[partner];
	else entries[partner] = entry;
	if (Object.keys(entries).length === 0) delete book[name];
}

/**
 * What an execution knows of its commands, for when n8n runs the node again: Retry On Fail, another worker, the Retry button, another
 * call of a tool.
 */
export class Memory {
	/**
	 * The execution that first ran this node. n8n's Retry of a failed execution starts a new one with the data of the first: what is
	 * the same intent must keep its request id.
	 */
	readonly executionId: string;

	private readonly all: Record<string, Book<Learnt>>;

	private readonly learnt: Book<Learnt>;

	private readonly flights: Book<Promise<Outcome>>;

	/** @param scope the run of the node; `tool` for a tool, whose runs are not told apart */
	constructor(
		context: IExecuteFunctions,
		private readonly scope: number | 'tool',
	) {
		const kept = keptBy(context);
		// Without an id of its own, an execution has nothing to come back to but its tries.
		this.executionId = kept.executionId ??= context.getExecutionId() ?? v4();
		this.all = kept.learnt ??= {};
		this.learnt = this.all[scope] ??= {};
		// A run has its own, which later items of the same event look into; calls of a tool share those that are still under way.
		this.flights = scope === 'tool' ? (onTheirWay.get(kept) ?? {}) : {};
		if (scope === 'tool') onTheirWay.set(kept, this.flights);
	}

	/** What an earlier try learnt of a command. */
	recall(command: CommandKey): Learnt | undefined {
		const found = entriesOf(this.learnt, command);
		return found.length > 1 ? { is: 'sent' } : found[0];
	}

	/** Keeps what was learnt; undefined forgets, for what surely left no trace. */
	note(command: CommandKey, learnt: Learnt | undefined): void {
		enter(this.learnt, command, learnt);
	}

	/** The outcome of a command that this run, or a parallel call of the tool, has on its way or delivered. */
	flightOf(command: CommandKey): Promise<Outcome> | undefined {
		return entriesOf(this.flights, command)[0];
	}

	/**
	 * Delivers a command, so that others like it can take its outcome over: calls of a tool while it is under way, later items of a run
	 * at any time.
	 * @param isRepeated whether a later item of the run is the same command
	 */
	fly(command: CommandKey, isRepeated: boolean, deliver: () => Promise<Outcome>): Promise<Outcome> {
		if (this.scope !== 'tool' && !isRepeated) return deliver();
		const flight = deliver();
		enter(this.flights, command, flight);
		const land = () => (this.scope === 'tool' ? enter(this.flights, command, undefined) : undefined);
		flight.then(land, land);
		return flight;
	}

	/** Ends a run. When all went well n8n does not run it again, and the execution's data stay small. */
	end(allWentWell: boolean): void {
		if (this.scope !== 'tool' && allWentWell) delete this.all[this.scope];
	}
}
