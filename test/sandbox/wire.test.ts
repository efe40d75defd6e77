import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { Agent, request } from 'undici';

import { selfSigned, startDelayedLink } from '.';
import { STATUS } from '../support/paths';
import { sign, textLike, useClient } from './client';

/* TLS, distance, addresses. */

const { agent, close, control, post, sandbox, start } = useClient();

it('speaks TLS with a certificate that can be checked', async () => {
	const tls = selfSigned();
	await start({ tls });
	const trusting = new Agent({ connect: { ca: tls.cert } });
	expect((await close('card-1001', randomUUID(), { dispatcher: trusting })).json.request_status).toBe('success');
	await trusting.destroy();
	await expect(close('card-1002')).rejects.toThrow(/certificate/);
	expect(sandbox.ledger.all).toHaveLength(1);
	expect(sandbox.url).toMatch(/^https:/);
});

it('seems as far away as told', async () => {
	await start();
	const link = await startDelayedLink(sandbox.port, 40);
	const url = sandbox.url.replace(/\d+$/, String(link.port));
	const timed = async (card: string) => {
		const before = performance.now();
		expect((await close(card, randomUUID(), { url })).json.request_status).toBe('success');
		return performance.now() - before;
	};
	const first = await timed('card-1001');
	const later = [await timed('card-1002'), await timed('card-1003'), await timed('card-1004')];
	await link.stop();
	// Timers may fire a little early.
	expect(first).toBeGreaterThan(75);
	expect(Math.min(...later)).toBeGreaterThan(36);
	// Later ones pay no second connection.
	expect(sandbox.gauges.connectionsOpened).toBe(1);
});

it('stops at once, whoever still waits', async () => {
	await start();
	sandbox.faults.add({ kind: 'stallBefore', card: 'card-1001' });
	const message = (error: Error) => error.message;
	const stalled = close('card-1001').catch(message);
	while (sandbox.gauges.inFlight < 1) await wait(2);
	sandbox.settings.latencyMs = 60_000;
	const slow = close('card-1002').catch(message);
	while (sandbox.gauges.inFlight < 2) await wait(2);
	await sandbox.stop();
	expect([await stalled, await slow]).toEqual([textLike(/closed|socket/), textLike(/closed|socket/)]);
	await start();
});

it('hands out a credential that fits', async () => {
	await start({ authId: '9', partnerKey: 'k' });
	expect(sandbox.credential).toEqual({ environment: 'custom', baseUrl: sandbox.url, authId: '9', partnerKey: 'k', algorithm: 'HS512' });
	expect((await close('card-1001', randomUUID(), { key: 'k', header: { auth_id: '9' } })).status).toBe(200);
	expect((await close('card-1002')).status).toBe(401);
});

it('takes an undocumented path for a command that succeeds, and says in the journal that this is an assumption', async () => {
	await start();
	const path = '/v5/card-api/card/undocumented';
	const id = randomUUID();
	expect((await post(path, { request_id: id, card_id: 'card-1001' })).json).toMatchObject({ status: 'ok', request_status: 'success' });
	expect((await post(path, { request_id: id, card_id: 'card-1001' })).json.error_code).toBe(1002);
	expect((await post(STATUS, { request_id: id })).json.request_status).toBe('success');
	expect(sandbox.ledger.counts()).toEqual({ [path]: 1 });
	expect(Object.values((await control('journal')).json).map((entry) => (entry as { assumed?: string }).assumed)).toEqual([textLike(/assumption/), textLike(/assumption/), undefined]);
	expect((await post('/v4/card-api/card/block', {})).status).toBe(404);
});

it('answers only what it serves', async () => {
	await start({ undocumentedPaths: 'refuse' });
	expect((await post('/v5/card-api/card/nonsense', {})).status).toBe(404);
	const get = await request(`${sandbox.url}${STATUS}`, {
		headers: { 'x-jws-signature': await sign(STATUS, '', { header: { method: 'GET' } }) },
		dispatcher: agent,
	});
	expect(get.statusCode).toBe(405);
	await get.body.dump();
});
