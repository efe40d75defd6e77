import { AFTER_LOOKUP, AFTER_SEND, FIRST_MOVES } from '../../nodes/card-api/delivery/protocol';
import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { endsOf, recordOf, scenarios, search, type Finding, type Scenario, type Tables } from './protocolModel/model';

/** How many things may go otherwise than well. */
const DEPTH = isFull ? 4 : 3;

/** A changed table is caught by what happens soon. */
const MUTANT_DEPTH = 3;

/** The API's wordings that the changed tables are tried with. */
const TELLING = ['notKnown error spoken', 'notKnown error plain', 'ambiguous ambiguous plain', 'vague error plain', 'ambiguous error spoken'];

/** The same numbers in every run. */
const SEED = 20_260;

test(sizeOf('whatever the network and the API do, the protocol tells the truth and acts once'), () => {
	const found = scenarios().map((scenario) => ({ scenario, ...search(scenario, DEPTH) }));
	const sum = (of: 'states' | 'steps' | 'ends') => found.reduce((total, each) => total + each[of], 0);
	console.info(`${found.length} beginnings, ${sum('states')} states, ${sum('steps')} steps, ${sum('ends')} ends, to a depth of ${DEPTH}`);
	expect(found.flatMap(({ scenario, violation }) => (violation === undefined ? [] : [{ scenario, violation }])).slice(0, 5)).toEqual([]);
}, HANGS_AFTER_MS);

interface Mutant {
	table: keyof Tables;
	row: string;
	cell: string;
	right: string;
	move: string;
}

function mutantsOf(table: keyof Tables, rows: Readonly<Record<string, Readonly<Record<string, string>>>>): Mutant[] {
	return Object.entries(rows).flatMap(([row, cells]) =>
		Object.entries(cells).flatMap(([cell, right]) => movesIn(table, rows, cell).filter((move) => move !== right).map((move) => ({ table, row, cell, right, move }))),
	);
}

/** What may stand in a cell: any of a table's moves, but of the beginnings only what its column has. */
function movesIn(table: keyof Tables, rows: Readonly<Record<string, Readonly<Record<string, string>>>>, column: string): string[] {
	return [...new Set(Object.values(rows).flatMap((row) => (table === 'firstMoves' ? [row[column] ?? ''] : Object.values(row))))];
}

/** Of these, asking tells no outcome that is told as somebody's. */
const TAKES_NOTHING = ['read', 'once', 'checking', 'rechecking'];

/** Moves that come to the same in some rows, where nothing was refused yet or something was turned away. */
const SAME = [
	{ moves: ['used', 'failOrUsed'], rows: ['checking', 'rechecking'] },
	{ moves: ['unsent', 'refusalStands'], rows: ['checking', 'rechecking', 'walking', 'deflected'] },
];

/** Changes that nothing can depend on. */
const isIdle = ({ table, row, cell, right, move }: Mutant) =>
	(table === 'firstMoves' && cell === 'from' && TAKES_NOTHING.includes(row)) ||
	(table === 'afterLookup' && SAME.some(({ moves, rows }) => rows.includes(row) && moves.includes(right) && moves.includes(move)));

function changed(mutant: Mutant): Tables {
	const tables = structuredClone({ afterSend: AFTER_SEND, afterLookup: AFTER_LOOKUP, firstMoves: FIRST_MOVES }) as unknown as Record<string, Record<string, Record<string, string>>>;
	const row = tables[mutant.table]?.[mutant.row];
	if (row !== undefined) row[mutant.cell] = mutant.move;
	return tables as unknown as Tables;
}

function firstViolation(mutant: Mutant, beginnings: readonly Scenario[]): Finding['violation'] {
	const tables = changed(mutant);
	for (const scenario of beginnings) {
		try {
			const { violation } = search(scenario, MUTANT_DEPTH, tables);
			if (violation !== undefined) return violation;
		} catch (error) {
			// A move that does not fit where it stands at all.
			if (error instanceof TypeError) return { what: error.message, trace: [] };
			throw error;
		}
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

/** How the standings are reached: those that reach a changed row at once are searched first. */
const FROM: Readonly<Record<string, readonly string[]>> = {
	checked: ['checking'],
	refused: ['neverSent'],
	refusedAsTwin: ['neverSent'],
	refusedChecked: ['checking'],
	refusedInDoubt: ['inDoubt'],
	deflected: ['neverSent'],
	unclear: ['neverSent'],
};

test(sizeOf('each cell of the tables counts: a change is caught'), () => {
	const all = [...mutantsOf('firstMoves', FIRST_MOVES), ...mutantsOf('afterSend', AFTER_SEND), ...mutantsOf('afterLookup', AFTER_LOOKUP)];
	const mutants = picked(all.filter((mutant) => !isIdle(mutant)));
	const telling = scenarios().filter(({ dialect, pollMs }) => pollMs === 4_000 && TELLING.includes(`${dialect.notKnown} ${dialect.failed} ${dialect.repeat}`));
	const ordered = (row: string) => {
		const first = (scenario: Scenario) => Number((FROM[row] ?? [row]).includes(scenario.known));
		return [...telling].sort((a, b) => first(b) - first(a));
	};
	const survivors = mutants.filter((mutant) => firstViolation(mutant, ordered(mutant.row)) === undefined);
	console.info(`${mutants.length} changed tables, ${mutants.length - survivors.length} caught`);
	expect(survivors.map(({ table, row, cell, move }) => `${table}.${row}.${cell} → ${move}`)).toEqual([]);
}, HANGS_AFTER_MS);

describe('as a relation', () => {
	const told = (beginning: Parameters<typeof endsOf>[0]) => new Set(endsOf(beginning).map(({ is, from, recorded }) => `${is} ${from}${recorded ? ' recorded' : ''}`));

	test('an earlier refusal that is recorded leads on to the next number', () => {
		expect(told({ known: 'walking', record: recordOf('error') })).toContain('failed earlier recorded');
		expect(told({ known: 'neverSent', record: recordOf('error') })).toContain('failed earlier recorded');
		expect(told({ known: 'neverSent' })).not.toContain('failed earlier recorded');
	});

	test('whatever is told, what is done is done once', () => {
		for (const end of endsOf({ known: 'neverSent', isEvent: true, twin: 'ours', lagMs: 3_000 })) expect(end.effects).toBeLessThanOrEqual(1);
	});
});
