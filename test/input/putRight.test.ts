import { useSandbox } from '../support/bench';
import { failedItems, stored } from '../support/items';
import { CLOSE } from '../support/paths';
import { runJob, runJobContinuing } from '../support/runs';

/* Values that are put right before they are sent. */

const REQUEST_ID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const IBAN = 'KZ86125KZT5004100100';
const account = (changed: object) => ({ account: [{ iban: IBAN, currency: 'KZT', type: 'IBAN', ...changed }] });
const sandbox = useSandbox();

const sentNothing = () => expect(sandbox.journal.counts().received).toBe(0);

describe('values that are put right', () => {
	const sentBodies = () => sandbox.journal.all.map(({ body }) => body as Record<string, unknown>);

	test.each<[string, unknown, string]>([
		['spaces around', '  card-1001 ', 'card-1001'],
		['a cell of a spreadsheet', '\u00a0card-1001\t\r\n', 'card-1001'],
		['a number', 1001, '1001'],
		['the largest exact number', Number.MAX_SAFE_INTEGER, '9007199254740991'],
		['digits that a number could not hold', '12345678901234567890', '12345678901234567890'],
	])('Card ID from %s', async (_kind, value, sent) => {
		const outcome = await runJobContinuing(sandbox, { items: [{ card: value as string }] });
		expect(sandbox.journal.to(CLOSE).map(({ body }) => (body as { card_id: unknown }).card_id)).toEqual([sent]);
		const [[, told] = []] = failedItems(outcome);
		expect(told?.card_id ?? stored(outcome)[0]?.[0]?.json.card_id).toBe(sent);
	});

	test('an IBAN in groups and a currency in small letters', async () => {
		await runJob(sandbox, { parameters: { resource: 'card', operation: 'update', cardId: 'card-1001', accounts: account({ iban: 'kz86 125K ZT50\u00a00410 0100', currency: ' kzt' }) }, items: [{}] });
		expect(sentBodies()).toMatchObject([{ accounts: [{ iban: IBAN, currency: 'KZT', type: 'IBAN' }] }]);
	});

	test('an OTP that a sheet turned into a number, and an optional ID left empty', async () => {
		await runJob(sandbox, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '={{ $json.otp }}', cardId: '' }, items: [{ otp: 1234 }] });
		expect(sentBodies()).toEqual([{ otp: '1234' }]);
	});

	test('a reason goes out as it is, white space included', async () => {
		const reason = ' He said "lost"\n\u2028 — é é \u202eשלום 👍🏽\0 ';
		await runJob(sandbox, { parameters: { reason: '={{ $json.reason }}' }, items: [{ card: 'card-1001', reason }] });
		expect(sentBodies()).toMatchObject([{ description: reason }]);
		expect(sandbox.journal.all.every(({ signatureVerified }) => signatureVerified)).toBe(true);
	});

	test('a UUID with spaces around, and the nil UUID of the documentation', async () => {
		const lookUp = { resource: 'request', operation: 'getStatus', requestId: '={{ $json.id }}', options: { maxParallelRequests: 1 } };
		await runJobContinuing(sandbox, { parameters: lookUp, items: [{ id: ` ${REQUEST_ID}\n` }, { id: '00000000-0000-0000-0000-000000000000' }] });
		expect(sentBodies().map(({ request_id: id }) => id)).toEqual([REQUEST_ID, '00000000-0000-0000-0000-000000000000']);
	});
});

describe('accounts', () => {
	const update = { resource: 'card', operation: 'update', cardId: 'card-1001' };

	test.each([
		['none', {}, 'Accounts needs at least one Account'],
		['an empty list', { account: [] }, 'Accounts needs at least one Account'],
		['a second one that is wrong', { account: [...account({}).account, ...account({ iban: 'KZ87' }).account] }, 'IBAN of Account 2 must be'],
	])('%s', async (_kind, accounts, message) => {
		const { error } = await runJob(sandbox, { parameters: { ...update, accounts }, items: [{}] });
		expect(error?.message).toContain(message);
		sentNothing();
	});
});
