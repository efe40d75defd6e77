// @ts-check
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where generated files that only this clone needs go; not tracked. */
export const BUILD_FOLDER = join(ROOT, 'build');

/** The folder of the pinned n8n's package.json and package-lock.json. */
export const HOST_FOLDER = fileURLToPath(new URL('./', import.meta.url));

/** What outlives a clone: the installed n8n and the user's n8n data. */
export const CACHE_FOLDER = join(cacheHome(), 'n8n-nodes-freedompay');

/** The folder of the package.json and package-lock.json of each n8n that `npm run test:compat` tries, by its version. */
export const VERSIONS_FOLDER = join(ROOT, 'test', 'compat', 'versions');

/** The same of the whole n8n of a version, for the oldest one; the pinned n8n is the newest. */
export const HOSTS_FOLDER = join(ROOT, 'test', 'compat', 'hosts');

/**
 * Where what a lock file has is installed: in the cache, or in `N8N_HOST_FOLDER`. A changed lock file gets a folder of its own, so
 * no install is ever changed in place.
 *
 * @param {string} [from] the lock file's folder, by default the pinned n8n's
 */
export function n8nFolder(from = HOST_FOLDER) {
	const parent = resolve(process.env.N8N_HOST_FOLDER || CACHE_FOLDER);
	const lock = readFileSync(join(from, 'package-lock.json'));
	const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12);
	const { name, version } = installed(from);
	return join(parent, `${name}-${version}-${hash}`);
}

/**
 * What a lock file is for: a whole n8n, or the part that runs nodes.
 *
 * @param {string} [from] the lock file's folder, by default the pinned n8n's
 * @returns {{ name: 'n8n' | 'n8n-core', version: string }}
 */
export function installed(from = HOST_FOLDER) {
	/** @type {unknown} */
	const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
	const { dependencies } = /** @type {{ dependencies: { n8n: string } | { 'n8n-core': string } }} */ (manifest);
	return 'n8n' in dependencies ? { name: 'n8n', version: dependencies.n8n } : { name: 'n8n-core', version: dependencies['n8n-core'] };
}

function cacheHome() {
	const { XDG_CACHE_HOME } = process.env;
	return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
}
