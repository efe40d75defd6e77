/** Whether the long tests run whole, as `.ci/run` has them, or small, as `npm test` does to be quick. */
export const isFull = process.env.FULL === '1';

/** Time enough for a long test on any machine: one that takes as long hangs. */
export const HANGS_AFTER_MS = isFull ? 1_800_000 : 300_000;

/** How long a text is that takes for ever to read where the time grows with the square, or so long that little longer ones are cut. */
export const LONG_ANSWER = isFull ? 8_500_000 : 400_000;

/** Says which size of a test this is, for its name. */
export const sizeOf = (what: string) => `${what} (${isFull ? 'the whole size, FULL=1' : 'a small size; FULL=1 runs the whole'})`;
