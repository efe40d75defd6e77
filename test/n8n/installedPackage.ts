import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { RestClient } from './rest.ts';

const PACKAGE_NAME = 'n8n-nodes-freedompay';

const nodesFolder = (userFolder: string): string => join(userFolder, '.n8n', 'nodes');
const packageFolder = (userFolder: string): string => join(nodesFolder(userFolder), 'node_modules', PACKAGE_NAME);
const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Puts the package where n8n puts one that a user installs, so that its nodes have their real type names.
 *
 * @param tarball the packed package
 * @param userFolder n8n's data
 * @returns the package's folder
 */
export function unpackPackage(tarball: string, userFolder: string): string {
	const folder = packageFolder(userFolder);
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);

	// n8n asks the registry for updates of the dependencies in this list, and makes it from its database where it is missing.
	const list = join(nodesFolder(userFolder), 'package.json');
	if (!existsSync(list)) writeFileSync(list, JSON.stringify({ name: 'installed-nodes', private: true, dependencies: {} }));
	return folder;
}

/**
 * Lists the unpacked package under Settings → Community nodes, as n8n does at the end of an install. n8n itself installs from
 * a registry only, so this writes to its database what it would.
 *
 * @param n8n a running one, whose database has its tables, with `rest` signed in
 */
export async function listPackage({ userFolder, rest, requireFromN8n }: {
	userFolder: string;
	rest: RestClient;
	requireFromN8n: NodeJS.Require;
}): Promise<void> {
	const folder = packageFolder(userFolder);
	const { version, author, n8n } = readJson(join(folder, 'package.json')) as Manifest;
	const types = n8n.nodes.map((file) => (readJson(join(folder, file.replace(/\.js$/, '.json'))) as { node: string }).node);
	const loaded = await rest.file<LoadedNode[]>('/types/nodes.json');
	const nodes = loaded.filter(({ name }) => types.includes(name)).map((node) => [node.displayName, node.name, Math.max(...[node.version].flat())]);

	const now = new Date().toISOString().replace('T', ' ').replace('Z', '');
	await inDatabase(requireFromN8n('sqlite3') as Sqlite3, join(userFolder, '.n8n', 'database.sqlite'), [
		['DELETE FROM installed_nodes WHERE package = ?', [PACKAGE_NAME]],
		[
			'INSERT INTO installed_packages (packageName, installedVersion, authorName, authorEmail, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?) ' +
				'ON CONFLICT (packageName) DO UPDATE SET installedVersion = excluded.installedVersion, updatedAt = excluded.updatedAt',
			[PACKAGE_NAME, version, author.name, author.email, now, now],
		],
		...nodes.map((node): Statement => ['INSERT INTO installed_nodes (name, type, latestVersion, package) VALUES (?, ?, ?, ?)', [...node, PACKAGE_NAME]]),
	]);
}

interface Manifest {
	version: string;
	author: { name: string; email: string };
	n8n: { nodes: string[] };
}

interface LoadedNode {
	name: string;
	displayName: string;
	version: number | number[];
}

type Statement = [sql: string, parameters: readonly unknown[]];

type Callback = (error: Error | null) => void;

interface SqliteDatabase {
	run: (sql: string, parameters: readonly unknown[], callback: Callback) => void;
	close: (callback: Callback) => void;
}

/** What is used here of the sqlite3 that n8n brings. */
interface Sqlite3 {
	Database: new (file: string, mode: number, callback: Callback) => SqliteDatabase;
	OPEN_READWRITE: number;
}

/** Runs statements in one transaction, as soon as n8n lets go of its database. */
async function inDatabase({ Database, OPEN_READWRITE }: Sqlite3, file: string, statements: readonly Statement[]): Promise<void> {
	const opened = await new Promise<SqliteDatabase>((resolve, reject) => {
		const database = new Database(file, OPEN_READWRITE, (error) => (error ? reject(error) : resolve(database)));
	});
	const run = async (sql: string, parameters: readonly unknown[] = []) =>
		await new Promise<void>((resolve, reject) => {
			opened.run(sql, parameters, (error) => (error ? reject(error) : resolve()));
		});
	try {
		await run('PRAGMA busy_timeout = 30000');
		await run('BEGIN IMMEDIATE');
		for (const [sql, parameters] of statements) await run(sql, parameters);
		await run('COMMIT');
	} finally {
		await promisify(opened.close.bind(opened))();
	}
}
