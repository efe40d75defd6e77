/**
 * What came of a version.
 *
 * @typedef {object} Result
 * @property {boolean} succeeded
 * @property {string[]} lacks the checks that are known not to hold
 * @property {Array<{ name: string, passed: boolean }>} checks
 */

/**
 * The results of all versions, a row for each check.
 *
 * @param {ReadonlyMap<string, Result>} results by n8n version
 * @returns {string}
 */
export function tableOf(results) {
	const versions = [...results.keys()];
	const names = [...new Set([...results.values()].flatMap(({ checks }) => checks.map(({ name }) => name)))];
	const markOf = ({ lacks, checks }, name) => {
		const check = checks.find((each) => each.name === name);
		if (check === undefined) return '–';
		return check.passed ? (lacks.includes(name) ? '○' : '✓') : '✗';
	};
	const rows = [['n8n', ...versions], ...names.map((name) => [name, ...versions.map((version) => markOf(results.get(version), name))])];
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());

	const all = [...results.values()].flatMap(({ checks }) => checks);
	const passed = all.filter((check) => check.passed).length;
	// A version that came to nothing has failed as a whole.
	const failed = all.length - passed + [...results.values()].filter(({ succeeded, checks }) => !succeeded && checks.every((check) => check.passed)).length;
	const legend = '✓ holds  ○ does not hold, as docs/n8n-versions.md says  – this n8n has no such thing  ✗ failed';
	return `${lines.join('\n')}\n\n${legend}\n\n${passed} passed, ${failed} failed`;
}
