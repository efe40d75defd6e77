import type { IDataObject, INode, INodeExecutionData, INodeParameters, IPollFunctions, Workflow, WorkflowActivateMode, WorkflowExecuteMode } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import type { Clock } from '../../nodes/card-api/delivery/clock';
import { FreedomPayCardTrigger } from '../../nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node';
import { poll } from '../../nodes/FreedomPayCardTrigger/poll/poll';
import { testEvent } from '../../nodes/FreedomPayCardTrigger/poll/testEvent';
import type { Sandbox } from '../sandbox';
import { loadedEngine, readyWorkflow } from '../support/engine';

export const TRIGGER = 'When a Card Is Used';
export const TYPE = 'n8n-nodes-freedompay.freedomPayCardTrigger';

export const CARD = 'card-1007';
export const OTHER = 'card-1008';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Gives times so many ms ago on a clock, as a statement writes them. */
export const agoOn = (clock: Clock) => (ms: number): string => new Date(clock.wallClock() - ms).toISOString().replace(/\.\d+Z$/, '+00:00');

/** The trigger with another clock; everything else is the very node. */
function triggerWith(clock: Clock): FreedomPayCardTrigger {
	const node = new FreedomPayCardTrigger();
	node.poll = async function (this: IPollFunctions) {
		return this.getMode() === 'manual' ? await testEvent(this, clock) : await poll(this, clock);
	};
	return node;
}

/** How the trigger is set up. */
export interface Setup {
	/**
	 * Whether n8n's durable scheduler polls, without durable cursors: each poll has a context of its own, made of what is saved, with a
	 * shorter time; so nothing stays of a poll without news.
	 */
	isScheduled?: boolean;
	/** How long n8n takes to save what a poll gave. */
	savesAfterMs?: number;
	sandbox: Sandbox;
	clock: Clock;
	parameters: INodeParameters;
	/** Fields of the credential that differ from the sandbox's. */
	credential?: Record<string, unknown>;
	timezone?: string;
	/** Makes each poll's context of n8n another one. */
	surroundings?: (context: IPollFunctions) => IPollFunctions;
}

/** The published workflow in the memory of one process. */
interface Active {
	workflow: Workflow;
	node: INode;
	poll: (isFirst: boolean) => Promise<void>;
}

let workflows = 0;

/**
 * n8n as far as it matters to a trigger that polls: its own executor and contexts, and a model of when it saves. The static data of a
 * workflow are in memory, and saved at an emission only; a process that starts reads what was saved.
 */
export class N8n {
	/** What n8n's database has of the workflow's static data. */
	saved: IDataObject = {};

	/** The executions that the trigger started, oldest first. */
	readonly executions: INodeExecutionData[][] = [];

	/** The errors of polls, each of which is an execution that failed. */
	readonly errors: Error[] = [];

	/** All lines that n8n logged at the polls. */
	readonly logs: string[] = [];

	private readonly id = `polled-${(workflows += 1)}`;

	private active: Active | undefined;

	constructor(private setup: Setup) {}

	/** The items of all executions. */
	get items(): Array<Record<string, unknown>> {
		return this.executions.flat().map(({ json }) => json);
	}

	/** The amounts of these. */
	get amounts(): unknown[] {
		return this.items.map(({ amount }) => amount);
	}

	/** Publishes the workflow. @throws what the trigger throws, which leaves it unpublished */
	async publish(activation: WorkflowActivateMode = 'activate'): Promise<void> {
		this.active = await this.load('trigger', activation);
		const { active } = this;
		try {
			await active.poll(true);
		} catch (error) {
			this.active = undefined;
			throw error;
		}
	}

	unpublish(): void {
		this.active = undefined;
	}

	/** n8n's own start after its end, however that came. A trigger that throws now is never polled again. */
	async restart(): Promise<void> {
		await this.publish('init').catch((error: unknown) => void this.errors.push(error as Error));
	}

