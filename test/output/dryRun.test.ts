import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/bench';
import { stored } from '../support/items';
import { closeEach, runJob } from '../support/runs';

/* Dry Run shows the request, and sends nothing. */

const UUID_V5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const sandbox = useSandbox();

describe('Dry Run', () => {
	const dry = (parameters: INodeParameters) => ({ ...parameters, options: { ...(parameters.options as INodeParameters | undefined), dryRun: true } });

	test('shows the request and sends nothing', async () => {
		const outcome = await runJob(sandbox, { parameters: dry(closeEach), items: [{ card: 'card-1001' }, { card: ' 1002 ' }] });
		const request = (card: string) => ({
			outcome: 'dry_run',
			method: 'POST',
			url: `${sandbox.url}/v5/card-api/card/close`,
			body: { request_id: expect.stringMatching(UUID_V5) as string, card_id: card, description: 'Lost' },
		});
		expect(stored(outcome)).toEqual([
			[
				{ json: request('card-1001'), pairedItem: { item: 0 } },
				{ json: request('1002'), pairedItem: { item: 1 } },
			],
		]);
		expect(sandbox.gauges.connectionsOpened).toBe(0);
		expect(outcome.authentications).toBe(0);
	});

	test('shows the very request that a real run of the execution sends', async () => {
		const items = [{ card: 'card-1001' }];
		const shown = stored(await runJob(sandbox, { parameters: dry(closeEach), items }))[0]?.[0]?.json.body;
		await runJob(sandbox, { items });
		expect(sandbox.journal.all[0]?.body).toEqual(shown);
	});

	test('masks the OTP and shows no signature', async () => {
		const outcome = await runJob(sandbox, { parameters: dry({ resource: 'giftCard', operation: 'confirm', otp: "={{ ['9041', '7365'].join('') }}", cardId: 555 }), items: [{}] });
		expect(stored(outcome)[0]?.[0]?.json).toMatchObject({ body: { otp: '******', card_id: 555 } });
		expect(outcome.traces()).not.toMatch(/90417365|eyJ|X-JWS/i);
		expect(sandbox.gauges.connectionsOpened).toBe(0);
	});

	test('still checks the fields and the credential', async () => {
		expect((await runJob(sandbox, { parameters: dry(closeEach), items: [{ card: '' }] })).error?.message).toMatch(/Card ID must not be empty/);
		expect((await runJob(sandbox, { parameters: dry(closeEach), credential: { authId: '' } })).error?.message).toMatch(/Auth ID/);
	});
});
