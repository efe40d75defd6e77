import * as z from 'zod/v4-mini';

import { exactNumber, partialAnswer } from '../answers';
import type { Read } from '../define';
import { cardId } from '../fields';
import type { InDocs } from '../inDocs';
import type { SandboxRead } from '../inSandbox';
import { period } from '../period';

// The page does not say the form of the dates; that of the statement is sent.
const { fields, check } = period({ required: true });

const text = () => z.optional(z.string());
const number = () => z.optional(exactNumber());

export const getExtendedStatement: Read = {
	resource: 'card',
	operation: 'getExtendedStatement',
	name: 'Get Extended Statement',
	action: 'Get the extended card statement with balances',
	description: 'Get the balances and authorizations of a card over a period, with its client',
	path: '/v5/card-api/card/statement_extended',
	source: 'https://docs.freedompay.kz/api-14425115',
	is: 'read',
	requestId: 'none',
	answers: 'request',
	fields: [cardId, ...fields],
	check,
	ids: ['card_id'],
	// The page flattens the answer, so that its nesting is read from the order, and stops after `authorizations`.
	answer: partialAnswer({
		client_id: text(),
		card: z.optional(z.looseObject({ card_id: text(), card_mask: text() })),
		balances: z.optional(
			z.looseObject({
				accounts: z.optional(
					z.array(
						z.looseObject({
							iban: text(),
							currency: text(),
							debit: number(),
							credit: number(),
							amount: number(),
							blocked_amount: number(),
						}),
					),
				),
			}),
		),
		authorizations: z.optional(
			z.array(
				z.looseObject({
					datetime: text(),
					type: text(),
					amount: number(),
					commission: number(),
					full_amount: number(),
					cashback: number(),
					currency: text(),
					iban: text(),
					merchant: z.optional(z.looseObject({})),
					additional_parameters: z.optional(z.array(z.looseObject({}))),
				}),
			),
		),
	}),
	simplify: {
		first: ['balances', 'authorizations'],
		without: [
			'balances.accounts.debit',
			'balances.accounts.credit',
			'authorizations.commission',
			'authorizations.full_amount',
			'authorizations.cashback',
			'authorizations.iban',
			'authorizations.additional_parameters',
		],
		fields: [
			{ name: 'Account Amounts', value: 'balances.accounts.amount' },
			{ name: 'Account Blocked Amounts', value: 'balances.accounts.blocked_amount' },
			{ name: 'Account Credits', value: 'balances.accounts.credit' },
			{ name: 'Account Currencies', value: 'balances.accounts.currency' },
			{ name: 'Account Debits', value: 'balances.accounts.debit' },
			{ name: 'Account IBANs', value: 'balances.accounts.iban' },
			{ name: 'Authorization Additional Parameters', value: 'authorizations.additional_parameters' },
			{ name: 'Authorization Amounts', value: 'authorizations.amount' },
			{ name: 'Authorization Cashback', value: 'authorizations.cashback' },
			{ name: 'Authorization Commissions', value: 'authorizations.commission' },
			{ name: 'Authorization Currencies', value: 'authorizations.currency' },
			{ name: 'Authorization Full Amounts', value: 'authorizations.full_amount' },
			{ name: 'Authorization IBANs', value: 'authorizations.iban' },
			{ name: 'Authorization Merchants', value: 'authorizations.merchant' },
			{ name: 'Authorization Times', value: 'authorizations.datetime' },
			{ name: 'Authorization Types', value: 'authorizations.type' },
			{ name: 'Card Mask', value: 'card.card_mask' },
			{ name: 'Client ID', value: 'client_id' },
		],
	},
	sample: {
		request: {
			card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95',
			start_date: '2025-01-01T00:00:00+05:00',
			end_date: '2025-01-31T23:59:59+05:00',
		},
		answer: {
			status: 'ok',
			request_status: 'success',
			client_id: '0190f3b2-7c1e-7d55-9f0a-3f2b8f5f7a10',
			card: { card_id: '019ab688-bef2-72c4-6a29-d0e08be76d95', card_mask: '4400********1234' },
			balances: {
				accounts: [
					{ iban: 'KZ86125KZT5004100100', currency: 'KZT', debit: 21700, credit: 100000, amount: 78299.5, blocked_amount: 0 },
				],
			},
			authorizations: [
				{
					datetime: '2025-01-15T10:30:00+05:00',
					type: 'pay',
					amount: 1500.5,
					commission: 0,
					full_amount: 1500.5,
					cashback: 15,
					currency: 'KZT',
					iban: 'KZ86125KZT5004100100',
					merchant: {},
					additional_parameters: [],
				},
			],
		},
	},
};

const CASHBACK = 0.01;

/** What `debit` and `credit` are about is not documented: here, what went out and came in in the period. */
export const inSandbox: SandboxRead = {
	needs: ['card', 'period'],
	tell: ({ card, period: span }) => ({
		...(card.clientId !== undefined && { client_id: card.clientId }),
		card: { card_id: card.id, card_mask: card.mask },
		balances: {
			// The page has whole numbers for two of them.
			accounts: card.balances(span).map(({ iban, currency, debit, credit, amount }) => ({
				iban, currency, debit: Math.round(debit), credit: Math.round(credit), amount, blocked_amount: 0,
			})),
		},
		authorizations: card
			.operations(span)
			.filter(({ type }) => type === 'pay' || type === 'withdrawal')
			.map(({ datetime, type, amount, commission, currency, iban, merchant }) => ({
				datetime, type, amount, commission,
				full_amount: Math.round((amount + commission) * 100) / 100,
				cashback: type === 'pay' ? Math.floor(amount * CASHBACK) : 0,
				currency, iban, merchant,
				additional_parameters: [],
			})),
	}),
};

export const inDocs: InDocs = {
	russian: 'остатки и авторизации за период',
	foundBy: ['card statement', 'balance'],
	title: 'Get Statement',
	input: { card_id: 'card-1001' },
	parameters: { cardId: '={{ $json.card_id }}', startDate: '2025-01-01T00:00:00', endDate: '2025-01-31T23:59:59' },
};
