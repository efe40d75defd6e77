import { AFTER_ANSWER, AFTER_SEND } from '../../nodes/FreedomPayCard/delivery/protocol';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { scenarios, search, type Finding, type Scenario, type Tables } from './model';

/** How many things may go otherwise than well. */
const DEPTH = isFull ? 6 : 5;

/** A changed table is caught by what happens soon. */
const MUTANT_DEPTH = 4;

/** The API's wordings that the changed tables are tried with. */
const TELLING = ['notKnown error', 'vague ambiguous'];

/** The same numbers in every run. */
const SEED = 20_260;

test(sizeOf('whatever the network and the API do, the protocol tells the truth and acts once'), () => {
	const found = scenarios().map((scenario) => ({ scenario, ...search(scenario, DEPTH) }));
	const sum = (of: 'states' | 'steps' | 'ends') => found.reduce((total, each) => total + each[of], 0);
	console.info(`${found.length} beginnings, ${sum('states')} states, ${sum('steps')} steps, ${sum('ends')} ends, to a depth of ${DEPTH}`);
	expect(found.filter(({ violation }) => violation !== undefined).slice(0, 5)).toEqual([]);
}, HANGS_AFTER_MS);

interface Mutant {
	table: keyof Tables;
	row: string;
	cell: string;
	move: string;
}

function mutantsOf(table: keyof Tables, rows: Readonly<Record<string, Readonly<Record<string, string>>>>): Mutant[] {
	const moves = [...new Set(Object.values(rows).flatMap((row) => Object.values(row)))];
	return Object.entries(rows).flatMap(([row, cells]) =>
		Object.entries(cells).flatMap(([cell, right]) => moves.filter((move) => move !== right).map((move) => ({ table, row, cell, move }))),
	);
}

function changed(mutant: Mutant): Tables {
	const tables = structuredClone({ afterSend: AFTER_SEND, afterAnswer: AFTER_ANSWER }) as Record<string, Record<string, Record<string, string>>>;
	const row = tables[mutant.table]?.[mutant.row];
	if (row !== undefined) row[mutant.cell] = mutant.move;
	return tables as unknown as Tables;
}

function firstViolation(mutant: Mutant, beginnings: readonly Scenario[]): Finding['violation'] {
	const tables = changed(mutant);
	for (const scenario of beginnings) {
		const { violation } = search(scenario, MUTANT_DEPTH, tables);
		if (violation !== undefined) return violation;
	}
	return undefined;
}

const cellOf = ({ table, row, cell }: Mutant) => `${table} ${row} ${cell}`;

/** One alternative for each cell, picked by the seed, or all of them. */
function picked(mutants: readonly Mutant[]): Mutant[] {
	if (isFull) return [...mutants];
	const cells = [...new Set(mutants.map(cellOf))];
	return cells.flatMap((cell, index) => {
		const alternatives = mutants.filter((mutant) => cellOf(mutant) === cell);
		return alternatives[(SEED + 7 * index) % alternatives.length] ?? [];
	});
}

test(sizeOf('each cell of the table counts: a change is caught'), () => {
	const mutants = picked([...mutantsOf('afterSend', AFTER_SEND), ...mutantsOf('afterAnswer', AFTER_ANSWER)]);
	const all = scenarios().filter(({ dialect, pollMs }) => pollMs === 4_000 && TELLING.includes(`${dialect.notKnown} ${dialect.failed}`));
	// Those that reach the changed row at once come first.
	const ordered = (row: string) => [...all].sort((a, b) => Number(b.known === row) - Number(a.known === row));
	const survivors = mutants.filter((mutant) => firstViolation(mutant, ordered(mutant.row)) === undefined);
	console.info(`${mutants.length} changed tables, ${mutants.length - survivors.length} caught`);
	expect(survivors.map(({ table, row, cell, move }) => `${table}.${row}.${cell} → ${move}`)).toEqual([]);
}, HANGS_AFTER_MS);
