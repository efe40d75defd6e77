import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

import { CLOSE } from '../support/paths';
import { textLike, useClient } from './client';

/* Answers that are held back until enough are in. */

const { ask, close, sandbox, start } = useClient();

const cards = ['card-1001', 'card-1002', 'card-1003'];

it('holds answers until enough are in, acts meanwhile, and then is open', async () => {
	await start();
	sandbox.gate.hold(3);
	const answers = cards.slice(0, 2).map(async (card) => await close(card));
	while (sandbox.gate.held < 2) await wait(2);
	expect([sandbox.ledger.all.length, sandbox.gauges.inFlight]).toEqual([2, 2]);
	expect(sandbox.journal.all.map(({ acted, status }) => [acted, status])).toEqual([[true, undefined], [true, undefined]]);
	answers.push(close('card-1003'));
	expect((await Promise.all(answers)).map(({ json: { request_status } }) => request_status)).toEqual(['success', 'success', 'success']);
	expect([sandbox.gauges.maxInFlight, sandbox.gate.held]).toEqual([3, 0]);
	expect((await close('card-1004')).json.request_status).toBe('success');
});

it('holds one path only, misbehaviour included', async () => {
	await start();
	sandbox.faults.add({ kind: 'http500Before', path: CLOSE });
	sandbox.gate.hold(2, 'card/close');
	const answers = [close('card-1001')];
	while (sandbox.gate.held < 1) await wait(2);
	expect((await ask(randomUUID())).status).toBe(200);
	answers.push(close('card-1002'));
	expect((await Promise.all(answers)).map(({ status }) => status).sort()).toEqual([200, 500]);
});

it.each<[string, () => void]>([
	['opened', () => sandbox.gate.open()],
	['reset', () => sandbox.reset()],
])('lets all go when it is %s', async (_case, release) => {
	await start();
	sandbox.gate.hold(100);
	const answers = cards.map(async (card) => await close(card));
	while (sandbox.gate.held < 3) await wait(2);
	release();
	expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
	expect((await close('card-1004')).status).toBe(200);
});

it('does not keep a sandbox from stopping', async () => {
	await start();
	sandbox.gate.hold(2);
	const held = close().catch((error: Error) => error.message);
	while (sandbox.gate.held < 1) await wait(2);
	await sandbox.stop();
	expect(await held).toEqual(textLike(/closed|socket/));
	await start();
});
