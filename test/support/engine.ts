import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import * as n8nWorkflow from 'n8n-workflow';
import {
	ICredentialsHelper,
	NodeHelpers,
	Workflow,
	type ExecutionError,
	type ExecutionStatus,
	type IConnections,
	type ICredentialDataDecryptedObject,
	type ICredentials,
	type ICredentialsExpressionResolveValues,
	type ICredentialType,
	type IExecuteData,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INode,
	type INodeCredentials,
	type INodeCredentialsDetails,
	type INodeExecutionData,
	type INodeParameters,
	type INodeProperties,
	type INodeType,
	type INodeTypes,
	type IRequestOptionsSimplified,
	type IRun,
	type IRunData,
	type IRunExecutionData,
	type IVersionedNodeType,
	type IWorkflowDataProxyAdditionalKeys,
	type IWorkflowExecuteAdditionalData,
	type NodeExecutionHint,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

const PACKAGE = 'n8n-nodes-freedompay';
const FEED_TYPE = 'harness.feed';

/** The name of the node that feeds the items in, for expressions such as `$('Feed').item`. */
export const FEED = 'Feed';

/** The name of the node under test in `runNode`. */
export const UNDER_TEST = 'Node under test';

/** The node's settings in the editor, besides its parameters. */
export interface NodeSettings {
	onError?: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';
	/** The older form of `continueRegularOutput`. */
	continueOnFail?: boolean;
	retryOnFail?: boolean;
	/** 2 to 5. */
	maxTries?: number;
	/** In milliseconds, 1 by default here. n8n reads 0 as its own default of a second. */
	waitBetweenTries?: number;
	executeOnce?: boolean;
	alwaysOutputData?: boolean;
}

/** What a run takes besides the nodes. */
export interface RunSettings {
	/** The credential types and the stored data of one credential of each. Its fields may be expressions, such as `={{ $json.key }}`. */
	credentials?: ReadonlyArray<{ type: ICredentialType; data: ICredentialDataDecryptedObject }>;
	/** Called at every look-up of a credential: what it throws, the look-up throws. */
	onCredentialLookup?: (itemIndex: number) => void;
	/** `null`: none, as where nothing is stored. Two runs of one number are one execution, unless they have tokens of their own. */
	executionId?: string | null;
	/** n8n's token of the execution, which outlives its process, its Retry and its waiting. */
	resumeToken?: string;
	workflowId?: string;
	/** The id of the n8n instance, which the engine otherwise makes up for each test file. */
	instanceId?: string;
	mode?: WorkflowExecuteMode;
	/** The workflow's time zone; n8n's default of America/New_York unless given. */
	timezone?: string;
	/** Goes on with the data of an earlier run, as a worker does that takes an execution over. See also `retryDataOf`. */
	resume?: IRunExecutionData;
	/** Goes on with the nodes as they are set here, instead of as the data has them. */
	loadWorkflow?: boolean;
	/** Further node types by full name, such as `n8n-nodes-base.httpRequest`. */
	extraNodes?: Readonly<Record<string, INodeType | IVersionedNodeType>>;
}

/** A node of a workflow: what it is, and how it is set. */
export interface PlacedNode {
	name: string;
	/** The full name of its type. */
	type: string;
	typeVersion?: number;
	parameters?: INodeParameters;
	settings?: NodeSettings;
	id?: string;
	/** Which credentials are chosen in it; absent: one of each type that the run has; `null`: none. */
	credentials?: INodeCredentials | null;
}

export interface WorkflowToRun extends RunSettings {
	/** The items that the feed gives to the nodes that it is connected to. */
	items: ReadonlyArray<INodeExecutionData | INodeExecutionData['json']>;
	nodes: readonly PlacedNode[];
	/** From node name to node name. Absent: the feed and the nodes in a row. */
	connections?: IConnections;
}

export interface NodeToRun extends RunSettings {
	node: INodeType;
	/** The name of its type, by default the package's with the node's own. */
	nodeTypeName?: string;
	parameters: INodeParameters;
	items: WorkflowToRun['items'];
	settings?: NodeSettings;
	/** One credential, the usual case. */
	credential?: ICredentialType;
	credentialData?: ICredentialDataDecryptedObject;
	/** Which credentials are chosen in the node; see `PlacedNode`. */
	nodeCredentials?: INodeCredentials | null;
	nodeId?: string;
}

/** What came of a workflow. */
export interface WorkflowOutcome {
	run: IRun;
	status: ExecutionStatus;
	runData: IRunData;
	/** The error that ended the execution. */
	error: ExecutionError | undefined;
	/** How often a credential was looked up and decrypted. */
	credentialLookups: number;
	/** How often a request was handed to a credential to be signed. */
	authentications: number;
	/** How often each type's `execute` was called: more often than its runs when n8n retried. */
	executions: Readonly<Record<string, number>>;
	/** Every line that n8n logged, its metadata included. */
	logs: readonly string[];
	/** All that the run left behind as one text, to be searched for what must not be in it. */
	traces(): string;
}

/** What came of one node. */
export interface NodeOutcome extends WorkflowOutcome {
	/** The node's items by output, of its last run. */
	items: INodeExecutionData[][];
	/** The hints that the node left for the user; its warnings, which every manual run with a sandbox leaves, apart. */
	hints: NodeExecutionHint[];
	warnings: string[];
	/** How often the node's `execute` was called. */
	tries: number;
}

/** An execution on its way. */
export interface Running<Outcome> {
	/** Settles when the engine has ended, after a cancellation too. */
	done: Promise<Outcome>;
	/** Cancels the execution, as the editor's button does. */
	cancel: () => void;
}

class RecordingLogger {
	readonly lines: string[] = [];

	error = (message: string, metadata?: unknown) => this.note('error', message, metadata);
	warn = (message: string, metadata?: unknown) => this.note('warn', message, metadata);
	info = (message: string, metadata?: unknown) => this.note('info', message, metadata);
	debug = (message: string, metadata?: unknown) => this.note('debug', message, metadata);

	scoped(): this {
		return this;
	}

	private note(level: string, message: string, metadata: unknown): void {
		const details = metadata === undefined ? '' : ` ${inspect(metadata, { depth: 6 })}`;
		this.lines.push(`${level}: ${String(message)}${details}`);
	}
}

/** A folder of its own for n8n-core, which would write to the home folder otherwise. */
const userFolder = mkdtempSync(join(tmpdir(), 'freedompay-engine-'));
const removeUserFolder = () => rmSync(userFolder, { recursive: true, force: true });
if (typeof afterAll === 'function') afterAll(removeUserFolder);
else process.once('exit', removeUserFolder);

async function loadEngine() {
	process.env.N8N_USER_FOLDER = userFolder;
	await import('reflect-metadata');
	const core = await import('n8n-core');
	const { Container } = await import('@n8n/di');
	const logger = new RecordingLogger();
	const { Logger } = ('Logger' in core ? core : await import('@n8n/backend-common')) as typeof import('@n8n/backend-common');
	Container.set(Logger, logger as unknown as InstanceType<typeof Logger>);
	n8nWorkflow.LoggerProxy.init(logger);
	return { core, Container, logger };
}

let loading: ReturnType<typeof loadEngine> | undefined;

/** n8n-core and what it takes to have it run without a server: of whatever version is found, as far as the tests know it. */
export async function loadedEngine(): ReturnType<typeof loadEngine> {
	return await (loading ??= loadEngine());
}

/** What only newer versions of n8n-workflow have. */
const { createRunExecutionData } = n8nWorkflow as Partial<typeof n8nWorkflow>;

type NewExecution = Parameters<typeof n8nWorkflow.createRunExecutionData>[0];

/** The data of a new execution; undefined where n8n makes them itself. */
const newExecution = (data?: NewExecution) => createRunExecutionData?.(data) ?? (data as IRunExecutionData | undefined);

const outOfReach = () => Promise.reject<never>(new Error('Only a whole n8n has this'));

/** Where n8n has its external secrets elsewhere. */
const noSecrets = {} as IWorkflowExecuteAdditionalData['externalSecretsProxy'];

/** The credentials of a run, in place of n8n's database. */
class Credentials extends ICredentialsHelper {
	lookups = 0;
	authentications = 0;

	constructor(
		private readonly known: NonNullable<RunSettings['credentials']>,
		private readonly onLookup: NonNullable<RunSettings['onCredentialLookup']>,
		private readonly additionalKeys: (additionalData: IWorkflowExecuteAdditionalData, mode: WorkflowExecuteMode) => IWorkflowDataProxyAdditionalKeys,
	) {
		super();
	}

	private find(name: string) {
		const credential = this.known.find(({ type }) => type.name === name);
		if (credential === undefined) throw new Error(`The test has no credential ${name}`);
		return credential;
	}

	override getParentTypes(name: string): string[] {
		return this.known.find(({ type }) => type.name === name)?.type.extends ?? [];
	}

	override isCredentialUsableByNode(): boolean {
		return true;
	}

	override async authenticate(
		credentials: ICredentialDataDecryptedObject,
		typeName: string,
		requestOptions: IHttpRequestOptions | IRequestOptionsSimplified,
	): Promise<IHttpRequestOptions> {
		this.authentications += 1;
		const { authenticate } = this.find(typeName).type;
		if (authenticate === undefined) return requestOptions as IHttpRequestOptions;
		if (typeof authenticate !== 'function') throw new Error('Only credentials with a function are supported here');
		return await authenticate.call(this.find(typeName).type, credentials, requestOptions as IHttpRequestOptions);
	}

	override preAuthentication(): Promise<undefined> {
		return Promise.resolve(undefined);
	}

	override runPreAuthentication(): Promise<undefined> {
		return Promise.resolve(undefined);
	}

	override getCredentials(): Promise<ICredentials> {
		return outOfReach();
	}

	override async getDecrypted(
		additionalData: IWorkflowExecuteAdditionalData,
		_nodeCredentials: INodeCredentialsDetails,
		typeName: string,
		mode: WorkflowExecuteMode,
		executeData?: IExecuteData,
		_raw?: boolean,
		values?: ICredentialsExpressionResolveValues,
	): Promise<ICredentialDataDecryptedObject> {
		this.lookups += 1;
		// n8n asks its database here.
		await Promise.resolve();
		this.onLookup(values?.itemIndex ?? 0);
		const { type, data } = this.find(typeName);
		// As n8n does: defaults filled in, fields that are not shown left out, expressions resolved for the item.
		const complete = NodeHelpers.getNodeParameters(type.properties, data as INodeParameters, true, false, null, null);
		if (values === undefined || complete === null) return { ...complete } as ICredentialDataDecryptedObject;
		const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } = values;
		return workflow.expression.getParameterValue(
			complete,
			runExecutionData,
			runIndex,
			itemIndex,
			node.name,
			connectionInputData,
			mode,
			this.additionalKeys(additionalData, mode),
			executeData,
			false,
			complete,
		) as ICredentialDataDecryptedObject;
	}

	override updateCredentials(): Promise<void> {
		return outOfReach();
	}

	override updateCredentialsOauthTokenData(): Promise<void> {
		return outOfReach();
	}

	override getCredentialsProperties(typeName: string): INodeProperties[] {
		return this.find(typeName).type.properties;
	}
}

