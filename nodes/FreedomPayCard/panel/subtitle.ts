import { operations } from '../../card-api/methods';

/** The expression of the node's subtitle: what it does, in words. */
export function subtitle(): string {
	const actions = Object.fromEntries(operations.map(({ resource, operation, action, subtitle: shown = action }) => [`${resource}.${operation}`, shown]));
	return `={{ (${JSON.stringify(actions)})[$parameter["resource"] + "." + $parameter["operation"]] }}`;
}
