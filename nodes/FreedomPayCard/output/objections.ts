import type { Draft, Refusal } from '../input/plan';
import type { Objection } from '../../card-api/intent/intents';
import { holdsSecret, isCommand, listed, namedItems, type Field, type Method } from '../../card-api/methods/define';

function earlier(requestId: string | undefined): string {
	return requestId === undefined ? 'the earlier one' : `the request ID ${requestId}`;
}

/** Says why a command does not go out that is right by itself, but not beside the others of its run or its execution. */
export function refusalOf(objection: Objection, draft: Draft): Refusal {
	return { is: 'refusal', ...wordsFor(objection, draft), isSecretive: holdsSecret(draft.method) };
}

/** What makes two commands one, by its labels. */
function sameIn(method: Method): string {
	return labelled(method, ({ key }) => isCommand(method) && method.identity.includes(key));
}

/** What two commands that are one cannot differ in, by its labels. */
function otherIn(method: Method): string {
	return labelled(method, ({ key }) => method.ids.includes(key) && isCommand(method) && !method.identity.includes(key));
}

function labelled({ fields }: Method, isMeant: (field: Field) => boolean): string {
	return listed(fields.filter(isMeant).map(({ label }) => label));
}

function wordsFor(objection: Objection, { method, ids: facts }: Draft): Omit<Refusal, 'is' | 'isSecretive'> {
	const { name } = method;
	switch (objection.is) {
		case 'adds':
			return {
				message: `${name} is the same command in items ${namedItems(objection.items)}`,
				description:
					'Nothing was sent for these items: each would be carried out beside the others. If that is meant, give each an Event ID of its own; if not, leave only one of them in the input.',
				facts,
			};
		case 'addsAfterCrash':
			return {
				message: `${name} is the same command in items ${namedItems(objection.items)}, and it is unknown which of them were carried out before the execution broke off`,
				description:
					'Nothing was sent now. Look up what was carried out, with FreedomPay or in the statement of the card. Change nothing about the Event IDs and Request IDs of these items: under another ID what was done would be done again.',
				isUnknown: true,
				facts,
			};
		case 'between':
			return {
				message: `Items ${namedItems(objection.items)} change the same thing to and fro (${name})`,
				description:
					'Nothing was sent for these items: what is sent side by side has no order, so nobody could say what comes out. Leave the one that is to count, or run them one after another in executions of their own.',
				facts,
			};
		case 'contradicts':
			return {
				message: `Items ${namedItems(objection.items)} have the same ${sameIn(method)}, but not the same ${otherIn(method)} (${name})`,
				description: `Nothing was sent for these items: they are one command, and nobody can tell which of them is right. Correct the ${sameIn(method)} or the ${otherIn(method)}.`,
				facts,
			};
		case 'openBefore':
			return {
				message: `It is unknown whether this is the command that this execution sent before and whose outcome is not known (${name})`,
				description: `Nothing was sent now. Look up ${earlier(objection.requestId)} with Request: Get Status, or ask FreedomPay. ${
					method.is === 'command' ? 'If this is another command, give it an Event ID of its own.' : 'If this is another command, run it in a new execution.'
				}`,
				isUnknown: true,
				facts: { ...facts, ...(objection.requestId !== undefined && { request_id: objection.requestId }) },
			};
		case 'otherBody':
			return {
				message: 'The request was sent with another body before, in this execution',
				description: `Nothing was sent now. Whether this body is another request or the same one anew, nobody can tell. Look up ${earlier(objection.requestId)}; to send this one, run it in a new execution.`,
				facts: { ...facts, ...(objection.requestId !== undefined && { request_id: objection.requestId }) },
			};
	}
}
