import type { IExecuteFunctions, IPollFunctions } from 'n8n-workflow';

import type { Route, SendRequest } from '../../card-api/delivery/attempt';
import { digest } from '../../card-api/json/digest';
import { canonicalJson } from '../../card-api/json/canonical';
import { holdsExpression } from '../../card-api/json/expressions';
import type { ToldRoute } from '../output/ending';
import { checkCredential, CredentialRefusal, remarkOn, type CheckedCredential } from '../../card-api/signing/credential';
import { environmentOf } from '../../card-api/signing/environments';
import type { Words } from '../../card-api/text/words';

const CREDENTIAL_TYPE = 'freedomPayApi';

/** What of n8n's context a credential is looked up and used by: in a run of a node, or a poll of a trigger. */
type CredentialContext = IExecuteFunctions | IPollFunctions;

/** The way to the API with a credential as it comes out for an item. */
export interface CredentialRoute extends Route, ToldRoute {
	is: 'route';
	credential: CheckedCredential;
	/** Whose it is, for the memory. Not by the key, which may be renewed between two tries. */
	partner: string;
}

/** That a credential cannot be used, and why. */
export interface Unusable extends Words {
	is: 'unusable';
}

function unusable(message: string, isConstant: boolean): Unusable {
	const what = isConstant ? 'the FreedomPay API credential of this node' : 'the FreedomPay API credential of this node, or what its expressions give for the item';
	return { is: 'unusable', message, description: `Nothing was sent. Correct ${what}.` };
}

/** Says what n8n threw when it looked a credential up. */
function unusableFor(error: unknown): Unusable {
	return unusable(`The FreedomPay API credential cannot be used: ${error instanceof Error ? error.message : String(error)}`, false);
}

type Decrypted = Record<string, unknown>;

/** The parts of n8n's context through which the expressions of a credential are resolved. */
interface Resolving {
	workflow?: { expression?: { getParameterValue?: (value: unknown, ...rest: unknown[]) => unknown } };
}

/**
 * Looks a credential up for an item, and finds out whether it would come out the same for every other: n8n gives a credential as its
 * expressions come out, and a look-up costs it nearly half as much as sending a request. So this watches n8n resolve it. Where
 * n8n works in another way there is nothing to see, and every item looks it up for itself.
 */
async function lookUp(context: CredentialContext, itemIndex: number): Promise<{ decrypted: Decrypted; isConstant: boolean }> {
	const { workflow } = context as CredentialContext & Resolving;
	const expression = workflow?.expression;
	const getParameterValue = expression?.getParameterValue;
	let isConstant = false;
	if (workflow === undefined || expression === undefined || getParameterValue === undefined) {
		return { decrypted: await context.getCredentials(CREDENTIAL_TYPE, itemIndex), isConstant };
	}
	const watch = (value: unknown, ...rest: unknown[]): unknown => {
		isConstant = typeof value === 'object' && value !== null && 'partnerKey' in value && !holdsExpression(value);
		return getParameterValue.call(expression, value, ...rest);
	};
	const watched = Object.create(expression, { getParameterValue: { value: watch } }) as object;
	const scoped = Object.create(context, {
		workflow: { value: Object.create(workflow, { expression: { value: watched } }) as object },
	}) as CredentialContext;
	const decrypted = await scoped.getCredentials(CREDENTIAL_TYPE, itemIndex);
	return { decrypted, isConstant };
}

function sender(context: CredentialContext, decrypted: Decrypted): SendRequest {
	const { id = '', name = '' } = context.getNode().credentials?.[CREDENTIAL_TYPE] ?? {};
	const credentialsDecrypted = { id: id ?? '', name, type: CREDENTIAL_TYPE, data: decrypted as never };
	const more = { credentialsDecrypted };
	// The helper overwrites `abortSignal` with the execution's own signal; it is asked for a
	// request's signal instead, which the execution's cancellation aborts too.
	let asked: AbortSignal | undefined;
	let scoped = context;
	return async (options) => {
		const { abortSignal } = options;
		if (asked !== abortSignal) {
			asked = abortSignal;
			scoped = Object.create(context, { getExecutionCancelSignal: { value: () => abortSignal } }) as IExecuteFunctions;
		}
		return (await context.helpers.httpRequestWithAuthentication.call(scoped, CREDENTIAL_TYPE, options, more)) as unknown;
	};
}

