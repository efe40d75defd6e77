import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

import { planFrom, type Plan } from './flags';
import { lane } from './lanes';
import { prepare, type Setting } from './measure';
import type { Job } from './protocol';
import { race, type Measured } from './rounds';
import { table } from './table';
import { verdictsOfMany, verdictsOfThousands, verdictsOfWaiting, type Verdict } from './verdicts';

/** Where things are. */
export interface Places {
	root: string;
	/** Where n8n would be installed. */
	n8nFolder: string;
	serverProgram: string;
	workerProgram: string;
}

/** What one part of the benchmark found. */
interface Part {
	title: string;
	items: number;
	measured: Measured[];
	verdicts: Verdict[];
}

type About = Pick<Job, 'dist' | 'n8nFolder' | 'root'>;

const PARALLEL = 10;
const tell = (line: string) => console.error(line);

async function many(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds } = plan.many;
	const lanes = [
		lane('card', PARALLEL),
		lane('helper', PARALLEL),
		...(about.n8nFolder === undefined ? [] : [lane('httpRequest', PARALLEL)]),
		lane('pool', PARALLEL),
		lane('card', 1),
		lane('helper', 1),
		lane('pool', 1),
	];
	const network = { roundTripMs: plan.roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const measured = await race(setting, { lanes, items, rounds, warmUpItems: plan.warmUpItems, network }, about, tell);
	const of = finder(measured);
	const title = `${items} commands, ${plan.roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = verdictsOfMany(`${items} commands`, of('card', PARALLEL), of('card', 1), of('helper', PARALLEL));
	return { title, items, measured, verdicts };
}

async function thousands(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, roundTripMs } = plan.thousands;
	const lanes = [
		lane('card', PARALLEL),
		lane('helper', PARALLEL),
		...(about.n8nFolder === undefined ? [] : [lane('httpRequest', PARALLEL)]),
		lane('pool', PARALLEL),
	];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs: 0 };
	const measured = await race(setting, { lanes, items, rounds, warmUpItems: plan.warmUpItems, network }, about, tell);
	const of = finder(measured);
	const http = measured.find(({ lane: { subject } }) => subject === 'httpRequest');
	const title = `${items} commands, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = verdictsOfThousands(`${items} commands`, of('card', PARALLEL), of('helper', PARALLEL), http);
	return { title, items, measured, verdicts };
}

async function waiting(setting: Setting, plan: Plan, about: About): Promise<Part> {
	const { items, rounds, processingMs, roundTripMs } = plan.waiting;
	const lanes = [lane('card', PARALLEL), lane('card', PARALLEL, false)];
	const network = { roundTripMs, serverMs: plan.serverMs, processingMs };
	const measured = await race(setting, { lanes, items, rounds, warmUpItems: PARALLEL, network }, about, tell);
	const [waited, sent] = measured;
	const title = `${items} commands that take ${processingMs / 1000} s to settle, ${roundTripMs} ms round trip, ${plan.serverMs} ms server time, medians of ${rounds}`;
	const verdicts = waited === undefined || sent === undefined ? [] : verdictsOfWaiting(`${items} that take ${processingMs / 1000} s`, waited, sent);
	return { title, items, measured, verdicts };
}

function finder(measured: readonly Measured[]) {
	return (subject: string, parallel: number): Measured => {
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

function print({ title, items, measured, verdicts }: Part, json: boolean): void {
	const verdict = (holds: boolean | undefined) => (holds === undefined ? 'SKIPPED' : holds ? 'PASS' : 'FAIL');
	console.log(`\n### ${title}\n\n${table(measured, items)}\n`);
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
		const parts = { many, thousands, waiting };
		let missed = 0;
		console.log(`Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
		for (const [name, part] of Object.entries(parts)) {
			if (!plan.parts.has(name)) continue;
			const found = await part(setting, plan, about);
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
