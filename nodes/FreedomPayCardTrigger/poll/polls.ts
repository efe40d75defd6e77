import type { IPollFunctions } from 'n8n-workflow';

import type { Statement } from './statement';

/** What n8n's context tells of a poll. */
export type PollContext = Pick<IPollFunctions, 'getActivationMode' | 'getNode' | 'getWorkflow'> & Partial<Pick<IPollFunctions, 'getPollBudgetMs'>>;

/** What n8n gives a poll of its engine in memory. Another budget is one of its durable scheduler, which makes a context for each poll. */
const IN_MEMORY_BUDGET_MS = 300_000;

/** A poll at publishing, or at n8n's start, which waits for it, is to be short: what it does not reach, the next one does. */
const FIRST_POLL_MS = 20_000;

/** How much of n8n's time a poll takes: n8n drops what comes after it. */
const SHARE = 0.8;

/**
 * For how long a poll may have read what n8n kept before the last news were saved: then it gives nothing. n8n's durable scheduler reads that
 * well before a poll begins, and lets it save nothing when its lease, of a minute, is over. After that, n8n could not save the news.
 */
const STALE_MS = 60_000;

/** How long a poll may take. An older n8n sets no limit. */
export function timeForPoll(context: PollContext, isFirst: boolean): number {
	const time = SHARE * (context.getPollBudgetMs?.() ?? IN_MEMORY_BUDGET_MS);
	return isFirst ? Math.min(FIRST_POLL_MS, time) : time;
}

/** What an error of a poll is about: settings or the credential, or cards that could not be read. */
export type ErrorSubject = 'settings' | 'all' | 'some';

/** What this process knows of the polls of one trigger since it was published, or n8n started: n8n keeps nothing of a poll that throws. */
export class Polls {
	private isRunning = false;

	/** How many polls gave operations, as far as this process knows, and when the last one did. */
	private last = { given: 0, at: 0 };

	/** How many polls in a row read no card. */
	inVain = 0;

	/** How often in a row a card could not be read. */
	readonly failures = new Map<string, number>();

	/** When an error was thrown last, in ms since 1970, by what it was about. */
	readonly thrownAt = new Map<ErrorSubject, number>();

	/** Since when a card is watched, in ms since 1970, and for whom: n8n keeps nothing of a poll that throws, its durable scheduler nothing of the first. */
	private readonly watched = new Map<string, { partner: string; since: number }>();

	private number = 0;

	/** In which poll a card was last asked about. */
	private readonly askedIn = new Map<string, number>();

	/** Whether an error about something is due, which is thrown no more often than that. */
	isDue(about: ErrorSubject, everyMs: number, now: number): boolean {
		const last = this.thrownAt.get(about);
		return last === undefined || now - last >= everyMs;
	}

	/** Begins the next one. Of cards that are not watched any more, nothing is to be known. */
	begin(cardIds: readonly string[]): void {
		this.number += 1;
		for (const known of [this.failures, this.askedIn, this.watched]) {
			for (const cardId of known.keys()) if (!cardIds.includes(cardId)) known.delete(cardId);
		}
	}

	/** Begins one, unless another one is on its way: n8n starts the next all the same. */
	tryToStart(): boolean {
		if (this.isRunning) return false;
		this.isRunning = true;
		return true;
	}

	stop(): void {
		this.isRunning = false;
	}

	/**
	 * Takes note of operations that are given.
	 * @param given how many polls gave some, with this one
	 * @param now of a monotonic clock, in ms
	 */
	give(given: number, now: number): void {
		this.last = { given, at: now };
	}

	/**
	 * Whether what a poll remembers is from before the last operations that were given, which it would give again.
	 * @param given how many polls had given some by then
	 * @param now of a monotonic clock, in ms
	 */
	isStale(given: number, now: number): boolean {
		return given < this.last.given && now - this.last.at < STALE_MS;
	}

	/** Since when a card of a partner is watched of which n8n has kept nothing. */
	sinceOf(cardId: string, partner: string, now: number): number {
		const known = this.watched.get(cardId);
		if (known?.partner === partner) return known.since;
		this.watched.set(cardId, { partner, since: now });
		return now;
	}

	/** Takes note of the cards that were read and of those that could not be. */
	note(statements: ReadonlyMap<string, Statement>): void {
		let [read, failed] = [0, 0];
		for (const [cardId, { is }] of statements) {
			if (is === 'notReached') continue;
			this.askedIn.set(cardId, this.number);
			if (is === 'read') {
				read += 1;
				this.failures.delete(cardId);
			} else {
				failed += 1;
				this.failures.set(cardId, (this.failures.get(cardId) ?? 0) + 1);
			}
		}
		if (read > 0) this.inVain = 0;
		else if (failed > 0) this.inVain += 1;
	}

	/** The cards, those that waited longest first. */
	inTurn(cardIds: readonly string[]): string[] {
		const turn = (cardId: string) => this.askedIn.get(cardId) ?? 0;
		return [...cardIds].sort((one, other) => turn(one) - turn(other));
	}
}

const known = new Map<string, Polls>();
const contexts = new WeakSet<object>();

/** The polls of the trigger that n8n polls now, and whether it is the first one since it was published, or n8n started. */
export function pollsOf(context: PollContext): { polls: Polls; isFirst: boolean } {
	const name = `${context.getWorkflow().id}:${context.getNode().id}`;
	const ofOne = known.get(name);
	const isScheduled = (context.getPollBudgetMs?.() ?? IN_MEMORY_BUDGET_MS) !== IN_MEMORY_BUDGET_MS;
	if (ofOne !== undefined && (isScheduled || contexts.has(context))) return { polls: ofOne, isFirst: false };
	contexts.add(context);
	const polls = new Polls();
	known.set(name, polls);
	return { polls, isFirst: !isScheduled };
}

/** Whether a person has just published the trigger, and is there to read why that failed. */
export function isPublished(context: PollContext): boolean {
	return ['activate', 'create', 'update'].includes(context.getActivationMode());
}
