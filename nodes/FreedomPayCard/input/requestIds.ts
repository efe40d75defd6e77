import { v4, v5 } from 'uuid';

import type { Method } from '../methods/define';

/** The namespace of the ids that this package makes (RFC 9562, section 5.5). Changing it would break every rerun. */
const NAMESPACE = '7b8f5d0e-2c3a-5e4f-9a1b-6d7c8e9f0a1b';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where in n8n a request comes from. All of it stays the same when n8n runs the item again. */
export interface Origin {
	instanceId: string;
	workflowId: string;
	/** Restarts at 1 in a new n8n database, hence the instance id. */
	executionId: string | undefined;
	nodeId: string;
	runIndex: number;
	itemIndex: number;
}

export interface RequestId {
	id: string;
	/** `typed`: a UUID of the user's, which may have been used before for anything. */
	by: 'node' | 'event' | 'typed';
}

/** The ids in a body that say whom a command is about, in the method's order. */
export function targetOf(method: Method, body: Readonly<Record<string, unknown>>): unknown[] {
	return method.target.map((path) =>
		path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body),
	);
}

/**
 * The identity of an intent: the same for the same intent however often it runs, different for any
 * other.
 * @param typed the Request ID option: empty, a UUID, or any text such as a CRM event's id
 */
export function requestIdFor(method: Method, body: Readonly<Record<string, unknown>>, typed: string, origin: Origin): RequestId {
	if (UUID.test(typed)) return { id: typed, by: 'typed' };
	const intent = [method.path, targetOf(method, body)];
	if (typed !== '') return { id: v5(JSON.stringify(['event', typed, ...intent]), NAMESPACE), by: 'event' };
	const { instanceId, workflowId, executionId, nodeId, runIndex, itemIndex } = origin;
	// Without an execution there is nothing to come back to, and two runs must not share an id.
	if (executionId === undefined) return { id: v4(), by: 'node' };
	const name = ['item', instanceId, workflowId, executionId, nodeId, runIndex, itemIndex, ...intent];
	return { id: v5(JSON.stringify(name), NAMESPACE), by: 'node' };
}

/** A new id for a read that carries one. */
export function freshRequestId(): string {
	return v4();
}
