import { join, resolve } from 'node:path';

import { lastLines } from './child.ts';
import { CREDENTIAL, CRM_CREDENTIAL, FIRST_EXAMPLE, importExamples } from './examples.ts';
import { startN8n, type Host } from './host.ts';
import { installN8n } from './install.ts';
import { tryLock } from './lock.ts';
import { buildAndPack } from './pack.ts';
import { BUILD_FOLDER, CACHE_FOLDER } from './paths.mjs';
import { requirePort } from './ports.ts';
import { Problem } from './problem.mjs';
import { OWNER, RestError } from './rest.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

/**
 * n8n's data: workflows, credentials, executions. Outlives a clone; delete the folder to start over.
 * `N8N_DATA_FOLDER` overrides it.
 */
const DATA_FOLDER = resolve(process.env.N8N_DATA_FOLDER || join(CACHE_FOLDER, 'data'));

const LOGS = join(BUILD_FOLDER, 'logs');
const N8N_LOG = join(LOGS, 'n8n.log');
const SANDBOX_LOG = join(LOGS, 'sandbox.log');

const N8N_PORT = Number(process.env.N8N_PORT || 5678);
const SANDBOX_PORT = Number(process.env.SANDBOX_PORT || 8642);

/**
 * Runs the sandbox and n8n until the user stops them. `N8N_PORT` and `SANDBOX_PORT` choose their ports.
 */
export async function playground(): Promise<void> {
	const stop = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());

	const servers: Server[] = [];
	let unlock: (() => void) | undefined;
	try {
		await requirePort(N8N_PORT, 'n8n', 'N8N_PORT');
		await requirePort(SANDBOX_PORT, 'the sandbox', 'SANDBOX_PORT');
		unlock = lockData();
		await run(servers, stop.signal);
	} catch (error) {
		if (!stop.signal.aborted) throw error;
	} finally {
		if (servers.length > 0) console.error('\nStopping n8n and the sandbox ...');
		await Promise.all(servers.map((server) => server.stop()));
		unlock?.();
	}
	process.exit();
}

function lockData(): () => void {
	const unlock = tryLock(join(DATA_FOLDER, 'lock'));
	if (unlock) return unlock;
	throw new Problem('npm start is running already, perhaps in another clone. Stop that one first, with Ctrl-C.');
}

/** What has to be stopped in the end. */
type Server = Pick<Host, 'stop'>;

async function run(servers: Server[], signal: AbortSignal): Promise<void> {
	const tarball = await buildAndPack({ signal });
	const n8n = await installN8n({ signal });

	console.error('Starting the sandbox and n8n (about 10 seconds) ...');
	const sandbox = await startSandbox({ port: SANDBOX_PORT, logFile: SANDBOX_LOG });
	servers.push(sandbox);
	const host = await startN8n({ n8n, tarball, userFolder: DATA_FOLDER, port: N8N_PORT, logFile: N8N_LOG, signal }).catch(explain);
	servers.push(host);
	await importExamples(host, sandbox.credential);

	signal.throwIfAborted();
	console.log(instructions(host, sandbox));
	await untilStopped(host, sandbox, signal);
}

function explain(error: unknown): never {
	if (!(error instanceof RestError && error.status === 401)) throw error;
	throw new Problem(
		`n8n does not accept ${OWNER.email} with the password ${OWNER.password}, so somebody has changed it.\n` +
			`Either change it back, or start over by deleting ${DATA_FOLDER}`,
	);
}

const instructions = (host: Host, sandbox: Sandbox): string => `
n8n with the FreedomPay Card node is ready.

  Open       ${host.url}/workflow/${FIRST_EXAMPLE}
  Sign in    ${OWNER.email}
  Password   ${OWNER.password}
  Click      Execute workflow

It closes three cards, each with a signed request that the sandbox verifies. A second run is green too and closes
nothing again: each card comes with an Event ID, and the same event acts once (the outcome is "done_before" then).

What else there is
  Every example       ${host.url}/home/workflows
  This package        ${host.url}/settings/community-nodes, listed as an installed one
  A workflow of yours ${host.url}/workflow/new: click +, type FreedomPay, choose what to do and the credential
                      ${CREDENTIAL.name}; ask for a card with Get to see its state

A CRM's event: publish "CRM event closes card" (${host.url}/workflow/freedomPayCrmEventClosesCard), then
  curl -X POST ${host.url}/webhook/crm-event -H '${CRM_CREDENTIAL.data.name}: ${CRM_CREDENTIAL.data.value}' \\
    -H 'Content-Type: application/json' -d '{"event_id":"evt-1","card_id":"card-1004","reason":"Lost by the cardholder"}'

What the sandbox knows
${sandbox.samples.map(([name, text]) => `  ${name.padEnd(11)}  ${text}`).join('\n')}

A credential of yours for it: Environment Custom, Base URL ${sandbox.url},
Auth ID ${sandbox.credential.authId}, Partner Key ${sandbox.credential.partnerKey}

What the sandbox received and did: ${sandbox.url}/_sandbox/journal
How its cards are now:             ${sandbox.url}/_sandbox/state
Everything as at the start:        curl -X POST ${sandbox.url}/_sandbox/reset

Logs: ${LOGS}
Stop: Ctrl-C. Your workflows are kept for the next start.
`;

async function untilStopped(host: Host, sandbox: Sandbox, signal: AbortSignal): Promise<void> {
	const aborted = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
	const ended = await Promise.race([
		aborted,
		host.ended.then(() => `n8n has stopped. The end of its log, ${N8N_LOG}:\n${lastLines(host.output())}`),
		sandbox.ended.then(() => `The sandbox has stopped. Its log is ${SANDBOX_LOG}`),
	]);
	if (ended && !signal.aborted) throw new Problem(ended);
}
