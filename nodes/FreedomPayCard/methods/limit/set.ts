import { partialAnswer, sampleAnswer } from '../answers';
import type { Command } from '../define';
import { currency, decimal, list, text } from '../fields';
import { limitedObject } from '../limitedObject';

export const setLimits: Command = {
	resource: 'limit',
	operation: 'set',
	name: 'Set',
	action: 'Set limits',
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
				text({
					key: 'transaction_type',
					label: 'Transaction Type',
					description:
						'Type of transaction that is limited. The documentation shows withdrawal_atm, pay, withdrawal and pay_online_non3ds; its full list is not public.',
					placeholder: 'e.g. withdrawal_atm',
				}),
				text({
					key: 'region',
					label: 'Region',
					description: 'Region that the limit is for. Its values are not documented publicly.',
					required: false,
				}),
				text({
					key: 'period',
					label: 'Period',
					description: 'Period that the limit is for. The documentation shows day and month.',
					default: 'month',
					required: false,
				}),
				list(
					{ name: 'amount', label: 'Amount' },
					[
						text({
							key: 'type',
							label: 'Type',
							description: 'Type of the amount. The documentation shows max only.',
							default: 'max',
						}),
						decimal({ key: 'value', label: 'Value', description: 'The amount, such as 5000', placeholder: 'e.g. 5000' }),
						currency({ key: 'currency' }),
					],
					{ key: 'amount', label: 'Amounts', description: 'The amounts that the limit sets', required: false },
				),
			],
			{ key: 'limits', label: 'Limits', description: 'The limits to set' },
		),
	],
	ids: ['object'],
	identity: ['object', 'limits'],
	repeat: 'same',
	object: ['object'],
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
