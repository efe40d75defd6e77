import { data as iso4217 } from 'currency-codes';

/** Come first, in this order: the currency of Kazakhstan, and those that it and its neighbours trade in. */
const FIRST = ['KZT', 'USD', 'EUR', 'RUB', 'KGS', 'UZS'];

function rank(code: string): number {
	const place = FIRST.indexOf(code);
	return place === -1 ? FIRST.length : place;
}

/** The currencies of ISO 4217, by code. */
export const CURRENCIES: ReadonlyArray<{ name: string; value: string }> = iso4217
	.map(({ code, currency }) => ({ name: `${code} (${currency})`, value: code }))
	.sort((a, b) => rank(a.value) - rank(b.value) || a.value.localeCompare(b.value));
