import type { Field, Method } from '../methods/define';
import { count, flag, text, uuid } from '../methods/fields';

/**
 * The options that operations have in common, in the order shown, and which methods each applies to.
 */
const OPTIONS: ReadonlyArray<{ field: Field; appliesTo: (method: Method) => boolean }> = [
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
				'How long to wait for a command to complete. If it is still processing then, the item goes on with a request_status of "process".',
			default: 60,
		}),
		appliesTo: hasCommandId,
	},
	{
		field: uuid({
			key: 'request_id',
			label: 'Request ID',
			description:
				'A UUID that is sent exactly as it is, for when you must know it beforehand. Give each command another one: FreedomPay is asked first whether it is used already. To make a repeated event act once, use the field Event ID instead.',
			placeholder: 'e.g. 828cf71d-a447-4a67-a149-c1df8bc197ca',
			required: false,
		}),
		appliesTo: hasCommandId,
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
			key: 'split_into_items',
			label: 'Split Into Items',
			description: 'Whether to return one item for each entry of the list in the answer, instead of the whole answer as one item',
		}),
		appliesTo: ({ splits }) => splits !== undefined,
	},
];

/** Whether a method is a command with a request id. */
export function hasCommandId(method: Method): boolean {
	return method.requestId === 'idempotent';
}

/** The options that a method has. */
export function optionsOf(method: Method): Field[] {
	return OPTIONS.filter(({ appliesTo }) => appliesTo(method)).map(({ field }) => field);
}

/** The idempotency key, in the words of those who use it, that every command with a request id has beside its fields. */
export const eventId: Field = text({
	key: 'event_id',
	label: 'Event ID',
	description:
		'ID of the event behind this command, such as a CRM event ID: the same event acts once, even in another execution. If left empty, a new execution is a new command.',
	placeholder: 'e.g. {{ $json.event_id }}',
	required: false,
});

/** The switch that every command with a request id has, beside its fields. */
export const waitForCompletion: Field = flag({
	key: 'wait_for_completion',
	label: 'Wait for Completion',
	description:
		'Whether to wait until FreedomPay has processed the command, instead of going on as soon as it is accepted',
	default: true,
});

/** The switch of methods whose answers have more than ten fields. */
export const simplify: Field = flag({
	key: 'simplify',
	label: 'Simplify',
	description: 'Whether to return a simplified version of the response instead of the raw data',
	default: true,
});
