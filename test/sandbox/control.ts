import type { Fault, FaultRule, Faults, RandomPlan } from './faults';
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

/** The settings that can be changed. */
const TIMES = ['processingMs', 'latencyMs', 'statusLagMs'] as const;

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
		case 'POST reset':
			sandbox.reset();
			return ok();
		case 'POST settings':
			return changeSettings(sandbox.settings, body);
		default:
			return {
				status: 404,
				body: {
					error: 'GET journal, ledger, state, gauges or faults; POST faults, reset or settings; DELETE faults',
				},
			};
	}
}

function addFaults(faults: Faults, body: unknown): Reply {
	try {
		for (const told of Array.isArray(body) ? body : [body]) {
			if (typeof told !== 'object' || told === null) throw new RangeError('A fault is a JSON object with a kind.');
			if ('seed' in told) faults.random(told as RandomPlan);
			else faults.add(told as FaultRule & Fault);
		}
		return { status: 200, body: { ok: true } };
	} catch (error) {
		return { status: 400, body: { error: error instanceof Error ? error.message : String(error) } };
	}
}

function changeSettings(settings: Settings, body: unknown): Reply {
	const given = typeof body === 'object' && body !== null ? Object.keys(body) : [];
	const unknown = given.find((name) => !TIMES.some((known) => known === name));
	if (unknown !== undefined) return { status: 400, body: { error: `There is no setting ${unknown} to change. Known: ${TIMES.join(', ')}.` } };
	for (const name of TIMES) {
		const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
		if (value === undefined) continue;
		if (typeof value !== 'number' || !(value >= 0)) {
			return { status: 400, body: { error: `${name} must be a number of milliseconds` } };
		}
		settings[name] = value;
	}
	const { processingMs, latencyMs, statusLagMs } = settings;
	return { status: 200, body: { processingMs, latencyMs, statusLagMs } };
}
