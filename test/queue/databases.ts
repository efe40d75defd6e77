import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { lastLines, runChild, startChild, type Child } from '../n8n/child.ts';
import type { N8nSettings } from '../n8n/host.ts';
import { PATIENCE_MS } from '../n8n/patience.ts';
import { freePort } from '../n8n/ports.ts';
import { Problem } from '../n8n/problem.mjs';
import { databasePrograms, unprivilegedUser } from './debian.ts';

const DAEMON = fileURLToPath(new URL('./daemon.ts', import.meta.url));
const PASSWORD = 'queue';

/** What Debian's redis.conf says of keeping data, which is Redis's default: a snapshot now and then, and at an orderly stop. */
const DEBIAN_PERSISTENCE = ['--save', '3600 1 300 100 60 10000', '--appendonly', 'no'];

/** A server on a port that can be started and stopped again and again. */
interface Server {
	/** With the data that it left. */
	start: () => Promise<void>;
	/** In order, as a service manager does. */
	stop: () => Promise<void>;
	/** By SIGKILL. */
	kill: () => Promise<void>;
}

/** A database server on a port and with data of its own. */
export interface DatabaseServer extends Server {
	/** By which n8n finds it. */
	settings: N8nSettings;
}

/** The log of a program, by its name. */
export type LogFile = (program: string) => string;

/**
 * Makes a Redis and a PostgreSQL, not yet started.
 *
 * @param options `folder` is for their data
 * @throws {Problem} when they cannot be installed
 */
export async function makeDatabases({ folder, logFile }: { folder: string; logFile: LogFile }): Promise<Record<'redis' | 'postgres', DatabaseServer>> {
	const programs = databasePrograms();
	const redis = await makeRedis(programs.redisServer, folder, logFile);
	const postgres = await makePostgres(programs.postgres, folder, logFile);
	return { redis, postgres };
}

async function makeRedis(program: string, folder: string, logFile: LogFile): Promise<DatabaseServer> {
	const port = await freePort();
	const data = join(folder, 'redis');
	mkdirSync(data);
	const command = ['-', '-', 'SIGTERM', program, '--port', String(port), '--bind', '127.0.0.1', '--dir', data, ...DEBIAN_PERSISTENCE];
	return {
		settings: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) },
		...server('redis', command, { port, logFile }),
	};
}

async function makePostgres(program: (name: string) => string, folder: string, logFile: LogFile): Promise<DatabaseServer> {
	const port = await freePort();
	const user = unprivilegedUser();
	const identity = user ? [String(user.uid), String(user.gid)] : ['-', '-'];
	const home = join(folder, 'postgres');
	const passwordFile = join(home, 'password');
	mkdirSync(home);
	writeFileSync(passwordFile, PASSWORD);
	if (user) for (const path of [home, passwordFile]) chownSync(path, user.uid, user.gid);

	const data = join(home, 'data');
	const initdb = [program('initdb'), '-D', data, '-U', 'n8n', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--no-locale'];
	const log = logFile('initdb');
	const { succeeded, output } = await runChild([DAEMON, ...identity, 'SIGTERM', ...initdb], { logFile: log, cwd: home });
	if (!succeeded) throw new Problem(`PostgreSQL's data could not be made. The end of ${log}:\n${lastLines(output)}`);

	// SIGINT is its fast stop, as a service manager asks for it: it ends the sessions.
	const command = [...identity, 'SIGINT', program('postgres'), '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', ''];
	return {
		settings: {
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(port),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: 'n8n',
			DB_POSTGRESDB_PASSWORD: PASSWORD,
		},
		...server('postgres', command, { port, logFile, cwd: home }),
	};
}

function server(name: string, command: readonly string[], { port, logFile, cwd }: { port: number; logFile: LogFile; cwd?: string }): Server {
	let child: Child | undefined;
	let starts = 0;
	return {
		async start() {
			starts += 1;
			const started = startChild([DAEMON, ...command], { logFile: logFile(`${name}-${starts}`), cwd });
			child = started;
			const ended = started.ended.then(() => true);
			for (const deadline = Date.now() + PATIENCE_MS; !(await accepts(port)); ) {
				if ((await Promise.race([ended, delay(50)])) || Date.now() > deadline) {
					await started.stop();
					throw new Problem(`${name} did not start. The end of its log:\n${lastLines(started.output())}`);
				}
			}
		},
		stop: async () => await child?.stop(),
		async kill() {
			child?.process.kill('SIGUSR2');
			await child?.ended;
		},
	};
}

/** Whether somebody takes connections on a port of this machine. */
async function accepts(port: number): Promise<boolean> {
	const socket = connect(port, '127.0.0.1');
	try {
		return await new Promise<boolean>((resolve) => {
			socket.once('connect', () => resolve(true));
			socket.once('error', () => resolve(false));
		});
	} finally {
		socket.destroy();
	}
}
