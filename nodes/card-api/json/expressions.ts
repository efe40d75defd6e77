/** Whether a value, as a user saved it, is an expression of n8n or holds one, at any depth: it may come out differently for each item. */
export function holdsExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	const open: unknown[] = [value];
	while (open.length > 0) {
		const inner = open.pop();
		if (typeof inner === 'string' && inner.startsWith('=')) return true;
		if (typeof inner === 'object' && inner !== null) for (const entry of Object.values(inner) as unknown[]) open.push(entry);
	}
	return false;
}
