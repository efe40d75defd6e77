import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { CREDENTIAL, FIRST_EXAMPLE } from '../n8n/examples.ts';
import { ROOT } from '../n8n/paths.mjs';
import { PATIENCE_MS } from '../n8n/patience.ts';
import { freePort } from '../n8n/ports.ts';
import { RestClient } from '../n8n/rest.ts';
import { answerJson, startListener } from '../support/listener.ts';
import { openEditor } from './editor.ts';
import type { WorkflowNode } from './nodes.ts';

const START = fileURLToPath(new URL('../n8n/start.mjs', import.meta.url));

const WORKFLOWS = join(ROOT, 'workflows');

const { version: VERSION, author } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string; author: { name: string; email: string } };

/** A start of the sandbox and n8n. */
interface Start {
	process: ChildProcess;
	ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
	/** All that it said. */
	output: () => string;
	/** Waits until it says that it is ready. */
	ready: () => Promise<void>;
}

/** As n8n lists one that somebody has installed. */
const PACKAGE = {
	packageName: 'n8n-nodes-freedompay',
	installedVersion: VERSION,
	authorName: author.name,
	authorEmail: author.email,
	installedNodes: [
		{ name: 'FreedomPay Card', type: 'n8n-nodes-freedompay.freedomPayCard', latestVersion: 1 },
		{ name: 'FreedomPay Card Trigger', type: 'n8n-nodes-freedompay.freedomPayCardTrigger', latestVersion: 1 },
	],
	failedLoading: false,
};

