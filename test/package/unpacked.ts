import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { environmentWith, npmCli } from '../n8n/npm.mjs';

/** The folder of the package's sources. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The most that the tarball may have, in bytes: a library that doubles the package is a decision. */
export const MAX_TARBALL_BYTES = 180_000;

/**
 * @typedef {object} Listed what npm says of a tarball
 * @property {string} name
 * @property {string} filename
 * @property {number} size in bytes
 * @property {string} integrity its sha512
 * @property {{ path: string, size: number, mode: number }[]} files
 */

/**
 * Runs an npm command that prints a tarball's contents.
 *
 * @returns {Listed}
 */
function npm(args, cwd) {
	const options = { cwd, env: environmentWith(process.execPath), encoding: 'utf8', stdio: 'pipe' };
	const printed = JSON.parse(execFileSync(process.execPath, [npmCli(), ...args, '--ignore-scripts', '--json'], options));
	// A list of packages, one by its name, or the one alone, by command and version of npm.
	return 'files' in printed ? printed : Object.values(printed)[0];
}

/**
 * Packs what has been built.
 *
 * @param {string} folder the one for the tarball
 * @param {string} [root] the package's
 */
export function pack(folder, root = ROOT) {
	const { n8n } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const missing = [...n8n.nodes, ...n8n.credentials].filter((file) => !existsSync(join(root, file)));
	if (missing.length > 0) throw new Error(`The package has not been built (${missing.join(', ')} is missing). Run first: npm run build`);
	return npm(['pack', '--pack-destination', folder], root);
}

/**
 * What `npm publish` would publish. Asked without a network, and with a cache of its own, so that it does not matter which
 * versions are published already.
 *
 * @param {string} folder an empty one for npm's cache
 */
export function publishDryRun(folder) {
	return npm(['publish', '--dry-run', '--offline', '--cache', folder], ROOT);
}

/**
 * Packs what has been built, as `npm publish` would, and unpacks it.
 *
 * @param {string} folder an empty one
 * @returns {{ directory: string, listed: Listed, manifest: Record<string, unknown> }} the unpacked package, what npm says of it, and its
 *   package.json
 */
export function packAndUnpack(folder) {
	const listed = pack(folder);
	const directory = join(folder, 'node_modules', listed.name);
	mkdirSync(directory, { recursive: true });
	execFileSync('tar', ['-xzf', join(folder, listed.filename), '-C', directory, '--strip-components=1']);
	return { directory, listed, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
}
