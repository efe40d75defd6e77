import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Takes a lock that at most one process on this machine holds. It is an exclusive transaction on an empty SQLite file,
 * that is, a lock of the operating system: it ends with its process, however that ends, so no stale lock can be left.
 *
 * @param file the lock's file, created when missing
 * @returns what releases the lock; undefined when another process holds it
 */
export function tryLock(file: string): (() => void) | undefined {
	mkdirSync(dirname(file), { recursive: true });
	const database = new DatabaseSync(file, { timeout: 0 });
	try {
		database.exec('BEGIN EXCLUSIVE');
	} catch (error) {
		database.close();
		if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
		throw error;
	}
	return () => database.close();
}

/**
 * As `tryLock`, but waits for the lock.
 *
 * @param message tells the user that another process is waited for
 * @param signal ends the waiting
 * @returns what releases the lock
 */
export async function waitForLock(file: string, message: string, signal?: AbortSignal): Promise<() => void> {
	for (let told = false; ; told = true) {
		const release = tryLock(file);
		if (release) return release;
		if (!told) console.error(message);
		await delay(1000, undefined, { signal });
	}
}

const SQLITE_BUSY = 5;
