import type { INodeParameters } from 'n8n-workflow';

import { methods } from '../../nodes/card-api/methods';
import type { Method } from '../../nodes/card-api/methods/define';
import type { CauseWord } from '../../nodes/card-api/methods/refusals';

type Type = 'string' | 'integer' | 'number' | 'object' | 'array' | 'date-time' | 'date';

/** What the provider's page says of a method's request and answer, copied by hand. */
export interface Documented {
	path: string;
	/** Whether the body has a request id, which is told apart from the fields. */
	id: boolean;
	/** By dotted path, `[]` for the entries of a list. Whether it is required is `null` where the page does not say. */
	fields: Readonly<Record<string, readonly [type: Type, required: boolean | null]>>;
	/** The fields of the answer that the page shows, as dotted paths. */
	answer: readonly string[];
	/** The page's own example of a body, where it is more than the names of types. */
	example?: Readonly<Record<string, unknown>>;
}

/**
 * What FreedomPay may say where what a command asks for is so already, and what a person is told then: without it the general words would
 * be told, as if it could be done once more. `never`: it acts each time anew. `byStatus`: a dictionary of the API's tells.
 */
export type AlreadySo = 'never' | 'byStatus' | { said: readonly string[]; cause: CauseWord; nextStep: string };

/** All that a method is held to, beside its declaration: one file per method, which `contracts.test.ts` runs. */
export interface Contract {
	documented: Documented;
	/** Whether and how it may be sent again. */
	kind: 'command' | 'oneTimeCommand' | 'read fresh' | 'read none';
	/** As the panel, or an agent, gives them: numbers as text, lists as JSON. */
	parameters: INodeParameters;
	/** The body on the wire that comes of them, in its order, without the request id. */
	body: Readonly<Record<string, unknown>>;
	/** The ids that come out besides the answer. */
	ids: Readonly<Record<string, unknown>>;
	/** What comes out besides, of the sample of its answer. */
	alsoTells?: Readonly<Record<string, unknown>>;
	/** Of a command. Part of request ids: a change here makes events act again that have acted. */
	identity?: readonly string[];
	/** The fields of a command that are no part of its identity. */
	besideIdentity?: readonly string[];
	/** Of a command: what FreedomPay may say where what it asks for is so already. */
	alreadySo?: AlreadySo;
	/** The optional fields whose absence says no more than "not known". A blank expression in any other one is refused. */
	mayComeOutBlank?: readonly string[];
	/** What the node requires although the page does not. */
	stricter?: readonly string[];
}

/** The names of all methods with the methods, as a table for `test.each`. */
export const table: ReadonlyArray<[name: string, method: Method]> = methods.map((method) => [`${method.resource}.${method.operation}`, method]);

/**
 * What a method is held to: its file is named after resource and operation.
 * @throws when there is none
 */
export async function contractOf({ resource, operation }: Pick<Method, 'resource' | 'operation'>): Promise<Contract> {
	const { contract } = (await import(`./${resource}/${operation}.ts`)) as { contract: Contract };
	return contract;
}
