/**
 * The benchmark: `node test/bench/main.mjs [flags]`, on the package as it was built last. It bundles its own
 * TypeScript first, since the processes that it measures are plain Node.js.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { build } from 'esbuild';

import { n8nFolder, BUILD_FOLDER, ROOT } from '../n8n/paths.mjs';

const outdir = join(BUILD_FOLDER, 'bench');
const source = (name) => join(ROOT, 'test', 'bench', `${name}.ts`);

await build({
	entryPoints: ['bench', 'server', 'worker'].map(source),
	outdir,
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node24',
	packages: 'external',
	outExtension: { '.js': '.cjs' },
	logLevel: 'warning',
});

const { bench } = createRequire(import.meta.url)(join(outdir, 'bench.cjs'));
process.exitCode = await bench({
	root: ROOT,
	n8nFolder: n8nFolder(),
	serverProgram: join(outdir, 'server.cjs'),
	workerProgram: join(outdir, 'worker.cjs'),
});
