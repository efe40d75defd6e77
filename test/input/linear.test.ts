import { normalAmount } from '../../nodes/FreedomPayCard/input/amounts';
import { holdsNothing } from '../../nodes/FreedomPayCard/input/jsonValues';
import type { Plan } from '../../nodes/FreedomPayCard/input/plan';
import { readField } from '../../nodes/FreedomPayCard/input/values';
import { stepAfterRefusal } from '../../nodes/FreedomPayCard/output/nextSteps';
import { optionsOf, switchesOf } from '../../nodes/FreedomPayCard/panel/options';
import { retryAfterMs } from '../../nodes/card-api/delivery/wire';
import { methodOf, operations } from '../../nodes/card-api/methods';
import { BadInput, innerFields, panelFields, type Field } from '../../nodes/card-api/methods/define';
import { isBlank, quoted, trimmed } from '../../nodes/card-api/text/signs';
import { cpuMs, leastCpuMs } from '../support/cpu';
import { isFull, sizeOf } from '../support/size';

/*
 * Nothing that reads a value takes longer than in proportion to its length: n8n answers nobody meanwhile. Told by the CPU time per
 * sign of texts of 10 kB, 100 kB and, where the tests run whole, 1 MB, so that a busy machine changes nothing; a reader that is not linear takes ten times as long
 * per sign with each step.
 */

const LENGTHS = isFull ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
/** Between two steps: far from the 10 of a quadratic reader, and far above what the heap and the clock make of a linear one. */
const MOST_GROWTH = 5;
/** CPU time of a text that is too short to be told from what else the process does. */
const TOO_SHORT_MS = 50;

/** Texts that take a pattern back and forth: long runs that something at the end disappoints. */
const TEXTS: Readonly<Record<string, (length: number) => string>> = {
	'digits and a letter': (n) => `${'9'.repeat(n)}x`,
	'zeros and a digit': (n) => `${'0'.repeat(n)}1`,
	'zeros after the point, and a letter': (n) => `1.${'0'.repeat(n)}x`,
	'zeros after the point, and a digit': (n) => `1.${'0'.repeat(n)}1`,
	'an exponent': (n) => `1e${'0'.repeat(n)}x`,
	'grouped digits': (n) => `${'1 000,'.repeat(n / 6)}x`,
	'spaces and a letter': (n) => `${' '.repeat(n)}x`,
	'spaces between letters': (n) => `x${' '.repeat(n)}x`,
	'spaces between braces': (n) => `{${' '.repeat(n)}x`,
	'spaces between brackets': (n) => `[${' '.repeat(n)}x`,
	'invisible signs': (n) => `x${'\u200b'.repeat(n)}x`,
	'only invisible signs': (n) => '\u200b'.repeat(n),
	'points': (n) => `/v5/${'.'.repeat(n)}`,
	'segments': (n) => `/v5${'/a'.repeat(n / 2)}/`,
	'half segments': (n) => `/v5${'/.a'.repeat(n / 3)} `,
	'at signs': (n) => 'a@'.repeat(n / 2),
	'half expressions': (n) => '{{ $json.a }'.repeat(n / 12),
	'Cyrillic letters': (n) => `${'\u0441'.repeat(n)}c`,
	'Latin letters': (n) => `${'c'.repeat(n)}\u0441`,
	'half characters': (n) => '\ud83d'.repeat(n),
	'quotes': (n) => `["${'\\"'.repeat(n / 2)}`,
	'a list of numbers': (n) => `[${'1,'.repeat(n / 2)}1]`,
	'a list of objects': (n) => `[${'{"type":"max"},'.repeat(n / 15)}{}]`,
	'a date': (n) => `2025-01-31T09:30:00.${'0'.repeat(n)}x`,
	'a phone number': (n) => `+7 ${'7 '.repeat(n / 2)}`,
};

/** The CPU time of a thousand signs, read in texts of a length, of which as many are read as come to the next length. */
function cost(read: (text: string) => void, text: string, rounds: number): number {
	const times = text.length < SEVERAL ? SEVERAL / text.length : 1;
	const least = leastCpuMs(rounds, () => {
		for (let time = 0; time < times; time += 1) read(text);
	});
	return least / ((times * text.length) / 1000);
}

const SEVERAL = 100_000;

/** Whether a reader takes longer per sign of a long text than of a short one. */
function growsBetween(read: (text: string) => void, short: string, long: string): boolean {
	if (cpuMs(() => read(long)) < TOO_SHORT_MS) return false;
	// Looked at more closely only where it may be.
	return [1, 5].every((rounds) => cost(read, long, Math.min(rounds, 2)) > MOST_GROWTH * cost(read, short, rounds));
}

const SAMPLES = Object.entries(TEXTS).map(([name, textOf]) => ({ name, texts: LENGTHS.map(textOf) }));

/** The texts that a reader is slower than linear with. */
function slownessOf(read: (text: string) => void): string[] {
	const tolerant = (text: string) => {
		try {
			read(text);
		} catch (error) {
			if (!(error instanceof BadInput)) throw error;
		}
	};
	return SAMPLES.flatMap(({ name, texts }) => {
		// Step by step, so that a slow one is found before it takes for ever.
		const slow = texts.slice(1).find((long, index) => growsBetween(tolerant, texts[index] ?? '', long));
		return slow === undefined ? [] : [`${name}, ${slow.length} signs`];
	});
}

function leaves(fields: readonly Field[]): Field[] {
	return panelFields(fields).flatMap((field) => [field as Field, ...leaves(innerFields(field))]);
}

/** Every field, option and switch, those that are read alike once. */
const readers = new Map<string, Field>();
for (const method of operations) {
	for (const field of [...leaves(method.fields), ...optionsOf(method), ...switchesOf(method).map((entry) => entry.field)]) {
		const words = field.kind === 'list' || (field.kind === 'object' && !field.inline) ? field.entry.name : '';
		const contract = JSON.stringify(field.schema._zod.def, (_, value: unknown) => (typeof value === 'function' ? String(value) : value instanceof RegExp ? String(value) : value));
		readers.set(`${field.kind} ${words} ${contract.length} ${contract}`, field);
	}
}

test.each([...readers.values()].map((field): [string, Field] => [`${field.label} (${field.kind})`, field]))(sizeOf('%s is read in proportion to its length'), (_, field) => {
	expect(slownessOf((text) => void readField(field, text, { where: '', timezone: 'Asia/Almaty' }, 'typed by hand'))).toEqual([]);
});

const refused = (text: string) => {
	const close = methodOf('card', 'close');
	stepAfterRefusal({ answer: { error_description: text, error_code: text }, isRejection: false, isEarlier: false }, { method: close, body: { card_id: 'card-1' }, requestId: undefined } as unknown as Plan);
};

test.each<[string, (text: string) => unknown]>([
	['whether a value is blank', isBlank],
	['whether JSON is empty', holdsNothing],
	['the blanks around a text', trimmed],
	['a text in a message', quoted],
	['the one form of an amount', normalAmount],
	['how long to wait', (text) => retryAfterMs(text, 0)],
	["FreedomPay's words", refused],
])(sizeOf('%s is told in proportion to the length'), (_, read) => {
	expect(slownessOf((text) => void read(text))).toEqual([]);
});
