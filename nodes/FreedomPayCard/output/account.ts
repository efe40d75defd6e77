import type { Outcome } from '../delivery/protocol';
import type { Plan } from '../input/plan';
import { isOnce } from '../methods/define';

/** How many request ids a message names at most. */
const MAX_IDS = 20;

/** Counts what became of the items of a run, for the message of a run that stopped. */
export class Account {
	private done = 0;

	private processing = 0;

	private failed = 0;

	private notSent = 0;

	private readonly unknown: string[] = [];

	/** Whether all that was sent can be told by its request id when it is sent again, and until when. */
	private readonly sources = new Set<'node' | 'event' | 'typed' | 'once'>();

	/** Whether every item so far is done, or on its way to be. */
	get isAllWell(): boolean {
		return this.failed === 0 && this.notSent === 0 && this.unknown.length === 0;
	}

	count(outcome: Outcome, { method, requestId }: Plan): void {
		if (requestId !== undefined) this.sources.add(requestId.source);
		else if (isOnce(method)) this.sources.add('once');
		if (outcome.is !== 'failure') this[outcome.is]++;
		else if (outcome.effect === 'unknown') this.unknown.push(requestId?.id ?? 'no request ID');
		else if (outcome.effect === 'notSent') this.notSent++;
		else this.failed++;
	}

	countNotSent(): void {
		this.notSent++;
	}

	/** Counts an item at which this package itself failed. */
	countDefect({ requestId }: Plan, isUnknown: boolean): void {
		if (isUnknown) this.unknown.push(requestId?.id ?? 'no request ID');
		else this.failed++;
	}

	/**
	 * The account of a run, as sentences.
	 * @param items how many items the node was given; it stays silent about a single one
	 */
	words(items: number): string {
		if (items === 1) return '';
		const { done, processing, failed, notSent, unknown } = this;
		const more = unknown.length > MAX_IDS ? ` and ${unknown.length - MAX_IDS} more` : '';
		const ids = unknown.length === 0 ? '' : ` Unknown: ${unknown.slice(0, MAX_IDS).join(', ')}${more}.`;
		const counted = `Of ${items} items, ${done} were done, ${processing} are still processing, ${failed} failed, ${unknown.length} have an unknown outcome and ${notSent} were not sent.`;
		return `${counted}${ids}${this.advice()}`;
	}

	/** What a rerun does, as far as it is true for what this run sent. */
	private advice(): string {
		const { sources } = this;
		if (sources.has('once')) {
			return " Retry On Fail and n8n's Retry of this failed execution send only what was surely not sent. A new execution sends everything again: these commands have no request ID to be recognised by.";
		}
		if (sources.size === 0) return '';
		if (sources.size === 1 && sources.has('event')) {
			return ' Run it again with the same Event IDs: what is done is recognised by its request ID and not done again.';
		}
		return " Retry On Fail and n8n's Retry of this failed execution pick up where this run stopped: what is done is recognised by its request ID and not done again. A new execution does so for items with an Event ID only.";
	}
}
