import type { INodeParameters } from 'n8n-workflow';

import { startSandbox, type Sandbox } from '../sandbox';
import { CLOSE, closeEach, errorModes, failedItems, runCard, stored } from '../support/card';

const UUID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const IBAN = 'KZ86125KZT5004100100';
const EMPTY: ReadonlyArray<[string, unknown]> = [
	['undefined', undefined],
	['null', null],
	['an empty text', ''],
	['spaces', ' \u00a0\t\n'],
];
const NO_TEXT: ReadonlyArray<[string, unknown]> = [
	['an object', { id: 'card-1001' }],
	['an empty object', {}],
	['a list', ['card-1001']],
	['an empty list', []],
	['true', true],
];

const NO_UUID: ReadonlyArray<[string, unknown]> = [
	...EMPTY,
	...NO_TEXT,
	['text', 'crm-event-7'],
	['a number', 7],
	['a UUID without hyphens', UUID.replaceAll('-', '')],
	['a UUID in braces', `{${UUID}}`],
	['a UUID and more', `${UUID}0`],
	['two UUIDs', `${UUID}\n${UUID}`],
];

/** A field of the panel: an operation that has it, with the value from each item's field `value`. */
interface Subject {
	parameters: INodeParameters;
	/** As the panel shows it. */
	label: string;
	/** A value that is fine, so that its item goes on. */
	good: unknown;
	bad: ReadonlyArray<[string, unknown]>;
	/** How many requests the good value takes, 1 by default. */
	requests?: number;
	/** What the sandbox must have been told for the good value to be good. */
	prepare?: () => Promise<unknown>;
}

const VALUE = '={{ $json.value }}';
const account = (changed: object) => ({ account: [{ iban: IBAN, currency: 'KZT', type: 'IBAN', ...changed }] });

const subjects: Readonly<Record<string, Subject>> = {
	'Card ID': {
		parameters: { ...closeEach, cardId: VALUE },
		label: 'Card ID',
		good: 'card-1001',
		bad: [
			...EMPTY,
			...NO_TEXT,
			['a number that is not exact', 2 ** 53],
			['a broken number', 1.5],
			['a text with an inner space', 'card 1001'],
			['a text with an inner no-break space', 'card\u00a01001'],
			['two cells of a spreadsheet', 'card-1001\tcard-1002'],
			['two rows of a spreadsheet', 'card-1001\r\ncard-1002'],
			['half a character', 'card-\ud83d'],
		],
	},
	Reason: {
		parameters: { ...closeEach, cardId: 'card-1001', reason: VALUE },
		label: 'Reason',
		good: 'Lost',
		bad: [...EMPTY, ...NO_TEXT, ['half a character', 'Lost \udc00']],
	},
	'Client ID': {
		parameters: { resource: 'card', operation: 'linkClient', cardId: 'card-1001', clientId: VALUE },
		label: 'Client ID',
		good: 'client-2001',
		bad: [...EMPTY, ...NO_TEXT, ['a text with an inner space', 'client 2001']],
	},
	IBAN: {
		parameters: { resource: 'card', operation: 'update', cardId: 'card-1001', accounts: account({ iban: VALUE }) },
		label: 'IBAN of Account 1',
		good: IBAN,
		bad: [
			...EMPTY,
			...NO_TEXT,
			['wrong check digits', 'KZ87125KZT5004100100'],
			['two digits changed over', 'KZ86125KZT5004100010'],
			['one digit short', IBAN.slice(0, -1)],
			['no IBAN', '4400123412341234'],
			['a country that has none', 'XX86125KZT5004100100'],
		],
	},
	Currency: {
		parameters: { resource: 'card', operation: 'update', cardId: 'card-1001', accounts: account({ currency: VALUE }) },
		label: 'Currency Name or ID of Account 1',
		good: 'KZT',
		bad: [...EMPTY, ...NO_TEXT, ['an unknown code', 'XYQ'], ['a name', 'tenge'], ['a symbol', '₸'], ['a numeric code', 398]],
	},
	OTP: {
		parameters: { resource: 'giftCard', operation: 'confirm', otp: VALUE },
		label: 'OTP',
		good: '1234',
		bad: [
			...EMPTY,
			...NO_TEXT,
			['letters', '12a4'],
			['an inner space', '12 34'],
			['a sign', '-1234'],
			['a point', '12.34'],
			['wide digits', '１２３４'],
			['a broken number', 12.5],
		],
	},
	'Gift card ID': {
		parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: VALUE },
		label: 'Card ID',
		good: 555,
		bad: [
			['text', 'abc'],
			['a card of the other kind', 'card-1001'],
			['a broken number', 5.5],
			['a number that is not exact', 2 ** 53],
			['digits that are not exact', '9007199254740993'],
			['an object', {}],
			['a list', [555]],
			['true', true],
		],
	},
	'Request ID to look up': {
		parameters: { resource: 'request', operation: 'getStatus', requestId: VALUE },
		label: 'Request ID',
		good: UUID,
		bad: NO_UUID,
		prepare: () => runCard(sandbox.credential, { ...closeEach, options: { requestId: UUID } }, [{ card: 'card-1001' }]),
	},
	'Request ID of a command': {
		parameters: { ...closeEach, cardId: 'card-1001', options: { requestId: VALUE } },
		label: 'Request ID',
		good: UUID,
		bad: NO_UUID,
		// It is asked about first.
		requests: 2,
	},
	'Event ID': {
		parameters: { ...closeEach, cardId: 'card-1001', eventId: VALUE },
		label: 'Event ID',
		good: 'crm-event-7',
		bad: [...EMPTY, ...NO_TEXT, ['a number that is not exact', 2 ** 53], ['half a character', 'event \ud83d']],
	},
	'Request Timeout': {
		parameters: { ...closeEach, cardId: 'card-1001', options: { requestTimeoutSeconds: VALUE } },
		label: 'Request Timeout (Seconds)',
		good: 5,
		bad: [['zero', 0], ['a negative number', -1], ['text', 'soon'], ['too much', 601], ['a broken number', 1.5]],
	},
	'Max Parallel Requests': {
		parameters: { ...closeEach, cardId: 'card-1001', options: { maxParallelRequests: VALUE } },
		label: 'Max Parallel Requests',
		good: 3,
		bad: [['zero', 0], ['too many', 101], ['text', 'many']],
	},
	'Dry Run': {
		parameters: { ...closeEach, cardId: 'card-1001', options: { dryRun: VALUE } },
		label: 'Dry Run',
		good: true,
		bad: [['text', 'maybe'], ['a number', 2], ['an object', {}]],
	},
};

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(() => sandbox.reset());

