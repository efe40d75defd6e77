import { innerFields, type Field } from '../../nodes/card-api/methods/define';
import { methods } from '../../nodes/card-api/methods';

const MASK = '•••';

function secretKeys(fields: readonly Field[]): string[] {
	return fields.flatMap((field) => [
		...(field.kind === 'secret' ? [field.key] : []),
		...secretKeys(innerFields(field)),
	]);
}

const SECRETS = new Set(['otp', 'pin', ...methods.flatMap(({ fields }) => secretKeys(fields))]);

/** A copy of a body in which one-time codes and PINs cannot be read. */
export function masked(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(masked);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value).map(([key, entry]) => [key, SECRETS.has(key.toLowerCase()) ? MASK : masked(entry)]),
	);
}
