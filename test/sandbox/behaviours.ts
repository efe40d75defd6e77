import { inHundredths, refund, refundable, type Account, type Card, type HeldAccount, type Limit, type LimitedObject, type World } from './world';

/** What a command works with. */
export interface Command {
	world: World;
	body: Readonly<Record<string, unknown>>;
	/** When it acts. */
	now: number;
	unknownIds: 'refuse' | 'accept';
}

/** What a command does to the world. */
export interface Behaviour {
	/** Why the command cannot be done, if it cannot. */
	refusal?(command: Command): string | undefined;
	/** Does it. Gives what came of it, for the answer and for `request/status`. */
	act(command: Command): Record<string, unknown> | void;
}

/** Success, or one of the dictionary's codes (page "Gift Cards / Dictionaries"). */
export const GIFT = {
	success: 0,
	generalError: -1,
	cardNotFound: -7,
	wrongOtp: -8,
	alreadyActivated: -10,
} as const;

const ACTIVATED = 2;

const CARD_NOT_FOUND = 'card not found';
const CARD_CLOSED = 'card is already closed';
const CLIENT_NOT_FOUND = 'client not found';

function cardProblem({ world, body: { card_id } }: Command): string | undefined {
	const card = world.cards.get(String(card_id));
	if (card === undefined) return CARD_NOT_FOUND;
	return card.status === 'closed' ? CARD_CLOSED : undefined;
}

function clientProblem({ world, body: { client_id } }: Command): string | undefined {
	return world.clients.has(String(client_id)) ? undefined : CLIENT_NOT_FOUND;
}

function cardOf({ world, body: { card_id } }: Command): Card {
	return world.cards.get(String(card_id)) ?? world.addCard(String(card_id));
}

/** Why the object of limits is none, if it is none. */
export function objectProblem({ world, body, unknownIds }: Omit<Command, 'now'>): string | undefined {
	const object = body.object as LimitedObject;
	if (unknownIds === 'accept' || world.cardsOf(object) !== undefined) return undefined;
	return `${object.type} not found`;
}

/** The limits of a `limits/set` body, one for each amount. */
function limitsIn({ limits }: Command['body']): Limit[] {
	type Told = Omit<Limit, 'type' | 'value' | 'currency'> & { amount?: ReadonlyArray<Pick<Limit, 'type' | 'value' | 'currency'>> };
	return (limits as Told[]).flatMap(({ amount = [{}], ...about }) => amount.map((one) => ({ ...about, ...one })));
}

function newAccount({ iban, currency, type }: Account, since: number): HeldAccount {
	return { iban, currency, type, since, until: Infinity, opening: 0 };
}

interface Person {
	phone: number;
	first_name?: string;
	last_name?: string;
	external_user_id?: string;
}

function addClient(world: World, product: unknown, { phone, first_name, last_name, external_user_id }: Person) {
	return world.addClient({
		productId: Number(product),
		phone,
		...(first_name !== undefined && { firstName: first_name }),
		...(last_name !== undefined && { lastName: last_name }),
		...(external_user_id !== undefined && { externalUserId: external_user_id }),
	});
}

/**
 * The commands that the sandbox plays through. A command that is not here succeeds and leaves an
 * effect in the ledger.
 */