function feedOf(items: WorkflowToRun['items']): INodeType {
	const isItem = (item: WorkflowToRun['items'][number]): item is INodeExecutionData =>
		typeof item.json === 'object' && item.json !== null;
	const complete = items.map((item): INodeExecutionData => (isItem(item) ? item : { json: item }));
	return {
		description: {
			displayName: FEED,
			name: 'feed',
			group: ['trigger'],
			version: 1,
			description: 'Gives the items of a test',
			defaults: { name: FEED },
			inputs: [],
			outputs: ['main'],
			properties: [],
		},
		execute() {
			return Promise.resolve([complete]);
		},
	};
}

/** The node with its calls counted; everything else is the very node. */
function counted(node: INodeType, count: () => void): INodeType {
	if (node.execute === undefined) return node;
	const original = node as Required<Pick<INodeType, 'execute'>>;
	const wrapped = Object.create(node) as INodeType;
	wrapped.execute = async function (this: IExecuteFunctions, ...rest) {
		count();
		return await original.execute.call(this, ...rest);
	};
	return wrapped;
}

function nodeTypesOf(types: Readonly<Record<string, INodeType | IVersionedNodeType>>, count: (name: string) => void): INodeTypes {
	const find = (name: string) => {
		const type = types[name];
		if (type === undefined) throw new Error(`The test has no node type ${name}`);
		return type;
	};
	return {
		getByName: find,
		getByNameAndVersion: (name, version) =>
			counted(NodeHelpers.getVersionedNodeType(find(name), version), () => count(name)),
		getKnownTypes: () => ({}),
	};
}

