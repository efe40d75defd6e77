import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';

import type { Host } from '../../n8n/host.ts';
import type { Sandbox } from '../../n8n/sandbox.ts';
import { at, errorOf, itemsOf } from '../items.ts';
import { manualRuns } from '../manualRuns.ts';
import type { Playground } from '../playground.ts';
import { runsOf, type ExampleRuns } from './runs.ts';

const ID = 'freedomPayNewCardholder';
const PATH = 'new-cardholder';

const PDF = '%PDF-1.4\n%%EOF\n';
const FORM = {
	first_name: 'Aigerim',
	last_name: 'Sadykova',
	phone: '+7 701 000 00 04',
	iban: 'KZ86125KZT5004100100',
	currency: 'KZT',
};

/** A form of the CRM makes a new cardholder. */
export function newCardholder(playground: () => Playground): void {
	suite('New cardholder', () => {
		let host: Host;
		let sandbox: Sandbox;
		let runs: ExampleRuns;

		before(async () => {
			({ host, sandbox } = playground());
			runs = runsOf(playground(), ID);
			await sandbox.reset();
			await host.publish(ID);
		});

		/** Sends the form as the CRM does, with a document unless it is undefined. */
		async function send(fields: Record<string, string>, document = PDF) {
			const form = new FormData();
			for (const [name, value] of Object.entries({ ...FORM, ...fields })) form.set(name, value);
			if (document !== '') form.set('document', new Blob([document], { type: 'application/pdf' }), 'document.pdf');
			return await runs.deliver(PATH, form);
		}

		/** The steps that acted for a card or a phone, in their order. */
		async function effects(since = 0): Promise<string[]> {
			return (await runs.effects()).slice(since).map(([path]) => path);
		}

		const ALL = ['client/add', 'card/link', 'card/update'];

		test('makes one of the form that is pinned as a sample, when it is run by hand', async () => {
			const execution = await runs.byHand('New Cardholder');
			assert.equal(execution.status, 'success');
			assert.deepEqual(itemsOf(execution, 'Answer 200 Done').map(({ card_id, outcome }) => [card_id, outcome]), [['card-1007', 'done']]);
			assert.deepEqual(await effects(), ALL);
			await sandbox.reset();
		});

		test('creates the client with the document, links the card and gives it its account', async () => {
			const { status, body } = await send({ event_id: 'form-1', card_id: 'card-1007' });
			assert.deepEqual([status, body], [200, { outcome: 'done', client_id: body.client_id, card_id: 'card-1007' }]);
			assert.deepEqual(await effects(), ALL);
			assert.equal((await runs.last()).status, 'success');

			const { cards, clients } = await sandbox.state();
			const card = cards['card-1007'];
			assert.equal(card?.clientId, body.client_id);
			assert.deepEqual(card?.accounts.map(({ iban, currency, type }) => [iban, currency, type]), [['KZ86125KZT5004100100', 'KZT', 'IBAN']]);
			assert.ok(JSON.stringify(clients).includes(body.client_id));
			const { client } = at((await sandbox.journal()).filter(({ path }) => path.endsWith('client/add')), 0).body as { client: Record<string, unknown> };
			assert.deepEqual([client.first_name, client.last_name, client.phone], ['Aigerim', 'Sadykova', 77010000004]);
			assert.equal(Buffer.from(String(client.document), 'base64').toString(), PDF);
		});

		test('answers the same when the form comes again, and does nothing a second time', async () => {
			const clientId = (await sandbox.state()).cards['card-1007']?.clientId;
			for (const document of [PDF, `${PDF}% scanned again\n`]) {
				const { status, body } = await send({ event_id: 'form-1', card_id: 'card-1007' }, document);
				assert.deepEqual([status, body], [200, { outcome: 'done_before', client_id: clientId, card_id: 'card-1007' }]);
			}
			assert.deepEqual(await effects(), ALL);
		});

		for (const [number, [path, step]] of ([
			['client/add', 'client'],
			['card/link', 'card'],
			['card/update', 'accounts'],
		] as const).entries()) {
			test(`goes on where it stopped when the outcome of ${path} was unknown`, async () => {
				const form = { event_id: `form-unknown-${number}`, card_id: `card-${1008 + number}`, phone: `+7 701 000 01 0${number}` };
				const before = (await effects()).length;
				await sandbox.misbehave({ path, kind: 'dropAfter' }, { path: 'request/status', kind: 'http503Before', times: 3 });
				const { status, body } = await send(form);
				assert.deepEqual([status, body.outcome, body.step], [502, 'unknown', step]);
				// What was not known is found out after the answer, and the rest is done.
				assert.equal((await runs.last()).status, 'success');
				assert.deepEqual(await effects(before), ALL);

				const again = await send(form);
				assert.deepEqual([again.status, again.body.outcome, again.body.card_id], [200, 'done_before', form.card_id]);
				assert.deepEqual(await effects(before), ALL);
				assert.equal((await sandbox.state()).cards[form.card_id]?.clientId, again.body.client_id);
				assert.equal((await runs.last()).status, 'success');
			});
		}

		test('goes on where it stopped when FreedomPay turned a step away, by n8n\'s Retry', async () => {
			await sandbox.reset();
			await sandbox.misbehave({ path: 'card/link', kind: 'unauthorized', times: 2 });
			const form = { event_id: 'form-5', card_id: 'card-1007' };
			const { status, body } = await send(form);
			assert.deepEqual([status, body.outcome, body.try_again, body.step], [503, 'not_done', 'yes', 'card']);
			const failed = await runs.last();
			assert.deepEqual([failed.status, failed.data.resultData.lastNodeExecuted], ['error', 'Link Card to the End']);
			assert.deepEqual(await effects(), ['client/add']);

			assert.equal((await manualRuns(host).retry(failed)).status, 'success');
			assert.deepEqual(await effects(), ALL);
			const again = await send(form);
			assert.deepEqual([again.status, again.body.outcome], [200, 'done_before']);
			assert.deepEqual(await effects(), ALL);
		});

		for (const [what, fields, document, told] of [
			['without an event', { card_id: 'card-1008' }, PDF, /^The form has no event_id\.$/],
			['without a card and an IBAN', { event_id: 'form-6', iban: '' }, PDF, /^The form has no card_id, iban\.$/],
			['without a document', { event_id: 'form-7', card_id: 'card-1008' }, '', /Document/],
			['with a document that is no PDF', { event_id: 'form-8', card_id: 'card-1008' }, 'GIF89a', /Document/],
			['with a name in other letters', { event_id: 'form-9', card_id: 'card-1008', first_name: 'Айгерим' }, PDF, /First Name/],
		] as ReadonlyArray<[what: string, fields: Record<string, string>, document: string, told: RegExp]>) {
			test(`answers 422 to a form ${what}, and sends nothing`, async () => {
				const journal = await sandbox.journal();
				const { status, body } = await send(fields, document);
				assert.deepEqual([status, body.outcome, body.try_again], [422, 'not_done', 'no']);
				assert.match(body.error, told);
				assert.notEqual(body.next_step, '');
				assert.deepEqual(await sandbox.journal(), journal);
				assert.equal((await runs.last()).status, 'error');
			});
		}

		test('tells what is wrong with a form that was found wrong half way, and goes on when it comes corrected', async () => {
			await sandbox.reset();
			const form = { event_id: 'form-10', card_id: 'card-1008' };
			const { status, body } = await send({ ...form, iban: 'KZ86125KZT5004100101' });
			assert.deepEqual([status, body.outcome, body.step], [422, 'not_done', 'accounts']);
			assert.match(body.error, /IBAN/);

			const corrected = await send(form);
			assert.deepEqual([corrected.status, corrected.body.outcome], [200, 'done']);
			assert.deepEqual(await effects(), ALL);
		});

		test('answers 422 when FreedomPay says no, and the execution has failed', async () => {
			const { status, body } = await send({ event_id: 'form-11', card_id: 'no-such-card' });
			assert.deepEqual([status, body.outcome, body.step], [422, 'refused', 'card']);
			assert.match(body.error, /card not found/);
			const execution = await runs.last();
			assert.deepEqual([execution.status, execution.data.resultData.lastNodeExecuted], ['error', 'Link Card to the End']);
			assert.match(errorOf(execution).message, /card not found/);
		});

		test('answers 202 while FreedomPay still processes a step, and goes on to the end after the answer', async () => {
			await sandbox.reset();
			await sandbox.takeTime({ processingMs: 12_000 });
			const form = { event_id: 'form-12', card_id: 'card-1009' };
			const first = await send(form);
			assert.deepEqual([first.status, first.body.outcome, first.body.step], [202, 'processing', 'client']);
			const { status, data } = await runs.last();
			assert.deepEqual([status, data.resultData.lastNodeExecuted], ['success', 'Update Accounts to the End']);
			assert.deepEqual(await effects(), ALL);
			await sandbox.takeTime({ processingMs: 0 });
			const later = await send(form);
			assert.deepEqual([later.status, later.body.outcome, later.body.card_id], [200, 'done_before', 'card-1009']);
			assert.deepEqual(await effects(), ALL);
		});

		test('lets nobody in without the key', async () => {
			const before = await sandbox.journal();
			assert.equal((await runs.deliver(PATH, new FormData(), {})).status, 403);
			assert.deepEqual(await sandbox.journal(), before);
		});
	});
}
