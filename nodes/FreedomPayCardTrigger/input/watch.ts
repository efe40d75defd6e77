import type { IPollFunctions } from 'n8n-workflow';

import { addedWithin, givenWithin, isExpression, typedWithin, type Given } from '../../FreedomPayCard/input/given';
import { refusal } from '../../FreedomPayCard/input/refusals';
import { settingsOf } from '../../FreedomPayCard/input/settings';
import { asBadInput, readField, readFields } from '../../FreedomPayCard/input/values';
import { OPTIONS_PARAMETER } from '../../FreedomPayCard/panel/properties';
import { parseJson } from '../../card-api/json/parseJson';
import { allBadInput, BadInput, parameterOf } from '../../card-api/methods/define';
import { isBlank } from '../../card-api/text/signs';
import { event, leastAmounts, MOST_CARDS, operationTypes, options, watchedCard } from '../panel/fields';
import { CARD_IDS, FILTERS } from '../panel/properties';

/** What of n8n's context the trigger's parameters are read from. */
export type WatchContext = Pick<IPollFunctions, 'getNode' | 'getNodeParameter'>;

/** What lets an operation through; what is absent lets all through. */
export interface Filters {
	/** In lower case. */
	types?: ReadonlySet<string>;
	/** By currency. */
	least?: ReadonlyMap<string, number>;
}

/** What is watched, and how. */
export interface Watch {
	/** Each once, in the order given. */
	cardIds: readonly string[];
	filters: Filters;
	lookBackMs: number;
	maxParallelRequests: number;
	requestTimeoutMs: number;
}

const HOUR_MS = 3_600_000;

/** What parts a pasted list. No ID holds any of it. */
const BETWEEN = /[\r\n\t,;]+/;

/** The cards that one value names: an ID, text with several, or a list of them, also as JSON. */
function cardsIn({ value, typed }: Given): Given[] {
	if (Array.isArray(value)) return value.flatMap((entry: unknown, index) => cardsIn({ value: entry, typed: typedWithin(typed, index) }));
	if (typeof value !== 'string') return [{ value, typed }];
	const list = /^\s*\[/.test(value) ? parseJson(value)?.value : undefined;
	if (Array.isArray(list)) return cardsIn({ value: list, typed });
	// A blank that an expression gave is told of; a row left empty in the panel is none.
	if (isBlank(value)) return isExpression(typed) ? [{ value, typed }] : [];
	return value.split(BETWEEN).filter((part) => !isBlank(part)).map((part) => ({ value: part, typed: isExpression(typed) ? typed : part }));
}

function cardIdsOf(given: Given): string[] {
	const { label } = watchedCard;
	const problems: BadInput[] = [];
	const ids = new Set<string>();
	for (const { value, typed } of cardsIn(given)) {
		try {
			ids.add(readField(watchedCard, value, undefined, typed) as string);
		} catch (error) {
			problems.push(asBadInput(label, error));
		}
	}
	const [first] = problems;
	if (first !== undefined) throw first;
	if (ids.size === 0) throw refusal(label, undefined, { is: 'empty', unless: '' });
	if (ids.size > MOST_CARDS) {
		throw new BadInput(label, `are ${ids.size}, and one trigger watches at most ${MOST_CARDS}. Use another trigger for the rest, or build on the example Watch cards, which takes lists of any length`);
	}
	return [...ids];
}

function filtersOf(given: Given): Filters {
	const read = readFields([operationTypes, leastAmounts], (field) => addedWithin(given, parameterOf(field)));
	const types = (read.operation_types ?? []) as readonly string[];
	const entries = (read.least_amounts ?? []) as ReadonlyArray<{ amount: string; currency: string }>;
	const least = new Map<string, number>();
	for (const { amount, currency } of entries) {
		if (least.has(currency)) throw new BadInput(leastAmounts.label, `must have one amount for ${currency}, not several`);
		least.set(currency, Number(amount));
	}
	return { ...(types.length > 0 && { types: new Set(types.map((type) => type.toLowerCase())) }), ...(least.size > 0 && { least }) };
}

/**
 * Reads and checks the trigger's parameters.
 * @throws {BadInput} naming every field that has a value it cannot take
 */
export function readWatch(context: WatchContext): Watch {
	const { parameters } = context.getNode();
	const givenTo = (name: string): Given => ({ value: context.getNodeParameter(name, undefined), typed: parameters[name] });
	const problems: BadInput[] = [];
	const read = <V>(label: string, reading: () => V): V | undefined => {
		try {
			return reading();
		} catch (error) {
			problems.push(...asBadInput(label, error).parts);
			return undefined;
		}
	};
	read(event.label, () => readField(event, givenTo(parameterOf(event)).value));
	const cardIds = read(watchedCard.label, () => cardIdsOf(givenTo(CARD_IDS))) ?? [];
	const filters = read('Filters', () => filtersOf(givenTo(FILTERS))) ?? {};
	const settings = read('Options', () => settingsOf(options, (name) => givenWithin(givenTo(OPTIONS_PARAMETER), name))) ?? {};
	if (problems.length > 0) throw allBadInput(problems);
	return {
		cardIds,
		filters,
		lookBackMs: Number(settings.lookBackHours) * HOUR_MS,
		maxParallelRequests: Number(settings.maxParallelRequests),
		requestTimeoutMs: Number(settings.requestTimeoutSeconds) * 1000,
	};
}

/** How much an amount is, whichever way it goes: whether money that goes out has a sign is not documented. Undefined where it is no number. */
function sizeOf(amount: unknown): number | undefined {
	if (typeof amount !== 'number' && (typeof amount !== 'string' || isBlank(amount))) return undefined;
	const size = Math.abs(Number(amount));
	return Number.isNaN(size) ? undefined : size;
}

/** Whether an operation is let through. One whose amount cannot be compared is, whatever the least amounts are. */
export function passes({ types, least }: Filters, operation: Readonly<Record<string, unknown>>): boolean {
	const { type, amount, currency } = operation;
	if (types !== undefined && !(typeof type === 'string' && types.has(type.trim().toLowerCase()))) return false;
	const from = typeof currency === 'string' ? least?.get(currency.trim().toUpperCase()) : undefined;
	const size = from === undefined ? undefined : sizeOf(amount);
	return from === undefined || size === undefined || size >= from;
}
