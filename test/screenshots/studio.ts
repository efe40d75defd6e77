import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Locator, Page } from 'playwright-core';

import type { Editor } from '../e2e/editor.ts';
import type { Playground } from '../e2e/playground.ts';

/** Tall enough for every panel, so that nothing is scrolled away when it is measured. */
const TALL = { width: 1440, height: 2400 };
/** For how long a page must look the same until it counts as still: labels and panels take a moment to change. */
const STILL_MS = 700;
const hidden = (...what: string[]): string => `${what.join(', ')} { visibility: hidden !important; }`;
/** What lies over the canvas and the panels, and what blinks. */
const CLEAN = `${hidden('.el-notification', '.vue-flow__background', '[class*="nodeButtonsWrapper"]', '[data-test-id=floating-nodes] *', '[data-test-id=node-feature-request]', '[class^="ͼ"]:empty')} * { caret-color: transparent !important; }`;
/** The editor's own buttons on the canvas. */
const BUTTONS = hidden('[data-test-id=canvas-controls]', '[data-test-id=canvas-controls] *', '[data-test-id^=execute-workflow-button]', '[data-test-id=workflow-chat-button]');

/** Names stand below the nodes. */
const BELOW_NODES = 56;

/** A part of the window. */
export interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

/**
 * What an element takes up of the window.
 *
 * @throws when it is not shown
 */
export async function boxOf(element: Locator): Promise<Box> {
	const box = await element.boundingBox();
	if (box === null) throw new Error(`Not shown: ${String(element)}`);
	return box;
}

/** The same of each of some elements, when the first is there. */
async function boxesOf(elements: Locator): Promise<Box[]> {
	await elements.first().waitFor();
	return await Promise.all((await elements.all()).map(boxOf));
}

const bottomOf = ({ y, height }: Box): number => y + height;

/** Takes pictures of n8n's editor. */
export class Studio {
	readonly playground: Playground;
	readonly editor: Editor;
	readonly page: Page;
	readonly folder: string;

	/** @param options `editor` is of the playground's n8n, `folder` where the pictures go */
	constructor({ playground, editor, folder }: Pick<Studio, 'playground' | 'editor' | 'folder'>) {
		this.playground = playground;
		this.editor = editor;
		this.page = editor.page;
		this.folder = folder;
	}

	/** Sets the size of the window. */
	window = (width: number, height: number): Promise<void> => this.page.setViewportSize({ width, height });

	/** Makes the window tall enough for any panel. */
	tallWindow = (): Promise<void> => this.page.setViewportSize(TALL);

	/** The window, or a part of it, when nothing moves any more. */
	async picture(name: string, clip?: Box, style = CLEAN): Promise<void> {
		// Pointing at something would show its buttons.
		await this.page.mouse.move(0, 0);
		const png = await this.#whenStill(clip, style);
		const path = join(this.folder, `${name}.png`);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, png);
	}

	/** The parameters of the open node, no taller than what they show. */
	async pictureOfParameters(name: string): Promise<void> {
		await this.tallWindow();
		const { x, y, width } = await boxOf(this.page.locator('[data-test-id=ndv] .node-settings'));
		const bottom = await this.#bottomOf(this.editor.panel.getByTestId('parameter-item'));
		await this.picture(name, { x, y, width, height: bottom + 24 - y });
	}

	/** The output of the open node, down to the end of what stands in it. */
	async pictureOfOutput(name: string, last: Locator): Promise<void> {
		const { x, y, width } = await boxOf(this.editor.output);
		const bottom = await this.#bottomOf(last);
		await this.picture(name, { x, y, width, height: bottom + 12 - y });
	}

	/** A part of the canvas: what some elements take up, with a margin, without the editor's buttons. */
	async pictureOfCanvas(name: string, elements: Locator, { side = 24 }: { side?: number } = {}): Promise<void> {
		await this.editor.zoomToFit();
		await this.picture(name, await this.#areaOf(elements, { top: 16, side, bottom: BELOW_NODES }), CLEAN + BUTTONS);
	}

	async #areaOf(elements: Locator, { top, side, bottom }: { top: number; side: number; bottom: number }): Promise<Box> {
		const boxes = await boxesOf(elements);
		const { width, height } = this.page.viewportSize() ?? TALL;
		const x = Math.max(0, Math.floor(Math.min(...boxes.map((box) => box.x))) - side);
		const y = Math.max(0, Math.floor(Math.min(...boxes.map((box) => box.y))) - top);
		const right = Math.min(width, Math.ceil(Math.max(...boxes.map((box) => box.x + box.width))) + side);
		const below = Math.min(height, Math.ceil(Math.max(...boxes.map(bottomOf))) + bottom);
		return { x, y, width: right - x, height: below - y };
	}

	async #bottomOf(elements: Locator): Promise<number> {
		return Math.ceil(Math.max(...(await boxesOf(elements.filter({ visible: true }))).map(bottomOf)));
	}

	async #whenStill(clip: Box | undefined, style: string): Promise<Buffer> {
		const take = () => this.page.screenshot({ ...(clip && { clip }), animations: 'disabled', style });
		let last = await take();
		for (let since = Date.now(); Date.now() - since < STILL_MS; ) {
			const png = await take();
			if (!png.equals(last)) since = Date.now();
			last = png;
		}
		return last;
	}
}
