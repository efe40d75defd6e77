import { canWait, holdsSecret, isCommand, isListing, type ChoiceField, type ManyField, type Method, type ScalarField, type Simplification } from '../../card-api/methods/define';
import { anyOf, count, flag, oneOf, reference, uuid } from '../../card-api/methods/fields';

/** How a setting is shown to a method's users. */
interface Setting<V> {
	/** Among the Options, or beside the fields, in the order of this table. */
	place: 'options' | 'beside';
	/** The field for a method; undefined where the method has none. */
	fieldFor: (method: Method) => SettingField | undefined;
	/** The choices under which it is shown. */
	shownWhen?: (method: Method) => Switch['shownWhen'];
	/** What counts for a method that has no such field. */
	otherwise: V;
}

type SettingField = ScalarField | ChoiceField | ManyField;

const setting = <V>(of: Setting<V>): Setting<V> => of;

const IN_TOOLS = { '@tool': [true] } as const;

/** How long to wait: what is told of what is not finished then differs. */
const maxWait = (description: string) => count(0, 86_400, { key: 'max_wait_seconds', label: 'Max Wait (Seconds)', description, default: 60 });
const maxWaitOfCommand = maxWait('How long to wait for FreedomPay to finish. A command that is not finished by then is a failed item with the outcome processing.');
const maxWaitOfRead = maxWait('How long to wait for FreedomPay to finish. What is not finished by then comes out as far as it is, with the request_status process.');

const waitForCompletion = (description: string, preset: boolean) =>
	flag({ key: 'wait_for_completion', label: 'Wait for Completion', description, notInTools: true, default: preset });
const waitOfCommand = waitForCompletion('Whether to wait until FreedomPay has processed the command, instead of going on as soon as it is accepted', true);
const waitOfRead = waitForCompletion('Whether to wait until FreedomPay has processed the request, instead of returning how far it is', false);

const dryRun = flag({
	key: 'dry_run',
	label: 'Dry Run',
	description: 'Whether to only check the fields and return the request that would be sent, without sending anything. Secrets are masked.',
	notInTools: true,
});
const includeOtherFields = flag({
	key: 'include_other_fields',
	label: 'Include Other Input Fields',
	description: 'Whether to pass the fields of the input item on as well, as far as the output has none of that name',
});
/** How many requests of a run may be on their way at once. */
export const maxParallelRequests = count(1, 100, {
	key: 'max_parallel_requests',
	label: 'Max Parallel Requests',
	description: 'How many requests may be on their way at once',
	default: 10,
});
/** The deadline of a request. */
export const requestTimeoutSeconds = count(1, 600, {
	key: 'request_timeout_seconds',
	label: 'Request Timeout (Seconds)',
	description: 'How long to wait for the whole answer to one request',
	default: 30,
});
const wholeAnswer = flag({
	key: 'whole_answer',
	label: 'Whole Answer',
	description: 'Whether to return the whole answer as one item. Return All and Limit do not count then.',
});
const simplify = flag({
	key: 'simplify',
	label: 'Simplify',
	description: 'Whether to return a simplified version of the response instead of the raw data',
	notInTools: true,
	default: true,
});
/** Simplify in a tool of an AI agent, whose model can take in only so much. */
const output = oneOf(
	[
		{ name: 'Raw', value: 'raw', description: 'All fields of the answer' },
		{ name: 'Selected Fields', value: 'selectedFields', description: 'The fields that you choose, and the IDs that were sent' },
		{ name: 'Simplified', value: 'simplified', description: 'The fields that are asked for most' },
	],
	{ key: 'output', label: 'Output', description: 'How much of the answer the agent gets', default: 'simplified' },
);
const selectedFields = ({ fields }: Simplification) =>
	anyOf(fields, {
		key: 'fields',
		label: 'Fields',
		description: 'The fields that the agent gets, besides the IDs that were sent. An expression can name other ones, as a list.',
	});
const returnAll = flag({ key: 'return_all', label: 'Return All', description: 'Whether to return all results or only up to a given limit' });
const limit: ScalarField = {
	...count(1, 1_000_000, { key: 'limit', label: 'Limit', description: 'Max number of results to return', default: 50 }),
	typeOptions: { minValue: 1 },
};

