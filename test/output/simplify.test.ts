import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/bench';
import { stored } from '../support/items';
import { runJob } from '../support/runs';

/* What Simplify makes of an answer. */

const sandbox = useSandbox();

const GET: INodeParameters = { resource: 'card', operation: 'get', cardId: 'card-1001' };
const STATEMENT: INodeParameters = { resource: 'card', operation: 'getExtendedStatement', cardId: 'card-1001', startDate: '2025-01-01', endDate: '2025-01-31' };
const DT = '2025-01-01T00:01:01+05:00';

/** What came out, as text: the order of the fields counts. */
async function textOf(parameters: INodeParameters, answer?: object): Promise<string> {
	if (answer !== undefined) sandbox.faults.add({ kind: 'rawAfter', body: JSON.stringify(answer) });
	const outcome = await runJob(sandbox, { parameters, items: [{}] });
	if (outcome.error !== undefined) throw outcome.error;
	return JSON.stringify(stored(outcome)[0]?.[0]?.json);
}

describe('Card: Get', () => {
	test("begins with the card's status and mask, without what every answer says", async () => {
		const json = JSON.parse(await textOf(GET)) as IDataObject;
		expect(Object.keys(json)).toEqual(['card_id', 'card_status', 'card_mask', 'client_id', 'accounts']);
		expect(json).toMatchObject({ card_id: 'card-1001', card_status: 'active', client_id: 'client-2001' });
	});

	const answer = { status: 'OK', a: 1, request_status: 'success', card_mask: '4400********1234', cards: [{ status: 'ok', dt: DT }], dt: DT, card_status: 'BLOCKED', z: null };

	test('passes on what nobody knows, in its order', async () => {
		expect(await textOf(GET, answer)).toBe(`{"card_id":"card-1001","card_status":"BLOCKED","card_mask":"4400********1234","a":1,"cards":[{"status":"ok","dt":"${DT}"}],"z":null}`);
	});

	test('keeps a status word that is not documented', async () => {
		expect(await textOf(GET, { status: 'ok', request_status: 'archived', card_status: 'x' })).toBe('{"card_id":"card-1001","card_status":"x","request_status":"archived"}');
	});

	test('has nothing else first where FreedomPay calls it otherwise', async () => {
		expect(await textOf(GET, { status: 'ok', request_status: 'success', state: 'active' })).toBe('{"card_id":"card-1001","state":"active"}');
	});

	test('not simplified is the answer as it came', async () => {
		const { status, ...rest } = answer;
		expect(await textOf({ ...GET, simplify: false }, answer)).toBe(JSON.stringify({ card_id: 'card-1001', status: status.toLowerCase(), ...rest }));
	});
});

test('Get Extended Statement begins with what it was asked for', async () => {
	expect(Object.keys(JSON.parse(await textOf(STATEMENT)) as IDataObject).slice(0, 3)).toEqual(['card_id', 'balances', 'authorizations']);
});

test('Get Extended Statement leaves known details out, and nothing that is not documented', async () => {
	const answer = {
		status: 'ok',
		new: 1,
		balances: { accounts: [{ iban: 'KZ', amount: 5, debit: 1, new: 2 }] },
		authorizations: [{ amount: 1, cashback: 2, new: 3 }],
		operations: [{ a: 1 }],
	};
	expect(JSON.parse(await textOf(STATEMENT, answer))).toEqual({
		card_id: 'card-1001',
		status: 'ok',
		new: 1,
		balances: { accounts: [{ iban: 'KZ', amount: 5, new: 2 }] },
		authorizations: [{ amount: 1, new: 3 }],
		operations: [{ a: 1 }],
	});
	expect(JSON.parse(await textOf({ ...STATEMENT, simplify: false }, answer))).toEqual({ card_id: 'card-1001', ...answer });
});
