import { NotJson } from './jsonBytes';
import { DEEPEST } from './scan';

/**
 * Writes a value as JSON text whose keys are in order, so that equal contents give equal text however their objects were put
 * together. What JSON has no form for is `null`.
 * @throws {NotJson} for one that is nested more than a thousand levels deep
 */
export function canonicalJson(value: unknown): string {
	return written(value, 0);
}

function written(value: unknown, depth: number): string {
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	if (depth >= DEEPEST) throw new NotJson('', `is nested more than ${DEEPEST} levels deep`);
	if (Array.isArray(value)) return `[${value.map((entry) => written(entry, depth + 1)).join()}]`;
	const content = value as Record<string, unknown>;
	const keys = Object.keys(content).sort();
	return `{${keys.map((key) => `${JSON.stringify(key)}:${written(content[key], depth + 1)}`).join()}}`;
}
