import type { SandboxAccount, SandboxGiftCard as GiftCard, SandboxLimit as Limit } from '../../nodes/card-api/methods/inSandbox';
import { fromTenge, OPENING_KZT, operationsOf, referenceNumber, spent, type Operation } from './operations';
import { generator } from './random';

export type { Limit };

/** An account as the sandbox keeps it. */
export interface HeldAccount extends SandboxAccount {
	since: number;
	/** When another one took its place. */
	until: number;
	/** What it held at first; an account that began with nothing is not used by anybody. */
	opening: number;
}

export interface Card {
	id: string;
	status: 'active' | 'blocked' | 'closed';
	clientId: string | undefined;
	accounts: HeldAccount[];
	/** Accounts that were replaced: the statement still knows what they did. */
	formerAccounts: HeldAccount[];
	/** The times in which nobody could pay with it. */
	idle: Array<{ from: number; until: number }>;
	refunds: Array<Operation & { of: string }>;
	/** What it was told of from outside, whatever its accounts are. */
	booked: Operation[];
}

export interface Client {
	id: string;
	/** Absent for one that is known by its id only. */
	productId?: number;
	phone?: number;
	firstName?: string;
	lastName?: string;
	externalUserId?: string;
}

/** What limits can be set on. */
export interface LimitedObject {
	type: string;
	value: string;
}

/** A purchase that can be refunded. */
export interface Transaction {
	card: Card;
	purchase: Operation;
}

/** What is remembered under a request id. */
export interface RequestRecord {
	id: string;
	path: string;
	/** The ids that `request/status` tells about it. */
	ids: Readonly<Record<string, unknown>>;
	/** `success`, `process` or `error`, or an undocumented word when a fault asked for one. */
	requestStatus: string;
	/** When the request came. */
	since: number;
	/** When it reached this status. */
	at: number;
	/** Why it failed. */
	problem: string | undefined;
}

const ISSUED = 1;
/** When the seeded accounts were opened. */
const OPENED = Date.parse('2024-01-01T00:00:00+05:00');
/** Since when the seeded cards that are blocked or closed are so. */
const STOPPED = Date.parse('2025-06-01T12:00:00+05:00');
const DAY_MS = 24 * 60 * 60 * 1000;
const YEARS_KNOWN = 10;
const FIRST_NEW_CARD = 1013;
const FIRST_NEW_CLIENT = 2004;

const numbered = (prefix: string, from: number, to: number): string[] =>
	Array.from({ length: to - from + 1 }, (_, index) => `${prefix}-${from + index}`);

/** The ids that every sandbox starts with. */
export const seeds = {
	cards: numbered('card', 1001, 1012),
	/** Active, with a client, an account, limits and operations. */
	linkedCards: numbered('card', 1001, 1006),
	/** Active, issued in bulk: without a client and accounts, to be linked. */
	bulkCards: numbered('card', 1007, 1010),
	blockedCard: 'card-1011',
	closedCard: 'card-1012',
	clients: numbered('client', 2001, 2003),
	giftCards: [
		{ cardId: 555, otp: '1234' },
		{ cardId: 556, otp: '5678' },
	],
	transaction: { transactionId: 'transaction-1', orderId: 'order-1', cardId: 'card-1001', day: Date.parse('2025-01-15T00:00:00+05:00'), least: 5_000 },
} as const;

const PEOPLE: ReadonlyArray<Omit<Client, 'id'>> = [
	{ productId: 2000, phone: 77010000001, firstName: 'Aigerim', lastName: 'Sadykova', externalUserId: 'crm-1' },
	{ productId: 2000, phone: 77010000002, firstName: 'Daniyar', lastName: 'Omarov', externalUserId: 'crm-2' },
	{ productId: 2000, phone: 77010000003, firstName: 'Ivan', lastName: 'Ivanov', externalUserId: 'crm-3' },
];

/** An IBAN of Kazakhstan with its right check digits (ISO 13616), of a bank that is the documentation's example. */
function ibanOf(cardId: string, currency: string): string {
	const account = `125${currency}${String(Math.floor(generator(`${cardId}|${currency}`)() * 1e10)).padStart(10, '0')}`;
	const digits = `${account}KZ00`.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
	const check = 98n - (BigInt(digits) % 97n);
	return `KZ${String(check).padStart(2, '0')}${account}`;
}

