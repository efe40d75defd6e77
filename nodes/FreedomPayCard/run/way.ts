import * as z from 'zod/v4-mini';

import { deliver, type Delivery } from '../../card-api/delivery/deliver';
import type { About } from '../../card-api/delivery/judge';
import type { Outcome } from '../../card-api/delivery/protocol';
import type { Lease } from '../../card-api/delivery/slots';
import type { Wire } from '../../card-api/delivery/wire';
import type { Draft, Plan, RunsAgain } from '../input/plan';
import type { Beginning } from '../../card-api/intent/beginnings';
import { keyOf } from '../../card-api/intent/command';
import type { Follow, Intent } from '../../card-api/intent/intents';
import { courseOf, toldOf, UNKNOWN_BEFORE } from '../../card-api/intent/learning';
import type { Learnt, Records } from '../../card-api/intent/records';
import { freshRequestId, type Origin } from '../../card-api/intent/requestIds';
import { namedSubjects } from '../../card-api/methods/subjects';
import type { Delivered, Ending } from '../output/ending';
import { refusalOf } from '../output/objections';
import { askedBy, maskerOf, unreadable, withoutSecrets } from './asked';
import type { CredentialRoute } from './credentials';
import type { Item } from './items';
import { takenOver, type Leads } from './leads';

/** What the ways of a run have in common. */
export interface Shared {
	wire: Wire;
	records: Records;
	leads: Leads;
	/** Where in n8n the run is. */
	origin: Origin;
	executionId: string;
	/** For a tool of an AI agent: the commands that its calls have on their way. */
	flights: Map<string, Promise<Outcome>> | undefined;
	runsAgain: RunsAgain;
}

/** What a command begins with that this execution sent before. */
const OWN: readonly Beginning[] = ['tell', 'inDoubt', 'accepted'];

/** Whom a request is about, as far as an answer may name it. */
function aboutOf({ ids }: Draft): About {
	return Object.fromEntries(namedSubjects.flatMap(({ name, key }) => (typeof ids[key] === 'string' ? [[name, ids[key]]] : [])));
}

/** What leads from an item to its ending. */
type Fork = { is: 'end'; ending: Ending } | { is: 'follow'; start: Follow } | { is: 'send'; route: CredentialRoute };

/** An item's way from what it asks for to what becomes of it. */
export class Way {
	/** Under the request id of the last attempt, once there is one. */
	private plan: Plan;

	private differs = false;

	/** Whether the same command is on its way for another call. */
	private mayHaveArrived = false;

	/** Whether it came of another call of the tool, as it would of what the execution remembers once that call is over. */
	private isOfThisExecution = false;

	/** @param lease the item's hold on a slot, which the caller takes and gives back */
	constructor(
		private readonly item: Item,
		private readonly lease: Lease,
		private readonly shared: Shared,
	) {
		this.plan = { ...item.draft, requestId: shared.leads.requestIdOf(item.start), runsAgain: shared.runsAgain };
	}

	/**
	 * Goes it.
	 * @throws for a defect of this package only
	 */
	async go(): Promise<Ending> {
		const fork = await this.fork();
		switch (fork.is) {
			case 'end':
				return fork.ending;
			case 'follow':
				return await this.follow(fork.start);
			case 'send':
				return this.delivered(await this.outcomeOver(fork.route));
		}
	}

	/** How the item ends that this package failed at. */
	brokenOff(error: unknown): Ending {
		return { is: 'defect', ...this.ended(), error, mayHaveArrived: this.mayHaveArrived || this.lease.wasUsed };
	}

	private ended() {
		const { index, start, route } = this.item;
		return { itemIndex: index, plan: this.plan, start, route: route.is === 'route' ? route : undefined };
	}

	private delivered(outcome: Outcome): Delivered {
		const { start } = this.item;
		const isOwn = start?.is !== 'follow' && (start?.is !== 'intent' || OWN.includes(start.begins) || this.isOfThisExecution);
		return { is: 'delivered', ...this.ended(), outcome, isOwn, isSent: this.lease.sends > 0, differs: this.differs };
	}

	/** Whether the item is sent, takes over what another comes to, or ends as it is. */
	private async fork(): Promise<Fork> {
		const { wire } = this.shared;
		const { draft, route, start, index } = this.item;
		// Whatever ends the run, the other item has ended or will: what became of it counts for this one.
		if (start?.is === 'follow' && !draft.settings.dryRun) return { is: 'follow', start };
		const isOver = wire.whyClosed();
		if (isOver !== undefined) return this.unsent({ is: 'closed', ...this.ended(), why: isOver });
		if (route.is === 'unusable') return this.unsent({ is: 'unusable', ...this.ended(), why: route });
		if (start?.is === 'objection') return { is: 'end', ending: { is: 'refused', itemIndex: index, plan: this.plan, refusal: refusalOf(start.objection, draft) } };
		if (draft.settings.dryRun) return { is: 'end', ending: { is: 'dryRun', ...this.ended(), origin: route.origin } };
		await wire.passHold(route, this.lease);
		const isBarred = wire.whyClosed(route);
		return isBarred === undefined ? { is: 'send', route } : this.unsent({ is: 'closed', ...this.ended(), why: isBarred });
	}

