import type { FaultKind } from '../sandbox';
import { useSandbox, wire } from '../support/bench';
import { failed, success } from '../support/items';
import { STATUS } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* A read changes nothing: it is sent again. */

const sandbox = useSandbox();

const lookUp: Job = { parameters: { resource: 'request', operation: 'getStatus', requestId: '828cf71d-a447-4a67-a149-c1df8bc197ca' } };
const info: Job = { parameters: { resource: 'card', operation: 'get', cardId: 'card-1001' } };
const lost = ['stallBefore', 'stallAfter', 'dropBefore', 'dropAfter', 'http500Before', 'http502After', 'html200After', 'empty200After', 'truncatedAfter', 'truncatedChunkedAfter', 'invalidJsonAfter', 'trickleBodyAfter', 'hugeAfter'] as const satisfies readonly FaultKind[];

describe('a read', () => {
	test.each(lost)('%s: sent again', async (kind) => {
		sandbox.faults.add({ path: STATUS, kind });
		await runJobContinuing(sandbox, lookUp);
		expect(wire(sandbox)).toEqual(['status', 'status']);
	});

	test.each(lost)('%s of one that carries a request id: sent again with a new id', async (kind) => {
		sandbox.faults.add({ path: 'card/info', kind });
		success(await runJobContinuing(sandbox, info));
		expect(wire(sandbox)).toEqual(['info', 'info']);
		expect(new Set(sandbox.journal.all.map(({ requestId }) => requestId)).size).toBe(2);
	});

	test('no answer three times: an error that says so', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'dropBefore', times: 'always' });
		const { message, outcome } = failed(await runJobContinuing(sandbox, lookUp));
		expect(message).toBe('FreedomPay gave no usable answer');
		expect(outcome).toBe('not_done');
		expect(wire(sandbox)).toHaveLength(3);
	});

	test('status error: failed at once', async () => {
		expect(failed(await runJobContinuing(sandbox, lookUp)).message).toMatch(/request not found \(error 1006\)/);
		expect(wire(sandbox)).toEqual(['status']);
	});

	test('another 4xx: failed at once', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'conflict' });
		expect(failed(await runJobContinuing(sandbox, lookUp))).toMatchObject({ outcome: 'refused', http_status: 409 });
		expect(wire(sandbox)).toEqual(['status']);
	});

	test('429 and 401', async () => {
		sandbox.faults.add({ path: STATUS, kind: 'rateLimit', retryAfter: 1 }, { path: STATUS, kind: 'unauthorized', nth: 2 });
		expect(failed(await runJobContinuing(sandbox, lookUp))).toMatchObject({ outcome: 'not_done', http_status: 401 });
		expect(wire(sandbox)).toEqual(['status', 'status']);
	});
});
