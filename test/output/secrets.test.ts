import type { ServerResponse } from 'node:http';

import fc from 'fast-check';
import { NodeConnectionTypes, NodeOperationError, type IExecuteFunctions, type INodeParameters, type INodeType } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { startSandbox } from '../sandbox';
import { useSandbox } from '../support/bench';
import { runNode, type NodeOutcome } from '../support/engine';
import { failedItems } from '../support/items';
import { everythingLeft, leaksIn } from '../support/leaks';
import { answerJson, startListener, unusedUrl, type Received } from '../support/listener';
import { errorModes, runJob, runJobContinuing, type Job } from '../support/runs';

const KEY = 'pk-7f3e91c2d8-ключ';
const OTP = '90417365';
const PIN = 'VGhpcyBpcyBub3QgYSBwbGFpbiBQSU4sIGl0IGlzIGVuY3J5cHRlZA==';
const PLAIN_PIN = '483920';
const SECRETS = [KEY, OTP, PIN, PLAIN_PIN];

/** The code is put together by an expression, so that only the node itself has it in one piece. */
const ITEM = { otp: ['9041', '7365'] };
const confirm: INodeParameters = {
	resource: 'giftCard',
	operation: 'confirm',
	otp: "={{ $json.otp.join('') }}",
	cardId: 555,
};

/** Sets a PIN that an expression puts together, for the same reason. */
const setPin = (pin: string): [INodeParameters, { pin: string[] }] => [
	{ resource: 'card', operation: 'setPin', cardId: 'card-1001', additionalFields: { pin: "={{ $json.pin.join('') }}" } },
	{ pin: [pin.slice(0, 3), pin.slice(3)] },
];

const sandbox = useSandbox({ partnerKey: KEY });

const printed: unknown[] = [];
beforeEach(() => {
	printed.length = 0;
	for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
		jest.spyOn(console, method).mockImplementation((...parts) => void printed.push(...(parts as unknown[])));
	}
});
afterEach(() => jest.restoreAllMocks());

const expectNoLeak = (outcome: NodeOutcome) => expect(leaksIn(everythingLeft(outcome, printed), SECRETS)).toEqual([]);

/** What a run that failed says, and does not say. */
function expectSilence(outcome: NodeOutcome, said: unknown = expect.any(String)): void {
	const told = outcome.error === undefined ? failedItems(outcome).map(([, { message }]) => message) : [outcome.error.message];
	expect(told).toEqual([said]);
	expectNoLeak(outcome);
}

/** Confirms a gift card in each way of going on, and wants a failure without a secret. */
async function expectSilentFailure(credential: Job['credential'] = {}, parameters = confirm): Promise<void> {
	for (const onError of errorModes) {
		expectSilence(await runJob(sandbox, { parameters, items: [ITEM], credential, settings: { onError } }));
	}
}

