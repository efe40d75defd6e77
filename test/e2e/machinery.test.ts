import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { base64url, decodeProtectedHeader, flattenedVerify } from 'jose';

import { CREDENTIAL } from '../n8n/examples.ts';
import { freePort } from '../n8n/ports.ts';
import type { CredentialData, ReceivedRequest, Sandbox } from '../n8n/sandbox.ts';
import type { Effect, FaultRule } from '../sandbox/index.ts';
import type { Received } from '../support/listener.ts';
import { itemRuns, storeCredential, type Came, type ItemRuns, type NodeSettings } from './itemRuns.ts';
import { at, counted, placeOf, type Item } from './items.ts';
import { startPlayground, type Playground } from './playground.ts';
import { startRecorder, type Recorder } from './recorder.ts';

const CLOSE_PATH = '/v5/card-api/card/close';
const SET_PIN_PATH = '/v5/card-api/card/set_pin';
const CONFIRM_PATH = '/v5/cards/activate_card';
const STATUS_PATH = '/v5/card-api/request/status';

const CLOSE = { resource: 'card', operation: 'close', cardId: '={{ $json.card_id }}', reason: 'Lost' };
const SET_PIN = { resource: 'card', operation: 'setPin', cardId: '={{ $json.card_id }}' };
const CONFIRM = { resource: 'giftCard', operation: 'confirm', otp: '={{ $json.code }}', cardId: '={{ $json.card_id}}' };

const CONTINUE = { onError: 'continueRegularOutput' };
const ERROR_OUTPUT = { onError: 'continueErrorOutput' };
const RETRY_ON_FAIL = { retryOnFail: true, maxTries: 3, waitBetweenTries: 50 };

/** Asking about one item gives up after as many questions. */
const ASKS = 3;

const closings = (...cards: string[]) => cards.map((card_id) => ({ card_id }));

