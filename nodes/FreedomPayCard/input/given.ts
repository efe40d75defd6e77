/** What a field was given: the value that came, and what was typed for it. */
export interface Given {
	value: unknown;
	/** As the user saved it, an expression as text; of what an expression gave as a whole, that expression. Undefined: nobody knows. */
	typed?: unknown;
}

/** Whether what was typed is an expression: more than the `=` that is left of a cleared one. */
export function isExpression(typed: unknown): typed is string {
	return typeof typed === 'string' && typed.startsWith('=') && typed.trim() !== '=';
}

/** Whether what was typed is text that comes out as it stands. */
export function isFixedText(typed: unknown): typed is string {
	return typeof typed === 'string' && !typed.startsWith('=');
}

/** Whether an AI agent's model fills in what was typed. */
export function isOfModel(typed: unknown): boolean {
	return isExpression(typed) && /\$fromai\s*\(/i.test(typed);
}

/** What was typed for a part of a value: of an expression for the whole, that expression. */
export function typedWithin(typed: unknown, key: string | number): unknown {
	if (isExpression(typed)) return typed;
	return typeof typed === 'object' && typed !== null && Object.hasOwn(typed, key) ? (typed as Record<string | number, unknown>)[key] : undefined;
}

/** What was added to a collection of the panel under a name: one that came out undefined is not one that was left out. */
export function addedWithin(collection: Given, name: string): Given {
	const given = givenWithin(collection, name);
	return 'typed' in given ? { ...given, value: given.value ?? null } : given;
}

/** A part of a value, and what was typed for it; nothing where it has no such part. */
export function givenWithin({ value, typed }: Given, key: string): Given {
	const isPart = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
	return isPart ? { value: (value as Record<string, unknown>)[key], typed: typedWithin(typed, key) } : { value: undefined };
}
