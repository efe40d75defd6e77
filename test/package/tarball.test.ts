import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ICredentialType, INodeType, INodeTypeDescription, Themed } from 'n8n-workflow';

import { operations } from '../../nodes/card-api/methods';
import { startSandbox } from '../sandbox';
import { runNode } from '../support/engine';
import { failedOf } from '../support/items';
import { methodFileOf } from '../support/methodFiles';
import { CLOSE } from '../support/paths';
import { closeEach } from '../support/runs';
import { openSignature } from '../support/signatures';

interface Listed {
	size: number;
	integrity: string;
	files: { path: string; size: number; mode: number }[];
}

interface Unpacked {
	directory: string;
	listed: Listed;
	manifest: { name: string } & Record<string, unknown>;
}

const ROOT = join(__dirname, '..', '..');

/** All that n8n has to load. */
const LOADED = [
	'credentials/FreedomPayApi.credentials.js',
	'nodes/FreedomPayCard/FreedomPayCard.node.js',
	'nodes/FreedomPayCard/FreedomPayCard.node.json',
	'nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node.js',
	'nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node.json',
	'nodes/bundle.js',
];

/** How CONTRIBUTING names the output schemas, one per operation. */
const SCHEMA_OF_EACH = 'dist/nodes/FreedomPayCard/__schema__/v1.0.0/<resource>/<operation>.json';

/** The folder that n8n keeps installed packages in: nothing of this repository is above it. */
const installed = realpathSync(mkdtempSync(join(tmpdir(), 'freedompay-tarball-')));
afterAll(() => rmSync(installed, { recursive: true, force: true }));

/** Packs in a process of its own: the script is an ES module. */
function inPack(expression: string, folder: string): unknown {
	const script = `import * as pack from './test/package/unpacked.ts'; console.log(JSON.stringify(pack.${expression}))`;
	const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script, folder], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
	return JSON.parse(printed);
}

const unpacked = inPack('packAndUnpack(process.argv[1])', installed) as Unpacked;
const { listed } = unpacked;
const paths = listed.files.map(({ path }) => path);

/** n8n-workflow is n8n's own: the only package that a community node finds besides itself. */
const workflowPackage = dirname(require.resolve('n8n-workflow/package.json'));

