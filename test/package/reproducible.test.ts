import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Rebuilt {
	files: { path: string; size: number; mode: number }[];
	sha512: string;
}

const ROOT = join(__dirname, '..', '..');

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'freedompay-rebuilt-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Builds in a process of its own: umask and time zone are a process's. */
function rebuild(place: string, made: { umask: number; modified: string; timeZone: string }): Rebuilt {
	const script = `import { rebuildAndPack } from './test/package/rebuilt.ts'; console.log(JSON.stringify(rebuildAndPack(process.argv[1], JSON.parse(process.argv[2]))))`;
	const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script, join(folder, place), JSON.stringify(made)], {
		cwd: ROOT,
		encoding: 'utf8',
		env: { ...process.env, TZ: made.timeZone },
		stdio: 'pipe',
	});
	return JSON.parse(printed) as Rebuilt;
}

test('the same sources make the same tarball, wherever, whenever and by whomever it is built', () => {
	const one = rebuild('one', { umask: 0o022, modified: '2026-01-15T03:04:05Z', timeZone: 'UTC' });
	const other = rebuild('another/and deeper', { umask: 0o077, modified: '2031-07-20T21:22:23Z', timeZone: 'Asia/Almaty' });
	expect(other.files).toEqual(one.files);
	expect(other.sha512).toBe(one.sha512);
});
