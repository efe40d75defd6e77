import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { holdsSecret, idsOf } from '../../nodes/card-api/methods/define';
import { CAUSES } from '../../nodes/card-api/methods/refusals';
import { runAgent, runEngineAgent } from '../support/agents';
import { conclude, useSandbox } from '../support/bench';
import { failedOf } from '../support/items';
import { KINDS, type Kind } from '../support/kinds';
import { nodeWith } from '../support/nodeWith';
import { runJobContinuing, type Job } from '../support/runs';
import { virtualClock, type VirtualClock } from '../support/virtualClock';
import { ENDINGS, optionsOf, subjects, type Ending, type Item, type Subject, type Way } from './endings';

/* Every operation, brought to every ending that it can come to: what comes out, on which output, and what happened at FreedomPay. */

let clock: VirtualClock;
const sandbox = useSandbox({ unknownIds: 'accept', now: () => clock.wallClock() });

/** What came out, with all that says which command it was about. */
interface Came extends Item {
	json: Readonly<Record<string, unknown>>;
	pairedItem: unknown;
}

function cameOut(output: Item['output'], fields: Readonly<Record<string, unknown>>, pairedItem: unknown): Came {
	const failed = failedOf(fields);
	const json: Readonly<Record<string, unknown>> = failed === undefined ? fields : { ...failed };
	const { outcome, cause, try_again: tryAgain, earlier } = json;
	const words = Object.fromEntries(Object.entries({ outcome, cause, tryAgain, earlier }).filter(([, word]) => word !== undefined));
	return { output, ...words, json, pairedItem };
}

/** The node's one item. */
async function run(subject: Subject, job: Job): Promise<Came> {
	const { parameters, item } = subject.node;
	const { items, error } = await runJobContinuing(sandbox, {
		clock,
		items: [item],
		...job,
		parameters: { ...parameters, ...job.parameters },
		options: { ...optionsOf(subject), ...job.options },
	});
	const all = items.flatMap((list, output) => list.map(({ json, pairedItem }) => cameOut(output === 0 ? 'success' : 'error', json, pairedItem)));
	const [one] = all;
	if (one === undefined || all.length > 1) throw new Error(`${all.length} items came out: ${error?.message}`);
	return one;
}

/** What a model is told. Agents up to version 2 would not hear of an error; what newer ones hear has to be the same. */
async function askAsTool({ node, declared }: Subject): Promise<Came> {
	const told: Came[] = [];
	for (const [index, call] of [runAgent, runEngineAgent].entries()) {
		const options = optionsOf({ declared } as Subject);
		const { answers } = await call({
			node: nodeWith(clock),
			credential: new FreedomPayApi(),
			credentialData: sandbox.credential,
			executionId: `tool-${index}`,
			parameters: { ...node.parameters, options },
			items: [node.item],
			rounds: [[{}]],
		});
		const [{ items = [], error } = { error: 'nothing' }] = answers;
		const [item] = items;
		if (item === undefined || items.length > 1 || error !== undefined || 'error' in item) throw new Error(`No plain answer: ${JSON.stringify(answers)}`);
		told.push(cameOut('tool', item, undefined));
	}
	const [old, current] = told as [Came, Came];
	expect(Object.keys(current.json)).toEqual(Object.keys(old.json));
	return current;
}

/** How many effects an item may have had in the run that it came of. */
function mayHaveActed({ kind }: Subject, { outcome }: Item): readonly number[] {
	if (kind === 'read' || kind === 'freshRead') return [0];
	if (outcome === 'done') return [1];
	return outcome === 'unknown' || outcome === 'processing' ? [0, 1] : [0];
}

