import { canWait, holdsSecret, isListing, type Method, type ScalarField } from '../methods/define';
import { count, flag, reference, uuid } from '../methods/fields';

/**
 * The options that operations have in common, in the order shown, and which methods each applies to.
 */
const OPTIONS: ReadonlyArray<{ field: ScalarField; appliesTo: (method: Method) => boolean }> = [
	{
		field: flag({
			key: 'dry_run',
			label: 'Dry Run',
			description:
				'Whether to only check the fields and return the request that would be sent, without sending anything. Secrets are masked.',
		}),
		appliesTo: () => true,
	},
	{
		field: flag({
			key: 'include_other_fields',
			label: 'Include Other Input Fields',
			description: 'Whether to pass the fields of the input item on as well, as far as the output has none of that name',
		}),
		appliesTo: (method) => !holdsSecret(method),
	},
	{
		field: count(1, 100, {
			key: 'max_parallel_requests',
			label: 'Max Parallel Requests',
			description: 'How many requests may be on their way at once',
			default: 10,
		}),
		appliesTo: () => true,
	},
	{
		field: count(0, 86_400, {
			key: 'max_wait_seconds',
			label: 'Max Wait (Seconds)',
			description:
				'How long to wait for the end. If it is not there then, the item goes on with a request_status of "process".',
			default: 60,
		}),
		appliesTo: canWait,
	},
	{
		field: uuid({
			key: 'request_id',
			label: 'Request ID',
			description:
				'A UUID that is sent exactly as it is, for who must know it beforehand. To make a repeated event act once, use Event ID instead.',
			placeholder: 'e.g. 828cf71d-a447-4a67-a149-c1df8bc197ca',
			required: false,
		}),
		appliesTo: ({ is }) => is === 'command',
	},
	{
		field: count(1, 600, {
			key: 'request_timeout_seconds',
			label: 'Request Timeout (Seconds)',
			description: 'How long to wait for the whole answer to one request',
			default: 30,
		}),
		appliesTo: () => true,
	},
	{
		field: flag({
			key: 'whole_answer',
			label: 'Whole Answer',
			description: 'Whether to return the whole answer as one item. Return All and Limit do not count then.',
		}),
		appliesTo: isListing,
	},
];

/** The options that a method has. */
export function optionsOf(method: Method): ScalarField[] {
	return OPTIONS.filter(({ appliesTo }) => appliesTo(method)).map(({ field }) => field);
}

/** The idempotency key, in the words of those who use it, that every command with a request id has beside its fields. */
export const eventId: ScalarField = reference({
	key: 'event_id',
	label: 'Event ID',
	description:
		'ID of the event behind this command, such as a CRM event ID. The same event acts once, also in another execution.',
	placeholder: 'e.g. {{ $json.event_id }}',
	required: false,
});

/** The switch that every command with a request id has, beside its fields. */
const waitForCompletion: ScalarField = flag({
	key: 'wait_for_completion',
	label: 'Wait for Completion',
	description: 'Whether to wait until FreedomPay has processed the command, instead of going on as soon as it is accepted',
	default: true,
});

/** The same for a question about an earlier request. */
const waitForItsCompletion: ScalarField = flag({
	key: 'wait_for_completion',
	label: 'Wait for Completion',
	description: 'Whether to wait until FreedomPay has processed the request, instead of returning how far it is',
});

/** The switch of methods whose answers have more than ten fields. */
const simplify: ScalarField = flag({
	key: 'simplify',
	label: 'Simplify',
	description: 'Whether to return a simplified version of the response instead of the raw data',
	default: true,
});

const returnAll: ScalarField = flag({
	key: 'return_all',
	label: 'Return All',
	description: 'Whether to return all results or only up to a given limit',
});

const limit: ScalarField = {
	...count(1, 1_000_000, { key: 'limit', label: 'Limit', description: 'Max number of results to return', default: 50 }),
	typeOptions: { minValue: 1 },
};

/** A parameter beside a method's own fields, and the choices under which it is shown. */
export interface Switch {
	field: ScalarField;
	shownWhen?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
}

/** The parameters that a method has beside its own fields. */
export function switchesOf(method: Method): Switch[] {
	const shownWhen = method.is === 'command' ? method.commandWhen : undefined;
	return [
		...(method.is === 'command' ? [eventId, waitForCompletion].map((field) => ({ field, ...(shownWhen !== undefined && { shownWhen }) })) : []),
		...(method.tellsProgress === true ? [{ field: waitForItsCompletion }] : []),
		...(method.verbose === undefined ? [] : [{ field: simplify }]),
		...(isListing(method) ? [{ field: returnAll }, { field: limit, shownWhen: { returnAll: [false] } }] : []),
	];
}
