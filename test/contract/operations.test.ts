import type { INodeParameters } from 'n8n-workflow';

import { methodOf } from '../../nodes/FreedomPayCard/methods';
import { carriesRequestId, type Method } from '../../nodes/FreedomPayCard/methods/define';
import { startSandbox, type Sandbox } from '../sandbox';
import { runCard, stored } from '../support/card';
import { CASES, withDocument, type Case } from './cases';
import { documented } from './documented';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownIds: 'accept' });
});
afterAll(async () => await sandbox.stop());
beforeEach(() => sandbox.reset());

function methodNamed(name: string): Method {
	const [resource = '', operation = ''] = name.split('.');
	const method = methodOf(resource, operation);
	if (method === undefined) throw new Error(`No method ${name}`);
	return method;
}

async function run(name: string, parameters: INodeParameters, items: unknown[] = [{}], more = {}) {
	const { resource, operation } = methodNamed(name);
	return await runCard(sandbox.credential, { resource, operation, ...parameters }, items as never, 'stopWorkflow', more);
}

/** An answer with what no page knows, and with numbers that a double cannot hold. */
function answerText(method: Method): string {
	const known = JSON.stringify(method.sample.answer).slice(0, -1);
	return `${known},"a_new_field":{"inside":[1,"2"]},"a_new_id":12345678901234567890,"an_amount":9007199254740993.25}`;
}

test('every operation has its case', () => {
	expect(CASES.map(({ name }) => name).sort()).toEqual(Object.keys(documented).sort());
});

test.each(CASES.map((one): [string, Case] => [one.name, one]))('%s: request as documented, answer whole', async (name, { parameters, body, ids = {} }) => {
	const method = methodNamed(name);
	sandbox.faults.add({ kind: 'rawAfter', path: method.path, body: answerText(method) });
	const outcome = await run(name, { ...parameters, ...(method.entries === undefined ? {} : { options: { wholeAnswer: true } }) }, [withDocument]);
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
			...(name === 'giftCard.confirm' ? { card_status_text: 'issued' } : {}),
			a_new_field: { inside: [1, '2'] },
			a_new_id: '12345678901234567890',
			an_amount: '9007199254740993.25',
		},
		pairedItem: { item: 0 },
	});
	expect(outcome.hints).toEqual([]);
});

test.each(CASES.filter(({ name }) => documented[name]?.example !== undefined).map(({ name }) => name))(
	'%s: the documented example comes out of the panel byte for byte',
	async (name) => {
		const method = methodNamed(name);
		const { request_id: id, ...rest } = documented[name]?.example ?? {};
		const { object, ...fields } = rest as { object?: { type: string; value: string } };
		const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
		const named = Object.entries(fields).filter(([, value]) => !Array.isArray(value)).map(([key, value]) => [camel(key), value]);
		const lists = Object.entries(fields).filter(([, value]) => Array.isArray(value)).map(([key]) => [`${key}Json`, `={{ $json.${key} }}`]);
		const parameters = Object.fromEntries(named) as INodeParameters;
		const isRequested = method.is === 'command';
		await run(name, {
			...parameters,
			additionalFields: Object.fromEntries(lists) as INodeParameters,
			...(object === undefined ? {} : { objectType: object.type, [`${object.type}Id`]: object.value }),
			...(!carriesRequestId(method) && id !== undefined ? { requestId: id as string } : {}),
			options: isRequested ? { requestId: id as string } : {},
		}, [fields]);
		const [request] = sandbox.journal.to(method.path);
		const sent = JSON.parse(request?.rawBody.toString() ?? '{}') as Record<string, unknown>;
		// A read that carries an id gets a new one each time.
		const expected = method.is === 'read' && method.requestId === 'fresh' ? { ...documented[name]?.example, request_id: sent.request_id } : documented[name]?.example;
		expect(sent).toEqual(expected);
	},
);

describe('an answer that does not come', () => {
	const commands = CASES.filter(({ name }) => methodNamed(name).is !== 'read');
	const reads = CASES.filter(({ name }) => methodNamed(name).is === 'read');
	const dropped = async (name: string, parameters: INodeParameters) => {
		const method = methodNamed(name);
		sandbox.faults.add({ kind: 'dropAfter', path: method.path });
		const outcome = await run(name, parameters, [withDocument]);
		return { method, outcome, requests: sandbox.journal.to(method.path) };
	};

	test.each(commands.map(({ name, parameters }): [string, INodeParameters] => [name, parameters]))('%s: acts at most once', async (name, parameters) => {
		const { method, outcome, requests } = await dropped(name, parameters);
		expect(requests).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(1);
		if (method.is === 'command') {
			expect(outcome.error).toBeUndefined();
			expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ request_status: 'success', outcome: 'done' });
		} else {
			expect(outcome.error?.message).toMatch(/It is unknown whether FreedomPay carried out the command/);
		}
	});

	test.each(reads.map(({ name, parameters }): [string, INodeParameters] => [name, parameters]))('%s: is read again', async (name, parameters) => {
		const { method, requests } = await dropped(name, parameters);
		expect(requests).toHaveLength(2);
		const [first, second] = requests.map(({ requestId }) => requestId);
		if (method.is === 'read' && method.requestId === 'fresh') expect(first).not.toBe(second);
		else expect(first).toBe(second);
		expect(sandbox.ledger.all).toEqual([]);
	});
});
