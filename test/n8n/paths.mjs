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

/**
 * Where the pinned n8n is installed: in the cache, or in `N8N_HOST_FOLDER`. A changed lock file gets a folder of its own, so
 * no install is ever changed in place.
 */
export function n8nFolder() {
	const parent = resolve(process.env.N8N_HOST_FOLDER || CACHE_FOLDER);
	const lock = readFileSync(join(HOST_FOLDER, 'package-lock.json'));
	const hash = createHash('sha256').update(lock).digest('hex').slice(0, 12);
	return join(parent, `n8n-${n8nVersion()}-${hash}`);
}

/** The pinned n8n version. */
export function n8nVersion() {
	return JSON.parse(readFileSync(join(HOST_FOLDER, 'package.json'), 'utf8')).dependencies.n8n;
}

function cacheHome() {
	const { XDG_CACHE_HOME } = process.env;
	return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache');
}
