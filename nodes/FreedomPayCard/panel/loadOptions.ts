import type { INodePropertyOptions } from 'n8n-workflow';

import { CURRENCIES } from '../../card-api/methods/currencies';
import type { ScalarField } from '../../card-api/methods/define';

type LoadOptions = Record<NonNullable<ScalarField['loadOptionsMethod']>, () => Promise<INodePropertyOptions[]>>;

/** The lists that n8n loads: of those, the order is for the node to say. */
export const loadOptions: LoadOptions = {
	getCurrencies: () => Promise.resolve([...CURRENCIES]),
};
