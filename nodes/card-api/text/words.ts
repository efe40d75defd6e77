/** What people are told: what happened, and how to get on. */
export interface Words {
	message: string;
	description: string;
	/** What running it again does or takes, where that is worth a sentence: of many items, one is said for all. */
	again?: string | undefined;
	/** Whether there is nothing left to do about it. */
	isSettled?: boolean | undefined;
}

/** How to get on with one item. */
export function nextStepOf({ description, again }: Words): string {
	return [description, again ?? ''].join(' ').trim();
}
