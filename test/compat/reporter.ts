import type { TestEvent } from 'node:test/reporters';

/** Node's test runner, told to write a line of JSON for each test. */
export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
	for await (const { type, data } of events) {
		if (type === 'test:pass' || type === 'test:fail') yield `${JSON.stringify({ name: data.name, passed: type === 'test:pass' })}\n`;
	}
}
