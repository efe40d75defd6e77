import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

import { planFrom, type Plan } from './flags';
import { lane, MANY_AT_A_TIME } from './lanes';
import { prepare, type Setting } from './measure';
import type { Job, SubjectName } from './protocol';
import { race, type Measured } from './rounds';
import { healthTable, verdictsOfHealth, type RealN8n } from './real';
import { measureSizes, sizesTable, verdictsOfSizes } from './sizes';
import { table } from './table';
import { verdictsOfMany, verdictsOfThousands, verdictsOfWaiting, type Verdict } from './verdicts';

/** Where things are. */
export interface Places {
	root: string;
	/** Where n8n would be installed. */
	n8nFolder: string;
	serverProgram: string;
	workerProgram: string;
	sizerProgram: string;
	/** Measures in a whole n8n; absent where none is installed. */
	realN8n: RealN8n | undefined;
}

/** What one part of the benchmark found. */
interface Part {
	title: string;
	/** As Markdown. */
	table: string;
	/** All figures, for who wants to reckon with them. */
	measured: unknown;
	verdicts: Verdict[];
}

type About = Pick<Job, 'dist' | 'n8nFolder' | 'root'>;

const PARALLEL = 10;
/** This node, and the two loops that it is closely compared with. */
const BESIDE_THE_LOOP = [lane('card', PARALLEL), lane('helper', PARALLEL), lane('cuttingHelper', PARALLEL)];
/** A run of some hundred commands is short: on a machine whose speed changes, one of each tells little. */
const TURNS_OF_MANY = 4;
const SIZES = [1_000, 10_000, 50_000, 100_000];

/** The senders that are put side by side in a whole n8n. */
export const lanesOfRealN8n = [
	lane('card', PARALLEL),
	lane('helper', PARALLEL),
	lane('card', MANY_AT_A_TIME),
	lane('httpRequest', PARALLEL),
	lane('httpRequestBatches', PARALLEL),
];

const tell = (line: string) => console.error(line);

async function many(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds } = plan.many;
	const groups = [
		BESIDE_THE_LOOP,
		[lane('card', MANY_AT_A_TIME)],
		...(about.n8nFolder === undefined ? [] : [[lane('httpRequest', PARALLEL)], [lane('httpRequestBatches', PARALLEL)]]),
		[lane('pool', PARALLEL)],
		[lane('card', 1)],
		[lane('helper', 1)],
		[lane('pool', 1)],
	];
	const network = { roundTripMs: plan.roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const measured = await race(setting, { groups, items, rounds, turns: TURNS_OF_MANY, warmUpItems: plan.warmUpItems, network }, about, tell);
	const of = finder(measured);
	const title = `${items} commands, ${plan.roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = verdictsOfMany(`${items} commands`, of('card', PARALLEL), of('card', 1), loopsIn(of));
	return { title, table: table(measured), measured, verdicts };
}

async function thousands(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, roundTripMs } = plan.thousands;
	const groups = [
		BESIDE_THE_LOOP,
		[lane('card', MANY_AT_A_TIME)],
		...(about.n8nFolder === undefined ? [] : [[lane('httpRequest', PARALLEL)]]),
		[lane('pool', PARALLEL)],
	];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const measured = await race(setting, { groups, items, rounds, turns: 1, warmUpItems: plan.warmUpItems, network }, about, tell);
	const of = finder(measured);
	const http = measured.find(({ lane: { subject } }) => subject === 'httpRequest');
	const title = `${items} commands, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = verdictsOfThousands(`${items} commands`, of('card', PARALLEL), of('card', MANY_AT_A_TIME), loopsIn(of), http);
	return { title, table: table(measured), measured, verdicts };
}

