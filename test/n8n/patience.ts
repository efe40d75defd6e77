/** Time enough for one thing to happen, on any machine and beside other work: what takes as long hangs. In milliseconds. */
export const PATIENCE_MS = 300_000;

/** For a whole test, which waits for several things one after the other. */
export const WHOLE_TEST = { timeout: 3 * PATIENCE_MS };
