const INTERVAL_MS = 10_000;
const TERMINAL_INTERVAL_MS = 1_000;

/**
 * Shows on standard error that something is under way, and for how long, until it is done. A result `{ succeeded: false }`
 * is shown as a failure.
 *
 * @param label what is being done
 */
export async function showProgress<Result extends { succeeded: boolean }>(label: string, work: Promise<Result>): Promise<Result> {
	const start = performance.now();
	const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
	const terminal = process.stderr.isTTY;
	const show = (text: string) => process.stderr.write(terminal ? `\r\x1b[K  ${text}` : `  ${text}\n`);

	show(`${label} ...`);
	const timer = setInterval(() => show(`${label} ... ${seconds()}`), terminal ? TERMINAL_INTERVAL_MS : INTERVAL_MS);
	try {
		const result = await work;
		show(`${label}: ${result.succeeded ? 'done in' : 'failed after'} ${seconds()}`);
		return result;
	} finally {
		clearInterval(timer);
		if (terminal) process.stderr.write('\n');
	}
}
