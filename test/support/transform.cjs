const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const esbuild = require('esbuild');

/** ES modules and TypeScript as Jest loads them. What the build is made with takes a fraction of the compiler's time, which `tsc` spends once. */
const OPTIONS = {
	format: 'cjs',
	platform: 'node',
	target: 'node24',
	sourcemap: 'inline',
	sourcesContent: false,
	// Jest loads what is imported on the way through `require` alone.
	supported: { 'dynamic-import': false },
};

const LOADERS = { ts: 'ts', js: 'js', mjs: 'js' };

/** All that the outcome depends on but the file itself. */
const CONTEXT = createHash('sha256').update(readFileSync(__filename)).update(esbuild.version).digest('hex');

module.exports = {
	getCacheKey: (source, file) => createHash('sha256').update(CONTEXT).update('\0').update(file).update('\0').update(source).digest('hex').slice(0, 32),
	process: (source, file) => ({ code: esbuild.transformSync(source, { ...OPTIONS, sourcefile: file, loader: LOADERS[file.split('.').at(-1)] }).code }),
};
