import { client, limit, places, useValues, type Place } from '../support/values';

/* Signs that nobody sees, and letters that are taken for others: in a spreadsheet's cell, in what was copied from a page. */

const { run, refusals } = useValues();
const UUID = '828cf71d-a447-4a67-a149-c1df8bc197ca';
const IBAN = 'KZ86125KZT5004100100';

/** A place, a value that is fine there, and how to look at what was sent of it. */
const SOUND: ReadonlyArray<[name: string, place: Place, value: string, sent: (body: Record<string, unknown>) => unknown]> = [
	['Card ID', places.cardId, 'card-1001', (body) => body.card_id],
	['IBAN', places.iban, IBAN, (body) => (body.accounts as Array<{ iban: string }>)[0]?.iban],
	['Request ID', places.lookedUpId, UUID, (body) => body.request_id],
	['First Name', (value) => client({ firstName: value as string }), 'Ivan', (body) => (body.client as { first_name: string }).first_name],
	['Email', (value) => client({}, { email: value as string }), 'ivan@example.com', (body) => (body.client as { email: string }).email],
	['Person ID', (value) => client({}, { personId: value as string }), '900131300123', (body) => (body.client as { person_id: string }).person_id],
	['Transaction Type', (value) => limit({ transactionType: value as string }), 'pay', (body) => (body.limits as Array<{ transaction_type: string }>)[0]?.transaction_type],
	['Value', (value) => limit({}, { value: value as string }), '5000', (body) => (body.limits as Array<{ amount: Array<{ value: string }> }>)[0]?.amount[0]?.value],
	['Card ID of a gift card', places.giftCard, '555', (body) => body.card_id],
];

const OUTSIDE = ['\u00a0', '\ufeff', ' ', '\t\r\n', '\u200b', '\u00ad', '\u2007\u202f'];

test.each(SOUND)('%s: blanks and invisible signs around it are not sent', async (_, place, value, sent) => {
	const values = OUTSIDE.flatMap((sign) => [value + sign, sign + value]);
	const { bodies, refused } = await run(place('={{ $json.value }}'), values.map((one) => ({ value: one })));
	expect([...refused]).toEqual([]);
	expect([...new Set(bodies.map((body) => JSON.stringify(sent(body))))]).toHaveLength(1);
	expect(String(sent(bodies[0] ?? {}))).toBe(value);
});

const INSIDE: ReadonlyArray<[sign: string, told: string]> = [
	['\u200b', 'U+200B, a zero-width space'],
	['\u00ad', 'U+00AD, a soft hyphen'],
	['\ufeff', 'U+FEFF, a byte order mark'],
	['\u2060', 'U+2060, a word joiner'],
	['\u202e', 'U+202E'],
	['\u3164', 'U+3164'],
];

test.each(SOUND.filter(([name]) => !/^(?:Value|Transaction Type)$/.test(name)))('%s: an invisible sign inside it is refused, and named', async (_, place, value) => {
	const told = await refusals(place, INSIDE.map(([sign]) => `${value.slice(0, 2)}${sign}${value.slice(2)}`));
	for (const [index, [, name]] of INSIDE.entries()) expect(told[index]).toContain(`holds a sign that cannot be seen (${name}) at position 3`);
});

test('a no-break space, a tab and a line break inside a name are named, and a blank is not', async () => {
	const values = ['Anna Maria', 'Anna\u00a0Maria', 'Anna\tMaria', 'Anna\nMaria'];
	const [plain, ...others] = await refusals((value) => client({ firstName: value as string }), values);
	expect(plain).toBeUndefined();
	expect(others).toEqual([
		'First Name holds a sign that cannot be seen (U+00A0, a no-break space) at position 5: "Anna<U+00A0>Maria". Type the value anew',
		'First Name holds a sign that cannot be seen (U+0009, a tab) at position 5: "Anna<U+0009>Maria". Type the value anew',
		'First Name holds a sign that cannot be seen (U+000A, a line break) at position 5: "Anna<U+000A>Maria". Type the value anew',
	]);
});

test('a reason keeps what it has', async () => {
	const reason = ' Lost\u00ad in\u200b the\u00a0bus,\n"sorry" \u202eשלום ';
	const { bodies } = await run(places.reason('={{ $json.value }}'), [{ value: reason }]);
	expect(bodies[0]?.description).toBe(reason);
});

test.each<[string, Place, string, string]>([
	['an id', places.cardId, '\u0441ard-1001', '"\u0441" at position 1 is Cyrillic'],
	['an id of digits', places.cardId, '100\u04101', '"\u0410" at position 4 is Cyrillic'],
	['a UUID', places.lookedUpId, UUID.replace('c', '\u0441'), '"\u0441" at position 4 is Cyrillic'],
	['an IBAN', places.iban, IBAN.replace('K', '\u041a'), '"\u041a" at position 1 is Cyrillic'],
	['an IBAN in groups', places.iban, 'KZ86 125K \u0417T50 0410 0100', '"\u0417" at position 11 is Cyrillic'],
	['a code', (value) => client({}, { country: value as string }), 'K\u0391Z', '"\u0391" at position 2 is Greek'],
	['a wide digit', places.cardId, 'card-\uff11', '"\uff11" at position 6 is a wide form'],
	['a name', (value) => client({ firstName: value as string }), 'Iv\u0430n', '"\u0430" at position 3 is Cyrillic'],
	['an email', (value) => client({}, { email: value as string }), 'iv\u0430n@example.com', '"\u0430" at position 3 is Cyrillic'],
	['an event', places.eventId, '\u0421RM-7', '"\u0421" at position 1 is Cyrillic'],
])('a letter of another alphabet in %s is named', async (_, place, value, told) => {
	expect(await refusals(place, [value])).toEqual([expect.stringContaining(told)]);
});

test('an event, a reason and a document may be in any alphabet', async () => {
	expect(await refusals(places.eventId, ['заказ-7', '注文-7', 'заказ crm-7'])).toEqual([undefined, undefined, undefined]);
	expect(await refusals((value) => client({}, { personId: value as string }), ['АБ 123456'])).toEqual([undefined]);
});

test('an event is the same with signs around it, and in another form of the same letters', async () => {
	const values = ['crm-é', ' crm-é\u200b', 'crm-é'.normalize('NFD'), '\ufeffcrm-é'.normalize('NFD')];
	const ids = await Promise.all(values.map(async (value) => (await run(places.eventId('={{ $json.value }}'), [{ value }])).outcome));
	expect(new Set(ids.map(({ items }) => items[0]?.[0]?.json.request_id)).size).toBe(1);
});
