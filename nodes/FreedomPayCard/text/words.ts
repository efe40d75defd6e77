/** What people are told: what happened, and how to get on. */
export interface Words {
	message: string;
	description: string;
}
