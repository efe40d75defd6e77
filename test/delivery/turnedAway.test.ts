import type { FaultRule } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed, fatesOf } from '../support/items';
import { CLOSE, GIFT, SET_PIN, STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* Requests that something before the API turns away: a redirect, a 403 or a 404 that is not the API's. */

const { sandbox, clock } = useSandboxWithClock();

const PAGE = '<!DOCTYPE html><html><title>Access denied</title></html>';
const GATEWAY_JSON = { message: 'Forbidden' };

const setPin: Job = { parameters: { operation: 'setPin' } };
const confirm: Job = { parameters: { resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: 555 } };

/** What comes instead of the API's answer. */
const pages: Array<[string, Pick<FaultRule, 'status' | 'body' | 'headers'>]> = [
	['a 301', { status: 301, body: '', headers: { location: 'https://elsewhere.example/' } }],
	['a 302', { status: 302, body: '', headers: { location: 'https://elsewhere.example/' } }],
	['a 303', { status: 303, body: '', headers: { location: 'https://elsewhere.example/' } }],
	['a 304', { status: 304, body: '' }],
	['a 307', { status: 307, body: '', headers: { location: 'https://elsewhere.example/' } }],
	['a 403 page', { status: 403, body: PAGE, headers: { 'content-type': 'text/html' } }],
	["a 403 in a gateway's own JSON", { status: 403, body: GATEWAY_JSON }],
	["a 403 in a framework's JSON, with a status", { status: 403, body: { status: 403, error: 'Forbidden', path: CLOSE } }],
	['a 404 page', { status: 404, body: PAGE, headers: { 'content-type': 'text/html' } }],
];

const instead = (page: (typeof pages)[number][1], rule: Partial<FaultRule> = {}): FaultRule => ({ path: CLOSE, kind: 'rawBefore', ...page, ...rule });
const effects = () => sandbox.ledger.effectsOn('card-1001', CLOSE).length;
const sources: Array<[string, Job]> = [['no ID given', {}], ['an Event ID', { parameters: { eventId: 'e-1' } }]];

describe.each(pages)('%s to a command that is turned away before the API', (_, page) => {
	test.each(sources)('after it was done, with %s: asked, done', async (__, job) => {
		sandbox.faults.add(instead(page, { kind: 'rawAfter' }));
		expect(done(await runJobContinuing(sandbox, { clock, ...job }))).toMatchObject({ request_status: 'success', card_id: 'card-1001' });
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(effects()).toBe(1);
	});

	test('after it was done, while the status is behind: asked again, done', async () => {
		sandbox.settings.statusLagMs = 3_000;
		sandbox.faults.add(instead(page, { kind: 'rawAfter' }));
		expect(done(await runJobContinuing(sandbox, { clock })).request_status).toBe('success');
		expect(sandbox.journal.to(CLOSE)).toHaveLength(1);
	});

	test.each(sources)('before it arrived, with %s: asked over five seconds, not done, in its own words', async (__, job) => {
		sandbox.faults.add(instead(page));
		const { outcome, http_status: status } = failed(await runJobContinuing(sandbox, { clock, ...job }));
		expect([outcome, status]).toEqual(['not_done', page.status]);
		expect(wire(sandbox)).toEqual(['close', 'status', 'status', 'status']);
		expect(effects()).toBe(0);
	});

	test('where the question comes back as well, and nothing was let through before: not done, and no further item starts', async () => {
		sandbox.faults.add(instead(page, { path: CLOSE, times: 'always' }), instead(page, { path: STATUS, times: 'always' }));
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates.map(({ failed: told }) => told?.outcome)).toEqual(['not_done', 'not_done', 'not_done']);
		expect(fates[2]?.failed?.message).toMatch(new RegExp(`^Not sent: .*turned requests away \\(HTTP ${page.status}\\), first for item 0`));
		expect(wire(sandbox)).toEqual(['close', 'status']);
	});

	test('where the question comes back as well, but others were let through before: unknown', async () => {
		sandbox.faults.add(instead(page, { kind: 'rawAfter', card: 'card-1002' }), instead(page, { path: STATUS, times: 'always' }));
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates.map(({ failed: told }) => told?.outcome ?? 'done')).toEqual(['done', 'unknown', 'not_done']);
		expect(sandbox.ledger.effectsOn('card-1002', CLOSE)).toHaveLength(1);
	});

	test('new items wait, and start again once a question is let through', async () => {
		sandbox.faults.add(instead(page, { card: 'card-1001' }));
		const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
		const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, options: { maxParallelRequests: 1 } }), 3);
		expect(fates.map(({ failed: told }) => told?.outcome ?? 'done')).toEqual(['not_done', 'done', 'done']);
		expect(wire(sandbox).slice(0, 2)).toEqual(['close', 'status']);
		expect(wire(sandbox).sort()).toEqual(['close', 'close', 'close', 'status', 'status', 'status']);
	});

	test('new items start again where nothing can be found out', async () => {
		sandbox.faults.add(instead(page, { card: 'card-1001' }), { path: STATUS, kind: 'dropBefore', times: 3 });
		const items = ['card-1001', 'card-1002'].map((card) => ({ card }));
		const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, options: { maxParallelRequests: 1 } }), 2);
		expect(fates.map(({ failed: told }) => told?.outcome ?? 'done')).toEqual(['unknown', 'done']);
	});
});

