import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';

import { maskAnswer } from '../../nodes/FreedomPayCard/output/secrets';
import { canonicalJson } from '../../nodes/card-api/json/canonical';
import { parseAnswer } from '../../nodes/card-api/json/exactJson';
import { holdsExpression } from '../../nodes/card-api/json/expressions';
import { jsonBytes } from '../../nodes/card-api/json/jsonBytes';
import { parseJson } from '../../nodes/card-api/json/parseJson';

/** A number of JSON as digits and a power of ten, by which two spellings of one can be compared. */
function exactly(text: string): { digits: bigint; power: number } {
	const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
	let digits = BigInt(`${whole}${fraction}`);
	let power = Number(exponent) - fraction.length;
	if (digits === 0n) return { digits, power: 0 };
	for (; digits % 10n === 0n; digits /= 10n) power++;
	return { digits: sign === '-' ? -digits : digits, power: power + 0 };
}

const digits = (from: number, to: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: from, maxLength: to });

const numbers = fc
	.tuple(
		fc.constantFrom('', '-'),
		digits(1, 25).map((text) => text.replace(/^0+(?=\d)/, '')),
		fc.option(digits(1, 25), { nil: undefined }),
		fc.option(fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), digits(1, 2)), { nil: undefined }),
	)
	.map(([sign, whole, fraction, exponent]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent?.join('') ?? ''}`);

/** A value whose numbers are all words, so that none is one that a double cannot hold. */
function withTextOf(value: unknown): unknown {
	if (typeof value === 'number') return String(value);
	if (Array.isArray(value)) return value.map(withTextOf);
	return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withTextOf(entry)])) : value;
}

describe('an answer', () => {
	test('says what its text says, whatever signs its words and names hold', () => {
		fc.assert(
			// A key of that name is left out, which another test holds.
			fc.property(fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')), fc.string({ unit: fc.constantFrom('"', '\\', '[', '}', ':', '1', '\ufeff', 'é', '🔑') }), (value, word) => {
				const answer = { value: withTextOf(value), [word]: word, list: [word, { [word]: word }] };
				expect(parseAnswer(JSON.stringify(answer))).toEqual(answer);
			}),
		);
	});

	test('has every number exact: as a number, or as its digits', () => {
		fc.assert(
			fc.property(fc.array(numbers), fc.constantFrom('', ' ', '\n\t'), (written, space) => {
				const answer = parseAnswer(`{"list":${space}[${written.map((number) => `${space}${number}${space}`).join()}]}`);
				for (const [index, value] of (answer?.list as unknown[]).entries()) {
					const text = written[index] ?? '';
					if (typeof value === 'string') expect(value).toBe(text);
					else expect(exactly(String(value))).toEqual(exactly(text));
				}
			}),
		);
	});

	test.each(['1.5', '-7', '0', '1e5', '123456789012345', '9007199254740991', '0.1', '5000.00'])('%s stays a number', (text) => {
		expect(parseAnswer(`{"a":${text}}`)).toEqual({ a: Number(text) });
	});

	test.each(['9007199254740993', '-12345678901234567890', '0.12345678901234567890', '1e400'])('%s is its digits', (text) => {
		expect(parseAnswer(`{"a":[${text} , {"b": ${text}}]}`)).toEqual({ a: [text, { b: text }] });
	});

	test('a number of 2,000 digits is its digits', () => {
		const text = '7'.repeat(2_000);
		expect(parseAnswer(`{"a":${text}}`)).toEqual({ a: text });
	});

	test('that is no object is none', () => {
		for (const text of ['', '\ufeff', '5', '"a"', 'null', '[]', '{', '{}}', '{"a":01}', '12345678901234567890', '\ufeff\ufeff{}']) expect(parseAnswer(text)).toBeUndefined();
	});

	test('has no name that changes its prototype, however it is written', () => {
		const name = '\\u005f_proto__';
		const answer = parseAnswer(`{"a":{"__proto__":{"x":1},"${name}":{"x":1},"n":12345678901234567890}}`) as { a: { x?: unknown } };
		expect(answer).toEqual({ a: { n: '12345678901234567890' } });
		expect(answer.a.x).toBeUndefined();
	});
});

describe('a name that is written with a backslash', () => {
	const readers = [
		['an answer', parseAnswer],
		['typed text', (text: string) => parseJson(text)?.value],
	] as const;

	test.each(readers)('is its own in %s, whatever was parsed before', (_name, read) => {
		// V8 takes it for a name of an object of this shape (https://github.com/nodejs/node/issues/63785).
		for (let n = 0; n < 50; n++) read('{"inside":{"":"x","\\\\":"y"}}');
		expect(read('{"inside":{"":"x","\\"":"y"}}')).toEqual({ inside: { '': 'x', '"': 'y' } });
		expect(read('{"inside":{"":"x","\\"":"y","\\\\":"z"},"\\u0069nside":1, "a" : "\\"" , "\\n" : [{"\\"":"\\\\"}]}')).toEqual({ inside: 1, a: '"', '\n': [{ '"': '\\' }] });
	});

	test.each(readers)('makes no JSON of %s that is none', (_name, read) => {
		for (const text of ['{"\\x":1}', '{"\\":1}', '{"a":1,"\\u0":1}', '"\\":']) expect(read(text)).toBeUndefined();
	});

	test('is read in typed text that is nested too deep, too', () => {
		const depth = 100_000;
		expect(parseJson(`{"\\u0068":1,"list":${'['.repeat(depth)}${']'.repeat(depth)}}`)?.value).toMatchObject({ h: 1 });
	});
});

test('two objects with equal contents have one canonical text, and others another', () => {
	const shuffled = (value: unknown): unknown => {
		if (Array.isArray(value)) return value.map(shuffled);
		if (typeof value !== 'object' || value === null) return value;
		return Object.fromEntries(Object.entries(value).reverse().map(([key, entry]) => [key, shuffled(entry)]));
	};
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
			expect(canonicalJson(shuffled(one))).toBe(canonicalJson(one));
			expect(parseJson(canonicalJson(one))).toEqual(parseJson(JSON.stringify(one)));
			expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(parseJson(JSON.stringify(one)), parseJson(JSON.stringify(other))));
		}),
	);
});

test.each([3_000, 100_000])('a value that is nested %d deep overflows nothing', (depth) => {
	const lists = JSON.parse(`${'['.repeat(depth)}"={{ 1 }}"${']'.repeat(depth)}`) as unknown;
	const objects = JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`) as unknown;
	expect([holdsExpression(lists), holdsExpression(objects)]).toEqual([true, false]);
	for (const value of [lists, objects]) {
		expect(() => jsonBytes({ value })).toThrow(/nested more than 500 levels deep/);
		expect(() => canonicalJson({ value })).toThrow(/nested more than 1000 levels deep/);
		expect(maskAnswer({ value }, [])).toBeDefined();
	}
});
