import { canWait, holdsSecret, isCommand, isListing, type ChoiceField, type ManyField, type Method, type ScalarField, type Simplification } from '../../card-api/methods/define';
import { anyOf, count, flag, oneOf, reference, uuid } from '../../card-api/methods/fields';

/** How long to wait: what is told of what is not finished then differs. */
function maxWait(description: string): ScalarField {
	return count(0, 86_400, { key: 'max_wait_seconds', label: 'Max Wait (Seconds)', description, default: 60 });
}

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
			notInTools: true,
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
		field: maxWait('How long to wait for FreedomPay to finish. A command that is not finished by then is a failed item with the outcome processing.'),
		appliesTo: (method) => canWait(method) && isCommand(method),
	},
	{
		field: maxWait('How long to wait for FreedomPay to finish. What is not finished by then comes out as far as it is, with the request_status process.'),
		appliesTo: (method) => canWait(method) && !isCommand(method),
	},
	{
		field: uuid({
			key: 'request_id',
			label: 'Request ID',
			description:
				'A UUID of your own that is sent exactly as it is, such as one that your system has stored. To make a repeated event act once, use Event ID instead.',
			placeholder: 'e.g. 828cf71d-a447-4a67-a149-c1df8bc197ca',
			required: false,
			notInTools: true,
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
	placeholder: 'e.g. drag the ID of the event in here',
	required: false,
});

/** The switch that every command with a request id has, beside its fields. */
const waitForCompletion: ScalarField = flag({
	key: 'wait_for_completion',
	label: 'Wait for Completion',
	description: 'Whether to wait until FreedomPay has processed the command, instead of going on as soon as it is accepted',
	notInTools: true,
	default: true,
});

/** The same for a question about an earlier request. */
const waitForItsCompletion: ScalarField = flag({
	key: 'wait_for_completion',
	label: 'Wait for Completion',
	description: 'Whether to wait until FreedomPay has processed the request, instead of returning how far it is',
	notInTools: true,
});

/** The switch of methods whose answers can be made simple. */
const simplify: ScalarField = flag({
	key: 'simplify',
	label: 'Simplify',
	description: 'Whether to return a simplified version of the response instead of the raw data',
	notInTools: true,
	default: true,
});

/** The same in a tool of an AI agent, whose model can take in only so much. */
const output: ChoiceField = oneOf(
	[
		{ name: 'Raw', value: 'raw', description: 'All fields of the answer' },
		{ name: 'Selected Fields', value: 'selectedFields', description: 'The fields that you choose, and the IDs that were sent' },
		{ name: 'Simplified', value: 'simplified', description: 'The fields that are asked for most' },
	],
	{ key: 'output', label: 'Output', description: 'How much of the answer the agent gets', default: 'simplified' },
);

function selectedFields({ fields }: Simplification): ManyField {
	return anyOf(fields, {
		key: 'fields',
		label: 'Fields',
		description: 'The fields that the agent gets, besides the IDs that were sent. An expression can name other ones, as a list.',
	});
}

const IN_TOOLS = { '@tool': [true] } as const;

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
	field: ScalarField | ChoiceField | ManyField;
	shownWhen?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
}

/** The parameters that a method has beside its own fields. */
export function switchesOf(method: Method): Switch[] {
	const shownWhen = method.is === 'command' ? method.commandWhen : undefined;
	return [
		...(method.is === 'command' ? [eventId, waitForCompletion].map((field) => ({ field, ...(shownWhen !== undefined && { shownWhen }) })) : []),
		...(method.tellsProgress === true ? [{ field: waitForItsCompletion }] : []),
		...(method.simplify === undefined ? [] : [
			{ field: simplify },
			{ field: output, shownWhen: IN_TOOLS },
			{ field: selectedFields(method.simplify), shownWhen: { ...IN_TOOLS, output: ['selectedFields'] } },
		]),
		...(isListing(method) ? [{ field: returnAll }, { field: limit, shownWhen: { returnAll: [false] } }] : []),
	];
}
