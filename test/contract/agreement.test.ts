import * as z from 'zod/v4-mini';

import { methods, operations } from '../../nodes/card-api/methods';
import { bodySchema, carriesRequestId, innerFields, isCommand, type Command, type OneTimeCommand, type Field, type Method } from '../../nodes/card-api/methods/define';
import { SUBJECTS } from '../../nodes/card-api/methods/subjects';
import { outputSchemas } from '../../nodes/FreedomPayCard/panel/outputSchema';
import { documented } from './documented';

const nameOf = ({ resource, operation }: Method) => `${resource}.${operation}`;
const table = methods.map((method): [string, Method] => [nameOf(method), method]);

const TYPES: Readonly<Record<Field['kind'], string>> = {
	id: 'string',
	reference: 'string',
	text: 'string',
	prose: 'string',
	code: 'string',
	secret: 'string',
	email: 'string',
	decimal: 'string',
	file: 'string',
	path: 'string',
	rawJson: 'string',
	integer: 'integer',
	phone: 'integer',
	number: 'number',
	boolean: 'boolean',
	dateTime: 'date-time',
	date: 'date',
	options: 'options',
	multiOptions: 'array',
	json: 'object',
	object: 'object',
	list: 'array',
};

function typeOf(field: Field): string {
	if (field.kind !== 'options') return TYPES[field.kind];
	return typeof field.options[0]?.value === 'number' ? 'integer' : 'string';
}

function flat(fields: readonly Field[], prefix = ''): Array<[path: string, type: string, required: boolean]> {
	return fields.filter(({ sentAs }) => sentAs === undefined).flatMap((field) => {
		const path = `${prefix}${field.key}`;
		const inner = flat(innerFields(field), field.kind === 'list' ? `${path}[].` : `${path}.`);
		return [[path, typeOf(field), field.required] as [string, string, boolean], ...inner];
	});
}

/** What the node requires although the pages do not: nobody knows what a limit without an amount is. */
const STRICTER: readonly string[] = ['limit.set limits[].amount'];

test('every method is in the table, and every row of the table is a method', () => {
	expect(table.map(([name]) => name).sort()).toEqual(Object.keys(documented).sort());
});

test.each(table)('%s: path, request id and fields are as documented', (name, method) => {
	const page = documented[name];
	expect(method.path).toBe(page?.path);
	expect(carriesRequestId(method)).toBe(page?.id);
	const declared = flat(method.fields);
	expect(declared.map(([path]) => path)).toEqual(Object.keys(page?.fields ?? {}));
	for (const [path, type, required] of declared) {
		const [documentedType, documentedRequired] = page?.fields[path] ?? [];
		expect([path, type]).toEqual([path, documentedType]);
		// What the pages leave open, the node requires.
		expect([path, required]).toEqual([path, STRICTER.includes(`${name} ${path}`) || (documentedRequired ?? true)]);
	}
});

test.each(table)('%s: a documented example is a body of the declaration', (name, method) => {
	const { request_id: id, ...rest } = documented[name]?.example ?? {};
	if (documented[name]?.example === undefined) return;
	const body = !carriesRequestId(method) && id !== undefined ? { request_id: id, ...rest } : rest;
	expect(z.safeParse(bodySchema(method.fields), body)).toMatchObject({ success: true, data: body });
});

test.each(table)('%s: what the pages require is required', (_, method) => {
	for (const field of method.fields.filter(({ required, sentAs }) => required && sentAs === undefined)) {
		const body = Object.fromEntries(Object.entries(method.sample.request).filter(([key]) => key !== field.key));
		expect([field.key, z.safeParse(bodySchema(method.fields), body).success]).toEqual([field.key, false]);
	}
});

