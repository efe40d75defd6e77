import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';

import type { Host } from '../../n8n/host.ts';
import type { Sandbox } from '../../n8n/sandbox.ts';
import { openBrowser, type Visit } from '../editor.ts';
import { at, errorOf, itemsOf } from '../items.ts';
import type { WorkflowNode } from '../nodes.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayGiftCard';

/** A customer activates a gift card by a form. */
export function giftCard(playground: () => Playground): void {
	suite('Gift card', () => {
		let host: Host;
		let sandbox: Sandbox;
		let runs: ExampleRuns;
		let browser: Visit;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
			browser = await openBrowser();
		});
		after(() => browser?.close());

		const confirmations = async () => (await sandbox.journal()).filter(({ path }) => path.endsWith('activate_card')).length;
		const activated = async () => (await runs.effects()).map(([, { card_id }]) => card_id);

		async function open(): Promise<void> {
			await runs.begin();
			await browser.page.goto(`${host.url}/form/gift-card`);
		}

		/** Fills in the page that is shown, sends it, and waits for a page that says so. */
		async function submit({ card, code }: { card?: string; code: string }, expected: string): Promise<void> {
			const { page } = browser;
			if (card !== undefined) await page.getByLabel('Card ID').fill(card);
			await page.getByLabel('One-time code').fill(code);
			await page.locator('button[type=submit], #submit-btn').click();
			await page.getByText(expected).waitFor();
		}

		test('shows the balance after the right code', async () => {
			await open();
			await browser.screenshot('form-gift-card');
			await submit({ card: '555', code: '1234' }, 'Your gift card is active');
			await browser.page.getByText('10000 KZT, 4400********0555').waitFor();
			await browser.screenshot('form-gift-card-active');
			assert.deepEqual(await activated(), [555]);
			assert.equal((await runs.last()).status, 'success');
		});

		test('says that a card is active already', async () => {
			await open();
			await submit({ card: '555', code: '1234' }, 'Your gift card is active already');
			assert.deepEqual(await activated(), [555]);
			assert.equal((await runs.last()).status, 'success');
		});

		test('tells what is wrong with a code, and lets one try again, with the card still filled in', async () => {
			await open();
			await submit({ card: '556', code: '0000' }, 'That did not work');
			await browser.page.getByText('Код не подходит').waitFor();
			assert.equal(await browser.page.getByText('incorrect OTP').count(), 0, 'words for staff');
			await browser.screenshot('form-gift-card-again');
			await submit({ code: 'abc' }, 'the code has digits only');
			await submit({ code: '1111' }, 'The code does not match');
			assert.equal(await browser.page.getByLabel('Card ID').inputValue(), '556');
			await submit({ code: '5678' }, 'Your gift card is active');
			assert.deepEqual(await activated(), [555, 556]);

			const execution = await runs.last();
			assert.equal(execution.status, 'success');
			assert.equal(itemsOf(execution, 'Confirm Gift Card', 1).length, 3);
			assert.equal(at(itemsOf(execution, 'Show the Balance'), 0).card_id, 556);
		});

		test('finds a card by its code alone', async () => {
			await sandbox.reset();
			await open();
			await submit({ code: '5678' }, 'Your gift card is active');
			assert.deepEqual(await activated(), [556]);
		});

		test('does not invite to try again when nobody knows the outcome, and leaves an alert and a failed execution', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: 'activate_card', kind: 'dropAfter' });
			await open();
			await submit({ card: '555', code: '1234' }, 'Please do not try again');
			await browser.screenshot('form-gift-card-unknown');
			assert.equal(await browser.page.locator('button[type=submit], #submit-btn').count(), 0);

			const execution = await runs.last();
			assert.equal(execution.status, 'error');
			assert.equal(at(itemsOf(execution, 'Send Alert Here'), 0).error.outcome, 'unknown');
			assert.match(errorOf(execution).message, /^Gift card 555 \(unknown\): /);
			assert.equal(await confirmations(), 1);
			assert.deepEqual(await activated(), [555]);
		});

		test('lets nobody try codes for ever', async () => {
			await sandbox.reset();
			await open();
			for (let wrong = 1; wrong <= 4; wrong += 1) {
				await submit({ card: '556', code: '0000' }, 'The code does not match');
				await browser.page.waitForFunction(() => ![...document.querySelectorAll('input')].some(({ value }) => value === '0000'));
			}
			await submit({ card: '556', code: '0000' }, 'Слишком много попыток');
			assert.equal(await browser.page.locator('button[type=submit], #submit-btn').count(), 0);
			assert.deepEqual(await activated(), []);
		});

		test('says nothing of codes when FreedomPay takes no more requests', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: 'activate_card', kind: 'rateLimit', retryAfter: 0, times: 'always' });
			await open();
			await submit({ card: '556', code: '5678' }, 'Please try again later');
			assert.equal(await browser.page.getByText('code', { exact: false }).count(), 0);
			assert.deepEqual(itemsOf(await runs.last(), 'Send Alert Here').map(({ error }) => [error.outcome, error.cause, error.try_again]), [['not_done', 'rate_limit', 'yes']]);
		});

		test('ends when nobody tries again', async () => {
			await sandbox.reset();
			const { nodes } = await host.rest.request<{ nodes: WorkflowNode[] }>('GET', `/workflows/${ID}`);
			const impatient = nodes.map((node) =>
				node.name === 'Ask Again' ? { ...node, parameters: { ...node.parameters, resumeAmount: 0.0005 } } : node,
			);
			await host.rest.request('PATCH', `/workflows/${ID}`, { nodes: impatient });
			await host.publish(ID);
			const before = await confirmations();
			await open();
			await submit({ card: '556', code: '0000' }, 'That did not work');
			const execution = await runs.last();
			assert.deepEqual([execution.status, execution.data.resultData.lastNodeExecuted], ['success', 'Given Up']);
			assert.equal(await confirmations(), before + 1);
		});

		test('does not trouble the customer with a key that FreedomPay refuses, and leaves an alert and a failed execution', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: 'activate_card', kind: 'unauthorized' });
			await open();
			await submit({ card: '556', code: '5678' }, 'Not possible at the moment');
			const execution = await runs.last();
			assert.deepEqual([execution.status, at(itemsOf(execution, 'Send Alert Here'), 0).error.outcome], ['error', 'not_done']);
			assert.deepEqual(await activated(), []);
		});
	});
}
