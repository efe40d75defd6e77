import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';

import type { IRunExecutionData, ITaskData } from 'n8n-workflow';

import type { Host } from '../../n8n/host.ts';
import type { Sandbox } from '../../n8n/sandbox.ts';
import { startChatModel, toolResults, type ChatModel, type Turn } from '../chatModel.ts';
import { openEditor } from '../editor.ts';
import { at } from '../items.ts';
import type { Playground } from '../playground.ts';
import { until } from '../until.ts';
import { nodesOf, readWorkflow, type ChangeNodes } from './runs.ts';

const AGENT = 'agent-with-approval.json';
const REVIEW = 'Human Review';
const ANSWER = 'Answer in Chat';

/** n8n takes no approval from a program, which a mail scanner may be. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

/** n8n looks once a minute for waits that are over. */

const lookUp = (card_id: string): Turn => ({ tool: 'Get_Card', calls: [{ card_id }] });
const close = (card_id: string, reason = 'Lost by the customer'): Turn => ({ tool: 'Close_Card', calls: [{ toolParameters: { card_id, reason }, hitlParameters: {} }] });
const DONE = { text: 'That is done.' };

/** What is asked in a chat, and the buttons to answer it with. */
interface Question {
	text: string;
	buttons: Array<{ text: string; link: string }>;
}

/** A conversation that goes on. */
interface Chat {
	/** What a node that waits says in the chat, once the execution has come to it. */
	reaches: <Said = Question>(node: string) => Promise<Said>;
}

