import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../../support/bench';
import { failed, fatesOf, stored } from '../../support/items';
import { CLOSE } from '../../support/paths';
import { runJob, runJobContinuing } from '../../support/runs';

const REQUEST = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const OTHER = '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const STATUS = '/v5/card-api/request/status';

const sandbox = useSandbox();

async function send(parameters: INodeParameters, items: unknown[] = [{}], more = {}) {
	const all = { resource: 'custom', operation: 'send', path: 'card-api/card/close', ...parameters };
	return await runJob(sandbox, { parameters: all, items: items as never, run: more });
}

const bodyOf = (n = 0) => sandbox.journal.all[n]?.rawBody.toString();
const CARD_BODY = '{"card_id": "card-1001", "description": "Lost"}';

test('a command is signed, gets a request id, and is delivered as the others are', async () => {
	sandbox.faults.add({ kind: 'dropAfter', path: CLOSE });
	const outcome = await send({ body: CARD_BODY });
	const [request] = sandbox.journal.to(CLOSE);
	expect(request?.signatureVerified).toBe(true);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	expect(bodyOf()).toBe(`{"request_id":"${request?.requestId}","card_id":"card-1001","description":"Lost"}`);
	expect(stored(outcome)[0]).toEqual([
		{ json: expect.objectContaining({ request_id: request?.requestId, request_status: 'success', outcome: 'done' }) as object, pairedItem: { item: 0 } },
	]);
	expect(sandbox.ledger.all).toHaveLength(1);
});

test.each(['', ' ', null])('an empty request_id in the body (%j) is filled', async (empty) => {
	await send({ body: `{"card_id":"card-1001","request_id":${JSON.stringify(empty)},"description":"Lost"}` });
	expect(sandbox.journal.all[0]?.requestId).toMatch(UUID);
	expect(JSON.parse(bodyOf() ?? '')).toMatchObject({ card_id: 'card-1001', description: 'Lost' });
	expect(sandbox.ledger.all).toHaveLength(1);
});

test('a UUID in the body is used as it is, and counts as one typed by the user', async () => {
	const body = `{"card_id":"card-1001","request_id":"${REQUEST}","description":"Lost"}`;
	const first = await send({ body });
	// It is asked about first.
	expect(sandbox.journal.all.map(({ path }) => path)).toEqual([STATUS, CLOSE]);
	expect(bodyOf(1)).toBe(body);
	expect(stored(first)[0]?.[0]?.json).toMatchObject({ request_id: REQUEST });
	const again = await send({ body }, [{}], { executionId: '2' });
	expect(again.error?.message).toMatch(/used already/);
	expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	const shared = await send({ body }, [{}, {}], { executionId: '3' });
	expect(shared.error?.message).toMatch(/same UUID in items 0, 1/);
});

test('an id that is no UUID, and one that the option contradicts, are refused', async () => {
	expect((await send({ body: '{"request_id":"abc"}' })).error?.message).toMatch(/Body has a request_id that is not a UUID/);
	expect((await send({ body: '{"request_id":5}' })).error?.message).toMatch(/not a UUID/);
	const body = `{"request_id":"${REQUEST}"}`;
	const both = await send({ body, options: { requestId: OTHER } });
	expect(both.error?.message).toMatch(/Request ID is given in the option and, differently, in the body/);
	expect(sandbox.journal.all).toEqual([]);
});

test('the same UUID in the body and in the option is one', async () => {
	const body = `{"card_id":"card-1001","description":"Lost","request_id":"${REQUEST}"}`;
	const outcome = await send({ body, options: { requestId: REQUEST.toUpperCase() } });
	expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_status: 'success' });
	expect(bodyOf(1)).toBe(body);
});

test.each<[string, INodeParameters]>([
	['the body', { body: `{"card_id":"card-1001","description":"Lost","request_id":"${REQUEST}"}` }],
	['the option', { body: CARD_BODY, options: { requestId: REQUEST } }],
])('an event beside a UUID in %s is refused: which of them would count?', async (_, parameters) => {
	const outcome = await send({ ...parameters, eventId: 'crm-1' });
	expect(outcome.error?.message).toMatch(/^Event ID is given beside a Request ID/);
	expect(sandbox.journal.all).toEqual([]);
});

test.each(['={{ undefined }}', '={{ null }}', '={{ "" }}', '={{ " " }}'])('an event that comes out blank (%j) is refused', async (eventId) => {
	const outcome = await send({ body: CARD_BODY, eventId });
	expect(outcome.error?.message).toMatch(/^Event ID /);
	expect(sandbox.journal.all).toEqual([]);
});

test('a body of an expression whose request_id comes out blank is refused', async () => {
	const outcome = await send({ body: '={{ { card_id: "card-1001", description: "Lost", request_id: $json.missing ?? "" } }}' });
	expect(outcome.error?.message).toMatch(/request_id in the Body/);
	expect(sandbox.journal.all).toEqual([]);
});

