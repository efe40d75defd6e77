import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import { operationError } from '../../FreedomPayCard/output/nodeErrors';
import { entryOf } from '../../FreedomPayCard/output/items';
import { maskAnswer } from '../../FreedomPayCard/output/secrets';
import { Breather } from '../../FreedomPayCard/run/breather';
import { Credentials, type CredentialRoute } from '../../FreedomPayCard/run/credentials';
import type { Clock } from '../../card-api/delivery/clock';
import { Wire } from '../../card-api/delivery/wire';
import type { JsonObject } from '../../card-api/json/exactJson';
import { passes, readWatch, type Watch } from '../input/watch';
import { fromKept, newCard, noteStatement, reachOf, toKept, type CardState, type Remembered } from '../seen/card';
import { operationOf, type Operation } from '../seen/operation';
import { isPublished, pollsOf, timeForPoll, type Polls } from './polls';
import { readStatements, type Statement, type Wanted } from './statement';
import { errorOn, isToFail, isToFailAtOnce, isTrouble, troublesIn, warningOn } from './troubles';

/** Where n8n keeps what was seen, in the static data of the node. */
const KEPT = 'statements';

const GOES_ON = 'Polling goes on: what happens in the meantime starts the workflow when the cards can be read again.';

/** An operation that is new, and whose. */
export interface News {
	cardId: string;
	operation: Operation;
}

/**
 * Polls: gives the operations that are new since the last poll, oldest first.
 * @param clock time and chance, replaced by tests
 * @returns null for nothing new
 * @throws {NodeOperationError} for settings or a credential that cannot be used
 * @throws {NodeApiError} for cards that could not be read, no more often than is useful
 */
export async function poll(context: IPollFunctions, clock: Clock): Promise<INodeExecutionData[][] | null> {
	const { polls, isFirst } = pollsOf(context);
	if (!polls.tryToStart()) return null;
	try {
		const items = await pollOnce(context, clock, polls, isFirst);
		return items.length === 0 ? null : [items];
	} finally {
		polls.stop();
	}
}

async function pollOnce(context: IPollFunctions, clock: Clock, polls: Polls, isFirst: boolean): Promise<INodeExecutionData[]> {
	const now = clock.wallClock();
	const circumstances = { isFirst, isPublished: isPublished(context), now };
	const ready = await prepare(context);
	if (ready instanceof NodeOperationError) {
		if (!isToFailAtOnce(polls, circumstances)) {
			context.logger.error(`FreedomPay Card Trigger cannot poll. ${ready.message}`);
			return [];
		}
		polls.thrownAt.set('settings', now);
		throw ready;
	}

	const { watch, route } = ready;
	polls.begin(watch.cardIds);
	const { cards, given: before } = remembered(context, ready, polls, now);
	if (polls.isStale(before, clock.now())) return [];
	const wanted = polls.inTurn(watch.cardIds).map((cardId) => wantedOf(context, cardId, cards, watch, now));
	const statements = await readInTime(context, clock, ready, wanted, now, timeForPoll(context, isFirst));
	const { news, after } = await takeNote(new Breather(clock), statements, cards, wanted, watch, now);

	const items = news.filter(({ operation }) => passes(watch.filters, operation.fields)).map(itemOf);

	polls.note(statements);
	const troubles = troublesIn(statements, watch.cardIds);
	if (isTrouble(troubles)) {
		context.logger.warn(warningOn(troubles, watch.cardIds.length));
		const about = isToFail(polls, { ...circumstances, troubles, read: countRead(statements), hasNews: items.length > 0 });
		if (about !== undefined) {
			polls.thrownAt.set(about, now);
			throw errorOn(troubles, watch.cardIds.length, GOES_ON, context.getNode(), now);
		}
	}
	// n8n saves it with what is given; of a poll that throws, nothing is to stay.
	const given = items.length > 0 ? before + 1 : before;
	context.getWorkflowStaticData('node')[KEPT] = toKept({ given, cards: after }, route.partner);
	if (items.length > 0) polls.give(given, clock.now());
	return items;
}

/** What a poll needs before it asks. */
export interface Ready {
	watch: Watch;
	route: CredentialRoute;
}

