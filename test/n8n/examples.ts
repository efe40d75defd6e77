import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Host } from './host.ts';
import { ROOT } from './paths.mjs';
import type { RestClient, StoredCredential, StoredWorkflow } from './rest.ts';
import type { CredentialData } from './sandbox.ts';

const WORKFLOWS_FOLDER = join(ROOT, 'workflows');

/** The credential that the example workflows name. */
export const CREDENTIAL = { id: 'freedomPaySandbox', name: 'FreedomPay Sandbox', type: 'freedomPayApi' };

/** The credential by which the webhooks of the example workflows know their caller, with the key that callers of this n8n send. */
export const CRM_CREDENTIAL = {
	id: 'crmHeaderAuth',
	name: 'CRM Header Auth',
	type: 'httpHeaderAuth',
	data: { name: 'X-CRM-Key', value: 'key-of-the-example-crm' },
};

/** The example that runs at the first click. */
export const FIRST_EXAMPLE = 'freedomPayCloseThreeCards';

/**
 * Puts the example workflows and the credentials that they name into n8n.
 *
 * The credential for the sandbox always gets the sandbox's present address and key, that of the CRM the example's key. A workflow
 * that n8n has already is brought up to date with its file only while nobody has edited it; an edited one stays as it is. To get
 * the original back, delete it in n8n and start again.
 *
 * @param data of the credential for the sandbox
 */
export async function importExamples(host: Host, data: CredentialData): Promise<void> {
	await importCredentials(host, [{ ...CREDENTIAL, data }, CRM_CREDENTIAL]);

	const recordFile = join(host.userFolder, 'examples.json');
	const record = existsSync(recordFile) ? (JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, Imported | undefined>) : {};
	for (const file of readdirSync(WORKFLOWS_FOLDER).filter((name) => name.endsWith('.json'))) {
		const source = readFileSync(join(WORKFLOWS_FOLDER, file), 'utf8');
		const workflow = JSON.parse(source) as { id: string };
		record[workflow.id] = await importWorkflow(host.rest, workflow, hashOf(source), record[workflow.id]);
	}
	writeFileSync(recordFile, JSON.stringify(record));
}

/** What of an example was imported: its file, and the version that n8n made of it. */
interface Imported {
	fileHash: string;
	versionId: string;
}

interface CredentialToImport {
	id: string;
	name: string;
	type: string;
	data: object;
}

async function importCredentials(host: Host, credentials: readonly CredentialToImport[]): Promise<void> {
	const missing: CredentialToImport[] = [];
	for (const credential of credentials) {
		const path = `/credentials/${credential.id}`;
		const existing = await host.rest.find<StoredCredential>(path);
		if (!existing) missing.push(credential);
		else await host.rest.request('PATCH', path, { name: existing.name, type: existing.type, data: credential.data });
	}
	if (missing.length === 0) return;

	// Only n8n's command lets one choose the id, by which the workflows find the credential.
	const file = join(host.userFolder, 'credentials.json');
	writeFileSync(file, JSON.stringify(missing), { mode: 0o600 });
	try {
		await host.command(['import:credentials', `--input=${file}`]);
	} finally {
		rmSync(file);
	}
}

/** Gives what is imported now; `last` is what was before. */
async function importWorkflow(rest: RestClient, workflow: { id: string }, fileHash: string, last: Imported | undefined): Promise<Imported | undefined> {
	const existing = await rest.find<StoredWorkflow>(`/workflows/${workflow.id}`);
	if (!existing) {
		const { versionId } = await rest.request<StoredWorkflow>('POST', '/workflows', workflow);
		return { fileHash, versionId };
	}
	if (last?.fileHash === fileHash || last?.versionId !== existing.versionId) return last;
	const { versionId } = await rest.request<StoredWorkflow>('PATCH', `/workflows/${workflow.id}`, workflow);
	return { fileHash, versionId };
}

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');
