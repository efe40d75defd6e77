/*
 * The FreedomPay Card Trigger in a real n8n: what is booked in the sandbox is what the workflow is started with, each once, whatever happens
 * to the network and to n8n.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { Booking } from '../sandbox/index.ts';
import type { N8nSettings, StoredExecution } from '../n8n/host.ts';
import { WHOLE_TEST } from '../n8n/patience.ts';
import { wholeExecutionsOf } from './executions.ts';
import { storeCredential } from './itemRuns.ts';
import { itemsOf } from './items.ts';
import { inARow, node, noOp, placed, to, type Workflow, type WorkflowNode } from './nodes.ts';
import { startPlayground, type Playground } from './playground.ts';
import { relayTo, type Relay } from './relay.ts';
import { storedWorkflows, type StoredWorkflows } from './storedWorkflows.ts';
import { EVERY_MS, OPERATION, watchingWorkflow } from './triggerWorkflow.ts';
import { until } from './until.ts';

const STATEMENT = 'card/statement';

/** An operation as it comes out. */
interface Told {
	card_id: string;
	rrn: string;
	datetime: string;
	amount: number;
	error?: unknown;
}

/** What an operation is known by. */
const nameOf = ({ card_id, rrn = '', datetime = '', amount = 0 }: Pick<Booking, 'card_id' | 'rrn' | 'datetime' | 'amount'>): string => [card_id, rrn, Date.parse(datetime), amount].join(' ');

