/*
 * `npm run screenshots`: takes every picture of the documentation from the current build, in a real n8n with the sandbox.
 * `npm run screenshots -- error output` takes only those whose names contain one of these words.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { openEditor, type Editor } from '../e2e/editor.ts';
import { startPlayground } from '../e2e/playground.ts';
import { ROOT } from '../n8n/paths.mjs';
import { requirePort } from '../n8n/ports.ts';
import { runAsProgram } from '../n8n/problem.mjs';
import { pictures, prepare, type Picture } from './pictures.ts';
import { Studio } from './studio.ts';

/** That of `npm start`, which the pictures of the credential show. */
const SANDBOX_PORT = 8642;
const ASSETS = join(ROOT, '.github', 'assets');

await runAsProgram(async () => {
	const wanted = process.argv.slice(2);
	await requirePort(SANDBOX_PORT, 'the sandbox', 'SANDBOX_PORT');
	const playground = await startPlayground('screenshots', { sandboxPort: SANDBOX_PORT });
	let editor: Editor | undefined;
	try {
		await prepare(playground);
		editor = await openEditor(playground.host.url);
		const studio = new Studio({ playground, editor, folder: ASSETS });
		const all = pictures();
		const isWanted = ({ names }: Picture) => wanted.length === 0 || names.some((name) => wanted.some((word) => name.includes(word)));
		for (const picture of all.filter(isWanted)) {
			console.error(picture.names.join(', '));
			await picture.take(studio);
		}
		removeAllBut(new Set(all.flatMap(({ names }) => names)));
	} catch (error) {
		await editor?.screenshot('failed-screenshots');
		throw error;
	} finally {
		await editor?.close();
		await playground.stop();
	}
});

/** A picture that is not taken any more shows what is not there any more. */
function removeAllBut(names: ReadonlySet<string>): void {
	for (const file of readdirSync(ASSETS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.png'))) {
		if (!names.has(file.replaceAll('\\', '/').replace(/\.png$/, ''))) rmSync(join(ASSETS, file));
	}
}
