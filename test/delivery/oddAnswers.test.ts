import { LEFT_OUT } from '../../nodes/card-api/json/exactJson';
import { conclude, useSandbox, wire } from '../support/bench';
import { done, failed, fatesOf, type Fate } from '../support/items';
import { CLOSE, GIFT, SET_PIN, STATUS } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';
import { LONG_ANSWER } from '../support/size';

/* An answer of any nesting and any length: it costs its own item at most, and what the API said of the command counts. */

const sandbox = useSandbox();

const SUCCESS = '{"status":"ok","request_status":"success","dt":"2025-03-01 10:00:00"';
const REFUSAL = '{"status":"error","request_status":"error","error_code":17,"error_description":"Card is blocked"';
const lists = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));

/** Closes three cards, of which the second gets an answer of its own. */
async function closeThree(odd: string, more: Job = {}, kind: 'rawAfter' | 'rawBefore' = 'rawAfter') {
	sandbox.faults.add({ path: CLOSE, kind, nth: 2, body: odd });
	return await runJobContinuing(sandbox, { items, options: { maxParallelRequests: 1 }, ...more });
}

/** How deep lists and objects are nested. */
function depthOf(value: unknown): number {
	let depth = 0;
	const nested = (entries: unknown[]) => entries.filter((entry) => typeof entry === 'object' && entry !== null);
	for (let level = nested([value]); level.length > 0; level = nested(level.flatMap((entry) => Object.values(entry) as unknown[]))) depth++;
	return depth;
}

describe.each<[string, string]>([
	['lists nested 3,000 deep', lists(3_000)],
	['objects nested 3,000 deep', objects(3_000)],
	['lists nested 100,000 deep', lists(100_000)],
	['objects nested 100,000 deep beside a long number', `[12345678901234567890,${objects(100_000)}]`],
	['a long word', JSON.stringify('a'.repeat(LONG_ANSWER))],
	['a long word beside a long number', `[12345678901234567890,${JSON.stringify('a'.repeat(LONG_ANSWER))}]`],
	['blanks without end', `[${' '.repeat(LONG_ANSWER)}]`],
	['digits without end', '7'.repeat(LONG_ANSWER)],
	['very many keys', `{${Array.from({ length: LONG_ANSWER / 40 }, (_, index) => `"key${index}":${index}`).join()}}`],
	['escaped quotes without end', JSON.stringify('"'.repeat(LONG_ANSWER / 4))],
])('an answer that holds %s', (_what, odd) => {
	test('is a success where it says so, and the others are sent', async () => {
		const fates = fatesOf(await closeThree(`${SUCCESS},"odd":${odd}}`), 3);
		expect(fates.map(({ failed: told }) => told)).toEqual([undefined, undefined, undefined]);
		expect(fates[1]?.done).toMatchObject({ card_id: 'card-1002', request_status: 'success' });
		expect(wire(sandbox)).toEqual(['close', 'close', 'close']);
		expect(sandbox.ledger.all).toHaveLength(3);
	});

	test('is a refusal where it says so, and the others are sent', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'rawBefore', body: `${REFUSAL},"odd":${odd}}`, times: 'always' });
		const fates = fatesOf(await closeThree(`${REFUSAL},"odd":${odd}}`, {}, 'rawBefore'), 3);
		expect(fates.map(({ failed: told }) => told?.outcome)).toEqual([undefined, 'refused', undefined]);
		expect(fates[1]?.failed?.message).toContain('Card is blocked');
		expect(sandbox.ledger.all).toHaveLength(2);
	});

	test('can be stored by n8n', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: `${SUCCESS},"odd":${odd}}` });
		const { run, error } = await runJob(sandbox);
		expect(error).toBeUndefined();
		expect(() => JSON.stringify(run.data)).not.toThrow();
		expect(() => structuredClone(run.data.resultData)).not.toThrow();
	});
});

test('what is nested up to 500 levels deep comes out as it came, and deeper parts say that they are left out', async () => {
	for (const [depth, isWhole] of [[499, true], [500, false], [100_000, false]] as const) {
		sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: `${SUCCESS},"odd":${lists(depth)},"after":[1,{"b":"c"}]}` });
		const json = done(await runJobContinuing(sandbox));
		expect(json.after).toEqual([1, { b: 'c' }]);
		expect(depthOf(json.odd)).toBe(499);
		expect(JSON.stringify(json.odd).includes(LEFT_OUT)).toBe(!isWhole);
		if (isWhole) expect(JSON.stringify(json.odd)).toBe(lists(depth));
		conclude(sandbox);
	}
});

test('no secret is in what is left out, whatever it is called there', async () => {
	sandbox.faults.add({ kind: 'rawAfter', body: `{"status":0,"odd":${'{"a":'.repeat(600)}{"otp":"90417365","pin":4821}${'}'.repeat(600)}}` });
	const outcome = await runJobContinuing(sandbox, { parameters: { resource: 'giftCard', operation: 'confirm', otp: "={{ ['9041', '7365'].join('') }}", cardId: 555 } });
	expect(JSON.stringify(outcome.items)).not.toMatch(/90417365|4821/);
});

