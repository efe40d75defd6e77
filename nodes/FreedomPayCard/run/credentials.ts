import type { IExecuteFunctions } from 'n8n-workflow';

import type { Route, SendRequest } from '../delivery/attempt';
import { digest } from '../json/digest';
import { canonicalJson } from '../json/canonical';
import { holdsExpression } from '../json/expressions';
import { checkCredential, CredentialRefusal, hasOuterWhiteSpace, type CheckedCredential } from '../signing/credential';

const CREDENTIAL_TYPE = 'freedomPayApi';

/** The way to the API with a credential as it comes out for an item. */
export interface CredentialRoute extends Route {
	credential: CheckedCredential;
	/** Whose it is, for the memory. Not by the key, which may be renewed between two tries. */
	partner: string;
	/** A remark for when it is refused; empty if there is nothing to remark. */
	hint: string;
}

const WHITE_SPACE = ' The Auth ID or the Partner Key begins or ends with white space, which is used as part of it.';

/** Why a credential cannot be used. */
export interface Unusable {
	message: string;
	description: string;
}

/** Whether a credential cannot be used. */
export function isUnusable(route: CredentialRoute | Unusable): route is Unusable {
	return 'message' in route;
}

function unusable(message: string): Unusable {
	return { message, description: 'Nothing was sent. Correct the FreedomPay API credential of this node.' };
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
async function lookUp(context: IExecuteFunctions, itemIndex: number): Promise<{ decrypted: Decrypted; isConstant: boolean }> {
	const { workflow } = context as Resolving;
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
	}) as IExecuteFunctions;
	const decrypted = await scoped.getCredentials(CREDENTIAL_TYPE, itemIndex);
	return { decrypted, isConstant };
}

function sender(context: IExecuteFunctions, decrypted: Decrypted): SendRequest {
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

function checked(decrypted: Decrypted): CheckedCredential | Unusable {
	try {
		return checkCredential(decrypted);
	} catch (error) {
		return unusable(error instanceof CredentialRefusal ? error.message : 'The FreedomPay API credential cannot be used.');
	}
}

function routeOf(context: IExecuteFunctions, decrypted: Decrypted): CredentialRoute | Unusable {
	const credential = checked(decrypted);
	if ('message' in credential) return credential;
	const { origin, authId, partnerKey, algorithm } = credential;
	return {
		origin,
		key: JSON.stringify([origin, authId, partnerKey, algorithm]),
		send: sender(context, decrypted),
		credential,
		partner: digest(canonicalJson([origin, authId])),
		hint: hasOuterWhiteSpace(credential) ? WHITE_SPACE : '',
	};
}

/** The credential of a run: one for all items, or one for each where its fields are expressions. */
export class Credentials {
	private forAll: Promise<CredentialRoute | Unusable | undefined> | undefined;

	constructor(private readonly context: IExecuteFunctions) {}

	/** The way to the API for an item. The first call finds out whether it is the same for all. */
	async routeFor(itemIndex: number): Promise<CredentialRoute | Unusable> {
		try {
			this.forAll ??= this.open(itemIndex);
			return (await this.forAll) ?? routeOf(this.context, await this.context.getCredentials<Decrypted>(CREDENTIAL_TYPE, itemIndex));
		} catch (error) {
			return unusable(`The FreedomPay API credential cannot be used: ${error instanceof Error ? error.message : String(error)}`);
		}
	}

	private async open(itemIndex: number): Promise<CredentialRoute | Unusable | undefined> {
		const { decrypted, isConstant } = await lookUp(this.context, itemIndex);
		return isConstant ? routeOf(this.context, decrypted) : undefined;
	}
}
