import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

import { planFrom, type Plan } from './flags';
import { lane, MANY_AT_A_TIME } from './lanes';
import { prepare, type Setting } from './measure';
import type { Job } from './protocol';
import { race, type Measured } from './rounds';
import { healthTable, type Health, type RealN8n } from './real';
import { measureSizes, sizesTable } from './sizes';
import { table } from './table';
import { judge, tabulateVerdicts, type Verdict } from './verdicts';

/** Where things are. */
export interface Places {
	root: string;
	/** Gives the folder of the built package. */
	unpackBuild: () => Promise<string>;
	/** Installs n8n unless it is; gives its folder. */
	installN8n: () => Promise<string>;
	serverProgram: string;
	workerProgram: string;
	sizerProgram: string;
	/** Measures in the whole n8n of a folder; undefined where the system does not tell what a process takes. */
	realN8n: (n8nFolder: string) => RealN8n | undefined;
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

type About = Pick<Job, 'dist' | 'n8nFolder'>;

const PARALLEL = 10;
/** This node, and the two loops that it is closely compared with. */
const BESIDE_THE_LOOP = [lane('card', PARALLEL), lane('helper', PARALLEL), lane('cuttingHelper', PARALLEL)];
/** A run of some hundred commands is short: on a machine whose speed changes, one of each tells little. */
const TURNS_OF_MANY = 4;
/** There and back, for who runs first has it harder. */
const TURNS_OF_QUICK = 2;
const SIZES = [1_000, 10_000, 50_000, 100_000];

const tell = (line: string) => console.error(line);

async function many(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds } = plan.many;
	// The loops are compared with thousands then: some hundred tell little, unless they have their turns many times.
	const judged = [lane('card', PARALLEL), lane('card', 1)];
	const groups = plan.quick
		? [judged]
		: [
				BESIDE_THE_LOOP,
				[lane('card', MANY_AT_A_TIME)],
				[lane('httpRequest', PARALLEL)],
				[lane('httpRequestBatches', PARALLEL)],
				[lane('pool', PARALLEL)],
				[lane('card', 1)],
				[lane('helper', 1)],
				[lane('pool', 1)],
			];
	const network = { roundTripMs: plan.roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const amount = { items, rounds, turns: plan.quick ? 1 : TURNS_OF_MANY, warmUpItems: plan.warmUpItems, startsOnce: plan.quick };
	const measured = await race(setting, { groups, network, ...amount }, about, tell);
	const title = `${items} commands, ${plan.roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	return { title, table: table(measured), measured, verdicts: judge('many', measured) };
}

async function thousands(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, roundTripMs } = plan.thousands;
	const burst = lane('httpRequest', PARALLEL);
	const judged = [lane('card', PARALLEL), lane('helper', PARALLEL), lane('card', MANY_AT_A_TIME), burst];
	const groups = plan.quick ? [judged] : [BESIDE_THE_LOOP, [lane('card', MANY_AT_A_TIME)], [burst], [lane('pool', PARALLEL)]];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const amount = { items, rounds, turns: plan.quick ? TURNS_OF_QUICK : 1, warmUpItems: plan.warmUpItems, startsOnce: plan.quick };
	const measured = await race(setting, { groups, network, ...amount }, about, tell);
	const title = `${items} commands, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	return { title, table: table(measured), measured, verdicts: judge('thousands', measured) };
}

async function waiting(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, processingMs, roundTripMs } = plan.waiting;
	const groups = plan.quick ? [[lane('card', PARALLEL), lane('card', PARALLEL, false)]] : [[lane('card', PARALLEL)], [lane('card', PARALLEL, false)]];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs };
	const amount = { items, rounds, turns: 1, warmUpItems: plan.warmUpItems, startsOnce: plan.quick };
	const measured = await race(setting, { groups, network, ...amount }, about, tell);
	const title = `${items} commands that take ${processingMs / 1000} s to settle, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	return { title, table: table(measured), measured, verdicts: judge('waiting', measured) };
}

async function sizes(_: Setting, plan: Plan, { dist }: About, { root, sizerProgram }: Places): Promise<Part> {
	const { rounds, largest } = plan.sizes;
	const measured = await measureSizes(sizerProgram, { dist, root }, { sizes: SIZES.filter((size) => size <= largest), rounds }, tell);
	const title = `Lists of any size, every request signed and answered in the process, medians of ${rounds}`;
	return { title, table: sizesTable(measured), measured, verdicts: judge('sizes', measured) };
}

async function real(setting: Setting, plan: Plan, { n8nFolder }: About, places: Places): Promise<Part> {
	const { items, rounds, long, longRounds } = plan.real;
	const title = `${items} commands in a whole n8n, ${plan.thousands.roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdictsOf = (found: { measured?: Measured[]; health?: Health | undefined }) => [...judge('real', found.measured), ...judge('long', found.health)];
	const realN8n = places.realN8n(n8nFolder);
	if (realN8n === undefined) return { title, table: 'This system does not tell what a process takes.', measured: [], verdicts: verdictsOf({}) };
	const network = { roundTripMs: plan.thousands.roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const found = await realN8n({ setting, items, rounds, long, longRounds, network, tell });
	return { title, table: `${table(found.measured)}\n\n${healthTable(found.health)}`, measured: found, verdicts: verdictsOf(found) };
}

async function aboutOf({ installN8n, unpackBuild }: Places, plan: Plan): Promise<About> {
	const dist = plan.dist === undefined ? await unpackBuild() : resolve(plan.dist);
	if (!existsSync(join(dist, 'nodes'))) throw new RangeError(`There is no build in ${dist}. Run first: npm run build`);
	return { dist, n8nFolder: await installN8n() };
}

function print({ title, table: figures, measured }: Part, json: boolean): void {
	console.log(`\n### ${title}\n\n${figures}`);
	if (json) console.log(`\n${JSON.stringify(measured)}`);
}

/** All verdicts, and the sum of them. */
function printVerdicts(verdicts: readonly Verdict[]): void {
	const count = (wanted: boolean | undefined) => verdicts.filter(({ holds }) => holds === wanted).length;
	const notMeasured = count(undefined) === 0 ? '' : `, ${count(undefined)} not measured`;
	console.log(`\n### Verdicts\n\n${tabulateVerdicts(verdicts)}\n\n${count(true)} passed, ${count(false)} failed${notMeasured}`);
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
		const about = await aboutOf(places, plan);
		const parts = { many, thousands, waiting, sizes, real };
		const verdicts: Verdict[] = [];
		console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
		for (const [name, part] of Object.entries(parts)) {
			if (!plan.parts.has(name)) continue;
			const began = performance.now();
			const found = await part(setting, plan, about, places);
			print(found, plan.json);
			tell(`${name} took ${((performance.now() - began) / 1000).toFixed(0)} s`);
			verdicts.push(...found.verdicts);
		}
		printVerdicts(verdicts);
		return verdicts.some(({ holds }) => holds === false) ? 1 : 0;
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		tell(error.message);
		return 2;
	} finally {
		setting.remove();
	}
}