function versionOf(node: INodeType | IVersionedNodeType): number {
	if ('nodeVersions' in node) return node.currentVersion;
	const { version, defaultVersion } = node.description;
	return defaultVersion ?? (Array.isArray(version) ? Math.max(...version) : version);
}

function inARow(names: readonly string[]): IConnections {
	const connections: IConnections = {};
	for (const [index, name] of names.entries()) {
		const next = names[index + 1];
		if (next !== undefined) connections[name] = { main: [[{ node: next, type: 'main', index: 0 }]] };
	}
	return connections;
}

/** A workflow that is ready to run, with all that n8n gives it. */
export interface ReadyWorkflow {
	core: typeof import('n8n-core');
	workflow: Workflow;
	additionalData: IWorkflowExecuteAdditionalData;
	mode: WorkflowExecuteMode;
	/** What has been counted and logged up to now. */
	counts: () => Pick<WorkflowOutcome, 'credentialLookups' | 'authentications' | 'executions' | 'logs'>;
}

/** Makes a workflow ready to run in n8n-core's engine. */
export async function readyWorkflow(workflowToRun: WorkflowToRun): Promise<ReadyWorkflow> {
	const { core, Container, logger } = await loadedEngine();
	const { items, nodes, credentials = [], mode = 'manual', extraNodes = {}, onCredentialLookup = () => {} } = workflowToRun;
	const { executionId = '1', workflowId = 'workflow-1', instanceId, timezone } = workflowToRun;
	if (instanceId !== undefined) Container.get(core.InstanceSettings).instanceId = instanceId;
	const firstLine = logger.lines.length;

	const executions: Record<string, number> = {};
	const types: Record<string, INodeType | IVersionedNodeType> = { ...extraNodes, [FEED_TYPE]: feedOf(items) };
	const count = (name: string) => {
		executions[name] = (executions[name] ?? 0) + 1;
	};

	const placed: INode[] = [
		{ id: 'feed', name: FEED, type: FEED_TYPE, typeVersion: 1, position: [0, 0], parameters: {} },
		...nodes.map(({ name, type, typeVersion, parameters = {}, settings = {}, id, credentials: chosen }, index): INode => {
			const nodeType = types[type];
			if (nodeType === undefined) throw new Error(`The test has no node type ${type}`);
			const oneOfEach = Object.fromEntries(
				credentials.map((credential) => [credential.type.name, { id: 'credential-1', name: credential.type.displayName }]),
			);
			return {
				id: id ?? `node-${index + 1}`,
				name,
				type,
				typeVersion: typeVersion ?? versionOf(nodeType),
				position: [200 * (index + 1), 0],
				parameters,
				waitBetweenTries: 1,
				...settings,
				...(chosen === null ? {} : { credentials: chosen ?? oneOfEach }),
			};
		}),
	];
	const connections = workflowToRun.connections ?? inARow(placed.map(({ name }) => name));
	const settings = { executionOrder: 'v1' as const, ...(timezone !== undefined && { timezone }) };
	const workflow = new Workflow({
		id: workflowId,
		name: 'Test',
		nodes: placed,
		connections,
		active: false,
		nodeTypes: nodeTypesOf(types, count),
		settings,
	});

	const credentialsHelper = new Credentials(credentials, onCredentialLookup, (data, inMode) =>
		core.getAdditionalKeys(data, inMode, null, { isCredential: true }),
	);
	const base = 'http://localhost:5678/';
	const hooks = new core.ExecutionLifecycleHooks(mode, executionId ?? '', {
		id: workflowId,
		name: 'Test',
		nodes: placed,
		connections,
		settings,
		active: false,
		activeVersionId: null,
		isArchived: false,
		createdAt: new Date(),
		updatedAt: new Date(),
	});
	const additionalData: IWorkflowExecuteAdditionalData = {
		credentialsHelper,
		hooks,
		externalSecretsProxy: 'ExternalSecretsProxy' in core ? Container.get(core.ExternalSecretsProxy) : noSecrets,
		...(executionId === null ? {} : { executionId }),
		currentNodeExecutionIndex: 0,
		variables: {},
		restApiUrl: `${base}rest`,
		instanceBaseUrl: base,
		formBaseUrl: base,
		formWaitingBaseUrl: base,
		formTestBaseUrl: base,
		webhookBaseUrl: base,
		webhookWaitingBaseUrl: base,
		webhookTestBaseUrl: base,
		mcpBaseUrl: base,
		mcpTestBaseUrl: base,
		executeWorkflow: outOfReach,
		getRunExecutionData: () => Promise.resolve(undefined),
		getRuntimeCredential: () => Promise.resolve(undefined),
		startRunnerTask: outOfReach,
		logAiEvent: () => {},
	};

	return {
		core,
		workflow,
		additionalData,
		mode,
		counts: () => ({
			credentialLookups: credentialsHelper.lookups,
			authentications: credentialsHelper.authentications,
			executions,
			logs: logger.lines.slice(firstLine),
		}),
	};
}

