/*
 * What the sandbox of the tests does with a request. Each method's file says it beside its declaration, under the name `inSandbox`;
 * nothing in the package uses that, so the build leaves it out. These are the types of what it works with; `test/sandbox` plays it.
 */

type Fields = Record<string, unknown>;

/** An account of a card, as requests and answers show it. */
export interface SandboxAccount {
	iban: string;
	currency: string;
	type: string;
}

/** An account's turnover in a period, and what it holds at its end. */
export interface SandboxBalance extends SandboxAccount {
	debit: number;
	credit: number;
	amount: number;
}

/** One operation of a card. The documentation names no fields of a merchant: `name` and `city` are the sandbox's. */
export interface SandboxOperation {
	type: 'pay' | 'withdrawal' | 'topup' | 'refund';
	amount: number;
	commission: number;
	currency: string;
	mcc: number;
	datetime: string;
	rrn: string;
	merchant: Readonly<Record<string, string>>;
	iban: string;
}

/** A span of time in ms since 1970, its end excluded. */
export interface SandboxPeriod {
	from: number;
	to: number;
}

export interface SandboxCard {
	readonly id: string;
	/** Its number as a statement shows it. */
	readonly mask: string;
	readonly status: 'active' | 'blocked' | 'closed';
	readonly clientId: string | undefined;
	readonly accounts: readonly SandboxAccount[];
	/** Nobody can pay with it from now on. */
	stop(status: 'blocked' | 'closed'): void;
	/** One can pay with it again. */
	start(): void;
	linkTo(clientId: string): void;
	/** Puts accounts in the place of those of the same type and currency; adds those that have none. */
	replaceAccounts(accounts: readonly SandboxAccount[]): void;
	operations(period: SandboxPeriod): SandboxOperation[];
	balances(period: SandboxPeriod): SandboxBalance[];
}

/** A person, in the words of `client/add`. */
export interface SandboxPerson {
	phone: number;
	first_name?: string;
	last_name?: string;
	external_user_id?: string;
}

export interface SandboxClient {
	readonly id: string;
	changePhone(phone: number): void;
}

/** A limit in the names of `limits/set`: on one kind of transaction, of one amount. */
export interface SandboxLimit {
	transaction_type: string;
	region?: string;
	period?: string;
	/** Of the amount; absent for a limit without one. */
	type?: string;
	value?: string;
	currency?: string;
}

/** What limits are about. */
export interface SandboxLimitedObject {
	/** Adds limits, which replace those on the same. */
	setLimits(limits: readonly SandboxLimit[]): void;
	/** Its limits, those with an amount with how much of it is `used` and `remaining`. */
	limits(): Fields[];
}

export interface SandboxTransaction {
	readonly isPurchase: boolean;
	/** How much of it was not refunded yet. */
	readonly refundable: number;
	/** Gives money of it back; gives the id of the document. */
	refund(amount: number): string;
}

/** A gift card; `status` is from the dictionary of gift card statuses. */
export interface SandboxGiftCard {
	cardId: number;
	otp: string;
	status: number;
	currency: string;
	balance: number;
	mask: string;
}

/** One request to the sandbox, and what it is about, looked up by the body's ids when it is asked for. */
export interface SandboxRequest {
	readonly body: Readonly<Fields>;
	/** The card of `card_id`. */
	readonly card: SandboxCard;
	/** The client of `client_id`. */
	readonly client: SandboxClient;
	/** What the body's `object` names. */
	readonly object: SandboxLimitedObject;
	/** From `start_date` to `end_date`. */
	readonly period: SandboxPeriod;
	/** The transaction of `transaction_id`, if it is known. */
	readonly transaction: SandboxTransaction | undefined;
	/** Whether ids that nobody knows are taken for known ones, see the sandbox's settings. */
	readonly takesUnknownIds: boolean;
	readonly giftCards: readonly SandboxGiftCard[];
	/** Adds an active card without client and accounts. */
	readonly addCard: () => SandboxCard;
	readonly addClient: (productId: number, person: SandboxPerson) => SandboxClient;
}

/** What a request is refused without: a card or client that is there (for a command, a card that is not closed), and so on. */
type Needs = ReadonlyArray<'card' | 'client' | 'object' | 'period'>;

interface Refusable {
	needs?: Needs;
	/** Why else it cannot be done, if it cannot. */
	refusal?(asked: SandboxRequest): string | undefined;
}

/** Of a command. Without `act` it changes nothing that the sandbox knows. */
export interface SandboxCommand extends Refusable {
	/** Does it. Gives what came of it, for the answer and for `request/status`. */
	act?(asked: SandboxRequest): Fields | void;
}

/** Of a read. Without `tell` it answers with its method's sample. */
export interface SandboxRead extends Refusable {
	/** Gives the fields of the answer. */
	tell?(asked: SandboxRequest): Fields;
}

/** Of a command of gift cards, which answer by a number of a dictionary. */
export interface SandboxGiftCommand {
	/** Does it. Gives the fields of the answer, `status` among them, and the card that it acted on, if it did. */
	answer(asked: SandboxRequest): { fields: Fields & { status: number }; actedOn?: number };
}

/** What the sandbox does with the requests of one method. */
export type InSandbox = SandboxCommand | SandboxRead | SandboxGiftCommand;
