/** The file of the workflow that these lists are for. */
export const HOUSEKEEPING = 'nightly-housekeeping.json';

/** The data tables that the workflows make. */
export const CARDS_DUE = 'FreedomPay Cards Due';
export const OPEN_REQUESTS = 'FreedomPay Open Requests';

/**
 * Gives Nightly housekeeping another list.
 *
 * @param {string} list
 */
export const listing = (list) => (node) => {
	node('Paste Your List Here').parameters.assignments.assignments[0].value = list;
};

/**
 * As `listing`, with little patience for what is still being processed.
 *
 * @param {string} list
 */
export const impatient = (list) => (node) => {
	listing(list)(node);
	node('Close Cards').parameters.options = { maxWaitSeconds: 1 };
};

/**
 * What stands in the table of open requests: request, card and outcome.
 *
 * @param {ReturnType<typeof import('./dataTables.mjs').dataTables>} tables
 */
export async function openRequests(tables) {
	return (await tables.rows(OPEN_REQUESTS)).map(({ request_id, card_id, outcome }) => [request_id, card_id, outcome]);
}
