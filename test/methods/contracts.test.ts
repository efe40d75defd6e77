import { readdirSync } from 'node:fs';

import type { INodeParameters } from 'n8n-workflow';
import * as z from 'zod/v4-mini';

import { bodySchema, carriesRequestId, innerFields, isCommand, type Field, type Method } from '../../nodes/card-api/methods/define';
import { outputSchema, type OutputSchema } from '../../nodes/FreedomPayCard/panel/outputSchema';
import { startSandbox, type Sandbox } from '../sandbox';
import { useSandbox } from '../support/bench';
import { failed, stored } from '../support/items';
import { runJob, runJobContinuing } from '../support/runs';
import { nodeSending } from '../support/sampleNode';
import { contractOf, table } from './contract';
import { PDF } from './samples';

/*
 * Every method against its contract, the file of its name in this folder: what the provider's page says, what goes over the wire, what comes
 * out, and what makes two commands one. Of one method: jest -t card.close
 */

const commands = table.flatMap(([name, method]) => (isCommand(method) ? [[name, method] as const] : []));

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

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
	json: 'string',
	integer: 'integer',
	phone: 'integer',
	number: 'number',
	boolean: 'boolean',
	dateTime: 'date-time',
	date: 'date',
	options: 'options',
	multiOptions: 'array',
	object: 'object',
	list: 'array',
};

function typeOf(field: Field): string {
	if (field.kind !== 'options') return TYPES[field.kind];
	return typeof field.options[0]?.value === 'number' ? 'integer' : 'string';
}

/** Every field that is sent, by its place; `[]` for the entries of a list. */
function flat(fields: readonly Field[], prefix = ''): Array<[path: string, field: Field]> {
	return fields.filter(({ sentAs }) => sentAs === undefined).flatMap((field): Array<[string, Field]> => {
		const path = `${prefix}${field.key}`;
		return [[path, field], ...flat(innerFields(field), field.kind === 'list' ? `${path}[].` : `${path}.`)];
	});
}

test('every method has its contract, and every contract its method', () => {
	const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter((file) => /[\\/]/.test(file) && file.endsWith('.ts') && !file.endsWith('.test.ts'));
	expect(files.map((file) => file.replace(/[\\/]/, '.').replace(/\.ts$/, '')).sort()).toEqual(table.map(([name]) => name).sort());
});

describe('is as documented', () => {
	test.each(table)('%s: path, request id and fields', async (_, method) => {
		const { documented, stricter = [] } = await contractOf(method);
		expect(method.path).toBe(documented.path);
		expect(carriesRequestId(method)).toBe(documented.id);
		const declared = flat(method.fields);
		expect(declared.map(([path]) => path)).toEqual(Object.keys(documented.fields));
		for (const [path, field] of declared) {
			const [type, required] = documented.fields[path] ?? [];
			expect([path, typeOf(field)]).toEqual([path, type]);
			// What the pages leave open, the node requires.
			expect([path, field.required]).toEqual([path, stricter.includes(path) || (required ?? true)]);
		}
	});

	test.each(table)('%s: its documented example, if there is one, is a body of the declaration', async (_, method) => {
		const { documented: { example } } = await contractOf(method);
		const { request_id: id, ...rest } = example ?? {};
		const body = !carriesRequestId(method) && id !== undefined ? { request_id: id, ...rest } : rest;
		const parsed = z.safeParse(bodySchema(method.fields), body);
		expect(example === undefined ? undefined : parsed).toEqual(example === undefined ? undefined : { success: true, data: body });
	});

	test.each(table)('%s: what the page requires is required', (_, method) => {
		for (const field of method.fields.filter(({ required, sentAs }) => required && sentAs === undefined)) {
			const body = Object.fromEntries(Object.entries(method.sample.request).filter(([key]) => key !== field.key));
			expect([field.key, z.safeParse(bodySchema(method.fields), body).success]).toEqual([field.key, false]);
		}
	});

	test.each(table)('%s: it may be sent again as its kind may', async (_, method) => {
		expect(method.is === 'read' ? `read ${method.requestId}` : method.is).toBe((await contractOf(method)).kind);
	});

	test.each(table)('%s: the editor offers the documented answer and the ids sent', async (_, method) => {
		const offered = new Set<string>();
		const collect = (at: OutputSchema, prefix: string): void => {
			for (const [key, inner] of Object.entries(at.properties ?? {})) {
				offered.add(prefix + key);
				collect(inner.items ?? inner, `${prefix}${key}.`);
			}
		};
		collect(outputSchema(method), '');
		const { documented: { answer } } = await contractOf(method);
		const list = method.entries?.in;
		const ofEntries = list === undefined ? answer : answer.flatMap((path) => (path.startsWith(`${list}.`) ? [path.slice(list.length + 1)] : []));
		const simplified = ofEntries.filter((path) => method.simplify?.without.includes(path) !== true);
		expect(answer.length === 0 || simplified.length > 0).toBe(true);
		for (const path of simplified) expect([path, offered.has(path)]).toEqual([path, true]);
		for (const path of method.simplify?.without ?? []) expect([path, offered.has(path)]).toEqual([path, false]);
		expect(offered.has('request_id')).toBe(method.is === 'command' || method.ids.includes('request_id'));
	});
});

