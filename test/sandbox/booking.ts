import { referenceNumber, type Operation } from './operations';
import type { Circumstances } from './request';
import type { World } from './world';

/** What an operation of a card is told by, in the names of the statement; what is left out is made up. */
export interface Booking extends Partial<Pick<Operation, 'type' | 'amount' | 'commission' | 'currency' | 'mcc' | 'rrn' | 'merchant'>> {
	card_id: string;
	/** When it was, by default now. One of the past is booked late. */
	datetime?: string;
}

const NAMES: ReadonlyArray<keyof Booking> = ['card_id', 'datetime', 'type', 'amount', 'commission', 'currency', 'mcc', 'rrn', 'merchant'];

let count = 0;

/**
 * Books an operation, which the card's statement has from now on.
 * @returns the operation, which may be changed afterwards
 * @throws {RangeError} for a card or a time that there is not, or a misspelt name
 */
export function book(world: World, { now, unknownIds }: Pick<Circumstances, 'now' | 'unknownIds'>, booking: Booking): Operation {
	const { card_id, datetime, ...told } = booking;
	const stranger = Object.keys(booking).find((name) => !(NAMES as readonly string[]).includes(name));
	if (stranger !== undefined) throw new RangeError(`An operation has no ${stranger}. Known: ${NAMES.join(', ')}.`);
	const card = world.cards.get(card_id) ?? (unknownIds === 'accept' ? world.addCard(card_id) : undefined);
	if (card === undefined) throw new RangeError(`There is no card ${JSON.stringify(card_id)}.`);
	const at = datetime === undefined ? now : Date.parse(datetime);
	if (Number.isNaN(at)) throw new RangeError(`The datetime must be a time such as 2025-01-15T10:30:00+05:00, not ${JSON.stringify(datetime)}.`);
	count += 1;
	const operation: Operation = {
		type: 'pay',
		amount: 1_000,
		commission: 0,
		currency: 'KZT',
		mcc: 5411,
		at,
		rrn: referenceNumber(at, count),
		merchant: { name: 'Alma Market', city: 'Almaty' },
		iban: '',
		...told,
	};
	card.booked.push(operation);
	return operation;
}
