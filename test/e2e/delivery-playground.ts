import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { CRM_CREDENTIAL, importExamples } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { startSandbox } from '../n8n/sandbox.ts';

const LIVE_TIMEOUT_MS = 30_000;

/**
 * A sandbox that takes every card and client for existing ones, and an n8n that can be killed and started again with the same
 * data.
 *
 * @typedef {object} DeliveryPlayground
 * @property {import('../n8n/sandbox.ts').Sandbox} sandbox
 * @property {import('../n8n/host.ts').Host} host the n8n that runs at present
 * @property {() => Promise<void>} killN8n ends n8n and whatever it started by SIGKILL
 * @property {() => Promise<void>} restartN8n starts n8n with the data of the one before
 * @property {(workflow: any) => Promise<void>} publish puts a workflow into n8n and makes its trigger live
 * @property {(path: string, body: unknown) => Promise<{ status: number, body: any }>} deliver posts to a webhook
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<DeliveryPlayground>} */
export async function startDeliveryPlayground() {
	const tarball = await buildAndPack();
	const n8n = await installN8n();
	const userFolder = mkdtempSync(join(tmpdir(), 'n8n-delivery-'));
	const port = await freePort();
	const logFile = (server) => join(BUILD_FOLDER, 'logs', `e2e-delivery-${server}.log`);
	let sandbox;
	let host;
	let processGroup;
	let starts = 0;

	async function startHost() {
		starts += 1;
		const start = () => startN8n({ n8n, tarball, userFolder, port, logFile: logFile(`n8n-${starts}`) });
		({ result: host, pid: processGroup } = await withPid('start', start));
	}

	async function stop() {
		await Promise.all([host?.stop(), sandbox?.stop()]);
		rmSync(userFolder, { recursive: true, force: true, maxRetries: 5 });
	}

	try {
		sandbox = await startSandbox({ port: await freePort(), logFile: logFile('sandbox'), acceptUnknown: true });
		await startHost();
		await importExamples(host, sandbox.credential);
	} catch (error) {
		await stop();
		throw error;
	}

	return {
		sandbox,
		get host() {
			return host;
		},
		async killN8n() {
			process.kill(-processGroup, 'SIGKILL');
			await host.ended;
		},
		async restartN8n() {
			await host.stop();
			await startHost();
		},
		async publish(workflow) {
			await host.rest.request('POST', '/workflows', workflow);
			await host.publish(workflow.id);
		},
		deliver: (path, body) => post(new URL(path, host.url), body),
		stop,
	};
}

/**
 * Learns the process id of a child process while it is being started.
 *
 * @template T
 * @param {string} argument by which the process is told from others
 * @param {() => Promise<T>} start
 * @returns {Promise<{ result: T, pid: number }>}
 */
async function withPid(argument, start) {
	let started;
	const notice = ({ process: child }) => setImmediate(() => child.spawnargs?.includes(argument) && (started = child));
	subscribe('child_process', notice);
	try {
		const result = await start();
		return { result, pid: started.pid };
	} finally {
		unsubscribe('child_process', notice);
	}
}

/**
 * Posts to a webhook. A 404 means that the trigger is not live yet, and that nothing ran.
 *
 * @param {URL} url
 * @param {unknown} body
 * @param {AbortSignal} [signal] ends the waiting for an answer
 * @returns {Promise<{ status: number, body: any }>}
 */
export async function post(url, body, signal) {
	for (const deadline = Date.now() + LIVE_TIMEOUT_MS; ; await delay(200)) {
		const response = await fetch(url, {
			method: 'POST',
			headers: { 'content-type': 'application/json', [CRM_CREDENTIAL.data.name]: CRM_CREDENTIAL.data.value },
			body: JSON.stringify(body),
			signal,
		});
		const text = await response.text();
		if (response.status === 404 && Date.now() < deadline) continue;
		return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
	}
}
