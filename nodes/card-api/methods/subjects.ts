/** Something that requests are about, and the id that names it. */
export interface Subject {
	/** The API's name of the id. */
	key: string;
	/** What the panel calls the id. */
	label: string;
	/** The thing itself, in a sentence. */
	noun: string;
	/**
	 * Where the answer of `request/status` names those that it is about, as a path that leads through lists. None where it names none.
	 * `isSure`: whether another one there means that it is about another request; nobody documents whether a refund's answer names the
	 * transaction refunded or one of its own.
	 */
	namedIn?: { path: readonly string[]; isSure: boolean };
}

export type SubjectName = 'card' | 'client' | 'transaction' | 'order' | 'request';

/** What requests are about; those that tell people best which one is meant come first. */
export const SUBJECTS: Readonly<Record<SubjectName, Subject>> = {
	card: { key: 'card_id', label: 'Card ID', noun: 'card', namedIn: { path: ['cards', 'card_id'], isSure: true } },
	client: { key: 'client_id', label: 'Client ID', noun: 'client', namedIn: { path: ['client_id'], isSure: true } },
	transaction: {
		key: 'transaction_id',
		label: 'Transaction ID',
		noun: 'transaction',
		namedIn: { path: ['transaction_id'], isSure: false },
	},
	order: { key: 'order_id', label: 'Order ID', noun: 'order' },
	request: { key: 'request_id', label: 'Request ID', noun: 'request' },
};

/** The subjects that an answer of `request/status` names. */
export const namedSubjects = (Object.keys(SUBJECTS) as SubjectName[]).flatMap((name) => {
	const { key, namedIn } = SUBJECTS[name];
	return namedIn === undefined ? [] : [{ name, key, namedIn }];
});
