import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { closeEach, errorModes, runJob, runJobContinuing } from '../support/runs';

/* Bad values of each operation's fields, alone and among good ones. */

const REQUEST_ID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
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
	['a UUID without hyphens', REQUEST_ID.replaceAll('-', '')],
	['a UUID in braces', `{${REQUEST_ID}}`],
	['a UUID and more', `${REQUEST_ID}0`],
	['two UUIDs', `${REQUEST_ID}\n${REQUEST_ID}`],
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
		good: REQUEST_ID,
		bad: NO_UUID,
		prepare: () => runJob(sandbox, { parameters: { options: { requestId: REQUEST_ID } } }),
	},
	'Request ID of a command': {
		parameters: { ...closeEach, cardId: 'card-1001', options: { requestId: VALUE } },
		label: 'Request ID',
		good: REQUEST_ID,
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

const sandbox = useSandbox();

const sentNothing = () => expect(sandbox.journal.counts().received).toBe(0);

describe.each(Object.entries(subjects))('%s', (_name, { parameters, label, good, bad, requests = 1, prepare }) => {
	beforeEach(async () => {
		await prepare?.();
		sandbox.journal.clear();
	});

	const items = [{ value: good }, ...bad.map(([, value]) => ({ value }))] as Array<{ value: never }>;

	test.each(bad)('%s stops the node before anything is sent', async (_value, value) => {
		const outcome = await runJob(sandbox, { parameters, items: [{ value: good as never }, { value: value as never }] });
		expect(outcome.status).toBe('error');
		expect(outcome.error?.message).toContain(label);
		expect(outcome.error?.message).toContain('[item 1]');
		expect(outcome.error).toMatchObject({ context: { itemIndex: 1 }, description: expect.stringContaining('Nothing was sent') as string });
		sentNothing();
	});

	test.each(['continueRegularOutput', 'continueErrorOutput'] as const)('bad values fail alone with %s', async (onError) => {
		const outcome = await runJob(sandbox, { parameters, items, settings: { onError } });
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
		const outcome = await runJobContinuing(sandbox, { parameters, items: items.slice(1) });
		expect(stored(outcome)[0]).toEqual([]);
		expect(stored(outcome)[1]).toHaveLength(bad.length);
		sentNothing();
	});
});

describe('bad items among good ones', () => {
	const items = ['card-1001', '', 'card-1002', 'no card', 'card-1003', null].map((card) => ({ card }));
	const done = [0, 2, 4];
	const bad = [1, 3, 5];

	test.each(errorModes)('nothing is lost or mixed up with %s', async (onError) => {
		const outcome = await runJob(sandbox, { items, settings: { onError } });
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
		const outcome = await runJobContinuing(sandbox, { parameters: { cardId: '={{ $json.card.id.value }}' }, items: [{ card: null }, { card: { id: { value: 'card-1001' } } }] });
		expect(stored(outcome)[0]?.map(({ json }) => json.card_id)).toEqual(['card-1001']);
		expect(failedItems(outcome)).toEqual([[0, expect.objectContaining({ message: expect.stringContaining('[item 0]') as string, outcome: 'not_done' })]]);
	});
});

test('no items in, no items out', async () => {
	const outcome = await runJob(sandbox, { items: [] });
	expect(outcome.status).toBe('success');
	expect(stored(outcome).flat()).toEqual([]);
	sentNothing();
});
