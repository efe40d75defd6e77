import type { ICredentialType, INodeType, INodeTypeDescription } from 'n8n-workflow';

import { loadedEngine, startNode, type NodeOutcome, type NodeToRun, type Running } from '../support/engine';
import type { Sandbox } from '../sandbox';

/** The packed package as an n8n has loaded it. */
export interface Subject {
	node: INodeType;
	credential: ICredentialType;
	/** What this n8n's editor is given of the node. */
	description: INodeTypeDescription;
}

/**
 * Has n8n-core load an unpacked package, as n8n does.
 * @param directory of the package
 */
export async function loadPackage(directory: string): Promise<Subject> {
	const { core } = await loadedEngine();
	const loader = new core.PackageDirectoryLoader(directory);
	await loader.loadAll();
	const node = loader.getNode('freedomPayCard').type as INodeType;
	const credential = loader.getCredential('freedomPayApi').type;
	// Some versions give the description, some a whole node.
	const [given] = loader.types.nodes as unknown as Array<INodeTypeDescription | INodeType | undefined>;
	if (given === undefined) throw new Error('n8n knows no node of the package');
	return { node, credential, description: 'description' in given && typeof given.description === 'object' ? given.description : (given as INodeTypeDescription) };
}

export const CLOSE = '/v5/card-api/card/close';
export const STATUS = '/v5/card-api/request/status';

export const CARDS = ['card-1001', 'card-1002', 'card-1003'] as const;

/** Starts the packed node against a sandbox: by default it closes a card for each item. */
export async function begin({ node, credential }: Subject, sandbox: Sandbox, job: Partial<NodeToRun> = {}): Promise<Running<NodeOutcome>> {
	return await startNode({
		node,
		credential,
		credentialData: sandbox.credential,
		items: CARDS.map((card) => ({ card })),
		...job,
		parameters: { resource: 'card', operation: 'close', cardId: '={{ $json.card }}', reason: 'Lost', options: {}, ...job.parameters },
	});
}

/** Runs it to the end of the execution. */
export async function work(subject: Subject, sandbox: Sandbox, job: Partial<NodeToRun> = {}): Promise<NodeOutcome> {
	return await (await begin(subject, sandbox, job)).done;
}
