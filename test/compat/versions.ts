import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { VERSIONS_FOLDER } from '../n8n/paths.mjs';

const numbersOf = (version: string): number[] => version.split('.').map(Number);

function byNumber(a: string, b: string): number {
	const right = numbersOf(b);
	const differences = numbersOf(a).map((number, place) => number - (right[place] ?? 0));
	return differences.find((difference) => difference !== 0) ?? 0;
}

/** The n8n versions that the package is tried with, oldest first. */
export const versions = readdirSync(VERSIONS_FOLDER).sort(byNumber);

/** What is known not to hold in a version: names of checks. */
export function lacksOf(version: string): string[] {
	const { lacks = [] } = JSON.parse(readFileSync(join(VERSIONS_FOLDER, version, 'package.json'), 'utf8')) as { lacks?: string[] };
	return lacks;
}

/** The oldest version in which all of it holds: that is promised of this one and of every newer one. */
export const oldest = versions.find((version) => lacksOf(version).length === 0);
