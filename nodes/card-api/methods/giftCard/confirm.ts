import * as z from 'zod/v4-mini';

import { exactNumber } from '../answers';
import type { OneTimeCommand } from '../define';
import { numericId, oneTimeCode } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxGiftCommand } from '../inSandbox';
import { GIFT, GIFT_CARD_STATUSES } from './statuses';

const ACTIVATED = 2;

export const confirmGiftCard: OneTimeCommand = {
	resource: 'giftCard',
	operation: 'confirm',
	name: 'Confirm',
	action: 'Activate a gift card with its code',
	description: "Activate a gift card with the one-time code that its customer received",
	path: '/v5/cards/activate_card',
	source: 'https://docs.freedompay.kz/api-12075782',
	is: 'oneTimeCommand',
	answers: 'gift',
	fields: [
		oneTimeCode({
			key: 'otp',
			label: 'One-Time Code (OTP)',
			description: 'Code that FreedomPay sent to the phone of the customer',
			placeholder: 'e.g. 1234',
		}),
		numericId({
			key: 'card_id',
			label: 'Card ID',
			description: 'ID of the gift card',
			placeholder: 'e.g. 555',
			required: false,
			blank: 'leftOut',
			beside: true,
			hint: 'Fill it in if the gift card has been issued already. Otherwise leave it empty.',
		}),
	],
	ids: ['card_id'],
	dictionaries: { card_status: GIFT_CARD_STATUSES },
	// A code is for one gift card, whether or not that is named.
	identity: ['otp'],
	repeat: 'same',
	object: ['otp'],
	refusals: [],
	statusSteps: {
		[GIFT.generalError.code]: { step: 'FreedomPay gives no reason. Check the one-time code and the Card ID; if both are right, ask FreedomPay.' },
		[GIFT.noName.code]: { step: 'A confirmation carries no name. Have FreedomPay correct it, or correct it where the gift card is issued.' },
		[GIFT.noPhone.code]: { step: 'A confirmation carries no phone number. Have FreedomPay correct it, or correct it where the gift card is issued.' },
		[GIFT.productNotFound.code]: { step: 'A confirmation carries no product code. Have FreedomPay correct it, or correct it where the gift card is issued.' },
		[GIFT.wrongCode.code]: { step: 'Ask the customer for the code of the last message, and confirm again with that one.' },
		[GIFT.alreadyActivated.code]: { step: 'The gift card is activated already: nothing is left to do.', then: 'nothing' },
	},
	ifUnknown:
		'Do not confirm again blindly. Check the gift card first: ask FreedomPay for its status, or look whether the customer can use it. If you confirm again after all, the answer "already activated" (status -10) means that the first confirmation worked.',
	ifAccepted: 'Look later whether the customer can use the gift card, or ask FreedomPay.',
	notice: 'After an unknown outcome a confirmation is never sent again, as it has no request ID.',
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

export const inSandbox: SandboxGiftCommand = {
	answer({ body, giftCards }) {
		const byCode = giftCards.filter(({ otp }) => otp === body.otp);
		const card =
			body.card_id === undefined
				? (byCode.find(({ status }) => status !== ACTIVATED) ?? byCode[0])
				: giftCards.find(({ cardId }) => cardId === Number(body.card_id));
		if (card === undefined) return { fields: { status: body.card_id === undefined ? GIFT.wrongCode.code : GIFT.cardNotFound.code } };
		if (card.otp !== body.otp) return { fields: { status: GIFT.wrongCode.code } };
		if (card.status === ACTIVATED) return { fields: { status: GIFT.alreadyActivated.code } };
		card.status = ACTIVATED;
		return {
			fields: { status: GIFT.success.code, card_status: card.status, card_currency: card.currency, card_balance: card.balance, card_mask: card.mask },
			actedOn: card.cardId,
		};
	},
};

export const inDocs: InDocs = {
	russian: 'активирует подарочную карту одноразовым кодом покупателя',
	foundBy: ['gift card'],
	title: 'Confirm Gift Card',
	input: { code: '1234' },
	parameters: { otp: '={{ $json.code }}' },
};
