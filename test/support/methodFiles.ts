import type { Method } from '../../nodes/card-api/methods/define';
import type { InDocs } from '../../nodes/card-api/methods/inDocs';
import type { InSandbox } from '../../nodes/card-api/methods/inSandbox';

/** What a method's file says beside its declaration, for the sandbox and the documentation. */
export interface MethodFile {
	/** Absent where nobody knows the method beforehand: of a custom request. */
	inSandbox?: InSandbox;
	inDocs: InDocs;
}

/**
 * The file of a method, which is named after its resource and operation.
 * @throws when there is none
 */
export async function methodFileOf({ resource, operation }: Pick<Method, 'resource' | 'operation'>): Promise<MethodFile> {
	return (await import(`../../nodes/card-api/methods/${resource}/${operation}.ts`)) as MethodFile;
}
