import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Problem } from '../n8n/problem.mjs';

const POSTGRES_VERSIONS = '/usr/lib/postgresql';

/**
 * Makes sure that Redis and PostgreSQL are there, as Debian and Ubuntu package them. Only their programs are used: a service that the
 * packages start, and its data, are left alone.
 *
 * @returns {{ redisServer: string, postgres: (program: string) => string }} the path of each program
 * @throws {Problem} when they cannot be installed
 */
export function databasePrograms() {
	const missing = () => [...(findRedis() ? [] : ['redis-server']), ...(findPostgres() ? [] : ['postgresql'])];
	if (missing().length > 0) install(missing());
	if (missing().length > 0) throw new Problem(`These Debian packages are needed and could not be installed: ${missing().join(', ')}`);
	const folder = findPostgres();
	return { redisServer: findRedis(), postgres: (program) => join(folder, program) };
}

/**
 * Who may run PostgreSQL, which refuses to run as root: the user of Debian's package, where we are root.
 *
 * @returns {{ uid: number, gid: number } | undefined} undefined for the present user
 */
export function unprivilegedUser() {
	if (process.getuid?.() !== 0) return undefined;
	const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' })));
	return { uid, gid };
}

const findRedis = () => ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync);

function findPostgres() {
	if (!existsSync(POSTGRES_VERSIONS)) return undefined;
	const newestFirst = readdirSync(POSTGRES_VERSIONS).sort((one, other) => Number(other) - Number(one));
	return newestFirst.map((version) => join(POSTGRES_VERSIONS, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

function install(packages) {
	console.error(`Installing ${packages.join(' and ')}`);
	const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
	const [command, ...args] = process.getuid?.() === 0 ? apt : ['sudo', ...apt];
	for (const step of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
		// Standard output is the tests' report.
		spawnSync(command, [...args, ...step], { stdio: ['ignore', 2, 2] });
	}
}
