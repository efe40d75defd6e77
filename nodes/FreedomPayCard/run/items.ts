import type { Draft, Refusal } from '../input/plan';
import { startsOf, type Ask, type Start } from '../../card-api/intent/intents';
import { placeOf, TOOL, type Parent, type Place } from '../../card-api/intent/records';
import { holdsSecret } from '../../card-api/methods/define';
import type { Failed } from '../output/ending';
import { refusalOf } from '../output/objections';
import { describeRefused } from '../output/told';
import { atItem } from '../output/words';
import { askedBy, senderOf } from './asked';
import type { Credentials, CredentialRoute, Unusable } from './credentials';
import { Ancestry } from './executionData';
import type { Run } from './run';

/** An item on its way: what it asks for, and all that is known of it before it goes out. */
export interface Item {
	is: 'item';
	index: number;
	draft: Draft;
	route: CredentialRoute | Unusable;
	/** Which command it is; undefined for a read, and where nobody knows who would send it. */
	start: Start | undefined;
	place: Place;
	parent: Parent | undefined;
}

/** Finds out who sends each item, and which command it is. */
export async function itemsOf(run: Run, drafts: ReadonlyArray<Draft | Refusal>, credentials: Credentials): Promise<Array<Item | Refusal>> {
	const { context, records, runIndex, circumstances, breathe } = run;
	// Without anything remembered, it does not matter where an item comes from.
	const ancestry = runIndex === undefined || runIndex === 0 || records.isEmpty ? undefined : new Ancestry(context, runIndex);
	const items: Array<Item | Refusal> = [];
	const asks: Ask[] = [];
	for (const [index, draft] of drafts.entries()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
		if (draft.is === 'refusal') {
			items.push(draft);
			continue;
		}
		const route = await credentials.routeFor(index);
		const parent = ancestry?.parentOf(index) ?? (runIndex === undefined || runIndex === 0 ? undefined : null);
		items.push({ is: 'item', index, draft, route, start: undefined, place: runIndex === undefined ? TOOL : placeOf(runIndex, index), parent });
		const asked = askedBy(draft);
		if (asked !== undefined && route.is === 'route') asks.push({ itemIndex: index, asked, sender: senderOf(route), parent });
	}
	const steps = startsOf(asks, records, circumstances);
	let step = steps.next();
	for (; step.done !== true; step = steps.next()) {
		const pause = breathe();
		if (pause !== undefined) await pause;
	}
	for (const [index, start] of step.value) (items[index] as Item).start = start;
	return items;
}

/** What keeps a run from sending anything. */
export interface Obstacle {
	failed: Failed;
	/** The item that it is about; undefined where it is none's. */
	itemIndex: number | undefined;
}

/** The first item whose input cannot be sent. */
export function firstRefusal(drafts: ReadonlyArray<Draft | Refusal>): Obstacle | undefined {
	const itemIndex = drafts.findIndex(({ is }) => is === 'refusal');
	const refusal = drafts[itemIndex];
	return refusal?.is === 'refusal' ? { failed: describeRefused(refusal), itemIndex } : undefined;
}

/** Why nothing is sent while the node stops on errors, though all input can be: the first item that cannot. */
export function firstObstacle(items: ReadonlyArray<Item | Refusal>): Obstacle | undefined {
	for (const [itemIndex, item] of items.entries()) {
		if (item.is === 'refusal') continue;
		const { route, start, draft } = item;
		if (route.is === 'unusable') {
			const { message, description } = route;
			// One for all is no item's fault.
			const isForAll = items.every((other) => other.is === 'item' && other.route.is === 'unusable' && other.route.message === message);
			const failed: Failed = { message, description, outcome: 'not_done', cause: 'credential', isSecretive: holdsSecret(draft.method), facts: {} };
			return { failed, itemIndex: isForAll ? undefined : itemIndex };
		}
		if (start?.is === 'objection') return { failed: describeRefused(refusalOf(start.objection, draft)), itemIndex };
	}
	return undefined;
}

/**
 * What ends a run before anything is sent.
 * @param items how many there are
 * @param isFirst whether the execution has done nothing before, as far as it remembers
 */
export function beforeSending({ failed, itemIndex }: Obstacle, items: number, isFirst: boolean): Obstacle {
	const { message, description } = failed;
	const before = isFirst ? '' : ' What this execution sent before stands.';
	if (itemIndex === undefined) return { failed: { ...failed, description: description + before }, itemIndex };
	const others = items > 1 && isFirst ? ' The other items were not sent either.' : before;
	return { failed: { ...failed, message: atItem(message, itemIndex, items), description: description + others }, itemIndex };
}
