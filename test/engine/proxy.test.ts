import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { startSandbox, type Sandbox } from '../sandbox';
import { done, failed, workOn } from '../faults/workbench';

/* n8n's own proxy settings count for signed requests too. */

let sandbox: Sandbox;
let proxy: Server;
let passed: string[];
const variables = ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));

beforeEach(async () => {
	sandbox = await startSandbox();
	passed = [];
	proxy = createServer((incoming, outgoing) => {
		passed.push(incoming.url ?? '');
		incoming.pipe(
			request(incoming.url ?? '', { method: incoming.method, headers: incoming.headers }, (answer) => {
				outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(outgoing);
			}),
		);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	for (const name of variables) delete process.env[name];
	process.env.HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterEach(async () => {
	for (const [name, value] of Object.entries(before)) {
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
	}
	proxy.closeAllConnections();
	await new Promise((resolve) => proxy.close(resolve));
	await sandbox.stop();
});

test('a signed request goes through the proxy of n8n, and is signed for the host behind it', async () => {
	expect(done(await workOn(sandbox))).toMatchObject({ card_id: 'card-1001', request_status: 'success' });
	expect(passed).toEqual([`${sandbox.url}/v5/card-api/card/close`]);
	expect(sandbox.journal.all.map(({ signatureVerified }) => signatureVerified)).toEqual([true]);
});

test('a host in NO_PROXY is reached without it', async () => {
	process.env.NO_PROXY = '127.0.0.1';
	expect(done(await workOn(sandbox))).toMatchObject({ request_status: 'success' });
	expect(passed).toEqual([]);
});

test('a proxy that cannot be reached: nothing was sent', async () => {
	process.env.HTTP_PROXY = 'http://127.0.0.1:1';
	expect(failed(await workOn(sandbox))).toMatchObject({ outcome: 'not sent', message: expect.stringMatching(/could not be reached/) as unknown });
	expect(sandbox.journal.all).toEqual([]);
});