test('without a request id the body goes out byte for byte as it was typed', async () => {
	const body = '\n{ "a": 12345678901234567890,\t"b":1.10 , "c":1e21,"d":-0, "e":"\\u0041/é",  "request_id" : "" }\n';
	await send({ path: 'card-api/card/info', retryRule: 'read', takesRequestId: false, body });
	expect(bodyOf()).toBe(body);
});

test('an inserted request id leaves the numbers as they were typed', async () => {
	await send({ body: '{ "card_id": "card-1001", "description": "Lost", "a": 12345678901234567890, "b": [1.10, 1e21, -0, 0.10e-7] }' });
	expect(bodyOf()).toMatch(/"a":12345678901234567890,"b":\[1\.10,1e21,-0,0\.10e-7\]\}$/);
});

test('an object of an expression is written as JSON', async () => {
	await send({ body: '={{ $json }}', retryRule: 'read', takesRequestId: false }, [{ n: 1.1, nested: { list: [null, true, 'x'] } }]);
	expect(bodyOf()).toBe('{"n":1.1,"nested":{"list":[null,true,"x"]}}');
});

test.each([
	['{"a":"\ud800"}', /half of a surrogate pair/],
	['{"__proto__":{"a":1}}', /"__proto__".*not allowed/],
	['{"a":{"constructor":1}}', /"a\.constructor".*not allowed/],
	['{"a":[{"prototype":1}]}', /"a\[0\]\.prototype".*not allowed/],
	['[]', /must be a JSON object/],
	['"x"', /not a JSON object/],
	['{"a":1', /not valid JSON/],
	['', /must not be empty/],
	['{"request_id":"","request_id":"x"}', /"request_id" more than once/],
	['{"a":{"b":1,"b":2}}', /"b" more than once/],
])('the body %j is refused', async (body, message) => {
	const outcome = await send({ body });
	expect(outcome.error?.message).toMatch(message);
	expect(outcome.error?.message).toMatch(/^Body /);
	expect(sandbox.journal.all).toEqual([]);
});

test.each([
	['card-api/card/close', CLOSE],
	['/v5/card-api/card/close', CLOSE],
	[' v5/card-api/card/close ', CLOSE],
	['cards/v1.0_x-y~z', '/v5/cards/v1.0_x-y~z'],
])('the path %j leads to %s', async (path, whole) => {
	await send({ path, retryRule: 'read', body: CARD_BODY });
	expect(sandbox.journal.all[0]?.path).toBe(whole);
});

test.each([
	'https://api.freedompay.kz/v5/card-api/card/close',
	'//evil.example/v5/x',
	'/v4/card-api/card/close',
	'/card-api/card/close',
	'../v4/x',
	'card-api/../../v4/x',
	'card-api/./x',
	'card-api/.../x',
	'card-api/%2e%2e/x',
	'card-api/%2E./x',
	'card-api//x',
	'card-api/x/',
	'card-api/x?a=1',
	'card-api/x#a',
	'card-api\\x',
	'card-api/x y',
	'card-api/x\ny',
	'card-api/x:8080',
	'user@host/x',
	'карта',
	'/v5/',
	'={{ $json.missing }}',
])('the path %j is refused', async (path) => {
	const outcome = await send({ path, body: CARD_BODY });
	expect(outcome.error?.message).toMatch(/^Path (?:must |holds a sign that cannot be seen)/);
	expect(sandbox.journal.all).toEqual([]);
});

test('a read is sent again, with a new request id each time', async () => {
	sandbox.faults.add({ kind: 'dropBefore', path: 'card/info' });
	const outcome = await send({ path: 'card-api/card/info', retryRule: 'read', body: '{"card_id":"card-1001"}' });
	expect(outcome.error).toBeUndefined();
	const ids = sandbox.journal.all.map(({ requestId }) => requestId);
	expect(ids).toHaveLength(2);
	expect(new Set(ids).size).toBe(2);
});

test("a read's own request_id is what it asks about", async () => {
	await send({ body: CARD_BODY, options: { requestId: REQUEST } });
	const outcome = await send({ path: STATUS, retryRule: 'read', body: `{"request_id":"${REQUEST}"}` });
	expect(sandbox.journal.to(STATUS)[0]?.rawBody.toString()).toBe(`{"request_id":"${REQUEST}"}`);
	expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_id: REQUEST, request_status: 'success' });
});

test('a command without a request id is sent once only', async () => {
	sandbox.faults.add({ kind: 'dropAfter', path: 'set_pin' });
	const outcome = await send({ path: 'card-api/card/set_pin', takesRequestId: false, body: '{"card_id":"card-1001"}' });
	expect(outcome.error?.message).toMatch(/It is unknown whether FreedomPay carried out the command/);
	expect(sandbox.journal.all).toHaveLength(1);
});

