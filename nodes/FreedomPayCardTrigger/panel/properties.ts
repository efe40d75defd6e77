import type { INodeProperties } from 'n8n-workflow';

import { OPTIONS_PARAMETER, property } from '../../FreedomPayCard/panel/properties';
import { parameterOf } from '../../card-api/methods/define';
import { event, leastAmounts, MOST_CARDS, operationTypes, options, watchedCard } from './fields';

/** The parameters that the trigger is read from. */
export const CARD_IDS = 'cardIds';
export const FILTERS = 'filters';

const FEW_REQUESTS = `Each poll sends a request for each card: with many cards, choose Every X and 5 minutes or more as the Poll Time. ${MOST_CARDS} cards polled each minute are 72,000 requests a day.`;

/** The panel. n8n itself puts the Poll Times above it. */
export function properties(): INodeProperties[] {
	return [
		{ displayName: FEW_REQUESTS, name: 'notice', type: 'notice', default: '' },
		{ ...property(event), noDataExpression: true },
		{
			displayName: watchedCard.label,
			name: CARD_IDS,
			type: 'string',
			typeOptions: { multipleValues: true, multipleValueButtonText: 'Add Card ID', rows: 2 },
			default: [''],
			required: true,
			placeholder: watchedCard.placeholder ?? '',
			description: `IDs in Freedom Processing of the cards to watch, ${MOST_CARDS} at most. Add them one by one, or paste a list with commas or a line for each.`,
		},
		{
			displayName: 'Filters',
			name: FILTERS,
			type: 'collection',
			placeholder: 'Add Filter',
			default: {},
			options: [
				property(leastAmounts),
				{
					displayName: operationTypes.label,
					name: parameterOf(operationTypes),
					type: 'string',
					default: '',
					placeholder: 'e.g. pay, withdrawal',
					description: operationTypes.description,
				},
			],
		},
		{
			displayName: 'Options',
			name: OPTIONS_PARAMETER,
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			options: options.map((field) => property(field)),
		},
	];
}

