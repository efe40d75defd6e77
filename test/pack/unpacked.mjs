import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { environmentWith, npmCli } from '../n8n/npm.mjs';

/** The folder of the package's sources. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Packs what has been built, as `npm publish` would, and unpacks it.
 *
 * @param {string} folder an empty one
 * @returns {{ directory: string, files: string[], bytes: number, manifest: Record<string, unknown> }} the unpacked
 *   package, its files as relative paths, the size of the tarball, and its package.json
 */
export function packAndUnpack(folder) {
	const { n8n } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
	const missing = [...n8n.nodes, ...n8n.credentials].filter((file) => !existsSync(join(ROOT, file)));
	if (missing.length > 0) throw new Error(`The package has not been built (${missing.join(', ')} is missing). Run first: npm run build`);

	const packed = execFileSync(process.execPath, [npmCli(), 'pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
		cwd: ROOT,
		env: environmentWith(process.execPath),
		encoding: 'utf8',
		stdio: 'pipe',
	});
	const [{ filename, files, name }] = JSON.parse(packed);
	const tarball = join(folder, filename);
	const directory = join(folder, 'node_modules', name);
	mkdirSync(directory, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', directory, '--strip-components=1']);
	return {
		directory,
		files: files.map(({ path }) => path),
		bytes: statSync(tarball).size,
		manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')),
	};
}
