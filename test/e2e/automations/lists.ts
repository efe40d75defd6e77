/** The file of the workflow that these lists are for. */
export const HOUSEKEEPING = 'nightly-housekeeping.json';

/** The data table that the workflows make. */
export const CARDS_DUE = 'FreedomPay Cards Due';

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
