import { z } from 'zod/v4-mini';

import { requestStatus } from '../../nodes/FreedomPayCard/methods';
import { bodySchema, type Method } from '../../nodes/FreedomPayCard/methods/define';
import { uuidSchema } from '../../nodes/FreedomPayCard/methods/fields';
import { behaviours, confirmGiftCard, GIFT } from './behaviours';
import type { Ledger } from './ledger';
import type { ErrorAnswer, Settings } from './settings';
import type { RequestRecord, World } from './world';

/** An answer before any fault gets at it. */
export interface Answer {
	httpStatus: number;
	body: Record<string, unknown>;
	/** Whether a command was accepted: done at once, or taken for processing. */
	acted: boolean;
}

/** How a fault wants a command to end, instead of being done. */
export type ForcedEnd = 'process' | 'error' | 'queued';

type Body = Record<string, unknown>;

interface Pending {
	dueAt: number;
	settle: () => void;
}

const CONFIRM_PATH = '/v5/cards/activate_card';
/** What a command is about, for the ledger. */
const TARGET_FIELDS = ['card_id', 'client_id', 'object', 'order_id', 'transaction_id', 'amount', 'product_id'];
const ID_FIELDS = ['client_id', 'transaction_id', 'fin_document_id'];
const UTC_PLUS_5_MS = 5 * 60 * 60 * 1000;

/** RFC 3339 in Kazakhstan's time, as `dt` is. */
export function rfc3339(at: number): string {
	return new Date(at + UTC_PLUS_5_MS).toISOString().replace('Z', '+05:00');
}

/** `2022-05-01 12:01:15` in GMT+0, as gift cards' `datetime` is. */
function giftTime(at: number): string {
	return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

function problemOf(method: Method, body: unknown): string | undefined {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body is not a JSON object';
	const { request_id: requestId, ...rest } = body as Body;
	const carriesId = method.requestId !== 'none';
	if (carriesId && !z.safeParse(uuidSchema(), requestId).success) return 'request_id must be a UUID';
	const checked = z.safeParse(bodySchema(method.fields), carriesId ? rest : body);
	if (checked.success) return undefined;
	return checked.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ');
}

function pick(body: Body, paths: readonly string[]): Record<string, unknown> {
	const found: Record<string, unknown> = {};
	for (const path of paths) {
		const value = path
			.split('.')
			.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Body)[key] : undefined), body);
		if (value !== undefined) found[path] = value;
	}
	return found;
}

/** Acts on requests whose signature verified. Everything in here is synchronous, hence atomic. */
export class Processing {
	private pending: Pending[] = [];
	/** Some pages of the documentation share one path. */
	private readonly byPath = new Map<string, Method[]>();

	constructor(
		methods: readonly Method[],
		private readonly world: World,
		private readonly ledger: Ledger,
		private readonly settings: Settings,
		private readonly now: () => number,
	) {
		for (const method of methods) this.byPath.set(method.path, [...(this.byPath.get(method.path) ?? []), method]);
	}

	/** Whether the sandbox knows a path. */
	serves(path: string): boolean {
		return this.byPath.has(path);
	}

	/** Does what has become due by now. */
	settle = (): void => {
		const now = this.now();
		while (this.pending[0] !== undefined && this.pending[0].dueAt <= now) this.pending.shift()?.settle();
	};

	/** Forgets what is still being processed. */
	clear(): void {
		this.pending = [];
	}

	/** An answer from the settings, with the time added. */
	refusal({ httpStatus, body }: ErrorAnswer, description?: string): Answer {
		return {
			httpStatus,
			body: { ...body, ...(description && { error_description: description }), dt: rfc3339(this.now()) },
			acted: false,
		};
	}

	/**
	 * Answers one request.
	 * @param n the request's number in the journal
	 * @param forced an end that a fault asks for: the command is remembered with it and not done
	 */
	answer(path: string, body: unknown, n: number, forced?: ForcedEnd): Answer {
		this.settle();
		const candidates = this.byPath.get(path) ?? [];
		const method = candidates.find((candidate) => problemOf(candidate, body) === undefined);
		if (method === undefined) return this.invalid(candidates[0], body);

		const valid = body as Body;
		if (method.path === requestStatus.path) return this.status(String(valid.request_id), forced);
		const id = method.requestId === 'none' ? undefined : String(valid.request_id).toLowerCase();
		if (id !== undefined && this.world.requests.has(id)) return this.refusal(this.settings.repeatedRequestId);
		if (method.kind === 'read') return this.read(method, id, forced);
		if (forced === undefined && path === CONFIRM_PATH) return this.confirm(valid, n);
		return this.command(method, valid, id, n, forced);
	}

