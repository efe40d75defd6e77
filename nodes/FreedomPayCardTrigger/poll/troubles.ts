import type { INode, NodeApiError } from 'n8n-workflow';

import type { Failed } from '../../FreedomPayCard/output/ending';
import { apiError, NEW_LINE } from '../../FreedomPayCard/output/nodeErrors';
import { plain } from '../../FreedomPayCard/output/words';
import type { ErrorSubject, Polls } from './polls';
import type { Statement } from './statement';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How many cards a sentence names. */
const MOST_NAMED = 10;

/** A card that could not be read. */
export interface Trouble {
	cardId: string;
	failed: Failed;
	isRefused: boolean;
}

/** Which of the cards could not be read, in their order. */
export function troublesIn(statements: ReadonlyMap<string, Statement>, cardIds: readonly string[]): Trouble[] {
	return cardIds.flatMap((cardId) => {
		const statement = statements.get(cardId);
		return statement?.is === 'failed' ? [{ cardId, failed: statement.failed, isRefused: statement.isRefused }] : [];
	});
}

/** Whether there is any. */
export function isTrouble(troubles: readonly Trouble[]): troubles is readonly [Trouble, ...Trouble[]] {
	return troubles.length > 0;
}

function named(troubles: readonly Trouble[]): string {
	const ids = troubles.slice(0, MOST_NAMED).map(({ cardId }) => cardId);
	const others = troubles.length - ids.length;
	return others === 0 ? ids.join(', ') : `${ids.join(', ')} and ${others} more`;
}

/** The cards of each reason, in words. */
function reasonsOf(troubles: readonly Trouble[]): string[] {
	const messages = [...new Set(troubles.map(({ failed }) => failed.message))];
	return messages.map((message) => `${message}: ${named(troubles.filter(({ failed }) => failed.message === message))}`);
}

/** What n8n's log says of cards that could not be read. */
export function warningOn(troubles: readonly Trouble[], watched: number): string {
	return `FreedomPay Card Trigger could not read ${troubles.length} of ${watched} cards. ${reasonsOf(troubles).join('. ')}`;
}

/**
 * The error of cards that could not be read.
 * @param watched how many there are
 * @param then how it goes on
 * @param now in ms since 1970
 */
export function errorOn(troubles: readonly [Trouble, ...Trouble[]], watched: number, then: string, node: INode, now: number): NodeApiError {
	const [{ cardId, failed, isRefused }] = troubles;
	const isAlone = watched === 1;
	const counted = `${troubles.length} of ${watched} cards could not be read: ${failed.message} (${cardId})`;
	// A credential is refused for all of them.
	const message = isRefused ? failed.message : isAlone ? `${failed.message} (Card ID ${cardId})` : counted;
	const lines = isAlone || isRefused || troubles.length === 1 ? [] : reasonsOf(troubles).map(plain);
	const description = [...lines, plain([failed.description, then].join(' ').trim())].join(NEW_LINE);
	return apiError(node, failed, { message, description }, now);
}

/**
 * Whether a poll is to fail that could not ask at all. Where nobody has just published it, the first one only leaves a line in the log,
 * since n8n would never poll again, and the next one fails.
 */
export function isToFailAtOnce(polls: Polls, { isFirst, isPublished, now }: Pick<Came, 'isFirst' | 'isPublished' | 'now'>): boolean {
	return isFirst ? isPublished : polls.isDue('settings', HOUR_MS, now);
}

/** What a poll came to. */
export interface Came {
	troubles: readonly Trouble[];
	/** How many cards were read. */
	read: number;
	/** Whether there are operations to give. */
	hasNews: boolean;
	isFirst: boolean;
	/** Whether a person is there, who published it. */
	isPublished: boolean;
	/** In ms since 1970. */
	now: number;
}

/**
 * Whether a poll is to fail for the cards that could not be read, after it was noted in `polls`.
 *
 * n8n drops a trigger without a word that throws when it starts; only who publishes it hears of it. A fault of the network may be over
 * at the next poll.
 */
export function isToFail(polls: Polls, { troubles, read, hasNews, isFirst, isPublished, now }: Came): ErrorSubject | undefined {
	if (troubles.length === 0 || hasNews) return undefined;
	if (read === 0 && troubles.some(({ isRefused }) => isRefused)) {
		return isToFailAtOnce(polls, { isFirst, isPublished, now }) ? 'settings' : undefined;
	}
	if (read === 0) return polls.inVain >= 2 && polls.isDue('all', HOUR_MS, now) ? 'all' : undefined;
	const isLasting = troubles.some(({ cardId }) => (polls.failures.get(cardId) ?? 0) >= 2);
	return isLasting && polls.isDue('some', DAY_MS, now) ? 'some' : undefined;
}
