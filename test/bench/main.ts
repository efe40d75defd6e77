/**
 * The benchmark: `node test/bench/main.ts [flags]`, on the package as it is packed. It bundles its own
 * TypeScript first, since the processes that it measures are plain Node.js.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { build, type BuildOptions } from 'esbuild';

import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { BUILD_FOLDER, ROOT } from '../n8n/paths.mjs';
import type * as Bench from './bench.ts';
import { prepareRealN8n } from './realN8n.ts';

const outdir = join(BUILD_FOLDER, 'bench');
const source = (name: string) => join(ROOT, 'test', 'bench', `${name}.ts`);

const common: BuildOptions = { bundle: true, platform: 'node', format: 'cjs', target: 'node24', packages: 'external', logLevel: 'warning' };

await build({
	entryPoints: ['bench', 'server', 'sizer', 'worker'].map(source),
	outdir,
	...common,
	outExtension: { '.js': '.cjs' },
});
// n8n knows nodes by the names of their files.
const nodes = join(outdir, 'nodes');
await build({ entryPoints: ['Feed', 'Loop'].map((name) => source(join('nodes', `${name}.node`))), outdir: nodes, ...common });

const { bench } = createRequire(import.meta.url)(join(outdir, 'bench.cjs')) as typeof Bench;

/** Packs the package, unless that has been done from the same sources, and unpacks it again; the folder of what n8n loads. */
async function unpackBuild(): Promise<string> {
	const tarball = await buildAndPack();
	const folder = join(outdir, 'package');
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	return join(folder, 'dist');
}

process.exitCode = await bench({
	root: ROOT,
	unpackBuild,
	installN8n,
	serverProgram: join(outdir, 'server.cjs'),
	workerProgram: join(outdir, 'worker.cjs'),
	sizerProgram: join(outdir, 'sizer.cjs'),
	realN8n: (n8nFolder) => prepareRealN8n(n8nFolder, nodes),
});
