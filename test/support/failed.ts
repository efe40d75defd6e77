/** What the field `error` of a failed item says. */
export interface Failed {
	message: string;
	outcome: 'not sent' | 'rejected' | 'failed' | 'unknown';
	next_step: string;
	request_id?: string;
	card_id?: string;
	http_status?: number;
	code?: string;
	answer?: Record<string, unknown>;
	response?: string;
	request_status_answer?: Record<string, unknown>;
	recovered?: boolean;
}

const OUTCOMES: readonly unknown[] = ['not sent', 'rejected', 'failed', 'unknown'];

/** What a failed item says; undefined when it is not one, or not in the shape that every n8n knows. */
export function failedOf({ error }: Readonly<Record<string, unknown>>): Failed | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const { message, outcome, next_step: next } = error as Partial<Failed>;
	return [message, next].every((text) => typeof text === 'string' && text !== '') && OUTCOMES.includes(outcome) ? (error as unknown as Failed) : undefined;
}
