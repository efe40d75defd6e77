import type { INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

import { deliver, type Intent as Delivery } from '../delivery/deliver';
import { timeOf, type About } from '../delivery/judge';
import type { Outcome } from '../delivery/protocol';
import type { Lease } from '../delivery/slots';
import type { Closed, Wire } from '../delivery/wire';
import type { Draft, Plan, Refusal, RunsAgain } from '../input/plan';
import type { Beginning } from '../intent/beginnings';
import { keyOf } from '../intent/command';
import type { Intent, Start } from '../intent/intents';
import { courseOf, toldOf, UNKNOWN_BEFORE } from '../intent/learning';
import type { Learnt, Parent, Place, Records } from '../intent/records';
import { freshRequestId, type Origin, type RequestId } from '../intent/requestIds';
import { holdsSecret, idsOf } from '../methods/define';
import { namedSubjects } from '../methods/subjects';
import type { CauseWord } from '../methods/refusals';
import { Account } from '../output/account';
import { describeDefect, describeFailure, describeOpen, type Told } from '../output/failures';
import { answerItems, dryRunItem, errorItem, openItem, sentIds, withOtherFields } from '../output/items';
import { refusalOf } from '../output/objections';
import { causeOfClosing, type DoneOutcome } from '../output/outcomes';
import { atItem } from '../output/words';
import { askedBy, maskerOf, unreadable, withoutSecrets } from './asked';
import type { Breather } from './breather';
import { isUnusable, type CredentialRoute, type Unusable } from './credentials';

/** How old an outcome that was taken over has to be for the user to be told. */
const LONG_BEFORE_MS = 60 * 60 * 1000;

/** An item on its way: what it asks for, and all that is known of it before it goes out. */
export interface Work {
	draft: Draft;
	route: CredentialRoute | Unusable;
	/** Which command it is; undefined for a read, and where nobody knows who would send it. */
	start: Start | undefined;
	place: Place;
	parent: Parent | undefined;
}

/** What makes an expression come out anew each time. */
const ANEW_EACH_TIME = /^=[^]*(?:\$now|\$today|DateTime\.|new Date|Date\.now|Math\.random)/;

/** What the items of a run have in common. */
export interface Shared {
	wire: Wire;
	records: Records;
	/** Where in n8n the run is. */
	origin: Origin;
	executionId: string;
	/** Whether failed items are items, instead of the end of the run. */
	goesOn: boolean;
	/** The items that came in. */
	inputs: readonly INodeExecutionData[];
	isTool: boolean;
	/** For a tool of an AI agent: the commands that its calls have on their way. */
	flights: Map<string, Promise<Outcome>> | undefined;
	breather: Breather;
	account: Account;
	runsAgain: RunsAgain;
}

/** Whether it has to be done for its item to be a success. What a read tells of another's progress is what it was asked for. */
function isWaitedFor({ method, settings }: Plan): boolean {
	return method.is === 'oneTimeCommand' || (method.is === 'command' && settings.waitForCompletion);
}

/** Whether it is an earlier request's outcome. What the execution sent itself, in an earlier try, is its own. */
function isAnEarlierOnes({ start }: Work, { from }: Outcome): boolean {
	const isOwn = start?.is !== 'follow' && (start?.is !== 'intent' || OWN.includes(start.begins));
	return from === 'earlier' && !isOwn;
}

/** What a command came to, in the item's word. */
function doneOf(work: Work, outcome: Exclude<Outcome, { is: 'failure' }>): DoneOutcome {
	if (outcome.is === 'processing') return 'processing';
	return isAnEarlierOnes(work, outcome) ? 'done_before' : 'done';
}

/** What a command begins with that this execution sent before. */
const OWN: readonly Beginning[] = ['tell', 'inDoubt', 'accepted'];

/** Whom a request is about, as far as an answer may name it. */
function aboutOf({ method, body }: Draft): About {
	const ids = idsOf(method, body);
	return Object.fromEntries(namedSubjects.flatMap(({ name, key }) => (typeof ids[key] === 'string' ? [[name, ids[key]]] : [])));
}

type Words = Pick<Told, 'message' | 'description'> & { cause: CauseWord };

/** Says why an item is not started. */
function notStarted(closed: Closed): Words {
	return { ...whyNotStarted(closed), cause: causeOfClosing(closed) };
}

function whyNotStarted(closed: Closed): Pick<Told, 'message' | 'description'> {
	const rerun = 'Run it again for the items that were not sent.';
	switch (closed.by) {
		case 'cancel':
			return { message: 'Not sent: the execution was canceled', description: rerun };
		case 'failure':
			return { message: 'Not sent: an earlier item failed', description: rerun };
		case 'defect':
			return { message: 'Not sent: the node stopped after an error of its own', description: rerun };
		case 'credential':
			return {
				message: `Not sent: FreedomPay refused the credential (HTTP ${closed.httpStatus}), first for item ${closed.itemIndex}`,
				description: 'Correct the FreedomPay API credential and run it again.',
			};
		case 'host':
			return {
				message: `Not sent: FreedomPay's host, or something before it, turned requests away (HTTP ${closed.httpStatus}), first for item ${closed.itemIndex}`,
				description: 'Check the Environment and Base URL of the FreedomPay API credential and what stands between n8n and FreedomPay, and run it again.',
			};
	}
}

/** An item that ends the run; with the error, if it was a defect of this package. */
export interface Stop {
	told: Told;
	plan: Plan;
	itemIndex: number;
	defect?: Error;
}

/** A command on its way, for the items that take its outcome over; undefined when it did not get that far. */
class Lead {
	readonly came: Promise<Delivered | undefined>;

	end!: (came: Delivered | undefined) => void;

	constructor() {
		this.came = new Promise((resolve) => (this.end = resolve));
	}
}

/** What a command came to, and the plan under which it went out at last. */
interface Delivered {
	plan: Plan;
	outcome: Outcome;
}

/**
 * The items of one run on their way: delivers them side by side, and keeps what each came to in the order of the input.
 */
export class Batch {
	/** The first item that failed, when a failure ends the run. */
	private stop: Stop | undefined;

	/** The first command that FreedomPay had not finished: it ends the run when all have ended. */
	private open: Stop | undefined;

	/** How many items came in. */
	count = 0;

	private readonly results: INodeExecutionData[][] = [];

	private readonly remarks = new Set<string>();

	private readonly startedAt: number;

	/** The commands whose outcome other items take over, by item. */
	private readonly leads = new Map<number, Lead>();

	constructor(private readonly shared: Shared) {
		this.startedAt = shared.wire.clock.wallClock();
	}

	/** What ends the execution, if anything does. */
	get stoppedBy(): Stop | undefined {
		return this.stop ?? this.open;
	}

	get account(): Account {
		return this.shared.account;
	}

	/** The items that came out, one or more per item in, in the order of the input. */
	get items(): INodeExecutionData[] {
		return this.results.flat();
	}

	/** What the user should know of the answers. */
	get hints(): NodeExecutionHint[] {
		const open = this.stoppedBy === undefined ? this.account.openWords : undefined;
		return [...this.remarks, ...(open === undefined ? [] : [open])].map((message) => ({ message, location: 'outputPane' }));
	}

	/**
	 * Runs all items to their end. Does not throw: see `stoppedBy`.
	 * @param works is emptied on the way: a work is kept until its item ends, and no longer
	 */
	async run(works: Array<Work | Refusal | undefined>): Promise<void> {
		const { wire, breather } = this.shared;
		this.count = works.length;
		this.remarkOnAskedTwice(works);
		for (const work of works) {
			if (work !== undefined && !('message' in work) && work.start?.is === 'follow') this.leads.set(work.start.leader, new Lead());
		}
		const running = new Set<Promise<void>>();
		for (const [itemIndex, work] of works.entries()) {
			if (work === undefined) continue;
			works[itemIndex] = undefined;
			const pause = breather.breathe();
			if (pause !== undefined) await pause;
			if ('message' in work) {
				this.refuse(work, itemIndex);
				continue;
			}
			const lease = wire.lease();
			if (wire.whyClosed() === undefined) await lease.hold('new');
			const end = () => {
				if (lease.wasUsed) breather.heard();
				lease.release();
				this.leads.get(itemIndex)?.end(undefined);
				running.delete(item);
			};
			const item: Promise<void> = this.attend(work, itemIndex, lease).then(end, (error: unknown) => {
				this.breakOff(work, error, itemIndex, lease);
				end();
			});
			running.add(item);
		}
		await Promise.all(running);
	}

	private async attend(work: Work, itemIndex: number, lease: Lease): Promise<void> {
		const { wire } = this.shared;
		const { draft, route, start } = work;
		const plan = this.planOf(work, start?.is === 'intent' ? start.requestId : undefined);
		const isOver = wire.whyClosed();
		if (isOver !== undefined) return this.skip(plan, work, notStarted(isOver), itemIndex);
		if (isUnusable(route)) return this.skip(plan, work, { ...route, cause: 'credential' }, itemIndex);
		if (route.hint !== '') this.remarks.add(`FreedomPay API credential:${route.hint} If that is not meant, type it again without.`);
		for (const hint of draft.hints) this.remarks.add(hint);
		if (start?.is === 'objection') {
			this.refuse(refusalOf(start.objection, draft), itemIndex);
			return;
		}
		if (draft.settings.dryRun) {
			this.results[itemIndex] = this.along(plan, [dryRunItem(plan, route.origin, itemIndex)], itemIndex);
			return;
		}
		if (start?.is === 'follow') {
			await this.follow(work, start.leader, itemIndex, lease);
			return;
		}
		await wire.passHold(route, lease);
		const isBarred = wire.whyClosed(route);
		if (isBarred !== undefined) return this.skip(plan, work, notStarted(isBarred), itemIndex);
		if (start === undefined) {
			this.finish(work, plan, await this.send(plan, 'read', route, itemIndex, lease), itemIndex);
			return;
		}
		this.remarkOnIntent(start, draft);
		const { plan: sent, outcome } = await this.fly(plan, start, route, itemIndex, lease);
		this.finish(work, sent, outcome, itemIndex);
	}

	/** Waits for the same command of another item, and takes its outcome over. */
	private async follow(work: Work, leader: number, itemIndex: number, lease: Lease): Promise<void> {
		lease.release();
		const came = await this.leads.get(leader)?.came;
		if (came === undefined) {
			const description = 'Run it again once that item can be sent.';
			this.skip(this.planOf(work, undefined), work, { message: `Not sent: it is the same command as that of item ${leader}, which was not sent`, description, cause: 'other' }, itemIndex);
			return;
		}
		const { outcome } = came;
		this.finish(work, this.planOf(work, came.plan.requestId), outcome.from === 'another' ? outcome : { ...outcome, from: 'earlier' }, itemIndex);
	}

	/** Sends a command; of a tool, unless a parallel call has the same one on its way. */
	private async fly(plan: Plan, intent: Intent, route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Delivered> {
		const { flights } = this.shared;
		if (flights === undefined) return await this.carryOut(plan, intent, route, itemIndex, lease);
		const name = `${intent.key.what} ${intent.key.who} ${intent.key.secret}`;
		const flying = flights.get(name);
		if (flying !== undefined) {
			lease.release();
			return { plan, outcome: { ...(await flying), from: 'earlier' } };
		}
		const flight = this.carryOut(plan, intent, route, itemIndex, lease);
		const outcome = flight.then((came) => came.outcome);
		flights.set(name, outcome);
		const land = () => flights.delete(name);
		outcome.then(land, land);
		return await flight;
	}

	/** Sends a command, as far as what an earlier try learnt of it lets it, and notes what becomes of it. */
	private async carryOut(plan: Plan, intent: Intent, route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Delivered> {
		const { records, executionId, origin } = this.shared;
		const mask = maskerOf(plan);
		const course = courseOf(intent, { records, executionId, origin, mask, wasUsed: () => lease.wasUsed });
		let sent = plan;
		try {
			let leg = course.next();
			while (leg.done !== true) {
				const { requestId, begins } = leg.value;
				sent = requestId === plan.requestId ? plan : { ...plan, requestId };
				leg = course.next(await this.send(sent, begins, route, itemIndex, lease));
			}
			return { plan: sent, outcome: leg.value };
		} finally {
			course.return(UNKNOWN_BEFORE);
		}
	}

	/** Sends one request, and reads what came: secrets that an answer repeats are masked. */
	private async send(plan: Plan, known: Delivery['known'], route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Outcome> {
		const came = await deliver(this.deliveryOf(plan, known, route, itemIndex), this.shared.wire, lease);
		try {
			this.compare(plan, came);
			return withoutSecrets(came, plan);
		} catch (error) {
			return unreadable(plan, error);
		}
	}

	private deliveryOf(plan: Plan, known: Delivery['known'], route: CredentialRoute, itemIndex: number): Delivery {
		const { method, requestId, settings } = plan;
		return {
			itemIndex,
			route,
			path: method.path,
			answers: method.answers,
			known,
			isEvent: requestId?.source === 'event',
			requestId: requestId?.id,
			about: aboutOf(plan),
			bytes: () => plan.bytes(method.is === 'read' && method.requestId === 'fresh' ? freshRequestId() : requestId?.id),
			timeoutMs: settings.requestTimeoutSeconds * 1000,
			maxWaitMs: settings.waitForCompletion ? settings.maxWaitSeconds * 1000 : 0,
		};
	}

	private planOf({ draft }: Work, requestId: RequestId | undefined): Plan {
		return { ...draft, requestId, runsAgain: this.shared.runsAgain };
	}

	private finish(work: Work, plan: Plan, outcome: Outcome, itemIndex: number): void {
		this.leads.get(itemIndex)?.end({ plan, outcome });
		if (outcome.from === 'earlier') this.remarkOnAge(outcome);
		const keyHint = isUnusable(work.route) ? '' : work.route.hint;
		if (outcome.is === 'failure') this.fail(describeFailure(outcome, plan, keyHint), plan, work, itemIndex);
		else if (outcome.is === 'processing' && isWaitedFor(plan)) {
			this.leaveOpen({ ...describeOpen(outcome.answer, plan), isEarlier: isAnEarlierOnes(work, outcome) }, plan, work, itemIndex);
		} else this.results[itemIndex] = this.shown(plan, outcome, doneOf(work, outcome), itemIndex);
		this.account.count(outcome, plan, isWaitedFor(plan), itemIndex);
	}

	/** Ends an item that FreedomPay has not finished with. It keeps no other one from starting. */
	private leaveOpen(told: Told, plan: Plan, { place, parent }: Work, itemIndex: number): void {
		const { goesOn, isTool, records } = this.shared;
		if (isTool) {
			this.results[itemIndex] = [openItem(told, itemIndex)];
			return;
		}
		records.noteParent(place, parent);
		this.results[itemIndex] = [errorItem(told, itemIndex)];
		if (!goesOn) this.open ??= { told, plan, itemIndex };
	}

	private shown(plan: Plan, { answer }: Exclude<Outcome, { is: 'failure' }>, word: DoneOutcome, itemIndex: number): INodeExecutionData[] {
		const items = answerItems(plan, answer, word, itemIndex);
		if (items.length === 0) this.remarks.add(`FreedomPay's answer to ${plan.method.name} has no entries${this.count === 1 ? '' : ' for some of the items'}.`);
		return this.along(plan, items, itemIndex);
	}

	private along({ settings }: Plan, items: INodeExecutionData[], itemIndex: number): INodeExecutionData[] {
		return settings.includeOtherFields ? withOtherFields(items, this.shared.inputs[itemIndex]) : items;
	}

	/** Ends an item that is not started: with what is known of its command, or as not sent. */
	private skip(plan: Plan, work: Work, words: Words, itemIndex: number): void {
		const known = toldOf(this.learntOf(work));
		if (known !== undefined) {
			this.finish(work, plan, known, itemIndex);
			return;
		}
		this.account.countNotSent();
		this.fail({ message: words.message, description: words.description, cause: words.cause, outcome: 'not_done', isSecretive: holdsSecret(plan.method), facts: sentIds(plan) }, plan, work, itemIndex);
	}

	private learntOf({ start, draft, place, parent }: Work): Learnt | undefined {
		if (start !== undefined) return start.is === 'intent' ? start.learnt : undefined;
		const asked = askedBy(draft);
		return asked === undefined ? undefined : this.shared.records.find(place, keyOf(asked, undefined), parent)?.learnt;
	}

	/** Ends an item whose input cannot be sent. */
	private refuse({ message, description, isUnknown, isSecretive, facts }: Refusal, itemIndex: number): void {
		this.account.countNotSent();
		const [outcome, cause] = isUnknown === true ? (['unknown', 'other'] as const) : (['not_done', 'input'] as const);
		this.results[itemIndex] = [errorItem({ message: atItem(message, itemIndex, this.count), description, outcome, cause, isSecretive, facts }, itemIndex)];
	}

	/** Lets no further request out after a defect; those on their way finish before it is told. */
	private breakOff(work: Work, error: unknown, itemIndex: number, { wasUsed }: Lease): void {
		this.shared.wire.close('defect');
		const plan = this.planOf(work, work.start?.is === 'intent' ? work.start.requestId : undefined);
		const told = describeDefect(error, plan, wasUsed);
		this.account.countDefect(plan, told.outcome === 'unknown', itemIndex);
		this.fail(told, plan, work, itemIndex, error instanceof Error ? error : new Error(String(error)));
	}

	private fail(told: Told, plan: Plan, { place, parent }: Work, itemIndex: number, defect?: Error): void {
		const { goesOn, wire, records } = this.shared;
		records.noteParent(place, parent);
		this.results[itemIndex] = [errorItem(told, itemIndex)];
		if (goesOn) return;
		this.stop ??= { told, plan, itemIndex, ...(defect !== undefined && { defect }) };
		wire.close('failure');
	}

	/** Compares an answer, as it came, with the documentation. */
	private compare({ method }: Plan, outcome: Outcome): void {
		if (outcome.is === 'failure') return;
		if (outcome.odd) {
			this.remarks.add(
				`FreedomPay answered ${method.name} with a status that its documentation does not list. Look at the output before relying on it.`,
			);
		} else if (outcome.from === 'answer' && !z.safeParse(method.answer, outcome.answer).success) {
			this.remarks.add(`FreedomPay's answer to ${method.name} differs from its documentation. It is passed on as it came.`);
		}
	}

	private remarkOnAge(outcome: Outcome): void {
		const answer = outcome.is === 'failure' ? outcome.lookup : outcome;
		const time = answer !== undefined && 'answer' in answer ? timeOf(answer.answer) : undefined;
		if (time === undefined || this.startedAt - time < LONG_BEFORE_MS) return;
		this.remarks.add(
			'Outcomes of earlier requests were taken over that are from long before this execution (see dt). If a new command was meant, give it an Event ID of its own.',
		);
	}

	private remarkOnIntent({ setAside, requestId, otherIsOpen }: Intent, { given, bodyAsTyped = '' }: Draft): void {
		if (given.is === 'event' && ANEW_EACH_TIME.test(bodyAsTyped)) {
			this.remarks.add('The Body holds an expression that comes out anew each time, such as $now. Delivered again, an event is another command then, since its body is another one, and acts again.');
		}
		if (setAside) {
			this.remarks.add(
				`This execution had sent commands before their Event ID or Request ID was changed. They went on under the request IDs that they had${requestId === undefined ? '' : `, such as ${requestId.id}`}; delivered again under the new ones, they would act again.`,
			);
		}
		if (otherIsOpen !== undefined) {
			const id = otherIsOpen.id === undefined ? '' : ` (request ID ${otherIsOpen.id})`;
			this.remarks.add(`An item was changed after its first command was sent${id}. That one may still be carried out, beside the new one.`);
		}
	}

	/** Custom requests go out as often as they are asked for: nobody can tell whether an equal one is meant. */
	private remarkOnAskedTwice(works: ReadonlyArray<Work | Refusal | undefined>): void {
		const seen = new Set<string>();
		let equal = 0;
		for (const work of works) {
			if (work === undefined || 'message' in work || work.start?.is !== 'intent' || work.draft.method.is === 'read') continue;
			if (work.draft.method.repeat !== 'asked' || work.draft.settings.dryRun) continue;
			const { what, who = '', secret } = work.start.key;
			const name = `${what} ${who} ${secret}`;
			if (seen.has(name)) equal++;
			seen.add(name);
		}
		if (equal === 0) return;
		this.remarks.add(`${equal + 1} of the custom requests are equal, and each was sent. If they are one event, give them its Event ID.`);
	}
}
