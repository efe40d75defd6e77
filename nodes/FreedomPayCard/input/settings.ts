import { parameterName, type Field } from '../../card-api/methods/define';
import { isBlank } from '../../card-api/text/signs';
import { isExpression, type Given } from './given';
import { readFields } from './values';

/**
 * Reads settings, by the panel's names. One that was cleared by hand is what the panel starts with; an expression must give something.
 * @throws {BadInput} naming every one that has a value it cannot take
 */
export function settingsOf(fields: readonly Field[], givenTo: (name: string) => Given): Record<string, unknown> {
	const read = readFields(fields, (field) => {
		const given = givenTo(parameterName(field.key));
		return isBlank(given.value) && !isExpression(given.typed) ? { value: 'default' in field ? field.default : undefined } : given;
	});
	return Object.fromEntries(Object.entries(read).map(([key, value]) => [parameterName(key), value]));
}
