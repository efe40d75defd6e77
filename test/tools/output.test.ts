import { NodeHelpers, type IDataObject, type INodeParameters, type INodeProperties, type INodePropertyOptions } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { operations } from '../../nodes/card-api/methods';
import { runAgent, runEngineAgent, type ToolToRun } from '../support/agents';
import { useSandbox } from '../support/bench';
import { nodeWith } from '../support/nodeWith';
import { fromAi } from '../support/toolParameters';
import { virtualClock } from '../support/virtualClock';
import { contractOf, table } from '../methods/contract';

/* What a model of an AI agent is given of an answer: the field Output. */

const sandbox = useSandbox();

const GET: INodeParameters = { resource: 'card', operation: 'get', cardId: 'card-1001' };
const STATEMENT: INodeParameters = { resource: 'card', operation: 'getExtendedStatement', cardId: 'card-1001', startDate: '2025-01-01', endDate: '2025-01-31' };

describe('in a tool of an AI agent', () => {
	const node = new FreedomPayCard().description;
	const asTool = { ...node, name: `${node.name}Tool` };
	const simple = operations.filter(({ simplify }) => simplify !== undefined);
	const shownIn = (description: typeof node, parameters: INodeParameters) =>
		node.properties.filter((property) => NodeHelpers.displayParameter(parameters, property, { typeVersion: 1 }, description)).map(({ name }) => name).filter((name) => ['simplify', 'output', 'fields'].includes(name));

	test('Output stands in for Simplify, wherever that is', () => {
		expect(simple.length).toBeGreaterThan(1);
		for (const { resource, operation } of operations) {
			const isSimple = simple.some((method) => method.resource === resource && method.operation === operation);
			const shown = (description: typeof node, output: string) => shownIn(description, { resource, operation, output });
			expect([operation, shown(node, 'selectedFields')]).toEqual([operation, isSimple ? ['simplify'] : []]);
			expect([operation, shown(asTool, 'simplified')]).toEqual([operation, isSimple ? ['output'] : []]);
			expect([operation, shown(asTool, 'selectedFields')]).toEqual([operation, isSimple ? ['output', 'fields'] : []]);
		}
	});

	test('is called as n8n asks', () => {
		const [output] = node.properties.filter(({ name }) => name === 'output');
		expect([output?.displayName, output?.type, output?.default]).toEqual(['Output', 'options', 'simplified']);
		expect((output?.options as INodePropertyOptions[]).map(({ name }) => name)).toEqual(['Raw', 'Selected Fields', 'Simplified']);
	});

	test('every answer of more than ten documented fields has it, and every one of these can be selected', async () => {
		for (const [, method] of table) {
			const { operation, simplify, entries } = method;
			const { documented: { answer: all } } = await contractOf(method);
			const paths = entries?.in === undefined ? all : all.filter((path) => path.startsWith(`${entries.in}.`));
			const leaves = paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
			expect([operation, leaves.length > 10 && simplify === undefined]).toEqual([operation, false]);
			const [field] = node.properties.filter(({ name, displayOptions }: INodeProperties) => name === 'fields' && displayOptions?.show?.operation?.includes(operation) === true);
			if (field === undefined) continue;
			const offered = (field.options as INodePropertyOptions[]).map(({ value }) => value);
			const expected = leaves.filter((path) => !['status', 'request_status', 'card.card_id'].includes(path));
			expect(expected.filter((path) => !offered.includes(path))).toEqual([]);
		}
	});

	describe.each([
		['in its own loop (Agent 1 and 2)', runAgent],
		['through the engine (Agent 3)', runEngineAgent],
	] as const)('called %s', (_, call) => {
		async function told(parameters: INodeParameters, args: IDataObject = {}): Promise<string> {
			const toRun: ToolToRun = { node: nodeWith(virtualClock({ sandbox })), credential: new FreedomPayApi(), credentialData: sandbox.credential, parameters, rounds: [[args]] };
			const [answer] = (await call(toRun)).answers;
			return JSON.stringify(answer?.items ?? answer?.error);
		}

		const ANSWER = { status: 'ok', request_status: 'success', new: 1, card: { card_id: 'card-1001', card_mask: '44**' }, balances: { accounts: [{ iban: 'KZ', amount: 5, debit: 1 }] }, authorizations: [{ amount: 1, cashback: 2, type: 'pay' }] };
		const answered = async (parameters: INodeParameters, args?: IDataObject) => {
			sandbox.faults.add({ kind: 'rawAfter', body: JSON.stringify(ANSWER) });
			return await told({ ...STATEMENT, ...parameters }, args);
		};
		const SIMPLE = [{ card_id: 'card-1001', balances: { accounts: [{ iban: 'KZ', amount: 5 }] }, authorizations: [{ amount: 1, type: 'pay' }], status: 'ok', request_status: 'success', new: 1, card: ANSWER.card }];

		test('it is simplified unless something else is chosen', async () => {
			expect(await answered({})).toBe(JSON.stringify(SIMPLE));
			expect(await answered({ output: 'simplified' })).toBe(JSON.stringify(SIMPLE));
		});

		test('Simplify, which is not there, does not count', async () => {
			expect(await answered({ simplify: false })).toBe(JSON.stringify(SIMPLE));
		});

		test('raw is the answer as it came', async () => {
			expect(await answered({ output: 'raw' })).toBe(JSON.stringify([{ card_id: 'card-1001', ...ANSWER }]));
		});

		test('selected fields are these and the ID alone, in lists too', async () => {
			const fields = ['balances.accounts.amount', 'authorizations.type', 'card.card_mask', 'client_id'];
			expect(await answered({ output: 'selectedFields', fields })).toBe(
				JSON.stringify([{ card_id: 'card-1001', card: { card_mask: '44**' }, balances: { accounts: [{ amount: 5 }] }, authorizations: [{ type: 'pay' }] }]),
			);
			expect(await answered({ output: 'selectedFields' })).toBe('[{"card_id":"card-1001"}]');
		});

		test('an expression may name others, as a list or with commas', async () => {
			expect(await answered({ output: 'selectedFields', fields: "={{ ['new'] }}" })).toBe('[{"card_id":"card-1001","new":1}]');
			expect(await answered({ output: 'selectedFields', fields: fromAi('fields') }, { fields: 'new, authorizations.amount' })).toBe('[{"card_id":"card-1001","new":1,"authorizations":[{"amount":1}]}]');
		});

		test('one that gives nothing, or another choice, is refused', async () => {
			expect(await told({ ...GET, output: '={{ $json.missing }}' })).toMatch(/Output must not be empty: its expression gives nothing/);
			expect(await told({ ...GET, output: '={{ "all" }}' })).toMatch(/Output must be one of raw, selectedFields, simplified/);
			expect(await told({ ...GET, output: 'selectedFields', fields: '={{ $json.missing }}' })).toMatch(/Fields must not be empty: its expression gives nothing/);
			expect(sandbox.journal.all).toEqual([]);
		});

		test('a card tells its status first', async () => {
			expect(await told(GET)).toMatch(/^\[\{"card_id":"card-1001","card_status":"active","card_mask":/);
		});
	});
});
