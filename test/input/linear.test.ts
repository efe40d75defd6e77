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
import { slowTexts } from '../support/growth';
import { sizeOf } from '../support/size';

/* Nothing that reads a value takes longer than in proportion to its length: n8n answers nobody meanwhile. */

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

/** The texts that a reader is slower than linear with. */
async function slownessOf(read: (text: string) => unknown): Promise<string[]> {
	const tolerant = (text: string) => {
		try {
			read(text);
		} catch (error) {
			if (!(error instanceof BadInput)) throw error;
		}
	};
	return await slowTexts(tolerant, TEXTS);
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

test.each([...readers.values()].map((field): [string, Field] => [`${field.label} (${field.kind})`, field]))(sizeOf('%s is read in proportion to its length'), async (_, field) => {
	expect(await slownessOf((text) => readField(field, text, { where: '', timezone: 'Asia/Almaty' }, 'typed by hand'))).toEqual([]);
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
])(sizeOf('%s is told in proportion to the length'), async (_, read) => {
	expect(await slownessOf(read)).toEqual([]);
});
