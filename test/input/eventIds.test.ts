import type { INodeParameters } from 'n8n-workflow';

import { places, useValues } from '../support/values';

/* An Event ID stands for one event: what a missing field leaves of it would stand for many. */

const { run, refusals, ledger } = useValues();
const event = (eventId: string, more: INodeParameters = {}) => ({ ...places.eventId(eventId), ...more });

const MISSING: ReadonlyArray<[string, unknown]> = [
	['missing', undefined],
	['null', null],
	['empty', ''],
	['blank', ' \u00a0\t'],
	['an invisible sign', '\u200b'],
	['an object', { id: 7 }],
	['a list', [7]],
];

const EXPRESSIONS = [
	'=crm-{{ $json.event_id }}',
	'={{ $json.kind }}-{{ $json.event_id }}',
	'={{ $json.event_id }}-{{ $json.kind }}',
	"=crm-{{ $json['event_id'] }}{{ $json.kind }}",
	'={{ $json.event_id }} ',
];

test.each(EXPRESSIONS)('%s: a part that gives no text or number is refused', async (eventId) => {
	const { refused, bodies } = await run(event(eventId), MISSING.map(([, value]) => ({ kind: 'k', event_id: value })));
	expect(bodies).toEqual([]);
	expect([...refused.keys()]).toEqual(MISSING.map((_, item) => item));
	for (const message of refused.values()) expect(message).toMatch(/^Event ID /);
});

test('the part is named, and what to do', async () => {
	const { refused } = await run(event('=crm-{{ $json.event_id }}'), [{}]);
	expect(refused.get(0)).toBe('Event ID has "{{ $json.event_id }}" in its expression, which gives nothing. Correct it; if it may be empty, write it all as one expression');
});

test('parts that give something make the text, and one expression may leave a part empty', async () => {
	const { bodies, refused } = await run(event('=crm-{{ $json.event_id }}-{{ $json.step }}'), [{ event_id: 7, step: 'a' }, { event_id: 7, step: 'a' }, { event_id: 8, step: 0 }]);
	expect([...refused]).toEqual([]);
	expect(new Set(bodies.map((body) => body.request_id)).size).toBe(2);
	const whole = await run(event("={{ 'crm-' + $json.event_id + ($json.step ?? '') }}"), [{ event_id: 7 }]);
	expect([...whole.refused]).toEqual([]);
});

test.each([
	["={{ 'crm-' + $json.event_id }}", 'undefined'],
	['={{ String($json.event_id) }}', 'undefined'],
	['={{ `crm-${$json.nothing}` }}', 'null'],
	["={{ 'crm-' + $json.object }}", '[object '],
	["={{ 'crm-' + Number($json.event_id) }}", 'NaN'],
	["={{ 'crm-' + new Date($json.event_id) }}", 'Invalid Date'],
	["={{ '' + $json.nothing }}", 'null'],
])('%s leaves "%s" behind: refused', async (eventId, mark) => {
	const { refused, bodies } = await run(event(eventId), [{ nothing: null, object: {} }]);
	expect(bodies).toEqual([]);
	expect(refused.get(0)).toContain(`Event ID holds "${mark}", as a missing field leaves behind`);
});

test('words that only hold such letters are events', async () => {
	expect(await refusals(places.eventId, ['annulled-7', 'nullable', 'NaNcy-7', 'Null'])).toEqual(Array(4).fill(undefined));
});

test.each<[string, unknown]>([
	['a broken number', 1.5],
	['a number that is not exact', 2 ** 53],
	['true', true],
	['a date', new Date(0)],
])('%s is no event', async (_, value) => {
	expect(await refusals(places.eventId, [value])).toEqual([expect.stringContaining('Event ID ')]);
});

test('a number and its text are one event', async () => {
	const { bodies } = await run(event('={{ $json.event_id }}'), [{ event_id: 42 }, { event_id: '42' }, { event_id: ' 42\u200b' }]);
	expect(bodies.length).toBeGreaterThan(0);
	expect(new Set(bodies.map((body) => body.request_id)).size).toBe(1);
	expect(ledger()).toHaveLength(1);
});

test('a fixed text leaves a hint, an expression none', async () => {
	expect((await run(event('crm-1'))).hints).toEqual([
		'Event ID is the text "crm-1" and no expression, so every run counts as the same event, and it acts once. Drag the ID of the event into the field instead.',
	]);
	expect((await run(event('=crm-1'))).hints.filter((hint) => hint.startsWith('Event ID'))).toHaveLength(1);
	expect((await run(event('={{ $json.id }}'), [{ id: 'crm-2' }])).hints).toEqual([]);
	expect((await run(event(''))).hints).toEqual([]);
});

describe('a field left empty by hand is left out', () => {
	test.each(['', '='])('%j', async (eventId) => {
		const { bodies, refused } = await run(event(eventId));
		expect([...refused]).toEqual([]);
		expect(bodies).toHaveLength(1);
	});
});
