import { startSandbox } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { ofAmount, refund, refunded, retry, retryAfterCrash, type Again } from '../support/executions';
import { accountOf, fatesOf } from '../support/items';
import { CLOSE, REFUND, RESET_PIN_COUNTER, SET_PIN, STATUS } from '../support/paths';
import { runJob, type Job } from '../support/runs';

/* n8n's Retry of a failed execution: what it itself sent comes first, whatever was changed about its IDs since. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const UUID = 'c0ffee00-1111-4222-8333-444455556666';
const amounts = [10, 20, 30, 40].map((amount) => ({ amount, id: UUID.replace(/.$/, String(amount / 10)) }));
const refunds: Job = { parameters: refund, items: amounts, options: { maxParallelRequests: 1 } };

/** The third of four refunds is refused, or its answer is lost and nobody can be asked. */
const hindrances = {
	refused: () => sandbox.faults.add({ path: REFUND, kind: 'refuse', nth: 3 }),
	lost: () => sandbox.faults.add({ path: REFUND, kind: 'dropAfter', nth: 3 }, { path: STATUS, kind: 'dropBefore', times: 3 }),
	neverThere: () => sandbox.faults.add({ path: REFUND, kind: 'dropBefore', nth: 3 }, { path: STATUS, kind: 'dropBefore', times: 3 }),
};

const edits: Array<[string, Again]> = [
	['nothing', {}],
	['an Event ID is added', { parameters: { eventId: '=crm-{{ $json.id }}' } }],
	['a Request ID is added', { options: { requestId: '={{ $json.id }}' } }],
	['the node is cut and pasted', { nodeId: 'pasted-anew' }],
	['the reason is changed', { parameters: { reason: 'Another' } }],
];

describe.each(Object.keys(hindrances) as Array<keyof typeof hindrances>)('four refunds, the third %s', (hindrance) => {
	test.each(edits)('%s before the Retry: each is made once', async (_, again) => {
		hindrances[hindrance]();
		const first = await runJob(sandbox, refunds);
		expect(first.error).toBeDefined();
		const second = await retry(sandbox, refunds, first, again);
		expect(fatesOf(second, 4).map(({ failed: told }) => told?.message)).toEqual([undefined, undefined, undefined, undefined]);
		expect(refunded(sandbox).sort()).toEqual([10, 20, 30, 40]);
		if (again.parameters?.reason === undefined) return;
		// Another reason stands in other bytes under the same ID, as it has to: nothing else does.
		const sent = sandbox.journal.to(REFUND).map(({ requestId, body }) => JSON.stringify([requestId, { ...(body as object), description: '' }]));
		expect(new Set(sent).size).toBe(4);
		sandbox.journal.clear();
	});

	test('with Event IDs that are taken away or changed before the Retry: each is made once', async () => {
		for (const parameters of [{ eventId: '' }, { eventId: '=other-{{ $json.id }}' }]) {
			hindrances[hindrance]();
			const job = { ...refunds, parameters: { ...refund, eventId: '=crm-{{ $json.id }}' } };
			const first = await runJob(sandbox, job);
			await retry(sandbox, job, first, { parameters });
			expect(refunded(sandbox).sort()).toEqual([10, 20, 30, 40]);
			sandbox.reset();
		}
	});
});

test('what goes on under the ID that it had leaves a hint, since a later delivery under the new one would act again', async () => {
	hindrances.lost();
	const first = await runJob(sandbox, refunds);
	const { hints } = await retry(sandbox, refunds, first, { parameters: { eventId: '=crm-{{ $json.id }}' } });
	expect(hints.map(({ message }) => message).join()).toMatch(/before their Event ID or Request ID was changed/);
});

test('another amount is another refund', async () => {
	hindrances.refused();
	const first = await runJob(sandbox, refunds);
	await retry(sandbox, refunds, first, { parameters: ofAmount('={{ $json.amount + 5 }}') });
	expect(refunded(sandbox)).toEqual([10, 20, 15, 25, 35, 45]);
});