type Execute = InstanceType<ReadyWorkflow['core']['WorkflowExecute']>;

function runFrom(execute: Execute, workflow: Workflow, startNode: INode): ReturnType<Execute['run']> {
	if (execute.run.length <= 1) return execute.run({ workflow, startNode });
	// Older ones take these one by one.
	return (execute.run as unknown as (workflow: Workflow, startNode: INode) => ReturnType<Execute['run']>)(workflow, startNode);
}

/**
 * Starts a workflow in n8n-core's engine.
 * @throws what n8n says about nodes with missing parameters or credentials
 */
async function startWorkflow(workflowToRun: WorkflowToRun): Promise<Running<WorkflowOutcome>> {
	const { core, workflow, additionalData, mode, counts } = await readyWorkflow(workflowToRun);
	const { resume, loadWorkflow = false, executionId, resumeToken = `token-of-execution-${executionId ?? 1}` } = workflowToRun;
	for (const entry of loadWorkflow ? (resume?.executionData?.nodeExecutionStack ?? []) : []) {
		entry.node = workflow.getNode(entry.node.name) ?? entry.node;
	}
	const execute = new core.WorkflowExecute(additionalData, mode, resume ?? newExecution({ resumeToken }));
	const startNode = workflow.getNode(FEED);
	if (startNode === null) throw new Error('The feed is missing');
	const execution = resume === undefined ? runFrom(execute, workflow, startNode) : execute.processRunExecutionData(workflow);

	const outcome = async (): Promise<WorkflowOutcome> => {
		const run = await execution;
		const { runData, error } = run.data.resultData;
		const told = counts();
		return {
			...told,
			run,
			status: run.status,
			runData,
			error,
			traces: () =>
				[inspect(run, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, showHidden: true }), ...told.logs].join('\n'),
		};
	};
	return { done: outcome(), cancel: () => execution.cancel() };
}

