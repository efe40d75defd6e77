// @ts-check
/**
 * n8n 2 needs Node.js 24. The npm package `node` brings it, whatever Node.js the machine has; its install script, which
 * fetches the binary, does not run by itself where npm ignores scripts, so it is run here when the binary is missing.
 *
 * As a command, `node test/n8n/node24.mjs <command> [args...]` runs a command with that Node.js first on the path.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { environmentWith, explainNpmFailure, npmCli } from './npm.mjs';
import { ROOT } from './paths.mjs';
import { Problem, runAsProgram } from './problem.mjs';

const NODE_PACKAGE = join(ROOT, 'node_modules', 'node');
const NODE_BINARY = join(NODE_PACKAGE, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
const NEEDED_MAJOR = 24;

/** What is passed on to a command that runs in the foreground. */
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Whether this process itself runs on the Node.js that `ensureNode24` returns. */
export const runsOnNode24 = () => realpathSync(process.execPath) === realpathSync(ensureNode24());

/**
 * Makes sure that Node.js 24 is there.
 *
 * @returns {string} the path of its binary
 */
function ensureNode24() {
	if (!existsSync(NODE_PACKAGE)) throw new Problem('The dependencies are missing. Run first: npm ci');
	if (works(NODE_BINARY)) return NODE_BINARY;

	console.error(`Getting Node.js ${NEEDED_MAJOR} through npm (once, about 10 seconds) ...`);
	const install = installNode();
	if (works(NODE_BINARY)) return NODE_BINARY;

	// No package for this platform: an own Node.js of that version does as well.
	if (Number(process.versions.node.split('.')[0]) === NEEDED_MAJOR) return process.execPath;
	const reason = explainNpmFailure(`${install.stdout}\n${install.stderr}`) ?? 'npm gave no reason.';
	throw new Problem(
		`Node.js ${NEEDED_MAJOR} could not be installed through npm: ${reason}\n` +
			`Where npm has none for this platform, install Node.js ${NEEDED_MAJOR} from https://nodejs.org and run this command with it.`,
	);
}

/**
 * Runs a command under Node.js 24 in the foreground, passes signals on to it, and ends as it ended.
 *
 * @param {string} command a program, `node` or `npm`
 * @param {string[]} args
 */
export function runUnderNode24(command, args) {
	const node = ensureNode24();
	const env = environmentWith(node);
	/** @type {import('node:child_process').SpawnOptions} */
	const options = { stdio: 'inherit', env };
	const child =
		command === 'node'
			? spawn(node, args, options)
			: command === 'npm'
				? spawn(node, [npmCli(), ...args], options)
				: spawn(command, args, { ...options, shell: process.platform === 'win32' });

	for (const passedOn of SIGNALS) process.on(passedOn, () => child.kill(passedOn));
	child.on('error', (error) => {
		console.error(`${command} could not be started: ${error.message}`);
		process.exit(127);
	});
	child.on('exit', (code, signal) => process.exit(code ?? (signal ? 128 + constants.signals[signal] : 1)));
}

/**
 * The folder with the headers of that Node.js, for compiling native modules without a download.
 *
 * @returns {string | undefined}
 */
export function nodeHeaders() {
	// A later `npm install` removes them, but not the binary.
	if (!findHeaders() && process.platform !== 'win32') installNode();
	return findHeaders();
}

function findHeaders() {
	const packages = join(NODE_PACKAGE, 'node_modules');
	return (existsSync(packages) ? readdirSync(packages) : [])
		.map((name) => join(packages, name))
		.find((folder) => existsSync(join(folder, 'include', 'node', 'node_api.h')));
}

/** What `npm rebuild node` does, whether or not npm is set to ignore scripts. */
function installNode() {
	return spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
		cwd: NODE_PACKAGE,
		// Without a network, npm's usual retries take minutes.
		env: { ...environmentWith(process.execPath), npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000' },
		encoding: 'utf8',
	});
}

/** @param {string} binary */
function works(binary) {
	return existsSync(binary) && spawnSync(binary, ['--version']).status === 0;
}

if (realpathSync(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
	await runAsProgram(() => {
		const [command, ...args] = process.argv.slice(2);
		if (!command) throw new Problem('Usage: node test/n8n/node24.mjs <command> [args...]');
		runUnderNode24(command, args);
	});
}
