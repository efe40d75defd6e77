import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { snapshot } from '../sandbox/control.ts';
import type { Booking, Effect, FaultRule, Gauges, RandomPlan, Settings } from '../sandbox/index.ts';
import { lastLines, startChild, type Child } from './child.ts';
import { BUILD_FOLDER } from './paths.mjs';
import { Problem } from './problem.mjs';

const SANDBOX = join(BUILD_FOLDER, 'sandbox.cjs');

/** The fields of a credential for a sandbox. */
export interface CredentialData {
	environment: string;
	baseUrl: string;
	authId: string;
	partnerKey: string;
	algorithm: string;
}

/** A request that a sandbox received, as its control API tells it. */
export interface ReceivedRequest {
	n: number;
	method: string;
	path: string;
	/** The HTTP status answered; null when nothing was. */
	status: number | null;
	signatureVerified: boolean;
	signatureProblem?: string;
	/** What was sent, one-time codes and PINs masked. */
	body: Record<string, unknown>;
	requestId: string | null;
	/** The kind of the fault that it met. */
	fault: string | null;
	/** Whether a command was accepted. */
	acted: boolean;
	assumed?: string;
}

/** A running sandbox of the Card API. */
export interface Sandbox {
	url: string;
	/** The certificate of one that speaks https, as PEM text. */
	cert: string | undefined;
	credential: CredentialData;
	/** What there is to play with, in lines. */
	samples: ReadonlyArray<readonly [name: string, text: string]>;
	/** What it received. */
	journal: () => Promise<ReceivedRequest[]>;
	/** What its commands did. */
	ledger: () => Promise<Effect[]>;
	/** Its cards, clients, gift cards, limits and requests. */
	state: () => Promise<ReturnType<typeof snapshot>>;
	/** How busy it is. */
	gauges: () => Promise<Gauges>;
	/** Adds faults. */
	misbehave: (...faults: ReadonlyArray<FaultRule | RandomPlan>) => Promise<void>;
	/** Books operations of cards. */
	book: (...bookings: readonly Booking[]) => Promise<void>;
	/** Takes all faults away. */
	behave: () => Promise<void>;
	/** Gives the settings as they are then. */
	takeTime: (settings: Partial<Pick<Settings, 'latencyMs' | 'processingMs' | 'statusLagMs'>>) => Promise<Settings>;
	/** Forgets cards, requests, effects and faults, and answers at once again. */
	reset: () => Promise<void>;
	/** Resolves when it has ended. */
	ended: Child['ended'];
	stop: () => Promise<void>;
}

/** What a sandbox says of itself when it has started. */
interface Facts extends Omit<CredentialData, 'environment' | 'baseUrl'>, Pick<Sandbox, 'url' | 'samples'> {
	cert?: string;
}

/**
 * Starts the sandbox that the build has bundled.
 *
 * @param options `acceptUnknown` takes every card, client, account and transaction for an existing one; with `tls` it speaks https: who
 *   asks it what it received has to trust its certificate
 * @throws {Problem} when it does not start
 */
export async function startSandbox({ port, logFile, acceptUnknown = false, tls = false }: {
	port: number;
	logFile: string;
	acceptUnknown?: boolean;
	tls?: boolean;
}): Promise<Sandbox> {
	const args = ['--port', String(port), ...(acceptUnknown ? ['--accept-unknown'] : []), ...(tls ? ['--tls'] : [])];
	const child = startChild([SANDBOX, ...args], { logFile, pipeStdout: true });
	const line = await firstLine(child);
	if (line === undefined) throw new Problem(`The sandbox did not start. The end of its log, ${logFile}:\n${lastLines(child.output())}`);

	const { url, cert, authId, partnerKey, algorithm, samples } = JSON.parse(line) as Facts;
	async function control<Answer>(method: string, name: string, body?: unknown): Promise<Answer> {
		const response = await fetch(`${url}/_sandbox/${name}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
		if (!response.ok) throw new Error(`The sandbox refuses ${method} ${name}: ${await response.text()}`);
		return (await response.json()) as Answer;
	}

	return {
		url,
		cert,
		credential: { environment: 'custom', baseUrl: url, authId, partnerKey, algorithm },
		samples,
		journal: () => control('GET', 'journal'),
		ledger: () => control('GET', 'ledger'),
		state: () => control('GET', 'state'),
		gauges: () => control('GET', 'gauges'),
		misbehave: (...faults) => control('POST', 'faults', faults),
		book: (...bookings) => control('POST', 'operations', bookings),
		behave: () => control('DELETE', 'faults'),
		takeTime: (settings) => control('POST', 'settings', settings),
		async reset() {
			await control('POST', 'reset');
			await control('POST', 'settings', { latencyMs: 0, processingMs: 0, statusLagMs: 0 });
		},
		ended: child.ended,
		stop: child.stop,
	};
}

/** The first line of a program's piped output; undefined when it ends before. */
async function firstLine({ process: { stdout }, ended }: Child): Promise<string | undefined> {
	if (stdout === null) throw new Error('Its standard output is not piped.');
	const lines = createInterface({ input: stdout });
	const [line] = await Promise.race([once(lines, 'line') as Promise<[string]>, ended.then(() => [undefined])]);
	return line;
}
