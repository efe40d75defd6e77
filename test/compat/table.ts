/** What came of a version. */
export interface Result {
	succeeded: boolean;
	/** The checks that are known not to hold. */
	lacks: readonly string[];
	checks: ReadonlyArray<{ name: string; passed: boolean }>;
}

/**
 * The results of all versions, a row for each check.
 *
 * @param results by n8n version
 */
export function tableOf(results: ReadonlyMap<string, Result>): string {
	const names = [...new Set([...results.values()].flatMap(({ checks }) => checks.map(({ name }) => name)))];
	const markOf = ({ lacks, checks }: Result, name: string): string => {
		const check = checks.find((each) => each.name === name);
		if (check === undefined) return '–';
		return check.passed ? (lacks.includes(name) ? '○' : '✓') : '✗';
	};
	const columns = [
		['n8n', ...names],
		...[...results].map(([version, result]) => [version, ...names.map((name) => markOf(result, name))]),
	].map(padded);
	const lines = ['n8n', ...names].map((_, row) => columns.map((column) => column[row]).join('  ').trimEnd());

	const all = [...results.values()].flatMap(({ checks }) => checks);
	const passed = all.filter((check) => check.passed).length;
	// A version that came to nothing has failed as a whole.
	const failed = all.length - passed + [...results.values()].filter(({ succeeded, checks }) => !succeeded && checks.every((check) => check.passed)).length;
	const legend = '✓ holds  ○ does not hold, as docs/n8n-versions.md says  – this n8n has no such thing  ✗ failed';
	return `${lines.join('\n')}\n\n${legend}\n\n${passed} passed, ${failed} failed`;
}

/** The cells of a column, as wide as its widest one. */
function padded(column: readonly string[]): string[] {
	const width = Math.max(...column.map((cell) => cell.length));
	return column.map((cell) => cell.padEnd(width));
}
