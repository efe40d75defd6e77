import type { FaultKind } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { failed } from '../support/items';
import { runJobContinuing, type Job } from '../support/runs';

/* Set PIN carries no request ID: it is sent once. */

const sandbox = useSandbox();

const setPin: Job = { parameters: { resource: 'card', operation: 'setPin', cardId: 'card-1001' } };
const lost = ['stallBefore', 'stallAfter', 'dropBefore', 'dropAfter', 'http500Before', 'http502After', 'html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'hugeAfter'] as const satisfies readonly FaultKind[];

describe('Set PIN', () => {
	test.each(lost)('%s: sent once, unknown', async (kind) => {
		sandbox.faults.add({ path: 'card/set_pin', kind });
		const { outcome, next_step: next } = failed(await runJobContinuing(sandbox, setPin));
		expect(wire(sandbox)).toEqual(['set_pin']);
		expect(outcome).toBe('unknown');
		expect(next).toMatch(/no request ID/);
	});

	test('"process" is a failed item: there is no id to ask with', async () => {
		sandbox.faults.add({ path: 'card/set_pin', kind: 'rawAfter', body: { status: 'ok', request_status: 'process', dt: '2025-01-01T00:00:00+05:00' } });
		expect(failed(await runJobContinuing(sandbox, setPin))).toMatchObject({ outcome: 'processing', try_again: 'after_check', answer: { request_status: 'process' } });
		expect(wire(sandbox)).toEqual(['set_pin']);
	});
});
