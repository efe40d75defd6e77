import { HANGS_AFTER_MS, isFull, sizeOf } from '../support/size';
import { exhaust, NOT_PROTECTED, wander, type Exception, type Found } from './rerunModel/model';
import { CHANGED_RULES, changedBeginnings, type Mutant } from './rerunModel/mutants';
import { SCENARIOS, UNPROTECTED } from './rerunModel/scenarios';

/** The same numbers in every run. */
const SEED = 20_260;

/** How many things may go otherwise than well in the walks that are all walked, and how many walks go at random. */
const OTHERS = isFull ? 2 : 1;
const WALKS = isFull ? 3_000 : 40;

/** How long a change may go unnoticed. */
const MUTANT_WALKS = 5_000;

test(sizeOf('however n8n runs it again, what is meant once is done once, and what is told is true'), () => {
	const found = SCENARIOS.flatMap((scenario, index) => [exhaust(scenario, OTHERS), wander(scenario, WALKS, SEED + index)].map((each) => ({ scenario: scenario.name, ...each })));
	const sum = (of: 'walks' | 'steps') => found.reduce((total, each) => total + each[of], 0);
	console.info(`${SCENARIOS.length} scenarios, ${sum('walks')} walks, ${sum('steps')} requests; all walks with ${OTHERS} other than well`);
	expect(found.flatMap(({ scenario, violation }) => (violation === undefined ? [] : [{ scenario, ...violation }])).slice(0, 3)).toEqual([]);
}, HANGS_AFTER_MS);

/** The walks of the scenarios that show it soonest, a few of each in turn. */
function caught({ rules, shownBy }: Mutant): Found['violation'] {
	const telling = SCENARIOS.filter(({ name }) => shownBy.some((part) => name.includes(part)));
	for (let walks = 0, round = 0; walks < MUTANT_WALKS; round++) {
		for (const scenario of telling) {
			const found = wander(scenario, 10, SEED + round, rules, true);
			walks += found.walks;
			if (found.violation !== undefined) return found.violation;
		}
	}
	return undefined;
}

const survivorsOf = (mutants: readonly Mutant[]) => mutants.filter((mutant) => caught(mutant) === undefined).map(({ name }) => name);

test(sizeOf('each cell of the table of beginnings counts: a change is caught'), () => {
	const mutants = changedBeginnings().filter((_, index) => isFull || index % 7 < 2);
	const survivors = survivorsOf(mutants);
	console.info(`${mutants.length} changed tables, ${mutants.length - survivors.length} caught`);
	expect(survivors).toEqual([]);
}, HANGS_AFTER_MS);

test('each rule counts: a change is caught', () => {
	const survivors = survivorsOf(CHANGED_RULES);
	console.info(`${CHANGED_RULES.length} changed rules, ${CHANGED_RULES.length - survivors.length} caught`);
	expect(survivors).toEqual([]);
}, HANGS_AFTER_MS);

/** Where nothing else is wrong as long as the user does not do it. */
const AVOIDED = ['eventAfterCrash', 'oldRetryOfOnce', 'onceAfterCrash', 'uuidOfTwo'];

test.each(Object.entries(NOT_PROTECTED))('%s: %s is not protected, and shows', (exception) => {
	const scenario = UNPROTECTED[exception as Exception];
	if (AVOIDED.includes(exception)) expect(wander(scenario, 200, SEED).violation).toBeUndefined();
	expect(wander(scenario, 20_000, SEED, undefined, true, exception as Exception).violation?.what).toBeDefined();
});
