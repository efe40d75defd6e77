import * as z from 'zod/v4-mini';

import { OF_SUCCESS, REQUEST_STATUS_WORDS, STATUS_WORDS } from './statusWords';

/** The statuses that every answer of a payment card method has (page "Dictionaries"). */
export const requestFields = {
	status: z.enum(STATUS_WORDS),
	request_status: z.enum(REQUEST_STATUS_WORDS),
	dt: z.string(),
};

/** An answer with the common fields and those of a method; unknown fields pass through. */
export function answer(fields: Record<string, z.core.$ZodType> = {}) {
	return z.looseObject({ ...requestFields, ...fields });
}

/** An answer whose page is cut or was not found: all that is known is that it may have these fields. */
export function partialAnswer(fields: Record<string, z.core.$ZodType> = {}) {
	const { status, request_status, dt } = requestFields;
	return z.looseObject({ status: z.optional(status), request_status: z.optional(request_status), dt: z.optional(dt), ...fields });
}

/** A number of an answer; one that a double cannot hold exactly arrives as its digits. */
export function exactNumber() {
	return z.union([z.number(), z.string().check(z.regex(/^-?\d/))]);
}

/** The answer that most commands give. */
export const sampleAnswer = {
	...OF_SUCCESS,
	dt: '2025-01-01T00:01:01+00:30',
};
