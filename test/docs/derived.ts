import { operations, resources } from '../../nodes/card-api/methods';
import { listed, type Method } from '../../nodes/card-api/methods/define';
import { namedOnly } from '../../nodes/card-api/methods/namedOnly';
import { ENVIRONMENTS, environmentHostOf } from '../../nodes/card-api/signing/environments';
import { KINDS, kindsOf, type Kind } from '../support/kinds';
import { methodFileOf } from '../support/methodFiles';

/*
 * What the documentation says of the operations is made of their declarations: `npm run docs` writes it between the comments of its
 * name, and a test sees that nobody has forgotten to.
 */

/** A page, and what stands on it between `<!-- name -->` and `<!-- /name -->`. */
export interface DerivedPart {
	page: string;
	name: string;
	text: string;
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

/** All that is derived. */
export async function derivedParts(): Promise<DerivedPart[]> {
	const russian = new Map(await Promise.all(operations.map(async (method) => [method, (await methodFileOf(method)).inDocs.russian] as const)));
	return [
		{
			page: 'README.md',
			name: 'operations',
			text: tableOf(['resource', 'operation', 'what it does', 'kind'], (method) => [
				`[${method.name}](${pictureOf(method)})`,
				method.description,
				kindInWords(method),
			]),
		},
		{ page: 'README.md', name: 'named-only', text: missing() },
		{ page: 'README.md', name: 'environments', text: environments },
		{ page: 'docs/README.ru.md', name: 'environments', text: environments },
		{ page: 'docs/README.ru.md', name: 'operations', text: tableOf(['ресурс', 'операция', 'что делает'], (method) => [method.name, russian.get(method) ?? '']) },
		{ page: 'docs/outputs.md', name: 'kinds', text: ofEachKind() },
		{ page: 'CHANGELOG.md', name: 'operation-count', text: String(operations.length) },
	];
}

/**
 * A page with a part of it as it is derived.
 * @throws where the page has no place for it
 */
export function withPart(page: string, { name, text }: DerivedPart): string {
	const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from < 0 || to < from) throw new Error(`There are no comments ${begin} and ${end}`);
	return page.slice(0, from + begin.length) + text + page.slice(to);
}
