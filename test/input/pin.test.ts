import type { INodeParameters } from 'n8n-workflow';

import { bodiesOf, useSandbox } from '../support/bench';
import { stored } from '../support/items';
import { runInTurn } from '../support/runs';

/* The PIN of Set PIN is encrypted, or refused. */

const sandbox = useSandbox({ unknownIds: 'accept' });

const run = async (parameters: INodeParameters, items?: unknown[]) => await runInTurn(sandbox, parameters, items);
const bodies = () => bodiesOf(sandbox);

describe('Set PIN', () => {
	const setPin = (pin: unknown) => run({ resource: 'card', operation: 'setPin', cardId: 'card-1001', additionalFields: { pin: pin as string } });

	test.each(['1234', ' 1234 ', '12 34', '1-2-3-4', '123456789012', '١٢٣٤', '={{ 1234 }}'])('a plain PIN (%j) is refused, and named nowhere', async (pin) => {
		const outcome = await setPin(pin);
		expect(outcome.error?.message).toMatch(/PIN \(Encrypted\) must be encrypted/);
		expect(`${outcome.error?.message} ${outcome.error?.description}`).not.toMatch(/1234|١٢٣٤/);
		expect(bodies()).toEqual([]);
	});

	test('an encrypted one is handed through, and comes out nowhere', async () => {
		const pin = 'U2FsdGVkX19hbGljZQ==';
		sandbox.faults.add({ kind: 'rawAfter', path: 'set_pin', body: JSON.stringify({ status: 'ok', request_status: 'success', dt: 'x', pin, echoed: pin }) });
		const outcome = await setPin(pin);
		expect(bodies()).toEqual([{ card_id: 'card-1001', pin }]);
		expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ card_id: 'card-1001', pin: '******', echoed: '******' });
	});
});
