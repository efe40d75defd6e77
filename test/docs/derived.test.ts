import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { derivedParts } from './derived';

test('what is said of the operations is what their files say; else run: npm run docs', async () => {
	const parts = await derivedParts();
	expect(parts.length).toBeGreaterThan(4);
	for (const part of parts) {
		const text = readFileSync(join(__dirname, '../..', part.file), 'utf8');
		expect([part.file, part.withIt(text)]).toEqual([part.file, text]);
	}
});
