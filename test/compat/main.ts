/**
 * `npm run test:compat [versions…]`: what the package promises of any n8n, tried with n8n-core of each version in `versions/`, a
 * process for each. What is known not to hold in a version has to fail there. Prints the checks of each version and at the end a table of all.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { runChild } from '../n8n/child.ts';
import { installN8n } from '../n8n/install.ts';
import { unpackPackage } from '../n8n/installedPackage.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { WHOLE_TEST } from '../n8n/patience.ts';
import { BUILD_FOLDER, ROOT, VERSIONS_FOLDER } from '../n8n/paths.mjs';
import { Problem, runAsProgram } from '../n8n/problem.mjs';
import { tableOf, type Result } from './table.ts';
import { lacksOf, versions as all } from './versions.ts';

/** How many versions are tried at a time. */
const AT_A_TIME = 2;

const REPORTER = fileURLToPath(new URL('./reporter.ts', import.meta.url));

await runAsProgram(async () => {
	const wanted = process.argv.slice(2);
	const unknown = wanted.find((version) => !all.includes(version));
	if (unknown !== undefined) throw new Problem(`There is no n8n ${unknown} in test/compat/versions, only ${all.join(', ')}.`);
	const versions = wanted.length > 0 ? wanted : all;

	const tarball = await buildAndPack();
	const folder = mkdtempSync(join(tmpdir(), 'freedompay-compat-'));
	try {
		const directory = unpackPackage(tarball, folder);
		const suite = await bundleSuite(folder);
		const results = await tryVersions(versions, { directory, suite });
		console.log(`\n${tableOf(results)}`);
		if ([...results.values()].some(({ succeeded }) => !succeeded)) process.exitCode = 1;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

/** Bundles the checks with everything but n8n, outside of this repository: what it requires of n8n is found by NODE_PATH alone. */
async function bundleSuite(folder: string): Promise<string> {
	const outfile = join(folder, 'suite.cjs');
	await build({
		entryPoints: [join(ROOT, 'test', 'compat', 'suite.ts')],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'node24',
		mainFields: ['module', 'main'],
		external: ['n8n-core', 'n8n-workflow', '@n8n/*', 'reflect-metadata'],
		// An `import()` does not look at NODE_PATH.
		supported: { 'dynamic-import': false },
		logLevel: 'warning',
	});
	return outfile;
}

/** What is tried: the package in a folder, by a bundled suite. */
interface Tried {
	directory: string;
	suite: string;
}

/** Tries some versions, each as soon as it is installed: the checks mostly wait. */
async function tryVersions(versions: readonly string[], tried: Tried): Promise<Map<string, Result>> {
	const tries = new Map<string, Promise<Result>>();
	const running = new Set<Promise<Result>>();
	for (const version of versions) {
		const n8n = await installN8n({ from: join(VERSIONS_FOLDER, version) });
		while (running.size >= AT_A_TIME) await Promise.race(running);
		const trying = tryVersion(version, n8n, tried).finally(() => running.delete(trying));
		tries.set(version, trying);
		running.add(trying);
	}
	return new Map(await Promise.all([...tries].map(async ([version, trying]) => [version, await trying] as const)));
}

/** Tries the package with the n8n-core of a version, which is installed in a folder. */
async function tryVersion(version: string, n8n: string, { directory, suite }: Tried): Promise<Result> {
	const lacks = lacksOf(version);
	const logFile = join(BUILD_FOLDER, 'logs', `compat-${version}.log`);
	const resultFile = `${suite}.${version}.json`;
	const reporters = [
		['spec', 'stdout'],
		[REPORTER, resultFile],
	].flatMap(([reporter, destination]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`]);
	// n8n-core leaves timers behind.
	const { succeeded, output } = await runChild(['--test-force-exit', ...reporters, suite], {
		env: { ...process.env, NODE_PATH: join(n8n, 'node_modules'), COMPAT_PACKAGE: directory, COMPAT_LACKS: JSON.stringify(lacks) },
		logFile,
		timeoutMs: WHOLE_TEST.timeout,
	});
	console.log(`\nn8n ${version}\n${output.trimEnd()}`);
	const lines = existsSync(resultFile) ? readFileSync(resultFile, 'utf8').trim().split('\n').filter(Boolean) : [];
	const checks = lines.map((line) => JSON.parse(line) as Result['checks'][number]);
	return { succeeded: succeeded && checks.length > 0, lacks, checks };
}
