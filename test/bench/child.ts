import { fork, type ChildProcess } from 'node:child_process';

/** A program of the benchmark that answers what it is told, one message after the other. */
export interface Talker<To, From extends { say: string }> {
	/** Tells something and waits for the answer. */
	ask<Say extends From['say']>(told: To, answered: Say): Promise<Extract<From, { say: Say }>>;
	/** Ends it, at once. */
	stop(): Promise<void>;
}

/**
 * Starts a program. It ends with this process, and in any case when its time is up.
 * @param limitMs its time
 */
export function talkTo<To, From extends { say: string }>(program: string, env: NodeJS.ProcessEnv, limitMs: number): Talker<To, From> {
	const child: ChildProcess = fork(program, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
	const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
	void ended.then(() => clearTimeout(timer));

	return {
		async ask(told, answered) {
			const reply = new Promise<From>((resolve) => child.once('message', (message) => resolve(message as From)));
			child.send(told as object);
			const said = await Promise.race([reply, ended]);
			if (said === undefined) throw new Error(`${program} ended before it answered (after ${limitMs / 1000} s at the latest)`);
			if (said.say !== answered) throw new Error(`${program} said ${said.say} instead of ${answered}`);
			return said as Extract<From, { say: typeof answered }>;
		},
		async stop() {
			if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
			await ended;
		},
	};
}
