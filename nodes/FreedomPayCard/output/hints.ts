/*
 * What the user should know of a run that no item tells. Each is said once, however many items it is true for.
 */
import type { Draft, Refusal } from '../input/plan';
import type { Intent, Start } from '../../card-api/intent/intents';
import type { Delivered, Ending } from './ending';

/** What makes an expression come out anew each time. */
const ANEW_EACH_TIME = /^=[^]*(?:\$now|\$today|DateTime\.|new Date|Date\.now|Math\.random)/;

function onIntent({ setAside, requestId, otherIsOpen }: Intent, { given, bodyAsTyped = '' }: Draft): string[] {
	const hints: string[] = [];
	if (given.is === 'event' && ANEW_EACH_TIME.test(bodyAsTyped)) {
		hints.push('The Body holds an expression that comes out anew each time, such as $now. Delivered again, an event is another command then, since its body is another one, and acts again.');
	}
	if (setAside) {
		const such = requestId === undefined ? '' : `, such as ${requestId.id}`;
		hints.push(`This execution had sent commands before their Event ID or Request ID was changed. They went on under the request IDs that they had${such}; delivered again under the new ones, they would act again.`);
	}
	if (otherIsOpen !== undefined) {
		const id = otherIsOpen.id === undefined ? '' : ` (request ID ${otherIsOpen.id})`;
		hints.push(`An item was changed after its first command was sent${id}. That one may still be carried out, beside the new one.`);
	}
	return hints;
}

function onAnswer({ plan, outcome, differs }: Delivered): string[] {
	if (outcome.is === 'failure') return [];
	if (outcome.isUndocumented) return [`FreedomPay answered ${plan.method.name} with a status that its documentation does not list. Look at the output before relying on it.`];
	return differs ? [`FreedomPay's answer to ${plan.method.name} differs from its documentation. It is passed on as it came.`] : [];
}

/** What the user should know of how an item ended. */
export function hintsOf(ending: Ending): string[] {
	if (ending.is !== 'delivered' && ending.is !== 'dryRun') return ending.is === 'refused' ? [...(ending.plan?.hints ?? [])] : [];
	const { plan, route, start } = ending;
	const hints = route === undefined || route.hint === '' ? [...plan.hints] : [`FreedomPay API credential:${route.hint} If that is not meant, type it again without.`, ...plan.hints];
	if (ending.is === 'dryRun') return hints;
	return [...hints, ...(start?.is === 'intent' ? onIntent(start, plan) : []), ...onAnswer(ending)];
}

/** That an answer has no entries, so that nothing goes on from there. */
export function hintOnNothing({ method }: Draft, items: number): string {
	return `FreedomPay's answer to ${method.name} has no entries${items === 1 ? '' : ' for some of the items'}, so nothing goes on from there. If the next nodes are to run all the same, turn on Always Output Data in the Settings of this node.`;
}

/** That some entries of a list are left out. */
export function hintOnRest({ method, settings }: Draft, entries: number, items: number): string {
	const which = items === 1 ? `${entries} entries, of which Limit lets ${settings.limit} out` : `more entries than Limit lets out (${settings.limit}) for some of the items`;
	return `FreedomPay's answer to ${method.name} has ${which}. Turn on Return All for the others, or raise Limit.`;
}

/** Custom requests go out as often as they are asked for: nobody can tell whether an equal one is meant. */
export function hintsOnAskedTwice(items: Iterable<Refusal | { is: 'item'; draft: Draft; start: Start | undefined }>): string[] {
	const counts = new Map<string, number>();
	for (const item of items) {
		if (item.is === 'refusal') continue;
		const { draft: { method, settings, given }, start } = item;
		if (start?.is !== 'intent' || method.is === 'read' || method.repeat !== 'asked' || settings.dryRun || given.is !== 'nothing') continue;
		const { what, who = '', secret } = start.key;
		const name = `${what} ${who} ${secret}`;
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}
	const equal = [...counts.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
	return equal === 0 ? [] : [`${equal} of the custom requests are equal to another one, and each is a request of its own. If equal ones are one event, give them its Event ID.`];
}
