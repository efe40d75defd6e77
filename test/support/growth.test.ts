import { outgrows } from './growth';

/* What the tests of growth go by: it has to notice what they are there for, and nothing else. */

const PIECES = 100;
const SPARE_MS = 20;

/** Looks at something that reads 20,000 signs, and as many in pieces. */
async function isNoticed(read: (text: string) => unknown): Promise<boolean> {
	const [long, short] = ['1'.repeat(20_000), '1'.repeat(20_000 / PIECES)];
	return await outgrows(() => read(long), () => read(short), PIECES, SPARE_MS);
}

test('notices a pattern that begins anew at every sign', async () => {
	expect(await isNoticed((text) => /1+$/.test(`${text}b`))).toBe(true);
});

test('does not notice a pattern that goes through a text once', async () => {
	expect(await isNoticed((text) => /^1+$/.test(`${text}b`))).toBe(false);
});

test('does not notice what is slow by chance, once and again', async () => {
	let chances = 2;
	const isBusy = (text: string) => {
		if (text.length > 1000 && chances-- > 0) /1+$/.test(`${text}b`);
	};
	expect(await isNoticed(isBusy)).toBe(false);
	expect(chances).toBe(-1);
});
