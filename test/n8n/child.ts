import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const END_WITH_PARENT = fileURLToPath(new URL('./end-with-parent.cjs', import.meta.url));
const GRACE_MS = 15_000;

/** The process groups that were started here and have not ended. */
const groups = new Set();

/**
 * A Node.js program that runs as a process group of its own and ends with this process at the latest.
 *
 * @typedef {object} Child
 * @property {import('node:child_process').ChildProcess} process
 * @property {Promise<{ code: number | null, signal: string | null }>} ended resolves when it has ended
 * @property {() => string} output what it wrote to its log so far
 * @property {() => Promise<void>} stop stops it and whatever it started
 */

/**
 * Starts a Node.js program.
 *
 * @param {string[]} args the script and its arguments
 * @param {object} options
 * @param {string} options.logFile gets its output
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.cwd]
 * @param {boolean} [options.pipeStdout] hands its standard output to the caller instead of the log
 * @param {number} [options.graceMs] how long it may take to stop by itself
 * @returns {Child}
 */
export function startChild(args, { logFile, env = process.env, cwd, pipeStdout = false, graceMs = GRACE_MS }) {
	mkdirSync(dirname(logFile), { recursive: true });
	const log = openSync(logFile, 'w');
	const child = spawn(process.execPath, ['--require', END_WITH_PARENT, ...args], {
		cwd,
		env: { ...env, END_WITH_PARENT_GRACE_MS: String(graceMs) },
		stdio: ['ignore', pipeStdout ? 'pipe' : log, log, 'ipc'],
		detached: true,
		windowsHide: true,
	});
	closeSync(log);
	if (child.pid !== undefined) groups.add(child.pid);
	child.once('exit', () => groups.delete(child.pid));

	const ended = new Promise((resolve) => {
		child.once('exit', (code, signal) => resolve({ code, signal }));
		child.once('error', (error) => {
			appendFileSync(logFile, `${error.message}\n`);
			resolve({ code: null, signal: null });
		});
	});

	async function stop() {
		if (child.connected) child.disconnect();
		const timer = new AbortController();
		await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
		timer.abort();
		killGroup(child.pid);
		await ended;
	}

	return { process: child, ended, output: () => readFileSync(logFile, 'utf8'), stop };
}

/**
 * Runs a Node.js program to its end. It is stopped without grace: npm would go on for a minute to clean up.
 *
 * @param {string[]} args the script and its arguments
 * @param {object} options as for `startChild`, and
 * @param {AbortSignal} [options.signal] stops it and throws
 * @param {number} [options.timeoutMs] stops it
 * @returns {Promise<{ succeeded: boolean, output: string }>}
 */
export async function runChild(args, { signal, timeoutMs, ...options }) {
	signal?.throwIfAborted();
	const child = startChild(args, { ...options, graceMs: 0 });
	let stopping;
	const stop = () => (stopping = child.stop());
	const timer = timeoutMs && setTimeout(stop, timeoutMs);
	signal?.addEventListener('abort', stop);

	const { code } = await child.ended;
	await stopping;
	clearTimeout(timer);
	signal?.removeEventListener('abort', stop);
	signal?.throwIfAborted();
	return { succeeded: code === 0, output: child.output() };
}

/**
 * The last lines of a program's output.
 *
 * @param {string} output
 * @param {number} [count]
 */
export function lastLines(output, count = 15) {
	return output.trimEnd().split('\n').slice(-count).join('\n');
}

/** Kills every program that was started here and has not ended: for the very end of a process, which cannot wait. */
export function killChildren() {
	for (const pid of groups) killGroup(pid);
}

/** Kills what is left of a process group. */
function killGroup(pid) {
	if (pid === undefined) return;
	try {
		process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
	} catch (error) {
		if (error.code !== 'ESRCH') throw error;
	}
}
