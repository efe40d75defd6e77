import { operations, resources } from '../../nodes/card-api/methods';
import { listed, type Method } from '../../nodes/card-api/methods/define';
import { namedOnly } from '../../nodes/card-api/methods/namedOnly';
import { ENVIRONMENTS, environmentHostOf } from '../../nodes/card-api/signing/environments';
import { KINDS, kindsOf, type Kind } from '../support/kinds';
import { methodFileOf } from '../support/methodFiles';

/*
 * What the documentation says of the operations is made of their declarations: `npm run docs` writes it, and a test sees that nobody has forgotten to.
 */

/** A file, and what it is with the part of it that is derived. */
export interface DerivedPart {
	file: string;
	/** @throws where the file has no place for it */
	withIt: (text: string) => string;
}

/** The operations in the order of the panel, by resource. */
const shown: ReadonlyArray<[resource: string, offered: readonly Method[]]> = Object.entries(resources)
	.sort(([, one], [, other]) => one.localeCompare(other))
	.map(([value, name]) => [name, operations.filter(({ resource }) => resource === value).sort((one, other) => one.name.localeCompare(other.name))]);

/** A table of the operations, the name of a resource beside its first one only. */
function tableOf(head: readonly string[], cellsOf: (method: Method) => readonly string[]): string {
	const rows = shown.flatMap(([resource, offered]) => offered.map((method, index) => [index === 0 ? resource : '', ...cellsOf(method)]));
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`.replace(/^\|  \|/, '| |');
	return `\n${[line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')}\n`;
}

const pictureOf = ({ resource, operation }: Method) => `.github/assets/operations/${resource}-${operation}.png`;
const kindInWords = (method: Method) => (method.resolve === undefined ? kindsOf(method).map((kind) => KINDS[kind].plainly).join('') : 'as you say');

function missing(): string {
	const names = [...namedOnly.map(({ name }) => `**${name}**`), 'other methods'];
	return `${listed(names)} are public by name only: reach them with Custom Request, with the partner documentation at hand.`;
}

function ofEachKind(): string {
	const named = (kind: Kind) => shown.flatMap(([resource, offered]) => offered.filter((method) => kindsOf(method).includes(kind)).map(({ name }) => `${resource}: ${name}`));
	return `\n${(Object.keys(KINDS) as Kind[]).map((kind) => `- ${KINDS[kind].inFull}: ${named(kind).join(', ')}`).join('\n')}\n`;
}

const environments = [...ENVIRONMENTS.values()].map((environment) => `**${environment.name}** (\`${environmentHostOf(environment)}\`)`).join(', ');

/** A part of a page, which stands between `<!-- name -->` and `<!-- /name -->`. */
function partOf(file: string, name: string, part: string): DerivedPart {
	const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const withIt = (page: string) => {
		const [from, to] = [page.indexOf(begin), page.indexOf(end)];
		if (from < 0 || to < from) throw new Error(`There are no comments ${begin} and ${end} in ${file}`);
		return page.slice(0, from + begin.length) + part + page.slice(to);
	};
	return { file, withIt };
}

/** What n8n finds the node by: its own words, and those that people search its operations by, which may be within these. */
function aliases(searched: readonly string[]): DerivedPart {
	const withIt = (text: string) => {
		const codex = JSON.parse(text) as { alias: string[] };
		for (const words of searched) {
			if (!codex.alias.some((alias) => alias.toLowerCase().includes(words.toLowerCase()))) codex.alias.push(words);
		}
		return `${JSON.stringify(codex, undefined, '\t')}\n`;
	};
	return { file: 'nodes/FreedomPayCard/FreedomPayCard.node.json', withIt };
}

/** All that is derived. */
export async function derivedParts(): Promise<DerivedPart[]> {
	const inDocs = new Map(await Promise.all(operations.map(async (method) => [method, (await methodFileOf(method)).inDocs] as const)));
	return [
		partOf('README.md', 'operations', tableOf(['resource', 'operation', 'what it does', 'kind'], (method) => [
			`[${method.name}](${pictureOf(method)})`,
			method.description,
			kindInWords(method),
		])),
		partOf('README.md', 'named-only', missing()),
		partOf('README.md', 'environments', environments),
		partOf('docs/README.ru.md', 'environments', environments),
		partOf('docs/README.ru.md', 'operations', tableOf(['ресурс', 'операция', 'что делает'], (method) => [method.name, inDocs.get(method)?.russian ?? ''])),
		partOf('docs/outputs.md', 'kinds', ofEachKind()),
		partOf('CHANGELOG.md', 'operation-count', String(operations.length)),
		aliases([...inDocs.values(), ...namedOnly].flatMap(({ foundBy = [] }) => foundBy)),
	];
}
