import type { INodeExecutionData } from 'n8n-workflow';

import type { CredentialData } from '../../n8n/sandbox';
import type { NodeToMeasure } from '../engine';
import type { Job } from '../protocol';

/** One command: close this card, under this request id. */
export interface Command {
	card_id: string;
	request_id: string;
	description: string;
}

export const CLOSE_PATH = '/v5/card-api/card/close';
export const CREDENTIAL = 'freedomPayApi';

/** The fields of an answer that say what became of a command. */
export interface Answered {
	card_id?: unknown;
	status?: unknown;
	request_status?: unknown;
}

/** A subject that is a node, run by the engine. */
export type NodeSubject = (job: Job, credential: CredentialData) => NodeToMeasure;

/** A subject that is a program of its own. */
export type ProgramSubject = (job: Job, credential: CredentialData) => (commands: Command[]) => Promise<Answered[]>;

/** Commands as items. */
export function itemsOf(commands: readonly Command[]): INodeExecutionData[] {
	return commands.map((command) => ({ json: { ...command } }));
}
