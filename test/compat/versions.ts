import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { VERSIONS_FOLDER } from '../n8n/paths.mjs';

const numbersOf = (version) => version.split('.').map(Number);

function byNumber(a, b) {
	const [left, right] = [numbersOf(a), numbersOf(b)];
	const place = left.findIndex((number, index) => number !== right[index]);
	return place === -1 ? 0 : left[place] - right[place];
}

/** The n8n versions that the package is tried with, oldest first. */
export const versions = readdirSync(VERSIONS_FOLDER).sort(byNumber);

/**
 * What is known not to hold in a version: names of checks.
 *
 * @param {string} version
 * @returns {string[]}
 */
export const lacksOf = (version) => JSON.parse(readFileSync(join(VERSIONS_FOLDER, version, 'package.json'), 'utf8')).lacks ?? [];

/** The oldest version in which all of it holds: that is promised of this one and of every newer one. */
export const oldest = versions.find((version) => lacksOf(version).length === 0);
