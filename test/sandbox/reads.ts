import { objectProblem, type Command } from './behaviours';
import { spent, type Operation } from './operations';
import { UTC_PLUS_5_MS, wholeSeconds } from './times';
import { balanceOf, inHundredths, maskOf, operationsBetween, type Card, type Limit, type LimitedObject } from './world';

/** What a read looks at. */
export interface Read extends Command {
	/** How many days a statement is about when no start is asked for. */
	statementDays: number;
}

/** The fields of an answer, or why there is none. */
export type Told = { fields: Record<string, unknown>; refusal?: undefined } | { refusal: string };

const DAY_MS = 24 * 60 * 60 * 1000;
const CASHBACK = 0.01;

/** Finds the card that a read is about, and tells about it. */
function aboutCard(tell: (card: Card, read: Read) => Told): (read: Read) => Told {
	return (read) => {
		const card = read.world.cards.get(String(read.body.card_id));
		return card === undefined ? { refusal: 'card not found' } : tell(card, read);
	};
}

/** Tells about a card in the period that was asked for, its last moment included. */
function inPeriod(tell: (card: Card, from: number, to: number) => Record<string, unknown>): (read: Read) => Told {
	return aboutCard((card, { body: { start_date, end_date }, now, statementDays }) => {
		const end = typeof end_date === 'string' ? Date.parse(end_date) + 1000 : now;
		const start = typeof start_date === 'string' ? Date.parse(start_date) : end - statementDays * DAY_MS;
		if (!(start < end)) return { refusal: 'start_date is after end_date' };
		return { fields: tell(card, start, Math.min(end, now)) };
	});
}

function operation({ type, amount, commission, currency, mcc, at, rrn, merchant }: Operation) {
	return { type, amount, commission, currency, mcc, datetime: wholeSeconds(at), rrn, merchant };
}

function authorization({ type, amount, commission, currency, at, merchant, iban }: Operation) {
	return {
		datetime: wholeSeconds(at),
		type,
		amount,
		commission,
		full_amount: inHundredths(amount + commission),
		cashback: type === 'pay' ? Math.floor(amount * CASHBACK) : 0,
		currency,
		iban,
		merchant,
		additional_parameters: [],
	};
}

/** How much of a limit is used up. Of types that no operation of the sandbox has, nothing is. */
function used({ transaction_type, period, currency }: Limit, cards: readonly Card[], now: number): number {
	const wall = new Date(now + UTC_PLUS_5_MS);
	const firstDay = period === 'month' ? 1 : wall.getUTCDate();
	const from = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), firstDay) - UTC_PLUS_5_MS;
	const counts = (done: Operation) =>
		done.currency === currency && (transaction_type === done.type || transaction_type === `${done.type}_atm`) && spent(done) > 0;
	return cards
		.flatMap((card) => operationsBetween(card, from, now))
		.filter(counts)
		.reduce((sum, { amount }) => sum + amount, 0);
}

function limit(told: Limit, cards: readonly Card[], now: number): Record<string, unknown> {
	if (told.value === undefined) return { ...told };
	const usedUp = used(told, cards, now);
	return { ...told, used: String(usedUp), remaining: String(Math.max(0, inHundredths(Number(told.value) - usedUp))) };
}

/** The reads that the sandbox tells from its world. Another one answers with its method's sample. */
export const reads: Readonly<Record<string, (read: Read) => Told>> = {
	/** No field of this answer is documented: these are the sandbox's assumption, in the names of other answers. */
	'/v5/card-api/card/info': aboutCard(({ id, status, clientId, accounts }) => ({
		fields: {
			card_id: id,
			card_mask: maskOf(id),
			card_status: status,
			...(clientId !== undefined && { client_id: clientId }),
			accounts: accounts.map(({ iban, currency, type }) => ({ iban, currency, type })),
		},
	})),
	'/v5/card-api/card/statement': inPeriod((card, from, to) => ({ operations: operationsBetween(card, from, to).map(operation) })),
	/** What `debit` and `credit` are about is not documented: here, what went out and came in in the period. */
	'/v5/card-api/card/statement_extended': inPeriod((card, from, to) => ({
		...(card.clientId !== undefined && { client_id: card.clientId }),
		card: { card_id: card.id, card_mask: maskOf(card.id) },
		balances: {
			accounts: card.accounts.map((account) => {
				const { debit, credit, amount } = balanceOf(card, account, from, to);
				const { iban, currency } = account;
				// The page has whole numbers for two of them.
				return { iban, currency, debit: Math.round(debit), credit: Math.round(credit), amount: inHundredths(amount), blocked_amount: 0 };
			}),
		},
		authorizations: operationsBetween(card, from, to)
			.filter(({ type }) => type === 'pay' || type === 'withdrawal')
			.map(authorization),
	})),
	/**
	 * The documentation tells this answer in words only: type, period, maximum amount, currency, how much is used and how much is
	 * left. One flat entry per limit in the list `limits`, `used` and `remaining` are the sandbox's assumption; the other names
	 * are those of `limits/set`.
	 */
	'/v5/card-api/limits/list': (read) => {
		const refusal = objectProblem(read);
		if (refusal !== undefined) return { refusal };
		const object = read.body.object as LimitedObject;
		const cards = read.world.cardsOf(object) ?? [];
		return { fields: { limits: read.world.limitsOf(object).map((told) => limit(told, cards, read.now)) } };
	},
};
