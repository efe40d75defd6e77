'use strict';
/**
 * The part of the sqlite3 package that n8n's database layer uses, on the SQLite that Node.js has built in. It stands in for
 * lib/sqlite3.js where that package's binary can be neither downloaded nor compiled.
 */
const { DatabaseSync } = require('node:sqlite');

const OPEN_READONLY = 1;
const OPEN_READWRITE = 2;
const OPEN_CREATE = 4;

/** SQLite's own defaults, which the original keeps; n8n's migrations count on them. */
const AS_THE_ORIGINAL = { defensive: false, enableDoubleQuotedStringLiterals: true, enableForeignKeyConstraints: false };

/** The primary result codes that callers look at by name. */
const RESULT_CODES = {
	1: 'SQLITE_ERROR',
	5: 'SQLITE_BUSY',
	6: 'SQLITE_LOCKED',
	8: 'SQLITE_READONLY',
	14: 'SQLITE_CANTOPEN',
	19: 'SQLITE_CONSTRAINT',
};

class Database {
	constructor(filename, mode, callback) {
		if (typeof mode === 'function') return new Database(filename, OPEN_READWRITE | OPEN_CREATE, mode);
		later(callback, this, () => {
			this.database = new DatabaseSync(filename, { ...AS_THE_ORIGINAL, readOnly: (mode & OPEN_READONLY) !== 0 });
		});
	}

	run(sql, ...rest) {
		const { parameters, callback } = argumentsOf(rest);
		const result = { lastID: 0, changes: 0 };
		later(callback, result, () => {
			const { lastInsertRowid, changes } = this.database.prepare(sql).run(...parameters);
			result.lastID = Number(lastInsertRowid);
			result.changes = Number(changes);
		});
		return this;
	}

	all(sql, ...rest) {
		const { parameters, callback } = argumentsOf(rest);
		later(callback, { lastID: 0, changes: 0 }, () => this.database.prepare(sql).all(...parameters).map(fromSqlite));
		return this;
	}

	close(callback) {
		later(callback, this, () => this.database.close());
	}
}

/** The parameters, if any, come before the callback, if any. */
function argumentsOf(rest) {
	const callback = rest.findLast((argument) => typeof argument === 'function');
	const parameters = Array.isArray(rest[0]) ? rest[0] : [];
	return { parameters: parameters.map(toSqlite), callback };
}

/** Does the work in a later turn of the event loop, as the original's callers expect, and reports as the original does. */
function later(callback, self, work) {
	setImmediate(() => {
		let result;
		try {
			result = work();
		} catch (error) {
			callback?.call(self, toSqliteError(error));
			return;
		}
		callback?.call(self, null, result);
	});
}

function toSqliteError(error) {
	const code = RESULT_CODES[error.errcode & 0xff] ?? 'SQLITE_ERROR';
	return Object.assign(new Error(`${code}: ${error.message}`), { code, errno: error.errcode & 0xff });
}

function toSqlite(value) {
	if (value === undefined) return null;
	if (typeof value === 'boolean') return Number(value);
	if (value instanceof Date) return value.getTime();
	if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) return String(value);
	return value;
}

function fromSqlite(row) {
	return Object.fromEntries(
		Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value) : value]),
	);
}

const sqlite3 = { Database, OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE, OPEN_URI: 0x40, verbose: () => sqlite3 };
module.exports = sqlite3;
