import type { ChoiceField, Field } from './define';
import { oneOf } from './fields';

export const FREEDOM_WALLET = 1000;

const PRODUCTS = [
	{ name: 'Electron Card', value: 3000 },
	{ name: 'Freedom Wallet Card', value: FREEDOM_WALLET },
	{ name: 'Instant Card', value: 2000 },
];

/** The products of clients, by number (page "Dictionaries"). Starts with one that asks for the fewest fields. */
export function product(description: string): ChoiceField {
	return oneOf(PRODUCTS, { key: 'product_id', label: 'Product', description, default: 2000 });
}

/** Optional on the page of client/add, required for this product on the dictionary page. */
export const forFreedomWallet: Pick<Field, 'required' | 'requiredWhen'> = {
	required: false,
	requiredWhen: {
		key: 'product_id',
		in: [FREEDOM_WALLET],
		of: PRODUCTS.map(({ value }) => value),
		why: 'for a Freedom Wallet Card (product 1000)',
	},
};
