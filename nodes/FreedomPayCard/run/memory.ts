import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * The typed request ids that this run of the node has sent, with what they were sent for. Kept in the
 * execution's data, so that Retry On Fail and a worker that takes over still know them.
 */
export class SentIds {
	private readonly sent: Record<string, string>;

	constructor(context: IExecuteFunctions, runIndex: number) {
		const kept = context.getContext('node');
		const key = `sentRequestIds${runIndex}`;
		kept[key] ??= {};
		this.sent = kept[key] as Record<string, string>;
	}

	/** Whether this run already sent the very same request under this id. */
	wasSent(requestId: string, body: Buffer): boolean {
		return this.sent[requestId] === fingerprint(body);
	}

	remember(requestId: string, body: Buffer): void {
		this.sent[requestId] = fingerprint(body);
	}
}

function fingerprint(body: Buffer): string {
	return createHash('sha256').update(body).digest('base64url');
}
