import { setTimeout as delay } from 'node:timers/promises';

import type { WebhookAnswer } from '../e2e/webhooks.ts';
import { codeOf } from '../n8n/child.ts';

/** A CRM gives up on an answer, and cannot know what became of its events. */
const ANSWER_TIMEOUT_MS = 45_000;
const PAUSE_MS = 500;
const MAX_DELIVERIES = 20;

/** Whether an item's outcome is that its card is closed, by this delivery or by one before. */
export const isDone = (outcome: unknown): boolean => outcome === 'done' || outcome === 'done_before';

/** Events for some cards, which are delivered together. */
export interface Batch {
	cards: ReadonlyArray<{ card_id: string; event_id: string }>;
}

/** A CRM at work. */
export interface Crm {
	counts: Readonly<Record<'deliveries' | 'redeliveries' | 'unanswered' | 'failedAnswers' | 'itemsNotDone', number>>;
	/** How many batches are not done yet. */
	readonly open: number;
	/** Resolves when all are done, and rejects when one will not be. */
	done: Promise<unknown>;
}

/**
 * Starts a CRM that delivers batches of events, some at a time, and each one again until it is answered that all its cards are closed.
 *
 * @param options `signal` gives up
 */
export function startCrm({ deliver, batches, atATime, signal }: {
	deliver: (batch: Batch, signal: AbortSignal) => Promise<WebhookAnswer<unknown>>;
	batches: readonly Batch[];
	atATime: number;
	signal: AbortSignal;
}): Crm {
	const waiting = batches.map((batch) => ({ batch, deliveries: 0 }));
	const counts = { deliveries: 0, redeliveries: 0, unanswered: 0, failedAnswers: 0, itemsNotDone: 0 };
	let open = batches.length;

	/** Whether all is done; undefined when n8n was down, so that nothing was delivered. */
	async function tryBatch({ cards }: Batch): Promise<boolean | undefined> {
		let answer: WebhookAnswer<unknown>;
		try {
			answer = await deliver({ cards }, AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]));
		} catch (error) {
			if (error instanceof Error && codeOf(error.cause) === 'ECONNREFUSED') return undefined;
			counts.unanswered += 1;
			return false;
		}
		if (answer.status !== 200 || !Array.isArray(answer.body)) {
			counts.failedAnswers += 1;
			return false;
		}
		const done = (answer.body as Array<{ outcome?: unknown }>).filter(({ outcome }) => isDone(outcome)).length;
		counts.itemsNotDone += answer.body.length - done;
		return done === cards.length;
	}

	async function send(): Promise<void> {
		while (open > 0) {
			const next = waiting.shift();
			if (next === undefined) {
				await delay(PAUSE_MS, undefined, { signal });
				continue;
			}
			const isBatchDone = await tryBatch(next.batch);
			if (isBatchDone !== undefined) {
				counts.deliveries += 1;
				if (next.deliveries > 0) counts.redeliveries += 1;
				next.deliveries += 1;
			}
			if (isBatchDone) open -= 1;
			else if (next.deliveries >= MAX_DELIVERIES) throw new Error(`A batch is not done after ${MAX_DELIVERIES} deliveries.`);
			else waiting.push(next);
			if (!isBatchDone) await delay(PAUSE_MS, undefined, { signal });
		}
	}

	return {
		counts,
		get open() {
			return open;
		},
		done: Promise.all(Array.from({ length: atATime }, send)),
	};
}
