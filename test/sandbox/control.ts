import { book, type Booking } from './booking';
import type { FaultRule, Faults, RandomPlan } from './faults';
import type { Gauges } from './gauges';
import { shown, type Journal } from './journal';
import type { Ledger } from './ledger';
import type { Settings } from './settings';
import type { World } from './world';

/** The path under which the control API lives. It is unsigned. */
export const CONTROL = '/_sandbox/';

/** What the control API looks at and changes. */
export interface Controlled {
	world: World;
	ledger: Ledger;
	journal: Journal;
	faults: Faults;
	settings: Settings;
	gauges: Readonly<Gauges>;
	now: () => number;
	settle: () => void;
	reset: () => void;
}

/** The state as told to the outside: no one-time codes. */
export function snapshot({ world, settle }: Pick<Controlled, 'world' | 'settle'>) {
	settle();
	return {
		cards: Object.fromEntries(
			[...world.cards.values()].map(({ id, status, clientId, accounts }) => [
				id,
				{ status, clientId: clientId ?? null, accounts: accounts.map(({ iban, currency, type }) => ({ iban, currency, type })) },
			]),
		),
		clients: Object.fromEntries([...world.clients.values()].map(({ id, ...client }) => [id, client])),
		limits: Object.fromEntries(world.limits),
		giftCards: Object.fromEntries(
			[...world.giftCards.values()].map(({ cardId, status, currency, balance, mask }) => [
				cardId,
				{ status, currency, balance, mask },
			]),
		),
		requests: Object.fromEntries(
			[...world.requests.values()].map(({ id, path, requestStatus }) => [id, { path, requestStatus }]),
		),
	};
}

type Reply = { status: number; body: unknown };

/** Answers one request of the control API. */
export function control(sandbox: Controlled, method: string, name: string, body: unknown): Reply {
	const ok = (answer: unknown = { ok: true }): Reply => ({ status: 200, body: answer });
	switch (`${method} ${name}`) {
		case 'GET journal': {
			const { journal } = sandbox;
			return ok(journal.mode === 'full' ? journal.all.map(shown) : journal.counts());
		}
		case 'GET ledger':
			return ok(sandbox.ledger.all);
		case 'GET state':
			return ok(snapshot(sandbox));
		case 'GET gauges':
			return ok(sandbox.gauges);
		case 'GET faults':
			return ok(sandbox.faults.active);
		case 'POST faults':
			return addFaults(sandbox.faults, body);
		case 'DELETE faults':
			sandbox.faults.clear();
			return ok();
		case 'POST operations':
			return bookAll(sandbox, body);
		case 'POST reset':
			sandbox.reset();
			return ok();
		case 'GET settings':
			return ok(sandbox.settings);
		case 'POST settings':
			return changeSettings(sandbox.settings, body);
		default:
			return {
				status: 404,
				body: {
					error: 'GET journal, ledger, state, gauges, faults or settings; POST faults, operations, reset or settings; DELETE faults',
				},
			};
	}
}

/** What is wrong with what was given, in an answer. */
function refusing(change: () => void): Reply {
	try {
		change();
		return { status: 200, body: { ok: true } };
	} catch (error) {
		return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
	}
}

function bookAll({ world, settings, now }: Controlled, body: unknown): Reply {
	return refusing(() => {
		for (const booking of Array.isArray(body) ? body : [body]) book(world, { now: now(), unknownIds: settings.unknownIds }, booking as Booking);
	});
}

function addFaults(faults: Faults, body: unknown): Reply {
	return refusing(() => void faults.add(...((Array.isArray(body) ? body : [body]) as Array<FaultRule | RandomPlan>)));
}

function isErrorAnswer(value: unknown): boolean {
	if (typeof value !== 'object' || value === null || Object.keys(value).sort().join() !== 'body,httpStatus') return false;
	const { httpStatus, body } = value as Record<string, unknown>;
	return typeof httpStatus === 'number' && Number.isInteger(httpStatus) && httpStatus >= 200 && httpStatus <= 599 && typeof body === 'object' && body !== null;
}

const duration = { takes: (value: unknown) => typeof value === 'number' && value >= 0 && value < Infinity, form: 'a number of milliseconds' };
const errorAnswer = { takes: isErrorAnswer, form: 'an object of httpStatus and body' };
const oneOf = (...words: string[]) => ({ takes: (value: unknown) => words.some((word) => word === value), form: words.join(' or ') });

/** What each setting takes. */
const FORMS: Readonly<Record<keyof Settings, { takes: (value: unknown) => boolean; form: string }>> = {
	processingMs: duration,
	latencyMs: duration,
	statusLagMs: duration,
	unknownIds: oneOf('refuse', 'accept'),
	undocumentedPaths: oneOf('accept', 'refuse'),
	statusOfFailedRequest: oneOf('ok', 'error'),
	statementDays: { takes: (value) => typeof value === 'number' && Number.isInteger(value) && value > 0, form: 'a whole number of days' },
	repeatedRequestId: errorAnswer,
	unknownRequest: errorAnswer,
	badSignature: errorAnswer,
	invalidParameters: errorAnswer,
	commandFailed: errorAnswer,
};

/** Changes all that is given, or nothing. */
function changeSettings(settings: Settings, body: unknown): Reply {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return { status: 400, body: { error: 'Settings are a JSON object.' } };
	const given = Object.entries(body);
	for (const [name, value] of given) {
		if (!Object.hasOwn(FORMS, name)) return { status: 400, body: { error: `There is no setting ${name}. Known: ${Object.keys(FORMS).join(', ')}.` } };
		const { takes, form } = FORMS[name as keyof Settings];
		if (!takes(value)) return { status: 400, body: { error: `${name} must be ${form}` } };
	}
	Object.assign(settings, Object.fromEntries(given));
	return { status: 200, body: settings };
}