/** The ids by which an item has to name its command, besides the request ID. */
function idsNamed({ declared, sent }: Subject, { names = 'all' }: Way, { outcome }: Item): Record<string, unknown> {
	// A dry run shows the whole body, and of a custom request nobody knows which of its fields are ids.
	return names === 'nothing' || outcome === 'dry_run' || declared.resolve !== undefined ? {} : idsOf(sent, sent.sample.request);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** What FreedomPay says of a command that it carried out: of a gift card by a number. */
const isSuccess = ({ sent }: Subject, answer: Record<string, unknown>) => (sent.answers === 'gift' ? answer.status === 0 : answer.request_status === 'success');

/** Brings an operation to an ending, and says what is not as it has to be. */
async function bring(subject: Subject, ending: Ending, way: Way): Promise<{ wrong: unknown[]; came: Came }> {
	clock = virtualClock({ sandbox });
	const { declared, sent, kind } = subject;
	// What is looked up has to be there.
	if (declared.tellsProgress === true) await runJobContinuing(sandbox, { clock, options: { requestId: String(sent.sample.request.request_id) }, run: { executionId: '0' } });
	if (way.before !== undefined) {
		sandbox.faults.add(...(way.before.faults ?? []));
		await run(subject, way.before.job);
		sandbox.faults.clear();
	}
	const [requests, effects] = [sandbox.journal.all.length, sandbox.ledger.all.length];
	sandbox.faults.add(...(way.faults ?? []));
	Object.assign(sandbox.settings, way.settings);
	const expected: Item = { ...ending.item(subject), ...(way.cause !== undefined && { cause: way.cause }) };
	const job = typeof way.job === 'function' ? await way.job() : (way.job ?? {});
	const came = expected.output === 'tool' ? await askAsTool(subject) : await run(subject, way.clock === undefined ? job : { ...job, clock: way.clock(clock) });

	const { json, pairedItem, ...item } = came;
	const wire = sandbox.journal.all.slice(requests).filter(({ path }) => path === sent.path);
	const acted = sandbox.ledger.all.length - effects;
	const wrong: unknown[] = [];
	const demand = (isRight: boolean, what: unknown) => (isRight ? undefined : wrong.push(what));
	demand(isDeepStrictEqual(item, expected), { came: item, expected });
	demand(mayHaveActed(subject, expected).includes(acted), { acted });
	const shownItem = expected.output === 'tool' ? undefined : expected.output === 'error' && holdsSecret(declared) ? 0 : { item: 0 };
	demand(isDeepStrictEqual(pairedItem, shownItem), { pairedItem });
	const ids = idsNamed(subject, way, item);
	demand(Object.entries(ids).every(([key, id]) => isDeepStrictEqual(json[key], id)), { 'not named': ids });
	if (kind === 'command' && (way.names ?? 'all') === 'all' && expected.outcome !== 'dry_run') {
		const { request_id: id } = json;
		const isIts = ({ requestId }: { requestId: string | undefined }) => requestId === id;
		demand(typeof id === 'string' && UUID.test(id) && (expected.output === 'tool' ? wire.some(isIts) : wire.every(isIts)), { 'request id': id });
	}
	if (expected.outcome === 'dry_run') demand(sandbox.journal.all.length === requests && json.url === sandbox.url + sent.path, json);
	if (expected.outcome === 'done' || expected.outcome === 'done_before') {
		const answers = sandbox.journal.all.flatMap(({ requestId, path, status, answer }) => (status === 200 && (kind === 'command' ? requestId === json.request_id : path === sent.path) ? [answer as Record<string, unknown>] : []));
		demand(isSuccess(subject, json) && answers.some((answer) => isSuccess(subject, answer)), { 'nobody said so': json });
	}
	return { wrong, came };
}

/** What came of each ending, by kind of operation. */
const measured = new Map<string, Partial<Record<Kind, Set<string>>>>();
const causes = new Set<unknown>();

/** What comes out, as the table has it. */
function shown({ output, outcome, cause, tryAgain, earlier }: Item, way: Way): string {
	const told = outcome === undefined ? 'the answer' : `\`${outcome}\``;
	if (output !== 'error') return output === 'tool' ? `plain answer: ${told}` : `success: ${told}`;
	return `error: ${told}, ${way.cause === undefined ? `\`${cause}\`` : 'that cause'}, \`${tryAgain}\`${earlier === true ? ', `earlier`' : ''}`;
}

function note({ kind }: Subject, { name }: Ending, way: Way, came: Came): void {
	causes.add(came.cause);
	const row = measured.get(name) ?? {};
	measured.set(name, row);
	(row[kind] ??= new Set()).add(shown(came, way));
}

test.each(subjects.map((subject): [string, Subject] => [`${subject.name}, a ${KINDS[subject.kind].inFull}`, subject]))('%s', async (_, subject) => {
	const wrong: unknown[] = [];
	for (const ending of ENDINGS) {
		for (const way of ending.ways(subject)) {
			const brought = await bring(subject, ending, way);
			note(subject, ending, way, brought.came);
			if (brought.wrong.length > 0) wrong.push({ ending: ending.name, how: way.how, wrong: brought.wrong });
			conclude(sandbox);
		}
	}
	expect(wrong).toEqual([]);
});

/** The table of all endings. Kinds of operation that come to the same in all of them share a column. */
function tableOf(rows: ReadonlyArray<readonly [name: string, cells: Readonly<Partial<Record<Kind, string>>>]>): string {
	const kinds = Object.keys(KINDS) as Kind[];
	const columnOf = (kind: Kind) => JSON.stringify(rows.map(([, cells]) => cells[kind] ?? '–'));
	const columns = [...new Set(kinds.map(columnOf))].map((column) => kinds.filter((kind) => columnOf(kind) === column));
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	return [
		line(['what becomes of it', ...columns.map((column) => column.map((kind) => KINDS[kind].inFull).join(', '))]),
		line(['---', ...columns.map(() => '---')]),
		...rows.map(([name, cells]) => line([name, ...columns.map(([kind]) => (kind === undefined ? undefined : cells[kind]) ?? '–')])),
	].join('\n');
}

describe('all that was brought about', () => {
	test('has every ending, the same of all operations of a kind', () => {
		expect([...measured.keys()]).toEqual(expect.arrayContaining(ENDINGS.map(({ name }) => name)));
		const several = [...measured].flatMap(([name, row]) => Object.entries(row).flatMap(([kind, cells]) => (cells.size > 1 ? [[name, kind, ...cells]] : [])));
		expect(several).toEqual([]);
	});

	test('has every cause of the closed list', () => {
		expect(CAUSES.filter((cause) => !causes.has(cause))).toEqual([]);
	});

	test('is the table in docs/outputs.md', () => {
		const rows = ENDINGS.map(({ name }) => [name, Object.fromEntries(Object.entries(measured.get(name) ?? {}).map(([kind, cells]) => [kind, [...cells].join(' or ')]))] as const);
		const table = tableOf(rows);
		console.info(`Endings of ${subjects.length} operations, a custom request as each kind:\n${table}`);
		const page = readFileSync(join(__dirname, '../../docs/outputs.md'), 'utf8');
		expect(page.split('<!-- endings -->\n')[1]?.split('\n<!-- /endings -->')[0]).toBe(table);
	});
});