	/** Ends an item that is not sent now: with what is known of its command, if anything is. */
	private orKnown(ending: Ending): Ending {
		const known = toldOf(this.learnt());
		return known === undefined ? ending : this.delivered(known);
	}

	private unsent(ending: Ending): Fork {
		return { is: 'end', ending: this.orKnown(ending) };
	}

	private learnt(): Learnt | undefined {
		const { start, draft, place, parent } = this.item;
		if (start !== undefined) return start.is === 'objection' ? undefined : start.learnt;
		const asked = askedBy(draft);
		return asked === undefined ? undefined : this.shared.records.find(place, keyOf(asked, undefined), parent)?.learnt;
	}

	/** Waits for the same command of another item, and takes its outcome over. */
	private async follow({ leader }: Follow): Promise<Ending> {
		const { lease } = this;
		const { leads } = this.shared;
		lease.release();
		const came = await leads.cameOf(leader);
		// What this package failed at may have been carried out all the same.
		if (came?.is === 'defect' && came.mayHaveArrived) return { is: 'defect', ...this.ended(), error: came.error, mayHaveArrived: true };
		if (came?.is !== 'delivered') return this.orKnown({ is: 'follower', ...this.ended(), leader });
		this.plan = { ...this.plan, requestId: came.plan.requestId };
		return this.delivered(takenOver(came.outcome));
	}

	/** Sends a read, or a command; of a tool, unless a parallel call has the same one on its way. */
	private async outcomeOver(route: CredentialRoute): Promise<Outcome> {
		const { flights } = this.shared;
		const { start } = this.item;
		if (start?.is !== 'intent') return await this.send('read', route);
		if (flights === undefined) return await this.carryOut(start, route);
		const name = `${start.key.what} ${start.key.who} ${start.key.secret}`;
		const flying = flights.get(name);
		if (flying !== undefined) {
			this.lease.release();
			this.mayHaveArrived = true;
			const flown = await flying;
			this.isOfThisExecution = flown.from !== 'earlier';
			return takenOver(flown);
		}
		const flight = this.carryOut(start, route);
		flights.set(name, flight);
		const land = () => flights.delete(name);
		flight.then(land, land);
		return await flight;
	}

	/** Sends a command, as far as what an earlier try learnt of it lets it, and notes what becomes of it. */
	private async carryOut(intent: Intent, route: CredentialRoute): Promise<Outcome> {
		const { records, executionId, origin } = this.shared;
		const course = courseOf(intent, { records, executionId, origin, mask: maskerOf(this.plan), wasUsed: () => this.lease.wasUsed });
		try {
			let leg = course.next();
			while (leg.done !== true) {
				const { requestId, begins } = leg.value;
				if (requestId !== this.plan.requestId) this.plan = { ...this.plan, requestId };
				leg = course.next(await this.send(begins, route));
			}
			return leg.value;
		} finally {
			course.return(UNKNOWN_BEFORE);
		}
	}

	/** Sends one request, and reads what came: secrets that an answer repeats are masked. */
	private async send(known: Delivery['known'], route: CredentialRoute): Promise<Outcome> {
		const { plan, lease } = this;
		const delivery = this.delivery(known, route);
		const came = await deliver(delivery, this.shared.wire, lease);
		try {
			this.differs = came.is !== 'failure' && came.from === 'answer' && !z.safeParse(plan.method.answer, came.answer).success;
			return withoutSecrets(came, plan);
		} catch (error) {
			return unreadable(plan, error);
		}
	}

	private delivery(known: Delivery['known'], route: CredentialRoute): Delivery {
		const { method, requestId, settings, bytes } = this.plan;
		return {
			itemIndex: this.item.index,
			route,
			path: method.path,
			answers: method.answers,
			known,
			isEvent: requestId?.source === 'event',
			requestId: requestId?.id,
			about: aboutOf(this.plan),
			bytes: () => bytes(method.is === 'read' && method.requestId === 'fresh' ? freshRequestId() : requestId?.id),
			timeoutMs: settings.requestTimeoutSeconds * 1000,
			maxWaitMs: settings.waitForCompletion ? settings.maxWaitSeconds * 1000 : 0,
		};
	}
}
