import * as z from 'zod/v4-mini';

/** The statuses that every answer of a payment card method has (page "Dictionaries"). */
export const requestFields = {
	status: z.enum(['ok', 'error']),
	request_status: z.enum(['success', 'process', 'error']),
	dt: z.string(),
};

/** An answer with the common fields and those of a method; unknown fields pass through. */
export function answer(fields: Record<string, z.core.$ZodType> = {}) {
	return z.looseObject({ ...requestFields, ...fields });
}

/** The answer that most commands give. */
export const sampleAnswer = {
	status: 'ok',
	request_status: 'success',
	dt: '2025-01-01T00:01:01+00:30',
};
