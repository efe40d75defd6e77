import fc from 'fast-check';

import { bodies, bodyTexts } from '../support/arbitraries';
import { useSandbox } from '../support/bench';
import { fromHttpRequestNode, fromOwnNode, makeRequests, type RequestToMake } from '../support/requester';
import { expectAllSigned } from '../support/signatures';

/* The bytes that are signed are the bytes that are sent. */

const JSON_TYPE = { 'content-type': 'application/json' };
const sandbox = useSandbox({ partnerKey: 'pärtner-key 🔑' });

describe.each(['HS512', 'HS256'] as const)('1,000 random bodies with %s', (algorithm) => {
	test('arrive as the very bytes that were signed', async () => {
		const seed = Date.now();
		const texts = fc.sample(bodyTexts, { numRuns: 500, seed });
		const objects = fc.sample(bodies, { numRuns: 500, seed });
		const url = `${sandbox.url}/v5/card-api/any`;
		const requests = [
			...texts.map((text, index): RequestToMake => {
				switch (index % 3) {
					case 0:
						return fromOwnNode(url, { body: Buffer.from(text) });
					case 1:
						return fromOwnNode(url, { body: text });
					default:
						return fromHttpRequestNode(url, { body: text, headers: JSON_TYPE });
				}
			}),
			...objects.map((body, index) =>
				index % 2 === 0 ? fromOwnNode(url, { body: body as never }) : fromHttpRequestNode(url, { body, json: true }),
			),
		];
		// The sandbox does not know the path: that it can tell is enough here.
		await makeRequests({ ...sandbox.credential, algorithm }, requests);

		const arrived = sandbox.journal.all.map(({ rawBody }) => rawBody.toString('utf8'));
		const expected = [...texts, ...objects.map((body) => JSON.stringify(body))];
		expect({ seed, arrived }).toEqual({ seed, arrived: expected });
		expectAllSigned(sandbox, algorithm);
	});
});
