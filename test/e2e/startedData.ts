import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';

import { importExamples } from '../n8n/examples.ts';
import { startN8n } from '../n8n/host.ts';
import { waitForLock } from '../n8n/lock.ts';
import { BUILD_FOLDER, ROOT } from '../n8n/paths.mjs';
import { freePort } from '../n8n/ports.ts';
import type { CredentialData } from '../n8n/sandbox.ts';

const FOLDER = join(BUILD_FOLDER, 'e2e-data');

/** What the data depends on, besides n8n. */
const SOURCES = ['workflows', 'test/n8n'];

const NOWHERE: CredentialData = { environment: 'custom', baseUrl: 'http://127.0.0.1:9', authId: 'nobody', partnerKey: 'none', algorithm: 'HS512' };

/**
 * The data of an n8n that has started once and was stopped: its tables are made, its owner, the example workflows and the credentials that
 * they name are there, and nothing has run. What starts with a copy of it is spared n8n's migrations, and the n8n process that imports
 * credentials: importing the examples into a copy puts the present sandbox's credential in the place of the one that leads nowhere.
 *
 * @returns the folder to copy
 */
export async function startedData({ n8n, tarball }: { n8n: string; tarball: string }): Promise<string> {
	const folder = join(FOLDER, `${basename(n8n)}-${hashOfSources()}`);
	const release = await waitForLock(`${folder}.lock`, "Another process is preparing n8n's data; waiting for it ...");
	try {
		if (!existsSync(folder)) {
			const staging = mkdtempSync(`${folder}.partial-`);
			const host = await startN8n({ n8n, tarball, userFolder: staging, port: await freePort(), logFile: join(BUILD_FOLDER, 'logs', 'e2e-data.log') });
			try {
				await importExamples(host, NOWHERE);
			} finally {
				await host.stop();
			}
			renameSync(staging, folder);
		}
	} finally {
		release();
	}
	return folder;
}

function hashOfSources(): string {
	const hash = createHash('sha256');
	const files = SOURCES.flatMap((folder) => readdirSync(join(ROOT, folder)).sort().map((file) => join(ROOT, folder, file)));
	for (const file of files.filter((name) => /\.(?:json|ts|mjs)$/.test(name))) hash.update(`${basename(file)}\0`).update(readFileSync(file)).update('\0');
	return hash.digest('hex').slice(0, 12);
}
