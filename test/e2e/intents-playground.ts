import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { CREDENTIAL } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import { startSandbox } from '../n8n/sandbox.ts';
import { post } from './delivery-playground.ts';
import { manualRuns } from './manualRuns.ts';

/** By which every database here is encrypted, and which n8n takes its instance's id from. */
const ENCRYPTION_KEY = 'a-key-that-outlives-the-database';

const END_TIMEOUT_MS = 60_000;

/**
 * A sandbox that takes every card, client and transaction for an existing one, and an n8n that can be killed, started again, and
 * started with a new database under the old key.
 *
 * @typedef {object} IntentsPlayground
 * @property {import('../n8n/sandbox.ts').Sandbox} sandbox
 * @property {import('../n8n/host.ts').Host} host the n8n that runs at present
 * @property {() => Promise<void>} killN8n ends n8n and whatever it started by SIGKILL
 * @property {() => Promise<void>} startAgain starts n8n with the data of the one before
 * @property {() => Promise<void>} startAnew stops n8n and starts one with a new database under the same key
 * @property {(workflow: any) => Promise<void>} store puts a workflow into n8n
 * @property {(workflow: any) => Promise<void>} publish the same, and makes its trigger live
 * @property {(workflow: any) => Promise<void>} change replaces the nodes of a stored workflow, as saving in the editor does
 * @property {(workflowId: string, items: object[]) => Promise<{ status: number, body: any }>} deliver posts items to its webhook
 * @property {(workflowId: string, items: object[]) => Promise<any>} run the same, and gives the execution when it has ended
 * @property {(workflowId: string) => Promise<any>} lastRun its newest execution, when it has ended
 * @property {(workflow: any) => Promise<any>} runByHand stores and runs a workflow as the editor does
 * @property {(execution: { id: string }, loadWorkflow?: boolean) => Promise<any>} retry what n8n's button Retry does, by default with
 *   the workflow as it is stored now; the new execution when it has ended
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<IntentsPlayground>} */
export async function startIntentsPlayground() {
	const tarball = await buildAndPack();
	const n8n = await installN8n();
	const port = await freePort();
	const logFile = (server) => join(BUILD_FOLDER, 'logs', `e2e-intents-${server}.log`);
	const userFolders = [];
	let sandbox;
	let host;
	let starts = 0;
	/** What the nodes name as their credential. */
	let credentials;

	async function start() {
		starts += 1;
		const settings = { N8N_ENCRYPTION_KEY: ENCRYPTION_KEY };
		host = await startN8n({ n8n, tarball, userFolder: userFolders.at(-1), port, logFile: logFile(`n8n-${starts}`), settings });
	}

	async function startAnew() {
		await host?.stop();
		userFolders.push(mkdtempSync(join(tmpdir(), 'n8n-intents-')));
		await start();
		const credential = { name: CREDENTIAL.name, type: CREDENTIAL.type, data: sandbox.credential };
		const { id, name } = await host.rest.request('POST', '/credentials', credential);
		credentials = { [CREDENTIAL.type]: { id, name } };
	}

	async function stop() {
		await Promise.all([host?.stop(), sandbox?.stop()]);
		for (const folder of userFolders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	}

	const withCredentials = (workflow) => ({
		...workflow,
		nodes: workflow.nodes.map((node) => (node.type.startsWith('n8n-nodes-freedompay.') ? { ...node, credentials } : node)),
	});

	const store = async (workflow) => void (await host.rest.request('POST', '/workflows', withCredentials(workflow)));

	const deliver = async (workflowId, items) => await post(new URL(`/webhook/${workflowId}`, host.url), { items });

	async function lastRun(workflowId) {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		for (const deadline = Date.now() + END_TIMEOUT_MS; Date.now() < deadline; await delay(50)) {
			const [last] = (await host.rest.request('GET', `/executions?filter=${filter}`)).results;
			if (last?.stoppedAt) return await host.readExecution(last.id);
		}
		throw new Error(`The execution of ${workflowId} did not end in time.`);
	}

	try {
		sandbox = await startSandbox({ port: await freePort(), logFile: logFile('sandbox'), acceptUnknown: true });
		await startAnew();
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
			process.kill(-host.pid, 'SIGKILL');
			await host.ended;
		},
		startAgain: start,
		startAnew,
		store,
		async publish(workflow) {
			await store(workflow);
			await host.publish(workflow.id);
		},
		async change(workflow) {
			const { nodes, connections } = withCredentials(workflow);
			await host.rest.request('PATCH', `/workflows/${workflow.id}`, { nodes, connections });
		},
		deliver,
		async run(workflowId, items) {
			await deliver(workflowId, items);
			return await lastRun(workflowId);
		},
		lastRun,
		async runByHand(workflow) {
			await store(workflow);
			const runs = manualRuns(host);
			return await runs.run(workflow.id, workflow.nodes[0].name);
		},
		async retry({ id }, loadWorkflow = true) {
			const retried = await host.rest.request('POST', `/executions/${id}/retry`, { loadWorkflow });
			return await host.readExecution(retried.id);
		},
		stop,
	};
}
