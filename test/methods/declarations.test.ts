import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import * as z from 'zod/v4-mini';

import { operations, resources } from '../../nodes/card-api/methods';
import { bodySchema, innerFields, type Field, type Method } from '../../nodes/card-api/methods/define';
import { SUBJECTS } from '../../nodes/card-api/methods/subjects';
import { outputSchemas } from '../../nodes/FreedomPayCard/panel/outputSchema';

/* What holds of every declaration, whatever it declares. */

const FOLDER = join(__dirname, '../../nodes/card-api/methods');
const nameOf = ({ resource, operation }: Method) => `${resource}.${operation}`;
const table = operations.map((method): [string, Method] => [nameOf(method), method]);

describe('registry', () => {
	const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.parentPath !== FOLDER)
		.map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)))
		.filter((file) => file !== 'giftCard/statuses.ts')
		.sort();

	test('each file of a resource declares the operation that it is named after, once in the registry', async () => {
		const declared = await Promise.all(
			files.map(async (file) => {
				const exports = Object.values((await import(join(FOLDER, file))) as Record<string, unknown>);
				const found = exports.filter((value): value is Method => typeof value === 'object' && value !== null && 'operation' in value);
				expect([file, found.length]).toEqual([file, 1]);
				expect(`${found[0]?.resource}/${found[0]?.operation}.ts`).toBe(file);
				return found[0];
			}),
		);
		expect(operations.map(nameOf).sort()).toEqual(declared.map((method) => nameOf(method as Method)).sort());
		expect(operations).toHaveLength(files.length);
	});

	test('resources are those of the methods', () => {
		expect(Object.keys(resources).sort()).toEqual([...new Set(operations.map(({ resource }) => resource))].sort());
	});

	test('no two operations have one name', () => {
		const names = operations.map(nameOf);
		expect(new Set(names).size).toBe(names.length);
	});
});

test.each(table)('%s: samples pass their own contract', (_, method) => {
	expect(method.source).toMatch(/^https:\/\//);
	expect(z.safeParse(bodySchema(method.fields), method.sample.request)).toMatchObject({ success: true });
	expect(z.safeParse(method.answer, method.sample.answer)).toMatchObject({ success: true });
	const withMore = { ...method.sample.answer, a_new_field: { inside: [1] } };
	expect(z.safeParse(method.answer, withMore)).toMatchObject({ success: true, data: withMore });
});

test('the ids that the output repeats are fields of the body, and no free text or secret', () => {
	for (const [name, { fields, ids }] of table) {
		for (const id of ids) {
			const field = fields.find(({ key }) => key === id);
			expect([name, id, field?.kind]).toEqual([name, id, expect.stringMatching(/^(?:id|integer|number|options|object)$/)]);
		}
	}
});

function every(fields: readonly Field[], prefix: string): Array<[path: string, field: Field]> {
	return fields.flatMap((field) => [[`${prefix} ${field.key}`, field] as [string, Field], ...every(innerFields(field), `${prefix} ${field.key}`)]);
}

const all = operations.flatMap((method) => every(method.fields, nameOf(method)));

test('an id is called the same everywhere, and says what it names', () => {
	const subjects = Object.entries(SUBJECTS);
	for (const [path, field] of all) {
		const [name, subject] = subjects.find(([, { key }]) => key === field.key) ?? [];
		if (subject !== undefined) expect([path, field.label]).toEqual([path, subject.label]);
		if (field.kind === 'id') expect([path, field.names]).toEqual([path, name]);
	}
});

test('there is one output schema for each operation, in the form that n8n reads', () => {
	const schemas = outputSchemas();
	expect(Object.keys(schemas).sort()).toEqual(operations.map((method) => `v1.0.0/${nameOf(method).replace('.', '/')}.json`).sort());
	for (const schema of Object.values(schemas)) {
		expect(schema).toMatchObject({ type: 'object', version: 1 });
		expect(JSON.stringify(schema)).not.toMatch(/"(?:anyOf|\$schema|\$ref|required|additionalProperties|enum)":/);
	}
});