/**
 * The data that n8n's Retry button starts a new execution with: that of the failed one, up to the node that
 * failed.
 */
export function retryDataOf({ data: { executionData, resultData, resumeToken } }: IRun): IRunExecutionData {
	const { lastNodeExecuted, runData } = resultData;
	const kept = Object.entries(runData).map(([name, runs]) => [
		name,
		name === lastNodeExecuted && runs.at(-1)?.error !== undefined ? runs.slice(0, -1) : runs,
	]);
	return newExecution(structuredClone({ ...(resumeToken !== undefined && { resumeToken }), ...(executionData && { executionData }), resultData: { runData: Object.fromEntries(kept) as IRunData } })) as IRunExecutionData;
}

/** Runs a workflow to its end. */
export async function runWorkflow(workflowToRun: WorkflowToRun): Promise<WorkflowOutcome> {
	return await (await startWorkflow(workflowToRun)).done;
}

/** Starts one node, fed with items, in n8n-core's engine. */
export async function startNode(toRun: NodeToRun): Promise<Running<NodeOutcome>> {
	const { node, parameters, items, settings, credential, credentialData = {}, nodeCredentials, nodeId, ...rest } = toRun;
	const { nodeTypeName = `${PACKAGE}.${node.description.name}`, ...runSettings } = rest;
	const { done, cancel } = await startWorkflow({
		...runSettings,
		items,
		extraNodes: { ...runSettings.extraNodes, [nodeTypeName]: node },
		credentials: [
			...(runSettings.credentials ?? []),
			...(credential === undefined ? [] : [{ type: credential, data: credentialData }]),
		],
		nodes: [
			{
				name: UNDER_TEST,
				type: nodeTypeName,
				parameters,
				...(settings !== undefined && { settings }),
				...(nodeId !== undefined && { id: nodeId }),
				...(nodeCredentials !== undefined && { credentials: nodeCredentials }),
			},
		],
	});
	const nodeOutcome = async (): Promise<NodeOutcome> => {
		const outcome = await done;
		const task = outcome.runData[UNDER_TEST]?.at(-1);
		return {
			...outcome,
			error: task?.error ?? outcome.error,
			items: (task?.data?.main ?? []).map((output) => output ?? []),
			hints: (task?.hints ?? []).filter(({ type }) => type !== 'warning'),
			warnings: (task?.hints ?? []).filter(({ type }) => type === 'warning').map(({ message }) => message),
			tries: outcome.executions[nodeTypeName] ?? 0,
		};
	};
	return { done: nodeOutcome(), cancel };
}

/** Runs one node, fed with items, to the end of the execution. */
export async function runNode(toRun: NodeToRun): Promise<NodeOutcome> {
	return await (await startNode(toRun)).done;
}
