import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { CREDENTIAL, FIRST_EXAMPLE } from '../n8n/examples.ts';
import { ROOT } from '../n8n/paths.mjs';
import type { CredentialData } from '../n8n/sandbox.ts';
import { openEditor, type Editor } from './editor.ts';
import { executionsOf, type ListedExecution } from './executions.ts';
import { CLOSE, CREDENTIAL_TYPE, firstWorkflow, NODE } from './firstWorkflow.ts';
import { at } from './items.ts';
import { manualRuns, TRIGGER } from './manualRuns.ts';
import { inARow, placed, sandboxNode, type WorkflowBody, type WorkflowNode } from './nodes.ts';
import { openedEditor } from './openedEditor.ts';
import type { Playground } from './playground.ts';

const WORKFLOWS = join(ROOT, 'workflows');

/** What people search for who do not know the node's name. */
const SEARCHES = [
	'close card', 'payment card', 'debit card', 'block card', 'refund', 'cardholder', 'bank', 'PIN', 'limit', 'Freedom Bank', 'FreedomPay Card',
	'issue card', 'card statement', 'balance', 'freeze', 'block', 'iban', 'карта', 'закрыть карту', 'реквизиты',
];

suite('the first hour in the editor', () => {
	let playground: Playground;
	let editor: Editor;
	const opened = openedEditor('first-hour');
	before(() => {
		({ playground, editor } = opened());
	});

	suite('the example', () => {
		test('is green at the first click, two fields and two clicks after its address was opened', async (context) => {
			const visitor = await openEditor(playground.host.url, { path: `/workflow/${FIRST_EXAMPLE}` });
			try {
				await visitor.node('Close Card').waitFor();
				await visitor.executeWorkflow();
				await visitor.isGreen('Close Card');
				context.diagnostic(`to the first closed card: ${JSON.stringify(visitor.count)}`);
				assert.deepEqual(visitor.count, { typed: 2, clicked: 2 });
			} finally {
				await visitor.close();
			}
			const { cards } = await playground.sandbox.state();
			assert.deepEqual(
				['card-1001', 'card-1002', 'card-1003', 'card-1004'].map((id) => cards[id]?.status),
				['closed', 'closed', 'closed', 'active'],
			);
		});

		test('is green at the second click too, and closes nothing again', async () => {
			const { host, sandbox } = playground;
			const before = await sandbox.ledger();
			await editor.open(FIRST_EXAMPLE);
			await editor.executeWorkflow();
			const ended = async () => (await executionsOf(host)).filter(({ stoppedAt }) => stoppedAt);
			while ((await ended()).length < 2) await delay(100);
			assert.deepEqual((await ended()).map(({ status }) => status), ['success', 'success']);
			await editor.isGreen('Close Card');
			assert.deepEqual(await sandbox.ledger(), before);
			assert.equal(before.length, 3);
		});
	});

	suite('a new credential', () => {
		before(async () => {
			await editor.newCredential(CREDENTIAL_TYPE);
			await editor.choose('environment', 'Custom');
			await editor.fill('authId', playground.sandbox.credential.authId);
		});

		for (const [what, wrong, said] of [
			['a wrong key', { partnerKey: 'wrong' }, /refused the signature.*Partner Key/],
			['a key with a space before it', { partnerKey: ' secret' }, /begins or ends with white space/],
			['a key with a space after it', { partnerKey: 'secret ' }, /begins or ends with white space/],
			// n8n shows the code alone; what it means stands in the description of Environment.
			['a host where nothing answers', { baseUrl: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
			['a host name that does not exist', { baseUrl: 'https://no-such-host.invalid' }, /ENOTFOUND/],
			['plain http to another machine', { baseUrl: 'http://example.com' }, /must begin with https:\/\//],
		] as const) {
			test(`is refused with ${what}, in a sentence that says so`, async () => {
				const told = await tested(wrong);
				assert.match(told.replaceAll('\n', ' '), said);
			});
		}

		test('is taken with the right key', async () => {
			assert.match(await tested({}), /Connection tested successfully/);
			assert.equal((await playground.sandbox.journal()).at(-1)?.signatureVerified, true);
		});

		async function tested(wrong: Partial<CredentialData>): Promise<string> {
			const { baseUrl, partnerKey } = { ...playground.sandbox.credential, ...wrong };
			await editor.fill('baseUrl', baseUrl);
			await editor.fill('partnerKey', partnerKey);
			return await editor.saveCredential();
		}
	});

	suite('the node creator', () => {
		before(async () => {
			await openStored('Search', { nodes: placed([TRIGGER]), connections: {} });
			await editor.openCreator();
		});

		for (const text of SEARCHES) {
			test(`finds the node by "${text}"`, async () => {
				const found = await editor.search(text);
				await found.filter({ hasText: new RegExp(`^\\s*${NODE}\\s*$`) }).waitFor();
			});
		}

		test('offers the actions of the node', async () => {
			await editor.search(NODE);
			const names = editor.page.getByTestId('node-creator-item-name');
			await names.filter({ hasText: NODE }).click();
			await names.filter({ hasText: CLOSE }).waitFor();
			// The list, which has no search, is filled little by little.
			for (const action of [
				'Link a client to a card', 'Replace accounts of a card by IBAN', 'Activate a gift card with its code', 'Get the status of a request',
				'Issue a card', 'Get operations of a card from its statement', 'Send a custom request to .*',
			]) {
				await names.filter({ hasText: new RegExp(`^\\s*${action}\\s*$`) }).waitFor();
			}
		});
	});

	suite("a first workflow of one's own", () => {
		test('goes from nothing to a closed card in five steps', async (context) => {
			const counted = editor.count;
			const before = { ...counted };
			const steps = firstWorkflow(editor, playground.sandbox.credential, 'card-1005');
			for (const { name, act } of steps) {
				await act();
				context.diagnostic(`${name}: ${counted.typed - before.typed} typed, ${counted.clicked - before.clicked} clicked`);
			}
			await editor.output.getByText('card-1005').first().waitFor();

			const { cards } = await playground.sandbox.state();
			assert.equal(cards['card-1005']?.status, 'closed');
			const request = at(await playground.sandbox.journal(), -1);
			assert.equal(request.signatureVerified, true);
			assert.deepEqual([request.body.card_id, request.body.description], ['card-1005', 'Lost by the cardholder']);
		});

		test('shows an error with its words and the next step', async () => {
			await openStored('Unknown card', cardWorkflow([{ card_id: 'no-such-card' }]));
			await editor.openPanel('Close Card');
			await editor.executeStep();
			await editor.output.getByTestId('node-error-message').getByText(/card not found/).waitFor();
			const words = await editor.output.innerText();
			assert.match(words, /FreedomPay answered that the request failed/);
			assert.match(words, /Check /);
			assert.doesNotMatch(words, /\[item 0\]|undefined|\[object/);
		});

		test('sends what fails to the error output, once one chooses so', async () => {
			const workflow = cardWorkflow([{ card_id: 'card-1006' }, { card_id: 'no-such-card' }]);
			await openStored('Error output', workflow);
			await editor.openPanel('Close Card');
			await editor.useErrorOutput();
			await editor.executeStep();

			const branches = editor.output.getByTestId('branches');
			await branches.getByText('Success').click();
			await editor.output.getByText('card-1006').first().waitFor();
			await branches.getByText('Error').click();
			await editor.output.getByText('no-such-card').first().waitFor();
			const told = await editor.output.innerText();
			for (const field of ['message', 'outcome', 'cause', 'try_again', 'next_step']) assert.match(told, new RegExp(`\\b${field}\\b`));
			const { cards } = await playground.sandbox.state();
			assert.equal(cards['card-1006']?.status, 'closed');
		});
	});

	test('the HTTP Request node signs with the credential, chosen by hand', async () => {
		const { sandbox } = playground;
		await openStored('By hand', { nodes: placed([TRIGGER]), connections: {} });
		await editor.addNode('HTTP Request', 'HTTP Request');
		await editor.panel.waitFor();
		await editor.choose('method', 'POST');
		await editor.fill('url', `${sandbox.url}/v5/card-api/card/close`);
		await editor.choose('authentication', 'Predefined Credential Type');
		await editor.chooseSearched('nodeCredentialType', CREDENTIAL_TYPE);
		await editor.chooseCredential(CREDENTIAL.id);
		await editor.click(editor.parameter('sendBody'));
		await editor.choose('specifyBody', 'Using JSON');
		await editor.typeCode(
			editor.parameter('jsonBody'),
			'{ "request_id": "0b8f4d1e-3c52-4e0a-9a57-6f2d8c1b7e40", "card_id": "card-1007", "description": "Lost" }',
		);
		await editor.executeStep();
		await editor.output.getByText('success').first().waitFor();
		assert.equal((await sandbox.state()).cards['card-1007']?.status, 'closed');
		assert.equal((await sandbox.journal()).at(-1)?.signatureVerified, true);
	});

	suite('a workflow of this repository, by Import from file', () => {
		/** The types of nodes that may need a credential of another service, which nobody has chosen yet. */
		let othersCredentials: Set<string>;

		before(async () => {
			const types = await playground.host.rest.file<Array<{ name: string; credentials?: Array<{ name: string }> }>>('/types/nodes.json');
			const foreign = types.filter(({ credentials = [] }) => credentials.some(({ name }) => name !== CREDENTIAL.type));
			othersCredentials = new Set(foreign.map(({ name }) => name));
		});

		for (const file of readdirSync(WORKFLOWS).filter((name) => name.endsWith('.json'))) {
			const { nodes } = JSON.parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as { nodes: WorkflowNode[] };

			test(`${file} opens with every node whole`, async () => {
				// A workflow that asks opens a window; leaving its page with that open has crashed a browser.
				await editor.newTab();
				await editor.openNew();
				await editor.importFromFile(join(WORKFLOWS, file));
				const shown = await editor.shownNodes();
				const expected = nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote').map(({ name, type }) => [name, type]);
				assert.deepEqual(shown.map(({ name, type }) => [name, type]).sort(), expected.sort());
				assert.deepEqual(shown.filter(({ issues, type }) => issues && !othersCredentials.has(type)), []);
				assert.equal(await editor.page.getByTestId('sticky').count(), nodes.length - expected.length);
			});

			// A chat begins with what somebody types; the test of that workflow does.
			if (nodes.some(({ type }) => type.endsWith('.chatTrigger'))) continue;
			test(`${file} runs with its sample at the first click`, async () => {
				const { host, sandbox } = playground;
				await sandbox.reset();
				const before = new Set((await executionsOf(host)).map(({ id }) => id));
				await editor.executeWorkflow();
				let ended: ListedExecution | undefined;
				while (ended === undefined) {
					await delay(100);
					ended = (await executionsOf(host)).find(({ id, status }) => !before.has(id) && status !== 'running' && status !== 'new');
				}
				// A form waits for the next answer.
				assert.equal(ended.status, nodes.some(({ type }) => type === 'n8n-nodes-base.form') ? 'waiting' : 'success');
			});
		}
	});

	async function openStored(name: string, workflow: WorkflowBody): Promise<void> {
		await editor.open(await manualRuns(playground.host).store(name, workflow));
	}

	/** A workflow that closes the cards of some items. */
	function cardWorkflow(items: object[]): WorkflowBody {
		const card = sandboxNode('Close Card', { resource: 'card', operation: 'close', cardId: '={{ $json.card_id }}', reason: 'Lost by the cardholder' });
		const nodes = placed([TRIGGER, card]);
		return {
			nodes,
			connections: inARow(nodes),
			pinData: { [TRIGGER.name]: items.map((json) => ({ json })) },
		};
	}
});