function checked(decrypted: Decrypted, isConstant: boolean): CheckedCredential | Unusable {
	try {
		return checkCredential(decrypted);
	} catch (error) {
		return unusable(error instanceof CredentialRefusal ? error.message : 'The FreedomPay API credential cannot be used.', isConstant);
	}
}

/** Where commands act on real cards, as far as the credential tells; empty where they do not. */
function whereabouts(origin: string): string {
	const { host } = new URL(origin);
	const environment = environmentOf(origin);
	if (environment === undefined) return host;
	return environment.isReal ? `${environment.name} (${host})` : '';
}

function routeOf(context: CredentialContext, decrypted: Decrypted, isConstant: boolean): CredentialRoute | Unusable {
	const credential = checked(decrypted, isConstant);
	if ('is' in credential) return credential;
	const remark = remarkOn(credential);
	const { origin, authId, partnerKey, algorithm } = credential;
	return {
		is: 'route',
		origin,
		key: JSON.stringify([origin, authId, partnerKey, algorithm]),
		send: sender(context, decrypted),
		credential,
		partner: digest(canonicalJson([origin, authId])),
		name: context.getNode().credentials?.[CREDENTIAL_TYPE]?.name ?? '',
		hint: remark === '' ? '' : ` ${remark}`,
		where: whereabouts(origin),
	};
}

/** The credential of a run: one for all items, or one for each where its fields are expressions. */
export class Credentials {
	/** The one for all items; undefined once it is known that there is none. */
	private forAll: Promise<CredentialRoute | Unusable | undefined> | undefined;

	/** By what their fields came out as: many items have few tenants. */
	private readonly routes = new Map<string, CredentialRoute | Unusable>();

	/** Those of items whose credential is their own, for whoever asks again. */
	private readonly own: Array<CredentialRoute | Unusable | undefined> = [];

	constructor(private readonly context: CredentialContext) {}

	/**
	 * The way to the API for an item, looked up once however often it is asked for. The first call finds out whether it is the same for
	 * all; what goes wrong with it there is that item's own. Calls at once are answered in their order.
	 */
	async routeFor(itemIndex: number): Promise<CredentialRoute | Unusable> {
		const known = this.own[itemIndex];
		if (known !== undefined) return known;
		this.forAll ??= this.first(itemIndex);
		return (await this.forAll) ?? this.own[itemIndex] ?? (this.own[itemIndex] = await this.ownOf(itemIndex));
	}

	private async first(itemIndex: number): Promise<CredentialRoute | Unusable | undefined> {
		try {
			const { decrypted, isConstant } = await lookUp(this.context, itemIndex);
			const route = this.routeOf(decrypted, isConstant);
			this.own[itemIndex] = route;
			return isConstant ? route : undefined;
		} catch (error) {
			// The next one finds out.
			this.forAll = undefined;
			this.own[itemIndex] = unusableFor(error);
			return undefined;
		}
	}

	private async ownOf(itemIndex: number): Promise<CredentialRoute | Unusable> {
		try {
			return this.routeOf(await this.context.getCredentials<Decrypted>(CREDENTIAL_TYPE, itemIndex), false);
		} catch (error) {
			return unusableFor(error);
		}
	}

	private routeOf(decrypted: Decrypted, isConstant: boolean): CredentialRoute | Unusable {
		const content = canonicalJson(decrypted);
		const known = this.routes.get(content) ?? routeOf(this.context, decrypted, isConstant);
		this.routes.set(content, known);
		return known;
	}
}
