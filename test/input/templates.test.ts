import { client, limit, places, refundOf, useValues, type Place } from '../support/values';

/*
 * Expressions that n8n takes for text: pasted behind other text, typed at once, without their brackets, with a bracket too many, or
 * as what an earlier step gave.
 */

const { run, refusals } = useValues();

const NAMES: ReadonlyArray<[name: string, place: Place]> = [
	['Event ID', places.eventId],
	['Request ID', places.requestId],
	['Card ID', places.cardId],
	['IBAN', places.iban],
	['Person ID', (value) => client({}, { personId: value as string })],
	['Branch ID', (value) => client({}, { branchId: value as string })],
	['Country', (value) => client({}, { country: value as string })],
	['Amount', refundOf],
	['Value', (value) => limit({}, { value: value as string })],
];

const TYPED = ['{{ $json.id }}', 'crm-{{ $json.id }}', '={{ $json.id }} }}', '=$json.id', "=$('Feed').item.json.id", '=$node["Feed"].json.id', '{{ID}}'];

test.each(NAMES)('%s: an expression that is none is refused, however it was typed', async (_, place) => {
	for (const typed of TYPED) {
		const { refused, bodies } = await run(place(typed), [{ id: 'id-1' }]);
		expect([typed, refused.get(0)]).toEqual([typed, expect.stringContaining('holds an expression that n8n takes for text')]);
		expect(bodies).toEqual([]);
	}
});

test.each(NAMES)('%s: and so is one that an earlier step gave', async (_, place) => {
	const told = await refusals(place, ['{{ID}}', '{{ $json.id }}', 'id }}', '$json.id']);
	expect(told).toEqual(Array(4).fill(expect.stringContaining('Set the field to Expression, or drag the value in')));
});

const WORDS: ReadonlyArray<[name: string, place: Place]> = [
	['Reason', places.reason],
	['First Name', (value) => client({ firstName: value as string })],
	['Street', (value) => client({}, { address1: { address: { country: 'KAZ', postalCode: '1', city: 'A', street: value as string, building: '1' } } })],
	['PIN', (value) => ({ resource: 'card', operation: 'setPin', cardId: 'card-1', additionalFields: { pin: value as string } })],
];

test.each(WORDS)('%s: fixed text with an expression in it is refused', async (name, place) => {
	const { refused, bodies } = await run(place('Lost {{ $json.why }}'), [{ why: 'x' }]);
	expect(refused.get(0)).toContain('holds an expression that n8n takes for text');
	if (name === 'PIN') expect(refused.get(0)).not.toContain('Lost');
	expect(bodies).toEqual([]);
});

test.each(WORDS)('%s: what people write is theirs', async (_, place) => {
	expect(await refusals(place, ['Lost {{ the }} card', '$json of somebody'])).toEqual([undefined, undefined]);
	expect((await run(place('Lost }} card'))).refused.size).toBe(0);
});

test('JSON and a body of a custom request may hold what they like', async () => {
	const custom = { resource: 'custom', operation: 'send', path: 'card-api/card/note', retryRule: 'read', takesRequestId: false };
	const { bodies } = await run({ ...custom, body: '{"note":"{{ name }} $json"}' });
	expect(bodies).toEqual([{ note: '{{ name }} $json' }]);
	const json = await run(limit({}), [{}]);
	expect(json.refused.size).toBe(0);
});
