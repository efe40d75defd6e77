import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { chromium, selectors, type Browser, type Locator, type Page } from 'playwright-core';

import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { PATIENCE_MS } from '../n8n/patience.ts';
import { OWNER } from '../n8n/rest.ts';

const SCREENSHOTS = join(BUILD_FOLDER, 'screenshots');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** How long a page may take to show what is waited for, on a machine that has much else to do. */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	// The editor asks npm about community packages; nothing here may depend on that. Requests that Playwright stops would do without the
	// browser's cache, and each page would load and compile all of the editor anew.
	'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

selectors.setTestIdAttribute('data-test-id');

/** A page in a browser of its own. */
export class Visit {
	readonly browser: Browser;
	page: Page;

	constructor(browser: Browser, page: Page) {
		this.browser = browser;
		this.page = page;
	}

	/** Closes the browser. */
	close = (): Promise<void> => this.browser.close();

	/** Goes on in a new tab, and closes all others: nothing is left of earlier pages, a form in a window of its own neither. */
	async newTab(): Promise<void> {
		const context = this.page.context();
		const earlier = context.pages();
		this.page = await context.newPage();
		await Promise.all(earlier.map((page) => page.close()));
	}

	/** @param name of the picture in build/screenshots */
	screenshot = async (name: string): Promise<void> => {
		mkdirSync(SCREENSHOTS, { recursive: true });
		await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
	};
}

/** What the canvas shows of a node, and whether it marks the node as not ready to run. */
export interface ShownNode {
	name: string;
	type: string;
	issues: boolean;
}

/** Where a new node goes: after the last one, or after an output of one that is named. */
export interface Place {
	after?: string;
	output?: number;
}

/** n8n's editor. What a user does in it goes through here, and is counted. */
export class Editor extends Visit {
	/** What the user did so far: fields and boxes filled, and clicks and drags. */
	count = { typed: 0, clicked: 0 };

	/** n8n's address. */
	readonly url: string;

	/** @param url n8n's address */
	constructor({ browser, page }: Visit, url: string) {
		super(browser, page);
		this.url = url;
	}

	/** Clicks. */
	async click(locator: Locator): Promise<void> {
		this.count.clicked += 1;
		await locator.click();
	}

	/** Fills an input. */
	async type(locator: Locator, text: string): Promise<void> {
		this.count.typed += 1;
		await locator.fill(text);
	}

	/** Replaces what is in one of n8n's code boxes. */
	async typeCode(box: Locator, text: string): Promise<void> {
		this.count.typed += 1;
		await box.locator('.cm-content').click();
		await this.page.keyboard.press('Control+A');
		await this.page.keyboard.insertText(text);
	}

	/** Signs in, as the first page asks one to. */
	async signIn(): Promise<void> {
		await this.type(this.page.locator('input[name=emailOrLdapLoginId]'), OWNER.email);
		await this.type(this.page.locator('input[name=password]'), OWNER.password);
		await this.click(this.page.getByTestId('form-submit-button'));
		await this.page.getByTestId('main-sidebar-settings').waitFor();
	}

