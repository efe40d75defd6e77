import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { environmentWith, npmCli } from '../n8n/npm.mjs';

/** The folder of the package's sources. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The most that the tarball may have, in bytes: a library that doubles the package is a decision. */
export const MAX_TARBALL_BYTES = 192_000;

/** What npm says of a tarball. */
export interface Listed {
	name: string;
	filename: string;
	/** In bytes. */
	size: number;
	/** Its sha512. */
	integrity: string;
	files: Array<{ path: string; size: number; mode: number }>;
}

/** The package.json of a package for n8n. */
export interface Manifest {
	n8n: { nodes: string[]; credentials: string[] };
	dependencies?: Record<string, string>;
}

/** Runs an npm command that prints a tarball's contents. */
function npm(args: readonly string[], cwd: string): Listed {
	const command = [npmCli(), ...args, '--ignore-scripts', '--json'];
	const printed = JSON.parse(execFileSync(process.execPath, command, { cwd, env: environmentWith(process.execPath), encoding: 'utf8', stdio: 'pipe' })) as
		| Listed
		| Record<string, Listed>;
	// A list of packages, one by its name, or the one alone, by command and version of npm.
	if (isListed(printed)) return printed;
	const [listed] = Object.values(printed);
	if (listed === undefined) throw new Error(`npm ${args.join(' ')} told of no package`);
	return listed;
}

const isListed = (printed: Listed | Record<string, Listed>): printed is Listed => Array.isArray(printed.files);

const manifestOf = (directory: string): Manifest => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;

/**
 * Packs what has been built.
 *
 * @param folder the one for the tarball
 * @param root the package's
 * @throws when it has not been built
 */
export function pack(folder: string, root = ROOT): Listed {
	const { n8n } = manifestOf(root);
	const missing = [...n8n.nodes, ...n8n.credentials].filter((file) => !existsSync(join(root, file)));
	if (missing.length > 0) throw new Error(`The package has not been built (${missing.join(', ')} is missing). Run first: npm run build`);
	return npm(['pack', '--pack-destination', folder], root);
}

/**
 * What `npm publish` would publish. Asked without a network, and with a cache of its own, so that it does not matter which
 * versions are published already.
 *
 * @param folder an empty one for npm's cache
 */
export function publishDryRun(folder: string): Listed {
	return npm(['publish', '--dry-run', '--offline', '--cache', folder], ROOT);
}

/**
 * Packs what has been built, as `npm publish` would, and unpacks it.
 *
 * @param folder an empty one
 * @returns the unpacked package, what npm says of it, and its package.json
 */
export function packAndUnpack(folder: string): { directory: string; listed: Listed; manifest: Manifest } {
	const listed = pack(folder);
	const directory = join(folder, 'node_modules', listed.name);
	mkdirSync(directory, { recursive: true });
	execFileSync('tar', ['-xzf', join(folder, listed.filename), '-C', directory, '--strip-components=1']);
	return { directory, listed, manifest: manifestOf(directory) };
}
