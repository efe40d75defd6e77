import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { Problem } from '../n8n/problem.mjs';

const POSTGRES_VERSIONS = '/usr/lib/postgresql';

/**
 * Makes sure that Redis and PostgreSQL are there, as Debian and Ubuntu package them. Only their programs are used: a service that the
 * packages start, and its data, are left alone.
 *
 * @returns the path of each program
 * @throws {Problem} when they cannot be installed
 */
export function databasePrograms(): { redisServer: string; postgres: (program: string) => string } {
	const missing = () => [...(findRedis() ? [] : ['redis-server']), ...(findPostgres() ? [] : ['postgresql'])];
	if (missing().length > 0) install(missing());
	const [redisServer, folder] = [findRedis(), findPostgres()];
	if (redisServer === undefined || folder === undefined) {
		throw new Problem(`These Debian packages are needed and could not be installed: ${missing().join(', ')}`);
	}
	return { redisServer, postgres: (program) => join(folder, program) };
}

/**
 * Who may run PostgreSQL, which refuses to run as root: the user of Debian's package, where we are root.
 *
 * @returns undefined for the present user
 */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const idOf = (which: '-u' | '-g') => Number(execFileSync('id', [which, 'postgres'], { encoding: 'utf8' }));
	return { uid: idOf('-u'), gid: idOf('-g') };
}

const findRedis = (): string | undefined => ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => existsSync(path));

function findPostgres(): string | undefined {
	if (!existsSync(POSTGRES_VERSIONS)) return undefined;
	const newestFirst = readdirSync(POSTGRES_VERSIONS).sort((one, other) => Number(other) - Number(one));
	return newestFirst.map((version) => join(POSTGRES_VERSIONS, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

function install(packages: readonly string[]): void {
	console.error(`Installing ${packages.join(' and ')}`);
	const [command, ...asRoot] = process.getuid?.() === 0 ? (['env'] as const) : (['sudo', 'env'] as const);
	for (const step of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
		// Standard output is the tests' report.
		spawnSync(command, [...asRoot, 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'Dpkg::Use-Pty=0', ...step], { stdio: ['ignore', 2, 2] });
	}
}
