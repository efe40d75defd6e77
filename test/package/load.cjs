/*
 * Loads an unpacked package as n8n does, in a process without any of this package's tools on the way, and prints what
 * came of it: node load.cjs <directory>, with NODE_PATH naming the folder that n8n-workflow is in, as in n8n.
 */
require('reflect-metadata');
const { Logger } = require('@n8n/backend-common');
const { Container } = require('@n8n/di');
const { PackageDirectoryLoader } = require('n8n-core');

const silent = () => {};
const logger = { error: silent, warn: silent, info: silent, debug: silent, scoped: () => logger };
Container.set(Logger, logger);

const [directory] = process.argv.slice(2);
const before = new Set(Object.keys(require.cache));

async function load() {
	const began = performance.now();
	const loader = new PackageDirectoryLoader(directory);
	await loader.loadAll();
	const ms = performance.now() - began;
	const loaded = Object.keys(require.cache).filter((file) => !before.has(file));
	const { nodes, credentials } = loader.types;
	console.log(JSON.stringify({ ms, loaded, nodes: nodes.map(({ name }) => name), credentials: credentials.map(({ name }) => name) }));
}

void load();
