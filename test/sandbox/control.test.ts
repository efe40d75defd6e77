import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { faultKinds, type FaultRule, type RandomPlan } from '.';
import { GIFT } from '../support/paths';
import { textLike, useClient } from './client';

/* What can be asked of a running sandbox over HTTP, and told to it. */

const { close, control, post, sandbox, start } = useClient();

it('shows what happened without one-time codes and bytes', async () => {
	await start();
	await post(GIFT, { otp: '1234', card_id: 555 });
	await post(GIFT, { otp: '987654321', nested: [{ pin: '4711' }] });
	const id = randomUUID();
	await close('card-1001', id);
	const journal = await control('journal');
	const entries = Object.values(journal.json);
	expect(entries[0]).toEqual({
		n: 1,
		method: 'POST',
		path: GIFT,
		status: 200,
		signatureVerified: true,
		body: { otp: textLike(/^•+$/), card_id: 555 },
		requestId: null,
		fault: null,
		acted: true,
	});
	expect(entries[2]).toMatchObject({ requestId: id, body: { card_id: 'card-1001' } });
	const ledger = await control('ledger');
	expect(ledger.json).toMatchObject([{ path: GIFT, target: { card_id: 555 } }, { requestId: id }]);
	const state = await control('state');
	expect(state.json).toMatchObject({
		cards: { 'card-1001': { status: 'closed' }, 'card-1010': { status: 'active', clientId: null, accounts: [] } },
		giftCards: { 555: { status: 2 } },
		requests: { [id]: { requestStatus: 'success' } },
	});
	const all = journal.text + ledger.text + state.text;
	for (const secret of ['"1234"', '987654321', '4711', '5678"']) expect(all).not.toContain(secret);
});

it('takes faults, settings and a reset', async () => {
	await start();
	expect((await control('faults', { method: 'POST', body: [{ kind: 'http500Before' }, { kind: 'http502Before' }] })).status).toBe(200);
	expect((await control('faults')).json).toEqual([{ kind: 'http500Before' }, { kind: 'http502Before' }]);
	expect([(await close()).status, (await close()).status, (await close()).status]).toEqual([500, 502, 200]);
	const wrong = await control('faults', { method: 'POST', body: { kind: 'nonsense' } });
	expect([wrong.status, wrong.json.error]).toEqual([400, textLike(/nonsense/)]);
	const misspelt = await control('faults', { method: 'POST', body: { kind: 'http500Before', pth: 'card/close' } });
	expect([misspelt.status, misspelt.json.error]).toEqual([400, textLike(/no pth/)]);
	const setting = await control('settings', { method: 'POST', body: { procesingMs: 5 } });
	expect([setting.status, setting.json.error]).toEqual([400, textLike(/no setting procesingMs/)]);
	await control('faults', { method: 'POST', body: { seed: 1, rate: 1, kinds: ['http504Before'] } });
	expect((await close('card-1002')).status).toBe(504);
	await control('faults', { method: 'DELETE' });
	expect((await control('settings', { method: 'POST', body: { processingMs: 60_000 } })).json).toMatchObject({ processingMs: 60_000, latencyMs: 0, statusLagMs: 0 });
	for (const body of [{ undocumentedPaths: 'refused' }, { badSignature: {} }, { statementDays: 0 }, { unknownIds: 'accept', processingMs: '5' }]) {
		expect((await control('settings', { method: 'POST', body })).status).toBe(400);
	}
	const refused = { httpStatus: 403, body: { status: 'error' } };
	expect((await control('settings', { method: 'POST', body: { badSignature: refused, undocumentedPaths: 'refuse' } })).status).toBe(200);
	expect((await control('settings')).json).toMatchObject({ badSignature: refused, undocumentedPaths: 'refuse', unknownIds: 'refuse', processingMs: 60_000 });
	expect((await control('settings', { method: 'POST', body: { latencyMs: -1 } })).status).toBe(400);
	expect((await close('card-1002')).json.request_status).toBe('process');
	await control('reset', { method: 'POST' });
	expect((await control('state')).json).toMatchObject({ cards: { 'card-1001': { status: 'active' } }, requests: {} });
	expect(sandbox.state().requests).toEqual({});
	expect((await control('journal')).json).toEqual([]);
	expect(sandbox.ledger.all).toEqual([]);
	expect((await control('nonsense')).status).toBe(404);
});

it.each<[object | string, RegExp]>([
	[{ seed: 1, rate: 1, kinds: ['dropAfer'] }, /kind of a fault must be one of dropBefore, .*not "dropAfer"/],
	[{ seed: 1, rate: 1, kinds: ['dropAfter', { kind: 'redirect', locaton: 'x' }] }, /A fault has no locaton/],
	[{ seed: 1, rate: 1, kinds: ['dropAfter'], path: ['card/close'] }, /A random plan has no path\. Known: seed, rate, kinds, paths/],
	[{ rate: 1, kinds: ['dropAfter'] }, /The seed of a random plan must be a number/],
	[{ seed: 1, rate: 20, kinds: ['dropAfter'] }, /The rate of a random plan must be a number from 0 to 1, not 20/],
	[{ seed: 1, rate: 1, kinds: [] }, /kinds of a random plan must be a list of at least one/],
	[{ kind: 'dropAfter', times: 'allways' }, /The times of a fault must be a whole number from 1, or "always", not "allways"/],
	[{ kind: 'rateLimit', retryAfter: { ms: 5 } }, /retryAfter of a fault must be a number of seconds/],
	[[{ kind: 'dropAfter' }, { kind: 'dropAfer' }], /not "dropAfer"/],
	['dropAfter', /A fault is a JSON object with kind/],
])('refuses the misspelt fault %j, and takes none of those beside it', async (body, error) => {
	await start();
	const answer = await control('faults', { method: 'POST', body });
	expect([answer.status, answer.json.error]).toEqual([400, textLike(error)]);
	expect((await control('faults')).json).toEqual([]);
	expect((await close()).status).toBe(200);
});

it.each([[['processingMs']], ['processingMs'], [{ constructor: 1 }], [{ processingMs: 5, latencyMS: 5 }]])('refuses the misspelt settings %j, and changes none', async (body) => {
	await start();
	const before = (await control('settings')).json;
	expect((await control('settings', { method: 'POST', body })).status).toBe(400);
	expect((await control('settings')).json).toEqual(before);
});

it('is told of on its page with every setting, kind of fault and detail', async () => {
	await start();
	const page = readFileSync(join(__dirname, '../../docs/sandbox.md'), 'utf8');
	const told = new Set([...page.matchAll(/`([^`]+)`/g)].map(([, word]) => word));
	const details: Record<keyof FaultRule | keyof RandomPlan, true> = {
		kind: true, retryAfter: true, status: true, location: true, reset: true, delayMs: true, intervalMs: true, bytes: true, body: true, headers: true,
		path: true, card: true, nth: true, times: true, seed: true, rate: true, kinds: true, paths: true,
	};
	const words = [...Object.keys((await control('settings')).json), ...faultKinds, ...Object.keys(details)];
	expect(words.filter((word) => !told.has(word))).toEqual([]);
});

it('is not for web pages', async () => {
	await start();
	await close();
	expect((await control('reset', { method: 'POST', headers: { origin: 'https://example.com' } })).status).toBe(403);
	expect(sandbox.ledger.all).toHaveLength(1);
});
