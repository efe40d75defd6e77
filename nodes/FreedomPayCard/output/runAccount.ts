import { timeOf } from '../../card-api/delivery/judge';
import type { Outcome } from '../../card-api/delivery/protocol';
import type { RunsAgain } from '../input/plan';
import type { Source } from '../../card-api/intent/command';
import { isCommand } from '../../card-api/methods/define';
import type { Delivered, Ending, Failed } from './ending';
import { sentIds } from './items';
import { isWaitedFor } from './told';
import { namingIds } from './words';

/** How many items of a kind a message names at most, in its headline and in the line of the kind. */
const NAMED_AT_FIRST = 5;
const MAX_NAMED = 20;

/** How much of a time of the API's is shown. */
const TIME_LENGTH = 40;

/** What became of an item: in a headline for one and for more, as the beginning of a line, and whether names come with request ids. */
const KINDS = {
	failed: { one: 'failed', more: 'failed', list: 'Failed', withRequestId: false },
	unknown: { one: 'has an unknown outcome', more: 'have an unknown outcome', list: 'Unknown', withRequestId: true },
	processing: { one: 'is still being processed', more: 'are still being processed', list: 'Still being processed', withRequestId: true },
	notSent: { one: 'was not sent', more: 'were not sent', list: 'Not sent', withRequestId: false },
	done: { one: 'was done', more: 'were done', list: 'Done', withRequestId: false },
} as const;

type Kind = keyof typeof KINDS;

/** The kinds of a headline: why the run stops. The first counts that any item is of. */
const HEADING: readonly Kind[] = ['failed', 'unknown', 'processing', 'notSent'];

/** The lines of an account, in their order. */
const LINES: readonly Kind[] = ['done', 'processing', 'failed', 'unknown', 'notSent'];

/** What runs a stopped execution on, as a sentence's beginning. */
const RESUMED: Readonly<Record<RunsAgain, string>> = {
	byRetry: "Retry On Fail and n8n's Retry of this failed execution",
	notAtAll: 'Retry On Fail',
	byCaller: 'Retry On Fail of this node',
};

/** What begins it anew, as a sentence's beginning. */
const ANEW: Readonly<Record<RunsAgain, string>> = {
	byRetry: 'A new execution',
	notAtAll: 'Another run',
	byCaller: "The calling workflow's Retry On Fail or Retry, as a new execution,",
};

/** What running on does with commands that have a request id. */
const PICK_UP: Readonly<Record<RunsAgain, string>> = {
	byRetry: 'pick up where this run stopped: what is done is recognised by its request ID and not done again.',
	notAtAll: 'picks up where this run stopped: what is done is recognised by its request ID and not done again.',
	byCaller: 'picks up where this run stopped: what is done is recognised by its request ID and not done again.',
};

/** What a rerun does, by who made the request ids of what was sent. */
function rerunWords(source: Source | 'once' | 'mixed', runsAgain: RunsAgain): string {
	const resumed = `${RESUMED[runsAgain]} ${PICK_UP[runsAgain]}`;
	switch (source) {
		case 'node':
			return `${resumed} ${ANEW[runsAgain]} sends everything again, since no Event ID is set.`;
		case 'event':
			return 'Run it again: under the same Event IDs what is done is recognised by its request ID and not done again.';
		case 'typed':
			return `${resumed} ${ANEW[runsAgain]} sends nothing under the Request IDs that FreedomPay knows by then.`;
		case 'mixed':
			return `${resumed} ${ANEW[runsAgain]} does so for items with an Event ID only.`;
		case 'once':
			return `${RESUMED[runsAgain]} ${runsAgain === 'byRetry' ? 'send' : 'sends'} only what was surely not sent. ${ANEW[runsAgain]} sends everything again: these commands have no request ID to be recognised by.`;
	}
}

/** What trying a refused command again takes. */
const NEW_ID: Readonly<Partial<Record<Source, string>>> = {
	event: 'What FreedomPay refused needs another Event ID to be tried again.',
	typed: 'What FreedomPay refused needs another Request ID to be tried again.',
};

/** What lets the others pass one about which nothing is left to do. */
const LEAVE_OUT = 'For the others to be sent, leave out the item about which nothing is left to do, or set On Error to Continue.';

/** After a crash, n8n's Retry knows only what the ids tell. */
const KEEP_THE_IDS = 'Change nothing about Event IDs and Request IDs before the next Retry: the execution broke off once, and only they tell what was done before.';

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
		case 'refused':
			return ending.refusal.isUnknown === true ? 'unknown' : 'notSent';
		default:
			return 'notSent';
	}
}

