/**
 * Runs a server that is no Node.js program as one that `child.ts` can start: in this program's process group, ended by the signal
 * that the server takes for an orderly stop, and with its exit code. SIGUSR2 kills the server.
 *
 * Arguments: the user's id and group (`-` for the present ones), the signal, and the command.
 */
import { spawn } from 'node:child_process';

const [uid, gid, stopSignal, command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('Arguments: user, group, signal, command');
const identity = uid === '-' ? {} : { uid: Number(uid), gid: Number(gid) };

const server = spawn(command, args, { ...identity, stdio: ['ignore', 'inherit', 'inherit'] });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => server.kill(stopSignal as NodeJS.Signals));
process.on('SIGUSR2', () => server.kill('SIGKILL'));
server.once('error', (error) => {
	console.error(error.message);
	process.exit(1);
});
server.once('exit', (code) => process.exit(code ?? 1));