describe('a command without a request ID', () => {
	test.each([[303, 'unknown'], [304, 'unknown'], [301, 'not_done'], [302, 'not_done'], [307, 'not_done'], [308, 'not_done'], [403, 'not_done'], [404, 'not_done']])('HTTP %d: %s, sent once', async (status, outcome) => {
		for (const [path, job] of [[SET_PIN, setPin], [GIFT, confirm]] as const) {
			sandbox.journal.clear();
			sandbox.faults.add({ path, kind: 'rawBefore', status, body: status === 304 ? '' : PAGE, headers: { 'content-type': 'text/html' } });
			expect(failed(await runJobContinuing(sandbox, { clock, ...job }))).toMatchObject({ outcome, http_status: status });
			expect(wire(sandbox)).toEqual([path.split('/').at(-1)]);
		}
	});
});

describe("a 403 in the API's own words", () => {
	test('is about the credential: not asked about, and no further item starts', async () => {
		sandbox.faults.add({ path: CLOSE, kind: 'forbidden', times: 'always' });
		const items = ['card-1001', 'card-1002'].map((card) => ({ card }));
		const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, options: { maxParallelRequests: 1 } }), 2);
		expect(fates.map(({ failed: told }) => told?.outcome)).toEqual(['not_done', 'not_done']);
		expect(wire(sandbox)).toEqual(['close']);
	});
});

test.each(pages)('%s to a read: it fails, and others go on', async (_, page) => {
	sandbox.faults.add(instead(page, { path: 'card/info', card: 'card-1001' }));
	const items = ['card-1001', 'card-1002'].map((card) => ({ card }));
	const parameters = { operation: 'get' };
	const fates = fatesOf(await runJobContinuing(sandbox, { clock, items, parameters, options: { maxParallelRequests: 1 } }), 2);
	expect(fates.map(({ failed: told }) => told?.outcome ?? 'done')).toEqual(['not_done', 'done']);
	expect(wire(sandbox)).toEqual(['info', 'info']);
});

test.each(pages)('%s in doubt: asked, sent again three times at most, then unknown', async (_, page) => {
	sandbox.faults.add({ path: CLOSE, kind: 'dropBefore' }, instead(page, { times: 'always' }));
	expect(failed(await runJobContinuing(sandbox, { clock })).outcome).toBe('unknown');
	expect(wire(sandbox)).toEqual(['close', 'status', 'close', 'status', 'close', 'status']);
});
