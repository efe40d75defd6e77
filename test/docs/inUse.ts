import { operations } from '../../nodes/card-api/methods';
import { methodFileOf } from '../support/methodFiles';

/** An operation as its picture shows it in use. */
export interface OperationInUse {
	resource: string;
	operation: string;
	/** The node's name. */
	title: string;
	/** The item that comes in. */
	input: Readonly<Record<string, unknown>>;
	/** The panel's, besides resource and operation. */
	parameters: Readonly<Record<string, unknown>>;
}

/** Every operation in use, from the methods' files: the build writes them down for what cannot load these. */
export async function operationsInUse(): Promise<OperationInUse[]> {
	return await Promise.all(
		operations.map(async ({ resource, operation }) => {
			const { title, input, parameters } = (await methodFileOf({ resource, operation })).inDocs;
			return { resource, operation, title, input, parameters };
		}),
	);
}
