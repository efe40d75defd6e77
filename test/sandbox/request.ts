import type { SandboxAccount, SandboxCard, SandboxClient, SandboxLimitedObject, SandboxOperation, SandboxPeriod, SandboxRequest, SandboxTransaction } from '../../nodes/card-api/methods/inSandbox';
import { spent, type Operation } from './operations';
import { UTC_PLUS_5_MS, wholeSeconds } from './times';
import { balanceOf, inHundredths, maskOf, newAccount, operationsBetween, refund, refundable, type Card, type Client, type Limit, type LimitedObject, type Transaction, type World } from './world';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a request is asked with, besides its body. */
export interface Circumstances {
	world: World;
	/** When it acts. */
	now: number;
	unknownIds: 'refuse' | 'accept';
	/** How many days a statement is about when no start is asked for. */
	statementDays: number;
}

function shownOperation({ type, amount, commission, currency, mcc, at, rrn, merchant, iban }: Operation): SandboxOperation {
	return { type, amount, commission, currency, mcc, datetime: wholeSeconds(at), rrn, merchant, iban };
}

function cardAt(card: Card, now: number): SandboxCard {
	return {
		id: card.id,
		mask: maskOf(card.id),
		status: card.status,
		clientId: card.clientId,
		accounts: card.accounts.map(({ iban, currency, type }) => ({ iban, currency, type })),
		stop(status) {
			card.status = status;
			card.idle.push({ from: now, until: Infinity });
		},
		start() {
			card.status = 'active';
			for (const pause of card.idle) pause.until = Math.min(pause.until, now);
		},
		linkTo(clientId) {
			card.clientId = clientId;
		},
		replaceAccounts(accounts: readonly SandboxAccount[]) {
			for (const account of accounts) {
				const replaced = card.accounts.find(({ type, currency }) => type === account.type && currency === account.currency);
				if (replaced?.iban === account.iban) continue;
				card.accounts = [...card.accounts.filter((other) => other !== replaced), newAccount(account, now)];
				if (replaced !== undefined) card.formerAccounts.push({ ...replaced, until: now });
			}
		},
		operations: ({ from, to }) => operationsBetween(card, from, to).map(shownOperation),
		balances: ({ from, to }) =>
			card.accounts.map((account) => {
				const { iban, currency, type } = account;
				const { debit, credit, amount } = balanceOf(card, account, from, to);
				return { iban, currency, type, debit, credit, amount: inHundredths(amount) };
			}),
	};
}

function clientIn(client: Client): SandboxClient {
	return {
		id: client.id,
		changePhone(phone) {
			client.phone = phone;
		},
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

function limitAt(limit: Limit, cards: readonly Card[], now: number): Record<string, unknown> {
	if (limit.value === undefined) return { ...limit };
	const usedUp = used(limit, cards, now);
	return { ...limit, used: String(usedUp), remaining: String(Math.max(0, inHundredths(Number(limit.value) - usedUp))) };
}

function objectAt(object: LimitedObject, { world, now }: Circumstances): SandboxLimitedObject {
	return {
		setLimits: (limits) => world.setLimits(object, limits),
		limits: () => world.limitsOf(object).map((limit) => limitAt(limit, world.cardsOf(object) ?? [], now)),
	};
}

function transactionAt(transaction: Transaction, now: number): SandboxTransaction {
	return {
		isPurchase: transaction.purchase.type === 'pay',
		refundable: refundable(transaction),
		refund(amount) {
			refund(transaction, inHundredths(amount), now);
			return `document-${transaction.purchase.rrn}-${transaction.card.refunds.length}`;
		},
	};
}

/** A request with what it is about, as a method's behaviour sees it. */
export function asked(body: Readonly<Record<string, unknown>>, circumstances: Circumstances): SandboxRequest {
	const { world, now, unknownIds, statementDays } = circumstances;
	return {
		body,
		get card() {
			const id = String(body.card_id);
			return cardAt(world.cards.get(id) ?? world.addCard(id), now);
		},
		get client() {
			const id = String(body.client_id);
			return clientIn(world.clients.get(id) ?? world.addClient({ id }));
		},
		get object() {
			return objectAt(body.object as LimitedObject, circumstances);
		},
		get period(): SandboxPeriod {
			const { from, to } = periodOf(body, now, statementDays);
			return { from, to: Math.min(to, now) };
		},
		get transaction() {
			const transaction = world.transaction(String(body.transaction_id), now);
			return transaction && transactionAt(transaction, now);
		},
		takesUnknownIds: unknownIds === 'accept',
		giftCards: [...world.giftCards.values()],
		addCard: () => cardAt(world.addCard(), now),
		addClient(productId, { phone, first_name, last_name, external_user_id }) {
			const client = world.addClient({
				productId,
				phone,
				...(first_name !== undefined && { firstName: first_name }),
				...(last_name !== undefined && { lastName: last_name }),
				...(external_user_id !== undefined && { externalUserId: external_user_id }),
			});
			return clientIn(client);
		},
	};
}

/** The period of a statement, its last second included. */
function periodOf({ start_date, end_date }: Readonly<Record<string, unknown>>, now: number, statementDays: number): SandboxPeriod {
	const to = typeof end_date === 'string' ? Date.parse(end_date) + 1000 : now;
	const from = typeof start_date === 'string' ? Date.parse(start_date) : to - statementDays * DAY_MS;
	return { from, to };
}

const CARD_CLOSED = 'card is already closed';

/** Why a request lacks what it needs; undefined when it lacks nothing. A card that is closed does for a read. */
export const MISSING: Readonly<
	Record<'card' | 'client' | 'object' | 'period', (body: Readonly<Record<string, unknown>>, circumstances: Circumstances, isRead: boolean) => string | undefined>
> = {
	card({ card_id }, { world }, isRead) {
		const card = world.cards.get(String(card_id));
		if (card === undefined) return 'card not found';
		return card.status === 'closed' && !isRead ? CARD_CLOSED : undefined;
	},
	client: ({ client_id }, { world }) => (world.clients.has(String(client_id)) ? undefined : 'client not found'),
	object({ object }, { world, unknownIds }, isRead) {
		const { type, value } = object as LimitedObject;
		if (type === 'card' && world.cards.get(value)?.status === 'closed' && !isRead) return CARD_CLOSED;
		return unknownIds === 'accept' || world.cardsOf({ type, value }) !== undefined ? undefined : `${type} not found`;
	},
	period(body, { now, statementDays }) {
		const { from, to } = periodOf(body, now, statementDays);
		return from < to ? undefined : 'start_date is after end_date';
	},
};
