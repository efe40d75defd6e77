import type { INodeParameters } from 'n8n-workflow';

import type { FaultRule } from '../sandbox';
import { useSandbox } from '../support/bench';
import { done } from '../support/items';
import { GIFT } from '../support/paths';
import { runJobContinuing } from '../support/runs';

/* Include Other Input Fields: what comes along of the input item, and what never does. */

const sandbox = useSandbox();

const gift: INodeParameters = { resource: 'giftCard', operation: 'confirm', otp: '4711', cardId: 555 };
const giftAnswers = (status: number): FaultRule => ({ path: GIFT, kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', status } });

describe('Include Other Input Fields', () => {
	const items = [{ card: 'card-1001', crm: 7, card_id: 'mine', error: 'e', outcome: 'o', cause: 'c', try_again: 't', earlier: true, next_step: 'n', $json: 2 }];

	test('passes on what the node has no word for, and nothing that n8n takes for a failure', async () => {
		const json = done(await runJobContinuing(sandbox, { items, options: { includeOtherFields: true } }));
		expect(json).toMatchObject({ outcome: 'done', card_id: 'card-1001', card: 'card-1001', crm: 7 });
		expect(Object.keys(json)).toEqual(['outcome', 'request_id', 'card_id', 'status', 'request_status', 'dt', 'card', 'crm']);
	});

	test('is off otherwise', async () => {
		expect(done(await runJobContinuing(sandbox, { items }))).not.toHaveProperty('crm');
	});
});

test('a failed item of an operation with a code carries no field of the input, where its code may be', async () => {
	sandbox.faults.add(giftAnswers(-8));
	const outcome = await runJobContinuing(sandbox, { items: [{ code: '4711' }], parameters: { ...gift, otp: '={{ $json.code }}' } });
	const [item] = outcome.items[1] ?? [];
	expect(Object.keys(item?.json ?? {})).toEqual(['error']);
	expect(JSON.stringify(item)).not.toContain('4711');
});
