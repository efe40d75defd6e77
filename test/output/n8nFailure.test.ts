import type { Failure } from 'n8n-workflow';

import type { FaultRule } from '../sandbox';
import { useSandbox } from '../support/bench';
import { unusedUrl } from '../support/listener';
import { CLOSE, GIFT, STATUS } from '../support/paths';
import { runJob, type Job } from '../support/runs';
import { virtualClock } from '../support/virtualClock';

/* The cause that an error names for n8n's own code, where n8n has a word for it. */

const sandbox = useSandbox();

const UUID = '828cf71d-a447-4a67-a149-c1df8bc197ca';

const read: Job = { parameters: { resource: 'request', operation: 'getStatus', requestId: UUID } };
const gift: Job = { parameters: { resource: 'giftCard', operation: 'confirm', otp: '4711', cardId: 555 } };
const always = (fault: Omit<FaultRule, 'times'>): FaultRule => ({ ...fault, times: 'always' });

async function causeOf(job: Job): Promise<Failure | undefined> {
	const { error } = await runJob(sandbox, job);
	if (error === undefined) throw new Error('Nothing failed');
	return (error as { failure?: Failure }).failure;
}

test.each<[string, FaultRule, Job, Failure | undefined]>([
	['429 without Retry-After', always({ kind: 'rateLimit' }), {}, { cause: 'rate-limited' }],
	['429 with Retry-After', always({ kind: 'rateLimit', retryAfter: 7 }), {}, { cause: 'rate-limited', retryAfterMs: 7_000 }],
	['429 that asks for more than the node waits', always({ kind: 'rateLimit', retryAfter: 3_600 }), {}, { cause: 'rate-limited', retryAfterMs: 3_600_000 }],
	['429 with nonsense for Retry-After', always({ kind: 'rateLimit', retryAfter: 'soon' }), {}, { cause: 'rate-limited' }],
	['401', { kind: 'unauthorized' }, {}, { cause: 'credential-invalid' }],
	['403', { kind: 'forbidden' }, {}, { cause: 'configuration-invalid' }],
	['a redirect', { kind: 'redirect', location: 'http://127.0.0.1:1/' }, {}, { cause: 'configuration-invalid' }],
	['404 with a web page', { kind: 'notFound' }, {}, { cause: 'configuration-invalid' }],
	['a read that gets HTTP 503', always({ kind: 'http503Before' }), read, { cause: 'temporarily-unavailable' }],
	['a read that gets no answer', always({ kind: 'dropBefore' }), read, { cause: 'temporarily-unavailable' }],
	['a read that gets a web page', always({ kind: 'html200After' }), read, undefined],
	['a refusal', { kind: 'refuse' }, {}, undefined],
	['a command whose outcome is unknown', { kind: 'http503After', path: GIFT }, gift, undefined],
])('%s', async (_, fault, job, expected) => {
	sandbox.faults.add(fault);
	expect(await causeOf(job)).toEqual(expected);
});

test('a Retry-After that names a date, as long as it is still away', async () => {
	const now = Date.parse('2026-01-01T00:00:00Z');
	sandbox.faults.add(always({ kind: 'rateLimit', retryAfter: 'Thu, 01 Jan 2026 00:10:00 GMT' }));
	const clock = virtualClock({ sandbox, wallClock: () => now });
	expect(await causeOf({ clock })).toEqual({ cause: 'rate-limited', retryAfterMs: 600_000 });
});

test('a question before a typed UUID that is turned away by the rate limit', async () => {
	sandbox.faults.add(always({ kind: 'rateLimit', retryAfter: 7, path: STATUS }));
	const cause = await causeOf({ options: { requestId: UUID } });
	expect(cause).toEqual({ cause: 'rate-limited', retryAfterMs: 7_000 });
	expect(sandbox.journal.to(CLOSE)).toEqual([]);
});

test('a host where nothing listens', async () => {
	expect(await causeOf({ credential: { baseUrl: await unusedUrl() } })).toEqual({ cause: 'temporarily-unavailable' });
});

test('a defect of this package', async () => {
	const deadline = () => {
		throw new TypeError('no');
	};
	const clock = { ...virtualClock(), deadline };
	expect(await causeOf({ clock })).toEqual({ cause: 'node-defect' });
});