/** An item by name, for a message. */
interface Named {
	itemIndex: number;
	name: string;
	/** Behind its name, where it has to be looked up. */
	requestId: string | undefined;
}

function some(items: readonly Named[], most: number, of: number, wordOf: (item: Named) => string): string {
	// They ended in any order.
	const shown = [...items].sort((one, other) => one.itemIndex - other.itemIndex).slice(0, most).map(wordOf);
	return of > shown.length ? `${shown.join(', ')} and ${of - shown.length} more` : shown.join(', ');
}

function namedOf({ plan, itemIndex }: Ending): Named {
	const name = (plan === undefined ? undefined : namingIds(plan)[0]?.id) ?? `item ${itemIndex}`;
	return { itemIndex, name, requestId: plan?.requestId?.id };
}

function withRequestId({ name, requestId }: Named): string {
	return requestId === undefined || requestId === name ? name : `${name} (request ID ${requestId})`;
}

/** Keeps count of what became of the items of a run. */
export class RunAccount {
	private readonly counts: Record<Kind, number> = { done: 0, processing: 0, failed: 0, unknown: 0, notSent: 0 };

	private readonly names: Record<Kind, Named[]> = { done: [], processing: [], failed: [], unknown: [], notSent: [] };

	/** Whether all that was sent can be told by its request id when it is sent again, and until when. */
	private readonly sources = new Set<Source | 'once'>();

	/** Under whose ids commands were refused that are worth trying again. */
	private readonly refused = new Set<Source>();

	/** Items still being processed that can be looked up. */
	private open = 0;

	/** Those that failed by it. */
	private waitedFor = 0;

	private dry = 0;

	/** Whether nothing is left to do about some of the refused ones. */
	private isSettled = false;

	/** What earlier requests had done, and the first time that one of them tells. */
	private before = 0;

	private isBeforeByEvents = true;

	private since: { time: number; text: string } | undefined;

	/** Items that took over what another one of the run came to. */
	private merged = 0;

	/** Commands that were sent where cards are real, by where that is. */
	private readonly sent = new Map<string, number>();

	/**
	 * @param items how many items the node was given
	 * @param isAfterCrash whether this is the Retry of an execution that broke off
	 * @param hasSentBefore whether this execution sent something before this run that was, or may have been, carried out
	 */
	constructor(
		private readonly items: number,
		private readonly runsAgain: RunsAgain,
		private readonly isAfterCrash: boolean,
		private readonly hasSentBefore: boolean,
	) {}

	/** Whether every item so far is done, or on its way to be where nobody waits for that. */
	get isAllWell(): boolean {
		const { failed, notSent, unknown } = this.counts;
		return failed + notSent + unknown + this.waitedFor === 0;
	}

	/** Counts how an item ended, and what is told of it if it failed. */
	count(ending: Ending, failed: Failed | undefined): void {
		if (ending.is === 'dryRun') this.dry++;
		if (ending.is === 'delivered') this.countDelivered(ending, failed);
		const kind = kindOf(ending);
		if (kind === undefined) return;
		this.counts[kind]++;
		if (this.names[kind].length < MAX_NAMED) this.names[kind].push(namedOf(ending));
	}

	private countDelivered({ plan, outcome, isOwn, isSent, start, route }: Delivered, failed: Failed | undefined): void {
		const { method, requestId } = plan;
		// Of a UUID that is used already, nothing is this run's.
		if (requestId !== undefined && outcome.from !== 'another') this.sources.add(requestId.source);
		else if (method.is === 'oneTimeCommand') this.sources.add('once');
		if (requestId !== undefined && failed?.outcome === 'refused' && failed.again !== undefined) this.refused.add(requestId.source);
		if (failed?.isSettled === true) this.isSettled = true;
		if (isSent && kindOfOutcome(outcome) !== 'notSent' && isCommand(method) && route !== undefined && route.where !== '') this.sent.set(route.where, (this.sent.get(route.where) ?? 0) + 1);
		if (outcome.is === 'processing') {
			if (sentIds(plan).request_id !== undefined && start?.is !== 'follow') this.open++;
			if (isWaitedFor(plan)) this.waitedFor++;
		}
		if (outcome.is !== 'done' || outcome.from !== 'earlier' || isOwn) return;
		if (start?.is === 'follow') {
			this.merged++;
			return;
		}
		this.before++;
		if (requestId?.source !== 'event') this.isBeforeByEvents = false;
		const time = timeOf(outcome.answer);
		if (time !== undefined && (this.since === undefined || time < this.since.time)) this.since = { time, text: String(outcome.answer.dt).slice(0, TIME_LENGTH) };
	}

