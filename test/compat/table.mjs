/**
 * The results of all versions, a row for each check.
 *
 * @param {ReadonlyMap<string, { succeeded: boolean, checks: ReadonlyArray<{ name: string, passed: boolean }> }>} results by n8n version
 * @returns {string}
 */
export function tableOf(results) {
	const versions = [...results.keys()];
	const names = [...new Set([...results.values()].flatMap(({ checks }) => checks.map(({ name }) => name)))];
	const markOf = (version, name) => {
		const check = results.get(version).checks.find((each) => each.name === name);
		return check === undefined ? '–' : check.passed ? '✓' : '✗';
	};
	const rows = [['n8n', ...versions], ...names.map((name) => [name, ...versions.map((version) => markOf(version, name))])];
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
	const all = [...results.values()].flatMap(({ checks }) => checks);
	const failed = all.filter(({ passed }) => !passed).length + [...results.values()].filter(({ checks }) => checks.length === 0).length;
	return `${lines.join('\n')}\n\n✓ holds  ✗ does not  – this n8n has no such thing\n\n${all.filter(({ passed }) => passed).length} passed, ${failed} failed`;
}
