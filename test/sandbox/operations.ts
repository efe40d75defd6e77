import { generator } from './random';
import { UTC_PLUS_5_MS } from './times';

/**
 * One operation of a card, in the names of the statement where it has any. The documentation names the types `pay` and
 * `withdrawal` (of limits) and no fields of a merchant: `topup`, `refund` and a merchant's name and city are the sandbox's.
 */
export interface Operation {
	type: 'pay' | 'withdrawal' | 'topup' | 'refund';
	amount: number;
	commission: number;
	currency: string;
	mcc: number;
	at: number;
	rrn: string;
	merchant: Readonly<Record<string, string>>;
	iban: string;
}

/** An account that the sandbox invents the operations of: the same ones whenever they are asked for. */
export interface Spender {
	cardId: string;
	iban: string;
	currency: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60 * 1000;
const DAYS_OF_WEEK = 7;
/** Day 4 since 1970 was the first Monday. */
const FIRST_MONDAY = 4;

const SHOPS = [
	{ name: 'Alma Market', city: 'Almaty', mcc: 5411, from: 1_500, to: 24_000 },
	{ name: 'Dala Coffee', city: 'Almaty', mcc: 5814, from: 700, to: 4_500 },
	{ name: 'Tulpar Taxi', city: 'Astana', mcc: 4121, from: 600, to: 5_000 },
	{ name: 'Shipa Pharmacy', city: 'Astana', mcc: 5912, from: 900, to: 15_000 },
	{ name: 'Kerege Home', city: 'Shymkent', mcc: 5712, from: 5_000, to: 80_000 },
	{ name: 'Zhol Fuel', city: 'Almaty', mcc: 5541, from: 4_000, to: 20_000 },
] as const;
const CASH_MACHINE = { name: 'Cash machine', city: 'Almaty' } as const;
const TRANSFER = { name: 'Transfer from the employer', city: 'Almaty' } as const;

/** How many tenge make one unit of a currency, about, so that a price looks like one. */
const RATES: Readonly<Record<string, number>> = { KZT: 1, USD: 500, EUR: 550, RUB: 6 };

/** More than any account spends in a week, in tenge: what an account starts with. */
export const OPENING_KZT = 2_000_000;

/** The day of a time in Kazakhstan, counted from 1970. */
const dayOf = (at: number): number => Math.floor((at + UTC_PLUS_5_MS) / DAY_MS);
const startOf = (day: number): number => day * DAY_MS - UTC_PLUS_5_MS;
const mondayOf = (day: number): number => day - ((((day - FIRST_MONDAY) % DAYS_OF_WEEK) + DAYS_OF_WEEK) % DAYS_OF_WEEK);

/** An amount in tenge as one in another currency. */
export function fromTenge(tenge: number, currency: string): number {
	return Math.max(1, Math.round(tenge / (RATES[currency] ?? 1)));
}

/** What leaves an account by an operation, commission included; negative when money comes in. */
export function spent({ type, amount, commission }: Operation): number {
	return (type === 'pay' || type === 'withdrawal' ? amount : -amount) + commission;
}

/**
 * Invents a retrieval reference number in its usual form: the last digit of the year, the day of the year, the hour, and six
 * digits.
 */
export function referenceNumber(at: number, digits: number): string {
	const date = new Date(at + UTC_PLUS_5_MS);
	const dayOfYear = 1 + dayOf(at) - dayOf(Date.UTC(date.getUTCFullYear(), 0, 1) - UTC_PLUS_5_MS);
	const pad = (value: number, length: number) => String(value).padStart(length, '0');
	return `${date.getUTCFullYear() % 10}${pad(dayOfYear, 3)}${pad(date.getUTCHours(), 2)}${pad(digits % 1_000_000, 6)}`;
}

function purchasesOf({ cardId, iban, currency }: Spender, day: number): Operation[] {
	const random = generator(`${cardId}|${iban}|${day}`);
	const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
	return Array.from({ length: between(1, 3) }, (_, index): Operation => {
		const at = startOf(day) + between(8 * 60, 22 * 60 + 59) * MINUTE_MS + between(0, 59) * 1000;
		const rrn = referenceNumber(at, between(0, 99_999) * 10 + index);
		const common = { currency, at, rrn, iban };
		if (random() < 0.1) {
			const amount = fromTenge(between(1, 5) * 10_000, currency);
			return { ...common, type: 'withdrawal', amount, commission: Math.round(amount / 100), mcc: 6011, merchant: CASH_MACHINE };
		}
		const { name, city, mcc, from, to } = SHOPS[between(0, SHOPS.length - 1)] ?? SHOPS[0];
		return { ...common, type: 'pay', amount: fromTenge(between(from, to), currency), commission: 0, mcc, merchant: { name, city } };
	});
}

/**
 * What an account did from one time to before another: one to three purchases or withdrawals a day, and on Mondays a top-up of
 * what the week before cost, so that it never runs out.
 * @param isIdle whether the card could not be used at a time
 */
export function operationsOf(spender: Spender, from: number, to: number, isIdle: (at: number) => boolean): Operation[] {
	const operations: Operation[] = [];
	for (let day = dayOf(from); startOf(day) < to; day += 1) {
		if (day === mondayOf(day)) operations.push(...topUps(spender, day, isIdle));
		operations.push(...purchasesOf(spender, day).filter(({ at }) => !isIdle(at)));
	}
	return operations.filter(({ at }) => at >= from && at < to);
}

function topUps(spender: Spender, monday: number, isIdle: (at: number) => boolean): Operation[] {
	const week = Array.from({ length: DAYS_OF_WEEK }, (_, index) => purchasesOf(spender, monday - 1 - index)).flat();
	const amount = week.filter(({ at }) => !isIdle(at)).reduce((sum, operation) => sum + spent(operation), 0);
	if (amount === 0) return [];
	const { iban, currency, cardId } = spender;
	const at = startOf(monday) + 9 * 60 * MINUTE_MS;
	const rrn = referenceNumber(at, Math.floor(generator(`${cardId}|${iban}|${monday}|topup`)() * 100_000) * 10 + 9);
	return [{ type: 'topup', amount, commission: 0, currency, mcc: 6012, at, rrn, merchant: TRANSFER, iban }];
}
