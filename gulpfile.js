/* The build: `gulp` type-checks, bundles and copies into `dist/` all that n8n loads. */
const { execFile } = require('node:child_process');
const { rm } = require('node:fs/promises');
const { promisify } = require('node:util');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');

const ENTRIES = [
	'credentials/FreedomPayApi.credentials.ts',
	'nodes/FreedomPayCard/FreedomPayCard.node.ts',
];

const common = { bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning', legalComments: 'none' };

async function clean() {
	await rm('dist', { recursive: true, force: true });
}

async function typecheck() {
	const tsc = require.resolve('typescript/bin/tsc');
	await promisify(execFile)(process.execPath, [tsc, '--noEmit']).catch(({ stdout }) => {
		throw new Error(`Type errors:\n${stdout}`);
	});
}

/** One file per class that n8n loads, the libraries inside: n8n installs none for a community node. */
async function bundle() {
	await esbuild.build({
		...common,
		entryPoints: ENTRIES,
		outdir: 'dist',
		outbase: '.',
		target: 'node20',
		external: ['n8n-workflow'],
		mainFields: ['module', 'main'],
		minifySyntax: true,
		minifyWhitespace: true,
		keepNames: false,
	});
}

function assets() {
	return src(['credentials/*.svg', 'nodes/**/*.{svg,node.json}'], { base: '.', encoding: false }).pipe(dest('dist'));
}

/** The sandbox as one file, so that it starts at once and without this package's tools. */
async function sandbox() {
	await esbuild.build({
		...common,
		entryPoints: ['test/sandbox/main.ts'],
		outfile: 'build/sandbox.cjs',
		target: 'node20',
		mainFields: ['module', 'main'],
	});
}

exports.bundle = series(bundle, assets);
exports.sandbox = sandbox;
exports.default = series(clean, parallel(typecheck, bundle, assets, sandbox));
