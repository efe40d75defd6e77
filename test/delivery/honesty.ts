import type { Effect, Sandbox } from '../sandbox';
import type { NodeOutcome } from '../support/engine';
import { accountOf, fatesOf, type Fate } from '../support/items';
import { STATUS } from '../support/paths';

/** One execution of a scenario: one operation, for many cards. */
export interface Execution {
	operation: 'close' | 'resetPinCounter' | 'setPin';
	/** Who makes the request ids; `none` for a command that carries none. */
	source: 'node' | 'event' | 'typed' | 'none';
	onError: 'continueErrorOutput' | 'continueRegularOutput' | 'stopWorkflow';
	retryOnFail: boolean;
	/** Whether what it left on its way arrives after the executions that follow. */
	isLastToArrive: boolean;
	/** The card, and the event or UUID if there is one. */
	items: ReadonlyArray<{ card: string; id?: string }>;
}

/** What an execution came to, and its requests: their numbers in the journal. */
export interface Told {
	execution: Execution;
	outcome: NodeOutcome;
	requests: { after: number; upTo: number };
}

const PATHS: Readonly<Record<Execution['operation'], string>> = {
	close: '/v5/card-api/card/close',
	resetPinCounter: '/v5/card-api/card/reset_counter_pin',
	setPin: '/v5/card-api/card/set_pin',
};

const MAX_SENDS = 3;

/** What an item says of itself. `not told`: nothing that it may say. */
type Word = 'done' | 'done_before' | 'not_done' | 'refused' | 'unknown' | 'processing' | 'not told';

/** All of these commands are waited for: one that is a success is done, and FreedomPay says so. */
function wordOf({ done, failed }: Fate): Word {
	if (failed !== undefined) return failed.outcome;
	return (done.outcome === 'done' || done.outcome === 'done_before') && done.request_status === 'success' ? done.outcome : 'not told';
}

/**
 * Whether a word is true at the very end.
 * @param isEvent whether a lost answer may have been another execution's, whose time is not clearly older
 * @param own effects of this execution's requests
 * @param all effects of the intent
 */
function isTrue(word: Word, isEvent: boolean, own: number, all: number): boolean {
	switch (word) {
		case 'done':
			return all === 1 && (own === 1 || isEvent);
		case 'done_before':
			return all === 1;
		case 'processing':
		case 'unknown':
			return own <= 1;
		case 'not_done':
		case 'refused':
			return own === 0;
		case 'not told':
			return false;
	}
}

/** What tells an item's intent from all others of a scenario. */
function intentOf({ operation, source, items }: Execution, execution: number, index: number): string {
	const { card = '', id = '' } = items[index] ?? {};
	// Without an id of the user's, equal commands of one list are one.
	return source === 'event' || source === 'typed' ? `${operation} ${card} ${source} ${id}` : `${operation} ${card} in execution ${execution}`;
}

const countOf = <T>(values: Iterable<T>, isMeant: (value: T) => boolean) => [...values].filter(isMeant).length;

/** The commands that FreedomPay said to be done, in an answer that nothing spoiled: by request ID, or by number in the journal where there is none. */
function saidDone(sandbox: Sandbox): { ids: ReadonlySet<unknown>; numbers: ReadonlySet<number> } {
	const said = sandbox.journal.all.filter(({ fault, status, answer }) => fault === undefined && status === 200 && (answer as { request_status?: unknown }).request_status === 'success');
	return { ids: new Set(said.map(({ requestId }) => requestId)), numbers: new Set(said.map(({ n }) => n)) };
}