/** Reads the settings and looks up the credential; or says which of them cannot be used. */
export async function prepare(context: IPollFunctions): Promise<Ready | NodeOperationError> {
	const node = context.getNode();
	let watch: Watch;
	try {
		watch = readWatch(context);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return operationError(node, { message, description: 'Correct it in the panel of the trigger, and publish the workflow again.' });
	}
	const route = await new Credentials(context).routeFor(0);
	return route.is === 'unusable' ? operationError(node, { message: route.message, description: route.description }) : { watch, route };
}

/** Reads statements for as long as there is time. */
export async function readInTime(context: Pick<IPollFunctions, 'getTimezone'>, clock: Clock, { watch, route }: Ready, wanted: readonly Wanted[], now: number, timeMs: number): Promise<Map<string, Statement>> {
	const time = clock.limit(timeMs);
	const wire = new Wire(clock, time.signal, watch.maxParallelRequests);
	try {
		return await readStatements(wanted, now, { wire, route, timeoutMs: watch.requestTimeoutMs, timezone: context.getTimezone() });
	} finally {
		time.met();
	}
}

/** The item of an operation, as Get Operations gives it. */
export function itemOf({ cardId, operation }: News): INodeExecutionData {
	return { json: entryOf({ card_id: cardId }, maskAnswer(operation.fields, []) as JsonObject) as never };
}

/** What is remembered of the cards that are watched. */
function remembered(context: Pick<IPollFunctions, 'getWorkflowStaticData' | 'logger'>, { watch, route }: Ready, polls: Polls, now: number): Remembered {
	const { partner } = route;
	const { given, cards, unreadable } = fromKept(context.getWorkflowStaticData('node')[KEPT], partner, now);
	const lost = unreadable.filter((cardId) => watch.cardIds.includes(cardId));
	if (lost.length > 0) context.logger.warn(`FreedomPay Card Trigger cannot use what n8n kept of ${lost.join(', ')}, and watches it anew from now on`);
	return { given, cards: new Map(watch.cardIds.map((cardId) => [cardId, cards.get(cardId) ?? newCard(polls.sinceOf(cardId, partner, now))])) };
}

/** From when on a card is to be asked about; what is too long ago is told in the log. */
function wantedOf({ logger }: Pick<IPollFunctions, 'logger'>, cardId: string, cards: ReadonlyMap<string, CardState>, { lookBackMs }: Watch, now: number): Wanted {
	const { from, missedFrom } = reachOf(cards.get(cardId) ?? newCard(now), now, lookBackMs);
	if (missedFrom !== undefined) {
		const [start, end] = [missedFrom, from].map((ms) => new Date(ms).toISOString());
		logger.warn(`FreedomPay Card Trigger reaches back 31 days at most: operations of ${cardId} from ${start} to ${end} do not start the workflow`);
	}
	return { cardId, from };
}

function countRead(statements: ReadonlyMap<string, Statement>): number {
	return [...statements.values()].filter(({ is }) => is === 'read').length;
}

/** Finds what is new in the statements, oldest first, and what is to be remembered of every card. Changes nothing. */
async function takeNote(
	breather: Breather,
	statements: ReadonlyMap<string, Statement>,
	cards: ReadonlyMap<string, CardState>,
	wanted: readonly Wanted[],
	{ lookBackMs, cardIds }: Watch,
	now: number,
): Promise<{ news: News[]; after: Map<string, CardState> }> {
	const after = new Map(cards);
	const news: News[] = [];
	const from = new Map(wanted.map((each) => [each.cardId, each.from]));
	for (const cardId of cardIds) {
		const statement = statements.get(cardId);
		const card = cards.get(cardId);
		if (statement?.is !== 'read' || card === undefined) continue;
		const pause = breather.breathe();
		if (pause !== undefined) await pause;
		const noted = noteStatement(card, statement.entries.map(operationOf), { from: from.get(cardId) ?? 0, now, lookBackMs });
		after.set(cardId, noted.card);
		for (const operation of noted.unseen) news.push({ cardId, operation });
	}
	const at = ({ operation: { instant } }: News) => instant ?? now;
	return { news: news.sort((one, other) => at(one) - at(other)), after };
}
