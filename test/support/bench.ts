import { startSandbox, type Sandbox, type SandboxOptions, type Settings } from '../sandbox';
import { STATUS } from './paths';
import { standingFor } from './standingFor';
import { virtualClock, type VirtualClock } from './virtualClock';

interface Checks {
	/** Whether every request has to be signed rightly, as all but those of tests of wrong keys and foreign hosts are. */
	isSigned?: boolean;
}

/** The settings that each sandbox was started with, by its address. */
const startedWith = new Map<string, Settings>();

/**
 * A sandbox for the tests of a file or of a `describe`: started before the first of them, looked over and put back after each, stopped after
 * the last.
 *
 * @param options the sandbox's
 * @returns what stands for the sandbox as soon as a test or a hook runs
 */
export function useSandbox(options: SandboxOptions = {}, { isSigned = true }: Checks = {}): Sandbox {
	let started: Sandbox;
	beforeAll(async () => {
		started = await startSandbox(options);
		startedWith.set(started.url, { ...started.settings });
	});
	afterEach(() => {
		if (isSigned) conclude(started);
		else putBack(started);
	});
	afterAll(async () => await started.stop());
	return standingFor(() => started);
}

/** A sandbox that lives by a clock of the tests, which begins anew with each of them. */
export function useSandboxWithClock(options: SandboxOptions = {}): { sandbox: Sandbox; clock: VirtualClock } {
	let current: VirtualClock;
	const sandbox = useSandbox({ ...options, now: () => current.wallClock() });
	beforeEach(() => {
		current = virtualClock({ sandbox });
	});
	return { sandbox, clock: standingFor(() => current) };
}

/** The paths requested, oldest first, by their last part. */
export function wire(sandbox: Sandbox): string[] {
	return sandbox.journal.all.map(({ path }) => path.split('/').at(-1) ?? '');
}

/** What was sent, oldest first. */
export function bodiesOf(sandbox: Sandbox): Array<Record<string, unknown>> {
	return sandbox.journal.all.map(({ rawBody }) => JSON.parse(rawBody.toString('utf8')) as Record<string, unknown>);
}

/** The bodies of the commands that were sent, without their request ids. */
export function commandsOf(sandbox: Sandbox): unknown[] {
	const commands = sandbox.journal.all.filter(({ path }) => path !== STATUS);
	return commands.map(({ rawBody }) => {
		const sent = Object.entries(JSON.parse(rawBody.toString('utf8')) as Record<string, unknown>);
		return Object.fromEntries(sent.filter(([key]) => key !== 'request_id'));
	});
}

/** Every request of the journal was signed rightly, and all commands of one id were the same bytes. */
export function expectHonestWire(sandbox: Sandbox): void {
	const bytes = new Map<string, string>();
	for (const { path, requestId, rawBody, signature } of sandbox.journal.all) {
		expect(signature).toEqual(expect.objectContaining({ verified: true }));
		if (path === STATUS || requestId === undefined) continue;
		const body = rawBody.toString('utf8');
		expect(bytes.get(requestId) ?? body).toBe(body);
		bytes.set(requestId, body);
	}
}

/** Has a sandbox forget what happened, and go by the settings again that it was started with. */
function putBack(sandbox: Sandbox): void {
	sandbox.reset();
	Object.assign(sandbox.settings, startedWith.get(sandbox.url));
}

/** Ends a part of a test: checks the wire, and puts the sandbox back whatever there is to complain about. */
export function conclude(sandbox: Sandbox): void {
	try {
		expectHonestWire(sandbox);
	} finally {
		putBack(sandbox);
	}
}
