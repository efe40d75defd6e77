import { startSandbox } from '../sandbox';
import { useSandboxWithClock, wire } from '../support/bench';
import { done, failed, success } from '../support/items';
import { runJobContinuing, type Job } from '../support/runs';
import { contextSending } from '../support/surroundings';

/* A request that surely did not go out is sent again without asking; one that may have is asked about. */

const { sandbox, clock } = useSandboxWithClock();

/** Runs the node with failed items on its second output, by the sandbox's clock. */
const run = async (job: Job = {}) => await runJobContinuing(sandbox, { clock, ...job });

describe('never sent', () => {
	test.each([
		['a refused connection', { baseUrl: 'http://127.0.0.1:1' }],
		['a name that does not resolve', { baseUrl: 'https://nowhere.invalid' }],
	])('%s: tried three times, then an error that says so', async (_, credential) => {
		const { message, outcome } = failed(await run({ credential }));
		expect(message).toBe('FreedomPay could not be reached, so nothing was sent');
		expect(outcome).toBe('not_done');
		expect(clock.sleeps).toHaveLength(2);
		expect(sandbox.journal.all).toEqual([]);
	});

	test('a TLS certificate that does not verify', async () => {
		const { selfSigned } = await import('../sandbox');
		const secure = await startSandbox({ tls: selfSigned() });
		expect(failed(await runJobContinuing(secure)).outcome).toBe('not_done');
		expect(secure.journal.all).toEqual([]);
		await secure.stop();
	});

	test('plain http where TLS is expected', async () => {
		expect(failed(await run({ credential: { baseUrl: sandbox.url.replace('http:', 'https:') } })).outcome).toBe('not_done');
		expect(sandbox.journal.all).toEqual([]);
	});
});

const effects = () => sandbox.ledger.all.length;

/** An error of a socket, wrapped as n8n and axios do. */
function socketError(code: string, syscall: string): Error {
	const inner = Object.assign(new Error(`${syscall} ${code} 10.0.0.1:443`), { code, syscall, errno: -113 });
	return new Error(`The request failed: ${code}`, { cause: inner });
}

/** Sends that fail so, the first times; `arrives` says whether they reach the API all the same. */
function failing(code: string, syscall: string, arrives: boolean, times = 1): Pick<Job, 'surroundings'> {
	let left = times;
	return {
		surroundings: (context) =>
			contextSending(context, async (send) => {
				if (left-- <= 0) return await send();
				if (arrives) await send();
				throw socketError(code, syscall);
			}),
	};
}

const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN'];

describe.each(UNREACHABLE)('%s', (code) => {
	test.each(['read', 'write'])('from %s, when it arrived: asked about, taken over', async (syscall) => {
		expect(success(await runJobContinuing(sandbox, failing(code, syscall, true)))).toMatchObject({ request_status: 'success', outcome: 'done' });
		expect(wire(sandbox)).toEqual(['close', 'status']);
		expect(effects()).toBe(1);
	});

	test.each(['read', 'write'])('from %s, when it did not arrive: asked about, sent again', async (syscall) => {
		expect(done(await runJobContinuing(sandbox, failing(code, syscall, false)))).toHaveProperty('outcome', 'done');
		expect(wire(sandbox)).toEqual(['status', 'close']);
		expect(effects()).toBe(1);
	});

	test.each(['read', 'write'])('from %s, of a command without an ID: unknown, not sent again', async (syscall) => {
		const { outcome } = failed(await runJobContinuing(sandbox, { ...failing(code, syscall, true), parameters: { operation: 'setPin' } }));
		expect(outcome).toBe('unknown');
		expect(wire(sandbox)).toEqual(['set_pin']);
	});

	test('from connect: never sent, so sent again without asking', async () => {
		done(await runJobContinuing(sandbox, failing(code, 'connect', false)));
		expect(wire(sandbox)).toEqual(['close']);
		expect(effects()).toBe(1);
	});

	test('from connect, each time: not sent', async () => {
		expect(failed(await runJobContinuing(sandbox, failing(code, 'connect', false, 3))).outcome).toBe('not_done');
		expect(wire(sandbox)).toEqual([]);
	});
});
