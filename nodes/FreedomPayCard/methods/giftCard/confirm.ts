import * as z from 'zod/v4-mini';

import { exactNumber } from '../answers';
import type { Method } from '../define';
import { integer, oneTimeCode } from '../fields';

export const confirmGiftCard: Method = {
	resource: 'giftCard',
	operation: 'confirm',
	name: 'Confirm',
	action: 'Confirm a gift card',
	description: "Confirm the customer's phone number with a one-time code and activate the gift card",
	path: '/v5/cards/activate_card',
	source: 'https://docs.freedompay.kz/api-12075782',
	kind: 'command',
	requestId: 'none',
	answers: 'gift',
	fields: [
		oneTimeCode({
			key: 'otp',
			label: 'OTP',
			description: "One-time code that confirms the customer's phone number",
			placeholder: 'e.g. 1234',
		}),
		integer({
			key: 'card_id',
			label: 'Card ID',
			description: 'ID of the gift card, if it was issued before',
			required: false,
		}),
	],
	ids: ['card_id'],
	identity: ['card_id', 'otp'],
	answer: z.looseObject({
		datetime: z.string(),
		status: z.number(),
		card_status: z.number(),
		card_currency: z.string(),
		card_balance: exactNumber(),
		card_mask: z.string(),
	}),
	sample: {
		request: { otp: '1234', card_id: 555 },
		answer: {
			datetime: '2022-05-01 12:01:15',
			status: 0,
			card_status: 1,
			card_currency: 'USD',
			card_balance: 100,
			card_mask: '1234********5678',
		},
	},
};
