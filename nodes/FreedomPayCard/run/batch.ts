import type { INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

import { deliver, type Intent, type Outcome } from '../delivery/deliver';
import type { Lease } from '../delivery/slots';
import type { Wire } from '../delivery/wire';
import { describeFailure, type Told } from './failures';
import { answerItems, dryRunItem, errorItem, sentIds } from './output';
import { retryClassOf, type Plan } from './plan';
import { isRefusal, refusal, type Refusal } from './planning';
import { freshRequestId } from './requestIds';
import type { SentIds } from './sentIds';
import { Tally } from './tally';

/** What a batch is to do, besides its items. */
export interface BatchSettings {
	/** Whether failed items are items, instead of the end of the run. */
	goesOn: boolean;
	/** Where the requests go. */
	origin: string;
	/** A remark on the credential, for when it is refused. */
	keyHint: string;
}

/**
 * The items of one run on their way: delivers them side by side, and keeps what each came to in the
 * order of the input.
 */
export class Batch {
	/** The first item that failed, when a failure ends the run. */
	stoppedBy: { told: Told; itemIndex: number } | undefined;

	readonly tally = new Tally();

	private readonly results: INodeExecutionData[][] = [];

	private readonly remarks = new Set<string>();

	/** Items of one event share a request: the first sends it, the others take its outcome over. */
	private readonly byEvent = new Map<string, Promise<Outcome>>();

	private defect: Error | undefined;

	constructor(
		private readonly wire: Wire,
		private readonly sent: SentIds,
		private readonly settings: BatchSettings,
	) {}

	/** The items that came out, one or more per item in, in the order of the input. */
	get items(): INodeExecutionData[] {
		return this.results.flat();
	}

	/** What the user should know of the answers. */
	get hints(): NodeExecutionHint[] {
		return [...this.remarks].map((message) => ({ message, location: 'outputPane' }));
	}

	/**
	 * Runs all items to their end.
	 * @throws a defect of this package, after every request on its way has settled
	 */
	async run(planned: ReadonlyArray<Plan | Refusal>): Promise<void> {
		const running = new Set<Promise<void>>();
		for (const [itemIndex, plan] of planned.entries()) {
			if (isRefusal(plan)) {
				this.results[itemIndex] = [errorItem(plan.message, plan.details, itemIndex)];
			} else if (plan.settings.dryRun) {
				this.results[itemIndex] = [dryRunItem(plan, this.settings.origin, itemIndex)];
			} else {
				const lease = this.wire.lease();
				if (!this.wire.closed) await lease.hold('new');
				const item: Promise<void> = this.runItem(plan, itemIndex, lease).then(() => {
					lease.release();
					running.delete(item);
				});
				running.add(item);
			}
		}
		await Promise.all(running);
		if (this.defect !== undefined) throw this.defect;
	}

	private async runItem(plan: Plan, itemIndex: number, lease: Lease): Promise<void> {
		if (this.wire.closed) {
			this.skip(plan, itemIndex);
			return;
		}
		try {
			this.finish(plan, await this.outcomeOf(plan, lease), itemIndex);
		} catch (error) {
			// Let no further request out; those on their way finish before it is told.
			this.wire.closed = true;
			this.defect ??= error instanceof Error ? error : new Error(String(error));
		}
	}

	private async outcomeOf(plan: Plan, lease: Lease): Promise<Outcome> {
		const eventId = plan.requestId?.by === 'event' ? plan.requestId.id : undefined;
		if (eventId === undefined) return await deliver(this.intentOf(plan), this.wire, lease);
		const earlier = this.byEvent.get(eventId);
		if (earlier !== undefined) {
			lease.release();
			const outcome = await earlier;
			return outcome.is === 'failure' ? outcome : { ...outcome, recovered: true };
		}
		const delivery = deliver(this.intentOf(plan), this.wire, lease);
		this.byEvent.set(eventId, delivery);
		return await delivery;
	}

	private intentOf(plan: Plan): Intent {
		const { method, requestId, settings } = plan;
		const common = {
			path: method.path,
			answers: method.answers,
			retryClass: retryClassOf(method),
			timeoutMs: settings.requestTimeoutSeconds * 1000,
			maxWaitMs: settings.waitForCompletion ? settings.maxWaitSeconds * 1000 : 0,
		};
		if (method.requestId === 'fresh') {
			return { ...common, requestId: undefined, idIsOurs: false, bytes: () => plan.bytes(freshRequestId()) };
		}
		const bytes = plan.bytes(requestId?.id);
		const idIsOurs = requestId !== undefined && (requestId.by !== 'typed' || this.sent.wasSent(requestId.id, bytes));
		if (requestId?.by === 'typed') this.sent.remember(requestId.id, bytes);
		return { ...common, requestId: requestId?.id, idIsOurs, bytes: () => bytes };
	}

	private finish(plan: Plan, outcome: Outcome, itemIndex: number): void {
		this.tally.count(outcome, plan.requestId?.id);
		if (outcome.is !== 'failure') {
			this.remark(plan, outcome);
			this.results[itemIndex] = answerItems(plan, outcome.answer, outcome.recovered, itemIndex);
			return;
		}
		const told = describeFailure(outcome, plan, sentIds(plan), this.settings.keyHint);
		this.fail(told, itemIndex);
	}

	private skip(plan: Plan, itemIndex: number): void {
		this.tally.notStarted++;
		const told = this.wire.cancel?.aborted
			? refusal('Not sent: the execution was canceled', 'Run it again for the items that were not sent.', sentIds(plan))
			: refusal(
					'Not sent: FreedomPay refused the credential for an earlier item',
					'Mend the FreedomPay API credential and run it again.',
					sentIds(plan),
				);
		this.fail(told, itemIndex);
	}

	private fail(told: Told, itemIndex: number): void {
		this.results[itemIndex] = [errorItem(told.message, told.details, itemIndex)];
		if (this.settings.goesOn) return;
		this.stoppedBy ??= { told, itemIndex };
		this.wire.closed = true;
	}

	private remark({ method }: Plan, { odd, recovered, answer }: Exclude<Outcome, { is: 'failure' }>): void {
		if (odd) {
			this.remarks.add(
				`FreedomPay answered ${method.name} with a status that its documentation does not list. Look at the output before relying on it.`,
			);
		} else if (!recovered && !z.safeParse(method.answer, answer).success) {
			this.remarks.add(`FreedomPay's answer to ${method.name} differs from its documentation. It is passed on as it came.`);
		}
	}
}
