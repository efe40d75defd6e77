import { parseArgs } from 'node:util';

/** What is measured, and how often. */
export interface Plan {
	/** A built package other than the packed one. */
	dist: string | undefined;
	parts: ReadonlySet<string>;
	many: { items: number; rounds: number };
	thousands: { items: number; rounds: number; roundTripMs: number };
	waiting: { items: number; rounds: number; processingMs: number; roundTripMs: number };
	/** Lists up to this size. */
	sizes: { largest: number; rounds: number };
	/** In a whole n8n; `long` is the length of the list during which its health is watched, 0 for none. */
	real: { items: number; rounds: number; long: number; longRounds: number };
	roundTripMs: number;
	serverMs: number;
	warmUpItems: number;
	/** The same verdicts, beside the loop with thousands only, with less: fewer commands, senders that are started once, and none that no verdict is about. */
	quick: boolean;
	json: boolean;
}

const USAGE = `Usage: npm run bench -- [flags]

  --quick               the same verdicts (beside the loop with thousands only) with fewer commands,
                        made for five minutes on two idle cores
  --only PARTS          some of many,thousands,waiting,sizes,real
  --items N             of the first part, 300 by default; --rounds N, 5
  --thousands N         of the second part, 5000 by default; --thousands-rounds N, 5
  --thousands-round-trip-ms N  the round trip of the second part, 10 by default, so that it ends in minutes
  --waiting N           of the third part, 1000 by default; --waiting-rounds N, 5
  --processing-ms N     how long a command of the third part takes to settle, 4000 by default
  --waiting-round-trip-ms N  the round trip of the third part, 5 by default
  --sizes N             the longest list of the fourth part, 100000 by default; --sizes-rounds N, 5
  --real N              of the last part, in a whole n8n, 2000 by default; --real-rounds N, 5
  --long N              a list during which the health of that n8n is watched, 100000 by default;
                        --long-rounds N, 3
  --round-trip-ms N     50 by default
  --server-ms N         what the server takes for each request, 20 by default
  --dist FOLDER         a build of the package other than the one that is packed from the sources
  --json                print all measurements too`;

const full = {
	only: 'many,thousands,waiting,sizes,real',
	items: '300',
	rounds: '5',
	thousands: '5000',
	'thousands-rounds': '5',
	'thousands-round-trip-ms': '10',
	waiting: '1000',
	'waiting-rounds': '5',
	'processing-ms': '4000',
	'waiting-round-trip-ms': '5',
	sizes: '100000',
	'sizes-rounds': '5',
	real: '2000',
	'real-rounds': '5',
	long: '100000',
	'long-rounds': '3',
	'round-trip-ms': '50',
	'server-ms': '20',
	'warm-up': '4000',
};

const small: typeof full = {
	...full,
	items: '80',
	thousands: '250',
	waiting: '100',
	'waiting-rounds': '3',
	sizes: '50000',
	'sizes-rounds': '1',
	real: '400',
	long: '2000',
	'long-rounds': '1',
	'warm-up': '2000',
};

function wholeNumber(name: string, text: string | undefined): number {
	if (text === undefined || !/^\d{1,7}$/.test(text)) throw new RangeError(`--${name} must be a whole number.\n\n${USAGE}`);
	return Number(text);
}

function parsed<Values>(parse: () => Values): Values {
	try {
		return parse();
	} catch (error) {
		throw new RangeError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, { cause: error });
	}
}

/**
 * Reads the command line.
 * @returns undefined when only the usage was asked for
 * @throws {RangeError} with the usage
 */
export function planFrom(args: readonly string[]): Plan | undefined {
	const text = { type: 'string' } as const;
	const options = Object.fromEntries(Object.keys(full).map((name) => [name, text]));
	const flags = { quick: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, dist: text } as const;
	const { values } = parsed(() => parseArgs({ args: [...args], options: { ...options, ...flags } }));
	if (values.help === true) {
		console.log(USAGE);
		return undefined;
	}
	const given: Record<string, string | boolean | undefined> = { ...(values.quick === true ? small : full), ...values };
	const parts = String(given.only).split(',');
	const unknown = parts.filter((part) => !full.only.split(',').includes(part));
	if (unknown.length > 0) throw new RangeError(`--only: there is no part ${unknown.join(', ')}.\n\n${USAGE}`);
	const number = (name: string) => wholeNumber(name, given[name] as string | undefined);
	return {
		dist: values.dist,
		parts: new Set(parts),
		many: { items: number('items'), rounds: number('rounds') },
		thousands: {
			items: number('thousands'),
			rounds: number('thousands-rounds'),
			roundTripMs: number('thousands-round-trip-ms'),
		},
		waiting: {
			items: number('waiting'),
			rounds: number('waiting-rounds'),
			processingMs: number('processing-ms'),
			roundTripMs: number('waiting-round-trip-ms'),
		},
		sizes: { largest: number('sizes'), rounds: number('sizes-rounds') },
		real: { items: number('real'), rounds: number('real-rounds'), long: number('long'), longRounds: number('long-rounds') },
		roundTripMs: number('round-trip-ms'),
		serverMs: number('server-ms'),
		warmUpItems: number('warm-up'),
		quick: values.quick === true,
		json: values.json === true,
	};
}
