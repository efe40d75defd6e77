import { createHash } from 'node:crypto';

/** A short text that stands for a long one, the same for the same. */
export function digest(text: string): string {
	return createHash('sha256').update(text).digest('base64url');
}