export const behaviours: Readonly<Record<string, Behaviour>> = {
	'/v5/card-api/card/close': {
		refusal: cardProblem,
		act(command) {
			const card = cardOf(command);
			card.status = 'closed';
			card.idle.push({ from: command.now, until: Infinity });
		},
	},
	'/v5/card-api/card/unblock': {
		// Whether a card that is not blocked can be unblocked is not documented: here that changes nothing and is no error.
		refusal: cardProblem,
		act(command) {
			const card = cardOf(command);
			card.status = 'active';
			for (const pause of card.idle) pause.until = Math.min(pause.until, command.now);
		},
	},
	'/v5/card-api/card/set_pin': { refusal: cardProblem, act() {} },
	'/v5/card-api/card/reset_counter_pin': { refusal: cardProblem, act() {} },
	'/v5/card-api/card/link': {
		refusal: (command) => cardProblem(command) ?? clientProblem(command),
		act(command) {
			cardOf(command).clientId = String(command.body.client_id);
		},
	},
	'/v5/card-api/card/update': {
		refusal: cardProblem,
		act(command) {
			const { body, now } = command;
			const card = cardOf(command);
			for (const account of body.accounts as Account[]) {
				const replaced = card.accounts.find(({ type, currency }) => type === account.type && currency === account.currency);
				if (replaced?.iban === account.iban) continue;
				card.accounts = [...card.accounts.filter((other) => other !== replaced), newAccount(account, now)];
				if (replaced !== undefined) card.formerAccounts.push({ ...replaced, until: now });
			}
		},
	},
	'/v5/card-api/card/issue': {
		act({ world, body }) {
			const card = world.addCard();
			card.clientId = addClient(world, body.product_id, body.cardholder as Person).id;
			return { cards: [{ card_id: card.id }] };
		},
	},
	'/v5/card-api/client/add': {
		act({ world, body }) {
			return { client_id: addClient(world, body.product_id, body.client as Person).id };
		},
	},
	'/v5/card-api/client/update': {
		refusal: clientProblem,
		act({ world, body }) {
			const client = world.clients.get(String(body.client_id)) ?? world.addClient({ id: String(body.client_id) });
			client.phone = (body.client as Person).phone;
		},
	},
	'/v5/card-api/limits/set': {
		refusal(command) {
			const { type, value } = command.body.object as LimitedObject;
			if (type === 'card' && command.world.cards.get(value)?.status === 'closed') return CARD_CLOSED;
			return objectProblem(command);
		},
		act({ world, body }) {
			world.setLimits(body.object as LimitedObject, limitsIn(body));
		},
	},
	'/v5/card-api/transaction/refund': {
		refusal({ world, body, now, unknownIds }) {
			const transaction = world.transaction(String(body.transaction_id), now);
			if (transaction === undefined) return unknownIds === 'accept' ? undefined : 'transaction not found';
			const left = refundable(transaction);
			if (transaction.purchase.type !== 'pay') return 'transaction cannot be refunded';
			if (left <= 0) return 'transaction is already refunded';
			return Number(body.amount ?? left) > left ? `amount is more than is left to refund (${left})` : undefined;
		},
		act({ world, body, now }) {
			const transaction = world.transaction(String(body.transaction_id), now);
			if (transaction === undefined) return { fin_document_id: `document-${String(body.transaction_id)}` };
			refund(transaction, inHundredths(Number(body.amount ?? refundable(transaction))), now);
			return { fin_document_id: `document-${transaction.purchase.rrn}-${transaction.card.refunds.length}` };
		},
	},
};

/** What confirming a gift card gives: the answer's fields, and the card if it was activated by this. */
export function confirmGiftCard(world: World, body: Command['body']): { fields: Record<string, unknown>; activated?: number } {
	const byOtp = [...world.giftCards.values()].filter(({ otp }) => otp === body.otp);
	const card =
		body.card_id === undefined
			? (byOtp.find(({ status }) => status !== ACTIVATED) ?? byOtp[0])
			: world.giftCards.get(Number(body.card_id));
	if (card === undefined) {
		return { fields: { status: body.card_id === undefined ? GIFT.wrongOtp : GIFT.cardNotFound } };
	}
	if (card.otp !== body.otp) return { fields: { status: GIFT.wrongOtp } };
	if (card.status === ACTIVATED) return { fields: { status: GIFT.alreadyActivated } };
	card.status = ACTIVATED;
	return {
		activated: card.cardId,
		fields: {
			status: GIFT.success,
			card_status: card.status,
			card_currency: card.currency,
			card_balance: card.balance,
			card_mask: card.mask,
		},
	};
}
