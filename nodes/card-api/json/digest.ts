import { createHash } from 'node:crypto';

/** A short text that stands for a long content, the same for the same. */
export function digest(content: string | Buffer): string {
	return createHash('sha256').update(content).digest('base64url');
}
