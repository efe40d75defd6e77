import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { methodOf, operations, resources } from '../../nodes/FreedomPayCard/methods';
import type { Method } from '../../nodes/FreedomPayCard/methods/define';
import { CASES, withDocument } from '../contract/cases';
import { callByMcp } from '../engine/tool';
import { startSandbox, type FaultRule, type Sandbox } from '../sandbox';
import { unusedUrl } from '../support/listener';
import { virtualClock } from '../support/virtualClock';
import { conclude, contextWith, failedOf, nodeWith, workOn, type Job } from './workbench';

/*
 * Every operation, in every way in which an item can end: the item that comes out, and on which output. The table of it is in the docs.
 * What an operation can come to follows from its kind alone: whether it changes something, and whether it has a request id to ask by.
 */

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox({ unknownIds: 'accept' });
});
afterEach(() => conclude(sandbox));
afterAll(async () => {
	await sandbox.stop();
});

const KINDS = ['with a request ID', 'without', 'gift card', 'read'] as const;

type Kind = (typeof KINDS)[number];

interface Operation {
	name: string;
	shown: string;
	kind: Kind;
	path: string;
	parameters: INodeParameters;
}

function kindOf({ is, answers }: Pick<Method, 'is' | 'answers'>): Kind {
	if (is === 'read') return 'read';
	return is === 'command' ? 'with a request ID' : answers === 'gift' ? 'gift card' : 'without';
}

function declared(): Operation[] {
	return CASES.map(({ name, parameters }) => {
		const [resource = '', operation = ''] = name.split('.');
		const method = methodOf(resource, operation);
		if (method === undefined) throw new Error(`No method ${name}`);
		return { name, shown: `${resources[resource]}: ${method.name}`, kind: kindOf(method), path: method.path, parameters: { resource, operation, ...parameters } };
	});
}

/** A custom request is of the kind that the user says. */
function custom(): Operation[] {
	const BLOCK = '/v5/card-api/card/close';
	const body = '{"card_id": "card-1001", "description": "Lost"}';
	const of = (name: string, kind: Kind, path: string, more: INodeParameters): Operation => ({
		name: `custom.send ${name}`, shown: `Custom Request (${name})`, kind, path, parameters: { resource: 'custom', operation: 'send', path: path.replace('/v5/', ''), body, ...more },
	});
	return [
		of('command with a request ID', 'with a request ID', BLOCK, { retryRule: 'command', takesRequestId: true }),
		of('command without', 'without', '/v5/card-api/card/set_pin', { retryRule: 'command', takesRequestId: false, body: '{"card_id": "card-1001"}' }),
		of('read', 'read', '/v5/card-api/card/statement', { retryRule: 'read', takesRequestId: false, body: '{"card_id": "card-1001"}' }),
	];
}

const ALL = [...declared(), ...custom()];

