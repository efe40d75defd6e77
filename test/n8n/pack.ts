import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { lastLines, runChild } from './child.ts';
import { waitForLock } from './lock.ts';
import { environmentWith, npmCli } from './npm.mjs';
import { BUILD_FOLDER, ROOT } from './paths.mjs';
import { Problem } from './problem.mjs';
import { showProgress } from './progress.ts';

/** What the package and the sandbox are built from. */
const SOURCES = ['nodes', 'credentials', 'test/sandbox', 'test/support/methodFiles.ts', 'test/docs/inUse.ts', 'gulpfile.js', 'package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE'];

const PACK_FOLDER = join(BUILD_FOLDER, 'package');
const RECORD = join(PACK_FOLDER, 'packed.json');

/**
 * Builds the package and the sandbox and packs the package, unless that has been done from the same sources.
 *
 * @param options `signal` stops it
 * @returns the packed package
 * @throws {Problem} when it cannot be built
 */
export async function buildAndPack({ signal }: { signal?: AbortSignal } = {}): Promise<string> {
	const release = await waitForLock(join(PACK_FOLDER, 'lock'), 'Another process is building the package; waiting for it ...', signal);
	try {
		const sources = hashOfSources();
		return findPacked(sources) ?? (await build(sources, signal));
	} finally {
		release();
	}
}

function findPacked(sources: string): string | undefined {
	if (!existsSync(RECORD)) return undefined;
	const packed = JSON.parse(readFileSync(RECORD, 'utf8')) as { sources: string; tarball: string };
	const complete = packed.sources === sources && existsSync(packed.tarball) && existsSync(join(BUILD_FOLDER, 'sandbox.cjs'));
	return complete ? packed.tarball : undefined;
}

async function build(sources: string, signal: AbortSignal | undefined): Promise<string> {
	console.error('Building the package');
	await npm('build', ['run', 'build'], signal);
	await npm('pack', ['pack', '--pack-destination', PACK_FOLDER], signal);

	const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string };
	const tarball = join(PACK_FOLDER, `${name}-${version}.tgz`);
	writeFileSync(RECORD, JSON.stringify({ sources, tarball }));
	return tarball;
}

async function npm(label: string, args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
	const logFile = join(BUILD_FOLDER, 'logs', `${label}.log`);
	const env = environmentWith(process.execPath);
	const { succeeded, output } = await showProgress(label, runChild([npmCli(), ...args], { cwd: ROOT, env, logFile, signal }));
	if (!succeeded) throw new Problem(`The ${label} failed. The end of its output, ${logFile}:\n${lastLines(output, 40)}`);
}

function hashOfSources(): string {
	const hash = createHash('sha256');
	for (const file of SOURCES.flatMap(filesIn)) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file))).update('\0');
	return hash.digest('hex');
}

/** The files of a folder in a fixed order, a file itself, or nothing. */
function filesIn(path: string): string[] {
	const absolute = join(ROOT, path);
	if (!existsSync(absolute)) return [];
	if (!statSync(absolute).isDirectory()) return [path];
	return readdirSync(absolute)
		.sort()
		.flatMap((name) => filesIn(join(path, name)));
}
