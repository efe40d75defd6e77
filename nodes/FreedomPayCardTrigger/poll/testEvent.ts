import { NodeOperationError, type INodeExecutionData, type IPollFunctions } from 'n8n-workflow';

import type { Clock } from '../../card-api/delivery/clock';
import { passes } from '../input/watch';
import { earliestFrom } from '../seen/card';
import { operationOf } from '../seen/operation';
import { itemOf, prepare, readInTime, type News } from './poll';
import { errorOn, isTrouble, troublesIn, warningOn } from './troubles';

/** How long the editor waits. */
const TIME_MS = 60_000;

/**
 * What the editor's Fetch Test Event gives: the newest operation that would start the workflow. Changes nothing.
 * @param clock time and chance, replaced by tests
 * @returns null where the cards have none
 * @throws {NodeOperationError} for settings or a credential that cannot be used
 * @throws {NodeApiError} when no card could be read
 */
export async function testEvent(context: IPollFunctions, clock: Clock): Promise<INodeExecutionData[][] | null> {
	const now = clock.wallClock();
	const ready = await prepare(context);
	if (ready instanceof NodeOperationError) throw ready;
	const { cardIds, filters } = ready.watch;
	const from = earliestFrom(now);
	const statements = await readInTime(context, clock, ready, cardIds.map((cardId) => ({ cardId, from })), now, TIME_MS);

	let newest: News | undefined;
	const at = ({ operation: { instant } }: News) => instant ?? -Infinity;
	for (const [cardId, statement] of statements) {
		for (const entry of statement.is === 'read' ? statement.entries : []) {
			const news = { cardId, operation: operationOf(entry) };
			if (passes(filters, news.operation.fields) && (newest === undefined || at(news) >= at(newest))) newest = news;
		}
	}
	const troubles = troublesIn(statements, cardIds);
	if (isTrouble(troubles)) {
		if (newest === undefined) throw errorOn(troubles, cardIds.length, '', context.getNode(), now);
		context.logger.warn(warningOn(troubles, cardIds.length));
	}
	return newest === undefined ? null : [[itemOf(newest)]];
}
