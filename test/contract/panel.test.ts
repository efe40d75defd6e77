import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { operations, resources } from '../../nodes/FreedomPayCard/methods';
import { panelFields, parameterOf, type Method } from '../../nodes/FreedomPayCard/methods/define';

const { properties } = new FreedomPayCard().description;
const FOLDER = join(__dirname, '../../nodes/FreedomPayCard/methods');

type Choice = INodePropertyOptions | INodeProperties | INodePropertyCollection;

function isCollection(option: Choice): option is INodePropertyCollection {
	return 'values' in option;
}

/** Every parameter of the panel, those inside others too, each with its place. */
function everyParameter(parameters: readonly INodeProperties[], place = ''): Array<[place: string, parameter: INodeProperties]> {
	return parameters.flatMap((parameter) => {
		const { resource, operation } = parameter.displayOptions?.show ?? {};
		const of = place === '' ? JSON.stringify([resource, operation]) : place;
		const here = `${of} > ${parameter.name}`;
		const inside = (parameter.type === 'collection' || parameter.type === 'fixedCollection' ? (parameter.options ?? []) : []).flatMap((option) => {
			if (isCollection(option)) return everyParameter(option.values, `${here} > ${option.name}`);
			return everyParameter([option as INodeProperties], here);
		});
		return [[here, parameter] as [string, INodeProperties], ...inside];
	});
}

const all = everyParameter(properties);

const SMALL = new Set(['a', 'an', 'and', 'by', 'for', 'from', 'in', 'into', 'of', 'on', 'or', 'the', 'to', 'with']);

function isTitleCase(text: string): boolean {
	const words = text.replace(/[()]/g, '').split(/[\s-]+/);
	return words.every((word, index) => /^[A-Z0-9]/.test(word) || (index > 0 && SMALL.has(word)));
}

function isSorted(names: readonly string[]): boolean {
	return names.every((name, index) => index === 0 || (names[index - 1] ?? '').localeCompare(name) <= 0);
}

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
		expect(new Set(operations)).toEqual(new Set(declared));
		expect(operations).toHaveLength(files.length);
	});

	test('resources are those of the methods', () => {
		expect(Object.keys(resources).sort()).toEqual([...new Set(operations.map(({ resource }) => resource))].sort());
	});

	test('no two operations have one name', () => {
		const names = operations.map(({ resource, operation }) => `${resource}.${operation}`);
		expect(new Set(names).size).toBe(names.length);
	});
});

