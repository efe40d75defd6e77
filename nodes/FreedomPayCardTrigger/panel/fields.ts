import { maxParallelRequests, requestTimeoutSeconds } from '../../FreedomPayCard/panel/options';
import { anyOf, cardId, count, currency, decimal, list, oneOf } from '../../card-api/methods/fields';

/** The most cards that one trigger watches: each poll asks for each of them. */
export const MOST_CARDS = 50;

/** What a workflow starts on. */
export const event = oneOf([{ name: 'New Operation', value: 'newOperation', description: 'A payment, withdrawal or other operation is new on the statement of a card' }], {
	key: 'event',
	label: 'Trigger On',
	description: 'What starts the workflow',
});

/** A card to watch, as each of those that were given is read. */
export const watchedCard = { ...cardId, label: 'Card IDs' };

/** The types to let through. The documentation does not list them, so that none can be chosen. */
export const operationTypes = anyOf([], {
	key: 'operation_types',
	label: 'Operation Types',
	description:
		'Only operations of these types, separated by commas, as FreedomPay writes them in the field type. Its documentation does not list them: fetch a test event to see those of your cards. Capitals do not matter.',
	required: false,
});

/** The amounts from which operations are let through, by currency. */
export const leastAmounts = list(
	{ name: 'leastAmount', label: 'Least Amount' },
	[
		decimal({ key: 'amount', label: 'Amount', description: 'The least amount that starts the workflow, whether money comes in or goes out', placeholder: 'e.g. 5000' }),
		currency({ key: 'currency' }),
	],
	{
		key: 'least_amounts',
		label: 'Least Amounts',
		description: 'Only operations of at least this amount. Those in another currency cannot be compared with it, and come out unless it has a least amount of its own.',
		required: false,
	},
);

/** How far a poll reaches back, for operations that are booked late. */
export const lookBackHours = count(1, 168, {
	key: 'look_back_hours',
	label: 'Look Back (Hours)',
	description: 'How far each poll reaches back beyond the last one, for operations that FreedomPay books late. The longer, the more n8n has to remember.',
	default: 24,
});

/** The options, in the order in which they are read. */
export const options = [lookBackHours, maxParallelRequests, requestTimeoutSeconds];
