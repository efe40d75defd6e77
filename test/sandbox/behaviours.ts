import type { Account, World } from './world';

type Body = Readonly<Record<string, unknown>>;

/** What a command does to cards and clients. */
export interface Behaviour {
	/** Why the command cannot be done, if it cannot. */
	refusal?(world: World, body: Body): string | undefined;
	act(world: World, body: Body): void;
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

function cardProblem(world: World, { card_id }: Body): string | undefined {
	const card = world.cards.get(String(card_id));
	if (card === undefined) return 'card not found';
	return card.status === 'closed' ? 'card is already closed' : undefined;
}

function cardOf(world: World, { card_id }: Body) {
	return world.cards.get(String(card_id)) ?? world.addCard(String(card_id));
}

/**
 * The commands that the sandbox plays through. A command that is not here succeeds and leaves an
 * effect in the ledger.
 */
export const behaviours: Readonly<Record<string, Behaviour>> = {
	'/v5/card-api/card/close': {
		refusal: cardProblem,
		act(world, body) {
			cardOf(world, body).status = 'closed';
		},
	},
	'/v5/card-api/card/link': {
		refusal: (world, body) =>
			cardProblem(world, body) ?? (world.clients.has(String(body.client_id)) ? undefined : 'client not found'),
		act(world, body) {
			cardOf(world, body).clientId = String(body.client_id);
		},
	},
	'/v5/card-api/card/update': {
		refusal: cardProblem,
		act(world, body) {
			const card = cardOf(world, body);
			const added = body.accounts as Account[];
			const isReplaced = (account: Account) =>
				added.some(({ type, currency }) => type === account.type && currency === account.currency);
			card.accounts = [...card.accounts.filter((account) => !isReplaced(account)), ...added];
		},
	},
};

/** What confirming a gift card gives: the answer's fields, and the card if it was activated by this. */
export function confirmGiftCard(world: World, body: Body): { fields: Record<string, unknown>; activated?: number } {
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
