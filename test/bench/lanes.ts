import type { SubjectName } from './protocol';

/** One row of a table: a sender at a number of requests at a time. */
export interface Lane {
	name: string;
	subject: SubjectName;
	/** Bound that the sender is given; the HTTP Request node takes none. */
	parallel: number;
	waitForCompletion: boolean;
}

const SUBJECTS: Record<SubjectName, string> = {
	card: 'This node',
	helper: 'Loop over n8n\'s helper',
	httpRequest: 'HTTP Request node',
	pool: 'Bare undici pool',
};

/** A sender at a number of requests at a time. */
export function lane(subject: SubjectName, parallel: number, waitForCompletion = true): Lane {
	const bound = subject === 'httpRequest' ? 'as it comes' : parallel === 1 ? 'one at a time' : `${parallel} at a time`;
	const waits = waitForCompletion ? '' : ', not waiting';
	return { name: `${SUBJECTS[subject]}, ${bound}${waits}`, subject, parallel, waitForCompletion };
}
