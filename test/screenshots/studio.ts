import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Tall enough for every panel, so that nothing is scrolled away when it is measured. */
const TALL = { width: 1440, height: 2400 };
/** For how long a page must look the same until it counts as still: labels and panels take a moment to change. */
const STILL_MS = 700;
const hidden = (...what) => `${what.join(', ')} { visibility: hidden !important; }`;
/** What lies over the canvas and the panels, and what blinks. */
const CLEAN = `${hidden('.el-notification', '.vue-flow__background', '[class*="nodeButtonsWrapper"]', '[data-test-id=floating-nodes] *', '[data-test-id=node-feature-request]', '[class^="ͼ"]:empty')} * { caret-color: transparent !important; }`;
/** The editor's own buttons on the canvas. */
const BUTTONS = hidden('[data-test-id=canvas-controls]', '[data-test-id=canvas-controls] *', '[data-test-id^=execute-workflow-button]', '[data-test-id=workflow-chat-button]');

/** Names stand below the nodes. */
const BELOW_NODES = 56;

/** Takes pictures of n8n's editor. */
export class Studio {
	/**
	 * @param {object} options
	 * @param {Awaited<ReturnType<typeof import('../e2e/playground.ts').startPlayground>>} options.playground
	 * @param {import('../e2e/editor.ts').Editor} options.editor of its n8n
	 * @param {string} options.folder where the pictures go
	 */
	constructor({ playground, editor, folder }) {
		this.playground = playground;
		this.editor = editor;
		this.page = editor.page;
		this.folder = folder;
	}

	/** Sets the size of the window. */
	window = (width, height) => this.page.setViewportSize({ width, height });

	/** Makes the window tall enough for any panel. */
	tallWindow = () => this.page.setViewportSize(TALL);

	/** The window, or a part of it, when nothing moves any more. */
	async picture(name, clip = undefined, style = CLEAN) {
		// Pointing at something would show its buttons.
		await this.page.mouse.move(0, 0);
		const png = await this.#whenStill(clip, style);
		const path = join(this.folder, `${name}.png`);
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, png);
	}

	/** The parameters of the open node, no taller than what they show. */
	async pictureOfParameters(name) {
		await this.tallWindow();
		const { x, y, width } = await this.page.locator('[data-test-id=ndv] .node-settings').boundingBox();
		const bottom = await this.#bottomOf(this.editor.panel.getByTestId('parameter-item'));
		await this.picture(name, { x, y, width, height: bottom + 24 - y });
	}

	/** The output of the open node, down to the end of what stands in it. */
	async pictureOfOutput(name, last) {
		const { x, y, width } = await this.editor.output.boundingBox();
		const bottom = await this.#bottomOf(last);
		await this.picture(name, { x, y, width, height: bottom + 12 - y });
	}

	/** A part of the canvas: what some elements take up, with a margin, without the editor's buttons. */
	async pictureOfCanvas(name, elements, { side = 24 } = {}) {
		await this.editor.zoomToFit();
		await this.picture(name, await this.#areaOf(elements, { top: 16, side, bottom: BELOW_NODES }), CLEAN + BUTTONS);
	}

	/** What some elements take up. */
	async pictureOf(name, elements) {
		await this.picture(name, await this.#areaOf(elements, { top: 0, side: 0, bottom: 0 }));
	}

	async #areaOf(elements, { top, side, bottom }) {
		await elements.first().waitFor();
		const boxes = await elements.evaluateAll((found) => found.map((element) => element.getBoundingClientRect()).map(({ left, right, top: above, bottom: below }) => ({ left, right, above, below })));
		const { width, height } = this.page.viewportSize();
		const x = Math.max(0, Math.floor(Math.min(...boxes.map(({ left }) => left))) - side);
		const y = Math.max(0, Math.floor(Math.min(...boxes.map(({ above }) => above))) - top);
		const right = Math.min(width, Math.ceil(Math.max(...boxes.map((box) => box.right))) + side);
		const below = Math.min(height, Math.ceil(Math.max(...boxes.map((box) => box.below))) + bottom);
		return { x, y, width: right - x, height: below - y };
	}

	async #bottomOf(elements) {
		const shown = elements.filter({ visible: true });
		await shown.first().waitFor();
		return Math.ceil(await shown.evaluateAll((found) => Math.max(...found.map((element) => element.getBoundingClientRect().bottom))));
	}

	async #whenStill(clip, style) {
		const take = () => this.page.screenshot({ clip, animations: 'disabled', style });
		let last = await take();
		for (let since = Date.now(); Date.now() - since < STILL_MS; ) {
			const png = await take();
			if (!png.equals(last)) since = Date.now();
			last = png;
		}
		return last;
	}
}
