import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { selfSigned } from '../sandbox';
import { talkTo } from './child';
import type { CredentialData } from '../n8n/sandbox';
import type { FromServer, FromWorker, Job, Network, ServerReport, ToServer, ToWorker, WorkerReport } from './protocol';
import { CLOSE_PATH } from './subjects/subject';

/** One measurement: what it cost the sender, and what the server saw of it. */
export interface Measurement extends WorkerReport {
	server: ServerReport;
}

/** A server, in a process of its own. */
export interface Server {
	credential: CredentialData;
	reset(): Promise<void>;
	tell(): Promise<ServerReport>;
	stop(): Promise<void>;
}

/** A sender with a server of its own, both used to their work. */
export interface Sender {
	/** Measures one run. */
	measure(): Promise<Measurement>;
	stop(): Promise<void>;
}

/** What stays the same for all measurements. */
export interface Setting {
	/** A file with the certificate that senders have to trust. */
	certificate: string;
	/** Starts a sender for a number of runs, and warms it up. */
	start(job: Job, network: Network, runs: number): Promise<Sender>;
	/** Starts a server by itself, for at most a time. */
	serve(network: Network, limitMs: number): Promise<Server>;
	/** Removes what was written. */
	remove(): void;
}

/** A round trip, thrice, for each connection and request: far more than any run needs. */
const SLACK = 4;
const START_MS = 60_000;

/** The longest that a measurement may take before it is ended. */
function limitMs({ items, warmUpItems, parallel }: Job, { roundTripMs, serverMs, processingMs }: Network): number {
	const oneMs = 3 * roundTripMs + serverMs + 20;
	return START_MS + 4 * processingMs + (SLACK * 2 * (items + warmUpItems) * oneMs) / Math.min(parallel, items);
}

/** Copies a build to where it finds n8n's own libraries, as an installed package does: else each sender would have some of them twice. */
function placeBesideN8n(dist: string, n8nFolder: string, folder: string): string {
	const place = join(mkdtempSync(join(folder, 'package-')), 'dist');
	cpSync(dist, place, { recursive: true });
	symlinkSync(join(n8nFolder, 'node_modules'), join(place, '..', 'node_modules'));
	return place;
}

/** Prepares measurements: a certificate that the senders trust, and a folder that n8n may write to. */
export function prepare(serverProgram: string, workerProgram: string): Setting {
	const folder = mkdtempSync(join(tmpdir(), 'freedompay-bench-'));
	const tls = selfSigned();
	const certificate = join(folder, 'certificate.pem');
	writeFileSync(certificate, tls.cert);
	const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate, N8N_USER_FOLDER: folder };

	async function serve(network: Network, limit: number): Promise<Server> {
		const server = talkTo<ToServer, FromServer>(serverProgram, process.env, limit);
		const { credential } = await server.ask({ say: 'start', network, ...tls }, 'started');
		return {
			credential,
			async reset() {
				await server.ask({ say: 'reset' }, 'reset');
			},
			tell: async () => (await server.ask({ say: 'tell' }, 'report')).report,
			stop: async () => await server.stop(),
		};
	}

	return {
		certificate,
		serve,
		async start(job, network, runs) {
			const limit = limitMs(job, network) * runs;
			const server = await serve(network, limit);
			const worker = talkTo<ToWorker, FromWorker>(workerProgram, env, limit);
			const stop = async () => void (await Promise.all([server.stop(), worker.stop()]));
			try {
				const dist = placeBesideN8n(job.dist, job.n8nFolder, folder);
				await worker.ask({ say: 'load', job: { ...job, dist } }, 'loaded');
				await worker.ask({ say: 'warmUp', credential: server.credential }, 'warm');
			} catch (error) {
				await stop();
				throw error;
			}
			return {
				async measure() {
					await server.reset();
					const { report } = await worker.ask({ say: 'run' }, 'done');
					const seen = await server.tell();
					if (seen.unverified > 0 || seen.requests[CLOSE_PATH] !== job.items) {
						throw new Error(`The server received ${JSON.stringify(seen)} for ${job.items} commands`);
					}
					return { ...report, server: seen };
				},
				stop,
			};
		},
		remove() {
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
