/*
 * `npm run test:e2e`: every end-to-end test, or those of the files whose names are given, such as `npm run test:e2e -- intents panels`.
 * Two files at a time: a real n8n waits for much of its time.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

import { installN8n } from '../n8n/install.ts';
import { buildAndPack } from '../n8n/pack.ts';
import { ROOT } from '../n8n/paths.mjs';
import { Problem, runAsProgram } from '../n8n/problem.mjs';
import { startedData } from './startedData.ts';

const AT_A_TIME = 2;

/** Those that take longest, which begin first, so that none of them goes on alone in the end. */
const LONGEST = ['workflows', 'trigger', 'firstHour', 'intents', 'automations', 'start', 'aiAgent', 'builtFromScratch', 'panels', 'machinery', 'delivery'];

const FOLDER = join(ROOT, 'test', 'e2e');
const SUFFIX = '.test.ts';

/** The files to run, by their names without the ending, in their order. */
function filesToRun(wanted: readonly string[]): string[] {
	const names = readdirSync(FOLDER)
		.filter((file) => file.endsWith(SUFFIX))
		.map((file) => basename(file, SUFFIX));
	const unknown = [...wanted, ...LONGEST].filter((name) => !names.includes(name));
	if (unknown.length > 0) throw new Problem(`There is no ${unknown.join(', ')} among the end-to-end tests: ${names.join(', ')}`);
	const place = (name: string) => (LONGEST.includes(name) ? LONGEST.indexOf(name) : LONGEST.length);
	return names.filter((name) => wanted.length === 0 || wanted.includes(name)).sort((one, other) => place(one) - place(other));
}

await runAsProgram(async () => {
	const names = filesToRun(process.argv.slice(2));
	// Done once, before two files need it at the same time.
	await startedData({ n8n: await installN8n(), tarball: await buildAndPack() });

	const tests = run({ files: names.map((name) => join(FOLDER, name + SUFFIX)), concurrency: AT_A_TIME });
	tests.once('test:fail', () => (process.exitCode = 1));
	tests.compose(spec).pipe(process.stdout);
});
