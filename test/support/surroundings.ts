import type { IExecuteFunctions } from 'n8n-workflow';

/** n8n's context with some of its methods replaced. */
export function contextWith(context: IExecuteFunctions, replaced: Partial<IExecuteFunctions>): IExecuteFunctions {
	return Object.create(context, Object.getOwnPropertyDescriptors(replaced)) as IExecuteFunctions;
}

type Request = IExecuteFunctions['helpers']['httpRequestWithAuthentication'];

/** n8n's context with another way out. `send` makes the request after all. */
export function contextSending(context: IExecuteFunctions, request: (send: () => Promise<unknown>) => Promise<unknown>): IExecuteFunctions {
	const { helpers } = context;
	const replaced: Request = async function (this, ...rest) {
		// The helper's own answer is of any type.
		return (await request(async () => (await helpers.httpRequestWithAuthentication.call(this, ...rest)) as unknown)) as never;
	};
	return contextWith(context, { helpers: { ...helpers, httpRequestWithAuthentication: replaced } });
}

/** n8n's error with its cause: an error of Node.js itself is none for a library that Jest loads, so that n8n leaves it out. */
export const withCause = (context: IExecuteFunctions): IExecuteFunctions =>
	contextSending(context, async (send) => {
		try {
			return await send();
		} catch (error) {
			throw Object.assign(error as Error, { cause: (error as { errorResponse?: unknown }).errorResponse });
		}
	});