suite("n8n's own machinery", () => {
	let playground: Playground;
	let runs: ItemRuns;
	let sandbox: Sandbox;

	before(async () => {
		playground = await startPlayground('machinery');
		({ sandbox } = playground);
		runs = itemRuns(playground);
	});
	after(() => playground?.stop());
	beforeEach(() => sandbox.reset());

	/** Stores a workflow and runs it to its end. */
	const run = async (...workflow: Parameters<ItemRuns['store']>): Promise<Came> => await runs.run(await runs.store(...workflow));

	const credentialWith = async (data: Partial<CredentialData>) => await storeCredential(playground.host, { ...sandbox.credential, ...data });

	suite('a node that continues on errors', () => {
		const ITEMS = closings('card-1001', 'card-1002');

		/** How a run is broken, and what is known then. */
		interface Break {
			items?: object[];
			parameters?: object;
			settings?: () => Promise<NodeSettings>;
			faults?: FaultRule[];
			told: RegExp;
			outcome?: string;
			sends?: boolean;
			effects?: number;
		}

		/** Ways to break a run, what they say and what is known then. The API never acts, unless it says `effects`. */
		const BREAKS: Record<string, Break> = {
			'an empty Auth ID': { settings: () => credentialWith({ authId: '' }), told: /The Auth ID in the FreedomPay API credential is empty/ },
			'an empty Partner Key': { settings: () => credentialWith({ partnerKey: '' }), told: /The Partner Key in the FreedomPay API credential is empty/ },
			'a bad Base URL': { settings: () => credentialWith({ baseUrl: 'sandbox' }), told: /The Base URL in the FreedomPay API credential is not a valid URL/ },
			'a Base URL of plain http': { settings: () => credentialWith({ baseUrl: 'http://api.example.com' }), told: /must begin with https:\/\// },
			'a credential that was deleted': { settings: deletedCredential, told: /The FreedomPay API credential cannot be used: .*does not exist/ },
			'a credential of another type': { settings: foreignCredential, told: /The FreedomPay API credential cannot be used: .*does not exist/ },
			'no credential': { settings: () => Promise.resolve({ credentials: {} }), told: /The FreedomPay API credential cannot be used: / },
			'an expression in the credential that fails': { settings: () => credentialWith({ authId: "={{ $('Nobody').item.json.id }}" }), told: /credential/ },
			'a wrong Partner Key': { settings: () => credentialWith({ partnerKey: 'wrong' }), told: /FreedomPay refused the credential "Other" \(HTTP 401\)/, sends: true },
			'a host that nobody listens on': { settings: async () => credentialWith({ baseUrl: `http://127.0.0.1:${await freePort()}` }), told: /FreedomPay could not be reached/ },
			'a blank card ID': { items: closings('', ' '), told: /^Card ID must not be empty \[item \d\]$/ },
			'an expression about a node that is not there': { parameters: { ...CLOSE, cardId: "={{ $('Nobody').item.json.id }}" }, told: /Nobody|node/ },
			'an operation that is not there': { parameters: { ...CLOSE, operation: 'open' }, told: /Operation "open"/ },
			'a card that is not known': { items: closings('no-such-card', 'no-such-one'), told: /card not found/, outcome: 'refused', sends: true },
			'answers that are lost': {
				faults: [
					{ path: CLOSE_PATH, kind: 'dropAfter', times: 'always' },
					{ path: STATUS_PATH, kind: 'http503Before', times: 'always' },
				],
				told: /^It is unknown whether FreedomPay carried out the command/,
				outcome: 'unknown',
				sends: true,
				effects: 2,
			},
		};

		for (const [mode, onError] of [
			['Continue', CONTINUE],
			['Continue (using error output)', ERROR_OUTPUT],
		] as const) {
			for (const [what, { items = ITEMS, parameters = CLOSE, settings, faults = [], told, outcome = 'not_done', sends = false, effects = 0 }] of Object.entries(BREAKS)) {
				test(`${mode}: ${what} lets no item out as if it were done`, async () => {
					await sandbox.misbehave(...faults);
					const came = await run(items, parameters, { ...onError, ...(await settings?.()) });
					assert.equal(came.status, 'success');
					const [errors, others] = onError === CONTINUE ? [came.done, came.failed] : [came.failed, came.done];
					assert.equal(others, undefined);
					assert.deepEqual(pairs(errors), [0, 1]);
					for (const { json } of errors ?? []) {
						assert.match(json.error.message, told);
						assert.equal(json.error.outcome, outcome);
						assert.ok(json.error.next_step.length > 10);
					}
					// With its error output n8n itself adds the input's fields, so that the next node can see whom it is about.
					assert.deepEqual(errors?.map(({ json }) => without('error', json)), onError === CONTINUE ? [{}, {}] : items);
					assert.equal(came.journal.length > 0, sends);
					assert.equal(came.effects.length, effects);
				});
			}

			test(`${mode}: items that fail and items that are done keep their order and their places`, async () => {
				const came = await run(closings('card-1001', '', 'no-such-card', 'card-1002'), CLOSE, onError);
				const all = [...(came.done ?? []), ...(onError === CONTINUE ? [] : (came.failed ?? []))];
				assert.deepEqual(
					all.sort((one, other) => placeOf(one) - placeOf(other)).map((item) => [placeOf(item), item.json.outcome ?? item.json.error.outcome]),
					[
						[0, 'done'],
						[1, 'not_done'],
						[2, 'refused'],
						[3, 'done'],
					],
				);
				assert.deepEqual(pairs(came.done), onError === CONTINUE ? [0, 1, 2, 3] : [0, 3]);
				assert.deepEqual(came.effects.map(({ target }) => target.card_id).sort(), ['card-1001', 'card-1002']);
			});

			test(`${mode}: an execution that is stopped by hand lets no item out as if it were done`, async () => {
				await sandbox.misbehave({ path: CLOSE_PATH, kind: 'stallBefore', times: 'always' });
				const executionId = await runs.start(await runs.store(ITEMS, CLOSE, onError));
				while ((await sandbox.journal()).length < 2) await delay(20);
				await playground.host.rest.request('POST', `/executions/${executionId}/stop`);
				const came = await runs.end(executionId);
				assert.equal(came.status, 'canceled');
				for (const { json } of came.done ?? []) assert.equal(typeof json.error.message, 'string');
				assert.equal(came.journal.length, 2);
				assert.deepEqual(came.effects, []);
			});
		}

		async function deletedCredential() {
			const settings = await credentialWith({});
			await playground.host.rest.request('DELETE', `/credentials/${settings.credentials[CREDENTIAL.type]?.id}`);
			return settings;
		}

		async function foreignCredential() {
			const credential = { name: 'Header', type: 'httpHeaderAuth', data: { name: 'X-Key', value: 'key' } };
			const { id, name } = await playground.host.rest.request<{ id: string; name: string }>('POST', '/credentials', credential);
			return { credentials: { [CREDENTIAL.type]: { id, name } } };
		}
	});

	suite('Retry On Fail', () => {
		// n8n runs a node that continues on errors again when its first item failed, so here that one always does.
		const RETRIED = { ...ERROR_OUTPUT, ...RETRY_ON_FAIL };

		test('of Set PIN: what is done or unknown or refused is not sent again, only what surely was not', async () => {
			await sandbox.misbehave(
				{ path: SET_PIN_PATH, card: 'card-1001', kind: 'dropAfter' },
				{ path: SET_PIN_PATH, card: 'card-1003', kind: 'refuse', body: { error_description: 'PIN is too simple' } },
				{ path: SET_PIN_PATH, card: 'card-1004', kind: 'rateLimit', retryAfter: 0, times: 3 },
			);
			const { status, done, failed, journal, effects } = await run(closings('card-1001', 'card-1002', 'card-1003', 'card-1004'), SET_PIN, RETRIED);
			assert.equal(status, 'success');
			assert.deepEqual(
				done?.map((item) => [placeOf(item), item.json.card_id, item.json.request_status, item.json.outcome]),
				[
					[1, 'card-1002', 'success', 'done'],
					// By the second try; the third has its answer.
					[3, 'card-1004', 'success', 'done'],
				],
			);
			assert.deepEqual(failures(failed), [
				[0, 'card-1001', 'unknown'],
				[2, 'card-1003', 'refused'],
			]);
			assert.match(at(failed, 1).json.error.message, /PIN is too simple/);
			assert.deepEqual(sends(journal), { 'card-1001': 1, 'card-1002': 1, 'card-1003': 1, 'card-1004': 4 });
			assert.deepEqual(acted(effects), { 'card-1001': 1, 'card-1002': 1, 'card-1004': 1 });
		});

		test('of a gift card confirmation: what is done or unknown or refused is not sent again', async () => {
			await sandbox.misbehave({ path: CONFIRM_PATH, card: 555, kind: 'dropAfter' });
			const items = [
				{ card_id: 555, code: '1234' },
				{ card_id: 556, code: '5678' },
				{ card_id: 557, code: '9876' },
			];
			const { status, done, failed, journal, effects } = await run(items, CONFIRM, RETRIED);
			assert.equal(status, 'success');
			assert.deepEqual(
				done?.map((item) => [placeOf(item), item.json.card_id, item.json.status, item.json.card_status, item.json.outcome]),
				[[1, 556, 0, 2, 'done']],
			);
			assert.deepEqual(failures(failed), [
				[0, 555, 'unknown'],
				[2, 557, 'refused'],
			]);
			assert.deepEqual(failed?.map(({ json }) => Object.keys(json)), [['error'], ['error']], "none of the input's fields, of which one is the code");
			assert.match(at(failed, 0).json.error.next_step, /Do not confirm again blindly/);
			assert.deepEqual(sends(journal), { 555: 1, 556: 1, 557: 1 });
			assert.deepEqual(acted(effects), { 555: 1, 556: 1 });
		});

		for (const [what, parameters, path, items] of [
			['Set PIN', SET_PIN, SET_PIN_PATH, closings('card-1001', 'card-1002')],
			['a gift card confirmation', CONFIRM, CONFIRM_PATH, [{ card_id: 555, code: '1234' }, { card_id: 556, code: '5678' }]],
		] as const) {
			test(`of ${what} in a node that stops on errors: one request each, and its account promises nothing else`, async () => {
				const [done, lost] = [items[0].card_id, items[1].card_id];
				await sandbox.misbehave({ path, card: lost, kind: 'dropAfter' });
				const came = await run(items, parameters, RETRY_ON_FAIL);
				assert.deepEqual([came.status, came.done, came.failed], ['error', undefined, undefined]);
				assert.match(came.error?.message ?? '', new RegExp(`^1 of 2 has an unknown outcome: ${lost}\\. It is unknown whether FreedomPay carried out the command`));
				assert.deepEqual(came.error?.description.split('<br>\n').slice(0, 2), [`Done (1): ${done}`, `Unknown (1): ${lost}`]);
				assert.doesNotMatch(came.error?.description ?? '', /recognised by its request ID|Event ID/);
				assert.deepEqual(sends(came.journal), { [done]: 1, [lost]: 1 });
				assert.deepEqual(acted(came.effects), { [done]: 1, [lost]: 1 });
			});
		}

		test("of a Request ID that is another command's: stays used, and borrows no outcome", async () => {
			const uuid = '5d3b1f0a-9c2e-4a7b-8f10-2b6c7d8e9f01';
			const typed = { ...CLOSE, options: { requestId: uuid } };
			await run(closings('card-1001'), typed);
			const { done, failed, journal, effects } = await run(closings('card-1002'), typed, RETRIED);
			assert.equal(done, undefined);
			assert.deepEqual(failures(failed), [[0, 'card-1002', 'unknown']]);
			assert.match(at(failed, 0).json.error.message, /The Request ID is used already/);
			assert.deepEqual(sends(journal.filter(({ path }) => path === CLOSE_PATH)), { 'card-1001': 1 });
			assert.deepEqual(acted(effects), { 'card-1001': 1 });
		});

		test('of commands whose first try ends unknown: one request ID and one effect each', async () => {
			await sandbox.misbehave(
				{ path: CLOSE_PATH, card: 'card-1001', kind: 'dropAfter' },
				{ path: CLOSE_PATH, card: 'card-1002', kind: 'dropBefore' },
				{ path: STATUS_PATH, kind: 'http503Before', times: 2 * ASKS },
			);
			const { status, done, failed, journal, effects } = await run(closings('card-1001', 'card-1002', 'card-1003'), CLOSE, RETRIED);
			assert.deepEqual([status, failed], ['success', undefined]);
			assert.deepEqual(
				done?.map((item) => [placeOf(item), item.json.card_id, item.json.request_status, item.json.outcome]),
				[
					[0, 'card-1001', 'success', 'done'],
					[1, 'card-1002', 'success', 'done'],
					[2, 'card-1003', 'success', 'done'],
				],
			);
			const commands = journal.filter(({ path }) => path === CLOSE_PATH);
			assert.deepEqual(sends(commands), { 'card-1001': 1, 'card-1002': 2, 'card-1003': 1 });
			assert.deepEqual(
				Object.fromEntries(effects.map(({ target, requestId }) => [String(target.card_id), requestId])),
				Object.fromEntries((done ?? []).map(({ json }) => [json.card_id, json.request_id])),
			);
			assert.deepEqual(new Set(commands.map(({ requestId }) => requestId)), new Set(done?.map(({ json }) => json.request_id)));
			assert.deepEqual(acted(effects), { 'card-1001': 1, 'card-1002': 1, 'card-1003': 1 });
		});
	});

	test("what a run keeps in the execution's data for a rerun holds no code and no key", async () => {
		const code = '908172635544';
		const items = [
			{ card_id: 555, code: '1234' },
			{ card_id: 556, code },
		];
		const { id, status } = await run(items, CONFIRM);
		assert.equal(status, 'error');
		const contextData = (await playground.host.readExecution(id)).data.executionData?.contextData ?? {};
		const kept = at(Object.values(contextData).map((context) => JSON.stringify(context)), 0);
		assert.match(kept, /"is":"done".*"is":"refused"/);
		// The sandbox's key is a word that may also be the name of something.
		const values = kept.replace(/"\w+":/g, '');
		for (const secret of [code, sandbox.credential.partnerKey]) assert.doesNotMatch(values, new RegExp(`\\b${secret}\\b`));
	});

	suite('the Retry button, after the workflow was corrected', () => {
		const MISTYPED = 'card-l003';
		const corrected = { ...CLOSE, cardId: `={{ $json.card_id.replace('${MISTYPED}', 'card-1003') }}` };

		for (const [what, byEvent] of [
			['with Event IDs', { eventId: '={{ $json.event_id }}' }],
			['without Event IDs', {}],
		] as const) {
			test(`${what}: the corrected command is a new one, the others are taken over`, async () => {
				const items = closings('card-1001', 'card-1002', MISTYPED).map((item, index) => ({ ...item, event_id: `evt-${index}` }));
				await sandbox.misbehave({ path: CLOSE_PATH, card: 'card-1002', kind: 'dropAfter' }, { path: STATUS_PATH, kind: 'http503Before', times: ASKS });
				const workflowId = await runs.store(items, { ...CLOSE, ...byEvent });
				const first = await runs.run(workflowId);
				assert.deepEqual([first.status, first.done], ['error', undefined]);
				assert.deepEqual(acted(first.effects), { 'card-1001': 1, 'card-1002': 1 });

				await runs.change(workflowId, items, { ...corrected, ...byEvent });
				const second = await runs.retry(first);
				assert.equal(second.status, 'success');
				assert.notEqual(second.id, first.id);
				assert.deepEqual(
					second.done?.map((item) => [placeOf(item), item.json.card_id, item.json.request_status, item.json.outcome]),
					[
						[0, 'card-1001', 'success', 'done'],
						[1, 'card-1002', 'success', 'done'],
						[2, 'card-1003', 'success', 'done'],
					],
				);
				assert.deepEqual(acted(second.effects), { 'card-1001': 1, 'card-1002': 1, 'card-1003': 1 });
				const commands = second.journal.filter(({ path }) => path === CLOSE_PATH);
				assert.deepEqual(sends(commands), { 'card-1001': 1, 'card-1002': 1, [MISTYPED]: 1, 'card-1003': 1 });
				assert.equal(new Set(commands.map(({ requestId }) => requestId)).size, 4);
				assert.deepEqual(
					second.effects.map(({ target, requestId }) => [String(target.card_id), requestId]).sort(),
					second.done?.map(({ json }) => [json.card_id, json.request_id]),
				);
			});
		}

		test('of a gift card whose code was corrected: confirmed, and the others not again', async () => {
			const items = [
				{ card_id: 555, code: '1234' },
				{ card_id: 556, code: '0000' },
			];
			const workflowId = await runs.store(items, CONFIRM);
			const first = await runs.run(workflowId);
			assert.equal(first.status, 'error');
			assert.deepEqual(acted(first.effects), { 555: 1 });

			await runs.change(workflowId, items, { ...CONFIRM, otp: "={{ $json.code.replace('0000', '5678') }}" });
			const second = await runs.retry(first);
			assert.equal(second.status, 'success');
			assert.deepEqual(
				second.done?.map(({ json }) => [json.card_id, json.card_status, json.outcome]),
				[
					[555, 2, 'done'],
					[556, 2, 'done'],
				],
			);
			assert.deepEqual(sends(second.journal), { 555: 1, 556: 2 });
			assert.deepEqual(acted(second.effects), { 555: 1, 556: 1 });
		});
	});

	suite('a credential with expressions of the item', () => {
		/** Stands before the sandbox and keeps the bytes and headers. */
		let wire: Recorder;
		before(async () => (wire = await startRecorder(sandbox.url)));
		after(() => wire?.stop());

		test('signs each item with its own Auth ID and Partner Key, and a refused one stops only its own', async () => {
			const { authId, partnerKey } = sandbox.credential;
			const ours = { tenant: authId, key: partnerKey };
			const tenants = [
				{ tenant: 'tenant-b', key: 'key of b' },
				ours,
				{ tenant: 'tenant-c', key: 'key of c' },
				{ tenant: 'tenant-b', key: 'key of b' },
				{ tenant: '', key: 'key of nobody' },
				ours,
			];
			const items = tenants.map((tenant, index) => ({ card_id: `card-${1001 + index}`, ...tenant }));
			const settings = await credentialWith({ baseUrl: wire.url, authId: '={{ $json.tenant }}', partnerKey: '={{ $json.key }}' });
			const { status, done, failed, journal, effects } = await run(items, { ...CLOSE, options: { maxParallelRequests: 1 } }, { ...ERROR_OUTPUT, ...settings });

			assert.equal(status, 'success');
			assert.deepEqual(done?.map((item) => [placeOf(item), item.json.card_id, item.json.outcome]), [
				[1, 'card-1002', 'done'],
				[5, 'card-1006', 'done'],
			]);
			assert.deepEqual(
				failed?.map((item) => [placeOf(item), item.json.error.outcome, item.json.error.message.replace(/: .*/, '')]),
				[
					[0, 'not_done', 'FreedomPay refused the credential "Other" (HTTP 401)'],
					[2, 'not_done', 'FreedomPay refused the credential "Other" (HTTP 401)'],
					[3, 'not_done', 'Not sent'],
					[4, 'not_done', 'The Auth ID in the FreedomPay API credential is empty. Type the one that FreedomPay gave you.'],
				],
			);

			const requests = wire.take();
			const signed = await Promise.all(requests.map((request) => signerOf(request, items)));
			assert.deepEqual(signed, [
				['card-1001', 'tenant-b'],
				['card-1002', authId],
				['card-1003', 'tenant-c'],
				['card-1006', authId],
			]);
			assert.deepEqual(
				journal.map(({ body, signatureVerified }) => [body.card_id, signatureVerified]),
				[
					['card-1001', false],
					['card-1002', true],
					['card-1003', false],
					['card-1006', true],
				],
			);
			assert.deepEqual(acted(effects), { 'card-1002': 1, 'card-1006': 1 });
		});

		/** Whom a request is about, and the Auth ID that signed it, verified with the key of the item. */
		async function signerOf({ headers, rawBody }: Received, items: ReadonlyArray<{ card_id: string; key: string }>): Promise<[card: string, authId: unknown]> {
			const jws = String(headers['x-jws-signature']);
			const [header = '', , signature = ''] = jws.split('.');
			const { card_id: card } = JSON.parse(rawBody.toString('utf8')) as { card_id: string };
			const { key } = at(items.filter(({ card_id }) => card_id === card), 0);
			await flattenedVerify({ protected: header, payload: base64url.encode(rawBody), signature }, new TextEncoder().encode(key));
			return [card, decodeProtectedHeader(jws).auth_id];
		}
	});

	suite('an Event ID that comes out blank', () => {
		const byEvent = { ...CLOSE, eventId: '={{ $json.event_id }}' };
		const BLANKS = { 'not there': {}, null: { event_id: null }, empty: { event_id: '' }, 'only spaces': { event_id: '  ' } };

		for (const [what, event] of Object.entries(BLANKS)) {
			test(`is refused, naming the field, and nothing is sent: ${what}`, async () => {
				const { status, error, done, journal, effects } = await run([{ card_id: 'card-1001', ...event }], byEvent);
				assert.deepEqual([status, done], ['error', undefined]);
				assert.match(error?.message ?? '', /^Event ID is an expression that gives nothing\. Correct it, or clear the field to do without$/);
				assert.deepEqual([journal, effects], [[], []]);
			});
		}

		test('is refused alone where the node continues on errors', async () => {
			const items = [{ card_id: 'card-1001' }, { card_id: 'card-1002', event_id: 'evt-2' }];
			const { done, failed, journal, effects } = await run(items, byEvent, ERROR_OUTPUT);
			assert.deepEqual(done?.map((item) => [placeOf(item), item.json.card_id]), [[1, 'card-1002']]);
			assert.deepEqual(pairs(failed), [0]);
			assert.match(at(failed, 0).json.error.message, /^Event ID is an expression that gives nothing/);
			const { outcome, cause, try_again } = at(failed, 0).json.error;
			assert.deepEqual([outcome, cause, try_again], ['not_done', 'input', 'no']);
			assert.deepEqual(sends(journal), { 'card-1002': 1 });
			assert.deepEqual(acted(effects), { 'card-1002': 1 });
		});

		test('is no such thing when the field was left empty', async () => {
			const { done, effects } = await run(closings('card-1001'), { ...CLOSE, eventId: '' });
			assert.equal(at(done, 0).json.outcome, 'done');
			assert.deepEqual(acted(effects), { 'card-1001': 1 });
		});

		test('and so is a blank Request ID', async () => {
			const { status, error, journal } = await run(closings('card-1001'), { ...CLOSE, options: { requestId: '={{ $json.uuid }}' } });
			assert.equal(status, 'error');
			assert.match(error?.message ?? '', /^Request ID is an expression that gives nothing/);
			assert.deepEqual(journal, []);
		});
	});
});

/** Fields but for one. */
const without = (name: string, fields: object) => Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));

const pairs = (items: Item[] | undefined) => items?.map(placeOf);

const failures = (items: Item[] | undefined) => items?.map((item) => [placeOf(item), item.json.error.card_id, item.json.error.outcome]);

/** How many requests there were about each card. */
const sends = (journal: ReceivedRequest[]) => counted(journal.map(({ body }) => body.card_id));

/** How many effects there are on each card. */
const acted = (effects: Effect[]) => counted(effects.map(({ target }) => target.card_id));
