import { useSandbox } from '../support/bench';
import { retry } from '../support/executions';
import { CLOSE } from '../support/paths';
import { runJob, type Job } from '../support/runs';
import { contextSending } from '../support/surroundings';

/* What a run leaves for the eye beside its items: how many, once, whatever the number of items. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const cards = (...names: string[]) => names.map((card) => ({ card }));
const told = async (job: Job) => {
	const { hints, warnings, error } = await runJob(sandbox, job);
	return { hints: hints.map(({ message }) => message), warnings, description: error?.description ?? '' };
};

describe('where commands went', () => {
	const host = () => new URL(sandbox.credential.baseUrl).host;

	test('is told in a manual run to a host of the user, with how many', async () => {
		expect((await told({ items: cards('a') })).warnings).toEqual([`1 command was sent to ${host()}.`]);
		expect((await told({ items: cards('b', 'c') })).warnings).toEqual([`2 commands were sent to ${host()}.`]);
	});

	test.each([
		['production', ['1 command was sent to Production (api.freedompay.kz).']],
		['test', []],
	])('of %s', async (environment, warnings) => {
		// Nothing leaves the machine.
		const surroundings: Job['surroundings'] = (context) => contextSending(context, async () => await Promise.resolve({ statusCode: 200, headers: {}, body: 'text' }));
		const outcome = await runJob(sandbox, { items: cards('a'), credential: { environment, baseUrl: '' }, surroundings, settings: { onError: 'continueErrorOutput' } });
		expect(outcome.warnings).toEqual(warnings);
	});

	test('is not told of reads, of what was not sent, nor in a run that nobody watches', async () => {
		expect((await told({ items: cards('card-1001'), parameters: { operation: 'get' } })).warnings).toEqual([]);
		expect((await told({ items: cards('a'), options: { dryRun: true } })).warnings).toEqual([]);
		expect((await told({ items: cards('a'), run: { mode: 'webhook' } })).warnings).toEqual([]);
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test('does not count what a rate limit turned away', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'a', kind: 'rateLimit', times: 'always' });
		expect((await told({ items: cards('a', 'b'), settings: { onError: 'continueErrorOutput' } })).warnings).toEqual([`1 command was sent to ${host()}.`]);
	});

	test('stands in the message of a run that stops, where a hint would be lost', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'b', kind: 'refuse' });
		const { warnings, description } = await told({ items: cards('a', 'b'), options: { maxParallelRequests: 1 } });
		expect(warnings).toEqual([]);
		expect(description.split('<br>\n').at(-1)).toBe(`2 commands were sent to ${host()}.`);
	});
});

test.each([
	[['a'], 'Dry Run is on: nothing was sent. Turn it off in the Options to send.'],
	[['a', 'b', 'c'], 'Dry Run is on: nothing was sent for 3 items. Turn it off in the Options to send.'],
])('a dry run of %j says that nothing was sent', async (names, hint) => {
	expect((await told({ items: cards(...names), options: { dryRun: true } })).hints).toEqual([hint]);
	expect(sandbox.journal.all).toEqual([]);
});

test.each([
	[['a', 'a'], '1 item asks for the same command as another one of this run. It was sent once and counts for both.'],
	[['a', 'b', 'a', 'b'], '2 items ask for the same commands as others of this run. Each was sent once and counts for all of them.'],
])('equal items %j are told to be one command', async (names, hint) => {
	expect((await told({ items: cards(...names) })).hints).toEqual([hint]);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(new Set(names).size);
});

describe('a list that its limit cuts', () => {
	const STATEMENT = { operation: 'getOperations', startDate: '2025-01-01', endDate: '2025-01-31' };

	test('says how many entries there are', async () => {
		const { hints } = await told({ items: cards('card-1001'), parameters: { ...STATEMENT, limit: 2 } });
		expect(hints.filter((hint) => hint.includes('Limit'))).toEqual([expect.stringMatching(/^FreedomPay's answer to Get Operations has \d{2,} entries, of which Limit lets 2 out\. Turn on Return All for the others, or raise Limit\.$/)]);
	});

	test('of many items says so once', async () => {
		const { hints } = await told({ items: cards('card-1001', 'card-1002'), parameters: { ...STATEMENT, limit: 2 } });
		expect(hints.filter((hint) => hint.includes('Limit'))).toEqual(["FreedomPay's answer to Get Operations has more entries than Limit lets out (2) for some of the items. Turn on Return All for the others, or raise Limit."]);
	});

	test.each([{ returnAll: true }, { limit: 100_000 }])('with %j leaves none', async (parameters) => {
		const { hints } = await told({ items: cards('card-1001'), parameters: { ...STATEMENT, ...parameters } });
		expect(hints.filter((hint) => hint.includes('Limit'))).toEqual([]);
	});
});

test('what FreedomPay or an item says is no markup where n8n takes HTML', async () => {
	const link = '<a href=//example.org>click</a>';
	sandbox.faults.add({ path: CLOSE, kind: 'refuse', body: { error_description: 'no' } }, { path: CLOSE, kind: 'rawBefore', nth: 2, body: { status: link } }, { path: '/v5/card-api/request/status', kind: 'dropBefore', times: 'always' });
	const { error } = await runJob(sandbox, { items: cards('<b>a', 'b'), options: { maxParallelRequests: 2 }, run: { mode: 'webhook' } });
	expect(error?.description).toContain('&lt;b&gt;a');
	expect(error?.description?.replaceAll('<br>', '')).not.toMatch(/[<>]/);
});

test('hints that differ in ids alone are one', async () => {
	const parameters = { operation: 'update', additionalFields: { accountsJson: '={{ $json.accounts }}' } };
	const items = ['a', 'b', 'c'].map((card) => ({ card, accounts: '[{"iban":"ES7921000813610123456789","currency":"USD","type":"IBAN"}]' }));
	sandbox.faults.add({ kind: 'dropBefore', times: 'always' });
	const first = await runJob(sandbox, { items, parameters, run: { executionId: '1', mode: 'webhook' } });
	sandbox.faults.clear();
	const again = await retry(sandbox, { items, parameters, run: { executionId: '1', mode: 'webhook' } }, first, { parameters: { additionalFields: { accountsJson: '={{ $json.accounts.replace("USD", "EUR") }}' } } });
	expect(again.hints.filter(({ message }) => message.startsWith('An item was changed'))).toHaveLength(1);
});

test('a credential that is refused is named by its name in n8n', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'unauthorized' });
	const { error } = await runJob(sandbox, { items: cards('a') });
	expect(error?.message).toMatch(/^FreedomPay refused the credential "FreedomPay API" \(HTTP 401\)/);
});

test('a remark on the credential stands once in the message of a run that stops', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'unauthorized', times: 'always' });
	const { error } = await runJob(sandbox, { items: cards('a'), credential: { partnerKey: ' secret ' } });
	expect(error?.description?.match(/begins or ends with white space/g)).toHaveLength(1);
	sandbox.journal.clear();
});
