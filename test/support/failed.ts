/** What the field `error` of a failed item says. */
export interface Failed {
	message: string;
	outcome: 'not_done' | 'refused' | 'unknown' | 'processing';
	cause: string;
	try_again: 'no' | 'yes' | 'after_check';
	earlier?: true;
	next_step: string;
	request_id?: string;
	card_id?: string;
	http_status?: number;
	code?: string;
	answer?: Record<string, unknown>;
	response?: string;
	request_status_answer?: Record<string, unknown>;
}

const OUTCOMES: readonly unknown[] = ['not_done', 'refused', 'unknown', 'processing'];

/** What a failed item says; undefined when it is not one, or not in the shape that every n8n knows. */
export function failedOf({ error }: Readonly<Record<string, unknown>>): Failed | undefined {
	if (typeof error !== 'object' || error === null) return undefined;
	const { message, outcome, next_step: next } = error as Partial<Failed>;
	return [message, next].every((text) => typeof text === 'string' && text !== '') && OUTCOMES.includes(outcome) ? (error as unknown as Failed) : undefined;
}
