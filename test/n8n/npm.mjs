// @ts-check
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';

import { Problem } from './problem.mjs';

/**
 * npm's JavaScript entry, so that npm runs under the Node.js of our choice and without a shell: the npm that started
 * us, else the first one on the path.
 *
 * @returns {string}
 */
export function npmCli() {
	const { npm_execpath: running, PATH = '' } = process.env;
	if (running && basename(running) === 'npm-cli.js' && existsSync(running)) return running;

	for (const folder of PATH.split(delimiter)) {
		const candidates = [
			join(folder, 'npm'),
			join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
			join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
		];
		for (const candidate of candidates) {
			if (!existsSync(candidate)) continue;
			const file = realpathSync(candidate);
			if (basename(file) === 'npm-cli.js') return file;
		}
	}
	throw new Problem('npm was not found. Install it with Node.js 20 or newer from https://nodejs.org.');
}

/**
 * npm's own node-gyp: newer than the one that old packages bring along, and so able to use current Pythons.
 *
 * @returns {string}
 */
export function nodeGypCli() {
	return createRequire(npmCli()).resolve('node-gyp/bin/node-gyp.js');
}

/**
 * The environment with a Node.js first on the path, for npm and everything it starts.
 *
 * @param {string} node the Node.js binary
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWith(node) {
	const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
	const path = [dirname(node), process.env[key]].filter(Boolean).join(delimiter);
	return { ...process.env, [key]: path };
}

/**
 * Why an npm command failed, in words, as far as its output tells.
 *
 * @param {string} output
 * @returns {string | undefined}
 */
export function explainNpmFailure(output) {
	if (/ENOSPC|no space left/i.test(output)) return 'The disk is full.';
	if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED/.test(output)) {
		return 'The npm registry could not be reached. Check the network (and the proxy, if there is one) and try again.';
	}
	if (/EACCES|EPERM/.test(output)) return 'A file or folder may not be written.';
	return /npm (?:error|ERR!) (?!code|errno|A complete log)(.+)/.exec(output)?.[1];
}
