import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import { CREDENTIAL } from '../n8n/examples.mjs';
import { startChatModel, toolResults } from './chatModel.mjs';
import { manualRuns, placed, TRIGGER } from './manualRuns.mjs';
import { startPlayground } from './playground.mjs';

const TOOL = 'FreedomPay Card';

/** Close, as a user sets it up for an agent: the model fills in what differs from call to call. */
const CLOSE = {
	resource: 'card',
	operation: 'close',
	cardId: "={{ $fromAI('card_id', 'ID of the card to close', 'string') }}",
	// The run and the execution that the tool is in go along, to be read in the sandbox's journal.
	description: "={{ $fromAI('reason', 'Why the card is closed', 'string') }}, run {{ $runIndex }} of execution {{ $execution.id }}",
};

/** Gift Card: Confirm with the one-time code in the node, out of the model's reach. */
const confirmGiftCard = (otp) => ({
	resource: 'giftCard',
	operation: 'confirm',
	otp,
	additionalFields: { cardId: "={{ $fromAI('card_id', 'ID of the gift card', 'number') }}" },
});

const DONE = { text: 'Done.' };

suite('an AI agent in a real n8n', () => {
	/** @type {Awaited<ReturnType<typeof startPlayground>>} */
	let playground;
	/** @type {Awaited<ReturnType<typeof startChatModel>>} */
	let model;
	let modelCredential;

	before(async () => {
		model = await startChatModel();
		playground = await startPlayground('ai-agent');
		const credential = { name: 'Scripted Model', type: 'openAiApi', data: { apiKey: 'none', url: model.url } };
		modelCredential = await playground.host.rest.request('POST', '/credentials', credential);
	});
	after(async () => {
		await playground?.stop();
		await model?.stop();
	});

	test('is told the operation, and that closing a card cannot be undone', async () => {
		const { offered } = await converse(CLOSE, [DONE]);
		assert.equal(offered.length, 1);
		const { name, description, parameters } = offered[0].function;
		assert.match(name, /FreedomPay/);
		assert.match(description, /^Close a card\b/);
		assert.deepEqual(Object.keys(parameters.properties), ['card_id', 'reason']);
		assert.deepEqual(parameters.required, ['card_id', 'reason']);
		assert.match(description, /cannot be undone/);
	});

	test('closes a card once, and gets the outcome with the card', async () => {
		const { results, journal, effects, output } = await converse(CLOSE, [{ calls: [{ card_id: 'card-1001', reason: 'Lost' }] }, DONE]);
		assert.equal(output, DONE.text);

		const [[item]] = results.map(JSON.parse);
		assert.deepEqual([item.card_id, item.status, item.request_status], ['card-1001', 'ok', 'success']);
		assert.deepEqual(
			journal.map(({ path, signatureVerified, requestId }) => [path, signatureVerified, requestId]),
			[['/v5/card-api/card/close', true, item.request_id]],
		);
		assert.deepEqual(
			effects.map(({ path, target, requestId }) => [path, target.card_id, requestId]),
			[['/v5/card-api/card/close', 'card-1001', item.request_id]],
		);
	});

	for (const [when, turns] of [
		['in one answer', (calls) => [{ calls }, DONE]],
		['one after the other', (calls) => [...calls.map((call) => ({ calls: [call] })), DONE]],
	]) {
		const ids = when === 'in one answer' ? ['card-1002', 'card-1003', 'card-1004'] : ['card-1005', 'card-1006', 'card-1007'];
		const [first, second, repeated] = ids;

		test(`closes two cards ${when}: two runs of the tool, two request IDs, one execution`, async () => {
			const calls = [first, second].map((card) => ({ card_id: card, reason: 'Lost' }));
			const { journal, effects, execution } = await converse(CLOSE, turns(calls));
			assert.deepEqual(
				journal.map(({ body }) => [body.card_id, body.description]),
				[first, second].map((card, run) => [card, `Lost, run ${run} of execution ${execution.id}`]),
			);
			assert.equal(new Set(journal.map(({ requestId }) => requestId)).size, 2);
			assert.deepEqual(
				effects.map(({ target }) => target.card_id),
				[first, second],
			);
		});

		test(`asks for the same card twice ${when}: each call is a request of its own, the second is refused in words`, async () => {
			const call = { card_id: repeated, reason: 'Lost' };
			const { results, journal, effects } = await converse(CLOSE, turns([call, call]));
			const closings = journal.filter(({ path }) => path === '/v5/card-api/card/close');
			assert.equal(new Set(closings.map(({ requestId }) => requestId)).size, 2);
			assert.deepEqual(
				effects.map(({ target }) => target.card_id),
				[repeated],
			);
			assert.equal(JSON.parse(results[0])[0].request_status, 'success');
			assert.match(errorOf(results[1]), /card is already closed/);
		});
	}

	test('with the execution as Request ID, the same card twice is one request that is recognised', async () => {
		const once = { ...CLOSE, description: 'Lost', options: { requestId: '={{ $execution.id }}' } };
		const call = { card_id: 'card-1008' };
		const { results, effects } = await converse(once, [{ calls: [call] }, { calls: [call] }, DONE]);
		const [[first], [second]] = results.map(JSON.parse);
		assert.deepEqual([first.request_status, first.recovered], ['success', undefined]);
		assert.deepEqual([second.request_status, second.request_id, second.recovered], ['success', first.request_id, true]);
		assert.equal(effects.length, 1);
	});

	for (const [what, parameters, args, told] of [
		['no card ID', CLOSE, { reason: 'Lost' }, /^Card ID must not be empty/],
		['an empty card ID', CLOSE, { card_id: ' ', reason: 'Lost' }, /^Card ID must not be empty/],
		['a card ID in a list', CLOSE, { card_id: ['card-1009'], reason: 'Lost' }, /^Card ID must be text/],
		['words for a number', confirmGiftCard('1234'), { card_id: 'five' }, /^Card ID must be a number/],
		['half a number', confirmGiftCard('1234'), { card_id: '555.5' }, /^Card ID must be a whole number/],
	]) {
		test(`is told plainly about ${what}, and nothing is sent`, async () => {
			const { results, journal, effects, output } = await converse(parameters, [{ calls: [args] }, DONE]);
			assert.equal(output, DONE.text);
			assert.match(errorOf(results[0]), told);
			assert.doesNotMatch(results[0], /\bat \S+ \(|zod|invalid_type/i);
			assert.deepEqual([journal, effects], [[], []]);
		});
	}

	test('may give a number as text', async () => {
		const { results, journal } = await converse(confirmGiftCard('5678'), [{ calls: [{ card_id: '556' }] }, DONE]);
		assert.equal(JSON.parse(results[0])[0].card_id, 556);
		assert.deepEqual(
			journal.map(({ body }) => body.card_id),
			[556],
		);
	});

	test('sees no one-time code, partner key or signature: not in the tool, not in its result, not in its refusal', async () => {
		const { partnerKey } = playground.sandbox.credential;
		const wrongOtp = '908172635544';
		for (const [otp, outcome] of [
			[wrongOtp, /incorrect OTP/],
			['1234', /"card_status":2/],
		]) {
			const { results, effects, received } = await converse(confirmGiftCard(otp), [{ calls: [{ card_id: 555 }] }, DONE]);
			assert.match(results[0], outcome);
			assert.equal(effects.length, otp === wrongOtp ? 0 : 1);
			assert.equal(received.length, 2);
			for (const { raw, headers } of received) {
				assert.ok(!raw.includes(otp), 'the one-time code');
				// Headers hold a port and a length, which a short code may equal.
				const everything = raw + JSON.stringify(headers);
				for (const secret of [wrongOtp, partnerKey]) assert.ok(!everything.includes(secret), 'a secret');
				assert.doesNotMatch(everything, /x-jws-signature|eyJ[\w-]+\.\.[\w-]+/i);
			}
		}
	});

	/**
	 * Runs an agent whose only tool is the package's node.
	 *
	 * @param {object} parameters of the tool's node
	 * @param {import('./chatModel.mjs').Turn[]} turns of the model
	 */
	async function converse(parameters, turns) {
		const { host, sandbox } = playground;
		const runs = manualRuns(host);
		const workflowId = await runs.store('Agent', agentWorkflow(parameters));
		const [journalBefore, ledgerBefore] = await Promise.all([sandbox.journal(), ledger()]);

		model.follow(turns);
		const execution = await runs.run(workflowId, TRIGGER.name);
		const { runData } = execution.data.resultData;
		const received = model.requests();
		return {
			execution,
			received,
			offered: received[0].body.tools,
			results: toolResults(received.at(-1)),
			output: runData['AI Agent'].at(-1).data?.main[0][0].json.output,
			journal: (await sandbox.journal()).slice(journalBefore.length),
			effects: (await ledger()).slice(ledgerBefore.length),
		};
	}

	const ledger = async () => (await fetch(new URL('/_sandbox/ledger', playground.sandbox.url))).json();

	function agentWorkflow(parameters) {
		const { id, name } = modelCredential;
		const agent = (type) => ({ [type]: [[{ node: 'AI Agent', type, index: 0 }]] });
		return {
			nodes: placed([
				TRIGGER,
				{
					name: 'AI Agent',
					type: '@n8n/n8n-nodes-langchain.agent',
					typeVersion: 3.1,
					parameters: { promptType: 'define', text: 'The customer has lost the card. Do what is needed.', options: {} },
				},
				{
					name: 'OpenAI Chat Model',
					type: '@n8n/n8n-nodes-langchain.lmChatOpenAi',
					typeVersion: 1.3,
					parameters: { model: { __rl: true, mode: 'id', value: 'scripted' }, responsesApiEnabled: false, options: {} },
					credentials: { openAiApi: { id, name } },
				},
				{
					name: TOOL,
					type: 'n8n-nodes-freedompay.freedomPayCardTool',
					typeVersion: 1,
					parameters,
					credentials: { [CREDENTIAL.type]: { id: CREDENTIAL.id, name: CREDENTIAL.name } },
				},
			]),
			connections: { [TRIGGER.name]: agent('main'), 'OpenAI Chat Model': agent('ai_languageModel'), [TOOL]: agent('ai_tool') },
		};
	}
});

/** What a refused call tells the model. */
function errorOf(result) {
	const [{ error }] = JSON.parse(result);
	return error;
}
