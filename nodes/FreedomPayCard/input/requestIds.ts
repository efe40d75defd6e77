import { parse, v4, v5 } from 'uuid';

import { canonicalJson } from '../json/canonical';

/** The namespace of the ids that this package makes (RFC 9562, section 5.5). Changing it would break every rerun. */
const NAMESPACE = parse('7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b');

/** Where in n8n a request comes from. All of it stays the same when n8n runs the item again. */
export interface Origin {
	instanceId: string;
	workflowId: string;
	/** Restarts at 1 in a new n8n database, hence the instance id. */
	executionId: string;
	nodeId: string;
	/**
	 * The run of the node and the item. Not for a tool of an AI agent: n8n counts its runs up on every try, and gives parallel calls
	 * the same one.
	 */
	place: { runIndex: number; itemIndex: number } | undefined;
}

/** The id of a command, and who made it. */
export interface RequestId {
	id: string;
	/**
	 * `node`, `event`: made here, so nobody else can have used it for another command. `typed`: a UUID of the user's, which may have
	 * been used before for anything.
	 */
	source: 'node' | 'event' | 'typed';
}

/** What tells one intent from another: the method, and its identity. */
export interface Identity {
	path: string;
	identity: Readonly<Record<string, unknown>>;
}

function idFrom(parts: Readonly<Record<string, unknown>>): string {
	return v5(Buffer.from(canonicalJson(parts), 'utf8'), NAMESPACE);
}

/** The id of a command whose event has an id: the same however often and wherever that event is delivered. */
export function requestIdOfEvent(event: string, { path, identity }: Identity): RequestId {
	return { id: idFrom({ event, path, identity }), source: 'event' };
}

/** The id of a command that has nothing but its place in n8n: the same however often n8n runs the item again. */
export function requestIdOfItem({ place, ...origin }: Origin, { path, identity }: Identity): RequestId {
	return { id: idFrom({ ...origin, place: place ?? 'tool', path, identity }), source: 'node' };
}

/** A new id for a read that carries one. */
export function freshRequestId(): string {
	return v4();
}
