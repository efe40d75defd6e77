import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { WHOLE_TEST } from '../n8n/patience.ts';
import type { Sandbox } from '../n8n/sandbox.ts';
import type { Editor, Place } from './editor.ts';
import { CLOSE, NODE } from './firstWorkflow.ts';
import { counted, itemsOf } from './items.ts';
import type { Connections } from './nodes.ts';
import { openedEditor } from './openedEditor.ts';
import type { Playground } from './playground.ts';
import { runsOf, type ExampleRuns } from './workflows/runs.ts';

const CLOSE_PATH = 'card/close';
const REASON = 'Lost by the cardholder';

/** A workflow as n8n has it. */
interface BuiltWorkflow {
	nodes: Array<{ parameters: { options?: { responseCode?: number }; responseBody?: string } }>;
	connections: Connections;
}

/** What the nightly list says of a card. */
interface Row {
	row: number;
	owner: string;
	card_id: string;
	outcome: string;
	cause: string;
	try_again: string;
}

/** Building takes half a minute. */

/*
 * Two processes, built in the editor from an empty canvas as a user does: each node comes from the node creator, each field is dragged in or
 * typed, each line is drawn with the mouse. They branch on `outcome` and `try_again` alone.
 */
suite('a process built from scratch in the editor', () => {
	let playground: Playground;
	let editor: Editor;
	let sandbox: Sandbox;
	const opened = openedEditor('built-from-scratch');
	before(() => {
		({ playground, editor } = opened());
		({ sandbox } = playground);
	});

	/** How often each card was closed. */
	const closings = async () => counted((await sandbox.ledger()).filter(({ path }) => path.endsWith(CLOSE_PATH)).map(({ target }) => target.card_id));

	/** Adds a node after another one and opens its panel. */
	async function addAndOpen(search: string, name: string, place?: Place): Promise<void> {
		await editor.addNode(search, name, place);
		await editor.panel.waitFor();
	}

	/** Adds the node that closes cards, and sets all but its options. */
	async function addClose(after: string, { cardId, eventId }: { cardId: string; eventId: string }): Promise<void> {
		await editor.addNode('close card', NODE, { after });
		await editor.chooseAction(CLOSE);
		const execute = editor.input.getByText('Execute previous nodes');
		const fields = editor.input.getByTestId('run-data-schema-node-name');
		await execute.or(fields.first()).first().waitFor();
		if (await execute.isVisible()) await editor.click(execute);
		await editor.map(cardId, 'cardId');
		await editor.fill('reason', REASON);
		await editor.map(eventId, 'eventId');
		await editor.useErrorOutput();
	}

	const stored = async () => await playground.host.rest.request<BuiltWorkflow>('GET', `/workflows/${editor.workflowId}`);

	/** Waits until n8n has stored something of the open workflow: the editor does it a moment after it was entered. */
	async function untilStored(isThere: (workflow: BuiltWorkflow) => boolean, signal: AbortSignal): Promise<void> {
		while (!isThere(await stored())) await delay(100, undefined, { signal });
	}

	/** Closes the panel when what was entered last is stored: one that is closed at once may lose it. */
	async function closePanelWith(text: string, signal: AbortSignal): Promise<void> {
		await untilStored(({ nodes }) => JSON.stringify(nodes).includes(text), signal);
		await editor.closePanel();
	}

	/** That no expression of the open workflow names another node or looks at an HTTP status, and that the editor misses nothing in it. */
	async function isOfOutcomesAlone() {
		const { nodes } = await stored();
		assert.doesNotMatch(JSON.stringify(nodes), /\$\(|\$node|\$items|http_status/);
		assert.deepEqual((await editor.shownNodes()).filter(({ issues }) => issues), []);
	}

	suite('webhook closes a card and answers', () => {
		const PATH = 'card-lost';
		let runs: ExampleRuns;

		before(async () => await sandbox.reset());

		test('is built', WHOLE_TEST, async ({ signal }) => {
			await editor.openNew();
			await addAndOpen('webhook', 'Webhook');
			await editor.choose('httpMethod', 'POST');
			await editor.fill('path', PATH);
			await editor.choose('responseMode', "Using 'Respond to Webhook' Node");
			await editor.setMockData([{ body: { event_id: 'evt-17', card_id: 'card-1001' } }]);
			await editor.closePanel();

			await addClose('Webhook', { cardId: 'body.card_id', eventId: 'body.event_id' });
			await editor.closePanel();

			await addAnswer({ after: CLOSE, output: 0 }, '{{ { outcome: $json.outcome, card_id: $json.card_id } }}', '200', signal);

			await addAndOpen('if', 'If', { after: CLOSE, output: 1 });
			await editor.map('error.try_again', 'left');
			await editor.fill('right', 'no');
			await closePanelWith('"rightValue":"no"', signal);

			const answer = '{{ { outcome: $json.error.outcome, try_again: $json.error.try_again, next_step: $json.error.next_step } }}';
			await addAnswer({ after: 'If', output: 0 }, answer, '422', signal);
			await addAnswer({ after: 'If', output: 1 }, answer, '503', signal);

			await isOfOutcomesAlone();
			await editor.publish();
			await playground.host.untilLive(editor.workflowId);
			runs = runsOf(playground, editor.workflowId);
		});

		async function addAnswer(place: Place, body: string, code: string, signal: AbortSignal): Promise<void> {
			await addAndOpen('respond to webhook', 'Respond to Webhook', place);
			await editor.choose('respondWith', 'JSON');
			await editor.typeExpression('responseBody', body);
			await editor.addOption('Response Code');
			await editor.fill('responseCode', code);
			await editor.closePanel();
			await untilStored(({ nodes }) => nodes.some(({ parameters }) => parameters.options?.responseCode === Number(code) && parameters.responseBody === `=${body}`), signal);
		}

		const deliver = async (event_id: string, card_id: string): Promise<[status: number, answer: object]> => {
			const { status, body } = await runs.deliver(PATH, { event_id, card_id }, {});
			const { next_step: step, ...answer } = body;
			if (answer.try_again !== undefined) assert.ok(step.length > 10);
			return [status, answer];
		};

		test('a card is closed, and an event that comes again is told that it was done before', async () => {
			assert.deepEqual(await deliver('evt-1', 'card-1001'), [200, { outcome: 'done', card_id: 'card-1001' }]);
			assert.deepEqual(await deliver('evt-1', 'card-1001'), [200, { outcome: 'done_before', card_id: 'card-1001' }]);
			assert.deepEqual(await closings(), { 'card-1001': 1 });
		});

		for (const [what, event, card, outcome] of [
			['that FreedomPay does not know is refused', 'evt-2', 'no-such-card', 'refused'],
			['without an id is not sent', 'evt-3', '', 'not_done'],
		] as const) {
			test(`a card ${what}: not to be tried again`, async () => {
				const before = await closings();
				assert.deepEqual(await deliver(event, card), [422, { outcome, try_again: 'no' }]);
				assert.deepEqual(await closings(), before);
			});
		}

		test('a card that is turned away for now is told so, and closed when the event comes again', async () => {
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1004', kind: 'rateLimit', retryAfter: 0, times: 3 });
			assert.deepEqual(await deliver('evt-4', 'card-1004'), [503, { outcome: 'not_done', try_again: 'yes' }]);
			assert.equal((await closings())['card-1004'], undefined);
			assert.deepEqual(await deliver('evt-4', 'card-1004'), [200, { outcome: 'done', card_id: 'card-1004' }]);
			assert.equal((await closings())['card-1004'], 1);
		});

		test('a card whose answer is lost is told as unknown, and as done before when the event comes again', async () => {
			await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1005', kind: 'dropAfter' }, { path: 'request/status', kind: 'http503Before', times: 3 });
			assert.deepEqual(await deliver('evt-5', 'card-1005'), [503, { outcome: 'unknown', try_again: 'after_check' }]);
			assert.deepEqual(await deliver('evt-5', 'card-1005'), [200, { outcome: 'done_before', card_id: 'card-1005' }]);
			assert.equal((await closings())['card-1005'], 1);
		});
	});

	suite('nightly list, outcome per row', () => {
		const CARDS = [
			{ row: 1, owner: 'Ivan', card_id: 'card-1001' },
			{ row: 2, owner: 'Aigul', card_id: 'no-such-card' },
			{ row: 3, owner: 'Marat', card_id: 'card-1003' },
			{ row: 4, owner: 'Olga', card_id: 'card-1004' },
			{ row: 5, owner: 'Dana', card_id: 'card-1005' },
		];
		const LIST = 'Edit Fields';
		const ROWS = 'Edit Fields1';
		let runs: ExampleRuns;

		before(async () => await sandbox.reset());

		test('is built', WHOLE_TEST, async ({ signal }) => {
			await editor.openNew();
			await addAndOpen('schedule', 'Schedule Trigger');
			await editor.closePanel();

			await addAndOpen('edit fields', 'Edit Fields (Set)', { after: 'Schedule Trigger' });
			await editor.choose('mode', 'JSON');
			const cards = CARDS.map((card) => ({ ...card, event: `closing-of-${card.card_id}` }));
			await editor.typeCode(editor.parameter('jsonOutput'), JSON.stringify({ cards }, undefined, 2));
			await closePanelWith('no-such-card', signal);

			await addAndOpen('split out', 'Split Out', { after: LIST });
			await editor.fill('fieldToSplitOut', 'cards');
			await editor.closePanel();

			await addClose('Split Out', { cardId: 'card_id', eventId: 'event' });
			await editor.addOption('Include Other Input Fields');
			await editor.click(editor.parameter('includeOtherFields').locator('.el-switch'));
			await editor.addOption('Max Wait (Seconds)');
			await editor.fill('maxWaitSeconds', '2');
			await editor.closePanel();

			await addAndOpen('edit fields', 'Edit Fields (Set)', { after: CLOSE, output: 0 });
			await editor.choose('mode', 'JSON');
			await editor.typeExpression(
				'jsonOutput',
				'{{ { row: $json.row, owner: $json.owner, card_id: $json.card_id, outcome: $json.outcome ?? $json.error.outcome, cause: $json.error?.cause ?? "", try_again: $json.error?.try_again ?? "" } }}',
			);
			await closePanelWith('$json.error?.cause', signal);
			await editor.connect(CLOSE, 1, ROWS);
			await untilStored(({ connections }) => connections[CLOSE]?.main?.[1]?.[0]?.node === ROWS, signal);

			await isOfOutcomesAlone();
			runs = runsOf(playground, editor.workflowId);
		});

		/** Runs the open workflow by the editor's button; each row of its report, in the order of the list. */
		async function night(): Promise<string[][]> {
			await runs.begin();
			await editor.executeWorkflow();
			const execution = await runs.last();
			assert.equal(execution.status, 'success');
			const rows = itemsOf<Row>(execution, ROWS).sort((one, other) => one.row - other.row);
			assert.deepEqual(rows.map(({ row, owner, card_id }) => ({ row, owner, card_id })), CARDS);
			return rows.map(({ outcome, cause, try_again }) => [outcome, cause, try_again]);
		}

		test('a bad night tells of each row what became of it', async () => {
			await sandbox.misbehave(
				{ path: CLOSE_PATH, card: 'card-1003', kind: 'processForever' },
				{ path: CLOSE_PATH, card: 'card-1004', kind: 'rateLimit', retryAfter: 0, times: 3 },
			);
			assert.deepEqual(await night(), [
				['done', '', ''],
				['refused', 'card_not_found', 'no'],
				['processing', 'other', 'after_check'],
				['not_done', 'rate_limit', 'yes'],
				['done', '', ''],
			]);
			assert.deepEqual(await closings(), { 'card-1001': 1, 'card-1005': 1 });
		});

		test('a good night after it does what was not done, and nothing twice', async () => {
			await sandbox.behave();
			assert.deepEqual(await night(), [
				['done_before', '', ''],
				['refused', 'card_not_found', 'no'],
				['processing', 'other', 'after_check'],
				['done', '', ''],
				['done_before', '', ''],
			]);
			assert.deepEqual(await closings(), { 'card-1001': 1, 'card-1004': 1, 'card-1005': 1 });
		});
	});
});
