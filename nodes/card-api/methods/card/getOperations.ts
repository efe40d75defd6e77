import * as z from 'zod/v4-mini';

import { answer, exactNumber, sampleAnswer } from '../answers';
import type { Read } from '../define';
import { cardId } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';
import { period } from '../period';

const { fields, check } = period({ required: false });

export const getOperations: Read = {
	resource: 'card',
	operation: 'getOperations',
	name: 'Get Operations',
	action: 'Get operations of a card from its statement',
	description: 'Get the payments and withdrawals of a card over a period, one item each',
	path: '/v5/card-api/card/statement',
	source: 'https://docs.freedompay.kz/api-12075219',
	is: 'read',
	requestId: 'none',
	answers: 'request',
	fields: [cardId, ...fields],
	check,
	ids: ['card_id'],
	entries: { in: 'operations' },
	answer: answer({
		operations: z.array(
			z.looseObject({
				type: z.string(),
				amount: exactNumber(),
				commission: exactNumber(),
				currency: z.string(),
				mcc: exactNumber(),
				datetime: z.string(),
				rrn: z.string(),
				// Its fields are not visible on the page.
				merchant: z.looseObject({}),
			}),
		),
	}),
	sample: {
		request: {
			card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
			start_date: '2025-01-01T00:00:00+05:00',
			end_date: '2025-01-31T23:59:59+05:00',
		},
		answer: {
			...sampleAnswer,
			operations: [
				{
					type: 'pay',
					amount: 1500.5,
					commission: 0,
					currency: 'KZT',
					mcc: 5411,
					datetime: '2025-01-15T10:30:00+05:00',
					rrn: '501512345678',
					merchant: {},
				},
				{
					type: 'withdrawal',
					amount: 20000,
					commission: 200,
					currency: 'KZT',
					mcc: 6011,
					datetime: '2025-01-20T18:05:00+05:00',
					rrn: '502012345679',
					merchant: {},
				},
			],
		},
	},
};

export const inSandbox: SandboxRead = {
	needs: ['card', 'period'],
	tell: ({ card, period: span }) => ({
		operations: card.operations(span).map(({ type, amount, commission, currency, mcc, datetime, rrn, merchant }) => ({
			type, amount, commission, currency, mcc, datetime, rrn, merchant,
		})),
	}),
};

export const inDocs: InDocs = {
	russian: 'платежи и снятие наличных за период, каждая операция отдельным элементом',
	foundBy: ['card statement'],
	title: 'Get Operations',
	input: { card_id: 'card-1001', from: '2025-01-01T00:00:00', to: '2025-01-31T23:59:59' },
	parameters: { cardId: '={{ $json.card_id }}', startDate: '={{ $json.from }}', endDate: '={{ $json.to }}' },
};
