import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

import ts from 'typescript';

/*
 * An item walks through rooms: input, intent, delivery, output, which run conducts. A poll of the trigger walks through input, delivery
 * and seen, which poll conducts. Which room may know of which is written down here, so that a change of it is a decision and no accident.
 */

const NODES = join(__dirname, '../../nodes');

/**
 * A room, and the rooms whose files its own may import besides. The core, `card-api/`, serves the credential and every node; what is a
 * node's own stands in the folder of its name.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	'card-api/json': [],
	'card-api/text': [],
	'card-api/signing': ['card-api/json', 'card-api/text'],
	'card-api/methods': ['card-api/json', 'card-api/text'],
	'card-api/delivery': ['card-api/json', 'card-api/methods'],
	'card-api/intent': ['card-api/json', 'card-api/delivery'],
	'FreedomPayCard/panel': ['card-api/methods'],
	'FreedomPayCard/input': ['card-api/json', 'card-api/text', 'card-api/methods', 'card-api/intent', 'FreedomPayCard/panel'],
	'FreedomPayCard/output': ['card-api/json', 'card-api/text', 'card-api/methods', 'card-api/delivery', 'card-api/intent', 'FreedomPayCard/input'],
	'FreedomPayCard/run': [
		'card-api/json', 'card-api/text', 'card-api/signing', 'card-api/methods', 'card-api/intent', 'card-api/delivery',
		'FreedomPayCard/panel', 'FreedomPayCard/input', 'FreedomPayCard/output',
	],
	// The trigger reads its values, words its failures and shows its operations as the node does; the node knows nothing of the trigger.
	'FreedomPayCardTrigger/panel': ['card-api/methods', 'FreedomPayCard/panel'],
	'FreedomPayCardTrigger/input': ['card-api/json', 'card-api/text', 'card-api/methods', 'FreedomPayCard/panel', 'FreedomPayCard/input', 'FreedomPayCardTrigger/panel'],
	'FreedomPayCardTrigger/seen': ['card-api/json', 'FreedomPayCard/input'],
	'FreedomPayCardTrigger/poll': [
		'card-api/json', 'card-api/methods', 'card-api/delivery', 'FreedomPayCard/panel', 'FreedomPayCard/input', 'FreedomPayCard/output',
		'FreedomPayCard/run', 'FreedomPayCardTrigger/input', 'FreedomPayCardTrigger/seen',
	],
};

/** All that rooms other than run may know of an item's plan. */
const OF_THE_PLAN = { file: 'FreedomPayCard/input/plan.ts', names: ['Draft', 'Plan', 'Refusal', 'RunsAgain'] };

interface Import {
	from: string;
	to: string;
	/** The names that are imported; `*` for all. */
	names: string[];
}

const roomOf = (file: string) => file.split('/').slice(0, 2).join('/');

/** The nodes themselves, which are in no room. */
const NODE_FILES = ['FreedomPayCard/FreedomPayCard.node.ts', 'FreedomPayCardTrigger/FreedomPayCardTrigger.node.ts'];

const files = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
	.map((file) => file.split(sep).join('/'))
	.filter((file) => file.endsWith('.ts'))
	.sort();

function namesOf(statement: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
	const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
	if (bindings === undefined || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) return ['*'];
	return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

/** What a file imports of this package, its re-exports included. */
function importsOf(file: string): Import[] {
	const source = ts.createSourceFile(file, readFileSync(join(NODES, file), 'utf8'), ts.ScriptTarget.Latest);
	return source.statements.flatMap((statement) => {
		if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
		const { moduleSpecifier } = statement;
		if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier) || !moduleSpecifier.text.startsWith('.')) return [];
		const path = posix.join(posix.dirname(file), moduleSpecifier.text);
		const to = [`${path}.ts`, `${path}/index.ts`].find((candidate) => files.includes(candidate));
		if (to === undefined) throw new Error(`${file} imports ${moduleSpecifier.text}, which is outside of nodes/ or missing`);
		return [{ from: file, to, names: namesOf(statement) }];
	});
}

const imports = files.flatMap(importsOf);

test('every file is in a room, but for the nodes themselves', () => {
	expect(files.filter((file) => file.split('/').length < 3)).toEqual(NODE_FILES);
	expect([...new Set(files.filter((file) => !NODE_FILES.includes(file)).map(roomOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
	expect(imports.length).toBeGreaterThan(files.length);
});

test('no file hides an import from this test', () => {
	for (const file of files) {
		const text = readFileSync(join(NODES, file), 'utf8');
		expect([file, /\b(?:require|import)\s*\(/.exec(text)?.[0]]).toEqual([file, undefined]);
	}
});

test.each(Object.entries(MAY_IMPORT))('%s imports nothing but %j', (room, allowed) => {
	const others = imports.filter(({ from, to }) => roomOf(from) === room && roomOf(to) !== room && !allowed.includes(roomOf(to)));
	expect(others).toEqual([]);
});

test('of an item on its way in, the output knows the plan only, and the input nothing of the output', () => {
	const across = imports.filter(({ from, to }) => roomOf(from) === 'FreedomPayCard/output' && roomOf(to) === 'FreedomPayCard/input');
	expect(across.length).toBeGreaterThan(0);
	for (const { from, to, names } of across) {
		expect([from, to]).toEqual([from, OF_THE_PLAN.file]);
		for (const name of names) expect([from, OF_THE_PLAN.names.includes(name)]).toEqual([from, true]);
	}
});

test.each([
	['FreedomPayCard', ['panel/loadOptions.ts', 'panel/properties.ts', 'panel/subtitle.ts', 'run/execute.ts']],
	['FreedomPayCardTrigger', ['../FreedomPayCard/panel/loadOptions.ts', 'panel/properties.ts', 'poll/poll.ts', 'poll/testEvent.ts']],
])('%s itself is its panel and what it does', (node, own) => {
	const rooms = imports.filter(({ from }) => from === `${node}/${node}.node.ts`).map(({ to }) => to);
	expect(rooms.sort()).toEqual([...own.map((file) => posix.join(node, file)), 'card-api/delivery/clock.ts'].sort());
});

test('no imports go in a circle', () => {
	const next = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file).map(({ to }) => to)]));
	const done = new Set<string>();
	const circles: string[][] = [];
	const walk = (file: string, path: readonly string[]): void => {
		if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file]);
		if (path.includes(file) || done.has(file)) return;
		for (const to of next.get(file) ?? []) walk(to, [...path, file]);
		done.add(file);
	};
	for (const file of files) walk(file, []);
	expect(circles).toEqual([]);
});
