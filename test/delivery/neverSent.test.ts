import { startSandbox, type Sandbox } from '../sandbox';
import { CLOSE, GIFT, STATUS, accountOf, conclude, contextSending, done, failed, fatesOf, success, wire, work, workOn, type Fate, type Job } from '../support/workbench';

/* Where a request got lost, what a run says of itself, and what must not be sent or choked on. */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const SET_PIN = '/v5/card-api/card/set_pin';
const effects = () => sandbox.ledger.all.length;

/** An error of a socket, wrapped as n8n and axios do. */
function socketError(code: string, syscall: string): Error {
	const inner = Object.assign(new Error(`${syscall} ${code} 10.0.0.1:443`), { code, syscall, errno: -113 });
	return new Error(`The request failed: ${code}`, { cause: inner });
}

/** Sends that fail so, the first times; `arrives` says whether they reach the API all the same. */
function failing(code: string, syscall: string, arrives: boolean, times = 1): Pick<Job, 'surroundings'> {
	let left = times;
	return {
		surroundings: (context) =>
			contextSending(context, async (send) => {
				if (left-- <= 0) return await send();
				if (arrives) await send();
				throw socketError(code, syscall);
			}),
	};
}

const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN'];

describe.each(UNREACHABLE)('%s', (code) => {
	test.each(['read', 'write'])('from %s, when it arrived: asked about, taken over', async (syscall) => {
		expect(success(await workOn(sandbox, failing(code, syscall, true)))).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(effects()).toBe(1);
	});

	test.each(['read', 'write'])('from %s, when it did not arrive: asked about, sent again', async (syscall) => {
		expect(done(await workOn(sandbox, failing(code, syscall, false)))).toHaveProperty('outcome', 'done');
		expect(wire(sandbox)).toEqual(['status', 'close']);
		expect(effects()).toBe(1);
	});

	test.each(['read', 'write'])('from %s, of a command without an ID: unknown, not sent again', async (syscall) => {
		const { outcome } = failed(await workOn(sandbox, { ...failing(code, syscall, true), parameters: { operation: 'setPin' } }));
		expect(outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test('from connect: never sent, so sent again without asking', async () => {
		done(await workOn(sandbox, failing(code, 'connect', false)));
		expect(wire(sandbox)).toEqual(['close']);
		expect(effects()).toBe(1);
	});

	test('from connect, each time: not sent', async () => {
		expect(failed(await workOn(sandbox, failing(code, 'connect', false, 3))).outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual([]);
	});
});

/** The processor time that something takes, whatever else the machine does. */
async function costOf(run: () => Promise<unknown>): Promise<number> {
	const before = process.cpuUsage();
	await run();
	const { user, system } = process.cpuUsage(before);
	return user + system;
}

describe('a long answer', () => {
	const parts = ['<', '<a ', '<style>', '<script ', '<!--', ' ', 'eyJ', 'eyJhbGciOi.'];

	/** A cost that grows with the square shows at 60 kB, and would never end at 2 MB. */
	async function expectCheap(run: (size: number) => Promise<unknown>): Promise<void> {
		await run(600);
		const small = await costOf(async () => await run(600));
		expect((await costOf(async () => await run(60_000))) / small).toBeLessThan(20);
		await run(2_000_000);
	}

	test.each(parts)('of %j as an error page costs no more than a small one', async (part) => {
		await expectCheap(async (size) => {
			sandbox.reset();
			sandbox.faults.add({ kind: 'rawBefore', status: 500, body: part.repeat(size / part.length), headers: { 'content-type': 'text/html' }, times: 'always' });
			const { outcome, http_status: status, response = '' } = failed(await workOn(sandbox));
			expect([outcome, status]).toEqual(['unknown', 500]);
			expect(response.length).toBeLessThanOrEqual(200);
		});
	});

	test.each(parts)('of %j as a refusal in words costs no more than a small one', async (part) => {
		await expectCheap(async (size) => {
			sandbox.reset();
			const body = { status: 'error', request_status: 'error', error_code: 7, error_description: part.repeat(size / part.length) };
			sandbox.faults.add({ path: CLOSE, kind: 'rawBefore', status: 400, body }, { path: SET_PIN, kind: 'rawBefore', status: 400, body });
			expect(failed(await workOn(sandbox)).outcome).toBe('refused');
			expect(failed(await workOn(sandbox, { parameters: { operation: 'setPin', additionalFields: { pin: 'c2VjcmV0LXBpbi1ibG9jaw==' } } })).outcome).toBe('refused');
		});
	});
});

describe('an odd answer costs its own item only', () => {
	const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
	const LONG = 8_500_000;
	const odd: Array<[string, string]> = [
		['a status nested 3,000 deep', `{"status":${nested(3_000)},"request_status":"success"}`],
		['a status nested 100,000 deep', `{"status":${nested(100_000)}}`],
		['a status of 8.5 MB', `{"status":"${'a'.repeat(LONG)}"}`],
		['a request status of 8.5 MB', `{"status":"ok","request_status":"${'a'.repeat(LONG)}"}`],
		['a number of 1 MB', `{"status":${'1'.repeat(1_000_000)}}`],
		['a list of a million words', `{"status":["ok"${',"ok"'.repeat(1_000_000)}]}`],
		['a time of 8.5 MB', `{"status":"pending","dt":"${'1'.repeat(LONG)}"}`],
		['a card ID of 8.5 MB', `{"status":"ok","request_status":"success","cards":[{"card_id":"${'1'.repeat(LONG)}"}]}`],
		['a request ID of 8.5 MB', `{"status":"ok","request_status":"success","request_id":"${'1'.repeat(LONG)}"}`],
		['cards nested 3,000 deep', `{"status":"pending","cards":${nested(3_000)}}`],
	];
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));

	/** Odd, but with a documented outcome for who can read the rest. */
	const MAY_BE_READ = /"request_status":"success"/;
	const outcomesOf = (fates: Fate[]) => fates.map(({ done: json, failed: failure }) => json?.request_status ?? failure?.outcome);

	test.each(odd)('%s: asked about, done, and so are the others', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'rawAfter', body });
		const fates = fatesOf(await workOn(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates.map(({ done: json }) => json?.request_status)).toEqual(['success', 'success', 'success']);
		expect(effects()).toBe(3);
	});

	test.each(odd)('%s, also to the question: unknown, and the others are done', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'rawAfter', body }, { path: STATUS, kind: 'rawBefore', body, times: 'always' });
		const fates = fatesOf(await workOn(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(outcomesOf(fates)).toEqual(['success', expect.stringMatching(MAY_BE_READ.test(body) ? /unknown|success/ : /unknown/), 'success']);
		expect(fates[1]?.failed?.message.length ?? 0).toBeLessThan(1_000);
	});

	test.each(odd)('%s to a command without a request ID: unknown, and the others are done', async (_, body) => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rawAfter', body });
		const fates = fatesOf(await workOn(sandbox, { items, parameters: { operation: 'setPin' }, options: { maxParallelRequests: 1 } }), 3);
		expect(outcomesOf(fates)).toEqual(['success', expect.stringMatching(MAY_BE_READ.test(body) ? /unknown|success/ : /unknown/), 'success']);
	});

	test('a gift card status nested 3,000 deep, or of 8.5 MB: unknown', async () => {
		for (const status of [nested(3_000), `"${'1'.repeat(LONG)}"`]) {
			sandbox.faults.add({ path: GIFT, kind: 'rawAfter', body: `{"status":${status}}` });
			const { outcome, message } = failed(await workOn(sandbox, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } }));
			expect(outcome).toMatch(/unknown|failed/);
			expect(message.length).toBeLessThan(1_000);
		}
	});
});