describe('the fields that make a command another one', () => {
	/** Every field without fields inside, by its path. */
	function leaves(fields: readonly Field[], prefix = ''): Array<[path: string, field: Field]> {
		return fields.filter(({ sentAs }) => sentAs === undefined).flatMap((field): Array<[string, Field]> => {
			const path = prefix + field.key;
			const inner = innerFields(field);
			return inner.length === 0 ? [[path, field]] : leaves(inner, `${path}.`);
		});
	}

	const isWithin = (path: string, identity: readonly string[]) => identity.some((part) => path === part || path.startsWith(`${part}.`));

	test.each(commands)('%s: are those of its contract, and all others are named there', async (_, method) => {
		const { fields, identity } = method;
		const contract = await contractOf(method);
		expect([...identity].sort()).toEqual(contract.identity);
		expect(leaves(fields).map(([path]) => path).filter((path) => !isWithin(path, identity))).toEqual(contract.besideIdentity ?? []);
	});

	test.each(commands)('%s: lead to fields', (_, { fields, identity, object }) => {
		const paths = flat(fields).map(([path]) => path);
		for (const path of [...identity, ...object]) expect([path, paths.includes(path)]).toEqual([path, true]);
	});

	test.each(commands)('%s: hold no words, and nothing that is made anew each time', (_, { fields, identity }) => {
		const inside = leaves(fields).filter(([path]) => isWithin(path, identity));
		for (const [path, { key, kind }] of inside) {
			expect([path, key]).not.toEqual([path, expect.stringMatching(/description|reason|document|identified_by|idn_date/)]);
			expect([path, kind]).not.toEqual([path, expect.stringMatching(/^(?:file|dateTime)$/)]);
		}
	});
});

test.each(table)('%s: absence says no more than "not known" of the fields that its contract names', async (_, method) => {
	const harmless = flat(method.fields).filter(([, { blank }]) => blank === 'leftOut');
	expect(harmless.map(([path]) => path).sort()).toEqual((await contractOf(method)).mayComeOutBlank ?? []);
	for (const [path, { required }] of harmless) expect([path, required]).toEqual([path, false]);
});

/** An item with all that the contracts' expressions ask for. */
const withDocument = {
	json: { accounts: '[{"iban":"ES79 2100 0813 6101 2345 6789","currency":"usd","type":"IBAN"}]' },
	binary: { data: { data: PDF.toString('base64'), mimeType: 'application/pdf', fileName: 'scan.pdf', fileExtension: 'pdf' } },
};

describe('a command that asks for what is so already', () => {
	const sandbox = useSandbox();
	test.each(commands)('%s: says what its contract says, and its declaration has no other words', async (_, method) => {
		const { alreadySo, parameters } = await contractOf(method);
		expect(alreadySo).toBeDefined();
		const { said, cause, nextStep } = typeof alreadySo === 'object' ? alreadySo : { said: [], cause: undefined, nextStep: undefined };
		expect(method.refusals.map((refusal) => refusal.cause)).toEqual(cause === undefined ? [] : [cause]);
		for (const words of said) {
			sandbox.reset();
			sandbox.faults.add({ path: method.path, kind: 'refuse', body: { error_description: words } });
			const { resource, operation } = method;
			const told = failed(await runJobContinuing(sandbox, { parameters: { resource, operation, ...parameters }, items: [withDocument] as never }));
			expect(told).toMatchObject({ outcome: 'refused', cause, next_step: nextStep });
			expect(told.message).toContain(words);
		}
		expect(alreadySo === 'byStatus').toBe(method.answers === 'gift');
	});
});

