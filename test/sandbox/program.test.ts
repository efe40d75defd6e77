import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { buildSync } from 'esbuild';

import { useClient } from './client';

/* The sandbox as a program of its own. */

const { close, sandbox, start } = useClient();

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'freedompay-sandbox-'));
	buildSync({
		entryPoints: [join(__dirname, '../sandbox/main.ts')],
		outfile: join(folder, 'sandbox.cjs'),
		bundle: true,
		platform: 'node',
	});
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...flags: string[]) {
	const child = spawn(process.execPath, [join(folder, 'sandbox.cjs'), ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
	const printed = { out: '', err: '' };
	child.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
	child.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
	return { child, printed, exit: once(child, 'close') };
}

it('prints what it takes to use it, and stops when told', async () => {
	await start();
	const { child, printed, exit } = run('--port', '0', '--processing-ms', '60000');
	while (!printed.err.includes('Ctrl-C')) await wait(5);
	const facts = JSON.parse(printed.out) as { url: string; cards: string[] };
	expect(printed.out.split('\n')).toHaveLength(2);
	expect(facts).toMatchObject({ authId: '123456', partnerKey: 'secret', algorithm: 'HS512', giftCards: [{ cardId: 555, otp: '1234' }, { cardId: 556 }] });
	for (const known of ['card-1001', 'card-1010', 'card-1011', 'card-1012', 'client-2003', '555', '1234', 'transaction-1']) expect(printed.err).toContain(known);
	expect(facts.cards).toEqual(Object.keys(sandbox.state().cards));
	expect((await close('card-1001', randomUUID(), { url: facts.url })).json.request_status).toBe('process');
	child.kill('SIGTERM');
	expect(await exit).toEqual([0, null]);
});

it('says in one line that a port is taken', async () => {
	await start();
	const { printed, exit } = run('--port', String(sandbox.port));
	expect(await exit).toEqual([1, null]);
	expect(printed).toEqual({ out: '', err: `Port ${sandbox.port} is in use. Choose another one with --port.\n` });
});

it('explains a wrong flag', async () => {
	await start();
	const { printed, exit } = run('--port', 'x');
	expect(await exit).toEqual([1, null]);
	expect(printed.err).toBe('--port must be a whole number, not x.\n');
});
