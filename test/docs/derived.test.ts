import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { derivedParts, withPart } from './derived';

test('what the pages say of the operations is what the declarations say; else run: npm run docs', async () => {
	const parts = await derivedParts();
	expect(parts.length).toBeGreaterThan(4);
	for (const part of parts) {
		const page = readFileSync(join(__dirname, '../..', part.page), 'utf8');
		expect({ ...part, page: withPart(page, part) }).toEqual({ ...part, page });
	}
});
