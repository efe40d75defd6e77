import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { operations } from '../../nodes/FreedomPayCard/methods';

const ROOT = join(__dirname, '../..');
const ASSETS = join(ROOT, '.github/assets');

/** Documents that show pictures, by their folder. */
const DOCUMENTS = ['', '.github', 'docs'].flatMap((place) => {
	const folder = join(ROOT, place);
	if (!existsSync(folder)) return [];
	return readdirSync(folder)
		.filter((file) => file.endsWith('.md'))
		.map((file) => [join(place, file), folder] as const);
});

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

test.each(DOCUMENTS)('%s shows pictures that are there', (file, folder) => {
	const text = readFileSync(join(ROOT, file), 'utf8');
	const shown = [...text.matchAll(/\]\(([^)\s]+\.png)\)|(?:src|srcset)="([^"]+)"/g)].map(([, inMarkdown, inHtml]) => inMarkdown ?? inHtml ?? '');
	const missing = shown.filter((target) => !/^https?:/.test(target) && !existsSync(join(folder, target)));
	expect(missing).toEqual([]);
});
