/**
 * What the documentation shows of an operation besides its declaration: the Russian guide, and the node of its picture, which the
 * sandbox can carry out. Each method's file says it under the name `inDocs`; nothing in the package uses that.
 */
export interface InDocs {
	/** What it does, in Russian, as the guide's table has it. */
	russian: string;
	/** The title of the node. */
	title: string;
	/** The item that comes in. */
	input: Readonly<Record<string, unknown>>;
	/** As the panel has them, besides resource and operation. */
	parameters: Readonly<Record<string, unknown>>;
}