describe('in the node', () => {
	let sandbox: Sandbox;
	beforeAll(async () => {
		sandbox = await startSandbox({ unknownIds: 'accept' });
	});
	afterAll(async () => await sandbox.stop());
	beforeEach(() => sandbox.reset());

	async function run({ resource, operation }: Method, parameters: INodeParameters, items: unknown[] = [{}]) {
		return await runJob(sandbox, { parameters: { resource, operation, ...parameters }, items: items as never });
	}

	/** An answer with what no page knows, and with numbers that a double cannot hold. */
	function answerText(method: Method): string {
		const known = JSON.stringify(method.sample.answer).slice(0, -1);
		return `${known},"a_new_field":{"inside":[1,"2"]},"a_new_id":12345678901234567890,"an_amount":9007199254740993.25}`;
	}

	test.each(table)('%s: request as documented, answer whole', async (_, method) => {
		const { parameters, body, ids, alsoTells } = await contractOf(method);
		sandbox.faults.add({ kind: 'rawAfter', path: method.path, body: answerText(method) });
		const outcome = await run(method, { ...parameters, ...(method.entries === undefined ? {} : { options: { wholeAnswer: true } }) }, [withDocument]);
		expect(outcome.error?.message).toBeUndefined();

		const requests = sandbox.journal.to(method.path);
		expect(requests).toHaveLength(1);
		expect(requests[0]?.signatureVerified).toBe(true);
		const sent = JSON.parse(requests[0]?.rawBody.toString() ?? '') as Record<string, unknown>;
		const carriesId = carriesRequestId(method);
		if (carriesId) expect(sent.request_id).toMatch(UUID);
		const whole = carriesId ? { request_id: sent.request_id, ...body } : body;
		expect(requests[0]?.rawBody.toString()).toBe(JSON.stringify(whole));

		const [[item] = []] = stored(outcome);
		expect(item).toEqual({
			json: {
				...(method.is === 'read' ? {} : { outcome: 'done' }),
				...ids,
				...(method.is === 'command' ? { request_id: sent.request_id } : {}),
				...method.sample.answer,
				...alsoTells,
				a_new_field: { inside: [1, '2'] },
				a_new_id: '12345678901234567890',
				an_amount: '9007199254740993.25',
			},
			pairedItem: { item: 0 },
		});
		expect(outcome.hints).toEqual([]);
	});

	test.each(table)('%s: its documented example, if there is one, comes out of the panel byte for byte, its request ID first', async (_, method) => {
		const { documented: { example } } = await contractOf(method);
		if (example === undefined) return;
		const { request_id: id, ...rest } = example;
		const { parameters, item } = nodeSending(method, example);
		await runJob(sandbox, { parameters: { ...parameters, ...(method.is === 'command' && { options: { requestId: id as string } }) }, items: [item.json] });
		const [request] = sandbox.journal.to(method.path);
		// A read that carries an id gets a new one each time.
		const sentId = method.is === 'read' && method.requestId === 'fresh' ? request?.requestId : id;
		expect(request?.rawBody.toString()).toBe(JSON.stringify(id === undefined ? rest : { request_id: sentId, ...rest }));
	});

	test.each(table)('%s: when its answer does not come, acts at most once, or is read again', async (_, method) => {
		const { parameters } = await contractOf(method);
		sandbox.faults.add({ kind: 'dropAfter', path: method.path });
		const outcome = await run(method, parameters, [withDocument]);
		const requests = sandbox.journal.to(method.path);
		if (method.is === 'read') {
			expect(requests).toHaveLength(2);
			const [first, second] = requests.map(({ requestId }) => requestId);
			expect(first === second).toBe(method.requestId === 'none');
			expect(sandbox.ledger.all).toEqual([]);
			return;
		}
		expect(requests).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(1);
		if (method.is === 'command') {
			expect(outcome.error).toBeUndefined();
			expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_status: 'success', outcome: 'done' });
		} else {
			expect(outcome.error?.message).toMatch(/It is unknown whether FreedomPay carried out the command/);
		}
	});
});
