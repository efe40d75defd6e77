import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { lastLines, runChild, startChild } from '../n8n/child.ts';
import { freePort } from '../n8n/ports.ts';
import { Problem } from '../n8n/problem.mjs';
import { databasePrograms, unprivilegedUser } from './debian.ts';

const DAEMON = fileURLToPath(new URL('./daemon.ts', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const PASSWORD = 'queue';

/** What Debian's redis.conf says of keeping data, which is Redis's default: a snapshot now and then, and at an orderly stop. */
const DEBIAN_PERSISTENCE = ['--save', '3600 1 300 100 60 10000', '--appendonly', 'no'];

/**
 * A database server on a port and with data of its own.
 *
 * @typedef {object} DatabaseServer
 * @property {Record<string, string>} settings by which n8n finds it
 * @property {() => Promise<void>} start with the data that it left
 * @property {() => Promise<void>} stop in order, as a service manager does
 * @property {() => Promise<void>} kill by SIGKILL
 */

/**
 * Makes a Redis and a PostgreSQL, not yet started.
 *
 * @param {object} options
 * @param {string} options.folder for their data
 * @param {(server: string) => string} options.logFile
 * @returns {Promise<{ redis: DatabaseServer, postgres: DatabaseServer }>}
 */
export async function makeDatabases({ folder, logFile }) {
	const programs = databasePrograms();
	const redis = await makeRedis(programs.redisServer, folder, logFile);
	const postgres = await makePostgres(programs.postgres, folder, logFile);
	return { redis, postgres };
}

async function makeRedis(program, folder, logFile) {
	const port = await freePort();
	const data = join(folder, 'redis');
	mkdirSync(data);
	const command = ['-', '-', 'SIGTERM', program, '--port', String(port), '--bind', '127.0.0.1', '--dir', data, ...DEBIAN_PERSISTENCE];
	return {
		settings: { QUEUE_BULL_REDIS_HOST: '127.0.0.1', QUEUE_BULL_REDIS_PORT: String(port) },
		...server('redis', command, { port, logFile }),
	};
}

async function makePostgres(program, folder, logFile) {
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

function server(name, command, { port, logFile, cwd }) {
	let child;
	let starts = 0;
	return {
		async start() {
			starts += 1;
			child = startChild([DAEMON, ...command], { logFile: logFile(`${name}-${starts}`), cwd });
			const ended = child.ended.then(() => true);
			for (const deadline = Date.now() + START_TIMEOUT_MS; !(await accepts(port)); ) {
				if ((await Promise.race([ended, delay(50)])) || Date.now() > deadline) {
					await child.stop();
					throw new Problem(`${name} did not start. The end of its log:\n${lastLines(child.output())}`);
				}
			}
		},
		stop: async () => await child?.stop(),
		async kill() {
			child.process.kill('SIGUSR2');
			await child.ended;
		},
	};
}

/** Whether somebody takes connections on a port of this machine. */
async function accepts(port) {
	const socket = connect(port, '127.0.0.1');
	try {
		return await new Promise((resolve) => {
			socket.once('connect', () => resolve(true));
			socket.once('error', () => resolve(false));
		});
	} finally {
		socket.destroy();
	}
}
