import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const END_WITH_PARENT = fileURLToPath(new URL('./end-with-parent.cjs', import.meta.url));
const GRACE_MS = 15_000;

/** The process groups that were started here and have not ended. */
const groups = new Set<number>();

/** How a program ended. */
export interface End {
	code: number | null;
	signal: NodeJS.Signals | null;
}

/** A Node.js program that runs as a process group of its own and ends with this process at the latest. */
export interface Child {
	process: ChildProcess;
	/** Resolves when it has ended. */
	ended: Promise<End>;
	/** What it wrote to its log so far. */
	output: () => string;
	/** Stops it and whatever it started. */
	stop: () => Promise<void>;
}

export interface ChildOptions {
	/** Gets its output. */
	logFile: string;
	env?: NodeJS.ProcessEnv;
	cwd?: string | undefined;
	/** Hands its standard output to the caller instead of the log. */
	pipeStdout?: boolean;
	/** How long it may take to stop by itself. */
	graceMs?: number;
}

/**
 * Starts a Node.js program.
 *
 * @param args the script and its arguments
 */
export function startChild(args: readonly string[], { logFile, env = process.env, cwd, pipeStdout = false, graceMs = GRACE_MS }: ChildOptions): Child {
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
	const { pid } = child;
	if (pid !== undefined) {
		groups.add(pid);
		child.once('exit', () => groups.delete(pid));
	}

	const ended = new Promise<End>((resolve) => {
		child.once('exit', (code, signal) => resolve({ code, signal }));
		child.once('error', (error) => {
			appendFileSync(logFile, `${error.message}\n`);
			resolve({ code: null, signal: null });
		});
	});

	async function stop(): Promise<void> {
		if (child.connected) child.disconnect();
		const timer = new AbortController();
		await Promise.race([ended, delay(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
		timer.abort();
		killGroup(pid);
		await ended;
	}

	return { process: child, ended, output: () => readFileSync(logFile, 'utf8'), stop };
}

/** What came of a program that was run to its end. */
export interface Ran {
	succeeded: boolean;
	output: string;
}

/**
 * Runs a Node.js program to its end. It is stopped without grace: npm would go on for a minute to clean up.
 *
 * @param args the script and its arguments
 * @param options as for `startChild`; `signal` stops it and throws, `timeoutMs` stops it
 * @throws the signal's reason
 */
export async function runChild(
	args: readonly string[],
	{ signal, timeoutMs, ...options }: Omit<ChildOptions, 'graceMs'> & { signal?: AbortSignal | undefined; timeoutMs?: number },
): Promise<Ran> {
	signal?.throwIfAborted();
	const child = startChild(args, { ...options, graceMs: 0 });
	let stopping: Promise<void> | undefined;
	const stop = () => {
		stopping = child.stop();
	};
	const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
	signal?.addEventListener('abort', stop);

	const { code } = await child.ended;
	await stopping;
	clearTimeout(timer);
	signal?.removeEventListener('abort', stop);
	signal?.throwIfAborted();
	return { succeeded: code === 0, output: child.output() };
}

/** The last lines of a program's output. */
export function lastLines(output: string, count = 15): string {
	return output.trimEnd().split('\n').slice(-count).join('\n');
}

/** Kills every program that was started here and has not ended: for the very end of a process, which cannot wait. */
export function killChildren(): void {
	for (const pid of groups) killGroup(pid);
}

/** Kills what is left of a process group. */
function killGroup(pid: number | undefined): void {
	if (pid === undefined) return;
	try {
		process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
	} catch (error) {
		if (codeOf(error) !== 'ESRCH') throw error;
	}
}

/** The code by which Node.js tells what went wrong, such as `ESRCH`. */
export function codeOf(error: unknown): string | undefined {
	return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