/** Every setting of the node, by its name in the panel: how it is shown, to which methods, and what counts without it. */
const SETTINGS = {
	dryRun: setting<boolean>({ place: 'options', fieldFor: () => dryRun, otherwise: false }),
	/** Whether the input's fields come along with what came of an item. */
	includeOtherFields: setting<boolean>({ place: 'options', fieldFor: (method) => (holdsSecret(method) ? undefined : includeOtherFields), otherwise: false }),
	maxParallelRequests: setting<number>({ place: 'options', fieldFor: () => maxParallelRequests, otherwise: 1 }),
	maxWaitSeconds: setting<number>({
		place: 'options',
		fieldFor: (method) => (canWait(method) ? (isCommand(method) ? maxWaitOfCommand : maxWaitOfRead) : undefined),
		otherwise: 0,
	}),
	requestTimeoutSeconds: setting<number>({ place: 'options', fieldFor: () => requestTimeoutSeconds, otherwise: 30 }),
	/** Whether a list stays one item. */
	wholeAnswer: setting<boolean>({ place: 'options', fieldFor: (method) => (isListing(method) ? wholeAnswer : undefined), otherwise: false }),
	waitForCompletion: setting<boolean>({
		place: 'beside',
		fieldFor: ({ is, tellsProgress }) => (is === 'command' ? waitOfCommand : tellsProgress === true ? waitOfRead : undefined),
		shownWhen: shownAsCommand,
		otherwise: false,
	}),
	simplify: setting<boolean>({ place: 'beside', fieldFor: (method) => method.simplify && simplify, otherwise: false }),
	/** In a tool of an AI agent, in place of Simplify: how much of an answer comes out, and which fields where they are selected. */
	output: setting<'raw' | 'selectedFields' | 'simplified'>({ place: 'beside', fieldFor: (method) => method.simplify && output, shownWhen: () => IN_TOOLS, otherwise: 'simplified' }),
	fields: setting<readonly string[]>({
		place: 'beside',
		fieldFor: (method) => method.simplify && selectedFields(method.simplify),
		shownWhen: () => ({ ...IN_TOOLS, output: ['selectedFields'] }),
		otherwise: [],
	}),
	returnAll: setting<boolean>({ place: 'beside', fieldFor: (method) => (isListing(method) ? returnAll : undefined), otherwise: true }),
	/** How many entries of a list become items, unless all do. */
	limit: setting<number>({ place: 'beside', fieldFor: (method) => (isListing(method) ? limit : undefined), shownWhen: () => ({ returnAll: [false] }), otherwise: 0 }),
};

/** What was chosen for an item, by the names of the panel. */
export type Settings = { [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]['otherwise'] };

/** What counts where a method does not have a setting. */
export const WITHOUT_SETTINGS = Object.fromEntries(Object.entries(SETTINGS).map(([name, { otherwise }]) => [name, otherwise])) as Settings;

/** The exact UUID of a command, among its options. */
const requestId = uuid({
	key: 'request_id',
	label: 'Request ID',
	description: 'A UUID of your own that is sent exactly as it is, such as one that your system has stored. To make a repeated event act once, use Event ID instead.',
	placeholder: 'e.g. 828cf71d-a447-4a67-a149-c1df8bc197ca',
	required: false,
	notInTools: true,
});

/** The options that a method has. */
export function optionsOf(method: Method): SettingField[] {
	return [...fieldsAt('options', method).map(({ field }) => field), ...(method.is === 'command' ? [requestId] : [])];
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

/** A parameter beside a method's own fields, and the choices under which it is shown. */
export interface Switch {
	field: SettingField;
	shownWhen?: Readonly<Record<string, ReadonlyArray<string | boolean>>>;
}

/** The choices under which a method is a command with a request id, if that is for the user to say. */
function shownAsCommand(method: Method): Switch['shownWhen'] {
	return method.is === 'command' ? method.commandWhen : undefined;
}

function switchOf(field: SettingField, shownWhen: Switch['shownWhen']): Switch {
	return shownWhen === undefined ? { field } : { field, shownWhen };
}

function fieldsAt(place: Setting<unknown>['place'], method: Method): Switch[] {
	return Object.values<Setting<unknown>>(SETTINGS).flatMap((of) => {
		const field = of.place === place ? of.fieldFor(method) : undefined;
		return field === undefined ? [] : [switchOf(field, of.shownWhen?.(method))];
	});
}

/** The parameters that a method has beside its own fields. */
export function switchesOf(method: Method): Switch[] {
	return [...(method.is === 'command' ? [switchOf(eventId, shownAsCommand(method))] : []), ...fieldsAt('beside', method)];
}