describe("n8n's guidelines", () => {
	test.each(all)('%s', (_, parameter) => {
		const { displayName, description = '', type, name, default: preset, required, placeholder } = parameter;
		expect(name).toMatch(/^[a-z][A-Za-z0-9]*$/);
		expect(preset).toBeDefined();
		expect(`${displayName} ${description}`).not.toMatch(/\p{Extended_Pictographic}/u);
		if (type === 'notice') return;
		expect([displayName, isTitleCase(displayName)]).toEqual([displayName, true]);
		expect(displayName).not.toMatch(/\bId\b|\bUuid\b|\bUrl\b|\bPin\b|\bOtp\b/);
		if (name !== 'resource' && name !== 'operation' && !['collection'].includes(type)) expect(description).not.toBe('');
		expect(description).toBe(description.trim());
		if (type === 'boolean') expect(description).toMatch(/^Whether /);
		// One sentence goes without a full stop, several end with one.
		if (description !== '') expect([description, description.endsWith('.')]).toEqual([description, /[.?] \p{Lu}/u.test(description)]);
		if (type === 'boolean') expect(typeof preset).toBe('boolean');
		if (type === 'boolean' || type === 'options') expect(required).toBeUndefined();
		if (type === 'collection' || type === 'fixedCollection') expect(preset).toEqual({});
		if (placeholder !== undefined) expect(placeholder).toMatch(/^(?:e\.g\. |Add )/);
		if (type === 'string' && /otp|pin$/i.test(name)) expect(parameter.typeOptions).toEqual({ password: true });
	});

	test('options, and fields of collections, are in alphabetical order', () => {
		for (const [place, { type, options = [] }] of all) {
			if (type === 'options') expect([place, isSorted((options as INodePropertyOptions[]).map(({ name }) => name))]).toEqual([place, true]);
			if (type === 'collection') expect([place, isSorted((options as INodeProperties[]).map(({ displayName }) => displayName))]).toEqual([place, true]);
			if (type === 'fixedCollection') {
				// From five fields on, as n8n's own lint asks.
				for (const { values } of options as INodePropertyCollection[]) expect(values.length).toBeLessThan(5);
			}
		}
	});

	test('the default of options is one of them', () => {
		for (const [place, { type, options = [], default: preset }] of all) {
			if (type === 'options') expect([place, (options as INodePropertyOptions[]).some(({ value }) => value === preset)]).toEqual([place, true]);
		}
	});

	test('a new node starts with an operation that changes nothing, where there is one', () => {
		for (const { name, default: preset, displayOptions } of properties) {
			if (name !== 'operation') continue;
			const offered = operations.filter(({ resource }) => displayOptions?.show?.resource?.includes(resource) === true);
			if (!offered.some(({ kind }) => kind === 'read')) continue;
			expect(offered.find(({ operation }) => operation === preset)?.kind).toBe('read');
		}
	});

	test('operations: names in Title Case, actions in sentence case, with a description', () => {
		for (const { name, action, description, operation } of operations) {
			expect([name, isTitleCase(name)]).toEqual([name, true]);
			expect(operation).toMatch(/^[a-z][A-Za-z]*$/);
			expect(action).toMatch(/^[A-Z][^A-Z]*(?:PIN)?[^A-Z]*$/);
			expect(action).not.toMatch(/\.$/);
			expect(description.length).toBeGreaterThan(20);
			expect([description, description.endsWith('.')]).toEqual([description, /[.?:] \p{Lu}/u.test(description)]);
		}
	});

	test('no parameter is there twice for one operation', () => {
		for (const { resource, operation } of operations) {
			const shown = properties.filter(({ displayOptions }) => {
				const { show } = displayOptions ?? {};
				return show?.resource?.includes(resource) === true && show.operation?.includes(operation) === true;
			});
			const names = shown.map(({ name }) => name);
			expect([operation, new Set(names).size]).toEqual([operation, names.length]);
			const options = shown.filter(({ type }) => type === 'collection').flatMap(({ options: inside = [] }) => inside as INodeProperties[]);
			const labels = [...shown.filter(({ displayOptions }) => Object.keys(displayOptions?.show ?? {}).length === 2), ...options].map(({ displayName }) => displayName);
			expect([operation, labels.filter((label, index) => labels.indexOf(label) !== index)]).toEqual([operation, []]);
		}
	});

	describe.each(operations.map((method): [string, Method] => [`${method.resource}.${method.operation}`, method]))('%s', (_, method) => {
		const shown = properties.filter(({ displayOptions }) => {
			const { show } = displayOptions ?? {};
			return show?.resource?.includes(method.resource) === true && show.operation?.includes(method.operation) === true;
		});
		const names = shown.map(({ name }) => name);
		const own = method.fields.flatMap((field) => panelFields([field])).map(parameterOf);

		if (method.requestId === 'idempotent') {
			test('has Event ID after its own fields, and Wait for Completion next to it', () => {
				const at = names.indexOf('eventId');
				expect(names.slice(at, at + 2)).toEqual(['eventId', 'waitForCompletion']);
				expect(names.slice(0, at).filter((name) => name !== 'notice').every((name) => own.includes(name))).toBe(true);
				expect(names.slice(at + 2).every((name) => ['simplify', 'additionalFields', 'options'].includes(name))).toBe(true);
				expect(shown[at]).toMatchObject({ displayName: 'Event ID', type: 'string', default: '' });
				expect(shown[at]?.required).toBeUndefined();
			});

			test('shows both whenever it is a command with a request ID', () => {
				const always = { resource: [method.resource], operation: [method.operation] };
				const show = method.resource === 'custom' ? { ...always, retryRule: ['command'], takesRequestId: [true] } : always;
				for (const name of ['eventId', 'waitForCompletion']) expect(shown.find((parameter) => parameter.name === name)?.displayOptions).toEqual({ show });
			});
		} else {
			test('has neither Event ID nor Wait for Completion', () => {
				expect(names.filter((name) => name === 'eventId' || name === 'waitForCompletion')).toEqual([]);
			});
		}

		test('has the option Request ID exactly if it has an Event ID', () => {
			const options = shown.find(({ name }) => name === 'options')?.options as INodeProperties[];
			expect(options.some(({ name }) => name === 'requestId')).toBe(names.includes('eventId'));
		});
	});

	test('what cannot be undone says so', () => {
		expect(operations.find(({ operation }) => operation === 'close')?.description).toMatch(/cannot be undone/);
	});
});
