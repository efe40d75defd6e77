import type { Outcome } from '../delivery/protocol';
import type { RunsAgain } from '../input/plan';
import type { Source } from '../intent/command';
import { isCommand, listed } from '../methods/define';
import type { Delivered, Ending } from './ending';
import { sentIds } from './items';
import { isWaitedFor } from './told';
import { namingIds } from './words';

/** How many items of a kind a message names at most. */
const MAX_NAMED = 20;

/** What became of an item, in words for one and for more, and whether those are named, with their request ids or without. */
const KINDS = {
	done: { one: 'was done', more: 'were done', list: 'Done', withRequestId: false },
	processing: { one: 'is still being processed', more: 'are still being processed', list: 'Still being processed', withRequestId: true },
	failed: { one: 'failed', more: 'failed', list: 'Failed', withRequestId: false },
	unknown: { one: 'has an unknown outcome', more: 'have an unknown outcome', list: 'Unknown', withRequestId: true },
	notSent: { one: 'was not sent', more: 'were not sent', list: undefined, withRequestId: false },
} as const;

type Kind = keyof typeof KINDS;

const KINDS_IN_ORDER = Object.keys(KINDS) as Kind[];

/** What runs a stopped execution on, as a sentence's beginning. */
const RESUMED: Readonly<Record<RunsAgain, string>> = {
	byRetry: " Retry On Fail and n8n's Retry of this failed execution",
	notAtAll: ' Retry On Fail',
	byCaller: ' Retry On Fail of this node',
};

/** What begins it anew, as a sentence's beginning. */
const ANEW: Readonly<Record<RunsAgain, string>> = {
	byRetry: ' A new execution',
	notAtAll: ' Another run',
	byCaller: " The calling workflow's Retry On Fail or Retry, as a new execution,",
};

/** What running on does with commands that have a request id. */
const PICK_UP: Readonly<Record<RunsAgain, string>> = {
	byRetry: ' pick up where this run stopped: what is done is recognised by its request ID and not done again.',
	notAtAll: ' picks up where this run stopped: what is done is recognised by its request ID and not done again.',
	byCaller: ' picks up where this run stopped: what is done is recognised by its request ID and not done again.',
};

/** What a rerun does, by who made the request ids of what was sent. */
function rerunWords(source: Source | 'once' | 'mixed', runsAgain: RunsAgain): string {
	const resumed = `${RESUMED[runsAgain]}${PICK_UP[runsAgain]}`;
	switch (source) {
		case 'node':
			return `${resumed}${ANEW[runsAgain]} sends everything again, since no Event ID is set.`;
		case 'event':
			return ' Run it again with the same Event IDs: what is done is recognised by its request ID and not done again.';
		case 'typed':
			return `${resumed}${ANEW[runsAgain]} sends nothing under the Request IDs that FreedomPay knows by then.`;
		case 'mixed':
			return `${resumed}${ANEW[runsAgain]} does so for items with an Event ID only.`;
		case 'once':
			return `${RESUMED[runsAgain]} ${runsAgain === 'byRetry' ? 'send' : 'sends'} only what was surely not sent.${ANEW[runsAgain]} sends everything again: these commands have no request ID to be recognised by.`;
	}
}

/** After a crash, n8n's Retry knows only what the ids tell. */
const KEEP_THE_IDS = ' Change nothing about Event IDs and Request IDs before the next Retry: the execution broke off once, and only they tell what was done before.';

function kindOfOutcome(outcome: Outcome): Kind {
	if (outcome.is !== 'failure') return outcome.is;
	if (outcome.effect === 'unknown' || outcome.effect === 'notSent') return outcome.effect;
	return 'failed';
}

function kindOf(ending: Ending): Kind | undefined {
	switch (ending.is) {
		case 'delivered':
			return kindOfOutcome(ending.outcome);
		case 'dryRun':
			return undefined;
		case 'defect':
			return ending.mayHaveArrived && isCommand(ending.plan.method) ? 'unknown' : 'failed';
		default:
			return 'notSent';
	}
}

/** Keeps count of what became of the items of a run, for the message of a run that stopped. */
export class Account {
	private readonly counts: Record<Kind, number> = { done: 0, processing: 0, failed: 0, unknown: 0, notSent: 0 };

