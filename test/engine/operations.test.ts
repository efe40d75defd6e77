import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { startSandbox, type Sandbox } from '../sandbox';
import { runNode } from './harness';

let sandbox: Sandbox;
beforeAll(async () => { sandbox = await startSandbox({}); });
afterAll(async () => { await sandbox.stop(); });

test('closes', async () => {
	const outcome = await runNode({
		node: new FreedomPayCard(), credential: new FreedomPayApi(), credentialData: sandbox.credential as never,
		parameters: { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', description: 'lost' },
		items: [{ card: 'card-1001' }, { card: 'card-1002' }, { card: 'nope' }], settings: { onError: 'continueErrorOutput' },
	});
	console.log(JSON.stringify(outcome.items, null, 1), outcome.error, outcome.hints, outcome.credentialLookups);
});
