/**
 * The scan that n8n runs over a published community package, over this one before it is published: its rules over the
 * sources, and over what the tarball holds. n8n's own command takes published names only, and calls a folder without
 * files clean.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

import { MAX_TARBALL_BYTES, packAndUnpack, ROOT, type Listed, type Manifest } from './unpacked.ts';

/** Finds files as the scan does. */
const glob = createRequire(import.meta.resolve('@n8n/scan-community-package/scanner/scanner.mjs'))('fast-glob') as {
	sync: (patterns: readonly string[], options: { cwd: string; ignore: readonly string[] }) => string[];
};

const TARBALL_FILE_PATTERNS = ['**/*.js', 'package.json'];

/** The fewest files that each part must have: a pattern that matches nothing finds no violation either. */
const FEWEST_SOURCES = 20;
const FEWEST_PACKED = 3;

const problems: string[] = [];

async function scan(title: string, directory: string, patterns: readonly string[], fewest: number): Promise<void> {
	const options = { cwd: directory, ignore: ['node_modules/**', '**/package-lock.json'] };
	const count = glob.sync(patterns, options).length;
	const { passed, message = '', details = '' } = await analyzePackage(directory, patterns);
	if (details !== '') console.log(details);
	if (!passed) problems.push(`${title}: ${message}`);
	if (count < fewest) problems.push(`${title}: only ${count} files were looked at, at least ${fewest} were expected`);
	console.log(`${passed && count >= fewest ? '✔' : '✘'} ${title}: ${count} files`);
}

function checkTarball({ listed: { size, files }, manifest }: { listed: Listed; manifest: Manifest }): void {
	const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
	const dependencies = Object.keys(manifest.dependencies ?? {});
	if (size > MAX_TARBALL_BYTES) problems.push(`Tarball: ${kb(size)}, at most ${kb(MAX_TARBALL_BYTES)} are allowed`);
	if (dependencies.length > 0) problems.push(`Tarball: it has dependencies (${dependencies.join(', ')}), which n8n does not install`);
	console.log(`${size <= MAX_TARBALL_BYTES && dependencies.length === 0 ? '✔' : '✘'} Tarball: ${kb(size)}, ${files.length} files, ${dependencies.length} dependencies`);
}

// ESLint takes a folder behind a link for one outside of the project.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'freedompay-scan-')));
try {
	const unpacked = packAndUnpack(folder);
	await scan('Sources', ROOT.replace(/[\\/]$/, ''), SOURCE_FILE_PATTERNS, FEWEST_SOURCES);
	await scan('Packed files', unpacked.directory, TARBALL_FILE_PATTERNS, FEWEST_PACKED);
	checkTarball(unpacked);
} catch (error) {
	problems.push(error instanceof Error ? error.message : String(error));
} finally {
	rmSync(folder, { recursive: true, force: true });
}

if (problems.length > 0) {
	console.error(`\nThe community package scan failed:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
	process.exitCode = 1;
}
