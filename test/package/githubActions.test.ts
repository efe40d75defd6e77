import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isScalar, parseDocument, visit, type Document } from 'yaml';

/*
 * What GitHub runs with this repository's rights is what was reviewed: every action is pinned by its commit, as a tag may be moved, and
 * named by its version for people.
 */

interface Job {
	'timeout-minutes'?: number;
	needs?: string;
	permissions?: Record<string, string>;
	strategy?: { matrix?: { n8n?: string[] } };
	steps: { uses?: string; run?: string; with?: object }[];
}

interface Workflow {
	permissions?: Record<string, string>;
	jobs: Record<string, Job>;
}

const GITHUB = join(__dirname, '..', '..', '.github');

const files = readdirSync(GITHUB, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
const documents = new Map(files.map((file) => [file.replaceAll('\\', '/'), parseDocument(readFileSync(join(GITHUB, file), 'utf8'))]));
const workflows = [...documents].filter(([file]) => file.startsWith('workflows/'));

const contentOf = (document: Document) => document.toJS() as Workflow;

/** Every `uses:` with its comment, wherever it is. */
function usesOf(document: Document): string[] {
	const found: string[] = [];
	visit(document, {
		Pair(_, { key, value }) {
			if (isScalar(key) && key.value === 'uses') found.push(isScalar(value) ? `${String(value.value)} #${value.comment ?? ''}` : String(value));
		},
	});
	return found;
}

const PINNED = /^([\w.-]+\/[\w.-]+)(?:\/[\w./-]+)?@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/;

test('every file is read as meant', () => {
	expect(workflows.length).toBeGreaterThan(1);
	for (const [file, { errors, warnings }] of documents) expect({ file, errors, warnings }).toEqual({ file, errors: [], warnings: [] });
});

test.each(workflows)('%s pins every action by its commit and names the version', (_, document) => {
	const uses = usesOf(document);
	expect(uses.length).toBeGreaterThan(0);
	expect(uses.filter((use) => !PINNED.test(use))).toEqual([]);
});

test('an action has one commit and one version in all workflows', () => {
	const pins = new Map<string, Set<string>>();
	for (const use of workflows.flatMap(([, document]) => usesOf(document))) {
		const [, action = '', pin = ''] = PINNED.exec(use) ?? [];
		pins.set(action, (pins.get(action) ?? new Set()).add(pin));
	}
	expect([...pins].filter(([, pinned]) => pinned.size > 1)).toEqual([]);
});

test.each(workflows)('%s may only read unless a job asks for more', (_, document) => {
	const { permissions } = contentOf(document);
	expect(permissions).toEqual(expect.any(Object));
	expect(Object.entries(permissions ?? {}).filter(([, granted]) => granted !== 'read')).toEqual([]);
});

test.each(workflows)('%s ends in time, and leaves no token in a checkout', (_, document) => {
	const jobs = Object.entries(contentOf(document).jobs);
	expect(jobs.filter(([, job]) => typeof job['timeout-minutes'] !== 'number').map(([name]) => name)).toEqual([]);
	const checkouts = jobs.flatMap(([, { steps }]) => steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')));
	for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
});

test('every n8n version that is tried here is tried there', () => {
	const document = documents.get('workflows/ci.yml');
	const matrix = document === undefined ? undefined : contentOf(document).jobs.compat?.strategy?.matrix;
	expect(matrix?.n8n?.sort()).toEqual(readdirSync(join(GITHUB, '..', 'test', 'compat', 'versions')).sort());
});

test('what may publish runs nothing of this repository, after the tests have passed where nothing may be published', () => {
	const document = documents.get('workflows/publish.yml');
	const { pack, publish } = document === undefined ? {} : contentOf(document).jobs;
	const ran = ({ steps }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

	expect(pack?.permissions).toBeUndefined();
	expect(pack && ran(pack)).toEqual([
		// A release of another version than the package's goes no further.
		expect.stringContaining('= "$TAG"'),
		'npm ci',
		'npm test',
		expect.stringContaining('npm pack'),
	]);
	expect(publish?.needs).toBe('pack');
	expect(publish?.permissions).toEqual({ 'id-token': 'write', attestations: 'write' });
	expect(publish?.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))).toEqual([]);
	expect(publish && ran(publish)).toEqual(['npm publish ./release/*.tgz --provenance --access public']);
});
