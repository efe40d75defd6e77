import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

import { NodeHelpers, type INodeParameters, type INodeProperties, type INodePropertyCollection, type INodePropertyOptions } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import codex from '../../nodes/FreedomPayCard/FreedomPayCard.node.json';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { operations } from '../../nodes/card-api/methods';
import { innerFields, panelFields, parameterOf, type Field, type Method } from '../../nodes/card-api/methods/define';
import { subtitle } from '../../nodes/FreedomPayCard/panel/subtitle';

const { properties } = new FreedomPayCard().description;

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
				for (const { values } of options as INodePropertyCollection[]) {
					expect([place, values.length < 5 || isSorted(values.map(({ displayName }) => displayName))]).toEqual([place, true]);
				}
			}
		}
	});

	test('the default of options is one of them', async () => {
		const { loadOptions } = new FreedomPayCard().methods;
		for (const [place, { type, options: given = [], default: preset, typeOptions }] of all) {
			const method = typeOptions?.loadOptionsMethod as keyof typeof loadOptions | undefined;
			const options = method === undefined ? given : await loadOptions[method]();
			if (type === 'options') expect([place, (options as INodePropertyOptions[]).some(({ value }) => value === preset)]).toEqual([place, true]);
		}
	});

	test('the currencies are all of ISO 4217, those of Kazakhstan and its neighbours first', async () => {
		const currencies = await new FreedomPayCard().methods.loadOptions.getCurrencies();
		const codes = currencies.map(({ value }) => value);
		expect(codes.slice(0, 7)).toEqual(['KZT', 'USD', 'EUR', 'RUB', 'KGS', 'UZS', 'AED']);
		expect(codes.length).toBeGreaterThan(150);
		expect(new Set(codes).size).toBe(codes.length);
		expect(isSorted(codes.slice(6).map(String))).toBe(true);
		expect(currencies[0]?.name).toBe('KZT (Tenge)');
	});

	test('a new node starts with an operation that changes nothing, where there is one', () => {
		for (const { name, default: preset, displayOptions } of properties) {
			if (name !== 'operation') continue;
			const offered = operations.filter(({ resource }) => displayOptions?.show?.resource?.includes(resource) === true);
			if (!offered.some(({ is }) => is === 'read')) continue;
			expect(offered.find(({ operation }) => operation === preset)?.is).toBe('read');
		}
	});

	test('operations: names in Title Case, actions in sentence case, with a description', () => {
		for (const { name, action, description, operation } of operations) {
			expect([name, isTitleCase(name)]).toEqual([name, true]);
			expect(operation).toMatch(/^[a-z][A-Za-z]*$/);
			expect(action).toMatch(/^[A-Z][^A-Z]*(?:PIN|IBAN)?[^A-Z]*$/);
			expect(action).not.toMatch(/\.$/);
			expect(description.length).toBeGreaterThan(20);
			expect([description, description.endsWith('.')]).toEqual([description, /[.?:] \p{Lu}/u.test(description)]);
		}
	});

	test('no parameter is there twice at once, whatever is chosen', () => {
		const description = new FreedomPayCard().description;
		const shownWith = (parameters: INodeParameters) =>
			properties.filter((parameter) => NodeHelpers.displayParameter(parameters, parameter, { typeVersion: 1 }, description));
		for (const { resource, operation } of operations) {
			for (const productId of [1000, 2000, 3000, '={{ $json.product }}']) {
				const shown = shownWith({ resource, operation, productId, returnAll: false, retryRule: 'command', takesRequestId: true });
				const names = shown.map(({ name }) => name);
				expect([operation, productId, names.filter((name, index) => names.indexOf(name) !== index)]).toEqual([operation, productId, []]);
			}
		}
	});

	test('what a product needs is marked as required for it alone, and never asked for where an expression gives the product', () => {
		const description = new FreedomPayCard().description;
		const needs = (productId: number | string) => {
			const parameters = { resource: 'client', operation: 'create', productId };
			const shown = properties.filter((parameter) => NodeHelpers.displayParameter(parameters, parameter, { typeVersion: 1 }, description));
			return Object.fromEntries(shown.map(({ name, required }) => [name, required === true]));
		};
		const ofWallet = ['country', 'personId', 'document', 'address1', 'address2'];
		expect(Object.entries(needs(1000)).filter(([name]) => ofWallet.includes(name))).toEqual(ofWallet.map((name) => [name, true]));
		expect(Object.entries(needs('={{ $json.product }}')).filter(([name]) => ofWallet.includes(name))).toEqual(ofWallet.map((name) => [name, false]));
		for (const other of [2000, 3000]) expect(Object.keys(needs(other)).filter((name) => ofWallet.includes(name))).toEqual([]);
	});

	test('the ID of what limits are about is called by the type, and never asked for where an expression gives that', () => {
		const description = new FreedomPayCard().description;
		for (const operation of ['set', 'getMany']) {
			const ids = (objectType: string) => {
				const parameters = { resource: 'limit', operation, objectType, returnAll: true };
				const shown = properties.filter((parameter) => NodeHelpers.displayParameter(parameters, parameter, { typeVersion: 1 }, description));
				return shown.filter(({ displayName }) => /^(?:Account|Card|Client|Object) ID$/.test(displayName)).map(({ name, displayName, required }) => [name, displayName, required === true]);
			};
			expect(ids('account')).toEqual([['accountId', 'Account ID', true]]);
			expect(ids('card')).toEqual([['cardId', 'Card ID', true]]);
			expect(ids('client')).toEqual([['clientId', 'Client ID', true]]);
			expect(ids('={{ $json.type }}')).toEqual([['accountId', 'Account ID', false], ['cardId', 'Card ID', false], ['clientId', 'Client ID', false]]);
		}
	});

	test('a date says its form in its name, which is all that a model of an AI agent learns of it', () => {
		const withInner = (fields: readonly Field[]): Field[] => panelFields(fields).flatMap((field) => [field, ...withInner(innerFields(field))]);
		const dates = operations.flatMap(({ fields }) => withInner(fields)).filter(({ kind }) => kind === 'date' || kind === 'dateTime');
		expect(dates.map(({ label }) => label)).toContain('Identification Date');
		for (const date of dates) {
			const shown = all.filter(([, { displayName }]) => displayName === `${date.label} (YYYY-MM-DD)`);
			expect([date.label, shown.length > 0]).toEqual([date.label, true]);
			for (const [, { placeholder }] of shown) expect(placeholder).toMatch(/^e\.g\. \d{4}-\d{2}-\d{2}$/);
		}
	});

	test('Event ID shows no expression to type, since it is text as long as none is dragged in', () => {
		for (const { name, placeholder } of properties.filter(({ name }) => name === 'eventId')) expect([name, placeholder]).toEqual([name, expect.not.stringMatching(/[{}$]/)]);
	});

	test('a collection of one field says which one', () => {
		for (const [place, { type, placeholder, options = [] }] of all) {
			if (type === 'collection' && options.length === 1) expect([place, placeholder]).toEqual([place, `Add ${(options[0] as INodeProperties).displayName}`]);
		}
	});

	test('what is read in a dropdown ends before the dropdown cuts it', () => {
		for (const [place, { type, options = [] }] of all) {
			if (type !== 'options') continue;
			for (const { name, description = '' } of options as INodePropertyOptions[]) expect([place, name, description.length <= 90]).toEqual([place, name, true]);
		}
	});

	test('one notice at most, a short one, in the words of what can hurt', () => {
		const notices = properties.filter(({ type }) => type === 'notice');
		for (const { displayName } of notices) expect([displayName, displayName.length <= 180, /documentation disagrees|not documented|Developing/.test(displayName)]).toEqual([displayName, true, false]);
		const of = (resource: string, operation: string) => operations.find((method) => method.resource === resource && method.operation === operation)?.notice;
		expect(of('card', 'update')).toMatch(/same type and currency.*replaced/);
		expect(of('card', 'setPin')).toMatch(/old PIN stops working.*never sent again/);
	});

	test('the link to the documentation of the credential leads to a heading of README', () => {
		const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
		const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'));
		const links = [new FreedomPayApi().documentationUrl, ...codex.resources.credentialDocumentation.map(({ url }) => url)];
		for (const link of links) expect(anchors).toContain(link.split('#')[1]);
	});

	test('no parameter is named description, which n8n keeps a model of an AI agent from filling in', () => {
		expect(all.filter(([, { name }]) => name === 'description').map(([place]) => place)).toEqual([]);
	});

	const withReason = operations.filter(({ fields }) => fields.some((field) => parameterOf(field) === 'reason')).map(({ resource, operation }) => [resource, operation] as const);

	test.each(withReason)('the reason of %s: %s stands beside the fields that have to be filled in, after them', (resource, operation) => {
		const shown = properties.filter(({ displayOptions }) => displayOptions?.show?.resource?.includes(resource) === true && displayOptions.show.operation?.includes(operation) === true).map(({ name }) => name);
		const own = shown.slice(0, shown.indexOf('eventId')).filter((name) => name !== 'notice');
		expect([...new Set(own)].at(-1)).toBe('reason');
	});

	test.each([
		['a command', 'card', 'close', /A command that is not finished by then is a failed item with the outcome processing/],
		['a question', 'request', 'getStatus', /comes out as far as it is, with the request_status process/],
	])('Max Wait says what becomes of %s that is not finished when it ends', (_, resource, operation, words) => {
		const [options] = properties.filter(({ name, displayOptions }) => name === 'options' && displayOptions?.show?.resource?.includes(resource) === true && displayOptions.show.operation?.includes(operation) === true);
		const waits = (options?.options as INodeProperties[]).filter(({ name }) => name === 'maxWaitSeconds');
		expect(waits.map(({ description }) => description)).toEqual([expect.stringMatching(words)]);
	});

	test('the subtitle says what the node does, in words', () => {
		const text = subtitle();
		const evaluate = (resource: string, operation: string) =>
			// As n8n does: the part between the braces, with the parameters at hand.
			runInNewContext(text.replace(/^=\{\{|\}\}$/g, ''), { $parameter: { resource, operation } }) as string;
		for (const { resource, operation, action, subtitle: shown } of operations) expect(evaluate(resource, operation)).toBe(shown ?? action);
		// What its action lists so that people find it may not be what it does.
		expect(evaluate('custom', 'send')).toBe('Send a custom request');
		expect(evaluate('card', 'close')).toMatch(/^Close a card/);
		expect(text.slice(3, -2)).not.toContain('}}');
	});

	describe.each(operations.map((method): [string, Method] => [`${method.resource}.${method.operation}`, method]))('%s', (_, method) => {
		const shown = properties.filter(({ displayOptions }) => {
			const { show } = displayOptions ?? {};
			return show?.resource?.includes(method.resource) === true && show.operation?.includes(method.operation) === true;
		});
		const names = shown.map(({ name }) => name);
		const own = panelFields(method.fields).flatMap((field) => ('calledBy' in field && field.calledBy !== undefined ? Object.values(field.calledBy.as).map(({ parameter }) => parameter) : [parameterOf(field)]));
		const notInTools = { hide: { '@tool': [true] } };

		if (method.is === 'command') {
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
				const displayed = (name: string) => shown.find((parameter) => parameter.name === name)?.displayOptions;
				expect(displayed('eventId')).toEqual({ show });
				expect(displayed('waitForCompletion')).toEqual({ show, ...notInTools });
			});
		} else {
			test('has no Event ID, and Wait for Completion only where it tells how far a request is', () => {
				const waits = method.tellsProgress === true ? ['waitForCompletion'] : [];
				expect(names.filter((name) => name === 'eventId' || name === 'waitForCompletion')).toEqual(waits);
				expect(shown.find(({ name }) => name === 'waitForCompletion')?.default).toBe(waits.length > 0 ? false : undefined);
			});
		}

		test('has nothing in tools that is not for a model to choose', () => {
			const options = (shown.find(({ name }) => name === 'options')?.options ?? []) as INodeProperties[];
			const hidden = [...shown, ...options].filter(({ displayOptions }) => displayOptions?.hide?.['@tool'] !== undefined);
			for (const { displayOptions } of hidden) expect(displayOptions?.hide).toEqual(notInTools.hide);
			const expected = method.is === 'command' ? ['dryRun', 'requestId', 'waitForCompletion'] : ['dryRun', ...(method.tellsProgress === true ? ['waitForCompletion'] : [])];
			expect(hidden.map(({ name }) => name).sort()).toEqual([...expected, ...(method.simplify === undefined ? [] : ['simplify'])].sort());
		});

		test('has the option Request ID exactly if it has an Event ID', () => {
			const options = shown.find(({ name }) => name === 'options')?.options as INodeProperties[];
			expect(options.some(({ name }) => name === 'requestId')).toBe(names.includes('eventId'));
		});
	});

	test('what cannot be undone says so', () => {
		expect(operations.find(({ operation }) => operation === 'close')?.description).toMatch(/cannot be undone/);
	});
});
