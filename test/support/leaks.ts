import { inspect } from 'node:util';

import type { WorkflowOutcome } from './engine';

/** A signature, whole or without its payload. */
const JWS = /eyJ[\w-]{8,}\.[\w-]*\.[\w-]{8,}/;

/** Every text that can be reached from a value: keys, hidden properties, causes and bytes included. */
function textsIn(root: unknown): string[] {
	const texts: string[] = [];
	const seen = new Set<object>();
	const waiting: unknown[] = [root];
	while (waiting.length > 0) {
		const value = waiting.pop();
		if (typeof value === 'string') texts.push(value);
		else if (typeof value === 'number' || typeof value === 'bigint') texts.push(String(value));
		if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
		seen.add(value);
		if (ArrayBuffer.isView(value)) {
			texts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8'));
			continue;
		}
		if (value instanceof Map) waiting.push(...value.keys(), ...value.values());
		if (value instanceof Set) waiting.push(...value);
		for (const key of Reflect.ownKeys(value)) {
			waiting.push(String(key));
			try {
				waiting.push((value as Record<PropertyKey, unknown>)[key]);
			} catch {
				// A getter that throws shows nothing.
			}
		}
	}
	return texts;
}

/** All that a run left: its data with errors, items and hints, and what was logged and printed. */
export function everythingLeft(outcome: WorkflowOutcome, printed: readonly unknown[] = []): string[] {
	return [outcome.traces(), ...textsIn([outcome.run, outcome.error, outcome.logs]), ...printed.map((line) => inspect(line, { depth: 20 }))];
}

/** What must not be among texts, and is: the secrets found, with their surroundings. */
export function leaksIn(texts: readonly string[], secrets: readonly string[]): string[] {
	const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex'), encodeURIComponent(secret)]);
	return texts.flatMap((text) => {
		const jws = JWS.exec(text)?.index ?? -1;
		return [jws, ...forms.map((form) => text.indexOf(form))].filter((at) => at >= 0).map((at) => text.slice(Math.max(0, at - 80), at + 80));
	});
}
