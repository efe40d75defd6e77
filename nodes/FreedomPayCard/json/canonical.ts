/**
 * Writes a value as JSON text whose keys are in order, so that equal contents give equal text however their objects were put
 * together. What JSON has no form for is `null`.
 */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
	if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
	const content = value as Record<string, unknown>;
	const keys = Object.keys(content).sort();
	return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(content[key])}`).join()}}`;
}
