// @ts-check
/**
 * Something the person at the terminal can put right. Its message is shown as it is, without a stack trace.
 */
export class Problem extends Error {
	/** @override */
	name = 'Problem';
}

/**
 * Runs a command line program: a Problem ends it with its message, anything else with its stack.
 *
 * @param {() => Promise<unknown> | void} main
 */
export async function runAsProgram(main) {
	try {
		await main();
	} catch (error) {
		console.error(error instanceof Problem ? `\n${error.message}\n` : error);
		process.exit(1);
	}
}
