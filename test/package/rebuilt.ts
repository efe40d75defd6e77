import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { pack, ROOT, type Listed } from './unpacked.ts';

/** What the package is built from and packed with. */
const SOURCES = ['credentials', 'nodes', 'LICENSE', 'README.md', 'gulpfile.js', 'package.json', 'tsconfig.json'];

const gulp = join(ROOT, 'node_modules', 'gulp', 'bin', 'gulp.js');

function copy(source: string, target: string, modified: Date): void {
	if (statSync(source).isDirectory()) {
		for (const name of readdirSync(source)) copy(join(source, name), join(target, name), modified);
	} else {
		mkdirSync(dirname(target), { recursive: true });
		writeFileSync(target, readFileSync(source));
		utimesSync(target, modified, modified);
	}
}

/**
 * Builds and packs the package in a folder of its own. The time zone is this process's.
 *
 * @param made how its files are made, and their time
 * @returns what npm says of the tarball's files, and the tarball's digest
 */
export function rebuildAndPack(folder: string, { umask, modified }: { umask: number; modified: string }): Pick<Listed, 'files'> & { sha512: string } {
	process.umask(umask);
	for (const name of SOURCES) copy(join(ROOT, name), join(folder, name), new Date(modified));
	symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
	execFileSync(process.execPath, [gulp, 'bundle'], { cwd: folder, stdio: 'pipe' });
	const { filename, files } = pack(folder, folder);
	return { files, sha512: createHash('sha512').update(readFileSync(join(folder, filename))).digest('hex') };
}