test.each(operations.map((method): [string, Method] => [nameOf(method), method]))('%s: samples pass their own contract', (_, method) => {
	expect(method.source).toMatch(/^https:\/\//);
	expect(z.safeParse(bodySchema(method.fields), method.sample.request)).toMatchObject({ success: true });
	expect(z.safeParse(method.answer, method.sample.answer)).toMatchObject({ success: true });
	const withMore = { ...method.sample.answer, a_new_field: { inside: [1] } };
	expect(z.safeParse(method.answer, withMore)).toMatchObject({ success: true, data: withMore });
});

test('retry rules: reads are reads, commands with an id keep it, commands without one go once', () => {
	const rules = Object.fromEntries(table.map(([name, method]) => [name, method.is === 'read' ? `read ${method.requestId}` : method.is]));
	expect(rules).toEqual({
		'card.close': 'command',
		'card.get': 'read fresh',
		'card.getExtendedStatement': 'read none',
		'card.getOperations': 'read none',
		'card.issue': 'command',
		'card.linkClient': 'command',
		'card.resetPinCounter': 'command',
		'card.setPin': 'oneTimeCommand',
		'card.unblock': 'command',
		'card.update': 'command',
		'card.validateCardholder': 'read fresh',
		'client.create': 'command',
		'client.update': 'command',
		'giftCard.confirm': 'oneTimeCommand',
		'limit.getMany': 'read fresh',
		'limit.set': 'command',
		'request.getStatus': 'read none',
		'transaction.getStatus': 'read none',
		'transaction.refund': 'command',
	});
});

test('the ids that the output repeats are fields of the body, and no free text or secret', () => {
	for (const [name, { fields, ids }] of table) {
		for (const id of ids) {
			const field = fields.find(({ key }) => key === id);
			expect([name, id, field?.kind]).toEqual([name, id, expect.stringMatching(/^(?:id|integer|number|options|object)$/)]);
		}
	}
});

describe('the identity of a command', () => {
	const commands = table.filter((entry): entry is [string, Command | OneTimeCommand] => isCommand(entry[1]));

	/** Every field without fields inside, by its path. */
	function leaves(fields: readonly Field[], prefix = ''): Array<[path: string, field: Field]> {
		return fields.filter(({ sentAs }) => sentAs === undefined).flatMap((field): Array<[string, Field]> => {
			const path = prefix + field.key;
			const inner = innerFields(field);
			return inner.length === 0 ? [[path, field]] : leaves(inner, `${path}.`);
		});
	}

	const isWithin = (path: string, identity: readonly string[]) => identity.some((part) => path === part || path.startsWith(`${part}.`));

	// Part of the request ids: a change here makes events act again that have acted.
	test('is written down here too', () => {
		const client = [
			'phone', 'type', 'resident', 'first_name', 'last_name', 'middle_name', 'birthdate', 'email', 'country', 'person_id', 'language',
			'external_user_id', 'address1', 'address2',
		];
		expect(Object.fromEntries(commands.map(([name, { identity }]) => [name, [...identity].sort()]))).toEqual({
			'card.close': ['card_id'],
			'card.issue': ['cardholder', 'product_id'],
			'card.linkClient': ['card_id', 'client_id'],
			'card.resetPinCounter': ['card_id'],
			'card.setPin': ['card_id', 'pin'],
			'card.unblock': ['card_id'],
			'card.update': ['accounts', 'card_id'],
			'client.create': ['branch_id', 'product_id', ...client.map((key) => `client.${key}`)].sort(),
			'client.update': ['client', 'client_id', 'product_id'],
			'giftCard.confirm': ['otp'],
			'limit.set': ['limits', 'object'],
			'transaction.refund': ['amount', 'order_id', 'transaction_id'],
		});
	});

	test.each(commands)('%s: leads to fields', (_, { fields, identity, object }) => {
		const paths = flat(fields).map(([path]) => path);
		for (const path of [...identity, ...object]) expect([path, paths.includes(path)]).toEqual([path, true]);
	});

	test.each(commands)('%s: holds no words, and nothing that is made anew each time', (_, { fields, identity }) => {
		const inside = leaves(fields).filter(([path]) => isWithin(path, identity));
		for (const [path, { key, kind }] of inside) {
			expect([path, key]).not.toEqual([path, expect.stringMatching(/description|reason|document|identified_by|idn_date/)]);
			expect([path, kind]).not.toEqual([path, expect.stringMatching(/^(?:file|dateTime)$/)]);
		}
	});

	test('holds all else: this is what it leaves out', () => {
		const left = commands.map(([name, { fields, identity }]): [string, string[]] => [
			name,
			leaves(fields).map(([path]) => path).filter((path) => !isWithin(path, identity)),
		]);
		expect(Object.fromEntries(left.filter(([, paths]) => paths.length > 0))).toEqual({
			'card.close': ['description'],
			'card.unblock': ['description'],
			'client.create': ['client.document', 'client.identification_info.idn_date', 'client.identification_info.identified_by'],
			'giftCard.confirm': ['card_id'],
			'transaction.refund': ['description'],
		});
	});
});

describe('what fields say of themselves', () => {
	function every(fields: readonly Field[], prefix: string): Array<[path: string, field: Field]> {
		return fields.flatMap((field) => [[`${prefix} ${field.key}`, field] as [string, Field], ...every(innerFields(field), `${prefix} ${field.key}`)]);
	}

	const all = operations.flatMap((method) => every(method.fields, nameOf(method)));

	// A blank expression in any other optional field is refused, since without it the request is another one.
	test('absence says no more than "not known" of these alone', () => {
		const harmless = all.filter(([, { blank }]) => blank === 'leftOut');
		expect(harmless.map(([path]) => path).sort()).toEqual([
			'card.issue cardholder email',
			'card.issue cardholder middle_name',
			'client.create branch_id',
			'client.create client address2',
			'client.create client email',
			'client.create client language',
			'client.create client middle_name',
			'giftCard.confirm card_id',
			'transaction.refund description',
		]);
		for (const [path, { required }] of harmless) expect([path, required]).toEqual([path, false]);
	});

	test('an id is called the same everywhere, and says what it names', () => {
		const subjects = Object.entries(SUBJECTS);
		for (const [path, field] of all) {
			const [name, subject] = subjects.find(([, { key }]) => key === field.key) ?? [];
			if (subject !== undefined) expect([path, field.label]).toEqual([path, subject.label]);
			if (field.kind === 'id') expect([path, field.names]).toEqual([path, name]);
		}
	});
});

describe('output schemas', () => {
	const schemas = outputSchemas();

	test('there is one for each operation, in the form that n8n reads', () => {
		expect(Object.keys(schemas).sort()).toEqual(operations.map((method) => `v1.0.0/${nameOf(method).replace('.', '/')}.json`).sort());
		for (const schema of Object.values(schemas)) {
			expect(schema).toMatchObject({ type: 'object', version: 1 });
			expect(JSON.stringify(schema)).not.toMatch(/"(?:anyOf|\$schema|\$ref|required|additionalProperties|enum)":/);
		}
	});

	test.each(table)('%s: offers the documented answer and the ids sent', (name, method) => {
		const schema = schemas[`v1.0.0/${name.replace('.', '/')}.json`];
		const offered = new Set<string>();
		const collect = (at: typeof schema, prefix: string): void => {
			for (const [key, inner] of Object.entries(at?.properties ?? {})) {
				offered.add(prefix + key);
				collect(inner.items ?? inner, `${prefix}${key}.`);
			}
		};
		collect(schema, '');
		const list = method.entries?.in;
		const ofEntries = (paths: readonly string[]) => (list === undefined ? paths : paths.flatMap((path) => (path.startsWith(`${list}.`) ? [path.slice(list.length + 1)] : [])));
		const simplified = ofEntries(documented[name]?.answer ?? []).filter((path) => method.simplify?.without.includes(path) !== true);
		expect([name, documented[name]?.answer.length === 0 || simplified.length > 0]).toEqual([name, true]);
		for (const path of simplified) expect([name, path, offered.has(path)]).toEqual([name, path, true]);
		for (const path of method.simplify?.without ?? []) expect([path, offered.has(path)]).toEqual([path, false]);
		expect(offered.has('request_id')).toBe(method.is === 'command' || method.ids.includes('request_id'));
	});
});
