import * as z from 'zod/v4-mini';

import { partialAnswer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { currency, decimal, documentedOr, list, text } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxCommand, SandboxLimit } from '../inSandbox';
import { limitedObject } from '../limitedObject';

const amounts = list(
	{ name: 'amount', label: 'Amount' },
	[
		...documentedOr([{ name: 'Max', value: 'max' }], { key: 'type', label: 'Type', description: 'Type of the amount' }),
		decimal({ key: 'value', label: 'Value', description: 'The amount, such as 5000', placeholder: 'e.g. 5000' }),
		currency({ key: 'currency' }),
	],
	{ key: 'amount', label: 'Amounts', description: 'The amounts that the limit sets' },
);

export const setLimits: Command = {
	resource: 'limit',
	operation: 'set',
	name: 'Set',
	action: 'Set limits of a card or account or client',
	description: 'Set limits of a card, account or client by transaction type, period and currency',
	path: '/v5/card-api/limits/set',
	source: 'https://docs.freedompay.kz/api-18613819',
	is: 'command',
	answers: 'request',
	fields: [
		limitedObject,
		list(
			{ name: 'limit', label: 'Limit' },
			[
				...documentedOr(
					[
						{ name: 'ATM Withdrawal', value: 'withdrawal_atm', description: 'Sent as withdrawal_atm' },
						{ name: 'Online Payment Without 3-D Secure', value: 'pay_online_non3ds', description: 'Sent as pay_online_non3ds' },
						{ name: 'Payment', value: 'pay', description: 'Sent as pay' },
						{ name: 'Withdrawal', value: 'withdrawal', description: 'Sent as withdrawal' },
					],
					{ key: 'transaction_type', label: 'Transaction Type', description: 'Type of transaction that is limited' },
				),
				text({
					key: 'region',
					label: 'Region',
					description: 'Region that the limit is for. Its values are not documented publicly.',
					required: false,
				}),
				...documentedOr(
					[
						{ name: 'Day', value: 'day' },
						{ name: 'Month', value: 'month' },
					],
					{ key: 'period', label: 'Period', description: 'Period that the limit is for', default: 'month', required: false },
					'none',
				),
				// Optional on the page; what a limit without an amount is, it does not say.
				{ ...amounts, wire: z.optional(amounts.schema) },
			],
			{ key: 'limits', label: 'Limits', description: 'The limits to set' },
		),
	],
	ids: ['object'],
	identity: ['object', 'limits'],
	repeat: 'same',
	object: ['object'],
	refusals: [],
	// The answer is not on the page.
	answer: partialAnswer(),
	sample: {
		request: {
			object: { type: 'card', value: '123456789' },
			limits: [
				{ transaction_type: 'withdrawal_atm', period: 'month', amount: [{ type: 'max', value: '5000', currency: 'USD' }] },
			],
		},
		answer: sampleAnswer,
	},
};

type Amount = Pick<SandboxLimit, 'type' | 'value' | 'currency'>;
type GivenLimit = Omit<SandboxLimit, keyof Amount> & { amount?: readonly Amount[] };

export const inSandbox: SandboxCommand = {
	needs: ['object'],
	// One for each amount.
	act: ({ object, body }) => object.setLimits((body.limits as GivenLimit[]).flatMap(({ amount = [{}], ...about }) => amount.map((one) => ({ ...about, ...one })))),
};

export const inDocs: InDocs = {
	russian: 'устанавливает лимиты',
	foundBy: ['limit'],
	title: 'Set Limit',
	input: { card_id: 'card-1003', monthly_cash: 5000, change: 'chg-11' },
	parameters: {
		objectType: 'card',
		cardId: '={{ $json.card_id }}',
		limits: {
			limit: [
				{
					transactionType: 'withdrawal_atm',
					region: '',
					period: 'month',
					amount: { amount: [{ type: 'max', value: '={{ $json.monthly_cash }}', currency: 'KZT' }] },
				},
			],
		},
		eventId: '={{ $json.change }}',
	},
};
