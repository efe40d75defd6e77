import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { Client } from 'undici';

import { CLOSE, STATUS } from '../support/paths';
import { useClient } from './client';

/* What the sandbox tells of what was sent and done. */

const { agent, ask, close, sandbox, start } = useClient();

it('tells effects from requests', async () => {
	await start({ unknownIds: 'accept' });
	sandbox.faults.random({ seed: 3, rate: 0.6, kinds: ['dropBefore', 'dropAfter', 'http500Before', 'truncatedAfter', 'errorRequestStatus'] });
	const ids = Array.from({ length: 40 }, () => randomUUID());
	for (const [index, id] of [...ids, ...ids].entries()) await close(`c${index % 40}`, id).catch(() => undefined);
	const effects = sandbox.ledger.all;
	expect(sandbox.journal.all).toHaveLength(80);
	expect(effects.length).toBeGreaterThan(20);
	expect(effects.length).toBeLessThan(80);
	expect(effects.map(({ request: n }) => n)).toEqual(sandbox.journal.all.filter(({ acted }) => acted).map(({ n }) => n));
	for (const id of ids) expect(sandbox.ledger.effectsOf(id).length).toBeLessThanOrEqual(1);
	expect(sandbox.journal.all.some(({ acted, fault, status }) => acted && fault === 'dropAfter' && status === undefined)).toBe(true);
});

it('numbers connections and finds requests', async () => {
	await start();
	const [one, two] = [new Client(sandbox.url), new Client(sandbox.url)];
	const id = randomUUID();
	await close('card-1001', id, { dispatcher: one });
	await close('card-1002', randomUUID(), { dispatcher: two });
	await close('card-1001', id, { dispatcher: one });
	await Promise.all([one.close(), two.close()]);
	expect(sandbox.journal.all.map(({ connection }) => connection)).toEqual([1, 2, 1]);
	expect(sandbox.journal.of(id)).toHaveLength(2);
	expect(sandbox.journal.about('card-1002', CLOSE).map(({ n }) => n)).toEqual([2]);
	expect(sandbox.journal.to(STATUS)).toEqual([]);
});

it('keeps only figures in counts mode', async () => {
	await start({ journal: 'counts' });
	sandbox.faults.add({ kind: 'http500Before', path: STATUS });
	await close();
	await ask(randomUUID());
	await close('card-1002', randomUUID(), { signature: 'no' });
	expect(sandbox.journal.all).toEqual([]);
	expect(sandbox.journal.counts()).toEqual({
		received: 3,
		unverified: 1,
		byPath: { [CLOSE]: 2, [STATUS]: 1 },
		byFault: { http500Before: 1 },
	});
	expect(sandbox.ledger.all).toHaveLength(1);
});

it('gauges the most at one time', async () => {
	await start();
	sandbox.gate.hold(3, CLOSE);
	await Promise.all(['card-1001', 'card-1002', 'card-1003'].map(async (card) => await close(card)));
	await close('card-1004');
	expect(sandbox.gauges).toMatchObject({ maxInFlight: 3, inFlight: 0, maxOpenConnections: 3, connectionsOpened: 3 });
	await agent.destroy();
	while (sandbox.gauges.openConnections > 0) await wait(2);
	sandbox.reset();
	expect(sandbox.gauges).toEqual({ maxInFlight: 0, inFlight: 0, maxOpenConnections: 0, openConnections: 0, connectionsOpened: 0 });
});
