import type { Outcome } from '../../card-api/delivery/protocol';
import type { Refusal } from '../input/plan';
import type { Start } from '../../card-api/intent/intents';
import type { RequestId } from '../../card-api/intent/requestIds';
import type { Ending } from '../output/ending';
import type { Item } from './items';

/** A command on its way, for the items that take over how it ends. */
class Lead {
	readonly came: Promise<Ending>;

	end!: (came: Ending) => void;

	/** @param requestId the id under which it is to go out */
	constructor(readonly requestId: RequestId | undefined) {
		this.came = new Promise((resolve) => (this.end = resolve));
	}
}

/** The commands of a run whose outcome other items take over, by item. */
export class Leads {
	private readonly leads = new Map<number, Lead>();

	constructor(items: ReadonlyArray<Item | Refusal | undefined>) {
		for (const item of items) {
			if (item?.is !== 'item' || item.start?.is !== 'follow' || this.leads.has(item.start.leader)) continue;
			const { leader } = item.start;
			const first = items[leader];
			const start = first?.is === 'item' ? first.start : undefined;
			this.leads.set(leader, new Lead(start?.is === 'intent' ? start.requestId : undefined));
		}
	}

	/** The request id under which an item is to go out, or that of the item whose outcome it takes over. */
	requestIdOf(start: Start | undefined): RequestId | undefined {
		switch (start?.is) {
			case 'intent':
				return start.requestId;
			case 'follow':
				return this.leads.get(start.leader)?.requestId;
			default:
				return undefined;
		}
	}

	/** Waits for how a command ends. */
	async cameOf(leader: number): Promise<Ending | undefined> {
		return await this.leads.get(leader)?.came;
	}

	/** Tells the others how an item has ended. */
	end(ending: Ending): void {
		this.leads.get(ending.itemIndex)?.end(ending);
	}
}

/** The outcome of a command, for another item or call that is the same one: done before, or failed alike. */
export function takenOver(outcome: Outcome): Outcome {
	if (outcome.from === 'another') return outcome;
	// Why it was refused is what the answer to it said, if asking said nothing of it.
	const isAnswered = outcome.is === 'failure' && outcome.effect !== 'unknown' && outcome.lookup?.is === 'notKnown';
	return isAnswered ? { ...outcome, from: 'earlier', lookup: undefined } : { ...outcome, from: 'earlier' };
}
