import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './paths.mjs';

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
 * @param {import('./host.ts').Host} host
 * @param {import('./sandbox.ts').Sandbox['credential']} data
 */
export async function importExamples(host, data) {
	await importCredentials(host, [{ ...CREDENTIAL, data }, CRM_CREDENTIAL]);

	const recordFile = join(host.userFolder, 'examples.json');
	const record = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : {};
	for (const file of readdirSync(WORKFLOWS_FOLDER).filter((name) => name.endsWith('.json'))) {
		const source = readFileSync(join(WORKFLOWS_FOLDER, file), 'utf8');
		const workflow = JSON.parse(source);
		record[workflow.id] = await importWorkflow(host.rest, workflow, hashOf(source), record[workflow.id]);
	}
	writeFileSync(recordFile, JSON.stringify(record));
}

async function importCredentials(host, credentials) {
	const missing = [];
	for (const credential of credentials) {
		const path = `/credentials/${credential.id}`;
		const existing = await host.rest.find(path);
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

/**
 * @param {import('./rest.ts').RestClient} rest
 * @param {any} workflow
 * @param {string} fileHash
 * @param {{ fileHash: string, versionId: string } | undefined} last what was imported before
 * @returns {Promise<{ fileHash: string, versionId: string } | undefined>} what is imported now
 */
async function importWorkflow(rest, workflow, fileHash, last) {
	const existing = await rest.find(`/workflows/${workflow.id}`);
	if (!existing) {
		const { versionId } = await rest.request('POST', '/workflows', workflow);
		return { fileHash, versionId };
	}
	if (last?.fileHash === fileHash || last?.versionId !== existing.versionId) return last;
	const { versionId } = await rest.request('PATCH', `/workflows/${workflow.id}`, workflow);
	return { fileHash, versionId };
}

const hashOf = (content) => createHash('sha256').update(content).digest('hex');