/** The number of a card as a statement shows it. */
export function maskOf(cardId: string): string {
	return `4400********${cardId.replace(/\D/g, '').slice(-4).padStart(4, '0')}`;
}

/** Cards, clients, gift cards, limits and requests, in memory. */
export class World {
	readonly cards = new Map<string, Card>();
	readonly clients = new Map<string, Client>();
	readonly giftCards = new Map<number, GiftCard>();
	/** By object, such as `card:card-1001`. */
	readonly limits = new Map<string, Limit[]>();
	/** By request id in lower case. */
	readonly requests = new Map<string, RequestRecord>();
	private nextCard = FIRST_NEW_CARD;
	private nextClient = FIRST_NEW_CLIENT;

	constructor(private readonly moreCards: Iterable<string> = []) {
		this.seed();
	}

	/** Back to the seeded ids, with no request remembered. */
	seed(): void {
		for (const known of [this.cards, this.clients, this.giftCards, this.limits, this.requests]) known.clear();
		this.nextCard = FIRST_NEW_CARD;
		this.nextClient = FIRST_NEW_CLIENT;
		for (const [index, id] of seeds.clients.entries()) this.clients.set(id, { id, ...PEOPLE[index] });
		for (const [index, id] of seeds.cards.entries()) {
			const card = this.addCard(id);
			if ((seeds.bulkCards as readonly string[]).includes(id)) continue;
			card.clientId = seeds.clients[index % seeds.clients.length];
			card.accounts = (index === 1 ? ['KZT', 'USD'] : ['KZT']).map((currency) => openedAccount(id, currency));
			this.limits.set(limitKey({ type: 'card', value: id }), [
				{ transaction_type: 'withdrawal_atm', period: 'day', type: 'max', value: '300000', currency: 'KZT' },
				{ transaction_type: 'pay', period: 'month', type: 'max', value: '1500000', currency: 'KZT' },
			]);
		}
		for (const [id, status] of [[seeds.blockedCard, 'blocked'], [seeds.closedCard, 'closed']] as const) {
			const card = this.cards.get(id);
			if (card !== undefined) Object.assign(card, { status, idle: [{ from: STOPPED, until: Infinity }] });
		}
		for (const id of this.moreCards) this.addCard(id);
		for (const { cardId, otp } of seeds.giftCards) {
			this.giftCards.set(cardId, {
				cardId,
				otp,
				status: ISSUED,
				currency: 'KZT',
				balance: 10_000,
				mask: `4400********${String(cardId).padStart(4, '0')}`,
			});
		}
	}

	/** Adds an active card without client and accounts. */
	addCard(id = `card-${this.nextCard++}`): Card {
		const card: Card = { id, status: 'active', clientId: undefined, accounts: [], formerAccounts: [], idle: [], refunds: [], booked: [] };
		this.cards.set(id, card);
		return card;
	}

	addClient(client: Partial<Client> = {}): Client {
		const { id = `client-${this.nextClient++}` } = client;
		const added = { ...client, id };
		this.clients.set(id, added);
		return added;
	}

	/** The cards that an object of limits is about; undefined when there is no such object. */
	cardsOf({ type, value }: LimitedObject): Card[] | undefined {
		const holders = (holds: (card: Card) => boolean) => [...this.cards.values()].filter(holds);
		if (type === 'card') {
			const card = this.cards.get(value);
			return card && [card];
		}
		if (type === 'client') return this.clients.has(value) ? holders(({ clientId }) => clientId === value) : undefined;
		const found = holders(({ accounts }) => accounts.some(({ iban }) => iban === value));
		return found.length > 0 ? found : undefined;
	}

	limitsOf(object: LimitedObject): readonly Limit[] {
		return this.limits.get(limitKey(object)) ?? [];
	}

	/** Adds limits, which replace those on the same. */
	setLimits(object: LimitedObject, added: readonly Limit[]): void {
		const about = ({ transaction_type, region, period, type, currency }: Limit) =>
			JSON.stringify([transaction_type, region, period, type, currency]);
		const replaced = new Set(added.map(about));
		this.limits.set(limitKey(object), [...this.limitsOf(object).filter((limit) => !replaced.has(about(limit))), ...added]);
	}