	/** Opens a workflow, on one of its nodes if one is named by its id. */
	async open(workflowId: string, nodeId?: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${[workflowId, nodeId].filter(Boolean).join('/')}`);
		if (nodeId === undefined) await this.nodes.first().waitFor();
		else await this.panel.waitFor();
	}

	/** Opens a new, empty workflow. */
	async openNew(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.page.getByTestId('canvas-add-button').waitFor();
	}

	/** The id of the open workflow. */
	get workflowId(): string {
		return new URL(this.page.url()).pathname.split('/')[2] ?? '';
	}

	/** Publishes the open workflow; n8n makes its trigger live soon after. */
	async publish(): Promise<void> {
		await this.click(this.page.getByTestId('workflow-open-publish-modal-button'));
		const answer = this.page.waitForResponse((response) => response.url().endsWith('/activate'));
		await this.click(this.page.getByTestId('workflow-publish-button'));
		await answer;
	}

	// The canvas.

	/** All nodes of the open workflow but its notes. */
	get nodes(): Locator {
		return this.page.getByTestId('canvas-node');
	}

	/** What the canvas shows of each node. */
	async shownNodes(): Promise<ShownNode[]> {
		return await this.nodes.evaluateAll((nodes) =>
			nodes.map((node) => ({
				name: node.getAttribute('data-node-name') ?? '',
				type: node.getAttribute('data-node-type') ?? '',
				issues: node.querySelector('[data-test-id=node-issues]') !== null,
			})),
		);
	}

	/** @param name of a node on the canvas */
	node = (name: string): Locator => this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);

	/** Moves and scales the canvas so that all of the workflow is seen. */
	async zoomToFit(): Promise<void> {
		await this.page.getByTestId('zoom-to-fit').click();
	}

	/** Clicks beside the nodes, which are selected after an import. */
	async selectNothing(): Promise<void> {
		await this.page.locator('.vue-flow__pane').click({ position: { x: 4, y: 80 } });
	}

	/** Runs the workflow by the button below the canvas. */
	async executeWorkflow(): Promise<void> {
		await this.click(this.page.getByTestId('execute-workflow-button'));
	}

	/** Waits until a node of the canvas is green. */
	async isGreen(name: string): Promise<void> {
		await this.node(name).getByTestId('canvas-node-status-success').waitFor();
	}

	/** Opens the node creator, for the first node of an empty workflow or for the one after the last. */
	async openCreator(): Promise<void> {
		await this.click(this.page.getByTestId('canvas-add-button').or(this.page.getByTestId('canvas-handle-plus').last()));
		await this.page.getByTestId('node-creator-search-bar').waitFor();
	}

	/** Opens the node creator for the node that comes after one of the outputs of another. */
	async openCreatorAfter(name: string, output = 0): Promise<void> {
		await this.zoomToFit();
		await this.click(this.node(name).locator(`[data-handleid="outputs/main/${output}"]`).getByTestId('canvas-handle-plus'));
		await this.page.getByTestId('node-creator-search-bar').waitFor();
	}

	/** Draws a line from an output of a node to the input of another. */
	async connect(name: string, output: number, next: string): Promise<void> {
		await this.zoomToFit();
		this.count.clicked += 1;
		const handle = (node: string, id: string) => this.node(node).locator(`[data-handleid="${id}"]`);
		await handle(name, `outputs/main/${output}`).dragTo(handle(next, 'inputs/main/0'));
	}

	/** Searches in the node creator; the names that it finds. */
	async search(text: string): Promise<Locator> {
		const found = this.page.getByTestId('node-creator-item-name');
		// The names of an earlier search stay for a moment.
		await this.page.getByTestId('node-creator-search-bar').fill('no such node');
		await found.first().waitFor({ state: 'hidden' });
		await this.type(this.page.getByTestId('node-creator-search-bar'), text);
		return found;
	}

	/** Picks a node, or an action of one, by its name in the node creator. */
	async pick(name: string): Promise<void> {
		await this.click(this.page.getByTestId('node-creator-item-name').filter({ hasText: exactly(name) }).first());
	}

	/** Adds a node to the open workflow, after the last one or after an output of one that is named. */
	async addNode(search: string, name: string, { after, output }: Place = {}): Promise<void> {
		await (after === undefined ? this.openCreator() : this.openCreatorAfter(after, output));
		await this.search(search);
		await this.pick(name);
	}

	/** Opens one of the lists that the node creator has of a node: its Triggers or its Actions, of which an empty workflow shows the first only. */
	async openCategory(name: 'Triggers' | 'Actions'): Promise<void> {
		await this.click(this.page.getByTestId('node-creator-category-item').filter({ hasText: name }));
	}

	/** Chooses one of the actions that the node creator offers for a node, which opens its panel. */
	async chooseAction(name: string): Promise<void> {
		await this.pick(name);
		await this.panel.waitFor();
	}

	/** Reads a workflow from a file into the open one. */
	async importFromFile(path: string): Promise<void> {
		await this.click(this.page.getByTestId('workflow-menu'));
		await this.page.getByTestId('workflow-menu-item-import').hover();
		const chooser = this.page.waitForEvent('filechooser');
		await this.click(this.page.getByTestId('workflow-menu-item-import-from-file'));
		await (await chooser).setFiles(path);
		await this.nodes.first().waitFor();
	}

	// A node's panel.

	/** The panel of the open node. */
	get panel(): Locator {
		return this.page.getByTestId('ndv');
	}

	/** What came in. */
	get input(): Locator {
		return this.page.getByTestId('ndv-input-panel');
	}

	/** What came out. */
	get output(): Locator {
		return this.page.getByTestId('output-panel');
	}

	/** @param name of a parameter of the open node or credential */
	parameter = (name: string): Locator => this.page.getByTestId(`parameter-input-${name}`);

	/** Opens the panel of a node on the canvas. */
	async openPanel(name: string): Promise<void> {
		this.count.clicked += 1;
		await this.node(name).dblclick();
		await this.panel.waitFor();
	}

	/** Closes the panel. */
	async closePanel(): Promise<void> {
		await this.click(this.page.getByTestId('ndv-close-button'));
		await this.panel.waitFor({ state: 'hidden' });
	}

	/** Fills a parameter with plain text. */
	async fill(name: string, text: string): Promise<void> {
		await this.type(this.parameter(name).locator('input, textarea'), text);
	}

	/** Drags a field of the input, by its path, into a parameter, which makes it an expression. */
	async map(path: string, name: string): Promise<void> {
		this.count.clicked += 1;
		const field = this.input.getByTestId('run-data-schema-node-name').filter({ hasText: exactly(path.slice(path.lastIndexOf('.') + 1)) });
		await field.first().dragTo(this.parameter(name));
		await this.parameter(name).getByText(`{{ $json.${path} }}`).waitFor();
		await this.#leaveField();
	}

	/** The tip below an expression in focus lies over what comes next. */
	async #leaveField(): Promise<void> {
		await this.page.locator(':focus').evaluateAll((focused) => focused.forEach((element) => element.blur()));
	}

	/** Types an expression into a parameter that is a code box. */
	async typeExpression(name: string, expression: string): Promise<void> {
		const item = this.page.getByTestId('parameter-item').filter({ has: this.parameter(name) });
		await this.click(item.getByTestId('radio-button-expression').first());
		await this.typeCode(this.parameter(name), expression);
		await this.#leaveField();
	}

	/** Adds one of the options that a node offers. */
	async addOption(label: string): Promise<void> {
		await this.click(this.page.getByTestId('collection-parameter-add'));
		const choices = this.page.locator('.el-select-dropdown__item').filter({ visible: true });
		await this.click(choices.filter({ hasText: exactly(label) }));
		await choices.first().waitFor({ state: 'hidden' });
	}

	/** Has the open node send what fails to an output of its own. */
	async useErrorOutput(): Promise<void> {
		await this.click(this.page.getByTestId('tab-settings'));
		await this.choose('onError', 'Continue (using error output)');
		await this.click(this.page.getByTestId('tab-params'));
	}

	/** The names in a dropdown of the panel, in their order. */
	async offered(name: string): Promise<string[]> {
		const texts = await this.#inDropdown(name, () => this.#choices.allInnerTexts());
		return texts.map((text) => firstLineOf(text).trim());
	}

	/** The descriptions in a dropdown of the panel that are longer than the place it has for them. */
	async cutOff(name: string): Promise<string[]> {
		return await this.#inDropdown(name, () =>
			this.#choices
				.locator('.option-description')
				.evaluateAll((found) => found.filter((element) => element.scrollHeight > element.clientHeight).map((element) => element.innerText)),
		);
	}

	async #inDropdown<Seen>(name: string, look: () => Promise<Seen>): Promise<Seen> {
		await this.parameter(name).click();
		await this.#choices.first().waitFor();
		const seen = await look();
		await this.parameter(name).click();
		await this.#choices.first().waitFor({ state: 'hidden' });
		return seen;
	}

	/** Chooses from a dropdown of the panel. */
	async choose(name: string, choice: string): Promise<void> {
		await this.click(this.parameter(name));
		await this.click(this.#choices.filter({ has: this.page.locator('.option-headline', { hasText: exactly(choice) }) }).first());
		await this.#choices.first().waitFor({ state: 'hidden' });
	}

	/** Chooses from a dropdown that one searches. */
	async chooseSearched(name: string, choice: string): Promise<void> {
		await this.click(this.parameter(name));
		await this.type(this.parameter(name).locator('input'), choice);
		await this.click(this.page.getByRole('option', { name: choice }).filter({ visible: true }).first());
	}

	/** Chooses the credential of a node by its id. */
	async chooseCredential(id: string): Promise<void> {
		await this.click(this.page.getByTestId('node-credentials-select').filter({ visible: true }).first());
		await this.click(this.page.getByTestId(`node-credentials-select-item-${id}`));
	}

	/** Replaces what a trigger gives by items of one's own. */
	async setMockData(items: object[]): Promise<void> {
		await this.click(this.output.getByText('set mock data'));
		await this.typeCode(this.output, JSON.stringify(items, undefined, 2));
		await this.click(this.output.getByRole('button', { name: 'Save' }));
		await this.output.getByTestId('ndv-pinned-data-callout').waitFor();
	}

	/** Runs the open node, and waits for its end. */
	async executeStep(): Promise<void> {
		await this.click(this.page.getByTestId('node-execute-button'));
		await this.output.getByTestId('node-run-status-success').or(this.output.getByTestId('node-run-status-danger')).first().waitFor();
		await this.page.getByTestId('node-execute-button').getByText('Execute step').waitFor();
	}

	get #choices(): Locator {
		return this.page.getByTestId('parameter-input-item').filter({ visible: true });
	}

	// Credentials.

	/** Opens a new credential of a type, by its shown name. */
	async newCredential(typeName: string): Promise<void> {
		await this.page.goto(`${this.url}/home/credentials`);
		await this.click(this.page.getByTestId('add-resource-credential'));
		await this.type(this.page.getByTestId('new-credential-type-select').locator('input'), typeName);
		await this.click(this.page.getByTestId('new-credential-type-select-option').filter({ visible: true, hasText: exactly(typeName) }));
		await this.click(this.page.getByTestId('new-credential-type-button'));
		await this.page.getByTestId('editCredential-modal').waitFor();
	}

	/** Opens a new credential for the open node. */
	async newCredentialOfNode(): Promise<void> {
		await this.click(this.page.getByTestId('node-credentials-select').filter({ visible: true }).first());
		await this.click(this.page.getByTestId('node-credentials-select-item-new').filter({ visible: true }));
		await this.page.getByTestId('editCredential-modal').waitFor();
	}

	/** Saves the new credential of the open node, which n8n tests and then closes. */
	async saveCredentialOfNode(): Promise<void> {
		await this.click(this.page.getByTestId('credential-save-button'));
		await this.page.getByTestId('editCredential-modal').waitFor({ state: 'hidden' });
	}

	/**
	 * Saves the open credential, which n8n then tests.
	 *
	 * @returns all that is said on the page of the credential
	 */
	async saveCredential(): Promise<string> {
		const success = this.page.getByTestId('credentials-config-container-test-success').filter({ visible: true });
		const failure = this.page.getByText('Couldn’t connect with these settings').filter({ visible: true });
		const more = this.page.getByText('More details').filter({ visible: true });
		const answer = this.page.waitForResponse((response) => response.url().endsWith('/rest/credentials/test'));
		await this.click(this.page.getByTestId('credential-save-button'));
		const { status, message } = ((await (await answer).json()) as { data: { status: string; message: string } }).data;
		await success.or(failure).first().waitFor();
		if (await more.isVisible()) await this.click(more);
		const page = this.page.getByTestId('node-credentials-config-container');
		await (status === 'OK' ? success : page.filter({ hasText: message })).waitFor();
		return await page.innerText();
	}

	/** Deletes the credential that was saved last. */
	async deleteCredential(): Promise<void> {
		await this.page.goto(`${this.url}/home/credentials`);
		await this.click(this.page.getByTestId('resources-list-item').first());
		await this.click(this.page.getByTestId('credential-delete-button'));
		await this.click(this.page.getByRole('button', { name: 'Yes, delete' }));
		await this.page.getByTestId('editCredential-modal').waitFor({ state: 'hidden' });
	}
}

/** Opens a browser of its own that reaches this machine and nothing else. */
export async function openBrowser(): Promise<Visit> {
	const browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS });
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	context.setDefaultTimeout(PATIENCE_MS);
	return new Visit(browser, await context.newPage());
}

/**
 * Opens n8n's editor in a browser of its own and signs in.
 *
 * @param url n8n's address
 * @param options
 * @param options.path the page to begin with, where n8n asks one to sign in first
 */
export async function openEditor(url: string, { path = '/signin' }: { path?: string } = {}): Promise<Editor> {
	const editor = new Editor(await openBrowser(), url);
	try {
		await editor.page.goto(`${url}${path}`);
		await editor.signIn();
		return editor;
	} catch (error) {
		await editor.close();
		throw error;
	}
}

/** The first line of a text. */
const firstLineOf = (text: string): string => text.split('\n', 1).join();

const exactly = (text: string): RegExp => new RegExp(`^\\s*${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);

function browserPath(): string {
	const path = [process.env.CHROMIUM_PATH, ...BROWSERS].find((candidate) => candidate && existsSync(candidate));
	if (path) return path;
	throw new Error('No browser found: install Chromium (Debian: apt-get install chromium) or set CHROMIUM_PATH to one.');
}
