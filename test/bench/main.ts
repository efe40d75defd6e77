/**
 * The benchmark: `node test/bench/main.ts [flags]`, on the package as it was built last. It bundles its own
 * TypeScript first, since the processes that it measures are plain Node.js.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { build, type BuildOptions } from 'esbuild';

import { n8nFolder, BUILD_FOLDER, ROOT } from '../n8n/paths.mjs';
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

process.exitCode = await bench({
	root: ROOT,
	n8nFolder: n8nFolder(),
	serverProgram: join(outdir, 'server.cjs'),
	workerProgram: join(outdir, 'worker.cjs'),
	sizerProgram: join(outdir, 'sizer.cjs'),
	realN8n: prepareRealN8n(n8nFolder(), nodes),
});