/** The files that CONTRIBUTING explains, with one line for all the output schemas. */
function explained(): string[] {
	const text = readFileSync(join(ROOT, '.github', 'CONTRIBUTING.md'), 'utf8');
	const [, section = ''] = text.split('### What the package holds\n');
	return [...(section.split('\n#')[0] ?? '').matchAll(/^\| `([^`]+)` \| \S/gm)].flatMap(([, path = '']) =>
		path === SCHEMA_OF_EACH ? operations.map(({ resource, operation }) => path.replace('<resource>', resource).replace('<operation>', operation)) : [path],
	);
}

test('holds exactly the files that CONTRIBUTING explains', () => {
	expect([...paths].sort()).toEqual(explained().sort());
});

test('holds plain, readable files of few kinds, and is small', () => {
	const others = listed.files.filter(({ path, mode }) => mode !== 0o644 || !/^[^.]+$|\.(js|json|md|svg)$/.test(path));
	expect(others).toEqual([]);
	for (const path of paths.filter((name) => name.endsWith('.json'))) {
		expect(JSON.parse(readFileSync(join(unpacked.directory, path), 'utf8'))).toEqual(expect.any(Object));
	}
	expect(listed.size).toBeLessThanOrEqual(inPack('MAX_TARBALL_BYTES', '') as number);
});

test('is what npm publish would publish', () => {
	const cache = mkdtempSync(join(tmpdir(), 'freedompay-publish-'));
	try {
		const { files, integrity } = inPack('publishDryRun(process.argv[1])', cache) as Listed;
		expect(files).toEqual(listed.files);
		expect(integrity).toBe(listed.integrity);
	} finally {
		rmSync(cache, { recursive: true, force: true });
	}
});

test('has no dependencies to install and runs no script on installation', () => {
	const { dependencies = {}, optionalDependencies = {}, bundledDependencies = [], peerDependencies, scripts } = unpacked.manifest;
	expect([dependencies, optionalDependencies, bundledDependencies]).toEqual([{}, {}, []]);
	expect(peerDependencies).toEqual({ 'n8n-workflow': '*' });
	expect(Object.keys(scripts as object).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
});

test('names no folder of the machine that built it', () => {
	for (const file of paths.filter((name) => name.endsWith('.js'))) {
		const text = readFileSync(join(unpacked.directory, file), 'utf8');
		expect(text.includes(ROOT)).toBe(false);
	}
});

test('holds nothing of what the methods say for the documentation and the sandbox', async () => {
	const bundle = readFileSync(join(unpacked.directory, 'dist/nodes/bundle.js'), 'utf8');
	// As the build writes other letters than those of ASCII.
	const written = (text: string) => text.replace(/[^\x00-\x7f]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
	expect(bundle).toContain(written('не найден'));
	for (const method of operations) {
		const { inDocs } = await methodFileOf(method);
		for (const text of [written(inDocs.russian), `title:${JSON.stringify(inDocs.title)}`]) expect([method.operation, text, bundle.includes(text)]).toEqual([method.operation, text, false]);
	}
	// What the sandbox refuses a request without.
	expect(bundle).not.toMatch(/needs:\[/);
});

test('loads in n8n\'s loader with nothing but n8n-workflow around it', () => {
	const host = mkdtempSync(join(tmpdir(), 'freedompay-host-'));
	try {
		// n8n puts its own node_modules on NODE_PATH for the packages that it loads.
		symlinkSync(workflowPackage, join(host, 'n8n-workflow'), 'junction');
		const printed = execFileSync(process.execPath, [join(__dirname, 'load.cjs'), unpacked.directory], {
			cwd: installed,
			encoding: 'utf8',
			env: { PATH: process.env.PATH, NODE_PATH: host, N8N_USER_FOLDER: host },
			stdio: 'pipe',
		});
		const { ms, loaded, nodes, credentials } = JSON.parse(printed) as Record<'loaded' | 'nodes' | 'credentials', string[]> & { ms: number };
		expect(nodes).toEqual(['freedomPayCard', 'freedomPayCardTrigger']);
		expect(credentials).toEqual(['freedomPayApi']);
		// How long that takes depends on the machine; that it is little to load does not.
		const bytes = loaded.reduce((sum, file) => sum + statSync(file).size, 0);
		console.info(`The packed package loaded ${loaded.length} files of ${(bytes / 1000).toFixed(1)} kB in ${ms.toFixed(0)} ms; its tarball has ${(listed.size / 1000).toFixed(1)} kB.`);
		expect(loaded.sort()).toEqual(LOADED.map((file) => join(unpacked.directory, 'dist', file)));
		expect(bytes).toBeLessThan(640_000);
	} finally {
		rmSync(host, { recursive: true, force: true });
	}
});

describe('as loaded', () => {
	let node: INodeType;
	let trigger: INodeType;
	let description: INodeTypeDescription;
	let credential: ICredentialType;

	beforeAll(async () => {
		mkdirSync(join(installed, 'node_modules'), { recursive: true });
		symlinkSync(workflowPackage, join(installed, 'node_modules', 'n8n-workflow'), 'junction');
		await import('reflect-metadata');
		const { PackageDirectoryLoader } = await import('n8n-core');
		const loader = new PackageDirectoryLoader(unpacked.directory);
		await loader.loadAll();
		expect(loader.packageName).toBe('n8n-nodes-freedompay');
		node = loader.getNode('freedomPayCard').type as INodeType;
		trigger = loader.getNode('freedomPayCardTrigger').type as INodeType;
		credential = loader.getCredential('freedomPayApi').type;
		description = node.description;
	});

	const exists = (url: string | Themed<string> | undefined) => {
		const { light = '', dark = '' } = typeof url === 'object' ? url : {};
		return [light, dark].map((icon) => existsSync(join(unpacked.directory, icon.replace('icons/n8n-nodes-freedompay/', ''))) && icon.endsWith('.svg'));
	};

	test('the trigger has its names, icons for light and dark, and a place in the nodes panel', () => {
		const { description: told } = trigger;
		expect(told).toMatchObject({ name: 'freedomPayCardTrigger', displayName: 'FreedomPay Card Trigger', group: ['trigger'], polling: true });
		expect(told.usableAsTool).toBeUndefined();
		expect(exists(told.iconUrl)).toEqual([true, true]);
		expect(told.codex?.resources?.primaryDocumentation?.[0]?.url).toMatch(/^https:/);
		expect(JSON.parse(readFileSync(join(unpacked.directory, 'dist/nodes/FreedomPayCardTrigger/__schema__/v1.0.0.json'), 'utf8'))).toEqual({
			type: 'object',
			properties: {
				card_id: { type: 'string' },
				type: { type: 'string' },
				amount: { type: 'number' },
				commission: { type: 'number' },
				currency: { type: 'string' },
				mcc: { type: 'number' },
				datetime: { type: 'string' },
				rrn: { type: 'string' },
				merchant: { type: 'object', properties: {} },
			},
			version: 1,
		});
	});

	test('has its names, icons for light and dark, and a place in the nodes panel', () => {
		expect(description).toMatchObject({ name: 'freedomPayCard', displayName: 'FreedomPay Card', usableAsTool: true });
		expect(credential).toMatchObject({ name: 'freedomPayApi', displayName: 'FreedomPay API' });
		expect(exists(description.iconUrl)).toEqual([true, true]);
		expect(exists(credential.iconUrl)).toEqual([true, true]);
		expect(description.codex?.categories?.length).toBeGreaterThan(0);
		expect(description.codex?.resources?.primaryDocumentation?.[0]?.url).toMatch(/^https:/);
		expect(credential.supportedNodes).toEqual(['freedomPayCard', 'freedomPayCardTrigger']);
	});

	test('closes cards with a signature that verifies', async () => {
		const sandbox = await startSandbox();
		const { items, error } = await runNode({
			node,
			credential,
			credentialData: sandbox.credential,
			parameters: closeEach,
			items: ['card-1001', 'card-1002', 'no-such-card'].map((card) => ({ card })),
			settings: { onError: 'continueErrorOutput' },
		}).finally(() => sandbox.stop());
		expect(error).toBeUndefined();
		expect(items[0]?.map(({ json, pairedItem }) => [json.card_id, json.request_status, pairedItem])).toEqual([
			['card-1001', 'success', { item: 0 }],
			['card-1002', 'success', { item: 1 }],
		]);
		expect(items[1]?.map(({ json, pairedItem }) => [failedOf(json)?.outcome, failedOf(json)?.message, pairedItem])).toEqual([
			['refused', expect.stringContaining('card not found'), { item: 2 }],
		]);
		expect(sandbox.ledger.all.map(({ target }) => target.card_id).sort()).toEqual(['card-1001', 'card-1002']);
		for (const { signatureVerified, headers, rawBody } of sandbox.journal.to(CLOSE)) {
			expect(signatureVerified).toBe(true);
			expect(openSignature(headers['x-jws-signature'], rawBody, sandbox.partnerKey).verified).toBe(true);
		}
	});
});
