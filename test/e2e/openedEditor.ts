import { after, afterEach, before } from 'node:test';

import { openEditor, type Editor } from './editor.ts';
import { startPlayground, type Playground } from './playground.ts';

/** A playground, and n8n's editor in a browser that is signed in. */
export interface OpenedEditor {
	playground: Playground;
	editor: Editor;
}

/**
 * Has the tests of a suite begin with a playground and its editor, and end with neither. Where a test fails, what the editor shows is kept as
 * a picture.
 *
 * @param name of the logs in build/logs
 * @param prepare is done before the editor is opened
 * @returns gives both, once they are there
 */
export function openedEditor(name: string, prepare?: (playground: Playground) => Promise<void>): () => OpenedEditor {
	let playground: Playground | undefined;
	let editor: Editor | undefined;

	before(async () => {
		playground = await startPlayground(name);
		await prepare?.(playground);
		editor = await openEditor(playground.host.url);
	});
	afterEach(async (context) => {
		if ('passed' in context && !context.passed) await editor?.screenshot(`failed-${context.name.replaceAll(/\W+/g, '-')}`);
	});
	after(async () => {
		await editor?.close();
		await playground?.stop();
	});

	return () => {
		if (playground === undefined || editor === undefined) throw new Error('The editor is not open yet.');
		return { playground, editor };
	};
}
