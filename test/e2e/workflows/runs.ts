import type { StoredExecution } from '../../n8n/host.ts';
import { executionsOf, type ListedExecution } from '../executions.ts';
import { manualRuns } from '../manualRuns.ts';
import type { Playground } from '../playground.ts';
import { until } from '../until.ts';
import { CRM_KEY, sendTo, type WebhookAnswer } from '../webhooks.ts';

/** n8n looks once in a minute for executions that have waited long enough. */

/** Also one that waits for a form, and runs on, has a time at which it stopped. */
const OVER = ['success', 'error', 'crashed', 'canceled'];

/** What something that was done is about, by the API's names. */
export type Target = Readonly<Record<string, unknown>>;

/** What the webhook of an example workflow answers; a field that is not there fails the comparison. */
export interface Answer {
	outcome: string;
	try_again: string;
	card_id: string;
	client_id: string;
	request_id: string;
	/** Where it went wrong. */
	step: string;
	error: string;
	next_step: string;
}

/** What the tests of an example workflow ask of n8n and the sandbox. */
export interface ExampleRuns {
	/** Its executions, newest first. */
	executions: () => Promise<ListedExecution[]>;
	/** Takes note of what there is before something is run. */
	begin: () => Promise<void>;
	/** The latest execution since `begin`, when it has ended: n8n answers a webhook before. */
	last: () => Promise<StoredExecution>;
	/** Does what the editor's button does, with the sample event that is pinned on the trigger of that name. */
	byHand: (trigger: string) => Promise<StoredExecution>;
	/**
	 * Sends a request to a published webhook, as the CRM does: JSON or a form, with other headers instead of the key that the webhook
	 * asks for.
	 */
	deliver: <Body = Answer>(path: string, body: object, headers?: Record<string, string>) => Promise<WebhookAnswer<Body>>;
	/** What the sandbox's commands have done: the end of each path, and whom it was about. */
	effects: () => Promise<Array<[path: string, target: Target]>>;
	/** How often something was done to a card. */
	effectsOn: (card: string) => Promise<number>;
}

/** What there is to ask about an example workflow. */
export function runsOf({ host, sandbox }: Pick<Playground, 'host' | 'sandbox'>, workflowId: string): ExampleRuns {
	const executions = async (): Promise<ListedExecution[]> => await executionsOf(host, workflowId);

	const effects = async () => (await sandbox.ledger()).map(({ path, target }): [string, Target] => [path.split('/').slice(-2).join('/'), target]);

	const newestId = async () => Math.max(0, ...(await executions()).map(({ id }) => Number(id)));

	/** The newest execution before what is asked about now: one that has just begun need not be in the list yet. */
	let before = 0;

	async function last(): Promise<StoredExecution> {
		let latest: ListedExecution | undefined;
		const ask = async () => {
			[latest] = await executions();
			return latest !== undefined && Number(latest.id) > before && OVER.includes(latest.status) ? latest.id : undefined;
		};
		const what = () => `the end of an execution of ${workflowId} after ${before}, where ${latest?.id} is ${latest?.status}`;
		return await host.readExecution(await until(ask, what));
	}

	async function begin(): Promise<void> {
		before = await newestId();
	}

	return {
		executions,
		last,
		begin,
		byHand: async (trigger) => await manualRuns(host).run(workflowId, trigger),
		async deliver<Body>(path: string, body: object, headers = CRM_KEY) {
			await begin();
			return await sendTo<Body>(new URL(`/webhook/${path}`, host.url), body, { headers });
		},
		effects,
		effectsOn: async (card) => (await effects()).filter(([, { card_id }]) => card_id === card).length,
	};
}