async function waiting(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, processingMs, roundTripMs } = plan.waiting;
	const groups = [[lane('card', PARALLEL)], [lane('card', PARALLEL, false)]];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs };
	const measured = await race(setting, { groups, items, rounds, turns: 1, warmUpItems: plan.warmUpItems, network }, about, tell);
	const [waited, sent] = measured;
	const title = `${items} commands that take ${processingMs / 1000} s to settle, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = waited === undefined || sent === undefined ? [] : verdictsOfWaiting(`${items} that take ${processingMs / 1000} s`, waited, sent);
	return { title, table: table(measured), measured, verdicts };
}

async function sizes(_: Setting, plan: Plan, about: About, { sizerProgram }: Places): Promise<Part> {
	const { rounds, largest } = plan.sizes;
	const measured = await measureSizes(sizerProgram, about, { sizes: SIZES.filter((size) => size <= largest), rounds }, tell);
	const title = `Lists of any size, every request signed and answered in the process, medians of ${rounds}`;
	return { title, table: sizesTable(measured), measured, verdicts: verdictsOfSizes(measured) };
}

async function real(setting: Setting, plan: Plan, _: About, { realN8n }: Places): Promise<Part> {
	const { items, rounds, long, longRounds } = plan.real;
	const title = `${items} commands in a whole n8n, ${plan.thousands.roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	if (realN8n === undefined) return { title, table: '', measured: [], verdicts: [{ holds: undefined, words: `${title}: n8n is not installed` }] };
	const network = { roundTripMs: plan.thousands.roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const { measured, health } = await realN8n({ setting, items, rounds, long, longRounds, network, tell });
	return { title, table: `${table(measured)}\n\n${healthTable(health)}`, measured: { measured, health }, verdicts: verdictsOfHealth(health) };
}

type Find = (subject: SubjectName, parallel: number) => Measured;

const loopsIn = (find: Find) => ({ floor: find('helper', PARALLEL), cutting: find('cuttingHelper', PARALLEL) });

function finder(measured: readonly Measured[]): Find {
	return (subject, parallel) => {
		const found = measured.find(({ lane: row }) => row.subject === subject && row.parallel === parallel);
		if (found === undefined) throw new Error(`Nothing was measured for ${subject}`);
		return found;
	};
}

function aboutOf({ root, n8nFolder }: Places, plan: Plan): About {
	const dist = resolve(plan.dist ?? join(root, 'dist'));
	if (!existsSync(join(dist, 'nodes'))) throw new RangeError(`There is no build in ${dist}. Run first: npm run build`);
	const installed = existsSync(join(n8nFolder, 'node_modules', 'n8n-nodes-base'));
	if (!installed) tell('n8n is not installed, so its HTTP Request node is left out. `npm start` installs it.');
	return { dist, root, n8nFolder: installed ? n8nFolder : undefined };
}

function print({ title, table: figures, measured, verdicts }: Part, json: boolean): void {
	const verdict = (holds: boolean | undefined) => (holds === undefined ? 'SKIPPED' : holds ? 'PASS' : 'FAIL');
	console.log(`\n### ${title}\n\n${figures}\n`);
	for (const { holds, words } of verdicts) console.log(`- ${verdict(holds)}: ${words}`);
	if (json) console.log(`\n${JSON.stringify(measured)}`);
}

/**
 * Runs the benchmark and prints what it found.
 * @returns the exit code: 1 when a requirement is not met
 */
export async function bench(places: Places): Promise<number> {
	const setting = prepare(places.serverProgram, places.workerProgram);
	try {
		const plan = planFrom(process.argv.slice(2));
		if (plan === undefined) return 0;
		const about = aboutOf(places, plan);
		const parts = { many, thousands, waiting, sizes, real };
		let missed = 0;
		console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
		for (const [name, part] of Object.entries(parts)) {
			if (!plan.parts.has(name)) continue;
			const found = await part(setting, plan, about, places);
			print(found, plan.json);
			missed += found.verdicts.filter(({ holds }) => holds === false).length;
		}
		return missed === 0 || plan.quick ? 0 : 1;
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		tell(error.message);
		return 2;
	} finally {
		setting.remove();
	}
}
