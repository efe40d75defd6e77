import type { INodeParameters } from 'n8n-workflow';

import { methodOf } from '../../nodes/card-api/methods';
import type { FaultRule } from '../sandbox';
import { useSandbox } from '../support/bench';
import { failed } from '../support/items';
import { GIFT } from '../support/paths';
import { runJobContinuing, type Job } from '../support/runs';

/* What a person is told to do about an item that failed. */

const sandbox = useSandbox();

const confirm: INodeParameters = { resource: 'giftCard', operation: 'confirm', otp: '4711', cardId: 555 };
const link: INodeParameters = { operation: 'linkClient', clientId: 'client-2001' };
const refund: INodeParameters = { resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', refund: 'full' };
const accounts = { account: [{ iban: 'KZ86125KZT5004100100', currency: 'KZT', type: 'IBAN' }] };
const update: INodeParameters = { operation: 'update', accounts };
const lookUp: INodeParameters = { resource: 'request', operation: 'getStatus', requestId: '828cf71d-a447-4a67-a149-c1df8bc197ca' };
const custom = (body: string): INodeParameters => ({ resource: 'custom', operation: 'send', path: 'card-api/card/block', body, retryRule: 'command', takesRequestId: true });

const NEW_EXECUTION = 'To try again, run it again.';
const CHECK_THE_CARD = 'Check the Card ID, and that the Environment of the credential is the one that the card belongs to.';
const CREATE_THE_CLIENT = 'Check the Client ID, or create the client first with Client: Create and use the client_id of its answer.';

describe('a gift card that is not confirmed', () => {
	const refused = async (answer: Record<string, unknown>) => {
		sandbox.faults.add({ path: GIFT, kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', ...answer } });
		return failed(await runJobContinuing(sandbox, { parameters: confirm }));
	};

	test.each([
		[-1, `FreedomPay gives no reason. Check the one-time code and the Card ID; if both are right, ask FreedomPay. ${NEW_EXECUTION}`],
		[-2, `A confirmation carries no name. Have FreedomPay correct it, or correct it where the gift card is issued. ${NEW_EXECUTION}`],
		[-3, `A confirmation carries no phone number. Have FreedomPay correct it, or correct it where the gift card is issued. ${NEW_EXECUTION}`],
		[-4, `A confirmation carries no product code. Have FreedomPay correct it, or correct it where the gift card is issued. ${NEW_EXECUTION}`],
		[-5, `The bank could not issue the card. Wait a while, and ask FreedomPay if it stays so. ${NEW_EXECUTION}`],
		[-6, `Have money added to your account as a partner of FreedomPay. ${NEW_EXECUTION}`],
		[-7, 'Check the Card ID of the gift card, and the Environment of the credential.'],
		[-8, 'Ask the customer for the code of the last message, and confirm again with that one.'],
		[-9, `The bank could not activate the card. Wait a while, and ask FreedomPay if it stays so. ${NEW_EXECUTION}`],
		[-10, 'The gift card is activated already: nothing is left to do.'],
		[-11, `Ask FreedomPay whether your Auth ID may use this product and this card. ${NEW_EXECUTION}`],
		[-99, `The dictionary does not list this status: ask FreedomPay what it means. ${NEW_EXECUTION}`],
	])('with status %d', async (status, step) => {
		expect(await refused({ status })).toMatchObject({ outcome: 'refused', next_step: step });
	});

	test.each([
		[3, 'canceled'],
		['4', 'blocked'],
		[5, 'expired'],
	])('with card_status %p: it is named as what may be why', async (cardStatus, word) => {
		const { next_step: next } = await refused({ status: -8, card_status: cardStatus });
		expect(next).toBe(`The gift card is ${word} (card_status ${cardStatus}), which may be why. Ask the customer for the code of the last message, and confirm again with that one.`);
	});

	test.each([0, 1, 2, 9, null])('with card_status %p, which explains nothing: it is not named', async (cardStatus) => {
		expect((await refused({ status: -8, card_status: cardStatus })).next_step).toMatch(/^Ask the customer/);
	});
});

describe('another request whose answer has a number for a status', () => {
	const parameters = { ...custom('{"name":"Aliya"}'), path: 'cards/issue_card', additionalFields: { answerStatus: 'gift' } };
	const CHECK = 'Check the fields of this item, and ask FreedomPay if they are right.';
	const UNDER_ANOTHER_ID = 'To try again, run it again: it is sent under a new request ID.';

	test.each([
		[-1, `${CHECK} ${UNDER_ANOTHER_ID}`],
		[-2, `${CHECK} ${UNDER_ANOTHER_ID}`],
		[-4, `${CHECK} ${UNDER_ANOTHER_ID}`],
		[-5, `The bank could not issue the card. Wait a while, and ask FreedomPay if it stays so. ${UNDER_ANOTHER_ID}`],
		[-8, CHECK],
		[-10, CHECK],
		[-99, `The dictionary does not list this status: ask FreedomPay what it means. ${UNDER_ANOTHER_ID}`],
	])('that is refused with status %d is told nothing of a confirmation', async (status, step) => {
		sandbox.faults.add({ path: '/v5/cards/issue_card', kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', status } });
		const { next_step: told } = failed(await runJobContinuing(sandbox, { parameters }));
		expect(told).toBe(step);
		expect(told).not.toMatch(/confirm/i);
	});

	test.each<[string, FaultRule]>([
		['whose outcome is unknown', { kind: 'dropBefore' }],
		['whose answer tells no status', { kind: 'rawBefore', status: 202, body: {} }],
	])('%s neither', async (_how, fault) => {
		sandbox.faults.add({ path: '/v5/cards/issue_card', ...fault });
		const told = failed(await runJobContinuing(sandbox, { parameters: { ...parameters, takesRequestId: false } }));
		expect(told.next_step).toMatch(/Look first whether it was carried out, or ask FreedomPay\.$/);
	});
});

/** What FreedomPay says in words to whatever operation, and what the person is told to do. What it says to one of them stands in its contract. */
const refusals: Array<[says: string, parameters: INodeParameters, step: string]> = [
	['card is closed', link, 'FreedomPay says that the card is closed, which cannot be undone. Use another card.'],
	['CARD_ALREADY_CLOSED', update, 'FreedomPay says that the card is closed, which cannot be undone. Use another card.'],
	['card is temporarily blocked', {}, 'FreedomPay says that the card is blocked. Unblock it with Card: Unblock, or ask FreedomPay why it is blocked. To try again, run it again: it is sent under a new request ID.'],
	['Карта заблокирована', link, 'FreedomPay says that the card is blocked. Unblock it with Card: Unblock, or ask FreedomPay why it is blocked. To try again, run it again: it is sent under a new request ID.'],
	['client not found', link, `FreedomPay says that it does not know the client. ${CREATE_THE_CLIENT}`],
	['Unknown client', link, `FreedomPay says that it does not know the client. ${CREATE_THE_CLIENT}`],
	['The cardholder 2001 does not exist', link, `FreedomPay says that it does not know the client. ${CREATE_THE_CLIENT}`],
	['Клиент не найден', link, `FreedomPay says that it does not know the client. ${CREATE_THE_CLIENT}`],
	['card not found', link, `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}`],
	['Card with id "1001" could not be found', {}, `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}`],
	['unknown card', {}, `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}`],
	['Карта не найдена', {}, `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}`],
	['card not found', custom('{ "card_id": "card-1001" }'), `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}`],
	['order not found', refund, 'FreedomPay says that it does not know the transaction. Check the Order ID and the Transaction ID, and that the Environment of the credential is theirs.'],
	['not found', link, `FreedomPay does not say what it did not find: the card or the client. ${CHECK_THE_CARD} ${CREATE_THE_CLIENT}`],
	['Not found', {}, `FreedomPay does not say what it did not find. ${CHECK_THE_CARD}`],
	['Wrong code', custom('{ "card_id": "card-1001" }'), 'FreedomPay says that the code is wrong. Ask the customer for the code of the last message, and send that one.'],
	['неверный код', custom('{}'), 'FreedomPay says that the code is wrong. Ask the customer for the code of the last message, and send that one.'],
	['Access denied', {}, 'FreedomPay says that this is not allowed. Ask FreedomPay whether your Auth ID may do this, and for this card or client. To try again, run it again: it is sent under a new request ID.'],
];

function pathOf(parameters: INodeParameters): string {
	const { resource, operation, path } = { resource: 'card', operation: 'close', ...parameters } as Record<string, string>;
	return path ?? methodOf(resource ?? '', operation ?? '')?.path ?? '';
}

/** Has a command refused in these words. */
async function refusedWith(body: Record<string, unknown>, parameters: INodeParameters, rule: Partial<FaultRule> = {}) {
	sandbox.faults.add({ path: pathOf(parameters), kind: 'refuse', body, ...rule });
	return failed(await runJobContinuing(sandbox, { parameters }));
}

describe('a refusal in words', () => {
	test.each(refusals)('%j to %j', async (says, parameters, step) => {
		const told = await refusedWith({ error_description: says }, parameters);
		expect(told).toMatchObject({ outcome: 'refused', next_step: step });
		expect(told.message).toContain(says);
	});

	test('by an HTTP status: its step is the same', async () => {
		const body = { status: 'error', error_description: 'card not found' };
		const told = await refusedWith({}, {}, { kind: 'rawBefore', status: 422, body });
		expect(told).toMatchObject({ outcome: 'refused', next_step: `FreedomPay says that it does not know the card. ${CHECK_THE_CARD}` });
	});

	test.each<[string, INodeParameters]>([
		['the card could not be closed: it is already being processed', {}],
		['card is not closed', link],
		['the account of the card is already closed', {}],
		['карта не может быть закрыта', {}],
		['Карту нельзя закрыть', {}],
		['карта будет закрыта завтра', {}],
		["client's card not found", link],
		['invalid code of the currency', update],
		['неверный код валюты', update],
		['card limit is reached', {}],
		['already closed for today', link],
		['client not found', {}],
		['', {}],
	])('%j to %j means nothing that is known: the general sentence', async (says, parameters) => {
		const { next_step: next } = await refusedWith({ error_description: says }, parameters);
		expect(next).toBe(`Check the fields of this item, and the state of the ${parameters.clientId === undefined ? 'card' : 'card and the client'} at FreedomPay.`);
	});

	test('the general sentence speaks of what the request is about', async () => {
		expect((await refusedWith({ error_description: 'refused' }, refund)).next_step).toBe('Check the fields of this item, and the state of the transaction at FreedomPay.');
		expect((await refusedWith({ error_description: 'refused' }, custom('{}'))).next_step).toBe('Check the fields of this item, and ask FreedomPay if they are right.');
	});

	test.each([
		[1001, 'wrong parameters'],
		[1003, 'exists already'],
		[1004, 'not found'],
		[1005, 'failed to close'],
		[1006, 'request not found'],
		[1007, 'already closed'],
		[1008, 'failed to block'],
	])('a code %p alone: what the sibling API means by it, as such', async (code, meaning) => {
		const { next_step: next, message } = await refusedWith({ error_code: code }, {});
		expect(message).toBe(`FreedomPay answered that the request failed: error ${code}`);
		expect(next).toBe(`Check the fields of this item, and the state of the card at FreedomPay. In FreedomPay's E-Money API the error ${code} means "${meaning}"; what it means here is not documented.`);
	});

	test.each([77, 'constructor', null])('a code %p that nobody knows: no hint', async (code) => {
		expect((await refusedWith({ error_code: code }, {})).next_step).not.toMatch(/E-Money/);
	});

	test('an unknown request', async () => {
		expect(failed(await runJobContinuing(sandbox, { parameters: lookUp })).next_step).toBe(
			'FreedomPay says that it does not know the request. Check the Request ID, and that the credential is the one it was sent with. Of an old request this is no proof that nothing happened.',
		);
	});

	test('under an event: another Event ID is needed, unless nothing is left to do', async () => {
		const eventId = 'e-1';
		expect((await refusedWith({ error_description: 'card not found' }, { eventId })).next_step).toMatch(/trying again needs another Event ID\.$/);
		expect((await refusedWith({ error_description: 'access denied' }, { eventId: 'e-2' })).next_step).toMatch(/Another Event ID is needed to try again: [^.]*\.$/);
		expect((await refusedWith({ error_description: 'card is already closed' }, { eventId: 'e-3' })).next_step).not.toMatch(/Event ID/);
	});

	test('of an earlier request: its step, and what it takes to try again', async () => {
		const event: Job = { items: [{ card: 'no-such-card' }], parameters: { eventId: 'e-1' } };
		await runJobContinuing(sandbox, { ...event, run: { executionId: '1' } });
		const { next_step: next } = failed(await runJobContinuing(sandbox, { ...event, run: { executionId: '2' } }));
		expect(next).toBe(
			`FreedomPay says that it does not know the card. ${CHECK_THE_CARD} Another Event ID is needed to try again: under this one FreedomPay answers with the earlier outcome.`,
		);
	});
});

describe('what kept a request from being answered', () => {
	const told = async (rule: FaultRule, job: Job = {}) => {
		sandbox.faults.add({ times: 'always', ...rule });
		return failed(await runJobContinuing(sandbox, job)).next_step;
	};

	test.each<[string, FaultRule, Job, RegExp]>([
		['401', { kind: 'unauthorized' }, {}, /^Check the Environment, Auth ID, Partner Key and Signature Algorithm of the FreedomPay API credential/],
		['403', { kind: 'forbidden' }, {}, /that FreedomPay allows this method for you/],
		['a redirect', { kind: 'redirect', location: 'https://elsewhere.example/' }, {}, /^A signed request goes to the host of the credential only \(HTTP 307\)/],
		['404', { kind: 'notFound' }, {}, /^Check the Environment and Base URL of the credential: the host that it names does not seem to be that of the API\.$/],
		['404 of a path that was typed', { kind: 'notFound' }, { parameters: custom('{}') }, /^Check the Path, and the Environment and Base URL of the credential\.$/],
		['a rate limit', { kind: 'rateLimit', retryAfter: 0 }, {}, /^It was turned away each time \(HTTP 429\)\. Lower Max Parallel Requests, or run it later\./],
		['a read that takes too long', { kind: 'stallBefore' }, { parameters: lookUp }, /Run it again later, or give it more time with Request Timeout \(Seconds\)\.$/],
		['a read whose answer is too large', { kind: 'hugeAfter', bytes: 11_000_000 }, { parameters: lookUp }, /Ask for less at a time, such as a shorter period\.$/],
		['a read that something else answers', { kind: 'html200After' }, { parameters: lookUp }, /what answered does not seem to be the API\.$/],
		['a read that breaks', { kind: 'dropBefore' }, { parameters: lookUp }, /^The connection broke before the whole answer was in\. Run it again later\.$/],
	])('%s', async (_, rule, job, step) => {
		expect(await told(rule, job)).toMatch(step);
	});

	test('not reached', async () => {
		const { next_step: next } = failed(await runJobContinuing(sandbox, { credential: { baseUrl: 'http://127.0.0.1:1' } }));
		expect(next).toMatch(/^Check the network, and the Environment and Base URL of the credential \(ECONNREFUSED\)\./);
	});
});
