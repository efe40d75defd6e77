import { setTimeout as delay } from 'node:timers/promises';

import { CRM_CREDENTIAL } from '../n8n/examples.ts';
import { PATIENCE_MS } from '../n8n/patience.ts';
import type { Told } from './items.ts';

const NOT_LIVE = 404;

/** What a webhook answered; a body that is not JSON is the text itself. */
export interface WebhookAnswer<Body> {
	status: number;
	body: Body;
}

/** The key by which the webhooks of the example workflows know their caller. */
export const CRM_KEY = { [CRM_CREDENTIAL.data.name]: CRM_CREDENTIAL.data.value };

/**
 * Sends a request to a webhook.
 *
 * @param body JSON, or a form
 * @param options other headers than the key that the examples ask for, and what ends the waiting for an answer
 */
export async function sendTo<Body = Told>(url: URL, body: unknown, { headers = CRM_KEY, signal }: { headers?: Record<string, string>; signal?: AbortSignal | undefined } = {}): Promise<WebhookAnswer<Body>> {
	const isForm = body instanceof FormData;
	const response = await fetch(url, {
		method: 'POST',
		headers: { ...headers, ...(!isForm && { 'content-type': 'application/json' }) },
		body: isForm ? body : JSON.stringify(body),
		...(signal && { signal }),
	});
	const text = await response.text();
	return { status: response.status, body: (/^[[{]/.test(text) ? JSON.parse(text) : text) as Body };
}

/**
 * Posts to a webhook. A 404 means that the trigger is not live yet, and that nothing ran.
 *
 * @param signal ends the waiting for an answer
 */
export async function post<Body = Told>(url: URL, body: unknown, signal?: AbortSignal): Promise<WebhookAnswer<Body>> {
	for (const deadline = Date.now() + PATIENCE_MS; ; await delay(200)) {
		const answer = await sendTo<Body>(url, body, { signal });
		if (answer.status !== NOT_LIVE || Date.now() >= deadline) return answer;
	}
}
