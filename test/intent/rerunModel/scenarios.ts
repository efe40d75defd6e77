import { USUAL } from '../../delivery/protocolModel/model';
import type { Edit, Exception, Scenario } from './model';

const A_SCENARIO: Omit<Scenario, 'name' | 'kind'> = {
	sizes: [2, 1, 3],
	runs: [1, 2],
	given: ['nothing'],
	goesOn: false,
	loops: 'no',
	alters: false,
	takesUuids: false,
	crashes: true,
	defects: false,
	saves: false,
	retriesOld: false,
	again: 'no',
	edits: ['none'],
	weather: { twins: false, tellsTime: true, dialects: [USUAL, { ...USUAL, repeat: 'plain' }, { ...USUAL, notKnown: 'ambiguous', failed: 'ambiguous' }, { ...USUAL, notKnown: 'vague' }] },
	turns: 4,
};

const IDS: readonly Edit[] = ['none', 'event added', 'event removed', 'event changed', 'UUID added', 'UUID removed', 'identity', 'partner', 'pasted anew'];

const LOOP = { goesOn: true, runs: [1] };

/** See `NOT_PROTECTED.untoldRepeat`. */
const told = { ...A_SCENARIO.weather, dialects: [USUAL] };

const withTwins = { ...told, twins: true };

/** What may happen to a workflow whose command has a request id. */
const VARIANTS: ReadonlyArray<Partial<Scenario> & { name: string }> = [
	{ name: 'batches', edits: ['none', 'identity', 'partner'] },
	{ name: 'batches, the original again', retriesOld: true },
	{ name: 'batches of other sizes', runs: [2, 3], sizes: [1, 2] },
	{ name: 'node pasted anew', edits: ['none', 'pasted anew'] },
	{ name: 'progress saved', saves: true, edits: ['none', 'identity'] },
	{ name: 'IDs edited', given: ['nothing', 'event', 'uuid'], crashes: false, edits: IDS },
	{ name: 'UUIDs', given: ['uuid'], runs: [1], weather: withTwins },
	{ name: 'UUIDs that others use', given: ['uuid'], runs: [1], crashes: false, takesUuids: true, weather: told },
	{ name: 'events', given: ['event'], again: 'event', edits: ['none', 'identity'], weather: withTwins },
	{ name: 'wrong events', given: ['event', 'wrong'], runs: [1], crashes: false, edits: ['right event', 'none'], weather: told },
	{ name: 'twins', weather: withTwins },
	{ name: 'no times', given: ['nothing', 'event'], again: 'event', weather: { ...told, tellsTime: false } },
	{ name: 'defects', runs: [1], crashes: false, defects: true },
	{ name: 'a new database', again: 'database', runs: [1], crashes: false },
	{ name: 'loop', ...LOOP, loops: 'known' },
	{ name: 'loop of unknown ancestry', ...LOOP, loops: 'unknown' },
	{ name: 'loop of mixed ancestry', ...LOOP, loops: 'mixed' },
	{ name: 'loop and batches', ...LOOP, runs: [2, 1], sizes: [1, 2], loops: 'known' },
	{ name: 'loop with changes', ...LOOP, sizes: [1, 2], loops: 'known', alters: true, crashes: false },
	{ name: 'loop with events', ...LOOP, given: ['event', 'nothing'], loops: 'mixed', crashes: false },
];

const KINDS = ['same', 'adds', 'asked'] as const;

/** Every workflow that is walked through. */
export const SCENARIOS: readonly Scenario[] = [
	...KINDS.flatMap((kind) => VARIANTS.map((variant) => ({ ...A_SCENARIO, ...variant, kind, name: `${kind}: ${variant.name}` }))),
	{ ...A_SCENARIO, name: 'once: batches', kind: 'once', edits: ['none', 'identity', 'partner', 'PIN', 'pasted anew'] },
	{ ...A_SCENARIO, name: 'once: loop', kind: 'once', ...LOOP, loops: 'known', crashes: false },
	{ ...A_SCENARIO, name: 'once: loop of mixed ancestry', kind: 'once', ...LOOP, loops: 'mixed', crashes: false },
	{ ...A_SCENARIO, name: 'now: batches', kind: 'now', crashes: false, edits: ['none', 'pasted anew'] },
	{ ...A_SCENARIO, name: 'now: events', kind: 'now', given: ['event', 'nothing'], crashes: false },
];

const of = (name: string, more: Partial<Scenario>): Scenario => ({ ...A_SCENARIO, name, kind: 'same', ...more });

/** What shows that what is not protected is not. */
export const UNPROTECTED: Readonly<Record<Exception, Scenario>> = {
	editAfterCrash: of('IDs edited after a crash', { edits: ['event added', 'none'] }),
	eventAfterCrash: of('an Event ID for another command after a crash', { kind: 'adds', runs: [2, 3], sizes: [1, 2] }),
	oldRetryOfOnce: of('an older Retry of a PIN', { kind: 'once', retriesOld: true, crashes: false }),
	oldRetryEdited: of('an older Retry with other IDs', { retriesOld: true, crashes: false, edits: ['event added', 'none'] }),
	onceAfterCrash: of('a PIN after a crash', { kind: 'once' }),
	nowAfterCrash: of('a body made anew after a crash', { kind: 'now' }),
	uuidOfTwo: of('a UUID for two commands', { given: ['uuid'], crashes: false, edits: ['identity', 'none'] }),
	untoldRepeat: of('a repeat that is not called one', { weather: { ...withTwins, dialects: [{ ...USUAL, repeat: 'plain' }] } }),
};
