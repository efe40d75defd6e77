/* What the processes of the benchmark tell each other. */
import type { CredentialData } from '../n8n/sandbox';

/** Who sends the commands. */
export type SubjectName = 'card' | 'helper' | 'cuttingHelper' | 'httpRequest' | 'httpRequestBatches' | 'pool';

/** How far away the server is, and how long it takes. */
export interface Network {
	/** One there and back, in milliseconds. */
	roundTripMs: number;
	/** What the server takes before it answers. */
	serverMs: number;
	/** 0: commands are done at once. Else they settle that much later. */
	processingMs: number;
}

/** To the server's process. */
export type ToServer = { say: 'start'; network: Network; key: string; cert: string } | { say: 'reset' } | { say: 'tell' };

/** How busy the server was since its reset. */
export interface ServerReport {
	/** Requests by path. */
	requests: Record<string, number>;
	unverified: number;
	connectionsOpened: number;
	maxOpenConnections: number;
	maxInFlight: number;
}

export type FromServer =
	| { say: 'started'; credential: CredentialData }
	| { say: 'reset' }
	| { say: 'report'; report: ServerReport };

/** What one process is to measure. */
export interface Job {
	subject: SubjectName;
	items: number;
	/** Items sent before the measurement begins, as a server that runs for days has done. */
	warmUpItems: number;
	parallel: number;
	waitForCompletion: boolean;
	/** The `request_status` that every answer must have for the measurement to count. */
	expected: 'success' | 'process';
	/** The built package. */
	dist: string;
	/** Where the n8n is installed whose engine runs the nodes. */
	n8nFolder: string;
}

/** To the process that sends. */
export type ToWorker = { say: 'load'; job: Job } | { say: 'warmUp'; credential: CredentialData } | { say: 'run' };

/** What a run cost its process. */
export interface WorkerReport {
	wallMs: number;
	cpuMs: number;
	/** The most memory that the process held at any time, in bytes. */
	peakBytes: number;
	/** What it held when the run began. */
	startBytes: number;
	/** The most connections that it held at one time, as its own sockets tell. */
	maxConnections: number;
	/** When the last command was signed, in milliseconds from the start of the run. */
	lastCommandMs: number | undefined;
}

/** A list to run over with nothing sent. */
export interface SizeJob extends Pick<Job, 'dist' | 'items' | 'parallel'> {
	/** Whose n8n-core runs the node. */
	root: string;
	/** After how many requests to cancel. */
	cancelAfter: number | undefined;
}

/** What a list cost. */
export interface SizeReport {
	items: number;
	cpuMs: number;
	/** The most memory that the process had, in bytes. */
	peakBytes?: number;
	/** The longest time for which nothing else in the process had its turn. */
	longestBlockMs: number;
	/** How long after a cancellation the node ended, and what it said. */
	cancelMs: number;
	cancelWords: string;
}

export type ToSizer = { say: 'measure'; job: SizeJob };

export type FromSizer = { say: 'done'; report: SizeReport };

export type FromWorker = { say: 'loaded' } | { say: 'warm' } | { say: 'done'; report: WorkerReport };