test('and back again is the first one', async () => {
	hindrances.refused();
	const first = await runJob(sandbox, refunds);
	sandbox.faults.add({ path: REFUND, kind: 'refuse', nth: 3 });
	const second = await retry(sandbox, refunds, first, { parameters: ofAmount('={{ $json.amount + 5 }}') });
	await retry(sandbox, refunds, second, { parameters: ofAmount('={{ $json.amount }}') });
	expect(refunded(sandbox)).toEqual([10, 20, 15, 25, 30, 40]);
});

test('another partner is sent everything again', async () => {
	const other = await startSandbox({ authId: '654321', partnerKey: 'another', unknownIds: 'accept' });
	try {
		hindrances.refused();
		const first = await runJob(sandbox, refunds);
		await retry(sandbox, refunds, first, { credential: other.credential });
		expect([refunded(sandbox), refunded(other)]).toEqual([[10, 20], [10, 20, 30, 40]]);
	} finally {
		await other.stop();
	}
});

test('what was refused and is mended is sent under the next ID, and done', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'refuse' });
	const job: Job = { items: [{ card: 'card-1001' }] };
	const first = await runJob(sandbox, job);
	expect(first.error?.message).toBeDefined();
	const second = await retry(sandbox, job, first);
	expect(fatesOf(second, 1)[0]?.done).toMatchObject({ request_status: 'success' });
	expect(sandbox.ledger.effectsOn('card-1001', CLOSE)).toHaveLength(1);
});

test('an outcome that was taken over under a wrong Event ID is asked for again under the right one', async () => {
	const byEvent = { operation: 'resetPinCounter', eventId: '={{ $json.event }}' };
	await runJob(sandbox, { parameters: byEvent, items: [{ card: 'card-1001', event: 'e-1' }], run: { executionId: '7' } });
	const items = [{ card: 'card-1001', event: 'e-1' }, { card: 'card-1002', event: 'e-2' }];
	const job: Job = { parameters: byEvent, items, options: { maxParallelRequests: 1 } };
	sandbox.faults.add({ path: RESET_PIN_COUNTER, card: 'card-1002', kind: 'refuse' });
	const first = await runJob(sandbox, job);
	await retry(sandbox, job, first, { parameters: { eventId: '=right-{{ $json.event }}' } });
	expect(sandbox.journal.about('card-1001', RESET_PIN_COUNTER).map(({ requestId }) => requestId)).toHaveLength(3);
});

describe('after a crash, which leaves nothing but the token of the execution', () => {
	test('every command with a request ID is done once, also in another order', async () => {
		sandbox.faults.add({ path: REFUND, kind: 'refuse', nth: 4 });
		const job: Job = { ...refunds, items: amounts };
		const first = await runJob(sandbox, job);
		const second = await retryAfterCrash(sandbox, job, first, { items: [...amounts].reverse() });
		expect(fatesOf(second, 4).every(({ done: json }) => json !== undefined)).toBe(true);
		expect(refunded(sandbox).sort()).toEqual([10, 20, 30, 40]);
	});

	test('equal refunds that meet are unknown, and no Event ID is advised', async () => {
		const job: Job = { ...refunds, items: [{ amount: 10, event: 'a' }, { amount: 10, event: 'b' }], parameters: { ...refund, eventId: '={{ $json.event }}' } };
		const first = await runJob(sandbox, job);
		const { error } = await retryAfterCrash(sandbox, job, first, { parameters: { eventId: '' } });
		expect(error?.message).toMatch(/unknown/);
		expect(error?.description).not.toMatch(/give .* an Event ID/);
		expect(refunded(sandbox)).toEqual([10, 10]);
	});
});

test('a new database that begins with execution 1 again sends what another one sent', async () => {
	const job: Job = { ...refunds, items: [{ amount: 10 }], run: { executionId: '1', instanceId: 'the-same-key' } };
	await runJob(sandbox, { ...job, run: { ...job.run, resumeToken: 'first' } });
	const again = await runJob(sandbox, { ...job, run: { ...job.run, resumeToken: 'second' } });
	expect(fatesOf(again, 1)[0]?.done).toHaveProperty('outcome', 'done');
	expect(refunded(sandbox)).toEqual([10, 10]);
});

