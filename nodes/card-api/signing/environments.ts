/** A host of the API that FreedomPay runs. */
export interface Environment {
	/** As shown. */
	name: string;
	/** Scheme and host. */
	origin: string;
	/** What a command there acts on, for the credential's choice. */
	holds: string;
	/** Whether that is real: then a run by hand says where its commands went. */
	isReal: boolean;
}

/** The environments, by what a credential calls them, in the order shown. */
const TABLE = {
	production: { name: 'Production', origin: 'https://api.freedompay.kz', holds: 'Real cards and real money', isReal: true },
	test: { name: 'Test', origin: 'https://test-api.freedompay.kz', holds: 'Test cards', isReal: false },
} as const satisfies Readonly<Record<string, Environment>>;

/** The host that FreedomPay's documentation names. */
export const DOCUMENTED_ORIGIN = TABLE.production.origin;

/** What a new credential starts with. */
export const DEFAULT_ENVIRONMENT: keyof typeof TABLE = 'test';

/** A host of the user's own, which the credential names itself. */
export const CUSTOM_ENVIRONMENT = 'custom';

/** A host that a user may type: that of another country, whose documentation is the same. */
export const EXAMPLE_ORIGIN = 'https://api.freedompay.kg';

/** The environments that a credential can choose, but for a host of the user's own. */
export const ENVIRONMENTS: ReadonlyMap<string, Environment> = new Map(Object.entries(TABLE));

/** The environment that an origin is of; undefined for a host of the user's own. */
export function environmentOf(origin: string): Environment | undefined {
	return [...ENVIRONMENTS.values()].find((environment) => environment.origin === origin);
}

/** The host of an environment. */
export function environmentHostOf({ origin }: Environment): string {
	return new URL(origin).host;
}
