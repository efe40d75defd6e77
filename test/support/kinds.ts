import type { Method } from '../../nodes/card-api/methods/define';

/** What an operation is, as far as its endings go. */
export type Kind = 'command' | 'once' | 'read' | 'freshRead';

/** In words, as README has them, and as the table of all endings does. */
export const KINDS: Readonly<Record<Kind, { plainly: string; inFull: string }>> = {
	command: { plainly: 'command', inFull: 'command with a request ID' },
	once: { plainly: 'command without a request ID', inFull: 'command without one' },
	read: { plainly: 'read', inFull: 'read without a request ID' },
	freshRead: { plainly: 'read', inFull: 'read with one' },
};

/** The kind of a method. */
export function kindOf(method: Method): Kind {
	if (method.is === 'command') return 'command';
	if (method.is === 'oneTimeCommand') return 'once';
	return method.requestId === 'fresh' ? 'freshRead' : 'read';
}

/** The kinds that an operation can be: all, where the user names the method. */
export function kindsOf(operation: Method): Kind[] {
	return operation.resolve === undefined ? [kindOf(operation)] : (Object.keys(KINDS) as Kind[]);
}
