import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { ICredentialType } from 'n8n-workflow';

import { loadEngine } from './engine';
import type { FromSizer, SizeJob, SizeReport, ToSizer } from './protocol';
import { answered } from './subjects/answered';
import { card } from './subjects/card';
import { itemsOf } from './subjects/subject';

/** Runs this package's node over lists of a size in a process of its own, with nothing sent, and tells what that cost. Ends with its parent. */

const WARM_UP = 2_000;
const KILOBYTE = 1024;
const DATA = { environment: 'custom', baseUrl: 'http://127.0.0.1:9', authId: 'partner', partnerKey: 'secret', algorithm: 'HS512' };

async function measure({ dist, root, items, parallel, cancelAfter }: SizeJob): Promise<SizeReport> {
	const file = join(dist, 'credentials', 'FreedomPayApi.credentials.js');
	const { FreedomPayApi } = createRequire(__filename)(file) as { FreedomPayApi: new () => ICredentialType };
	const credential = new FreedomPayApi();
	const sign = credential.authenticate as (fields: object, options: object) => Promise<unknown>;
	const node = card({ dist, parallel, waitForCompletion: true });
	let isWarm = false;
	const { type, report } = answered(node.type, async (options) => await sign(DATA, options), () => (isWarm ? cancelAfter : undefined));
	const engine = loadEngine(root, credential, DATA);
	const run = async (count: number) => {
		const commands = Array.from({ length: count }, () => ({ card_id: randomUUID(), request_id: '', description: 'Lost by the cardholder' }));
		return await engine.run({ ...node, type }, itemsOf(commands));
	};
	await run(WARM_UP);
	isWarm = true;
	const results = await run(items);
	if (cancelAfter === undefined && results.length !== items) throw new Error(`${results.length} of ${items} items came out`);
	return { ...report(), peakBytes: process.resourceUsage().maxRSS * KILOBYTE };
}

process.on('message', ({ job }: ToSizer) => {
	measure(job).then(
		(report) => process.send?.({ say: 'done', report } satisfies FromSizer),
		(error: unknown) => {
			console.error(error);
			process.exit(1);
		},
	);
});
process.on('disconnect', () => process.exit());
