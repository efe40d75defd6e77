import { generator } from './random';

/**
 * Every way in which the sandbox can be told to misbehave. A kind that ends in `After` lets the
 * request act first and spoils the answer; `late` cuts the connection at once and lets the request act
 * later, as one does that was still on its way; every other kind keeps the request from acting.
 */
export const faultKinds = [
	'dropBefore',
	'dropAfter',
	'stallBefore',
	'stallAfter',
	'delayAfter',
	'late',
	'http500Before',
	'http500After',
	'http502Before',
	'http502After',
	'http503Before',
	'http503After',
	'http504Before',
	'http504After',
	'rateLimit',
	'html200After',
	'empty200After',
	'truncatedAfter',
	'truncatedChunkedAfter',
	'invalidJsonAfter',
	'hugeAfter',
	'gzipBombAfter',
	'trickleHeadersAfter',
	'trickleBodyAfter',
	'redirect',
	'unauthorized',
	'forbidden',
	'notFound',
	'notFoundJson',
	'conflict',
	'refuse',
	'errorRequestStatus',
	'processForever',
	'unknownRequestStatus',
	'rawBefore',
	'rawAfter',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One misbehaviour and its details. */
export interface Fault {
	kind: FaultKind;
	/**
	 * `rateLimit`: the `Retry-After` header as seconds, as text that is sent as it is, or as a date
	 * that far from now. Absent: no such header.
	 */
	retryAfter?: number | string | { inMs: number };
	/** `redirect`: 301 to 308, 307 by default. `rawBefore`, `rawAfter`: the HTTP status, 200 by default. */
	status?: number;
	/** `redirect`: where to. */
	location?: string;
	/** `dropBefore`, `dropAfter`, `late`: a reset (RST) instead of an orderly end of the connection. */
	reset?: boolean;
	/** `delayAfter`: how long the finished answer is held back. `late`: how much later the request acts; absent: when the gate is opened. */
	delayMs?: number;
	/** `trickle…`: the pause after each byte, 100 by default. */
	intervalMs?: number;
	/** `hugeAfter`, `gzipBombAfter`: the size when unpacked, 200 MB by default. */
	bytes?: number;
	/** `rawBefore`, `rawAfter`: the body, byte for byte. JSON fields of `refuse`. */
	body?: string | Record<string, unknown>;
	/** `rawBefore`, `rawAfter`: headers besides the content's type (JSON) and length. */
	headers?: Record<string, string>;
}

/** A fault and the requests that meet it. */
export interface FaultRule extends Fault {
	/** A whole path, or its end such as `card/close`. Absent: every path. */
	path?: string;
	/** The `card_id` of the request. Absent: every card. */
	card?: string | number;
	/** From which of the matching requests on, counting from 1 when the rule is added. */
	nth?: number;
	/** For how many matching requests, 1 by default. */
	times?: number | 'always';
}

/** A random plan: every request meets a fault with a probability of `rate`. */
export interface RandomPlan {
	seed: number;
	/** 0 to 1. */
	rate: number;
	/** Kinds or faults with details, all equally likely. */
	kinds: ReadonlyArray<FaultKind | Fault>;
	/** Paths or their ends. Absent: every path. */
	paths?: readonly string[];
}

/** What a plan may look at. */
export interface Arrival {
	path: string;
	cardId: string | undefined;
	requestId: string | undefined;
	/** How often this path was asked about this target, this time included. */
	occurrence: number;
}

/** A plan of one's own, such as one that a property-based test shrinks. */
export type FaultPlan = (arrival: Arrival) => Fault | undefined;

interface Form {
	takes: (value: unknown) => boolean;
	form: string;
}

type Forms<Told> = Readonly<Record<keyof Told, Form>>;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === 'string';
const isDuration = (value: unknown) => typeof value === 'number' && value >= 0;
const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 1;

const duration: Form = { takes: isDuration, form: 'a number of milliseconds' };

/** What each detail of a fault takes. */
const FAULT_FORMS: Forms<Fault> = {
	kind: { takes: (value) => faultKinds.some((kind) => kind === value), form: `one of ${faultKinds.join(', ')}` },
	retryAfter: { takes: (value) => isText(value) || typeof value === 'number' || (isObject(value) && Object.keys(value).join() === 'inMs' && typeof value.inMs === 'number'), form: 'a number of seconds, text, or an object of inMs' },
	status: { takes: (value) => isCount(value) && Number(value) >= 100 && Number(value) <= 599, form: 'an HTTP status' },
	location: { takes: isText, form: 'text' },
	reset: { takes: (value) => typeof value === 'boolean', form: 'true or false' },
	delayMs: duration,
	intervalMs: duration,
	bytes: { takes: isCount, form: 'a whole number from 1' },
	body: { takes: (value) => isText(value) || isObject(value), form: 'text or an object' },
	headers: { takes: (value) => isObject(value) && Object.values(value).every(isText), form: 'an object of texts' },
};

/** What else a fault of its own takes. */
const RULE_FORMS: Forms<FaultRule> = {
	...FAULT_FORMS,
	path: { takes: isText, form: 'text' },
	card: { takes: (value) => isText(value) || typeof value === 'number', form: 'the ID of a card' },
	nth: { takes: isCount, form: 'a whole number from 1' },
	times: { takes: (value) => value === 'always' || isCount(value), form: 'a whole number from 1, or "always"' },
};

/** What a random plan takes. */
const PLAN_FORMS: Forms<RandomPlan> = {
	seed: { takes: (value) => typeof value === 'number', form: 'a number' },
	rate: { takes: (value) => typeof value === 'number' && value >= 0 && value <= 1, form: 'a number from 0 to 1' },
	kinds: { takes: (value) => Array.isArray(value) && value.length > 0, form: 'a list of at least one kind or fault' },
	paths: { takes: (value) => Array.isArray(value) && value.every(isText), form: 'a list of texts' },
};

/** @throws {RangeError} naming what is misspelt, or has a value that it cannot take */
function check(what: string, told: unknown, forms: Readonly<Record<string, Form>>, needed: readonly string[]): void {
	if (!isObject(told)) throw new RangeError(`${what} is a JSON object with ${needed.join(', ')}.`);
	for (const name of [...needed, ...Object.keys(told)]) {
		const known = Object.hasOwn(forms, name) ? forms[name] : undefined;
		if (known === undefined) throw new RangeError(`${what} has no ${name}. Known: ${Object.keys(forms).join(', ')}.`);
		const value = told[name];
		if (value === undefined && !needed.includes(name)) continue;
		if (!known.takes(value)) throw new RangeError(`The ${name} of ${what.toLowerCase()} must be ${known.form}, not ${JSON.stringify(value)}.`);
	}
}

const isPlan = (told: FaultRule | RandomPlan): told is RandomPlan => isObject(told) && ('seed' in told || 'kinds' in told);

/** @throws {RangeError} for one that is misspelt */
function checkFault(told: FaultRule | RandomPlan): void {
	if (!isPlan(told)) {
		check('A fault', told, RULE_FORMS, ['kind']);
		return;
	}
	check('A random plan', told, PLAN_FORMS, ['seed', 'rate', 'kinds']);
	for (const kind of told.kinds) check('A fault', typeof kind === 'string' ? { kind } : kind, FAULT_FORMS, ['kind']);
}

interface Rule {
	rule: FaultRule;
	seen: number;
	applied: number;
}

/** Whether a path is the wanted one, or ends in it. */
export const matchesPath = (path: string, wanted: string): boolean => path === wanted || path.endsWith(`/${wanted.replace(/^\//, '')}`);

/** Decides which request meets which fault. */
export class Faults {
	private rules: Rule[] = [];
	private plans: FaultPlan[] = [];
	private readonly occurrences = new Map<string, number>();

	/**
	 * Adds faults, all or none. The first rule that applies to a request wins; each rule counts for itself.
	 * @throws {RangeError} for one that is misspelt
	 */
	add(...told: Array<FaultRule | RandomPlan>): this {
		told.forEach(checkFault);
		for (const one of told) {
			if (isPlan(one)) this.random(one);
			else this.rules.push({ rule: one, seen: 0, applied: 0 });
		}
		return this;
	}

	/**
	 * Adds a random plan. What a request meets depends on the seed, its path, its card (else its
	 * request id) and how often that came before, not on the order in which requests arrive: parallel
	 * runs of the same plan meet the same faults.
	 * @throws {RangeError} for one that is misspelt
	 */
	random(plan: RandomPlan): this {
		checkFault(plan);
		const { seed, rate, kinds, paths } = plan;
		return this.plan(({ path, cardId, requestId, occurrence }) => {
			if (paths !== undefined && !paths.some((wanted) => matchesPath(path, wanted))) return undefined;
			const next = generator(`${seed}|${path}|${cardId ?? requestId ?? ''}|${occurrence}`);
			if (next() >= rate) return undefined;
			const kind = kinds[Math.floor(next() * kinds.length)];
			return typeof kind === 'string' ? { kind } : kind;
		});
	}

	/** Adds a plan of one's own. Rules come before plans. */
	plan(plan: FaultPlan): this {
		this.plans.push(plan);
		return this;
	}

	/** Back to good behaviour. */
	clear(): void {
		this.rules = [];
		this.plans = [];
		this.occurrences.clear();
	}

	/** The rules that may still apply, for a look from outside. */
	get active(): readonly FaultRule[] {
		return this.rules.filter(isOpen).map(({ rule }) => rule);
	}

	/** Picks the fault that a request meets. Only the sandbox does. */
	meet(request: Omit<Arrival, 'occurrence'>): Fault | undefined {
		let met: FaultRule | undefined;
		for (const entry of this.rules) {
			const { path, card, nth = 1 } = entry.rule;
			if (path !== undefined && !matchesPath(request.path, path)) continue;
			if (card !== undefined && request.cardId !== String(card)) continue;
			entry.seen += 1;
			if (met !== undefined || entry.seen < nth || !isOpen(entry)) continue;
			entry.applied += 1;
			met = entry.rule;
		}
		if (this.plans.length === 0) return met;
		const key = `${request.path}|${request.cardId ?? request.requestId ?? ''}`;
		const occurrence = (this.occurrences.get(key) ?? 0) + 1;
		this.occurrences.set(key, occurrence);
		if (met !== undefined) return met;
		for (const plan of this.plans) {
			const fault = plan({ ...request, occurrence });
			if (fault !== undefined) return fault;
		}
		return undefined;
	}
}

function isOpen({ rule: { times = 1 }, applied }: Rule): boolean {
	return times === 'always' || applied < times;
}
