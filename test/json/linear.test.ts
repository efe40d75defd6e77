import { maskAnswer, maskText } from '../../nodes/FreedomPayCard/output/secrets';
import { canonicalJson } from '../../nodes/card-api/json/canonical';
import { parseAnswer } from '../../nodes/card-api/json/exactJson';
import { holdsExpression } from '../../nodes/card-api/json/expressions';
import { jsonBytes, jsonTextBytes } from '../../nodes/card-api/json/jsonBytes';
import { checkCredential, remarkOn } from '../../nodes/card-api/signing/credential';
import { cpuMs } from '../support/cpu';
import { isFull, sizeOf } from '../support/size';

/* No reader of JSON, of texts with secrets and of credentials takes longer than in proportion to its text. */

/** A text of a tenth of that shows it too, where the time grows with the square. */
const LENGTHS = isFull ? [10_000, 1_000_000] : [1_000, 100_000];

describe('a hundred times the text takes no more than a hundred times the CPU', () => {
	const SECRET = '1234';
	const UNITS = ['a', ' ', '1', '1234', '1234.', '1234-', '9.', '1e', '-', '"', '\\', '\\"', '[', '{"a":', '[1,', '[]', '{},', ',', ':', 'eyJ', 'eyJ.', 'eyJa.b.', '.', '__proto__', '\\u005f', '\u00a0', '\u200b', 'ü', '🔑', '\ufeff', '12345678901234567890 ', '12345678901234567890,'];
	const quietly = (act: () => unknown) => {
		try {
			act();
		} catch (error) {
			// Whether it is refused is for others to test; how fast, for this one.
			if (error instanceof RangeError) throw error;
		}
	};
	const READERS: Array<[string, (text: string) => unknown]> = [
		['an answer', (text) => parseAnswer(text)],
		['a value of an answer', (text) => parseAnswer(`{"a":[${text}]}`)],
		['a word of an answer', (text) => parseAnswer(`{"a":${JSON.stringify(text)}}`)],
		['a masked text', (text) => maskText(text, [SECRET])],
		['a masked answer', (text) => maskAnswer({ a: text, [text]: 1 }, [SECRET])],
		['a typed body', (text) => jsonTextBytes(`{"a":[${text}]}`)],
		['a body', (text) => jsonBytes({ a: text, [text]: [text] })],
		['a canonical text', (text) => canonicalJson({ a: text, [text]: [text] })],
		['a credential', (text) => remarkOn(checkCredential({ environment: 'production', algorithm: 'HS512', authId: '123456', partnerKey: `a${text}1` }))],
		['a credential that is refused', (text) => checkCredential({ environment: 'custom', algorithm: 'HS512', authId: '1', partnerKey: '1', baseUrl: `a${text}.1` })],
		['an Auth ID', (text) => checkCredential({ environment: 'production', algorithm: 'HS512', authId: text, partnerKey: '1' })],
		['a value with expressions', (text) => holdsExpression({ a: [text] })],
	];

	/** Whether one long text takes much more CPU than as much in short ones. More than once, since a single time may be a coincidence. */
	function isSlow(read: (text: string) => unknown, unit: string, lengths = LENGTHS): boolean {
		const [short, long] = lengths.map((length) => unit.repeat(length / unit.length)) as [string, string];
		return [1, 2, 3].every(() => {
			const inParts = cpuMs(() => {
				for (let count = 0; count < 100; count++) quietly(() => read(short));
			});
			return cpuMs(() => quietly(() => read(long))) > 10 * inParts + 20;
		});
	}

	test('a pattern that begins anew at every sign would be noticed', () => {
		expect(isSlow((text) => /1+$/.test(`${text}b`), '1', [300, 30_000])).toBe(true);
	});

	test.each(READERS)(sizeOf('%s'), (_name, read) => {
		expect(UNITS.filter((unit) => isSlow(read, unit))).toEqual([]);
	});
});
