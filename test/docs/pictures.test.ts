import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { operations } from '../../nodes/card-api/methods';

const ROOT = join(__dirname, '../..');
const ASSETS = join(ROOT, '.github/assets');

function picturesIn(folder: string): string[] {
	const inside = join(ASSETS, folder);
	if (!existsSync(inside)) return [];
	return readdirSync(inside)
		.filter((file) => file.endsWith('.png'))
		.sort();
}

// `npm run screenshots` takes them.
test('every operation has a picture of its panel, and every such picture an operation', () => {
	const expected = operations.map(({ resource, operation }) => `${resource}-${operation}.png`);
	expect(picturesIn('operations')).toEqual(expected.sort());
});

test('every workflow has a picture of its canvas, and every such picture a workflow', () => {
	const workflows = readdirSync(join(ROOT, 'workflows')).filter((file) => file.endsWith('.json'));
	expect(picturesIn('workflows')).toEqual(workflows.map((file) => file.replace('.json', '.png')).sort());
});