	/** A poll at its time; several may be under way. */
	async tick(): Promise<void> {
		if (this.active !== undefined && this.setup.isScheduled === true) this.active = await this.load('trigger', 'update');
		await this.active?.poll(false);
	}

	/** Reads what is saved for a poll of the durable scheduler, which begins when what is given is called. */
	async duePoll(): Promise<() => Promise<void>> {
		const { poll } = await this.load('trigger', 'update');
		return async () => await poll(false);
	}

	/** Lets time pass, and polls. */
	async tickAfter(ms = MINUTE): Promise<void> {
		await this.setup.clock.sleep(ms);
		await this.tick();
	}

	/** Whether the trigger is polled. */
	get isAlive(): boolean {
		return this.active !== undefined;
	}

	/** Saves the trigger with other parameters, as the editor does; they count from the next publishing on. */
	change(parameters: INodeParameters, credential = this.setup.credential): void {
		this.setup = { ...this.setup, parameters: { ...this.setup.parameters, ...parameters }, ...(credential !== undefined && { credential }) };
	}

	/** What the trigger's static data are now, in memory. */
	get memory(): IDataObject | undefined {
		return this.active?.workflow.getStaticData('node', this.active.node);
	}

	/** What the editor's Fetch Test Event gives. @throws what the trigger throws */
	async fetchTestEvent(): Promise<INodeExecutionData[][] | null> {
		const { workflow, node, context } = await this.context('manual', 'manual');
		return await (workflow.nodeTypes.getByNameAndVersion(node.type).poll as NonNullable<FreedomPayCardTrigger['poll']>).call(context);
	}

	private async load(mode: WorkflowExecuteMode, activation: WorkflowActivateMode): Promise<Active> {
		const { core, Container } = await loadedEngine();
		const { workflow, node, context, noteLogs } = await this.context(mode, activation);
		const run = Container.get(core.PollTriggerExecutor).create(workflow, node, context, () => this.active !== undefined && (this.setup.isScheduled === true || this.active.workflow === workflow));
		return {
			workflow,
			node,
			poll: async (isFirst) => {
				try {
					await run(isFirst);
				} finally {
					noteLogs();
				}
			},
		};
	}

	private async context(mode: WorkflowExecuteMode, activation: WorkflowActivateMode) {
		const { sandbox, clock, parameters, credential, timezone, isScheduled, surroundings = (context) => context } = this.setup;
		const { core, workflow, additionalData, counts } = await readyWorkflow({
			items: [],
			workflowId: this.id,
			mode,
			executionId: null,
			...(timezone !== undefined && { timezone }),
			extraNodes: { [TYPE]: triggerWith(clock) },
			credentials: [{ type: new FreedomPayApi(), data: { ...sandbox.credential, ...credential } }],
			nodes: [{ name: TRIGGER, type: TYPE, parameters: { event: 'newOperation', ...parameters } }],
			connections: {},
		});
		const node = workflow.getNode(TRIGGER);
		if (node === null) throw new Error('The trigger is missing');
		workflow.staticData = structuredClone(this.saved);
		const emit = (data: INodeExecutionData[][]): void => {
			void this.save(workflow);
			this.executions.push(data[0] ?? []);
		};
		const budget = isScheduled === true && activation === 'update' ? () => 36_000 : undefined;
		const context = surroundings(new core.PollContext(workflow, node, additionalData, mode, activation, emit, (error) => void this.errors.push(error), undefined, undefined, undefined, budget) as IPollFunctions);
		let noted = 0;
		const noteLogs = (): void => {
			const { logs } = counts();
			this.logs.push(...logs.slice(noted));
			noted = logs.length;
		};
		return { workflow, node, context, noteLogs };
	}

	private async save(workflow: Workflow): Promise<void> {
		const { clock, savesAfterMs } = this.setup;
		if (savesAfterMs !== undefined) await clock.sleep(savesAfterMs);
		this.saved = JSON.parse(JSON.stringify(workflow.staticData)) as IDataObject;
	}
}
