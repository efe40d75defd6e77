/**
 * `npm run check`: all that has to pass but what needs a whole n8n. What does not need the build runs beside it, and what looks at the
 * sources beside the tests: a machine of two cores has them both to do until the end.
 */
import { spawn } from 'node:child_process';

/** Runs one of the package's scripts. What it prints is shown as it comes, or together when it has ended. */
async function run(script: string, isShownAtOnce = false): Promise<string[]> {
	const start = performance.now();
	const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', isShownAtOnce ? 'inherit' : 'pipe', isShownAtOnce ? 'inherit' : 'pipe'], shell: process.platform === 'win32' });
	const printed: Buffer[] = [];
	for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
	const code = await new Promise<number | null>((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	process.stdout.write(Buffer.concat(printed));
	console.log(`${code === 0 ? '✔' : '✘'} npm run ${script}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
	return code === 0 ? [] : [script];
}

const lint = run('lint');
const built = await run('build');
// The scan and some of the tests look at what was built.
const failed = built.length > 0 ? [...built, ...(await lint)] : (await Promise.all([lint, run('scan'), run('test:jest', true)])).flat();
if (failed.length > 0) {
	console.error(`\nThis did not pass: ${failed.map((script) => `npm run ${script}`).join(', ')}`);
	process.exitCode = 1;
}
