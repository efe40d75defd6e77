import { maskAnswer, maskText } from '../../nodes/FreedomPayCard/output/secrets';
import { canonicalJson } from '../../nodes/card-api/json/canonical';
import { parseAnswer } from '../../nodes/card-api/json/exactJson';
import { holdsExpression } from '../../nodes/card-api/json/expressions';
import { jsonBytes, jsonTextBytes } from '../../nodes/card-api/json/jsonBytes';
import { checkCredential, remarkOn } from '../../nodes/card-api/signing/credential';
import { slowTexts } from '../support/growth';
import { sizeOf } from '../support/size';

/* No reader of JSON, of texts with secrets and of credentials takes longer than in proportion to its text. */

describe('a hundred times the text takes about a hundred times the CPU', () => {
	const SECRET = '1234';
	const UNITS = ['a', ' ', '1', '1234', '1234.', '1234-', '9.', '1e', '-', '"', '\\', '\\"', '[', '{"a":', '[1,', '[]', '{},', ',', ':', 'eyJ', 'eyJ.', 'eyJa.b.', '.', '__proto__', '\\u005f', '\u00a0', '\u200b', 'ü', '🔑', '\ufeff', '12345678901234567890 ', '12345678901234567890,'];
	const TEXTS = Object.fromEntries(UNITS.map((unit) => [unit, (length: number) => unit.repeat(length / unit.length)]));
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

	test.each(READERS)(sizeOf('%s'), async (_name, read) => {
		const tolerant = (text: string) => {
			try {
				read(text);
			} catch (error) {
				// Whether it is refused is for others to test; how fast, for this one.
				if (error instanceof RangeError) throw error;
			}
		};
		expect(await slowTexts(tolerant, TEXTS)).toEqual([]);
	});
});