	/** The purchase that a transaction id names: the seeded id, or the `rrn` of a purchase in a card's statement. */
	transaction(id: string, now: number): Transaction | undefined {
		const { transactionId, cardId, day, least } = seeds.transaction;
		const known = this.cards.get(cardId);
		if (id === transactionId && known !== undefined) {
			const purchase = operationsBetween(known, day, day + 30 * DAY_MS).find(({ type, amount }) => type === 'pay' && amount >= least);
			return purchase && { card: known, purchase };
		}
		for (const from of daysOf(id, now)) {
			for (const card of this.cards.values()) {
				const purchase = operationsBetween(card, from, Math.min(from + 2 * DAY_MS, now)).find(({ rrn }) => rrn === id);
				if (purchase !== undefined) return { card, purchase };
			}
		}
		return undefined;
	}
}

function limitKey({ type, value }: LimitedObject): string {
	return `${type}:${value}`;
}

/** An account that a card gets now. */
export function newAccount({ iban, currency, type }: SandboxAccount, since: number): HeldAccount {
	return { iban, currency, type, since, until: Infinity, opening: 0 };
}

/** An account that is in use since before the sandbox. */
function openedAccount(cardId: string, currency: string): HeldAccount {
	const opening = fromTenge(OPENING_KZT + Math.floor(generator(`${cardId}|opening`)() * 1_000) * 1_000, currency);
	return { iban: ibanOf(cardId, currency), currency, type: 'IBAN', since: OPENED, until: Infinity, opening };
}

/** When the day may have begun that a retrieval reference number tells, the last first. */
function daysOf(rrn: string, now: number): number[] {
	const [, digit, day] = /^(\d)(\d{3})\d{8}$/.exec(rrn) ?? [];
	if (digit === undefined || day === undefined) return [];
	const thisYear = new Date(now).getUTCFullYear();
	return Array.from({ length: YEARS_KNOWN }, (_, index) => thisYear + 1 - index)
		.filter((year) => year % 10 === Number(digit))
		.map((year) => Date.UTC(year, 0, Number(day)) - DAY_MS / 2);
}

function ofAccount(card: Card, { iban, currency, since, until, opening }: HeldAccount, from: number, to: number): Operation[] {
	const isIdle = (at: number) => at < since || at >= until || card.idle.some((pause) => at >= pause.from && at < pause.until);
	const invented = opening === 0 ? [] : operationsOf({ cardId: card.id, iban, currency }, Math.max(from, since), Math.min(to, until), isIdle);
	const refunds = card.refunds.filter((refunded) => refunded.iban === iban && refunded.currency === currency && refunded.at >= from && refunded.at < to);
	return [...invented, ...refunds];
}

/** What was done with a card from one time to before another, oldest first. */
export function operationsBetween(card: Card, from: number, to: number): Operation[] {
	const booked = card.booked.filter(({ at }) => at >= from && at < to);
	return [...[...card.formerAccounts, ...card.accounts].flatMap((account) => ofAccount(card, account, from, to)), ...booked]
		.sort((one, other) => one.at - other.at);
}

/** What an account held at a time, and what came in and went out since another. */
export function balanceOf(card: Card, account: HeldAccount, from: number, to: number): { debit: number; credit: number; amount: number } {
	const turnover = (since: number) => {
		const moved = ofAccount(card, account, since, to).map(spent);
		const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
		return { debit: sum(moved.filter((amount) => amount > 0)), credit: -sum(moved.filter((amount) => amount < 0)) };
	};
	const ever = turnover(account.since);
	return { ...turnover(Math.max(from, account.since)), amount: account.opening + ever.credit - ever.debit };
}

/** How much of a purchase can still be refunded. */
export function refundable({ card, purchase }: Transaction): number {
	const refunded = card.refunds.filter(({ of }) => of === purchase.rrn).reduce((sum, { amount }) => sum + amount, 0);
	return inHundredths(purchase.amount - refunded);
}

/** Gives money of a purchase back. */
export function refund({ card, purchase }: Transaction, amount: number, at: number): void {
	const rrn = referenceNumber(at, card.refunds.length * 10 + 8);
	card.refunds.push({ ...purchase, type: 'refund', amount, commission: 0, at, rrn, of: purchase.rrn });
}

/** Without what adding floating-point numbers leaves behind. */
export function inHundredths(amount: number): number {
	return Math.round(amount * 100) / 100;
}
