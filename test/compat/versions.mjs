import { readdirSync } from 'node:fs';

import { VERSIONS_FOLDER } from '../n8n/paths.mjs';

const numbersOf = (version) => version.split('.').map(Number);

function byNumber(a, b) {
	const [left, right] = [numbersOf(a), numbersOf(b)];
	const place = left.findIndex((number, index) => number !== right[index]);
	return place === -1 ? 0 : left[place] - right[place];
}

/** The n8n versions that the package is tested with, oldest first: the first one is the oldest that it promises to run in. */
export const versions = readdirSync(VERSIONS_FOLDER).sort(byNumber);
