/**
 * What the documentation shows of an operation besides its declaration: the Russian guide, what it is searched for by, and the node of its
 * picture, which the sandbox can carry out. Each method's file says it under the name `inDocs`; nothing in the package uses that.
 */
export interface InDocs {
	/** What it does, in Russian, as the guide's table has it. */
	russian: string;
	/** What people search for who want it: each word stands in its action. */
	foundBy?: readonly string[];
	/** The title of the node. */
	title: string;
	/** The item that comes in. */
	input: Readonly<Record<string, unknown>>;
	/** As the panel has them, besides resource and operation. */
	parameters: Readonly<Record<string, unknown>>;
}
