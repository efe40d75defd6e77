import { z } from 'zod/v4-mini';

import { requestStatus } from '../../nodes/card-api/methods';
import { sendCustomRequest } from '../../nodes/card-api/methods/custom/send';
import { bodySchema, carriesRequestId, type Method } from '../../nodes/card-api/methods/define';
import { uuidSchema } from '../../nodes/card-api/methods/fields';
import { GIFT } from '../../nodes/card-api/methods/giftCard/statuses';
import type { InSandbox, SandboxCommand, SandboxGiftCommand, SandboxRead, SandboxRequest } from '../../nodes/card-api/methods/inSandbox';
import { SUBJECTS } from '../../nodes/card-api/methods/subjects';
import type { Ledger } from './ledger';
import { asked, MISSING, type Circumstances } from './request';
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
export type ForcedEnd = 'process' | 'error' | 'undocumented';

type Body = Record<string, unknown>;

interface Pending {
	dueAt: number;
	settle: () => void;
}

/** What a command is about beside the ids that its declaration names, for the ledger. */
const TARGET_FIELDS = [...Object.values(SUBJECTS).flatMap(({ key }) => (key === SUBJECTS.request.key ? [] : [key])), 'object', 'amount', 'product_id'];
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

	/** @param behaviours what it does with the requests of each method */
	constructor(
		private readonly behaviours: ReadonlyMap<Method, InSandbox>,
		private readonly world: World,
		private readonly ledger: Ledger,
		private readonly settings: Settings,
		private readonly now: () => number,
	) {
		for (const method of behaviours.keys()) this.byPath.set(method.path, [...(this.byPath.get(method.path) ?? []), method]);
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
		const behaviour = this.behaviours.get(method) ?? {};
		if ('answer' in behaviour) return forced === undefined ? this.giftCommand(path, behaviour, valid, n) : this.command(method, {}, valid, id, n, forced);
		if (method.is === 'read') return this.read(method, behaviour, valid, id, forced);
		return this.command(method, behaviour, valid, id, n, forced);
	}

	private assumed(path: string, body: unknown, n: number, forced: ForcedEnd | undefined): Answer {
		if (typeof body !== 'object' || body === null || Array.isArray(body)) return this.invalid(undefined, body);
		const given = (body as Body).request_id;
		const id = typeof given === 'string' && given !== '' ? given.toLowerCase() : undefined;
		if (id !== undefined && this.world.requests.has(id)) return this.refusal(this.settings.repeatedRequestId);
		return this.command({ ...sendCustomRequest, path }, {}, body as Body, id, n, forced);
	}

	private invalid(method: Method | undefined, body: unknown): Answer {
		if (method?.answers === 'gift') return this.gift({ status: GIFT.generalError.code });
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

	private read(method: Method, behaviour: SandboxRead, body: Body, id: string | undefined, forced: ForcedEnd | undefined): Answer {
		if (this.settings.unknownIds === 'accept') this.welcome(body);
		const refusal = this.refusalBy(behaviour, body, this.now(), true);
		if (refusal !== undefined) {
			if (id !== undefined) this.remember(method, {}, id, 'error', refusal);
			return this.refusal(this.settings.commandFailed, refusal);
		}
		if (id !== undefined) this.remember(method, {}, id, forced ?? 'success');
		const told = behaviour.tell?.(this.asking(body, this.now()));
		const fields = told === undefined ? method.sample.answer : { request_status: 'success', ...told };
		return this.ok({ ...fields, ...(forced !== undefined && { request_status: forced }) });
	}

	private giftCommand(path: string, behaviour: SandboxGiftCommand, body: Body, n: number): Answer {
		const { fields, actedOn } = behaviour.answer(this.asking(body, this.now()));
		if (actedOn !== undefined) this.ledger.record({ request: n, path, target: { card_id: actedOn }, at: this.now() });
		return { ...this.gift(fields), acted: actedOn !== undefined };
	}

	/** Why a request cannot be done, if it cannot. */
	private refusalBy(behaviour: SandboxCommand | SandboxRead, body: Body, now: number, isRead: boolean): string | undefined {
		const circumstances = this.circumstances(now);
		for (const need of behaviour.needs ?? []) {
			const missing = MISSING[need](body, circumstances, isRead);
			if (missing !== undefined) return missing;
		}
		return behaviour.refusal?.(this.asking(body, now));
	}

	private command(method: Method, behaviour: SandboxCommand, body: Body, id: string | undefined, n: number, forced?: ForcedEnd): Answer {
		if (forced !== undefined) {
			if (id !== undefined) this.remember(method, body, id, forced);
			return method.answers === 'gift' ? this.gift({ status: GIFT.generalError.code }) : this.ok({ request_status: forced });
		}
		if (this.settings.unknownIds === 'accept') this.welcome(body);
		const refusal = this.refusalBy(behaviour, body, this.now(), false);
		if (refusal !== undefined) {
			if (id !== undefined) this.remember(method, body, id, 'error', refusal);
			return this.refusal(this.settings.commandFailed, refusal);
		}

		const act = (at: number) => {
			const outcome = behaviour.act?.(this.asking(body, at)) ?? {};
			this.ledger.record({
				request: n,
				path: method.path,
				...(id !== undefined && { requestId: id }),
				target: pick(body, [...new Set([...method.ids, ...TARGET_FIELDS])]),
				at,
			});
			return outcome;
		};
		if (this.settings.processingMs <= 0 || id === undefined) {
			const outcome = act(this.now());
			if (id !== undefined) this.remember(method, { ...body, ...outcome }, id, 'success');
			return { ...this.done(method, outcome), acted: true };
		}
		this.later(behaviour, body, this.remember(method, body, id, 'process'), act);
		return { ...this.ok({ request_status: 'process' }), acted: true };
	}

	/** What was possible when the command came may be so no longer when its turn comes. */
	private later(behaviour: SandboxCommand, body: Body, record: RequestRecord, act: (at: number) => Body): void {
		const dueAt = this.now() + this.settings.processingMs;
		const settle = () => {
			record.problem = this.refusalBy(behaviour, body, dueAt, false);
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

	private circumstances(now: number): Circumstances {
		const { unknownIds, statementDays } = this.settings;
		return { world: this.world, now, unknownIds, statementDays };
	}

	private asking(body: Body, now: number): SandboxRequest {
		return asked(body, this.circumstances(now));
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