	private invalid(method: Method | undefined, body: unknown): Answer {
		if (method?.answers === 'gift') return this.gift({ status: GIFT.generalError });
		const { invalidParameters } = this.settings;
		const problem = method === undefined ? undefined : problemOf(method, body);
		const described = 'error_description' in invalidParameters.body ? problem : undefined;
		return this.refusal(invalidParameters, described);
	}

	private status(requestId: string, forced: ForcedEnd | undefined): Answer {
		if (forced !== undefined) return this.ok({ request_status: forced });
		const record = this.world.requests.get(requestId.toLowerCase());
		if (record === undefined) return this.refusal(this.settings.unknownRequest);
		const failed = record.requestStatus === 'error';
		return {
			httpStatus: 200,
			body: {
				status: failed ? this.settings.statusOfFailedRequest : 'ok',
				request_status: record.requestStatus,
				...record.ids,
				...(record.problem !== undefined && { error_description: record.problem }),
				dt: rfc3339(record.at),
			},
			acted: false,
		};
	}

	private read(method: Method, id: string | undefined, forced: ForcedEnd | undefined): Answer {
		if (id !== undefined) this.remember(method, {}, id, forced ?? 'success');
		return this.ok({ ...method.sample.answer, request_status: forced ?? method.sample.answer.request_status });
	}

	private confirm(body: Body, n: number): Answer {
		const { fields, activated } = confirmGiftCard(this.world, body);
		if (activated !== undefined) {
			this.ledger.record({ request: n, path: CONFIRM_PATH, target: { card_id: activated }, at: this.now() });
		}
		return { ...this.gift(fields), acted: activated !== undefined };
	}

	private command(method: Method, body: Body, id: string | undefined, n: number, forced?: ForcedEnd): Answer {
		if (forced !== undefined) {
			if (id !== undefined) this.remember(method, body, id, forced);
			return method.answers === 'gift' ? this.gift({ status: GIFT.generalError }) : this.ok({ request_status: forced });
		}
		if (this.settings.unknownCards === 'accept') this.welcome(body);
		const behaviour = behaviours[method.path];
		const refusal = behaviour?.refusal?.(this.world, body);
		if (refusal !== undefined) {
			if (id !== undefined) this.remember(method, body, id, 'error', refusal);
			return this.refusal(this.settings.commandFailed, refusal);
		}

		const act = (at: number) => {
			behaviour?.act(this.world, body);
			this.ledger.record({
				request: n,
				path: method.path,
				...(id !== undefined && { requestId: id }),
				target: pick(body, TARGET_FIELDS),
				at,
			});
		};
		if (this.settings.processingMs <= 0 || id === undefined) {
			act(this.now());
			if (id !== undefined) this.remember(method, body, id, 'success');
			return { ...this.done(method), acted: true };
		}
		this.later(method, body, this.remember(method, body, id, 'process'), act);
		return { ...this.ok({ request_status: 'process' }), acted: true };
	}

	/** What was possible when the command came may be so no longer when its turn comes. */
	private later(method: Method, body: Body, record: RequestRecord, act: (at: number) => void): void {
		const dueAt = this.now() + this.settings.processingMs;
		const settle = () => {
			record.problem = behaviours[method.path]?.refusal?.(this.world, body);
			record.requestStatus = record.problem === undefined ? 'success' : 'error';
			record.at = dueAt;
			if (record.problem === undefined) act(dueAt);
		};
		let at = this.pending.length;
		while (at > 0 && (this.pending[at - 1]?.dueAt ?? 0) > dueAt) at -= 1;
		this.pending.splice(at, 0, { dueAt, settle });
	}

	private remember(method: Method, body: Body, id: string, requestStatus: string, problem?: string): RequestRecord {
		const known = { ...method.sample.answer, ...body };
		const ids: Record<string, unknown> = {};
		if (body.card_id !== undefined) ids.cards = [{ card_id: body.card_id }];
		if (method.kind === 'command') Object.assign(ids, pick(known, ID_FIELDS));
		const record = { id, path: method.path, ids, requestStatus, at: this.now(), problem };
		this.world.requests.set(id, record);
		return record;
	}

	private welcome({ card_id, client_id }: Body): void {
		if (typeof card_id === 'string' && !this.world.cards.has(card_id)) this.world.addCard(card_id);
		if (typeof client_id === 'string') this.world.clients.add(client_id);
	}

	private done(method: Method): Answer {
		return method.answers === 'gift' ? this.gift(method.sample.answer) : this.ok({ ...method.sample.answer, request_status: 'success' });
	}

	private ok(fields: Record<string, unknown>): Answer {
		return { httpStatus: 200, body: { status: 'ok', ...fields, dt: rfc3339(this.now()) }, acted: false };
	}

	private gift(fields: Record<string, unknown>): Answer {
		return { httpStatus: 200, body: { ...fields, datetime: giftTime(this.now()) }, acted: false };
	}
}
