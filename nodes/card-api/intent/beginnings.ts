/*
 * What a rerun begins with, as a table: what the execution learnt of a command, times who made its request id, gives what to do. The
 * model in `test/intent/rerunModel/` runs it against whatever n8n, the network and the API may do, and sees that a change of any cell is noticed.
 */
import type { Source } from './command';
import type { Entry } from './records';

/** What is known of a command before this try. */
export type Past = 'nothing' | 'refused' | 'refusedForGood' | 'refusedToday' | 'sent' | 'accepted' | 'done';

/** Whose the request id is; `once`: there is none. */
export type Whose = Source | 'once';

export type Beginning =
	/** Send it: no other command can have used its id. */
	| 'neverSent'
	/** Ask whether the API has the next id, since this one is used up by a refusal. */
	| 'walking'
	/** Ask whether the user's UUID is used already. */
	| 'checking'
	/** As `checking`, after an earlier try of this execution that the API refused. */
	| 'rechecking'
	/** Ask what became of it. */
	| 'inDoubt'
	/** Ask how far it is. */
	| 'accepted'
	/** Send it: it has no id, and surely left no trace. */
	| 'once'
	/** Say what is known, and send nothing. */
	| 'tell';

/** What to begin with, by what is known and whose the request id is. */
export type Beginnings = Readonly<Record<Past, Readonly<Record<Whose, Beginning>>>>;

export const BEGINNINGS: Beginnings = {
	nothing: { node: 'neverSent', event: 'neverSent', typed: 'checking', once: 'once' },
	// The id may be used again, as far as the API said; if it may not, the API says so.
	refused: { node: 'neverSent', event: 'neverSent', typed: 'rechecking', once: 'once' },
	refusedForGood: { node: 'walking', event: 'neverSent', typed: 'rechecking', once: 'once' },
	// By this very execution: a wrong code is not tried again by Retry On Fail.
	refusedToday: { node: 'neverSent', event: 'neverSent', typed: 'rechecking', once: 'tell' },
	sent: { node: 'inDoubt', event: 'inDoubt', typed: 'inDoubt', once: 'tell' },
	accepted: { node: 'accepted', event: 'accepted', typed: 'accepted', once: 'tell' },
	done: { node: 'tell', event: 'tell', typed: 'tell', once: 'tell' },
};

/**
 * Names what is known of a command.
 * @param executionId of the execution that asks: a refusal that a person has seen may be mended, one of a moment ago is not
 */
export function pastOf(entry: Entry | undefined, executionId: string): Past {
	const { learnt } = entry ?? {};
	if (learnt === undefined) return 'nothing';
	if (learnt.is !== 'refused') return learnt.is;
	if (learnt.recorded) return 'refusedForGood';
	return learnt.by === executionId ? 'refusedToday' : 'refused';
}