test.each([
	['an object that has no text', '{"toString":1,"valueOf":1}'],
	['an object whose text is null', '{"toString":null}'],
	['a list of an object that has no text', '[{"toString":1,"valueOf":1}]'],
	['an object with names that every object has', '{"constructor":1,"hasOwnProperty":1}'],
	['a long word', JSON.stringify('1'.repeat(LONG_ANSWER / 4))],
	['null', 'null'],
	['a number beyond all', '1e400'],
])(
	'a field with a dictionary that holds %s is passed on, and the others are sent',
	async (_what, odd) => {
		sandbox.faults.add({ path: GIFT, kind: 'rawAfter', nth: 1, body: `{"status":0,"card_status":${odd},"limits":${odd},"activation_phone_number":${odd}}` });
		const parameters = { resource: 'giftCard', operation: 'confirm', otp: '={{ $json.otp }}', cardId: 555 };
		const { items: out, error } = await runJobContinuing(sandbox, { parameters, items: [{ otp: '1234' }, { otp: '4321' }], options: { maxParallelRequests: 1 } });
		expect(error).toBeUndefined();
		expect(out[0]?.[0]?.json).toMatchObject({ status: 0 });
		expect(wire(sandbox)).toEqual(['activate_card', 'activate_card']);
	},
);

test.each([
	['brackets that do not match', `${SUCCESS},"odd":${'['.repeat(3_000)}${'}'.repeat(3_000)}}`],
	['brackets that stay open', `${SUCCESS},"odd":${'['.repeat(3_000)}`],
	['a string that stays open', `${SUCCESS},"odd":${'['.repeat(3_000)}"${']'.repeat(3_000)}}`],
	['a number as the name of a field', `${SUCCESS},12345678901234567890:1}`],
	['a number that is none', `${SUCCESS},"odd":1234567890.1234567890.5}`],
	['a byte order mark in the middle', `${SUCCESS},\ufeff"odd":1}`],
])('%s are no JSON: the command is asked about', async (_what, odd) => {
	const fates = fatesOf(await closeThree(odd), 3);
	expect(fates.map(({ failed: told }) => told)).toEqual([undefined, undefined, undefined]);
	expect(fates[1]?.done).toMatchObject({ outcome: 'done' });
	expect(wire(sandbox)).toEqual(['close', 'close', 'status', 'close']);
});

describe('a byte order mark', () => {
	test('before an answer is skipped', async () => {
		const fates = fatesOf(await closeThree(`\ufeff${SUCCESS}}`), 3);
		expect(fates[1]?.done).toMatchObject({ card_id: 'card-1002', request_status: 'success' });
		expect(wire(sandbox)).toEqual(['close', 'close', 'close']);
	});

	test('before the answer about a request is skipped', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'dropAfter' }, { path: STATUS, kind: 'rawBefore', body: `\ufeff${SUCCESS}}` });
		expect(done(await runJobContinuing(sandbox))).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});
});

const effects = () => sandbox.ledger.all.length;

describe('an odd answer costs its own item only', () => {
	const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
	const LONG = LONG_ANSWER;
	const odd: Array<[string, string]> = [
		['a status nested 3,000 deep', `{"status":${nested(3_000)},"request_status":"success"}`],
		['a status nested 100,000 deep', `{"status":${nested(100_000)}}`],
		['a long status', `{"status":"${'a'.repeat(LONG)}"}`],
		['a long request status', `{"status":"ok","request_status":"${'a'.repeat(LONG)}"}`],
		['a long number', `{"status":${'1'.repeat(LONG / 8)}}`],
		['a long list of words', `{"status":["ok"${',"ok"'.repeat(LONG / 8)}]}`],
		['a long time', `{"status":"pending","dt":"${'1'.repeat(LONG)}"}`],
		['a long card ID', `{"status":"ok","request_status":"success","cards":[{"card_id":"${'1'.repeat(LONG)}"}]}`],
		['a long request ID', `{"status":"ok","request_status":"success","request_id":"${'1'.repeat(LONG)}"}`],
		['cards nested 3,000 deep', `{"status":"pending","cards":${nested(3_000)}}`],
	];
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));

	/** Odd, but with a documented outcome for who can read the rest. */
	const MAY_BE_READ = /"request_status":"success"/;
	const outcomesOf = (fates: Fate[]) => fates.map(({ done: json, failed: failure }) => json?.request_status ?? failure?.outcome);

	test.each(odd)('%s: asked about, done, and so are the others', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'rawAfter', body });
		const fates = fatesOf(await runJobContinuing(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates.map(({ done: json }) => json?.request_status)).toEqual(['success', 'success', 'success']);
		expect(effects()).toBe(3);
	});

	test.each(odd)('%s, also to the question: unknown, and the others are done', async (_, body) => {
		sandbox.faults.add({ path: CLOSE, card: 'card-1002', kind: 'rawAfter', body }, { path: STATUS, kind: 'rawBefore', body, times: 'always' });
		const fates = fatesOf(await runJobContinuing(sandbox, { items, options: { maxParallelRequests: 1 } }), 3);
		expect(outcomesOf(fates)).toEqual(['success', expect.stringMatching(MAY_BE_READ.test(body) ? /unknown|success/ : /unknown/), 'success']);
		expect(fates[1]?.failed?.message.length ?? 0).toBeLessThan(1_000);
	});

	test.each(odd)('%s to a command without a request ID: unknown, and the others are done', async (_, body) => {
		sandbox.faults.add({ path: SET_PIN, card: 'card-1002', kind: 'rawAfter', body });
		const fates = fatesOf(await runJobContinuing(sandbox, { items, parameters: { operation: 'setPin' }, options: { maxParallelRequests: 1 } }), 3);
		expect(outcomesOf(fates)).toEqual(['success', expect.stringMatching(MAY_BE_READ.test(body) ? /unknown|success/ : /unknown/), 'success']);
	});

	test('a gift card status nested 3,000 deep, or a long one: unknown', async () => {
		for (const status of [nested(3_000), `"${'1'.repeat(LONG)}"`]) {
			sandbox.faults.add({ path: GIFT, kind: 'rawAfter', body: `{"status":${status}}` });
			const { outcome, message } = failed(await runJobContinuing(sandbox, { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } }));
			expect(outcome).toMatch(/unknown|failed/);
			expect(message.length).toBeLessThan(1_000);
		}
	});
});
