import { outputSchema, type OutputSchema } from '../../FreedomPayCard/panel/outputSchema';
import { getOperations } from '../../card-api/methods/card/getOperations';

/** What n8n's editor offers of the trigger's output before its first event: an operation, as Get Operations gives it. It has no error output. */
export function triggerSchema(): OutputSchema {
	const { properties = {}, ...schema } = outputSchema(getOperations);
	return { ...schema, properties: Object.fromEntries(Object.entries(properties).filter(([key]) => key !== 'error')) };
}