describe('the search finds', () => {
	const leaky = (leak: (context: IExecuteFunctions) => unknown): INodeType => ({
		description: {
			displayName: 'Leaky',
			name: 'leaky',
			group: ['output'],
			version: 1,
			description: 'Gives a secret away',
			defaults: { name: 'Leaky' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		execute(this: IExecuteFunctions) {
			leak(this);
			return Promise.resolve([[{ json: {} }]]);
		},
	});
	const failing = (change: (error: NodeOperationError) => void) => (context: IExecuteFunctions) => {
		const error = new NodeOperationError(context.getNode(), 'Failed');
		change(error);
		throw error;
	};

	test.each<[string, (context: IExecuteFunctions) => unknown]>([
		['the key in the context of an error, as bytes', failing((error) => void (error.context.data = { body: Buffer.from(`{"key":"${KEY}"}`) }))],
		['the code in a message', failing((error) => void (error.message = `OTP ${OTP} is wrong`))],
		['the code in a cause', failing((error) => void (error.context.cause = new Error('inner', { cause: { sent: Number(OTP) } })))],
		['a signature in a log', (context) => context.logger.warn(`sent eyJhbGciOiJIUzUxMiJ9..${'x'.repeat(43)}`)],
		['the key on the console', () => console.log({ inner: { key: KEY } })],
		['the key in a hint', (context) => context.addExecutionHints({ message: `Is ${KEY} right?` })],
	])('%s', async (_where, leak) => {
		const outcome = await runNode({ node: leaky(leak), parameters: {}, items: [{}] });
		expect(leaksIn(everythingLeft(outcome, printed), SECRETS)).not.toEqual([]);
	});
});

describe('neither key nor code nor signature is left', () => {
	test.each<[string, INodeParameters]>([
		['a code with a letter', { ...confirm, otp: `={{ $json.otp.join('') + 'x' }}` }],
		['a code in two parts', { ...confirm, otp: `={{ $json.otp.join('') + ' 1' }}` }],
		['another field that is wrong', { ...confirm, cardId: 'abc' }],
	])('by %s', async (_kind, parameters) => {
		await expectSilentFailure({}, parameters);
		expect(sandbox.journal.counts().received).toBe(0);
	});

	test('by a PIN that is not encrypted', async () => {
		for (const onError of errorModes) {
			const [parameters, item] = setPin(PLAIN_PIN);
			expectSilence(await runJob(sandbox, { parameters, items: [item], settings: { onError } }), expect.stringContaining('PIN (Encrypted)'));
		}
		expect(sandbox.journal.counts().received).toBe(0);
	});

	test.each([
		['an incorrect code', []],
		['401', ['unauthorized']],
		['403', ['forbidden']],
		['404', ['notFound']],
		['404 with JSON', ['notFoundJson']],
		['409', ['conflict']],
		['500 with a web page', ['http500Before']],
		['a web page', ['html200After']],
		['an empty answer', ['empty200After']],
		['a cut answer', ['truncatedAfter']],
		['invalid JSON', ['invalidJsonAfter']],
		['a cut connection', ['dropBefore']],
		['a timeout', ['stallAfter']],
		['a redirect', ['redirect']],
		['a refusal', ['refuse']],
	] as const)('by %s', async (_kind, kinds) => {
		for (const kind of kinds) sandbox.faults.add({ kind, times: 'always' });
		await expectSilentFailure();
		expect(sandbox.journal.all.every(({ signatureVerified }) => signatureVerified)).toBe(true);
		expect(sandbox.journal.all[0]?.body).toMatchObject({ otp: OTP });
	});

	test('by a wrong key', async () => {
		const other = await startSandbox({ partnerKey: 'another key' });
		await expectSilentFailure({ ...other.credential, partnerKey: KEY }).finally(() => other.stop());
	});

	test('by a host that is not there', async () => {
		await expectSilentFailure({ ...sandbox.credential, baseUrl: await unusedUrl() });
	});

	test('by a credential that cannot be used', async () => {
		await expectSilentFailure({ ...sandbox.credential, baseUrl: `https://user:${KEY}@api.freedompay.kg` });
	});

	test('by success', async () => {
		sandbox.faults.add({ kind: 'rawAfter', body: { status: 0, card_status: 1, otp: OTP, pin: '4321', nested: { OTP, sent: [OTP] } } });
		const outcome = await runJob(sandbox, { parameters: confirm, items: [ITEM] });
		expect(outcome.items[0]?.[0]?.json).toMatchObject({ status: 0, card_status: 1, otp: '******', pin: '******' });
		expectNoLeak(outcome);
	});

	test.each(errorModes)('by what is kept for Retry On Fail, with %s', async (onError) => {
		sandbox.faults.add({ kind: 'rawBefore', body: { status: -8, otp: OTP } }, { kind: 'dropAfter', nth: 2 }, { kind: 'rawAfter', nth: 3, body: { status: 0, otp: OTP, sent: [OTP] } });
		const settings = { onError, retryOnFail: true, maxTries: 2 };
		const outcome = await runJob(sandbox, { parameters: { ...confirm, options: { maxParallelRequests: 1 } }, items: [ITEM, ITEM, ITEM], settings: { onError }, run: { settings } });
		expect(outcome.tries).toBe(2);
		expect(JSON.stringify(outcome.run.data.executionData?.contextData)).toContain('******');
		expectNoLeak(outcome);
	});

	test('by a command that stays unknown', async () => {
		sandbox.faults.add({ kind: 'http500Before', path: 'card/close', times: 'always' }, { kind: 'forbidden', path: 'request/status', times: 'always' });
		for (const onError of errorModes) expectNoLeak(await runJob(sandbox, { settings: { onError } }));
	});
});

describe('a server that repeats the whole request gets nothing into the run', () => {
	const echoOf = ({ headers, rawBody }: Received) => ({
		raw: rawBody.toString('utf8'),
		signature: headers['x-jws-signature'],
		body: JSON.parse(rawBody.toString('utf8')) as unknown,
		headers,
	});

	const asPage = (status: number) => (request: Received, response: ServerResponse) => {
		response.writeHead(status, { 'content-type': 'text/html' });
		response.end(`<html><style>p{}</style><h1>Debug</h1><pre>${JSON.stringify(echoOf(request))}</pre></html>`);
	};
	const asJson = (status: number, more: object) => (request: Received, response: ServerResponse) =>
		answerJson({ ...more, echo: echoOf(request), error_description: `Bad ${JSON.stringify(echoOf(request))}` }, status)(request, response);

	test.each<[string, (request: Received, response: ServerResponse) => void]>([
		['on a page of HTTP 500', asPage(500)],
		['on a page of HTTP 200', asPage(200)],
		['on a page of HTTP 404', asPage(404)],
		['on a page of HTTP 403', asPage(403)],
		['in JSON of HTTP 500', asJson(500, {})],
		['in JSON of HTTP 400', asJson(400, { status: 'error' })],
		['in JSON of HTTP 401', asJson(401, { status: 'error' })],
		['in JSON of HTTP 403', asJson(403, { status: 'error' })],
		['in a failure', asJson(200, { status: -8 })],
		['in an answer without a status', asJson(200, {})],
		['in the address of a redirect', (request, response) => {
			const signature = String(request.headers['x-jws-signature']);
			response.writeHead(307, { location: `https://elsewhere.example/${signature}/${OTP}` });
			response.end();
		}],
		['in the address of a redirect that is no URL', (request, response) => {
			response.writeHead(307, { location: `/${OTP}/${String(request.headers['x-jws-signature'])}` });
			response.end();
		}],
		['in a status line', (request, response) => {
			response.writeHead(500, `${OTP} ${String(request.headers['x-jws-signature'])}`);
			response.end();
		}],
	])('%s', async (_how, answer) => {
		const echo = await startListener(answer);
		await expectSilentFailure({ ...sandbox.credential, baseUrl: echo.url });
		expect(echo.received.some(({ rawBody }) => rawBody.includes(OTP))).toBe(true);
	});

	test('in a success', async () => {
		const echo = await startListener(asJson(200, { status: 0, card_mask: '1234********5678', message: `Code ${OTP} accepted` }));
		const outcome = await runJob(sandbox, { parameters: confirm, items: [ITEM], credential: { baseUrl: echo.url } });
		expect(outcome.items[0]?.[0]?.json).toMatchObject({ status: 0, card_mask: '1234********5678' });
		expectNoLeak(outcome);
	});

	test.each([
		['a failure', asJson(400, { status: 'error' })],
		['a failure of the server', asPage(500)],
		['a success', asJson(200, { status: 'ok', request_status: 'success', dt: '', pin: PIN })],
	])('of a PIN, in %s', async (_how, answer) => {
		const echo = await startListener(answer);
		for (const onError of errorModes) {
			const [parameters, item] = setPin(PIN);
			expectNoLeak(await runJob(sandbox, { parameters, items: [item], credential: { baseUrl: echo.url }, settings: { onError } }));
		}
		expect(echo.received.every(({ rawBody }) => rawBody.includes(PIN))).toBe(true);
		expect(echo.received).toHaveLength(errorModes.length);
	});

	test.each([
		['a failure', asJson(400, { status: 'error' })],
		['a failure of the server', asPage(500)],
		['a success', asJson(200, { status: 'ok', request_status: 'success', dt: '', secure: { pin: PIN } })],
	])('of a code deep in the body of a custom request, in %s', async (_how, answer) => {
		const body = "={{ JSON.stringify({ card_id: 'card-1001', secure: [{ Pin: $json.otp.join('') }, { cvv2: ['', null, true, { digits: $json.digits.join('') }] }] }) }}";
		const parameters = { resource: 'custom', operation: 'send', path: 'card-api/card/unblock', retryRule: 'command', takesRequestId: true, body };
		const digits = ['4839', '20'];
		const echo = await startListener(answer);
		for (const onError of errorModes) {
			for (const dryRun of [true, false]) {
				expectNoLeak(await runJob(sandbox, { parameters: { ...parameters, options: { dryRun, includeOtherFields: true } }, items: [{ ...ITEM, digits }], credential: { baseUrl: echo.url }, settings: { onError } }));
			}
		}
		const [first] = echo.received;
		expect([OTP, PLAIN_PIN].map((secret) => first?.rawBody.includes(secret))).toEqual([true, true]);
	});

	test('for a command with a request ID, which is asked for', async () => {
		const echo = await startListener(asJson(400, { status: 'error' }));
		for (const onError of errorModes) {
			expectNoLeak(await runJob(sandbox, { credential: { baseUrl: echo.url }, settings: { onError } }));
		}
	});
});

test.each([
	['a number', { status: 0, code: 7481516 }],
	['glued to a word', { status: 0, note: 'code_7481516 taken' }],
	['a key', { status: 0, 'k7481516': 'taken' }],
	['nested', { status: 0, deep: [{ code7481516: [7481516, 'x7481516x'] }] }],
	['in a failure', { status: -8, deep: [{ 7481516: 'code_7481516' }], code: 7481516 }],
])('a code that the answer repeats comes out in no form: %s', async (_, body) => {
	for (const onError of errorModes) {
		sandbox.faults.add({ kind: 'rawAfter', body });
		const outcome = await runJob(sandbox, { parameters: { ...confirm, otp: '={{ $json.otp }}' }, items: [{ otp: '7481516' }], settings: { onError } });
		const written = JSON.stringify([outcome.items.map((output) => output.map(({ json }) => json.error ?? json)), outcome.error?.message, outcome.error?.description]);
		expect(leaksIn([written], ['7481516'])).toEqual([]);
	}
});

test('a short code hides nothing else of a success', async () => {
	const others = {
		datetime: '1234-12-34 12:34:15',
		card_mask: '1234********1234',
		card_balance: 12345,
		limits: ['1234.50', '0.1234', '51234', '12345'],
	};
	sandbox.faults.add({
		kind: 'rawAfter',
		body: { status: 0, ...others },
	});
	const outcome = await runJob(sandbox, { parameters: { ...confirm, otp: '1234' }, items: [{}] });
	expect(outcome.items[0]?.[0]?.json).toMatchObject(others);
});

const MASKED = '******';

test('a short code is hidden as a number, and glued to a word', async () => {
	sandbox.faults.add({
		kind: 'rawAfter',
		body: { status: 0, card_balance: 1234, echo: { code: 1234, text: 'a-1234-b_1234', OTP1234: ['pin1234x', '1234.'] } },
	});
	const outcome = await runJob(sandbox, { parameters: { ...confirm, otp: '1234' }, items: [{}] });
	expect(outcome.items[0]?.[0]?.json).toMatchObject({ outcome: 'done', card_balance: MASKED, echo: { code: MASKED, text: `a-${MASKED}-b_${MASKED}`, [`OTP${MASKED}`]: [`pin${MASKED}x`, `${MASKED}.`] } });
	expect(JSON.stringify(outcome.run)).not.toContain('1234');
});

/** A code as an answer may repeat it: as a value, glued to words, as a key, in a list, as a number, deep inside. */
const formOf = (code: string) => {
	const word = fc.stringMatching(/^[A-Za-zА-я_ "'=#()-]{0,6}$/);
	const glued = fc.tuple(word, word).map(([before, after]) => before + code + after);
	const number = code.startsWith('0') ? fc.constant(code) : fc.constant(Number(code));
	const leaf = fc.oneof(glued, number, fc.constant(code), glued.map((key) => ({ [key]: 'x' })), fc.array(glued, { maxLength: 3 }));
	return fc.letrec<{ tree: unknown }>((tie) => ({ tree: fc.oneof({ depthSize: 'small' }, leaf, fc.dictionary(fc.constantFrom('a', 'message', 'errors'), tie('tree'), { maxKeys: 2 }), fc.array(tie('tree'), { maxLength: 2 })) })).tree;
};

const echoes = fc
	.tuple(fc.integer({ min: 4, max: 8 }).chain((length) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`))), fc.boolean())
	// What is also a date, a status, an HTTP code or the card itself would be found wherever these stand.
	.filter(([code]) => !['555', '2025', '0000'].some((other) => code.includes(other)) && new Set(code).size > 2)
	.chain(([code, isRefused]) => fc.record({ code: fc.constant(code), isRefused: fc.constant(isRefused), echo: formOf(code) }));

test('no form of a code is in what the node writes', async () => {
	await fc.assert(
		fc.asyncProperty(echoes, async ({ code, isRefused, echo }) => {
			sandbox.reset();
			sandbox.faults.add({ kind: 'rawAfter', body: { status: isRefused ? -1 : 0, error_description: `no ${code}`, echo } });
			const outcome = await runJobContinuing(sandbox, { parameters: confirm, items: [{ otp: [code.slice(0, 2), code.slice(2)] }] });
			expect(outcome.items[isRefused ? 1 : 0]).toHaveLength(1);
			const written = JSON.stringify([outcome.items, outcome.hints, outcome.run.data.executionData?.contextData]);
			// Request ids, hashes and times of this machine are made of any digits; a hint tells where in the Partner Key a letter of another alphabet is.
			const withoutHashes = written.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w-]{40,}|\d{10,}|\(U\+043A\) at position 15/g, '');
			expect(withoutHashes).not.toContain(code);
			expect(withoutHashes).not.toMatch(new RegExp(`(?<!\\d)${code.replace(/^0+/, '')}(?!\\d)`));
		}),
		{ numRuns: 150 },
	);
}, 60_000);

test('the fields that hold secrets are hidden in the editor', () => {
	const hidden = new FreedomPayApi().properties.filter(({ typeOptions }) => typeOptions?.password === true);
	expect(hidden.map(({ name }) => name)).toEqual(['partnerKey']);
});
