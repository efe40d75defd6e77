import { pointInTime } from '../../FreedomPayCard/input/dates';
import type { Plan } from '../../FreedomPayCard/input/plan';
import { credentialInWords, type Failed } from '../../FreedomPayCard/output/ending';
import { describeFailure, reasonOf } from '../../FreedomPayCard/output/failures';
import { WITHOUT_SETTINGS } from '../../FreedomPayCard/panel/options';
import type { CredentialRoute } from '../../FreedomPayCard/run/credentials';
import { deliver } from '../../card-api/delivery/deliver';
import type { DeliveryFailure, Outcome } from '../../card-api/delivery/protocol';
import type { Lease } from '../../card-api/delivery/slots';
import type { Wire } from '../../card-api/delivery/wire';
import { jsonBytes } from '../../card-api/json/jsonBytes';
import { getOperations } from '../../card-api/methods/card/getOperations';

/** What a card's statement came to. */
export type Statement =
	| { is: 'read'; entries: readonly unknown[] }
	/** `isRefused`: FreedomPay refused the credential. */
	| { is: 'failed'; failed: Failed; isRefused: boolean }
	/** The time of the poll was over before it was asked for. */
	| { is: 'notReached' };

/** A card whose statement is wanted, and from when on, in ms since 1970. */
export interface Wanted {
	cardId: string;
	from: number;
}

/** How statements are asked for. */
export interface Asking {
	wire: Wire;
	route: CredentialRoute;
	timeoutMs: number;
	/** The workflow's, in which points in time are sent. */
	timezone: string;
}

/** The place of the list in an answer. */
const LIST = getOperations.entries?.in ?? '';

function planOf(cardId: string, from: number, to: number, timezone: string): Plan {
	const written = (ms: number) => pointInTime(new Date(ms), timezone, false).wire;
	const body = { card_id: cardId, start_date: written(from), end_date: written(Math.ceil(to / 1000) * 1000) };
	return {
		is: 'draft',
		method: getOperations,
		body,
		bytes: () => jsonBytes(body),
		ids: { card_id: cardId },
		identity: {},
		object: {},
		bodyAsTyped: undefined,
		given: { is: 'nothing' },
		settings: WITHOUT_SETTINGS,
		hints: [],
		requestId: undefined,
		runsAgain: 'notAtAll',
	};
}

/** What to do about a statement that could not be read: the next poll asks for it again by itself. */
function adviceOn({ verdict }: DeliveryFailure, { description }: Failed, route: CredentialRoute): string {
	switch (verdict?.is) {
		case 'barred':
			return `Check the Environment, Auth ID, Partner Key and Signature Algorithm of the FreedomPay API credential${credentialInWords(route)}, and that FreedomPay allows this method for you.${route.hint}`;
		case 'limited':
			return 'It was turned away each time (HTTP 429). Lower Max Parallel Requests, or poll less often.';
		case 'cancelled':
			return 'The time that n8n gives a poll was over before its answer came.';
		case 'unknown': {
			const reason = `${reasonOf(verdict, [])}.`;
			if (verdict.code === 'TIMEOUT') return `${reason} If that goes on, give it more with Request Timeout (Seconds).`;
			if (verdict.code === 'ANSWER_TOO_LARGE') return `${reason} Lower Look Back (Hours).`;
			return verdict.code === 'NOT_JSON' ? description : reason;
		}
		default:
			return description;
	}
}

function failing(failure: DeliveryFailure, plan: Plan, route: CredentialRoute): Statement {
	const failed = describeFailure(failure, plan, route);
	const { verdict } = failure;
	const message = verdict?.is === 'cancelled' ? 'FreedomPay gave no answer in time' : failed.message;
	return { is: 'failed', failed: { ...failed, message, description: adviceOn(failure, failed, route) }, isRefused: verdict?.is === 'barred' };
}

/** An answer of a read that holds no statement. */
function withoutList(plan: Plan, route: CredentialRoute, code: string): Statement {
	const failure: DeliveryFailure = { is: 'failure', effect: 'failed', from: 'answer', recorded: false, verdict: { is: 'unknown', code }, lookup: undefined };
	const failed = describeFailure(failure, plan, route);
	const message = code === 'PROCESSING' ? 'FreedomPay is not finished with the statement' : `FreedomPay's answer holds no list "${LIST}"`;
	return { is: 'failed', failed: { ...failed, message, description: '' }, isRefused: false };
}

function toldBy(outcome: Outcome, plan: Plan, lease: Lease, route: CredentialRoute): Statement {
	if (outcome.is === 'failure') {
		return outcome.verdict?.is === 'cancelled' && !lease.wasUsed ? { is: 'notReached' } : failing(outcome, plan, route);
	}
	const entries = outcome.answer[LIST];
	if (outcome.is === 'processing') return withoutList(plan, route, 'PROCESSING');
	return Array.isArray(entries) ? { is: 'read', entries: entries as unknown[] } : withoutList(plan, route, 'NO_LIST');
}

/** Reads the statement of one card. Never throws for anything that the network or the API does. */
async function readStatement({ cardId, from }: Wanted, to: number, lease: Lease, { wire, route, timeoutMs, timezone }: Asking): Promise<Statement> {
	const plan = planOf(cardId, from, to, timezone);
	const { method, bytes } = plan;
	const outcome = await deliver(
		{
			itemIndex: 0,
			route,
			path: method.path,
			answers: method.answers,
			known: 'read',
			isEvent: false,
			requestId: undefined,
			about: {},
			bytes: () => bytes(undefined),
			timeoutMs,
			maxWaitMs: 0,
		},
		wire,
		lease,
	);
	return toldBy(outcome, plan, lease, route);
}

/**
 * Reads statements side by side, those first that stand first, until the wire's time is over or the credential is refused. Never throws
 * for anything that the network or the API does.
 * @param to in ms since 1970
 * @returns those that were begun, by their cards
 */
export async function readStatements(wanted: readonly Wanted[], to: number, asking: Asking): Promise<Map<string, Statement>> {
	const { wire, route } = asking;
	const statements = new Map<string, Statement>();
	const running = new Set<Promise<void>>();
	for (const card of wanted) {
		const lease = wire.lease();
		await lease.hold('new');
		if (wire.whyClosed(route) !== undefined) {
			lease.release();
			break;
		}
		const reading = readStatement(card, to, lease, asking)
			.then((statement) => void statements.set(card.cardId, statement))
			.finally(() => {
				lease.release();
				running.delete(reading);
			});
		running.add(reading);
	}
	await Promise.all(running);
	return statements;
}
