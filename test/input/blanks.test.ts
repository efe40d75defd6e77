import type { INodeParameters } from 'n8n-workflow';

import { optionsOf, switchesOf } from '../../nodes/FreedomPayCard/panel/options';
import { ADDITIONAL_FIELDS, jsonParameterOf } from '../../nodes/FreedomPayCard/panel/properties';
import { operations } from '../../nodes/card-api/methods';
import { asCalled, innerFields, panelFields, parameterName, parameterOf, type Field, type Method } from '../../nodes/card-api/methods/define';
import { client, limit, places, refundOf, useValues } from '../support/values';

/* A field left empty by hand is left out. An expression that finds nothing was meant to give something. */

const { run } = useValues();
const BLANK = '={{ $json.blank }}';
const BLANKS = [undefined, null, '', ' \u00a0\t', '\u200b\ufeff'];
const items = BLANKS.map((blank) => ({ json: { blank }, binary: { data: { data: Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64'), mimeType: 'application/pdf' } } }));

type Parameters = Record<string, unknown>;

const nameOf = ({ resource, operation }: Method) => `${resource}.${operation}`;

/** A value of the wire as the panel keeps it. */
function inPanel(field: Field, value: unknown): unknown {
	if (field.kind === 'file') return 'data';
	if (field.kind === 'list') return { [field.entry.name]: (value as Parameters[]).map((entry) => ownIn(field.fields, entry)) };
	return field.kind === 'object' && !field.inline ? { [field.entry.name]: ownIn(field.fields, value as Parameters) } : value;
}

function ownIn(fields: readonly Field[], body: Parameters): Parameters {
	return Object.fromEntries(fields.filter(({ key }) => body[key] !== undefined).map((field) => [parameterOf(asCalled(field, body) ?? field), inPanel(field, body[field.key])]));
}

const isAdditional = (field: Field) => !field.required && field.beside !== true && field.requiredWhen === undefined;

/** The sample of a method as parameters of the panel. */
function panelOf(method: Method): Parameters {
	const body = method.sample.request;
	const flat = { ...body, ...Object.fromEntries(method.fields.flatMap((field) => (field.kind === 'object' && field.inline ? Object.entries(body[field.key] as object) : []))) };
	const fields = panelFields(method.fields);
	const beside = ownIn(fields.filter((field) => !isAdditional(field)), flat);
	return { resource: method.resource, operation: method.operation, ...beside, [ADDITIONAL_FIELDS]: ownIn(fields.filter(isAdditional), flat), options: {} };
}

/** Another choice, under which a field matters and may be left out; or under which it alone says what is meant. */
function choiceFor({ requiredWhen }: Field): Parameters {
	if (requiredWhen === undefined) return {};
	const others = requiredWhen.of.filter((value) => !requiredWhen.in.includes(value));
	return { [parameterName(requiredWhen.key)]: requiredWhen.otherwise === undefined ? others[0] : requiredWhen.in[0] };
}

/** Where an expression may come out blank: what it is called, whether it is declared harmless, and the parameters with it there. */
interface Blankable {
	name: string;
	label: string;
	isHarmless: boolean;
	parameters: Parameters;
}

/** The first object within parameters that a change is made in. */
function changed(parameters: Parameters, path: readonly string[], change: Parameters): Parameters {
	const [first, ...rest] = path;
	if (first === undefined) return { ...parameters, ...change };
	const inner = parameters[first];
	const inside = (Array.isArray(inner) ? inner[0] : inner) as Parameters | undefined;
	const result = changed(inside ?? {}, rest, change);
	return { ...parameters, [first]: Array.isArray(inner) ? [result] : result };
}

function within(method: Method, panel: Parameters, fields: readonly Field[], path: readonly string[], prefix: string): Blankable[] {
	return fields.flatMap((field): Blankable[] => {
		const name = parameterOf(field);
		const isElsewhere = isAdditional(field) || (field.requiredWhen !== undefined && field.requiredWhen.otherwise === undefined);
		const at = path.length === 0 && isElsewhere ? [ADDITIONAL_FIELDS] : path;
		const own: Blankable = {
			name: `${prefix}${name}`,
			label: field.label,
			isHarmless: field.blank === 'leftOut',
			parameters: changed(changed(panel, path, choiceFor(field)), at, { [name]: BLANK }),
		};
		if (field.kind !== 'list' && !(field.kind === 'object' && !field.inline)) return field.required ? [] : [own];
		const json: Blankable = {
			...own,
			name: `${own.name}Json`,
			isHarmless: false,
			parameters: changed(changed(panel, at, { [name]: {} }), [ADDITIONAL_FIELDS], { [jsonParameterOf(field)]: BLANK }),
		};
		return [...(field.kind === 'list' && path.length === 0 ? [json] : []), ...within(method, panel, innerFields(field), [...at, name, field.entry.name], `${own.name}.`)];
	});
}

function blankable(method: Method): Blankable[] {
	const panel = panelOf(method);
	// What only tools have, their own tests blank.
	const switches = switchesOf(method).filter(({ shownWhen }) => shownWhen?.['@tool'] === undefined).map(({ field }): Blankable => {
		const name = parameterOf(field);
		return { name, label: field.label, isHarmless: false, parameters: { ...panel, ...(name === 'limit' && { returnAll: false }), [name]: BLANK } };
	});
	const options = optionsOf(method).map((field): Blankable => {
		const name = parameterOf(field);
		return { name: `options.${name}`, label: field.label, isHarmless: false, parameters: changed(panel, ['options'], { [name]: BLANK }) };
	});
	return [...within(method, panel, panelFields(method.fields), [], ''), ...switches, ...options];
}

const harmless: string[] = [];

describe.each(operations.map((method): [string, Method] => [nameOf(method), method]))('%s', (operation, method) => {
	test('runs as its sample', async () => {
		expect([...(await run(panelOf(method) as INodeParameters, [items[0]])).refused.values()]).toEqual([]);
	});

	test.each(blankable(method))('a blank expression in $name is refused, unless that is declared harmless', async ({ name, label, isHarmless, parameters }) => {
		const { refused } = await run(parameters as INodeParameters, items);
		if (isHarmless) {
			harmless.push(`${operation} ${name}`);
			expect([...refused]).toEqual([]);
			return;
		}
		expect([...refused.keys()]).toEqual(BLANKS.map((_, item) => item));
		for (const message of refused.values()) expect(message).toContain(label);
	});
});

afterAll(() => {
	console.info(`A blank expression leaves out, and does not stop: ${harmless.sort().join(', ')}.`);
});

describe('left empty by hand', () => {
	test.each(['', '='])('%j leaves an option, a field or a switch out', async (empty) => {
		const options = { dryRun: empty, maxWaitSeconds: empty, requestId: empty, requestTimeoutSeconds: empty };
		const { refused, bodies } = await run({ ...places.cardId('card-1'), waitForCompletion: empty, options });
		expect([...refused]).toEqual([]);
		expect(bodies).toHaveLength(1);
		const created = await run(client({}, { birthdate: empty, personId: empty, email: empty, country: empty, branchId: empty }));
		expect([...created.refused]).toEqual([]);
		expect(Object.keys(created.bodies[0]?.client as object)).toEqual(['phone', 'type', 'resident', 'first_name', 'last_name']);
	});
});

test('a blank within a list is refused by its entry, whether the list is typed or an expression gives it', async () => {
	const typed = await run(limit({ region: BLANK }), items);
	expect([...typed.refused.keys()]).toEqual(BLANKS.map((_, item) => item));
	for (const message of typed.refused.values()) expect(message).toContain('Region of Limit 1 is an expression that gives nothing');
	const given = { ...limit({}), limits: {}, additionalFields: { limitsJson: '={{ $json.limits }}' } };
	const entry = { transaction_type: 'pay', period: 'month', amount: [{ type: 'max', value: 5, currency: 'KZT' }] };
	const { refused } = await run(given, [{ limits: [{ ...entry, region: null }] }, { limits: [{ ...entry, region: '' }] }, { limits: [entry] }]);
	expect([...refused.keys()]).toEqual([0, 1]);
	for (const message of refused.values()) expect(message).toContain('Region of Limit 1');
});

test('a blank amount is no full refund, and a blank PIN none of the choosing of FreedomPay', async () => {
	const refund = await run(refundOf(BLANK), items);
	const pin = await run({ resource: 'card', operation: 'setPin', cardId: 'card-1', additionalFields: { pin: BLANK } }, items);
	for (const { refused, bodies } of [refund, pin]) {
		expect(bodies).toEqual([]);
		expect(refused.size).toBe(BLANKS.length);
	}
});
