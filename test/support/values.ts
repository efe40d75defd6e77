import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from './bench';
import type { NodeOutcome, NodeToRun } from './engine';
import { failedItems } from './items';
import { STATUS } from './paths';
import { runJobContinuing } from './runs';

/*
 * What becomes of a value: the node in n8n's engine, with the value in a field of the panel, and what the sandbox received.
 */

/** The parameters of a node with a value in the place of a field. */
export type Place = (value: unknown) => INodeParameters;

export interface Came {
	outcome: NodeOutcome;
	/** The bodies on the wire, in the order of the items, without the questions about other requests. */
	bodies: Array<Record<string, unknown>>;
	/** Why items were refused before anything was sent, by their number. */
	refused: ReadonlyMap<number, string>;
	/** What the user was told besides. */
	hints: string[];
}

/** A sandbox for the tests of a file that takes any id, and a way to run the node against it. */
export function useValues() {
	const sandbox = useSandbox({ unknownIds: 'accept' });
	let executions = 0;

	/** Runs the node in an execution of its own, one item at a time. */
	async function run(parameters: INodeParameters, items: unknown[] = [{}], more: Partial<NodeToRun> = {}): Promise<Came> {
		executions += 1;
		sandbox.journal.clear();
		const options: INodeParameters = { maxParallelRequests: 1, ...(parameters.options as INodeParameters | undefined) };
		// Equal commands of one list are told apart, so that each value is seen on the wire.
		const apart = parameters.eventId === undefined && options.requestId === undefined ? { eventId: '=item-{{ $itemIndex }}' } : {};
		const outcome = await runJobContinuing(sandbox, { parameters: { ...apart, ...parameters, options }, items: items as never, run: { executionId: String(executions), ...more } });
		return {
			outcome,
			bodies: sandbox.journal.all.filter(({ path }) => path !== STATUS || parameters.operation === 'getStatus').map(({ rawBody }) => JSON.parse(rawBody.toString('utf8')) as Record<string, unknown>),
			refused: new Map(failedItems(outcome).flatMap(([item, told]) => (told.outcome === 'not_done' ? [[item, told.message]] : []))),
			hints: outcome.hints.map(({ message }) => message).filter((message) => !message.includes('has no entries')),
		};
	}

	/** Runs the node for each value, that an expression gives, and says why it was refused; undefined where it was sent. */
	async function refusals(place: Place, values: readonly unknown[], field = 'value'): Promise<Array<string | undefined>> {
		const { refused, bodies } = await run(place(`={{ $json.${field} }}`), values.map((value) => ({ json: { [field]: value } })));
		if (bodies.length < values.length - refused.size) throw new Error('Something was neither sent nor refused');
		return values.map((_, item) => refused.get(item)?.replace(/ \[item \d+\]$/, ''));
	}

	return { run, refusals, ledger: () => sandbox.ledger.all };
}

/** Places of the panel, by what stands in them. */
export const places = {
	cardId: (value) => ({ resource: 'card', operation: 'close', cardId: value as string, reason: 'Lost' }),
	reason: (value) => ({ resource: 'card', operation: 'close', cardId: 'card-1', reason: value as string }),
	eventId: (value) => ({ resource: 'card', operation: 'close', cardId: 'card-1', reason: 'Lost', eventId: value as string }),
	requestId: (value) => ({ resource: 'card', operation: 'close', cardId: 'card-1', reason: 'Lost', options: { requestId: value as string } }),
	lookedUpId: (value) => ({ resource: 'request', operation: 'getStatus', requestId: value as string }),
	iban: (value) => ({
		resource: 'card',
		operation: 'update',
		cardId: 'card-1',
		accounts: { account: [{ iban: value as string, currency: 'KZT', type: 'IBAN' }] },
	}),
	giftCard: (value) => ({ resource: 'giftCard', operation: 'confirm', otp: '1234', cardId: value as string }),
} satisfies Record<string, Place>;

const PERSON: INodeParameters = {
	resource: 'client',
	operation: 'create',
	productId: 2000,
	phone: '+77077070707',
	type: 1,
	resident: 1,
	firstName: 'Ivan',
	lastName: 'Ivanov',
};

/** A client, with some fields of their own. */
export function client(changed: INodeParameters, additionalFields: INodeParameters = {}): INodeParameters {
	return { ...PERSON, ...changed, additionalFields };
}

/** A refund of a part. */
export function refundOf(amount: unknown): INodeParameters {
	return { resource: 'transaction', operation: 'refund', orderId: 'order-1', transactionId: 'transaction-1', refund: 'part', amount: amount as string };
}

/** A limit, with some fields of its own and some of its amount. */
export function limit(changed: INodeParameters, amount: INodeParameters = {}): INodeParameters {
	return {
		resource: 'limit',
		operation: 'set',
		objectType: 'card',
		cardId: 'card-1',
		limits: { limit: [{ transactionType: 'pay', period: 'month', amount: { amount: [{ type: 'max', value: '5000', currency: 'KZT', ...amount }] }, ...changed }] },
	};
}