/** What is wrong with what the executions told, compared with the sandbox's ledger and journal. */
export function liesOf(sandbox: Sandbox, told: readonly Told[]): { lies: unknown[]; said: Word[] } {
	const lies: unknown[] = [];
	const said: Word[] = [];
	const idOf = new Map<string, unknown>();
	const intentsOf = new Map<unknown, string>();
	const saidSo = saidDone(sandbox);
	const typed = new Set<unknown>(told.flatMap(({ execution: { source, items } }) => (source === 'typed' ? items.map(({ id }) => id) : [])));

	for (const [number, { execution, outcome, requests }] of told.entries()) {
		const path = PATHS[execution.operation];
		const isOwn = ({ request }: Pick<Effect, 'request'>) => request > requests.after && request <= requests.upTo;
		const effects = sandbox.ledger.all.filter((effect) => effect.path === path);
		const sent = sandbox.journal.all.slice(requests.after, requests.upTo).filter((entry) => entry.path === path);

		// Whatever was told, no intent acted twice.
		for (const card of new Set(execution.items.map((item) => item.card))) {
			const intents = new Set(execution.items.flatMap((item, index) => (item.card === card ? [intentOf(execution, number, index)] : [])));
			const acted = countOf(effects, (effect) => isOwn(effect) && effect.target.card_id === card);
			if (acted > intents.size) lies.push({ number, card, 'acted too often': acted });
		}

		if (outcome.error !== undefined) {
			const account = accountOf(outcome.error);
			const counts = Object.values(account).map(([count]) => count);
			// Bad input stops a run before there is anything to count.
			const isStopped = execution.items.length > 1 && outcome.status !== 'canceled' && !/^Nothing was sent/.test(outcome.error.description ?? '');
			if (counts.length === 0 && isStopped) lies.push({ number, 'no account': outcome.error.message });
			// Two items of one event are one command, and so are two of one card.
			const isOneEach = new Set(execution.items.map(({ card }) => card)).size === execution.items.length;
			if (counts.length > 0 && isOneEach && (execution.source === 'node' || execution.source === 'none')) {
				const numberOf = (kind: keyof typeof account) => account[kind]?.[0] ?? 0;
				const acted = countOf(effects, isOwn);
				const isWhole = execution.items.length === counts.reduce((sum, count) => sum + count, 0);
				// What answered a word that nobody knows counts as done.
				const odd = countOf(sent, ({ fault }) => fault === 'unknownRequestStatus');
				const doneNow = numberOf('Done');
				if (!isWhole || acted < doneNow - odd || acted > doneNow + numberOf('Still being processed') + numberOf('Unknown')) lies.push({ number, account, acted });
			}
			continue;
		}

		for (const [index, fate] of fatesOf(outcome, execution.items.length).entries()) {
			const intent = intentOf(execution, number, index);
			const { card } = execution.items[index] ?? {};
			const fields: Readonly<Record<string, unknown>> = fate.failed === undefined ? fate.done : { ...fate.failed };
			const { request_id: id, card_id: itsCard } = fields;
			const all = effects.filter(({ requestId, target }) => target.card_id === card && requestId === id);
			const own = countOf(all, isOwn);
			const word = wordOf(fate);
			said.push(word);

			// A command without a request id is told by its execution, where it is the only one for its card.
			const isHonest = isTrue(word, execution.source === 'event', own, execution.source === 'none' ? own : all.length);
			const isOne = (idOf.get(intent) ?? id) === id && (typed.has(id) || (intentsOf.get(id) ?? intent) === intent);
			const sends = countOf(sent, (entry) => entry.requestId === id && (entry.body as { card_id?: unknown }).card_id === card);
			// No success without FreedomPay's word, whatever the ledger says.
			const isSaid = execution.source === 'none' ? sent.some(({ n, body }) => saidSo.numbers.has(n) && (body as { card_id?: unknown }).card_id === card) : saidSo.ids.has(id);
			const isAchieved = (word !== 'done' && word !== 'done_before') || isSaid;
			if (!isHonest || !isAchieved || !isOne || itsCard !== card || sends > MAX_SENDS * outcome.tries) {
				const wire = sandbox.journal.all.filter((entry) => entry.requestId === id).map((entry) => [entry.n, entry.path, entry.fault, entry.status]);
				lies.push({ intent, word, fields, own, all: all.length, sends, isSaid, wire });
			}
			if (execution.source !== 'none') {
				idOf.set(intent, id);
				intentsOf.set(id, intent);
			}
		}
	}

	const bytes = new Map<string, string>();
	for (const { n, path, requestId, rawBody, signatureVerified } of sandbox.journal.all) {
		if (!signatureVerified) lies.push({ 'not signed': n });
		if (path === STATUS || requestId === undefined || typed.has(requestId)) continue;
		const body = rawBody.toString('utf8');
		if ((bytes.get(requestId) ?? body) !== body) lies.push({ 'other bytes': n });
		bytes.set(requestId, body);
	}
	for (const id of typed) if (sandbox.ledger.effectsOf(String(id)).length > 1) lies.push({ 'acted twice': id });
	return { lies, said };
}
