import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Takes a lock that at most one process on this machine holds. It is an exclusive transaction on an empty SQLite file,
 * that is, a lock of the operating system: it ends with its process, however that ends, so no stale lock can be left.
 *
 * @param {string} file the lock's file, created when missing
 * @returns {(() => void) | undefined} releases the lock; undefined when another process holds it
 */
export function tryLock(file) {
	mkdirSync(dirname(file), { recursive: true });
	const database = new DatabaseSync(file, { timeout: 0 });
	try {
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		if (error.errcode === SQLITE_BUSY) return undefined;
		throw error;
	}
	return () => database.close();
}

/**
 * As `tryLock`, but waits for the lock.
 *
 * @param {string} file
 * @param {string} message tells the user that another process is waited for
 * @param {AbortSignal} [signal] ends the waiting
 * @returns {Promise<() => void>} releases the lock
 */
export async function waitForLock(file, message, signal) {
	for (let told = false; ; told = true) {
		const release = tryLock(file);
		if (release) return release;
		if (!told) console.error(message);
		await delay(1000, undefined, { signal });
	}
}

const SQLITE_BUSY = 5;