/** The agent whose closing of a card a human approves. */
export function approval(playground: () => Playground): void {
	suite('Agent with approval', () => {
		let host: Host;
		let sandbox: Sandbox;
		let model: ChatModel;
		let chats = 0;

		before(async () => {
			({ host, sandbox } = playground());
			model = await startChatModel();
			await change();
		});
		after(() => model?.stop());
		beforeEach(() => sandbox.reset());

		/** The tools' results that the model was told last. */
		const told = (): string[] => toolResults(model.requests().at(-1));

		const closed = async () => (await sandbox.ledger()).map(({ path, target }) => [path, target.card_id]);
		const CLOSED = [['/v5/card-api/card/close', 'card-1005']];

		test('looks a card up without asking anybody', async () => {
			const chat = await say([lookUp('card-1005'), DONE]);
			await chat.reaches(ANSWER);
			assert.match(at(told(), 0), /"card_id":"card-1005"/);
			assert.deepEqual((await sandbox.journal()).map(({ path }) => path), ['/v5/card-api/card/info']);
		});

		test('asks a person before it closes a card: approved, it is closed once, and the agent hears the outcome', async () => {
			const chat = await say([lookUp('card-1005'), close('card-1005'), DONE]);
			const question = await chat.reaches(REVIEW);
			assert.equal(question.text, 'Close card card-1005? Reason: Lost by the customer. This cannot be undone.');
			assert.deepEqual(question.buttons.map(({ text }) => text), ['Close the card', 'Do not close']);
			assert.deepEqual(await closed(), []);

			await press(question, 'Close the card');
			assert.equal(await chat.reaches<string>(ANSWER), DONE.text);
			assert.deepEqual(await closed(), CLOSED);
			const { requestId } = at(await sandbox.ledger(), 0);
			assert.match(at(told(), -1), new RegExp(`"request_id":"${requestId}".*"request_status":"success"`));

			assert.match(await press(question, 'Close the card'), /No action required/i);
			assert.deepEqual(await closed(), CLOSED);
		});

		test('declined, nothing is sent, and the agent hears that', async () => {
			const chat = await say([close('card-1005'), DONE]);
			await press(await chat.reaches(REVIEW), 'Do not close');
			assert.equal(await chat.reaches<string>(ANSWER), DONE.text);
			assert.match(at(told(), -1), /rejected the tool call to Close Card/);
			assert.deepEqual(await sandbox.journal(), []);
		});

		test('when nobody answers in time, nothing is sent, and a late click changes nothing', async () => {
			await change((node) => {
				const { limitWaitTime } = node(REVIEW).parameters.options as { limitWaitTime: { values: object } };
				limitWaitTime.values = { limitType: 'afterTimeInterval', resumeAmount: 0.03, resumeUnit: 'minutes' };
			});
			try {
				const chat = await say([close('card-1005'), DONE]);
				const question = await chat.reaches(REVIEW);
				assert.equal(await chat.reaches<string>(ANSWER), DONE.text);
				assert.match(await press(question, 'Close the card'), /No action required/i);
				assert.deepEqual(await sandbox.journal(), []);
			} finally {
				await change();
			}
		});

		test('asked for the same card again in one chat and approved again, closes nothing again', async () => {
			const session = 'one-chat';
			for (const reason of ['Lost', 'The customer asked twice']) {
				const chat = await say([close('card-1005', reason), DONE], session);
				await press(await chat.reaches(REVIEW), 'Close the card');
				await chat.reaches(ANSWER);
				assert.deepEqual(await closed(), CLOSED);
			}
			assert.match(at(told(), -1), /done_before/);
		});

		test("works in the editor's chat, by a click", async () => {
			model.follow([lookUp('card-1005'), close('card-1005'), { text: 'Card card-1005 is closed.' }]);
			const { page, screenshot, close: closeEditor } = await openEditor(host.url);
			try {
				await page.setExtraHTTPHeaders({ 'user-agent': BROWSER });
				await page.goto(`${host.url}/workflow/${readWorkflow(AGENT).id}`);
				await page.getByTestId('workflow-chat-button').click();
				const input = page.locator('textarea:visible').last();
				await input.fill('The customer has lost card-1005. Close it.');
				await input.press('Enter');
				const button = page.getByRole('button', { name: 'Close the card' });
				await button.waitFor();
				await screenshot('workflow-agent-with-approval-chat');
				assert.deepEqual(await closed(), []);

				await button.click();
				await page.getByText('Card card-1005 is closed.', { exact: true }).first().waitFor();
				assert.deepEqual(await closed(), CLOSED);
				assert.match(JSON.stringify(at(model.requests(), 0).body.messages.at(-1)), /The customer has lost card-1005/);
			} finally {
				await closeEditor();
			}
		});

		/** Gives the agent the scripted model, and changes nodes besides. */
		async function change(changeNodes?: ChangeNodes): Promise<void> {
			const workflow = readWorkflow(AGENT);
			const node = nodesOf(workflow);
			node('OpenAI Chat Model').credentials = { openAiApi: await credential() };
			changeNodes?.(node);
			await host.rest.request('PATCH', `/workflows/${workflow.id}`, workflow);
		}

		async function credential(): Promise<{ id: string; name: string }> {
			const { id, name } = await host.rest.request<{ id: string; name: string }>('POST', '/credentials', { name: 'Scripted Model', type: 'openAiApi', data: { apiKey: 'none', url: model.url } });
			return { id, name };
		}

		/** Says something in a chat, to a model that follows a script. */
		async function say(turns: Turn[], sessionId = `chat-${(chats += 1)}`): Promise<Chat> {
			model.follow(turns);
			const json = { sessionId, action: 'sendMessage', chatInput: 'The customer has lost card-1005. Close it.' };
			const data = { startTime: Date.now(), executionTime: 0, executionIndex: 0, executionStatus: 'success', source: [], data: { main: [[{ json }]] } };
			const run = { triggerToStartFrom: { name: 'Chat Message', data } };
			const { executionId } = await host.rest.request<{ executionId: string }>('POST', `/workflows/${readWorkflow(AGENT).id}/run`, run);
			return {
				async reaches<Said>(node: string) {
					const ask = async () => {
						const { status, data } = await host.readExecution(executionId);
						// One that has just begun has no data yet.
						const { lastNodeExecuted, runData, error } = (data as IRunExecutionData | undefined)?.resultData ?? { runData: {} };
						if (status === 'waiting' && lastNodeExecuted === node) return at(runData[node], -1);
						assert.ok(['new', 'running', 'waiting'].includes(status), `${status} at ${lastNodeExecuted}: ${error?.message}`);
						return undefined;
					};
					return messageOf(await until(ask, () => `execution ${executionId} at ${node}`)) as Said;
				},
			};
		}
	});
}

/** What a node has the chat show, by whichever output. */
const messageOf = ({ data }: ITaskData): unknown => Object.values(data ?? {})[0]?.[0]?.[0]?.sendMessage;

/** Opens the address of one of a question's buttons, as a click on it does; the page that n8n shows. */
async function press({ buttons }: Question, text: string): Promise<string> {
	const { link } = at(buttons.filter((button) => button.text === text), 0);
	const response = await fetch(link, { headers: { 'user-agent': BROWSER } });
	assert.equal(response.status, 200);
	return await response.text();
}
