import type { INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

import { deliver, type Intent } from '../delivery/deliver';
import { timeOf } from '../delivery/judge';
import type { Outcome } from '../delivery/protocol';
import type { Lease } from '../delivery/slots';
import type { Closed, Wire } from '../delivery/wire';
import { isRefusal, type Plan, type Refusal } from '../input/plan';
import { freshRequestId } from '../input/requestIds';
import { idsOf } from '../methods/define';
import { Account } from '../output/account';
import { describeDefect, describeFailure, type Told } from '../output/failures';
import { answerItems, dryRunItem, errorItem, sentIds } from '../output/items';
import { atItem } from '../output/words';
import type { Breather } from './breather';
import { commandOf, knownOf, learntFrom, nameOf, settledBy, unreadable, withoutSecrets, type Command } from './commands';
import { isUnusable, type CredentialRoute, type Credentials } from './credentials';
import type { CommandKey, Learnt, Memory } from './memory';

/** How old an outcome that was taken over has to be for the user to be told. */
const LONG_BEFORE_MS = 60 * 60 * 1000;

/** What the items of a run have in common. */
export interface Shared {
	wire: Wire;
	credentials: Credentials;
	memory: Memory;
	/** Whether failed items are items, instead of the end of the run. */
	goesOn: boolean;
	/** Whether an AI agent runs the node as its tool. */
	isTool: boolean;
	breather: Breather;
	/** The request ids that several items share. */
	repeated: ReadonlySet<string>;
}

function textIn(ids: Readonly<Record<string, unknown>>, key: string): string | undefined {
	const id = ids[key];
	return typeof id === 'string' ? id : undefined;
}

/** Says why an item is not started. */
function notStarted(closed: Closed): Pick<Told, 'message' | 'description'> {
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

/**
 * The items of one run on their way: delivers them side by side, and keeps what each came to in the order of the input.
 */
export class Batch {
	/** The first item that failed, when a failure ends the run; with the error, if it was a defect of this package. */
	stoppedBy: { told: Told; plan: Plan; itemIndex: number; defect?: Error } | undefined;

	readonly account = new Account();

	/** How many items came in. */
	count = 0;

	private readonly results: INodeExecutionData[][] = [];

	private readonly remarks = new Set<string>();

	private readonly startedAt: number;

	constructor(private readonly shared: Shared) {
		this.startedAt = shared.wire.clock.wallClock();
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
	 * @param planned is emptied on the way: a plan is kept until its item ends, and no longer
	 */
	async run(planned: Array<Plan | Refusal | undefined>): Promise<void> {
		const { wire, breather } = this.shared;
		this.count = planned.length;
		const running = new Set<Promise<void>>();
		for (const [itemIndex, plan] of planned.entries()) {
			if (plan === undefined) continue;
			planned[itemIndex] = undefined;
			const pause = breather.breathe();
			if (pause !== undefined) await pause;
			if (isRefusal(plan)) {
				this.account.countNotSent();
				this.results[itemIndex] = [errorItem(atItem(plan.message, itemIndex, planned.length), { outcome: 'not sent', ...plan.facts }, plan.description, itemIndex)];
				continue;
			}
			const lease = wire.lease();
			if (wire.whyClosed() === undefined) await lease.hold('new');
			const end = () => {
				if (lease.wasUsed) breather.heard();
				lease.release();
				running.delete(item);
			};
			const item: Promise<void> = this.attend(plan, itemIndex, lease).then(end, (error: unknown) => {
				this.breakOff(plan, error, itemIndex, lease);
				end();
			});
			running.add(item);
		}
		await Promise.all(running);
	}

	private async attend(plan: Plan, itemIndex: number, lease: Lease): Promise<void> {
		const { wire, credentials, isTool } = this.shared;
		const name = nameOf(plan, isTool ? undefined : { itemIndex });
		const isOver = wire.whyClosed();
		if (isOver !== undefined) return await this.skip(plan, { name, partner: undefined }, notStarted(isOver), itemIndex, lease);
		const route = await credentials.routeFor(itemIndex);
		if (isUnusable(route)) return await this.skip(plan, { name, partner: undefined }, route, itemIndex, lease);
		if (route.hint !== '') this.remarks.add(`FreedomPay API credential:${route.hint} If that is not meant, type it again without.`);
		for (const hint of plan.hints) this.remarks.add(hint);
		if (plan.settings.dryRun) {
			this.results[itemIndex] = [dryRunItem(plan, route.origin, itemIndex)];
			return;
		}
		const command = name === undefined ? undefined : commandOf(name, plan, route, isTool);
		await wire.passHold(route, lease);
		const isBarred = wire.whyClosed(route);
		if (isBarred !== undefined) return await this.skip(plan, { name, partner: command?.partner }, notStarted(isBarred), itemIndex, lease);
		this.finish(plan, route.hint, await this.outcomeOf(plan, command, route, itemIndex, lease), itemIndex);
	}

	private outcomeOf(plan: Plan, command: Command | undefined, route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Outcome> {
		if (command === undefined) return this.send(plan, undefined, route, itemIndex, lease);
		const flying = this.takeOver(command, lease);
		if (flying !== undefined) return flying;
		const { memory, repeated } = this.shared;
		const isRepeated = plan.requestId !== undefined && repeated.has(plan.requestId.id);
		return memory.fly(command, isRepeated, () => this.carryOut(plan, command, route, itemIndex, lease));
	}

	/** Sends a command, as far as what an earlier try learnt of it lets it, and notes what becomes of it. */
	private async carryOut(plan: Plan, command: Command, route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Outcome> {
		const { memory } = this.shared;
		const learnt = memory.recall(command);
		const settled = settledBy(learnt, plan, command);
		if (settled !== undefined) return settled;
		// Before it goes out: whatever happens then, it is not repeated.
		if (plan.requestId === undefined) memory.note(command, { is: 'sent' });
		let came: Outcome | undefined;
		try {
			came = await this.send(plan, learnt, route, itemIndex, lease);
			return came;
		} finally {
			const afterDefect: Learnt | undefined = lease.wasUsed ? { is: 'sent' } : learnt;
			memory.note(command, came === undefined ? afterDefect : learntFrom(came, plan, command));
		}
	}

	private async send(plan: Plan, learnt: Learnt | undefined, route: CredentialRoute, itemIndex: number, lease: Lease): Promise<Outcome> {
		const came = await deliver(this.intentOf(plan, route, learnt, itemIndex), this.shared.wire, lease);
		try {
			this.compare(plan, came);
			return withoutSecrets(came, plan);
		} catch (error) {
			return unreadable(plan, error);
		}
	}

	/** The outcome of the same command elsewhere, if it is under way or delivered. */
	private takeOver(command: CommandKey, lease: Lease): Promise<Outcome> | undefined {
		const flight = this.shared.memory.flightOf(command);
		if (flight === undefined) return undefined;
		lease.release();
		return flight.then((outcome) => (outcome.from === 'another' ? outcome : { ...outcome, from: 'earlier' }));
	}

	private intentOf(plan: Plan, route: CredentialRoute, learnt: Learnt | undefined, itemIndex: number): Intent {
		const { method, body, requestId, settings } = plan;
		const ids = idsOf(method, body);
		return {
			itemIndex,
			route,
			path: method.path,
			answers: method.answers,
			known: knownOf(learnt, plan),
			isEvent: requestId?.source === 'event',
			requestId: requestId?.id,
			about: { card: textIn(ids, 'card_id'), client: textIn(ids, 'client_id'), transaction: textIn(ids, 'transaction_id') },
			bytes: () => plan.bytes(method.requestId === 'fresh' ? freshRequestId() : requestId?.id),
			timeoutMs: settings.requestTimeoutSeconds * 1000,
			maxWaitMs: settings.waitForCompletion ? settings.maxWaitSeconds * 1000 : 0,
		};
	}

	private finish(plan: Plan, keyHint: string, outcome: Outcome, itemIndex: number): void {
		if (outcome.from === 'earlier') this.remarkOnAge(outcome);
		if (outcome.is === 'failure') this.fail(describeFailure(outcome, plan, keyHint), plan, itemIndex);
		else this.results[itemIndex] = this.shown(plan, outcome, itemIndex);
		this.account.count(outcome, plan, itemIndex);
	}

	private shown(plan: Plan, { answer, from }: Exclude<Outcome, { is: 'failure' }>, itemIndex: number): INodeExecutionData[] {
		const items = answerItems(plan, answer, from !== 'answer', itemIndex);
		if (items.length === 0) this.remarks.add(`FreedomPay's answer to ${plan.method.name} has no entries${this.count === 1 ? '' : ' for some of the items'}.`);
		return items;
	}

	/** Ends an item that is not started: with what is known of its command, or as not sent. */
	private async skip(
		plan: Plan,
		{ name, partner }: { name: string | undefined; partner: string | undefined },
		{ message, description }: Pick<Told, 'message' | 'description'>,
		itemIndex: number,
		lease: Lease,
	): Promise<void> {
		if (name !== undefined) {
			const command = { name, partner };
			const known = (await this.takeOver(command, lease)) ?? settledBy(this.shared.memory.recall(command), plan, undefined);
			if (known !== undefined) {
				this.finish(plan, '', known, itemIndex);
				return;
			}
		}
		this.account.countNotSent();
		this.fail({ message, description, facts: { outcome: 'not sent', ...sentIds(plan) }, httpCode: undefined }, plan, itemIndex);
	}

	/** Lets no further request out after a defect; those on their way finish before it is told. */
	private breakOff(plan: Plan, error: unknown, itemIndex: number, { wasUsed }: Lease): void {
		this.shared.wire.close('defect');
		const told = describeDefect(error, plan, wasUsed);
		this.account.countDefect(plan, told.facts.outcome === 'unknown', itemIndex);
		this.fail(told, plan, itemIndex, error instanceof Error ? error : new Error(String(error)));
	}

	private fail(told: Told, plan: Plan, itemIndex: number, defect?: Error): void {
		const { goesOn, wire } = this.shared;
		this.results[itemIndex] = [errorItem(told.message, told.facts, told.description, itemIndex)];
		if (goesOn) return;
		this.stoppedBy ??= { told, plan, itemIndex, ...(defect !== undefined && { defect }) };
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
}
