import { countCpu } from './cpu';
import { isFull } from './size';

/** How often work has to look slow to be slow: the heap's collector and a busy machine make one time longer than it is, not each. */
const TIMES_LOOKED = 5;

/** A reader is looked at over each pair of lengths: the shorter finds a slow one before the longer takes for ever. */
const LENGTHS: ReadonlyArray<readonly [short: number, long: number]> = [[1_000, 100_000], ...(isFull ? [[10_000, 1_000_000] as const] : [])];

/** CPU time that a sign of a long text may take besides, for what the process does in between. Where the time grows with the square, 100,000 take seconds. */
const SPARE_MS_PER_SIGN = 0.001;

async function cpuMs(work: () => unknown, times = 1): Promise<number> {
	const soFar = countCpu();
	for (let time = 0; time < times; time += 1) await work();
	return soFar();
}

/**
 * Whether long work takes far more CPU than as much of it in short pieces: more than the square root of their number times as much,
 * which is halfway between work that grows with its size and work that grows with the square.
 *
 * @param pieces how many of the short ones come to the long one
 * @param spareMs what the long one may take in any case, in milliseconds of CPU
 */
export async function outgrows(long: () => unknown, short: () => unknown, pieces: number, spareMs: number): Promise<boolean> {
	for (let time = 0; time < TIMES_LOOKED; time += 1) {
		const beyond = (await cpuMs(long)) - spareMs;
		if (beyond <= 0 || beyond <= Math.sqrt(pieces) * (await cpuMs(short, pieces))) return false;
	}
	return true;
}

/**
 * The texts, by their names, of which a reader takes far more CPU for a long one than for as much in short ones.
 *
 * @param texts what gives a text of a length, in signs
 */
export async function slowTexts(read: (text: string) => unknown, texts: Readonly<Record<string, (length: number) => string>>): Promise<string[]> {
	const slow: string[] = [];
	for (const [name, textOf] of Object.entries(texts)) {
		for (const [shortLength, longLength] of LENGTHS) {
			const [short, long] = [textOf(shortLength), textOf(longLength)];
			if (!(await outgrows(() => read(long), () => read(short), longLength / shortLength, SPARE_MS_PER_SIGN * longLength))) continue;
			slow.push(name);
			break;
		}
	}
	return slow;
}
