import type { SubjectName } from './protocol';

/** One row of a table: a sender at a number of requests at a time. */
export interface Lane {
	name: string;
	subject: SubjectName;
	/** Bound that the sender is given; the HTTP Request node takes none, or the size of its batches. */
	parallel: number;
	waitForCompletion: boolean;
	/** The pause after a batch of the HTTP Request node. */
	batchIntervalMs: number;
}

/** The pause after a batch of the HTTP Request node: about as long as a request takes. */
export const BATCH_INTERVAL_MS = 100;

/** How many at a time a lane has that is put beside the HTTP Request node, which has no bound. */
export const MANY_AT_A_TIME = 100;

const SUBJECTS: Record<SubjectName, string> = {
	card: 'This node',
	helper: 'Loop over n8n\'s helper',
	cuttingHelper: 'The loop, cutting answers off',
	httpRequest: 'HTTP Request node',
	httpRequestBatches: 'HTTP Request node',
	pool: 'Bare undici pool',
};

/** A sender at a number of requests at a time. */
export function lane(subject: SubjectName, parallel: number, waitForCompletion = true): Lane {
	const bounds: Partial<Record<SubjectName, string>> = { httpRequest: 'as it comes', httpRequestBatches: `${parallel} per batch, every ${BATCH_INTERVAL_MS} ms` };
	const bound = bounds[subject] ?? (parallel === 1 ? 'one at a time' : `${parallel} at a time`);
	const waits = waitForCompletion ? '' : ', not waiting';
	return { name: `${SUBJECTS[subject]}, ${bound}${waits}`, subject, parallel, waitForCompletion, batchIntervalMs: BATCH_INTERVAL_MS };
}
