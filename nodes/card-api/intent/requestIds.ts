import { parse, v4, v5 } from 'uuid';

import { normalForm, type Source } from './command';

/** The namespace of the ids that this package makes (RFC 9562, section 5.5). Changing it would break every rerun. */
const NAMESPACE = parse('7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b');

/** Where in n8n a command comes from. All of it stays the same when n8n runs the node again, be it after its own death. */
export interface Origin {
	instanceId: string;
	workflowId: string;
	/** What n8n keeps of an execution through its death, its Retry and its waiting. */
	execution: string;
	/** The node's name: a node that is deleted and pasted anew has another id, but its name. */
	node: string;
}

/** The id of a command, and who made it. */
export interface RequestId {
	id: string;
	/**
	 * `node`, `event`: made here, so that no other command can have used it. `typed`: a UUID of the user's, which may have
	 * been used before for anything.
	 */
	source: Source;
}

/** What tells one intent from another: the method, its identity, and who sends it. */
export interface Intended {
	path: string;
	identity: Readonly<Record<string, unknown>>;
	partner: string;
}

function idFrom(parts: Readonly<Record<string, unknown>>): string {
	return v5(Buffer.from(normalForm(parts), 'utf8'), NAMESPACE);
}

/** The id of a command whose event has an id: the same however often and wherever that event is delivered. */
export function requestIdOfEvent(event: string, { path, identity, partner }: Intended): RequestId {
	return { id: idFrom({ event, path, identity, partner }), source: 'event' };
}

/**
 * The id of a command that has nothing but its execution: the same however often n8n runs it again.
 * @param n tells equal commands of one execution apart, from 0
 * @param m how many requests under the ids before it FreedomPay has recorded as refused
 */
export function requestIdOfItem(origin: Origin, { path, identity, partner }: Intended, n: number, m: number): RequestId {
	return { id: idFrom({ ...origin, path, identity, partner, n, m }), source: 'node' };
}

/** A new id for a read that carries one. */
export function freshRequestId(): string {
	return v4();
}