const sentNothing = () => expect(sandbox.journal.counts().received).toBe(0);

describe.each(Object.entries(subjects))('%s', (_name, { parameters, label, good, bad, requests = 1, prepare }) => {
	beforeEach(async () => {
		await prepare?.();
		sandbox.journal.clear();
	});

	const items = [{ value: good }, ...bad.map(([, value]) => ({ value }))] as Array<{ value: never }>;

	test.each(bad)('%s stops the node before anything is sent', async (_value, value) => {
		const outcome = await runCard(sandbox.credential, parameters, [{ value: good as never }, { value: value as never }]);
		expect(outcome.status).toBe('error');
		expect(outcome.error?.message).toContain(label);
		expect(outcome.error?.message).toContain('[item 1]');
		expect(outcome.error).toMatchObject({ context: { itemIndex: 1 }, description: expect.stringContaining('Nothing was sent') as string });
		sentNothing();
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)('bad values fail alone with %s', async (onError) => {
		const outcome = await runCard(sandbox.credential, parameters, items, onError);
		const all = stored(outcome);
		expect(outcome.status).toBe('success');
		const sound = onError === 'continueErrorOutput' ? all[0] : all[0]?.slice(0, 1);
		expect(sound).toHaveLength(1);
		expect(sound?.[0]).toMatchObject({ pairedItem: { item: 0 } });
		expect(sound?.[0]?.json).not.toHaveProperty('error');
		const failed = failedItems(outcome);
		expect(failed.map(([item]) => item)).toEqual(bad.map((_, index) => index + 1));
		for (const [item, told] of failed) {
			expect(told.message).toContain(label);
			expect(told.message).toContain(`[item ${item}]`);
			expect(told).toMatchObject({ outcome: 'not_done', next_step: expect.stringContaining('Nothing was sent') as string });
		}
		expect(sandbox.journal.counts().received).toBe(sound?.[0]?.json.outcome === 'dry_run' ? 0 : requests);
	});

	test('only bad values send nothing', async () => {
		const outcome = await runCard(sandbox.credential, parameters, items.slice(1), 'continueErrorOutput');
		expect(stored(outcome)[0]).toEqual([]);
		expect(stored(outcome)[1]).toHaveLength(bad.length);
		sentNothing();
	});
});

describe('values that are put right', () => {
	const sentBodies = () => sandbox.journal.all.map(({ body }) => body as Record<string, unknown>);

	test.each<[string, unknown, string]>([
		['spaces around', '  card-1001 ', 'card-1001'],
		['a cell of a spreadsheet', '\u00a0card-1001\t\r\n', 'card-1001'],
		['a number', 1001, '1001'],
		['the largest exact number', Number.MAX_SAFE_INTEGER, '9007199254740991'],
		['digits that a number could not hold', '12345678901234567890', '12345678901234567890'],
	])('Card ID from %s', async (_kind, value, sent) => {
		const outcome = await runCard(sandbox.credential, closeEach, [{ card: value as string }], 'continueErrorOutput');
		expect(sandbox.journal.to(CLOSE).map(({ body }) => (body as { card_id: unknown }).card_id)).toEqual([sent]);
		const [[, told] = []] = failedItems(outcome);
		expect(told?.card_id ?? stored(outcome)[0]?.[0]?.json.card_id).toBe(sent);
	});

	test('an IBAN in groups and a currency in small letters', async () => {
		await runCard(
			sandbox.credential,
			{ resource: 'card', operation: 'update', cardId: 'card-1001', accounts: account({ iban: 'kz86 125K ZT50\u00a00410 0100', currency: ' kzt' }) },
			[{}],
		);
		expect(sentBodies()).toMatchObject([{ accounts: [{ iban: IBAN, currency: 'KZT', type: 'IBAN' }] }]);
	});

	test('an OTP that a sheet turned into a number, and an optional ID left empty', async () => {
		await runCard(sandbox.credential, { resource: 'giftCard', operation: 'confirm', otp: '={{ $json.otp }}', cardId: '' }, [{ otp: 1234 }]);
		expect(sentBodies()).toEqual([{ otp: '1234' }]);
	});

	test('a reason goes out as it is, white space included', async () => {
		const reason = ' He said "lost"\n\u2028 — é é \u202eשלום 👍🏽\0 ';
		await runCard(sandbox.credential, { ...closeEach, reason: '={{ $json.reason }}' }, [{ card: 'card-1001', reason }]);
		expect(sentBodies()).toMatchObject([{ description: reason }]);
		expect(sandbox.journal.all.every(({ signatureVerified }) => signatureVerified)).toBe(true);
	});

	test('a UUID with spaces around, and the nil UUID of the documentation', async () => {
		const lookUp = { resource: 'request', operation: 'getStatus', requestId: '={{ $json.id }}', options: { maxParallelRequests: 1 } };
		await runCard(sandbox.credential, lookUp, [{ id: ` ${UUID}\n` }, { id: '00000000-0000-0000-0000-000000000000' }], 'continueErrorOutput');
		expect(sentBodies().map(({ request_id: id }) => id)).toEqual([UUID, '00000000-0000-0000-0000-000000000000']);
	});
});

describe('accounts', () => {
	const update = { resource: 'card', operation: 'update', cardId: 'card-1001' };

	test.each([
		['none', {}, 'Accounts needs at least one Account'],
		['an empty list', { account: [] }, 'Accounts needs at least one Account'],
		['a second one that is wrong', { account: [...account({}).account, ...account({ iban: 'KZ87' }).account] }, 'IBAN of Account 2 must be'],
	])('%s', async (_kind, accounts, message) => {
		const { error } = await runCard(sandbox.credential, { ...update, accounts }, [{}]);
		expect(error?.message).toContain(message);
		sentNothing();
	});
});

describe('as an AI agent fills the fields', () => {
	test('numbers and booleans may come as text, and optional fields may be missing', async () => {
		const confirm = { resource: 'giftCard', operation: 'confirm', otp: '5678', cardId: '556' };
		const dry = await runCard(sandbox.credential, { ...confirm, options: { dryRun: 'TRUE', requestTimeoutSeconds: '5' } }, [{}]);
		expect(stored(dry)[0]?.[0]?.json).toMatchObject({ outcome: 'dry_run', body: { card_id: 556 } });
		sentNothing();
		expect(stored(await runCard(sandbox.credential, confirm, [{}]))[0]?.[0]?.json).toMatchObject({ card_id: 556, status: 0 });
	});

	test('a required field left out gets a message in plain text', async () => {
		const { error } = await runCard(sandbox.credential, { ...closeEach, cardId: '={{ $json.missing }}' }, [{}]);
		expect(error?.message).toBe('Card ID must not be empty');
		expect(error?.description).toMatch(/^[\w .,]+$/);
		sentNothing();
	});
});

describe('the same typed UUID in two items', () => {
	const parameters = { ...closeEach, options: { requestId: '={{ $json.id }}' } };
	const other = '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10';
	const items = [
		{ card: 'card-1001', id: UUID },
		{ card: 'card-1002', id: other },
		{ card: 'card-1003', id: ` ${UUID.toUpperCase()} ` },
	];

	test('stops the node before anything is sent, naming both', async () => {
		const { error } = await runCard(sandbox.credential, parameters, items);
		expect(error?.message).toMatch(/Request ID.*items 0, 2 /);
		sentNothing();
	});

	test('fails both items, and only them', async () => {
		const outcome = await runCard(sandbox.credential, parameters, items, 'continueErrorOutput');
		expect(stored(outcome)[0]?.map(({ json, pairedItem }) => [json.request_id, pairedItem])).toEqual([[other, { item: 1 }]]);
		const failed = failedItems(outcome);
		expect(failed.map(([item, { outcome: what }]) => [item, what])).toEqual([[0, 'not_done'], [2, 'not_done']]);
		for (const [, { message }] of failed) expect(message).toMatch(/items 0, 2 /);
		expect(sandbox.ledger.all.map(({ requestId }) => requestId)).toEqual([other]);
	});
});

describe('bad items among good ones', () => {
	const items = ['card-1001', '', 'card-1002', 'no card', 'card-1003', null].map((card) => ({ card }));
	const done = [0, 2, 4];
	const bad = [1, 3, 5];

	test.each(errorModes)('nothing is lost or mixed up with %s', async (onError) => {
		const outcome = await runCard(sandbox.credential, closeEach, items, onError);
		const [first = []] = stored(outcome);
		const indexOf = ({ pairedItem }: { pairedItem: unknown }) => (pairedItem as { item: number }).item;
		const closed = sandbox.ledger.all.map(({ target }) => target.card_id);
		if (onError === 'stopWorkflow') {
			expect(outcome.error?.message).toBe('Card ID must not be empty [item 1]');
			expect(closed).toEqual([]);
			sentNothing();
			return;
		}
		expect([...closed].sort()).toEqual(['card-1001', 'card-1002', 'card-1003']);
		const sound = onError === 'continueErrorOutput' ? first : first.filter(({ json }) => !('error' in json));
		const failed = failedItems(outcome);
		if (onError === 'continueRegularOutput') expect(first.map(indexOf)).toEqual([0, 1, 2, 3, 4, 5]);
		expect(sound.map(indexOf)).toEqual(done);
		expect(sound.map(({ json }) => json.card_id)).toEqual(done.map((index) => items[index]?.card));
		expect(failed.map(([item]) => item)).toEqual(bad);
		expect(failed.map(([, { message }]) => message)).toEqual([
			'Card ID must not be empty [item 1]',
			'Card ID must not contain spaces, as "no card" does [item 3]',
			'Card ID must not be empty [item 5]',
		]);
	});

	test('an expression that fails is told as what it is', async () => {
		const outcome = await runCard(sandbox.credential, { ...closeEach, cardId: '={{ $json.card.id.value }}' }, [{ card: null }, { card: { id: { value: 'card-1001' } } }], 'continueErrorOutput');
		expect(stored(outcome)[0]?.map(({ json }) => json.card_id)).toEqual(['card-1001']);
		expect(failedItems(outcome)).toEqual([[0, expect.objectContaining({ message: expect.stringContaining('[item 0]') as string, outcome: 'not_done' })]]);
	});
});

test('no items in, no items out', async () => {
	const outcome = await runCard(sandbox.credential, closeEach, []);
	expect(outcome.status).toBe('success');
	expect(stored(outcome).flat()).toEqual([]);
	sentNothing();
});
