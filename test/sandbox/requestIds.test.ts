import { randomUUID } from 'node:crypto';

import { assumptions, unknownRequestForms } from '.';
import { anyText, useClient } from './client';

/* What the sandbox remembers by request ids, and how long a command takes to be processed. */

const { ask, close, sandbox, start } = useClient();

describe('request ids', () => {
	it('refuses a repeated one without effect, whatever it is for', async () => {
		await start();
		const id = randomUUID();
		await close('card-1001', id);
		for (const again of [await close('card-1001', id), await close('card-1002', id.toUpperCase())]) {
			expect(again.status).toBe(200);
			expect(again.json).toMatchObject({ status: 'error', request_status: 'error', error_code: 1002 });
		}
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.state().cards['card-1002']?.status).toBe('active');
		expect((await ask(id)).json.request_status).toBe('success');
	});

	it('acts once on twenty of the same at once', async () => {
		await start({ latencyMs: 5 });
		const id = randomUUID();
		const answers = await Promise.all(Array.from({ length: 20 }, async () => await close('card-1001', id)));
		expect(answers.filter(({ json }) => json.status === 'ok')).toHaveLength(1);
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.journal.all.filter(({ acted }) => acted)).toHaveLength(1);
	});

	it('keeps the id of a command that failed', async () => {
		await start();
		const id = randomUUID();
		await close('no-such-card', id);
		expect((await close('card-1001', id)).json.error_code).toBe(1002);
		expect((await ask(id)).json).toMatchObject({ status: 'ok', request_status: 'error' });
		sandbox.settings.statusOfFailedRequest = 'error';
		expect((await ask(id)).json.status).toBe('error');
	});

	it.each(Object.entries(unknownRequestForms))('says that one is unknown in the form %s', async (_name, form) => {
		await start({ unknownRequest: form });
		const answer = await ask(randomUUID());
		expect(answer.status).toBe(form.httpStatus);
		expect(answer.json).toEqual({ ...form.body, dt: anyText });
	});

	it('answers a repeated one as told', async () => {
		await start({ repeatedRequestId: { httpStatus: 409, body: { status: 'error' } } });
		const id = randomUUID();
		await close('card-1001', id);
		const again = await close('card-1001', id);
		expect([again.status, again.json]).toEqual([409, { status: 'error', dt: anyText }]);
		expect(assumptions.repeatedRequestId.httpStatus).toBe(200);
	});
});

describe('processing', () => {
	it('takes its time by the given clock', async () => {
		let now = Date.parse('2025-01-31T09:30:00Z');
		await start({ processingMs: 4000, now: () => now });
		const id = randomUUID();
		expect((await close('card-1001', id)).json).toEqual({ status: 'ok', request_status: 'process', dt: '2025-01-31T14:30:00.000+05:00' });
		expect(sandbox.journal.all[0]?.acted).toBe(true);
		now += 3999;
		expect((await ask(id)).json.request_status).toBe('process');
		expect(sandbox.ledger.all).toEqual([]);
		expect(sandbox.state().cards['card-1001']?.status).toBe('active');
		now += 1;
		expect((await ask(id)).json).toMatchObject({ request_status: 'success', dt: '2025-01-31T14:30:04.000+05:00' });
		expect(sandbox.ledger.effectsOf(id)).toHaveLength(1);
		expect(sandbox.state().cards['card-1001']?.status).toBe('closed');
	});

	it('fails a command whose turn comes too late, and settles in the order that is due', async () => {
		let now = 0;
		await start({ processingMs: 100, now: () => now });
		const slow = randomUUID();
		const quick = randomUUID();
		await close('card-1001', slow);
		sandbox.settings.processingMs = 10;
		await close('card-1001', quick);
		now = 1000;
		expect(sandbox.ledger.all).toHaveLength(1);
		expect(sandbox.ledger.effectsOn('card-1001')).toMatchObject([{ requestId: quick, at: 10 }]);
		expect((await ask(slow)).json.request_status).toBe('error');
	});
});
