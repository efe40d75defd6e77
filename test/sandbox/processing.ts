import { z } from 'zod/v4-mini';

import { requestStatus } from '../../nodes/card-api/methods';
import { sendCustomRequest } from '../../nodes/card-api/methods/custom/send';
import { bodySchema, carriesRequestId, type Method } from '../../nodes/card-api/methods/define';
import { uuidSchema } from '../../nodes/card-api/methods/fields';
import { behaviours, confirmGiftCard, GIFT, type Command } from './behaviours';
import type { Ledger } from './ledger';
import { reads } from './reads';
import type { ErrorAnswer, Settings } from './settings';
import { giftTime, rfc3339 } from './times';
import type { LimitedObject, RequestRecord, World } from './world';

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

function problemOf(method: Method, body: unknown): string | undefined {
	if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body is not a JSON object';
	const { request_id: requestId, ...rest } = body as Body;
	const carriesId = carriesRequestId(method);
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

/** The ids that `request/status` tells, among the fields of a request and of what came of it. */
function idsIn({ card_id, cards = card_id === undefined ? undefined : [{ card_id }], ...others }: Body): Record<string, unknown> {
	return { ...(cards !== undefined && { cards }), ...pick(others, ID_FIELDS) };
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

	/** Whether a path is answered by an assumption, since no page about it is public. */
	assumes(path: string): boolean {
		return !this.byPath.has(path) && this.settings.undocumentedPaths === 'accept' && path.startsWith('/v5/');
	}

	/** Whether the sandbox answers a path. */
	serves(path: string): boolean {
		return this.byPath.has(path) || this.assumes(path);
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
		if (this.assumes(path)) return this.assumed(path, body, n, forced);
		const candidates = this.byPath.get(path) ?? [];
		const method = candidates.find((candidate) => problemOf(candidate, body) === undefined);
		if (method === undefined) return this.invalid(candidates[0], body);

		const valid = body as Body;
		if (method.path === requestStatus.path) return this.status(String(valid.request_id), forced);
		const id = !carriesRequestId(method) ? undefined : String(valid.request_id).toLowerCase();
		if (id !== undefined && this.world.requests.has(id)) return this.refusal(this.settings.repeatedRequestId);
		if (method.is === 'read') return this.read(method, valid, id, forced);
		if (forced === undefined && path === CONFIRM_PATH) return this.confirm(valid, n);
		return this.command(method, valid, id, n, forced);
	}

	private assumed(path: string, body: unknown, n: number, forced: ForcedEnd | undefined): Answer {
		if (typeof body !== 'object' || body === null || Array.isArray(body)) return this.invalid(undefined, body);
		const given = (body as Body).request_id;
		const id = typeof given === 'string' && given !== '' ? given.toLowerCase() : undefined;
		if (id !== undefined && this.world.requests.has(id)) return this.refusal(this.settings.repeatedRequestId);
		return this.command({ ...sendCustomRequest, path }, body as Body, id, n, forced);
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
		if (record === undefined || this.now() - record.since < this.settings.statusLagMs) return this.refusal(this.settings.unknownRequest);
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

	private read(method: Method, body: Body, id: string | undefined, forced: ForcedEnd | undefined): Answer {
		const { unknownIds, statementDays } = this.settings;
		if (unknownIds === 'accept') this.welcome(body);
		const told = reads[method.path]?.({ world: this.world, body, now: this.now(), unknownIds, statementDays });
		if (told?.refusal !== undefined) {
			if (id !== undefined) this.remember(method, {}, id, 'error', told.refusal);
			return this.refusal(this.settings.commandFailed, told.refusal);
		}
		if (id !== undefined) this.remember(method, {}, id, forced ?? 'success');
		const fields = told === undefined ? method.sample.answer : { request_status: 'success', ...told.fields };
		return this.ok({ ...fields, ...(forced !== undefined && { request_status: forced }) });
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
		if (this.settings.unknownIds === 'accept') this.welcome(body);
		const behaviour = behaviours[method.path];
		const refusal = behaviour?.refusal?.(this.asking(body, this.now()));
		if (refusal !== undefined) {
			if (id !== undefined) this.remember(method, body, id, 'error', refusal);
			return this.refusal(this.settings.commandFailed, refusal);
		}

		const act = (at: number) => {
			const outcome = behaviour?.act(this.asking(body, at)) ?? {};
			this.ledger.record({
				request: n,
				path: method.path,
				...(id !== undefined && { requestId: id }),
				target: pick(body, TARGET_FIELDS),
				at,
			});
			return outcome;
		};
		if (this.settings.processingMs <= 0 || id === undefined) {
			const outcome = act(this.now());
			if (id !== undefined) this.remember(method, { ...body, ...outcome }, id, 'success');
			return { ...this.done(method, outcome), acted: true };
		}
		this.later(method, body, this.remember(method, body, id, 'process'), act);
		return { ...this.ok({ request_status: 'process' }), acted: true };
	}

	/** What was possible when the command came may be so no longer when its turn comes. */
	private later(method: Method, body: Body, record: RequestRecord, act: (at: number) => Body): void {
		const dueAt = this.now() + this.settings.processingMs;
		const settle = () => {
			record.problem = behaviours[method.path]?.refusal?.(this.asking(body, dueAt));
			record.requestStatus = record.problem === undefined ? 'success' : 'error';
			record.at = dueAt;
			if (record.problem === undefined) record.ids = idsIn({ ...body, ...act(dueAt) });
		};
		let at = this.pending.length;
		while (at > 0 && (this.pending[at - 1]?.dueAt ?? 0) > dueAt) at -= 1;
		this.pending.splice(at, 0, { dueAt, settle });
	}

	private remember(method: Method, about: Body, id: string, requestStatus: string, problem?: string): RequestRecord {
		const now = this.now();
		const record = { id, path: method.path, ids: idsIn(about), requestStatus, since: now, at: now, problem };
		this.world.requests.set(id, record);
		return record;
	}

	private welcome({ card_id, client_id, object }: Body): void {
		const { type, value } = (object ?? {}) as Partial<LimitedObject>;
		for (const id of [card_id, type === 'card' && value]) {
			if (typeof id === 'string' && !this.world.cards.has(id)) this.world.addCard(id);
		}
		for (const id of [client_id, type === 'client' && value]) {
			if (typeof id === 'string' && !this.world.clients.has(id)) this.world.addClient({ id });
		}
	}

	private asking(body: Body, now: number): Command {
		return { world: this.world, body, now, unknownIds: this.settings.unknownIds };
	}

	private done(method: Method, outcome: Body): Answer {
		if (method.answers === 'gift') return this.gift(method.sample.answer);
		return this.ok({ ...method.sample.answer, ...outcome, request_status: 'success' });
	}

	private ok(fields: Record<string, unknown>): Answer {
		return { httpStatus: 200, body: { status: 'ok', ...fields, dt: rfc3339(this.now()) }, acted: false };
	}

	private gift(fields: Record<string, unknown>): Answer {
		return { httpStatus: 200, body: { ...fields, datetime: giftTime(this.now()) }, acted: false };
	}
}
