const { readFileSync } = require('node:fs');

const { default: Sequencer } = require('@jest/test-sequencer');

/** Those that take long without a whole and a small size. */
const LONG = /\/(?:output\/endings|signing\/sentAsSigned|package\/(?:reproducible|tarball)|panel\/lint|input\/blanks|delivery\/(?:oddAnswers|turnedAway|waiting))\.test\.ts$/;

/** Whether a file holds tests that run whole or small: those that take longest. */
const hasSizes = (file) => /from '[./]*support\/size'/.test(readFileSync(file, 'utf8'));

/**
 * Starts what takes long first, so that no worker is left alone with it at the end. Jest knows what took long when it ran the tests before,
 * which a fresh clone did not.
 */
module.exports = class extends Sequencer {
	sort(tests) {
		const long = new Set(tests.filter(({ path, duration }) => duration === undefined && (LONG.test(path) || hasSizes(path))));
		const sorted = super.sort(tests);
		return [...sorted.filter((test) => long.has(test)), ...sorted.filter((test) => !long.has(test))];
	}
};
