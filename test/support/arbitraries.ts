import fc from 'fast-check';

/** Text of the kinds that break signatures. */
const awkward = fc.constantFrom(
	'', ' ', '"', '\\', "'", '</script>', '\n', '\r\n', '\t', '\0', '\u2028\u2029', '\u00a0', '\ufeff',
	'👨‍👩‍👧‍👦', '🇰🇿', 'é'.normalize('NFC'), 'é'.normalize('NFD'), 'İstanbul', 'Қарағанды', '日本語', 'مرحبا \u202eבעברית\u202c',
);

const text = fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 20 }));

/** Keys that the credential refuses, since they change prototypes. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

const key = text.filter((name) => !FORBIDDEN.includes(name));

const number = fc.oneof(
	fc.integer(),
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.constantFrom(0, -0, 1.1, 1e21, 1e-7, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, Number.MIN_VALUE),
);

/** Any JSON object, as a node would build it. */
export const bodies: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
	value: fc.oneof(
		{ depthSize: 'small', withCrossShrink: true },
		text,
		number,
		fc.boolean(),
		fc.constant(null),
		fc.array(tie('value'), { maxLength: 4 }),
		tie('object'),
	),
	object: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
})).object;

/** Number literals that lose something when they are parsed. */
const numberText = fc.oneof(
	fc.constantFrom('12345678901234567890', '1.10', '1e21', '-0', '0.0', '1E+2', '-1.50e-3', '9007199254740993'),
	fc.bigInt().map(String),
	number.map((value) => JSON.stringify(value)),
);

const escaped = (value: string) =>
	`"${Array.from({ length: value.length }, (_, index) => `\\u${value.charCodeAt(index).toString(16).padStart(4, '0')}`).join('')}"`;

const stringText = fc.oneof(text.map((value) => JSON.stringify(value)), text.map(escaped));

const gap = fc.constantFrom('', '', '', ' ', '\n', '\r\n\t', '  ');

const joined = (parts: readonly string[], space: string) => parts.join(`${space},${space}`);

/** Any JSON object as text, typed in any way: white space, escapes and numbers that parsing would change. */
export const bodyTexts: fc.Arbitrary<string> = fc
	.letrec<{ value: string; object: string }>((tie) => ({
		value: fc.oneof(
			{ depthSize: 'small', withCrossShrink: true },
			stringText,
			numberText,
			fc.constantFrom('true', 'false', 'null'),
			fc.tuple(fc.array(tie('value'), { maxLength: 4 }), gap).map(([parts, space]) => `[${space}${joined(parts, space)}${space}]`),
			tie('object'),
		),
		object: fc
			.tuple(fc.array(fc.tuple(key.map((name) => JSON.stringify(name)), tie('value')), { maxLength: 5 }), gap)
			.map(([entries, space]) => `{${space}${joined(entries.map(([name, value]) => `${name}${space}:${space}${value}`), space)}${space}}`),
	}))
	.object.chain((object) => fc.tuple(gap, gap).map(([before, after]) => `${before}${object}${after}`));
