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
	env?: Record<string, unknown>;
	steps: { uses?: string; run?: string; with?: object }[];
}

interface Workflow {
	permissions?: Record<string, string>;
	jobs: Record<string, Job>;
}

const ROOT = join(__dirname, '..', '..');
const GITHUB = join(ROOT, '.github');

const files = readdirSync(GITHUB, { recursive: true, encoding: 'utf8' }).filter((file) => /\.ya?ml$/.test(file));
const documents = new Map(files.map((file) => [file.replaceAll('\\', '/'), parseDocument(readFileSync(join(GITHUB, file), 'utf8'))]));
const workflows = [...documents].filter(([file]) => file.startsWith('workflows/'));

const contentOf = (document: Document) => document.toJS() as Workflow;

const ran = ({ steps }: Job) => steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

/** The npm scripts that a shell script or a step runs, by their names. */
const scriptsIn = (commands: string) => [...commands.replaceAll(/^\s*#.*$/gm, '').matchAll(/\bnpm (?:run )?(test\b[\w:]*)/g)].map(([, script]) => script);

function jobsOf(file: string): Workflow['jobs'] {
	const document = documents.get(file);
	if (document === undefined) throw new Error(`There is no ${file}.`);
	return contentOf(document).jobs;
}

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
	const matrix = jobsOf('workflows/ci.yml').compat?.strategy?.matrix;
	expect(matrix?.n8n?.sort()).toEqual(readdirSync(join(ROOT, 'test', 'compat', 'versions')).sort());
});

test('each npm script that is run here by .ci/run is in exactly one job there, which runs nothing else', () => {
	const here = new Set(scriptsIn(readFileSync(join(ROOT, '.ci', 'run'), 'utf8')));
	const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
	expect([...here].sort()).toEqual(Object.keys(scripts).filter((script) => /^test(?!:jest)/.test(script)).sort());

	const jobs = Object.values(jobsOf('workflows/ci.yml'));
	expect(jobs.flatMap((job) => ran(job).flatMap(scriptsIn)).sort()).toEqual([...here].sort());
	for (const job of jobs) expect(ran(job)).toEqual(['npm ci', expect.stringMatching(/^npm (?:run )?test/)]);
});

test('the long tests run whole in both places', () => {
	expect(jobsOf('workflows/ci.yml').test?.env).toEqual({ FULL: 1 });
	expect(readFileSync(join(ROOT, '.ci', 'run'), 'utf8')).toMatch(/^export FULL=1$/m);
});

test('what may publish runs nothing of this repository, after the tests have passed where nothing may be published', () => {
	const { pack, publish } = jobsOf('workflows/publish.yml');

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
