import type { Field, Method } from '../methods/define';
import { count, flag, text } from '../methods/fields';

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
		field: text({
			key: 'request_id',
			label: 'Request ID',
			description:
				'What makes this command one of a kind: the ID of the event behind it, such as a CRM event ID, or a UUID of your own. The same event for the same card, client or transaction acts once, even in another execution. If left empty, the node makes an ID that stays the same when n8n retries a failed execution, but differs in a new one, or when n8n was killed.',
			placeholder: 'e.g. {{ $json.event_id }}',
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
