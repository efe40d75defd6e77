/* The build: `gulp` type-checks, bundles and copies into `dist/` all that n8n loads. */
const { execFile } = require('node:child_process');
const { chmod, mkdir, readdir, readFile, rm, writeFile } = require('node:fs/promises');
const { basename, dirname, join } = require('node:path');
const { promisify } = require('node:util');
const esbuild = require('esbuild');
const { dest, parallel, series, src } = require('gulp');

const CREDENTIAL = 'credentials/FreedomPayApi.credentials.ts';
const NODES = ['nodes/FreedomPayCard/FreedomPayCard.node', 'nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node'];

/** What both nodes are made of. */
const NODES_BUNDLE = 'nodes/bundle.js';

const common = {
	bundle: true,
	platform: 'node',
	format: 'cjs',
	logLevel: 'warning',
	legalComments: 'none',
	// A bundle names some libraries by their folders: those of a linked `node_modules` are elsewhere on each machine.
	preserveSymlinks: true,
};

async function clean() {
	await rm('dist', { recursive: true, force: true });
}

async function typecheck() {
	const tsc = require.resolve('typescript/bin/tsc');
	await promisify(execFile)(process.execPath, [tsc, '--noEmit']).catch(({ stdout }) => {
		throw new Error(`Type errors:\n${stdout}`);
	});
}

/**
 * What n8n loads, the libraries inside: n8n installs none for a community node. The credential is a file of its own, for workflows
 * that only sign with it; the nodes have most of their code in common, so that each is a line that points to their one bundle.
 */
async function bundle() {
	const built = {
		...common,
		target: 'node20',
		external: ['n8n-workflow'],
		mainFields: ['module', 'main'],
		minifySyntax: true,
		minifyWhitespace: true,
		keepNames: false,
	};
	const contents = NODES.map((node) => `export * from './${node}';`).join('\n');
	await Promise.all([
		esbuild.build({ ...built, entryPoints: [CREDENTIAL], outdir: 'dist', outbase: '.' }),
		esbuild.build({ ...built, stdin: { contents, resolveDir: __dirname, loader: 'ts' }, outfile: join('dist', NODES_BUNDLE) }),
		...NODES.map(async (node) => {
			const file = join('dist', `${node}.js`);
			const [name] = basename(node).split('.');
			await mkdir(dirname(file), { recursive: true });
			await writeFile(file, `"use strict";\nexports.${name} = require("../bundle.js").${name};\n`);
		}),
	]);
}

function assets() {
	return src(['credentials/*.svg', 'nodes/**/*.{svg,node.json}'], { base: '.', encoding: false }).pipe(dest('dist'));
}

/** Loads TypeScript of this repository, bundled anew. */
async function loaded(entryPoint) {
	const outfile = join(__dirname, 'build', `${entryPoint.replace(/\.ts$/, '').replaceAll('/', '.')}.cjs`);
	await esbuild.build({ ...common, entryPoints: [entryPoint], outfile, target: 'node20', mainFields: ['module', 'main'] });
	delete require.cache[outfile];
	return require(outfile);
}

/** What n8n's editor offers of each node's output before its first run, from the same declarations. */
async function schemas() {
	const { outputSchemas } = await loaded('nodes/FreedomPayCard/panel/outputSchema.ts');
	const { triggerSchema } = await loaded('nodes/FreedomPayCardTrigger/panel/outputSchema.ts');
	const places = [
		...Object.entries(outputSchemas()).map(([place, schema]) => [`FreedomPayCard/__schema__/${place}`, schema]),
		['FreedomPayCardTrigger/__schema__/v1.0.0.json', triggerSchema()],
	];
	for (const [place, schema] of places) {
		const file = join(__dirname, 'dist/nodes', place);
		await mkdir(dirname(file), { recursive: true });
		await writeFile(file, `${JSON.stringify(schema)}\n`);
	}
}

/** What each operation looks like in use, for the pictures and the tests in the browser. */
async function operations() {
	const { operationsInUse } = await loaded('test/docs/inUse.ts');
	await writeFile(join(__dirname, 'build/operations.json'), JSON.stringify(await operationsInUse()));
}

/** Writes what the documentation, and what n8n finds the node by, says of the operations, from their files. */
async function docs() {
	const { derivedParts } = await loaded('test/docs/derived.ts');
	for (const part of await derivedParts()) {
		const file = join(__dirname, part.file);
		await writeFile(file, part.withIt(await readFile(file, 'utf8')));
	}
}

/** npm packs a file with the rights it has: without this, who keeps his files from others packs another tarball. */
async function modes() {
	const built = await readdir('dist', { recursive: true, withFileTypes: true });
	const files = built.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	await Promise.all([...files, 'LICENSE', 'README.md', 'package.json'].map((file) => chmod(file, 0o644)));
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

exports.bundle = series(bundle, assets, schemas, modes);
exports.docs = docs;
exports.sandbox = sandbox;
exports.default = series(clean, parallel(typecheck, bundle, assets, schemas, operations, sandbox), modes);