suite('npm start', () => {
	const data = mkdtempSync(join(tmpdir(), 'n8n-start-'));
	let n8nPort: number;
	let sandboxPort: number;
	/** The start that the tests share; the last one stops it. */
	let shared: Start;

	before(async () => {
		n8nPort = await freePort();
		sandboxPort = await freePort();
		shared = start();
		await shared.ready();
	});
	after(async () => {
		shared.process.kill('SIGKILL');
		await shared.ended;
		rmSync(data, { recursive: true, force: true });
	});

	test('says where to go, how to sign in and what to click', async () => {
		assert.match(shared.output(), new RegExp(`http://localhost:${n8nPort}/workflow/${FIRST_EXAMPLE}`));
		assert.match(shared.output(), /owner@example\.com/);
		assert.match(shared.output(), /Execute workflow/);
		for (const sample of ['card-1001', 'card-1011', 'client-2001', '555 with the code (OTP) 1234', 'transaction-1', CREDENTIAL.name, 'Auth ID 123456, Partner Key secret']) {
			assert.ok(shared.output().includes(sample), `${sample} is not in what npm start says`);
		}
		const rest = await signedIn();
		await rest.request('PATCH', `/workflows/${FIRST_EXAMPLE}`, { name: 'Mine now' });
	});

	test('has imported every example workflow', async () => {
		const rest = await signedIn();
		const files = readdirSync(WORKFLOWS).map((file) => JSON.parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as { id: string; nodes: WorkflowNode[] });
		assert.ok(files.length > 1);
		for (const { id, nodes } of files) {
			const { nodes: imported } = await rest.request<{ nodes: WorkflowNode[] }>('GET', `/workflows/${id}`);
			const facts = ({ name, parameters, credentials }: WorkflowNode) => ({ name, parameters, credentials });
			assert.deepEqual(imported.map(facts), nodes.map(facts));
		}
	});

	test('lists the package among the installed community nodes', async () => {
		assert.deepEqual(await installedPackages(), [PACKAGE]);

		const editor = await openEditor(`http://localhost:${n8nPort}`);
		try {
			const { page } = editor;
			await page.goto(`http://localhost:${n8nPort}/settings/community-nodes`);
			const cards = page.getByTestId('community-package-card');
			// Until n8n has answered, empty cards stand in.
			const card = cards.filter({ hasText: PACKAGE.packageName });
			await card.waitFor();
			const told = await card.innerText();
			for (const fact of [`v${VERSION}`, 'FreedomPay Card']) assert.ok(told.includes(fact), `${fact} is not in: ${told}`);
			assert.equal(await cards.count(), 1);
			await editor.screenshot('community-nodes');
		} finally {
			await editor.close();
		}
	});

	test('says what to do when it is running already, or a port is taken', async () => {
		const again = start({ N8N_PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) });
		assert.equal((await again.ended).code, 1);
		assert.match(again.output(), /running already/);

		const foreign = createServer().listen(0, '127.0.0.1');
		await once(foreign, 'listening');
		for (const variable of ['N8N_PORT', 'SANDBOX_PORT']) {
			const refused = start({
				N8N_DATA_FOLDER: join(data, 'other'),
				N8N_PORT: String(await freePort()),
				SANDBOX_PORT: String(await freePort()),
				[variable]: String((foreign.address() as AddressInfo).port),
			});
			assert.equal((await refused.ended).code, 1);
			assert.match(refused.output(), new RegExp(`in use[^]*${variable}=`));
			assert.doesNotMatch(refused.output(), /^\s+at /m);
		}
		assert.ok(foreign.listening);
		foreign.close();
	});

	test('leaves no process when it is stopped, and keeps the workflows for the next start', async () => {
		const processes = serversOf(shared);
		shared.process.kill('SIGINT');
		assert.deepEqual(await shared.ended, { code: 0, signal: null });
		assert.deepEqual(processes.filter(isAlive), []);

		shared = start();
		await shared.ready();
		const rest = await signedIn();
		assert.equal((await rest.request<{ name: string }>('GET', `/workflows/${FIRST_EXAMPLE}`)).name, 'Mine now');
	});

	test('lists the package as before when its folder was lost between two starts, without asking a registry', async () => {
		shared.process.kill('SIGINT');
		await shared.ended;
		const registry = await startListener(answerJson({}, 404));
		const nodes = join(data, '.n8n', 'nodes');
		rmSync(nodes, { recursive: true });
		mkdirSync(nodes);
		writeFileSync(join(nodes, '.npmrc'), `registry=${registry.url}/\nfetch-retries=0\n`);

		try {
			shared = start();
			await shared.ready();
			assert.deepEqual(await installedPackages(), [PACKAGE]);
			assert.deepEqual(registry.received, []);
		} finally {
			await registry.stop();
		}
	});

	test('leaves no process when it is killed', async () => {
		const processes = serversOf(shared);
		shared.process.kill('SIGKILL');
		await shared.ended;
		for (const deadline = Date.now() + PATIENCE_MS; processes.some(isAlive) && Date.now() < deadline; ) await delay(100);
		assert.deepEqual(processes.filter(isAlive), []);
	});

	/** The processes of the sandbox, n8n and its task runner. */
	function serversOf({ process: { pid } }: Start): number[] {
		assert.ok(pid !== undefined);
		const processes = descendants(pid);
		assert.ok(processes.length >= 3 || !existsSync('/proc/self/status'));
		return processes;
	}

	/** What n8n says of installed packages, without the times. */
	async function installedPackages(): Promise<object[]> {
		const packages = await (await signedIn()).request<Array<{ createdAt: string; updatedAt: string }>>('GET', '/community-packages');
		return packages.map(({ createdAt, updatedAt, ...facts }) => {
			assert.ok(Date.parse(createdAt) <= Date.parse(updatedAt));
			return facts;
		});
	}

	async function signedIn(): Promise<RestClient> {
		const rest = new RestClient(`http://localhost:${n8nPort}`);
		await rest.signIn();
		return rest;
	}

	function start(environment: NodeJS.ProcessEnv = {}): Start {
		const child = spawn(process.execPath, [START], {
			env: {
				...process.env,
				N8N_DATA_FOLDER: data,
				N8N_PORT: String(n8nPort),
				SANDBOX_PORT: String(sandboxPort),
				...environment,
			},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
		const ended = once(child, 'close').then((end) => {
			const [code, signal] = end as [number | null, NodeJS.Signals | null];
			return { code, signal };
		});
		let over = false;
		void ended.then(() => (over = true));
		return {
			process: child,
			ended,
			output: () => output,
			async ready() {
				while (!output.includes('is ready')) {
					assert.ok(!over, `npm start ended early:\n${output}`);
					await delay(100);
				}
			},
		};
	}
});

/** The processes that a process has started, and those that these have; none where the system does not tell. */
function descendants(pid: number): number[] {
	if (!existsSync('/proc/self/status')) return [];
	const parents = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map((name) => [Number(name), parentOf(name)] as const);
	const found = [pid];
	for (const parent of found) found.push(...parents.filter(([, candidate]) => candidate === parent).map(([child]) => child));
	return found.slice(1);
}

function parentOf(pid: string): number | undefined {
	try {
		return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
	} catch {
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}
