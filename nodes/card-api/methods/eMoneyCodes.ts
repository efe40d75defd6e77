/** What the error codes of FreedomPay's E-Money API mean, a sibling, by names of this package's own. The Card API may mean the same by them, which nobody says. */
export const E_MONEY_CODES = {
	wrongParameters: { code: '1001', means: 'wrong parameters' },
	requestIdNotUnique: { code: '1002', means: 'request ID not unique' },
	existsAlready: { code: '1003', means: 'exists already' },
	notFound: { code: '1004', means: 'not found' },
	failedToClose: { code: '1005', means: 'failed to close' },
	requestNotFound: { code: '1006', means: 'request not found' },
	alreadyClosed: { code: '1007', means: 'already closed' },
	failedToBlock: { code: '1008', means: 'failed to block' },
} as const;

/** What such a code means, in words; undefined where none does. */
export function meaningInEMoney(code: string): string | undefined {
	return Object.values(E_MONEY_CODES).find((each) => each.code === code)?.means;
}