	private readonly names: Record<Kind, string[]> = { done: [], processing: [], failed: [], unknown: [], notSent: [] };

	/** Whether all that was sent can be told by its request id when it is sent again, and until when. */
	private readonly sources = new Set<Source | 'once'>();

	/** Items still being processed that can be looked up. */
	private open = 0;

	/** Those that failed by it. */
	private waitedFor = 0;

	/**
	 * @param isAfterCrash whether this is the Retry of an execution that broke off
	 * @param hasSentBefore whether this execution sent something before this run that was, or may have been, carried out
	 */
	constructor(
		private readonly runsAgain: RunsAgain,
		private readonly isAfterCrash: boolean,
		private readonly hasSentBefore: boolean,
	) {}

	/** Whether every item so far is done, or on its way to be where nobody waits for that. */
	get isAllWell(): boolean {
		const { failed, notSent, unknown } = this.counts;
		return failed + notSent + unknown + this.waitedFor === 0;
	}

	/** Counts how an item ended. */
	count(ending: Ending): void {
		const kind = kindOf(ending);
		if (kind === undefined) return;
		if (ending.is === 'delivered') this.countDelivered(ending);
		this.add(kind, ending);
	}

	private countDelivered({ plan, outcome }: Delivered): void {
		const { method, requestId } = plan;
		if (requestId !== undefined) this.sources.add(requestId.source);
		else if (method.is === 'oneTimeCommand') this.sources.add('once');
		if (outcome.is !== 'processing') return;
		if (sentIds(plan).request_id !== undefined) this.open++;
		if (isWaitedFor(plan)) this.waitedFor++;
	}

	/** A hint on what is not finished when the run ends; undefined when all is, or cannot be looked up. */
	get openWords(): string | undefined {
		const { open } = this;
		if (open === 0) return undefined;
		return open === 1
			? '1 command is still being processed. Look it up later with Request: Get Status and the request_id in the output.'
			: `${open} commands are still being processed. Look them up later with Request: Get Status and the request_id in the output.`;
	}

	/**
	 * The account of a run, as sentences.
	 * @param items how many items the node was given; it stays silent about a single one
	 * @param isRerunTold whether it was said already what running it again does
	 */
	words(items: number, isRerunTold: boolean): string {
		if (items === 1) return '';
		const present = KINDS_IN_ORDER.filter((kind) => this.counts[kind] > 0);
		const counted = present.map((kind) => `${this.counts[kind]} ${this.counts[kind] === 1 ? KINDS[kind].one : KINDS[kind].more}`);
		return `Of ${items} items, ${listed(counted)}.${present.map((kind) => this.listOf(kind)).join('')}${isRerunTold ? '' : this.advice()}`;
	}

	private add(kind: Kind, { plan, itemIndex }: Ending): void {
		this.counts[kind]++;
		const names = this.names[kind];
		if (names.length === MAX_NAMED) return;
		const name = plan === undefined ? `item ${itemIndex}` : (namingIds(plan)[0]?.id ?? `item ${itemIndex}`);
		const id = KINDS[kind].withRequestId ? plan?.requestId?.id : undefined;
		names.push(id === undefined || id === name ? name : `${name} (request ID ${id})`);
	}

	private listOf(kind: Kind): string {
		const { list } = KINDS[kind];
		const names = this.names[kind];
		if (list === undefined || names.length === 0) return '';
		const more = this.counts[kind] - names.length;
		return ` ${list}: ${more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`}.`;
	}

	/** What a rerun does, as far as it is true for what this run sent. */
	private advice(): string {
		const { sources } = this;
		const { done, processing, unknown } = this.counts;
		const isNothingDone = done + processing + unknown === 0;
		if (isNothingDone && !this.hasSentBefore) return ' Nothing was done, so simply run it again once this is put right.';
		const before = isNothingDone ? ' What this execution sent before stands.' : '';
		const [first, ...others] = sources;
		if (first === undefined) return before === '' ? ' Nothing was changed, so simply run it again.' : before;
		const source = sources.has('once') ? 'once' : others.length > 0 ? 'mixed' : first;
		return `${before}${rerunWords(source, this.runsAgain)}${this.isAfterCrash && source !== 'once' ? KEEP_THE_IDS : ''}`;
	}
}
