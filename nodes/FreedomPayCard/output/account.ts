import type { Outcome } from '../delivery/deliver';

/** How many request ids a message names at most. */
const MAX_IDS = 20;

/** Counts what became of the items of a run, for the message of a run that stopped. */
export class Tally {
	notStarted = 0;

	private done = 0;

	private failed = 0;

	private readonly unknown: string[] = [];

	count(outcome: Outcome, requestId: string | undefined): void {
		if (outcome.is !== 'failure') this.done++;
		else if (outcome.effect === 'unknown') this.unknown.push(requestId ?? 'no request ID');
		else if (outcome.effect === 'notSent') this.notStarted++;
		else this.failed++;
	}

	/**
	 * The account of a run, as sentences.
	 * @param items how many items the node was given; it stays silent about a single one
	 */
	words(items: number): string {
		if (items === 1) return '';
		const { done, failed, notStarted, unknown } = this;
		const more = unknown.length > MAX_IDS ? ` and ${unknown.length - MAX_IDS} more` : '';
		const ids = unknown.length === 0 ? '' : ` Unknown: ${unknown.slice(0, MAX_IDS).join(', ')}${more}.`;
		return `Of ${items} items, ${done} were done, ${failed} failed, ${unknown.length} have an unknown outcome and ${notStarted} were not sent.${ids} Retry On Fail, or a rerun with the option Request ID set, picks up where this run stopped: what is done is recognised by its request ID and not done again.`;
	}
}
