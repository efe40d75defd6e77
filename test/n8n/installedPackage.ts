import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PACKAGE_NAME = 'n8n-nodes-freedompay';

const nodesFolder = (userFolder) => join(userFolder, '.n8n', 'nodes');
const packageFolder = (userFolder) => join(nodesFolder(userFolder), 'node_modules', PACKAGE_NAME);
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/**
 * Puts the package where n8n puts one that a user installs, so that its nodes have their real type names.
 *
 * @param {string} tarball the packed package
 * @param {string} userFolder n8n's data
 * @returns {string} the package's folder
 */
export function unpackPackage(tarball, userFolder) {
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
 * @param {object} n8n a running one, whose database has its tables
 * @param {string} n8n.userFolder
 * @param {import('./rest.ts').RestClient} n8n.rest signed in
 * @param {NodeJS.Require} n8n.requireFromN8n
 */
export async function listPackage({ userFolder, rest, requireFromN8n }) {
	const folder = packageFolder(userFolder);
	const { version, author, n8n } = readJson(join(folder, 'package.json'));
	const types = n8n.nodes.map((file) => readJson(join(folder, file.replace(/\.js$/, '.json'))).node);
	const loaded = await rest.file('/types/nodes.json');
	const nodes = loaded.filter(({ name }) => types.includes(name)).map((node) => [node.displayName, node.name, Math.max(...[node.version].flat())]);

	const now = new Date().toISOString().replace('T', ' ').replace('Z', '');
	await inDatabase(requireFromN8n('sqlite3'), join(userFolder, '.n8n', 'database.sqlite'), [
		['DELETE FROM installed_nodes WHERE package = ?', [PACKAGE_NAME]],
		[
			'INSERT INTO installed_packages (packageName, installedVersion, authorName, authorEmail, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?) ' +
				'ON CONFLICT (packageName) DO UPDATE SET installedVersion = excluded.installedVersion, updatedAt = excluded.updatedAt',
			[PACKAGE_NAME, version, author.name, author.email, now, now],
		],
		...nodes.map((node) => ['INSERT INTO installed_nodes (name, type, latestVersion, package) VALUES (?, ?, ?, ?)', [...node, PACKAGE_NAME]]),
	]);
}

/** Runs statements in one transaction, as soon as n8n lets go of its database. */
async function inDatabase({ Database, OPEN_READWRITE }, file, statements) {
	const opened = await new Promise((resolve, reject) => {
		const database = new Database(file, OPEN_READWRITE, (error) => (error ? reject(error) : resolve(database)));
	});
	const run = promisify(opened.run.bind(opened));
	try {
		await run('PRAGMA busy_timeout = 30000');
		await run('BEGIN IMMEDIATE');
		for (const [sql, parameters] of statements) await run(sql, parameters);
		await run('COMMIT');
	} finally {
		await promisify(opened.close.bind(opened))();
	}
}
