import type { Method } from '../../card-api/methods/define';
import type { GivenId } from '../../card-api/intent/command';
import type { RequestId } from '../../card-api/intent/requestIds';
import type { Words } from '../../card-api/text/words';
import type { Settings } from '../panel/options';

/** What an item asks for, checked. */
export interface Draft {
	is: 'draft';
	method: Method;
	/** The body without its request id. */
	body: Record<string, unknown>;
	/**
	 * The bytes to send, with the request id of the attempt: always the same for the same id.
	 * @throws when a file among them cannot be read any more
	 */
	bytes: (requestId: string | undefined) => Buffer | Promise<Buffer>;
	/** Whom it is about, for the output and for whoever reads it, by name. */
	ids: Readonly<Record<string, unknown>>;
	/** What makes this command another one than the next, by name. */
	identity: Readonly<Record<string, unknown>>;
	/** Of a command: what it acts on, by name. */
	object: Readonly<Record<string, unknown>>;
	/** Of a request whose body is JSON text: as the user typed it. */
	bodyAsTyped: string | undefined;
	/** What tells a command from the next one, as far as the user says. */
	given: GivenId;
	settings: Settings;
	/** What the user should know of how the input was read. */
	hints: readonly string[];
}

/** The same, once it is known which command it is, before anything is sent. */
export interface Plan extends Draft {
	/** The id of a command that carries one. */
	requestId: RequestId | undefined;
	runsAgain: RunsAgain;
}

/**
 * How n8n runs an execution again that failed: by its Retry; not at all, in the editor; or by the workflow that called it, whose Retry
 * On Fail and Retry start a new execution of this one, so that nothing in it can tell.
 */
export type RunsAgain = 'byRetry' | 'notAtAll' | 'byCaller';

/** An item that is not sent, since its input is not what it has to be. */
export interface Refusal extends Words {
	is: 'refusal';
	/** Whether the operation takes a one-time code or a PIN, so that the input's fields are not to come out. */
	isSecretive: boolean;
	/** Whether the command may have been carried out before. */
	isUnknown?: true;
	/** What is known of it, for the error output. */
	facts: Record<string, unknown>;
}