	/**
	 * What the user should know of a run that went well, or whose failed items are items.
	 * @param isStopped whether the run ends in a message of its own, which tells what is open
	 */
	hints(isStopped: boolean): string[] {
		const { open, dry, merged } = this;
		return [
			dry === 0 ? '' : `Dry Run is on: nothing was sent${this.items === 1 ? '' : dry === this.items ? ` for ${dry} items` : ` for ${dry} of ${this.items} items`}. Turn it off in the Options to send.`,
			this.wordsOnBefore(),
			merged === 0 ? '' : merged === 1 ? '1 item asks for the same command as another one of this run. It was sent once and counts for both.' : `${merged} items ask for the same commands as others of this run. Each was sent once and counts for all of them.`,
			open === 0 || isStopped
				? ''
				: open === 1
					? '1 command is still being processed. Look it up later with Request: Get Status and the request_id in the output.'
					: `${open} commands are still being processed. Look them up later with Request: Get Status and the request_id in the output.`,
		].filter((hint) => hint !== '');
	}

	/** That commands were done before, and since when. */
	private wordsOnBefore(): string {
		const { before, since, isBeforeByEvents } = this;
		if (before === 0) return '';
		if (before === 1) return `1 command had been done before, by an earlier request${since === undefined ? '' : ` of ${since.text}`}: nothing was done for it now.${isBeforeByEvents ? ' If a new one was meant, give it an Event ID of its own.' : ''}`;
		return `${before} commands had been done before, by earlier requests${since === undefined ? '' : ` since ${since.text}`}: nothing was done for them now.${isBeforeByEvents ? ' If new ones were meant, give each an Event ID of its own.' : ''}`;
	}

	/** Where commands were sent that act on real cards, one line for each; none where all went to Test. */
	get whereabouts(): string[] {
		return [...this.sent].map(([where, count]) => `${count} ${count === 1 ? 'command was' : 'commands were'} sent to ${where}.`);
	}

	/** What and how many, as the beginning of a message: `2 of 6 failed: card-1002, card-1005`; and the item that it is about, if that is one. */
	get headline(): { text: string; only: number | undefined } {
		const kind = HEADING.find((each) => this.counts[each] > 0) ?? 'notSent';
		const count = this.counts[kind];
		return { text: `${count} of ${this.items} ${count === 1 ? KINDS[kind].one : KINDS[kind].more}: ${some(this.names[kind], NAMED_AT_FIRST, count, ({ name }) => name)}`, only: count === 1 ? this.names[kind][0]?.itemIndex : undefined };
	}

	/** A line for each kind of ending, with how many came to it and which. */
	get lines(): string[] {
		return LINES.filter((kind) => this.counts[kind] > 0).map((kind) => `${KINDS[kind].list} (${this.counts[kind]}): ${some(this.names[kind], MAX_NAMED, this.counts[kind], KINDS[kind].withRequestId ? withRequestId : ({ name }) => name)}`);
	}

	/** What running it all again does and takes, as far as it is true for what this run sent. */
	get advice(): string {
		const { sources } = this;
		const { done, processing, unknown } = this.counts;
		const isNothingDone = done + processing + unknown === 0;
		const newIds = [...this.refused].flatMap((source) => NEW_ID[source] ?? []);
		const settled = this.isSettled && this.counts.notSent > 0 ? [LEAVE_OUT] : [];
		if (isNothingDone && !this.hasSentBefore && !this.isAfterCrash) {
			return [...(settled.length === 0 ? ['Nothing was done, so simply run it again once this is put right.'] : settled), ...newIds].join(' ');
		}
		const before = isNothingDone ? [this.hasSentBefore ? 'What this execution sent before stands.' : 'Nothing was done now.'] : [];
		const [first, ...others] = sources;
		if (first === undefined) {
			const rest = before.length === 0 && unknown + processing === 0 ? ['Nothing was changed, so simply run it again.'] : [];
			return [...before, ...rest, ...(this.isAfterCrash ? [KEEP_THE_IDS] : [])].join(' ');
		}
		const source = sources.has('once') ? 'once' : others.length > 0 ? 'mixed' : first;
		const ids = this.isAfterCrash && source !== 'once' ? [KEEP_THE_IDS] : newIds;
		return [...before, ...settled, rerunWords(source, this.runsAgain), ...ids].join(' ');
	}
}