describe('a run that stops', () => {
	test('counts what is still processing apart from what is done', async () => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'processForever' });
		const items = ['card-1001', 'card-1002', 'no-such-card', 'card-1004'].map((card) => ({ card }));
		const { error } = await work(sandbox, { items, options: { maxParallelRequests: 1, maxWaitSeconds: 1 } });
		expect(error?.message).toMatch(/\[item 2\]/);
		expect(Object.entries(accountOf(error)).map(([kind, [count]]) => [kind, count])).toEqual([['Done', 1], ['Still being processed', 1], ['Failed', 1], ['Not sent', 1]]);
	});
});

describe.each([401, 403] as const)('HTTP %d to a question', (status) => {
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
	const kind = status === 401 ? 'unauthorized' : 'forbidden';

	test('the item says so, and the others refer to it', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' }, { path: STATUS, kind, times: 'always' });
		const fates = fatesOf(await workOn(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		const [first, second, third] = fates.map(({ failed: failure }) => failure);
		expect([first?.outcome, second?.outcome, third?.outcome]).toEqual(['unknown', 'not_done', 'not_done']);
		expect(`${first?.message} ${first?.next_step}`).toContain(String(status));
		for (const skipped of [second, third]) expect(`${skipped?.message} ${skipped?.next_step}`).toMatch(/item 0|card-1001|asking|question|credential/i);
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(effects()).toBe(1);
	});

	test('while waiting for completion, the item is not called done', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'processForever' }, { path: STATUS, kind, times: 'always' });
		const fates = fatesOf(await workOn(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates[0]?.done?.request_status ?? fates[0]?.failed?.outcome).toMatch(/process|unknown/);
		expect(sandbox.journal.to(STATUS)).toHaveLength(1);
	});
});

describe('the amount of a refund', () => {
	beforeAll(() => {
		sandbox.settings.unknownIds = 'accept';
	});
	afterAll(() => {
		sandbox.settings.unknownIds = 'refuse';
	});

	const refund = (amount: unknown): Job => ({
		items: [{ amount: amount as number }],
		parameters: {
			resource: 'transaction',
			operation: 'refund',
			orderId: 'order-1',
			transactionId: 't-1',
			refund: 'part',
			amount: '={{ $json.amount }}',
		},
	});

	test.each([0, -0, '0', '0.00', 0.1 + 0.2, '0.30000000000000004', 1e-320, 5e-324, 1e-7, -1, -0.01, '-5'])('%p is refused, the field is named', async (amount) => {
		const { message, outcome } = failed(await workOn(sandbox, refund(amount)));
		expect([outcome, message]).toEqual(['not_done', expect.stringMatching(/^Amount /)]);
		expect(wire(sandbox)).toEqual([]);
	});

	test.each([[0.3, '0.3'], [1500.5, '1500.5'], [10, '10'], ['10', '10'], ['0.30', '0.3'], [0.01, '0.01'], [999_999_999.99, '999999999.99']])('%p is sent', async (amount, onTheWire) => {
		done(await workOn(sandbox, refund(amount)));
		expect(sandbox.journal.all[0]?.rawBody.toString()).toMatch(new RegExp(`"amount":${onTheWire.replaceAll('.', '\\.')}[,}]`));
		expect(effects()).toBe(1);
	});
});
