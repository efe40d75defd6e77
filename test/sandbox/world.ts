/** An account of a card. */
export interface Account {
	iban: string;
	currency: string;
	type: string;
}

export interface Card {
	id: string;
	status: 'active' | 'closed';
	clientId: string | undefined;
	accounts: Account[];
}

/** A gift card; `status` is from the dictionary of gift card statuses. */
export interface GiftCard {
	cardId: number;
	otp: string;
	status: number;
	currency: string;
	balance: number;
	mask: string;
}

/** What is remembered under a request id. */
export interface RequestRecord {
	id: string;
	path: string;
	/** The ids that `request/status` tells about it. */
	ids: Readonly<Record<string, unknown>>;
	/** `success`, `process` or `error`, or an undocumented word when a fault asked for one. */
	requestStatus: string;
	/** When the request reached this status. */
	at: number;
	/** Why it failed. */
	problem: string | undefined;
}

const ISSUED = 1;

/** The ids that every sandbox starts with. */
export const seeds = {
	cards: Array.from({ length: 10 }, (_, index) => `card-${1001 + index}`),
	clients: ['client-2001', 'client-2002', 'client-2003'],
	giftCards: [
		{ cardId: 555, otp: '1234' },
		{ cardId: 556, otp: '5678' },
	],
} as const;

/** Cards, clients, gift cards and requests, in memory. */
export class World {
	readonly cards = new Map<string, Card>();
	readonly clients = new Set<string>();
	readonly giftCards = new Map<number, GiftCard>();
	/** By request id in lower case. */
	readonly requests = new Map<string, RequestRecord>();

	constructor(private readonly moreCards: Iterable<string> = []) {
		this.seed();
	}

	/** Back to the seeded ids, with no request remembered. */
	seed(): void {
		this.cards.clear();
		this.clients.clear();
		this.giftCards.clear();
		this.requests.clear();
		for (const id of seeds.cards) this.addCard(id);
		for (const id of this.moreCards) this.addCard(id);
		for (const id of seeds.clients) this.clients.add(id);
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

	addCard(id: string): Card {
		const card: Card = { id, status: 'active', clientId: undefined, accounts: [] };
		this.cards.set(id, card);
		return card;
	}
}