test('the same event with the same body acts once, with another body twice', async () => {
	const eventId = 'crm-event-1';
	await send({ body: CARD_BODY, eventId });
	const again = await send({ body: '{"description":"Lost","card_id":"card-1001"}', eventId }, [{}], { executionId: '2' });
	expect(stored(again)[0]?.[0]?.json).toMatchObject({ outcome: 'done_before' });
	expect(sandbox.ledger.all).toHaveLength(1);
	await send({ body: CARD_BODY.replace('1001', '1002'), eventId }, [{}], { executionId: '3' });
	expect(sandbox.ledger.all).toHaveLength(2);
	expect(new Set(sandbox.ledger.all.map(({ requestId }) => requestId)).size).toBe(2);
	// The second body has the same fields in other bytes, under the same ID, as it has to.
	sandbox.journal.clear();
});

test('gift cards say by a number whether they succeeded', async () => {
	const body = '{"otp":"0000"}';
	const parameters = { path: 'cards/activate_card', takesRequestId: false, body, additionalFields: { answerStatus: 'gift' } };
	const outcome = await send(parameters);
	expect(outcome.error?.message).toMatch(/incorrect OTP/);
	expect(outcome.traces()).not.toMatch(/"0000"[^}]*error/);
});

test('a dry run sends nothing and shows the request without its secrets', async () => {
	const outcome = await send({ body: '{"card_id":"card-1001","otp":"483920","deep":{"pin":"2468"},"n":12345678901234567890}', options: { dryRun: true } });
	const json = stored(outcome)[0]?.[0]?.json;
	expect(json).toMatchObject({
		outcome: 'dry_run',
		url: `${sandbox.url}${CLOSE}`,
		body: { card_id: 'card-1001', otp: '******', deep: { pin: '******' }, n: '12345678901234567890' },
	});
	expect((json?.body as { request_id: string }).request_id).toMatch(UUID);
	expect(sandbox.journal.all).toEqual([]);
});

test.each([
	['an operation', { resource: 'card', operation: '__CUSTOM_API_CALL__' }],
	['a resource', { resource: '__CUSTOM_API_CALL__' }],
	['both', { resource: '__CUSTOM_API_CALL__', operation: '__CUSTOM_API_CALL__' }],
])("n8n's own Custom API Call, chosen as %s, is told in a sentence", async (_, parameters) => {
	const outcome = await runJob(sandbox, { parameters, items: [{}] as never });
	expect(outcome.error?.message).toMatch(/^Operation is "Custom API Call", which n8n offers by itself and this node does not have\. Choose the resource Custom Request/);
	expect(sandbox.journal.all).toEqual([]);
});

test('a path that the host does not know fails and says so', async () => {
	sandbox.settings.undocumentedPaths = 'refuse';
	const outcome = await send({ path: 'card-api/card/no-such-method', body: CARD_BODY });
	sandbox.settings.undocumentedPaths = 'accept';
	expect(outcome.error?.message).toMatch(/HTTP 404/);
	expect(sandbox.ledger.all).toEqual([]);
});

test.each([true, false])('a byte order mark before the body is neither signed nor sent (with a request ID: %s)', async (takesRequestId) => {
	const body = '{"card_id":"card-1001", "description":"Lost", "amount":1.10}';
	await send({ body: '={{ "\\ufeff" + $json.body }}', takesRequestId }, [{ body }]);
	expect(sandbox.journal.all[0]?.signature).toEqual({ verified: true, algorithm: 'HS512' });
	const inserted = /^\{"request_id":"[0-9a-f-]{36}","card_id":"card-1001","description":"Lost","amount":1\.10\}$/;
	expect(bodyOf()).toEqual(takesRequestId ? expect.stringMatching(inserted) : body);
});

describe('a body that is nested too deep', () => {
	const custom = { resource: 'custom', operation: 'send', path: 'card-api/card/close', body: '={{ $json.body }}' };
	const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

	test.each([501, 3_000, 100_000])('%d levels: refused in words, and the others are sent', async (depth) => {
		const body = (card: string, more = '') => ({ body: `{"card_id":"${card}","description":"Lost"${more}}` });
		const bodies = [body('card-1001'), body('card-1002', `,"odd":${lists(depth)}`), body('card-1003')];
		const fates = fatesOf(await runJobContinuing(sandbox, { parameters: custom, items: bodies }), 3);
		expect(fates.map(({ failed: told }) => told?.outcome)).toEqual([undefined, 'not_done', undefined]);
		expect(fates[1]?.failed?.message).toMatch(/Body.*is nested more than 500 levels deep/);
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	test('500 levels are sent as they are', async () => {
		const body = `{"card_id":"card-1001","description":"Lost","odd":${lists(499)}}`;
		await runJobContinuing(sandbox, { parameters: { ...custom, takesRequestId: false }, items: [{ body }] });
		expect(sandbox.journal.all.map(({ rawBody }) => rawBody.toString('utf8'))).toEqual([body]);
	});

	// n8n itself gives up on an object that is nested some thousand deep.
	test('an object of an expression is refused in words, too', async () => {
		const told = failed(await runJobContinuing(sandbox, { parameters: { ...custom, body: '={{ $json.body }}' }, items: [{ body: JSON.parse(`${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`) as never }] }));
		expect(told.outcome).toBe('not_done');
		expect(told.message).toMatch(/Body.*is nested more than 500 levels deep/);
	});
});
