import { setTimeout as delay } from 'node:timers/promises';

import { PATIENCE_MS } from '../n8n/patience.ts';

const SOON_MS = 25;
const LATEST_MS = 200;

/**
 * Asks until there is an answer: soon at first, then less and less often, for each question takes n8n from its work.
 *
 * @param ask undefined where there is no answer yet
 * @param what is waited for, for the message when that is not there in time
 * @throws when there is no answer in time, and what `ask` throws
 */
export async function until<Answer>(ask: () => Promise<Answer | undefined>, what: () => string, timeoutMs = PATIENCE_MS): Promise<Answer> {
	const deadline = Date.now() + timeoutMs;
	for (let pauseMs = SOON_MS; ; pauseMs = Math.min(pauseMs * 1.5, LATEST_MS)) {
		const answer = await ask();
		if (answer !== undefined) return answer;
		if (Date.now() >= deadline) throw new Error(`Not in time: ${what()}`);
		await delay(pauseMs);
	}
}
