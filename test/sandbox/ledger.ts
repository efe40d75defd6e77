/** Something that a command really did. A request that was refused, repeated or lost has none. */
export interface Effect {
	/** Counts from 1. */
	n: number;
	/** The number of the request in the journal. */
	request: number;
	path: string;
	/** Absent for methods that carry none. */
	requestId?: string;
	/** The ids that the command was about, by the API's names. */
	target: Readonly<Record<string, unknown>>;
	at: number;
}

/** The list of effects, apart from the journal of requests: at most one per intent. */
export class Ledger {
	private readonly effects: Effect[] = [];
	private readonly byRequest = new Map<string, Effect[]>();
	private readonly byCard = new Map<string, Effect[]>();

	/** @param settle does what has become due, so that what is read is up to date */
	constructor(private readonly settle: () => void) {}

	/** Every effect, oldest first. */
	get all(): readonly Effect[] {
		this.settle();
		return this.effects;
	}

	/** The effects of one request id. */
	effectsOf(requestId: string): readonly Effect[] {
		this.settle();
		return this.byRequest.get(requestId.toLowerCase()) ?? [];
	}

	/** The effects on one card, or on one kind of path of it. */
	effectsOn(cardId: string | number, path?: string): readonly Effect[] {
		this.settle();
		const effects = this.byCard.get(String(cardId)) ?? [];
		return path === undefined ? effects : effects.filter((effect) => effect.path === path);
	}

	/** How many effects each path had. */
	counts(): Record<string, number> {
		const counts: Record<string, number> = {};
		for (const { path } of this.all) counts[path] = (counts[path] ?? 0) + 1;
		return counts;
	}

	/** Adds an effect. Only the sandbox does. */
	record(effect: Omit<Effect, 'n'>): void {
		const numbered = { n: this.effects.length + 1, ...effect };
		this.effects.push(numbered);
		if (effect.requestId !== undefined) push(this.byRequest, effect.requestId, numbered);
		const { card_id: cardId } = effect.target;
		if (typeof cardId === 'string' || typeof cardId === 'number') push(this.byCard, String(cardId), numbered);
	}

	clear(): void {
		this.effects.length = 0;
		this.byRequest.clear();
		this.byCard.clear();
	}
}

function push(index: Map<string, Effect[]>, key: string, effect: Effect): void {
	const list = index.get(key);
	if (list === undefined) index.set(key, [effect]);
	else list.push(effect);
}
