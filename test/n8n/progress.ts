const INTERVAL_MS = 10_000;
const TERMINAL_INTERVAL_MS = 1_000;

/**
 * Shows on standard error that something is under way, and for how long, until it is done. A result `{ succeeded: false }`
 * is shown as a failure.
 *
 * @template T
 * @param {string} label what is being done
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
export async function showProgress(label, work) {
	const start = performance.now();
	const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
	const terminal = process.stderr.isTTY;
	const show = (text) => process.stderr.write(terminal ? `\r\x1b[K  ${text}` : `  ${text}\n`);

	show(`${label} ...`);
	const timer = setInterval(() => show(`${label} ... ${seconds()}`), terminal ? TERMINAL_INTERVAL_MS : INTERVAL_MS);
	try {
		const result = await work;
		show(`${label}: ${result?.succeeded === false ? 'failed after' : 'done in'} ${seconds()}`);
		return result;
	} finally {
		clearInterval(timer);
		if (terminal) process.stderr.write('\n');
	}
}
