import { createRequire } from 'node:module';
import { join } from 'node:path';

import type * as Di from '@n8n/di';
import type * as Common from '@n8n/backend-common';
import type * as Core from 'n8n-core';
import type * as N8n from 'n8n-workflow';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsHelper,
	ICredentialType,
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeParameters,
	INodeType,
	INodeTypes,
	IVersionedNodeType,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

/** A node with its parameters, to be run in the engine. */
export interface NodeToMeasure {
	/** The full name of its type: n8n treats its own HTTP Request node in a way of its own. */
	typeName: string;
	type: INodeType | IVersionedNodeType;
	parameters: INodeParameters;
}

/** n8n's engine, with nothing of the tests' own around it: no recording of logs, no counting. */
export interface Engine {
	/** Runs one node, fed with items. */
	run(node: NodeToMeasure, items: INodeExecutionData[]): Promise<INodeExecutionData[]>;
}

const silent = { error() {}, warn() {}, info() {}, debug() {}, scoped: () => silent };
const ADDRESSES = ['restApiUrl', 'instanceBaseUrl', 'formBaseUrl', 'formWaitingBaseUrl', 'webhookBaseUrl', 'webhookWaitingBaseUrl'];
const FEED = 'Feed';
const MEASURED = 'Measured';
const FEED_TYPE = 'bench.feed';

/**
 * Loads n8n-core and what it needs from one folder.
 * @param folder holds the node_modules with n8n-core
 */
export function loadEngine(folder: string, credential: ICredentialType, data: ICredentialDataDecryptedObject): Engine {
	const load = createRequire(join(folder, 'package.json'));
	load('reflect-metadata');
	const core = load('n8n-core') as typeof Core;
	const n8n = load('n8n-workflow') as typeof N8n;
	const { Container } = load('@n8n/di') as typeof Di;
	const { Logger } = load('@n8n/backend-common') as typeof Common;
	Container.set(Logger, silent as unknown as InstanceType<typeof Logger>);
	n8n.LoggerProxy.init(silent);

	const credentialsHelper = {
		getParentTypes: () => [],
		isCredentialUsableByNode: () => true,
		preAuthentication: () => Promise.resolve(undefined),
		runPreAuthentication: () => Promise.resolve(undefined),
		authenticate: (fields: ICredentialDataDecryptedObject, _type: string, request: IHttpRequestOptions) =>
			(credential.authenticate as (fields: object, request: object) => Promise<IHttpRequestOptions>).call(credential, fields, request),
		getDecrypted: (...[, , , mode, executeData, , values]: Parameters<ICredentialsHelper['getDecrypted']>) => {
			const complete = n8n.NodeHelpers.getNodeParameters(credential.properties, data as INodeParameters, true, false, null, null);
			if (values === undefined || complete === null) return Promise.resolve(complete);
			const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
			// As n8n does: expressions of the credential come out for the item.
			return Promise.resolve(
				workflow.expression.getParameterValue(complete, runExecutionData, runIndex, itemIndex, node.name, connectionInputData, mode, {}, executeData),
			);
		},
		getCredentialsProperties: () => credential.properties,
	};
	let executions = 0;

	return {
		async run({ typeName, type, parameters }, items) {
			executions += 1;
			const feed = feedOf(items);
			const nodeTypes: INodeTypes = {
				getByName: (name) => (name === FEED_TYPE ? feed : type),
				getByNameAndVersion: (name, version) => (name === FEED_TYPE ? feed : n8n.NodeHelpers.getVersionedNodeType(type, version)),
				getKnownTypes: () => ({}),
			};
			const credentials = { [credential.name]: { id: 'credential-1', name: credential.displayName } };
			const nodes = [
				placed(FEED, FEED_TYPE, 1, {}, {}),
				placed(MEASURED, typeName, versionOf(type), parameters, credentials),
			];
			const described = {
				id: 'workflow-1',
				name: 'Benchmark',
				nodes,
				connections: { [FEED]: { main: [[{ node: MEASURED, type: 'main' as const, index: 0 }]] } },
				active: false,
				settings: { executionOrder: 'v1' as const },
			};
			const workflow = new n8n.Workflow({ ...described, nodeTypes });
			const executionId = String(executions);
			const hooks = new core.ExecutionLifecycleHooks('trigger', executionId, {
				...described,
				activeVersionId: null,
				isArchived: false,
				createdAt: new Date(),
				updatedAt: new Date(),
			});
			const additionalData = {
				credentialsHelper,
				hooks,
				externalSecretsProxy: Container.get(core.ExternalSecretsProxy),
				executionId,
				currentNodeExecutionIndex: 0,
				variables: {},
				...Object.fromEntries(ADDRESSES.map((name) => [name, 'http://localhost:5678/'])),
				logAiEvent() {},
			} as unknown as IWorkflowExecuteAdditionalData;
			const execute = new core.WorkflowExecute(additionalData, 'trigger', n8n.createRunExecutionData());
			const startNode = workflow.getNode(FEED) ?? undefined;
			const { data: result } = await execute.run({ workflow, ...(startNode && { startNode }) });
			const task = result.resultData.runData[MEASURED]?.at(-1);
			const error = task?.error ?? result.resultData.error;
			if (error !== undefined) throw new Error('The measured node failed', { cause: error });
			return task?.data?.main?.[0] ?? [];
		},
	};
}

function placed(name: string, type: string, typeVersion: number, parameters: INodeParameters, credentials: INode['credentials'] & object): INode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters, credentials };
}

function feedOf(items: INodeExecutionData[]): INodeType {
	return {
		description: {
			displayName: FEED,
			name: 'feed',
			group: ['trigger'],
			version: 1,
			description: 'Gives the items',
			defaults: { name: FEED },
			inputs: [],
			outputs: ['main'],
			properties: [],
		},
		execute: () => Promise.resolve([items]),
	};
}

function versionOf(type: INodeType | IVersionedNodeType): number {
	if ('nodeVersions' in type) return type.currentVersion;
	const { version } = type.description;
	return Array.isArray(version) ? Math.max(...version) : version;
}