const always = (fault: Omit<FaultRule, 'times'>): FaultRule => ({ ...fault, times: 'always' });
const UUID = '3f0c8a52-6a6e-4c05-9c67-3b1f6d0c7f11';
const PAGE = { headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><title>Access denied</title>' };
const broken = (): never => {
	throw new Error('broken');
};
const surrounded = (replaced: Partial<IExecuteFunctions>): Job => ({ surroundings: (context) => contextWith(context, replaced) });
const refusing = ({ kind, path }: Operation): FaultRule =>
	kind === 'gift card' ? { path, kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', status: -1 } } : { path, kind: 'refuse', body: { error_description: 'frozen by the bank' } };

interface Way {
	/** As a column of the table. */
	name: string;
	faults?: (operation: Operation) => FaultRule[];
	job?: Job | (() => Promise<Job>);
	/** What comes before, in another execution. */
	before?: Job;
	asTool?: true;
	/** By kind: the output, the outcome, and of a failed item the cause and whether to try again; `-` for an ending that the kind cannot come to. */
	ends: Readonly<Record<Kind, string>>;
	/** How often the command takes effect, all executions counted. */
	effects?: Partial<Record<Kind, number>>;
}

const all = (word: string): Way['ends'] => Object.fromEntries(KINDS.map((kind) => [kind, word])) as Record<Kind, string>;
const DONE = { ...all('success: done'), read: 'success' };
const LOST = { 'with a request ID': 'error: unknown no_answer after_check', 'without': 'error: unknown no_answer after_check', 'gift card': 'error: unknown no_answer after_check', read: 'error: not_done no_answer yes' };
const ONE = { 'with a request ID': 1, 'without': 1, 'gift card': 1 };
const OF_EVENT: INodeParameters = { eventId: '={{ "event-1" }}' };

const WAYS: readonly Way[] = [
	{ name: 'all is well', ends: DONE, effects: ONE },
	{ name: 'Dry Run', job: { options: { dryRun: true } }, ends: all('success: dry_run') },
	{
		name: 'done before, by an Event ID', before: { parameters: OF_EVENT }, job: { parameters: OF_EVENT },
		ends: { 'with a request ID': 'success: done_before', 'without': '-', 'gift card': '-', read: '-' }, effects: ONE,
	},
	{ name: 'the answer is lost', faults: ({ path }) => [{ path, kind: 'dropAfter' }], ends: { ...LOST, 'with a request ID': 'success: done', read: 'success' }, effects: ONE },
	{ name: 'all answers are lost', faults: () => [always({ kind: 'dropAfter' })], ends: LOST, effects: ONE },
	{
		name: 'an undocumented status word',
		faults: ({ kind, path }) => [kind === 'gift card' ? { path, kind: 'rawBefore', body: { datetime: '2025-01-01 00:00:00', status: 'odd' } } : always({ kind: 'unknownRequestStatus' })],
		ends: { ...LOST, read: 'success' }, },
	{
		name: 'still processing, waited for', faults: ({ path }) => [{ path, kind: 'processForever' }], job: { options: { maxWaitSeconds: 2 } },
		ends: { 'with a request ID': 'error: processing other after_check', 'without': 'error: processing other after_check', 'gift card': '-', read: 'success' },
	},
	{
		name: 'still processing, not waited for', faults: ({ path }) => [{ path, kind: 'processForever' }], job: { parameters: { waitForCompletion: false } },
		ends: { 'with a request ID': 'success: processing', 'without': 'error: processing other after_check', 'gift card': '-', read: '-' },
	},
	{
		name: 'still processing, as a tool', asTool: true, faults: ({ path }) => [{ path, kind: 'processForever' }], job: { options: { maxWaitSeconds: 2 } },
		ends: { 'with a request ID': 'success: processing', 'without': 'success: processing', 'gift card': '-', read: '-' },
	},
	{ name: 'FreedomPay refuses', faults: (operation) => [refusing(operation)], ends: all('error: refused other no') },
	{
		name: 'it refuses by an HTTP status', faults: ({ path }) => [always({ path, kind: 'rawBefore', status: 422, body: { status: 'error', error_description: 'frozen by the bank' } })],
		ends: all('error: refused other no'),
	},
	{ name: 'the input is wrong', job: { options: { requestTimeoutSeconds: '={{ "soon" }}' } }, ends: all('error: not_done input no') },
	{ name: 'the credential is refused', faults: () => [{ kind: 'unauthorized' }], ends: all('error: not_done credential yes') },
	{ name: 'the credential cannot be used', job: { credential: { authId: '' } }, ends: all('error: not_done credential yes') },
	{ name: 'nothing listens', job: async () => ({ credential: { baseUrl: await unusedUrl() } }), ends: all('error: not_done unreachable yes') },
	{ name: 'a firewall refuses', faults: () => [always({ kind: 'rawBefore', status: 403, ...PAGE })], ends: all('error: not_done blocked yes') },
	{ name: 'a redirect', faults: () => [always({ kind: 'redirect', location: 'http://127.0.0.1:1/' })], ends: all('error: not_done wrong_host yes') },
	{ name: 'a page that is not there', faults: () => [always({ kind: 'notFound' })], ends: all('error: not_done wrong_host yes') },
	{ name: 'the rate limit', faults: () => [always({ kind: 'rateLimit' })], ends: all('error: not_done rate_limit yes') },
	{ name: 'canceled before it is sent', job: surrounded({ getExecutionCancelSignal: () => AbortSignal.abort() }), ends: all('error: not_done canceled yes') },
	{ name: 'a defect of the node', job: surrounded({ getInstanceId: broken }), ends: all('error: not_done defect yes') },
	{
		name: 'a UUID that is used already', before: { options: { requestId: UUID } }, job: { options: { requestId: UUID } },
		ends: { 'with a request ID': 'error: unknown request_id_used after_check', 'without': '-', 'gift card': '-', read: '-' }, effects: ONE,
	},
];

function jobOf({ parameters }: Operation, more: Job = {}): Job {
	return {
		items: [withDocument],
		...more,
		parameters: { ...parameters, ...more.parameters },
		// As a job of the workbench has it: beside the others.
		options: { ...(parameters.options as INodeParameters | undefined), ...more.options },
	};
}

/** The item of a run, as a cell of the table; throws for one that does not say what it has to. */
function cellOf(output: number, json: Record<string, unknown>, { kind }: Operation): string {
	const failed = failedOf(json);
	if (failed === undefined) {
		expect([output, json]).toEqual([0, expect.not.objectContaining({ error: expect.anything() as unknown })]);
		return typeof json.outcome === 'string' ? `success: ${json.outcome}` : 'success';
	}
	expect([output, Object.keys(failed).slice(0, 2)]).toEqual([1, ['message', 'outcome']]);
	const { outcome, cause, try_again: tryAgain, request_id: requestId, next_step: step } = failed as unknown as Record<string, string>;
	// Whatever may have been carried out can be asked about.
	if (kind === 'with a request ID' && (outcome === 'unknown' || outcome === 'processing')) expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
	expect(step).toMatch(/\.$/);
	return `error: ${outcome} ${cause} ${tryAgain}`;
}

/** What a read asks for has to be there. */
async function provide({ kind, parameters }: Operation): Promise<void> {
	if (kind !== 'read') return;
	const set = CASES.find(({ name }) => name === 'limit.set');
	if (parameters.resource === 'limit') await workOn(sandbox, { parameters: { resource: 'limit', operation: 'set', ...set?.parameters } });
	if (parameters.requestId !== undefined) await workOn(sandbox, { options: { requestId: parameters.requestId } });
	sandbox.ledger.clear();
}

/** The parameters without what they take from the input item, which is not an agent's. */
function alone({ document, additionalFields, ...others }: INodeParameters): INodeParameters {
	// Another product wants no file.
	if (document !== undefined) return { ...others, productId: 2000 };
	const json = (additionalFields as { accountsJson?: string } | undefined)?.accountsJson === undefined ? additionalFields : { accountsJson: withDocument.json.accounts };
	return { ...others, ...(json !== undefined && { additionalFields: json }) };
}

async function measured(way: Way, operation: Operation): Promise<string> {
	await provide(operation);
	const more = typeof way.job === 'function' ? await way.job() : way.job;
	if (way.before !== undefined) await workOn(sandbox, { ...jobOf(operation, way.before), run: { executionId: '1' } });
	sandbox.faults.add(...(way.faults?.(operation) ?? []));
	const job = jobOf(operation, more);
	if (way.asTool === true) {
		const { parameters = {}, options = {} } = job;
		const { answers } = await callByMcp({
			node: nodeWith(virtualClock({ sandbox })), credential: new FreedomPayApi(), credentialData: sandbox.credential, parameters: { ...alone(parameters), options }, rounds: [[withDocument.json]],
		});
		const [answer] = answers;
		expect([answer?.error, answer?.items?.length]).toEqual([undefined, 1]);
		return cellOf(0, answer?.items?.[0] ?? {}, operation);
	}
	const { items, error } = await workOn(sandbox, { ...job, run: { executionId: '2' } });
	expect(error).toBeUndefined();
	const came = items.flatMap((list, output) => list.map((item) => ({ output, ...item })));
	for (const { pairedItem } of came) expect([0, { item: 0 }]).toContainEqual(pairedItem);
	const cells = new Set(came.map(({ output, json }) => cellOf(output, json, operation)));
	expect(cells.size).toBe(1);
	return [...cells][0] ?? '';
}

const table = new Map<string, Map<string, string>>();

describe.each(WAYS.map((way): [string, Way] => [way.name, way]))('%s', (name, way) => {
	test.each(ALL.filter(({ kind }) => way.ends[kind] !== '-').map((operation): [string, Operation] => [operation.name, operation]))('%s', async (_, operation) => {
		const cell = await measured(way, operation);
		table.set(operation.name, (table.get(operation.name) ?? new Map<string, string>()).set(name, cell));
		expect(cell).toBe(way.ends[operation.kind]);
		const effects = sandbox.ledger.all.filter(({ path }) => path === operation.path).length;
		if (way.faults === undefined || cell !== 'error: processing other after_check') expect(effects).toBe(way.effects?.[operation.kind] ?? 0);
	});
});

test('every operation is here, and every ending that is one', () => {
	expect(new Set(ALL.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(operations.map(({ resource, operation }) => `${resource}.${operation}`)));
	expect(WAYS.filter(({ ends }) => KINDS.every((kind) => ends[kind] === '-'))).toEqual([]);
});

/** The table for people: which operations are of which kind, and what an item of each says, by what happens. */
function rows(): string[] {
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const code = (cell: string) => (cell === '-' ? '–' : cell.replace(/^(\w+)(?:: (.*))?$/, (_, output: string, words: string | undefined) => (words === undefined ? output : `${output}: \`${words.replaceAll(' ', '` `')}\``)));
	const kinds = KINDS.map((kind) => `- **${kind}**: ${ALL.filter((operation) => operation.kind === kind).map(({ shown }) => shown).join(', ')}`);
	return [...kinds, '', line(['what happens', ...KINDS]), line(['---', ...KINDS.map(() => '---')]), ...WAYS.map(({ name, ends }) => line([name, ...KINDS.map((kind) => code(ends[kind]))]))];
}

test('the docs have the table, as it was measured', () => {
	const measuredOperations = [...table].map(([operation, cells]) => `${operation}: ${cells.size}`);
	console.info(`${rows().join('\n')}\n\nMeasured, endings by operation: ${measuredOperations.join(', ')}`);
	const docs = readFileSync(join(__dirname, '../../docs/outputs.md'), 'utf8');
	expect(/<!-- endings -->\n([^]*?)\n<!-- \/endings -->/.exec(docs)?.[1]?.split('\n')).toEqual(rows());
});
