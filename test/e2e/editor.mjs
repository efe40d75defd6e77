import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { chromium, selectors } from 'playwright-core';

import { BUILD_FOLDER } from '../n8n/paths.mjs';
import { OWNER } from '../n8n/rest.mjs';

const SCREENSHOTS = join(BUILD_FOLDER, 'screenshots');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

selectors.setTestIdAttribute('data-test-id');

/**
 * Opens a browser of its own that reaches n8n and nothing else.
 *
 * @param {string} url n8n's address
 */
export async function openBrowser(url) {
	const browser = await chromium.launch({ executablePath: browserPath(), args: FLAGS });
	const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
	page.setDefaultTimeout(30_000);
	// The editor asks npm about community packages; nothing here may depend on that.
	await page.route((target) => target.origin !== new URL(url).origin, (route) => route.abort());

	mkdirSync(SCREENSHOTS, { recursive: true });
	return {
		page,
		/** @param {string} name of the picture in build/screenshots */
		screenshot: (name) => page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled' }),
		close: () => browser.close(),
	};
}

/**
 * Opens n8n's editor in a browser of its own and signs in.
 *
 * @param {string} url n8n's address
 */
export async function openEditor(url) {
	const browser = await openBrowser(url);
	const { page } = browser;
	await page.goto(`${url}/signin`);
	await page.locator('input[name=emailOrLdapLoginId]').fill(OWNER.email);
	await page.locator('input[name=password]').fill(OWNER.password);
	await page.getByTestId('form-submit-button').click();
	await page.getByTestId('main-sidebar-settings').waitFor();
	return browser;
}

function browserPath() {
	const path = [process.env.CHROMIUM_PATH, ...BROWSERS].find((candidate) => candidate && existsSync(candidate));
	if (path) return path;
	throw new Error('No browser found: install Chromium (Debian: apt-get install chromium) or set CHROMIUM_PATH to one.');
}
