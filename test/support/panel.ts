import { NodeHelpers, type INodeParameters } from 'n8n-workflow';

import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';

const { description } = new FreedomPayCard();

/** A parameter of the panel as it stands under other ones: shown or not, required or not. */
export function shownAs(name: string, parameters: INodeParameters): 'hidden' | 'required' | 'optional' {
	const shown = description.properties.filter((parameter) => parameter.name === name && NodeHelpers.displayParameter(parameters, parameter, { typeVersion: 1 }, description));
	expect(shown.length).toBeLessThan(2);
	if (shown[0] === undefined) return 'hidden';
	return shown[0].required === true ? 'required' : 'optional';
}
