import { createHmac } from 'node:crypto';

import { canonicalJson } from '../json/canonical';
import { digest } from '../json/digest';

/** How a command is told from the next one by its user: not at all, by the event behind it, or by a UUID of his own. */
export type GivenId = { is: 'nothing' } | { is: 'event'; event: string } | { is: 'uuid'; uuid: string };

/** Who made a request id: the node, of an item or of an event; or the user. */
export type Source = 'node' | 'event' | 'typed';

/**
 * What an equal command in the same run means: `adds`, that something is done twice, so it has to be said; `same`, nothing new;
 * `asked`, that nobody can tell, and it goes out as asked for.
 */
export type Repeat = 'adds' | 'same' | 'asked';

/** What an item asks for, as far as this makes it one command and no other. */
export interface Asked {
	/** Whether it carries a request id, at every attempt the same; `once`: it carries none. */
	is: 'command' | 'once';
	path: string;
	/** All that makes it another command than the next, by name, in the form of the wire. */
	identity: Readonly<Record<string, unknown>>;
	/** The part of it that may be kept: without secrets. All of it, for a command with an id. */
	open: Readonly<Record<string, unknown>>;
	/** What it acts on: the part of the identity that two commands have in common when one undoes the other. */
	object: Readonly<Record<string, unknown>>;
	/** The ids that it names, which need not be part of the identity: an equal command that names others contradicts itself. */
	names?: Readonly<Record<string, unknown>>;
	repeat: Repeat;
	given: GivenId;
	/** The body as the user typed it, of a request whose identity is its body: an expression such as `$now` makes another one each time. */
	typed?: string;
}

/** Who sends. */
export interface Sender {
	/** The partner: the host and the Auth ID, in a form that may be kept. Not the key, which may be renewed between two tries. */
	partner: string;
	partnerKey: string;
}

/** A command, as an execution remembers it: free of secrets. */
export interface CommandKey {
	/** Stands for path and identity, secrets aside. */
	what: string;
	/** Stands for the partner; undefined while nobody knows who sends it. */
	who: string | undefined;
	/**
	 * Stands for the OTP or PIN in a command without a request id, under the partner key: nobody who lacks that can try codes against
	 * it. Empty for a command with an id.
	 */
	secret: string;
	/** Of a request whose identity is its body: stands for its path, and for the body as it was typed. */
	typed?: { path: string; body: string };
}

/** How much of a digest is kept: enough to tell the commands of one execution apart. */
const KEPT_DIGITS = 16;

/** Contents as text that is the same for the same, however their letters and objects were put together. */
export function normalForm(content: unknown): string {
	return canonicalJson(content).normalize('NFC');
}

function short(content: unknown): string {
	return digest(normalForm(content)).slice(0, KEPT_DIGITS);
}

/**
 * Names a command for what an execution remembers.
 * @param sender undefined where the credential cannot be used, so that nobody knows who would send it
 */
export function keyOf({ is, path, identity, open, typed }: Asked, sender: Sender | undefined): CommandKey {
	const isOnce = is === 'once';
	const secret =
		isOnce && sender !== undefined
			? createHmac('sha256', sender.partnerKey).update(`once ${normalForm(identity)}`).digest('base64url')
			: '';
	return {
		what: short([path, open]),
		who: sender?.partner.slice(0, KEPT_DIGITS),
		secret,
		...(typed !== undefined && { typed: { path: short(path), body: short(typed) } }),
	};
}

/** Whether two commands are one, as far as what is kept of them tells. Of a partner who is not known, every one may be. */
export function isSame(a: CommandKey, b: CommandKey): boolean {
	return a.what === b.what && (a.who === undefined || b.who === undefined || a.who === b.who);
}