describe('a command without a request ID', () => {
	const pin: Job = { parameters: { operation: 'setPin' }, items: [{ card: 'card-1001' }] };

	test('whose outcome is unknown stays so in a Retry, whatever was edited', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'dropAfter' });
		const first = await runJob(sandbox, pin);
		const second = await retry(sandbox, pin, first, { nodeId: 'pasted-anew' });
		expect(second.error?.message).toMatch(/unknown/i);
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test('that was refused is sent in a Retry, when somebody has seen it, but not by Retry On Fail', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'refuse' });
		const job: Job = { ...pin, settings: { retryOnFail: true, maxTries: 3 } };
		const first = await runJob(sandbox, job);
		expect(wire(sandbox)).toEqual(['set_pin']);
		const second = await retry(sandbox, job, first);
		expect(fatesOf(second, 1)[0]?.done).toBeDefined();
		expect(wire(sandbox)).toEqual(['set_pin', 'set_pin']);
	});
});

describe('a custom request', () => {
	const custom = (body: string, more: Job = {}): Job => ({
		...more,
		parameters: { resource: 'custom', operation: 'send', path: 'card-api/transaction/refund', retryRule: 'command', takesRequestId: true, body, ...more.parameters },
	});
	/** As `$now` in a body: it comes out anew each time. */
	const refundNow = '={{ JSON.stringify({ order_id: "o-1", transaction_id: "t-1", amount: 10, description: "at " + Math.random() }) }}';
	const pinNow = '={{ JSON.stringify({ card_id: "card-1001", pin: "encrypted-" + Math.random() }) }}';

	test('whose body comes out anew each time acts once over Retry On Fail', async () => {
		sandbox.faults.add({ path: REFUND, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const { error } = await runJob(sandbox, custom(refundNow, { settings: { retryOnFail: true, maxTries: 3 } }));
		expect(error).toBeUndefined();
		expect(refunded(sandbox)).toEqual([10]);
		expect(sandbox.journal.to(REFUND)).toHaveLength(1);
	});

	test('without a request ID, whose body comes out anew each time, stays unknown', async () => {
		sandbox.faults.add({ path: SET_PIN, kind: 'dropAfter' });
		const job = custom(pinNow, { parameters: { path: 'card-api/card/set_pin', takesRequestId: false }, settings: { retryOnFail: true, maxTries: 3 } });
		const { error } = await runJob(sandbox, job);
		expect(error?.message).toMatch(/unknown/i);
		expect(sandbox.journal.to(SET_PIN)).toHaveLength(1);
	});

	test('of an event, whose body comes out anew each time, leaves a hint: delivered again it acts again', async () => {
		const hintsOf = async (body: string) => (await runJob(sandbox, custom(body, { parameters: { eventId: '={{ "e" + 1 }}' } }))).hints.map(({ message }) => message).join();
		expect(await hintsOf('={{ JSON.stringify({ order_id: "o-1", transaction_id: "t-1", amount: 10, description: $now.toISO() }) }}')).toMatch(/comes out anew each time/);
		expect(await hintsOf('={{ JSON.stringify({ order_id: "o-1", transaction_id: "t-1", amount: 20 }) }}')).not.toMatch(/anew/);
	});

	test('with another body after one that is done fails, and nothing is sent', async () => {
		const items = [{ amount: 10 }, { amount: 20 }];
		const bodyOf = (amount: string) => `={{ JSON.stringify({ order_id: "o-1", transaction_id: "t-1", amount: ${amount} }) }}`;
		const job: Job = { ...custom(bodyOf('$json.amount'), { items }), options: { maxParallelRequests: 1 } };
		sandbox.faults.add({ path: REFUND, nth: 2, kind: 'refuse' });
		const first = await runJob(sandbox, job);
		const before = sandbox.journal.all.length;
		const second = await retry(sandbox, job, first, { parameters: { body: bodyOf('$json.amount + 5') } });
		expect(second.error?.message).toMatch(/sent with another body.*\[item 0\]/);
		expect(sandbox.journal.all).toHaveLength(before);
	});
});

describe('what n8n saves in another form than it was in memory', () => {
	const person: Job['parameters'] = {
		resource: 'client', operation: 'create', productId: 2000, phone: '+77077070707', type: 1, resident: 1, firstName: 'Ivan', lastName: 'Ivanov',
	};
	const CREATE = '/v5/card-api/client/add';

	test('a birthdate that was a Date is the same day, and the same client, in the Retry', async () => {
		const job: Job = {
			parameters: { ...person, additionalFields: { birthdate: '={{ $json.born }}' } },
			items: [{ json: { born: new Date('1990-01-30T18:00:00.000Z') as never } }],
			run: { timezone: 'Asia/Almaty' },
		};
		sandbox.faults.add({ path: CREATE, kind: 'dropAfter' }, { path: STATUS, kind: 'dropBefore', times: 3 });
		const first = await runJob(sandbox, job);
		await retry(sandbox, job, { run: JSON.parse(JSON.stringify(first.run)) as typeof first.run });
		expect(sandbox.journal.to(CREATE).map(({ body }) => (body as { client: { birthdate: string } }).client.birthdate)).toEqual(['1990-01-31']);
		expect(sandbox.ledger.all.filter(({ path }) => path === CREATE)).toHaveLength(1);
	});

	test.each([[5000, '5000.00'], ['5000', 5000], ['5000.0', '05000']])('an event with an amount of %p, and again with %p, sets one limit', async (amount, again) => {
		const limit = (value: unknown): Job => ({
			items: [{ value } as never],
			parameters: {
				resource: 'limit', operation: 'set', objectType: 'card', cardId: 'card-1001', eventId: '={{ "e" + 1 }}',
				limits: { limit: [{ transactionType: 'pay', period: 'month', amount: { amount: [{ type: 'max', value: '={{ $json.value }}', currency: 'KZT' }] } }] },
			},
		});
		await runJob(sandbox, limit(amount));
		await runJob(sandbox, { ...limit(again), run: { executionId: '2' } });
		expect(new Set(sandbox.journal.all.filter(({ path }) => path.endsWith('/limits/set')).map(({ requestId }) => requestId)).size).toBe(1);
		expect(sandbox.ledger.all).toHaveLength(1);
	});
});

test('a PIN that was set is not set again, though another one that did not go out stood in between', async () => {
	const job: Job = {
		items: [{ card: 'card-1001' }, { card: 'card-1002' }],
		parameters: { operation: 'setPin', additionalFields: { pin: 'AAAA' } },
		options: { maxParallelRequests: 1 },
	};
	sandbox.faults.add({ path: SET_PIN, nth: 2, kind: 'refuse' });
	const first = await runJob(sandbox, job);
	sandbox.faults.add({ path: SET_PIN, kind: 'rateLimit', retryAfter: 1, times: 'always' });
	const second = await retry(sandbox, job, first, { parameters: { additionalFields: { pin: 'BBBB' } } });
	expect(second.error).toBeDefined();
	sandbox.faults.clear();
	await retry(sandbox, job, second);
	const pins = sandbox.ledger.all.filter(({ path }) => path === SET_PIN);
	expect(pins).toHaveLength(2);
});

test('what may have been carried out is not told as not sent where the run ends before its turn, nor is its equal', async () => {
	const closes: Job = { items: ['card-1001', 'card-1002', 'card-1002'].map((card) => ({ card })), options: { maxParallelRequests: 1 } };
	sandbox.faults.add({ path: CLOSE, kind: 'dropAfter', nth: 2 }, { path: STATUS, kind: 'dropBefore', times: 3 });
	const first = await runJob(sandbox, closes);
	sandbox.faults.add({ path: CLOSE, kind: 'refuse' });
	const { error } = await retry(sandbox, closes, first, { parameters: { cardId: "={{ $json.card.replace('1001', '1003') }}" } });
	expect(Object.entries(accountOf(error)).map(([kind, [count]]) => [kind, count])).toEqual([['Failed', 1], ['Unknown', 2]]);
});

test.each([
	['input that cannot be sent', { parameters: ofAmount('={{ $json.amount === 40 ? "x" : $json.amount }}') }],
	['equal commands', { parameters: ofAmount('={{ Math.max(30, $json.amount) }}') }],
	['a credential that cannot be used', { credential: { partnerKey: '' } }],
] as Array<[string, Again]>)('%s in a Retry: what was sent before is not denied', async (_, again) => {
	hindrances.refused();
	const first = await runJob(sandbox, refunds);
	const { error } = await retry(sandbox, refunds, first, again);
	expect(refunded(sandbox)).toEqual([10, 20]);
	expect(error?.description).toContain('What this execution sent before stands.');
	expect(error?.description).not.toContain('not sent either');
});