suite('the trigger in a real n8n', () => {
	let playground: Playground;
	let workflows: StoredWorkflows;
	let relay: Relay;
	let behindRelay: Awaited<ReturnType<typeof storeCredential>>;

	before(async () => {
		playground = await startPlayground('trigger', { acceptUnknown: true });
		workflows = storedWorkflows(playground);
		relay = await relayTo(Number(new URL(playground.sandbox.url).port));
		behindRelay = await storeCredential(playground.host, { ...playground.sandbox.credential, baseUrl: relay.url });
	});
	after(async () => {
		await relay?.cut();
		await playground?.stop();
	});

	const watching = (id: string, cardIds: readonly string[]): Workflow => watchingWorkflow(id, cardIds, behindRelay);

	/** What the executions of a workflow were started with, and the messages of those that failed. */
	async function toldBy(workflowId: string): Promise<{ told: Told[]; errors: string[] }> {
		const executions = await wholeExecutionsOf(playground.host, workflowId);
		return {
			told: executions.flatMap((execution) => itemsOf<Told>(execution, OPERATION)),
			errors: executions.flatMap(({ data }) => (data.resultData.error === undefined ? [] : [data.resultData.error.message])),
		};
	}

	/** The executions of a workflow that have an operation, by its RRN. */
	async function executionsWith(workflowId: string, rrn: string): Promise<StoredExecution[]> {
		return (await wholeExecutionsOf(playground.host, workflowId)).filter(({ data }) => JSON.stringify(data).includes(rrn));
	}

	/** Polls since a moment: how many requests came for the card that is asked about first. */
	async function polls(cardId: string): Promise<number> {
		return (await playground.sandbox.journal()).filter(({ path, body }) => path.endsWith(STATEMENT) && body.card_id === cardId).length;
	}

	async function untilPolled(cardId: string, times = 2): Promise<void> {
		const soFar = await polls(cardId);
		await until(async () => ((await polls(cardId)) >= soFar + times ? true : undefined), () => `${times} more polls of ${cardId}`);
	}

	async function untilTold(workflowId: string, count: number): Promise<Told[]> {
		let last: Told[] = [];
		const ask = async () => ((last = (await toldBy(workflowId)).told).length >= count ? last : undefined);
		return await until(ask, () => `${count} operations, not ${last.length}`);
	}

	const booked: Required<Pick<Booking, 'card_id' | 'rrn' | 'datetime' | 'amount'>>[] = [];
	let numbers = 0;

	/** Books operations, each with a number of its own unless it is to equal another one. */
	async function book(...operations: ReadonlyArray<{ card_id: string; ago?: number; equal?: { rrn: string; datetime: string; amount: number } }>): Promise<void> {
		const bookings = operations.map(({ card_id, ago = 0, equal }) => {
			numbers += 1;
			return { card_id, rrn: `rrn-${numbers}`, datetime: new Date(Math.floor((Date.now() - ago) / 1000) * 1000).toISOString(), amount: 100 + numbers, ...equal };
		});
		await playground.sandbox.book(...bookings);
		booked.push(...bookings);
	}

	test('30 polls over 20 cards, with a bad network at publishing, at n8n\'s start and in between: each operation comes out once', WHOLE_TEST, async () => {
		const id = 'watchTwenty';
		const cards = Array.from({ length: 20 }, (_, index) => `watched-${index + 1}`);
		const [first = ''] = cards;
		booked.length = 0;

		// Nothing listens there yet.
		const published = Date.now();
		await workflows.publish(watching(id, cards));
		await relay.open();
		await book(...cards.map((card_id) => ({ card_id })));
		await untilTold(id, cards.length);

		const since = () => Math.max(0, Date.now() - published - 1_000);
		const { sandbox } = playground;
		const faults = [
			() => sandbox.misbehave({ path: STATEMENT, kind: 'rateLimit', retryAfter: 1, times: 5 }),
			() => sandbox.misbehave({ path: STATEMENT, kind: 'http500Before', times: 30 }),
			() => sandbox.misbehave({ path: STATEMENT, kind: 'truncatedAfter', times: 20 }),
			() => sandbox.misbehave({ path: STATEMENT, kind: 'dropAfter', times: 10 }, { path: STATEMENT, kind: 'html200After', times: 5 }),
			async () => {
				await relay.cut();
				await delay(2 * EVERY_MS);
				await relay.open();
			},
		];
		for (let round = 0; round < 22; round++) {
			const card = (offset: number) => cards[(round * 3 + offset) % cards.length] ?? '';
			await book({ card_id: card(0) }, { card_id: card(1), ago: since() / 2 }, { card_id: card(2), ago: since() });
			const twin = booked.at(-3);
			if (round % 3 === 0 && twin !== undefined) await book({ card_id: twin.card_id, equal: twin });
			if (round % 2 === 1) await faults[((round - 1) / 2) % faults.length]?.();
			if (round === 7) {
				await relay.cut();
				await playground.restart();
				await playground.host.untilLive(id);
				await delay(EVERY_MS);
				await relay.open();
			}
			await delay(EVERY_MS);
		}
		await sandbox.behave();
		await untilTold(id, booked.length);
		await untilPolled(first, 3);

		const { told, errors } = await toldBy(id);
		assert.deepEqual(told.map(nameOf).sort(), booked.map(nameOf).sort());
		for (const message of errors) assert.match(message, /cards could not be read/);
		assert.ok((await polls(first)) >= 30, `only ${await polls(first)} polls`);
	});

	test('renamed, duplicated or imported, it begins anew', WHOLE_TEST, async () => {
		const { rest } = playground.host;
		const id = 'beginsAnew';
		const card_id = 'renamed-1';
		const workflow = watching(id, [card_id]);
		await relay.open();
		await workflows.publish(workflow);
		await book({ card_id });
		const [first] = await untilTold(id, 1);

		await rest.request('POST', `/workflows/${id}/deactivate`);
		await book({ card_id });
		// A statement tells whole seconds: what was in the second of the publishing is told.
		await delay(EVERY_MS);
		const [trigger, ...others] = workflow.nodes;
		await workflows.change({ ...workflow, nodes: [{ ...trigger, name: 'Renamed' } as WorkflowNode, ...others], connections: { Renamed: to(OPERATION) } });
		// What n8n's editor and import make of it is another workflow with the same nodes.
		const { name, nodes, connections, settings } = await rest.request<Workflow>('GET', `/workflows/${id}`);
		const copy = await rest.request<{ id: string }>('POST', '/workflows', { name: `${name} copy`, nodes, connections, settings, active: false });
		await playground.host.publish(id);
		await playground.host.publish(copy.id);
		await untilPolled(card_id, 4);
		await book({ card_id });
		const rrn = booked.at(-1)?.rrn;
		await untilTold(id, 2);
		await untilTold(copy.id, 1);
		assert.deepEqual([(await toldBy(id)).told.map((told) => told.rrn).sort(), (await toldBy(copy.id)).told.map((told) => told.rrn)], [[first?.rrn, rrn].sort(), [rrn]]);
		for (const each of [id, copy.id]) await rest.request('POST', `/workflows/${each}/deactivate`);
	});

	test('a Code node that writes the static data can put back what was remembered', WHOLE_TEST, async () => {
		const id = 'putsBack';
		const card_id = 'put-back-1';
		const { nodes: [trigger], ...workflow } = watching(id, [card_id]);
		// The execution of the first operation ends when the second was told, and that of the second one goes on until n8n is killed.
		const amount = `={{ $json.rrn === 'rrn-${numbers + 1}' ? 12 : 60 }}`;
		const wait = { ...node('Wait', 'n8n-nodes-base.wait', 1.1, { amount }), webhookId: 'put-back-wait' };
		const code = node('Code', 'n8n-nodes-base.code', 2, { jsCode: "$getWorkflowStaticData('global').at = Date.now(); return $input.all();" });
		const all = [trigger as WorkflowNode, wait, code, noOp(OPERATION)];
		await relay.open();
		await workflows.publish({ ...workflow, nodes: placed(all), connections: inARow(all) });
		await book({ card_id });
		await untilPolled(card_id, 2);
		await book({ card_id });
		const rrn = booked.at(-1)?.rrn;
		await untilTold(id, 1);
		await playground.kill();
		await playground.restart();
		await playground.host.untilLive(id);
		const holding = async () => (await executionsWith(id, String(rrn))).length;
		await until(async () => ((await holding()) >= 2 ? true : undefined), () => 'the second operation once more');
		await untilPolled(card_id, 2);
		assert.equal(await holding(), 2);
		await playground.host.rest.request('POST', `/workflows/${id}/deactivate`);
	});

	test('cards that cannot be read start the error workflow, in words', WHOLE_TEST, async () => {
		const alert = 'freedomPayAlertWhenSomethingFails';
		const workflow = watching('alerts', ['alert-1']);
		await relay.open();
		await playground.host.publish(alert);
		await workflows.publish({ ...workflow, settings: { ...workflow.settings, errorWorkflow: alert } });
		await playground.sandbox.misbehave({ path: STATEMENT, card: 'alert-1', kind: 'http500Before', times: 'always' });
		const [{ text } = { text: '' }] = itemsOf<{ text: string }>(await workflows.lastRun(alert), 'Send the Message Here');
		assert.match(text, /FreedomPay gave no usable answer \(Card ID alert-1\)/);
		assert.match(text, /Polling goes on/);
		await playground.sandbox.behave();
		for (const id of ['alerts', alert]) await playground.host.rest.request('POST', `/workflows/${id}/deactivate`);
	});

	/** The engines of n8n that poll: the default one, and the one that can be turned on. */
	const ENGINES: ReadonlyArray<readonly [name: string, settings: N8nSettings]> = [
		['the default engine', {}],
		[
			'the durable scheduler with durable cursors',
			{ N8N_SCHEDULER_ENABLED: 'true', N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true', N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true', N8N_SCHEDULER_EXECUTOR_INTERVAL: '1', N8N_SCHEDULER_JITTER_RATIO: '0' },
		],
	];

	/** How often n8n is killed after each time; more of it measures what README says. */
	const KILLS = Number(process.env.KILLS ?? 1);

	for (const [name, settings] of ENGINES) {
		test(`n8n killed right after a poll, by ${name}: nothing but the operation of that poll is lost, or comes twice`, { timeout: KILLS * WHOLE_TEST.timeout }, async () => {
			const id = `killed${ENGINES.findIndex(([other]) => other === name)}`;
			const card_id = `${id}-card`;
			await playground.restart(settings);
			await workflows.publish(watching(id, [card_id]));
			await relay.open();
			booked.length = 0;
			await book({ card_id });
			await untilTold(id, 1);

			const counts = { told: 0, inACrashedExecution: 0, lost: 0, twice: 0 };
			for (const afterMs of Array.from({ length: KILLS }, () => [0, 10, 40]).flat()) {
				const rrn = `rrn-${numbers + 1}`;
				const answered = new Promise<void>((resolve) => {
					relay.onAnswer = (answer) => {
						if (!answer.includes(rrn)) return;
						relay.onAnswer = () => {};
						setTimeout(resolve, afterMs);
					};
				});
				await book({ card_id });
				await answered;
				await playground.kill();
				await playground.restart(settings);
				await playground.host.untilLive(id);
				await untilPolled(card_id, 2);
				let became = await becameOf(id, rrn);
				// A busy machine takes its time from a poll to its execution.
				if (became === 'lost') {
					await untilPolled(card_id, 3);
					became = await becameOf(id, rrn);
				}
				counts[became] += 1;
			}
			console.log(`${name}, ${KILLS * 3} kills: ${JSON.stringify(counts)}`);
			if (settings.N8N_POLLER_DURABLE_CURSORS_ENABLED) assert.deepEqual([counts.lost, counts.twice], [0, 0]);
		});
	}

	/** What became of an operation at whose poll n8n was killed: an execution that was under way has it, and can be retried. */
	async function becameOf(workflowId: string, rrn: string): Promise<'told' | 'inACrashedExecution' | 'lost' | 'twice'> {
		const holding = await executionsWith(workflowId, rrn);
		if (holding.length === 0) return 'lost';
		if (holding.length > 1) return 'twice';
		return holding.every(({ status }) => status === 'success') ? 'told' : 'inACrashedExecution';
	}
});
