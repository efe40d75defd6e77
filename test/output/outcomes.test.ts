import type { INodeParameters } from 'n8n-workflow';

import { FAILED_OUTCOMES, tryAgainOf } from '../../nodes/FreedomPayCard/output/outcomes';
import { CAUSES } from '../../nodes/card-api/methods/refusals';
import type { FaultRule } from '../sandbox';
import { useSandbox } from '../support/bench';
import { accountOf, done, failed, fatesOf } from '../support/items';
import { unusedUrl } from '../support/listener';
import { CLOSE, GIFT } from '../support/paths';
import { runJob, runJobContinuing, type Job } from '../support/runs';
import { contextWith } from '../support/surroundings';

/* What an item says of itself, in the words that workflows branch on. */

const sandbox = useSandbox();

const UUID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const gift: INodeParameters = { resource: 'giftCard', operation: 'confirm', otp: '4711', cardId: 555 };
const link: INodeParameters = { operation: 'linkClient', clientId: 'client-2001' };
const refund: INodeParameters = { resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', refund: 'full' };
const lookUp: INodeParameters = { resource: 'request', operation: 'getStatus', requestId: UUID };

test('whether to try again follows from what became of it and why', () => {
	const rows = FAILED_OUTCOMES.map((outcome) => {
		const words = new Map(CAUSES.map((cause) => [cause, tryAgainOf(outcome, cause)]));
		const rest = words.get('other');
		const others = [...words].filter(([, word]) => word !== rest);
		return [outcome, rest, ...others.map(([cause, word]) => `${cause}: ${word}`)].join(' ');
	});
	console.info(`try_again, by outcome:\n${rows.join('\n')}`);
	expect(rows).toEqual(['not_done yes input: no', 'refused no', 'unknown after_check', 'processing after_check']);
});

const refusing = (text: string, path = CLOSE): FaultRule => ({ path, kind: 'refuse', body: { error_description: text } });
const always = (fault: Omit<FaultRule, 'times'>): FaultRule => ({ ...fault, times: 'always' });
const giftAnswers = (status: number): FaultRule => ({ path: GIFT, kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', status } });

type Expected = [outcome: string, tryAgain: string];

const NOT_DONE: Expected = ['not_done', 'yes'];
const REFUSED: Expected = ['refused', 'no'];
const UNKNOWN: Expected = ['unknown', 'after_check'];

const cases: ReadonlyArray<[cause: string, FaultRule | undefined, Job, Expected]> = [
	['input', undefined, { parameters: { cardId: '={{ "" }}' } }, ['not_done', 'no']],
	['credential', { kind: 'unauthorized' }, {}, NOT_DONE],
	['credential', undefined, { credential: { authId: '' } }, NOT_DONE],
	['blocked', always({ kind: 'rawBefore', status: 403, body: '<!DOCTYPE html><title>Access denied</title>', headers: { 'content-type': 'text/html' } }), {}, NOT_DONE],
	['wrong_host', always({ kind: 'redirect', location: 'http://127.0.0.1:1/' }), {}, NOT_DONE],
	['wrong_host', always({ kind: 'notFound' }), {}, NOT_DONE],
	['rate_limit', always({ kind: 'rateLimit' }), {}, NOT_DONE],
	['no_answer', always({ kind: 'dropBefore' }), { parameters: lookUp }, NOT_DONE],
	['no_answer', { kind: 'dropAfter', path: GIFT }, { parameters: gift }, UNKNOWN],
	['card_closed', refusing('card is closed', 'card/link'), { parameters: link }, REFUSED],
	['card_blocked', refusing('card is blocked'), {}, REFUSED],
	['card_not_found', refusing('card not found'), {}, REFUSED],
	['client_not_found', refusing('client not found', 'card/link'), { parameters: link }, REFUSED],
	['transaction_not_found', refusing('transaction not found', 'refund'), { parameters: refund }, REFUSED],
	['request_not_found', undefined, { parameters: lookUp }, REFUSED],
	['wrong_code', giftAnswers(-8), { parameters: gift }, REFUSED],
	['already_activated', giftAnswers(-10), { parameters: gift }, REFUSED],
	['not_allowed', giftAnswers(-11), { parameters: gift }, REFUSED],
	['not_allowed', refusing('access denied'), {}, REFUSED],
	['other', refusing('frozen by the bank'), {}, REFUSED],
];

test.each(cases)('%s', async (cause, fault, job, [outcome, tryAgain]) => {
	if (fault !== undefined) sandbox.faults.add(fault);
	expect(failed(await runJobContinuing(sandbox, job))).toMatchObject({ outcome, cause, try_again: tryAgain });
});

test('unreachable', async () => {
	const baseUrl = await unusedUrl();
	expect(failed(await runJobContinuing(sandbox, { credential: { environment: 'custom', baseUrl } }))).toMatchObject({ outcome: 'not_done', cause: 'unreachable', try_again: 'yes' });
});

test('canceled', async () => {
	const surroundings = (context: Parameters<typeof contextWith>[0]) => contextWith(context, { getExecutionCancelSignal: () => AbortSignal.abort() });
	expect(failed(await runJobContinuing(sandbox, { surroundings }))).toMatchObject({ outcome: 'not_done', cause: 'canceled', try_again: 'yes' });
});

test('defect', async () => {
	const surroundings = (context: Parameters<typeof contextWith>[0]) =>
		contextWith(context, {
			getInputSourceData: () => {
				throw new Error('broken');
			},
			getInstanceId: () => {
				throw new Error('broken');
			},
		});
	expect(failed(await runJobContinuing(sandbox, { surroundings }))).toMatchObject({ outcome: 'not_done', cause: 'defect', try_again: 'yes' });
});

test('request_id_used', async () => {
	await runJobContinuing(sandbox, { options: { requestId: UUID } });
	const other = await runJobContinuing(sandbox, { options: { requestId: UUID }, run: { executionId: '2' } });
	expect(failed(other)).toMatchObject({ outcome: 'unknown', cause: 'request_id_used', try_again: 'after_check' });
});

test('an answer that has an outcome and an error of its own: both keep their own names, the node its words', async () => {
	sandbox.faults.add({ path: CLOSE, kind: 'rawAfter', body: { status: 'ok', request_status: 'success', outcome: 'whatever', error: 'none' } });
	expect(done(await runJobContinuing(sandbox))).toMatchObject({ outcome: 'done', api_outcome: 'whatever', api_error: 'none' });
});

describe('still processing when the wait ends', () => {
	const items = ['card-1001', 'card-1002', 'card-1003'].map((card) => ({ card }));
	const options = { maxWaitSeconds: 2, maxParallelRequests: 1 };
	const isOpen = () => sandbox.faults.add({ path: CLOSE, card: 'card-1001', kind: 'processForever' });

	test('is a failed item, and keeps no other from starting', async () => {
		isOpen();
		const fates = fatesOf(await runJobContinuing(sandbox, { items, options }), 3);
		expect(fates.map(({ done: json, failed: told }) => told?.outcome ?? json?.outcome)).toEqual(['processing', 'done', 'done']);
	});

	test('ends a run that stops on errors when all have ended', async () => {
		isOpen();
		const { error } = await runJob(sandbox, { items, options });
		expect(error?.message).toMatch(/^1 of 3 is still being processed: card-1001\. FreedomPay accepted the command and has not finished it \(Close\)/);
		expect(accountOf(error)).toMatchObject({ Done: [2, 'card-1002, card-1003'], 'Still being processed': [1, expect.stringMatching(/^card-1001 \(request ID /)] });
		expect(sandbox.ledger.all.filter(({ path }) => path === CLOSE).map(({ target }) => target.card_id)).toEqual(expect.arrayContaining(['card-1002', 'card-1003']));
	});

	test('is a success where nobody waits', async () => {
		isOpen();
		expect(done(await runJobContinuing(sandbox, { parameters: { waitForCompletion: false } }))).toMatchObject({ outcome: 'processing', request_status: 'process' });
	});
});
