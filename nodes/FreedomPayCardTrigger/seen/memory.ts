import { KEY_BYTES, REST_BYTES, type Operation } from './operation';

const SECOND_BYTES = 4;
const RECORD_BYTES = SECOND_BYTES + KEY_BYTES + REST_BYTES;
const LAST_SECOND = 0xffff_ffff;

/** One operation that was seen. */
interface Record {
	/** When it was, in s since 1970; of one that does not tell, when it was last seen. */
	second: number;
	rest: number;
}

const secondOf = (ms: number): number => Math.min(LAST_SECOND, Math.max(0, Math.floor(ms / 1000)));

/** What there is for each key, in its order. */
function byKey<Value>(pairs: Iterable<readonly [key: string, value: Value]>): Map<string, Value[]> {
	const all = new Map<string, Value[]>();
	for (const [key, value] of pairs) {
		const known = all.get(key);
		if (known === undefined) all.set(key, [value]);
		else known.push(value);
	}
	return all;
}

/** Reads records that were written one after the other. */
function* recordsIn(bytes: Buffer): Iterable<readonly [key: string, record: Record]> {
	for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
		const key = bytes.toString('latin1', at + SECOND_BYTES, at + SECOND_BYTES + KEY_BYTES);
		yield [key, { second: bytes.readUInt32BE(at), rest: bytes.readUInt16BE(at + SECOND_BYTES + KEY_BYTES) }];
	}
}

/** What remains of the records when those of the rests given were taken out, each once. */
function without(records: readonly Record[], operations: readonly Operation[]): { left: Record[]; unmet: Operation[] } {
	const left = [...records];
	const unmet = operations.filter(({ rest }) => {
		const place = left.findIndex((record) => record.rest === rest);
		if (place !== -1) left.splice(place, 1);
		return place === -1;
	});
	return { left, unmet };
}

/** The operations of one card that were seen. Is never changed. */
export class Seen {
	private constructor(private readonly records: ReadonlyMap<string, readonly Record[]>) {}

	static readonly nothing = new Seen(new Map());

	/**
	 * Reads what `toText` wrote.
	 * @returns undefined for text that it did not write
	 */
	static fromText(text: string): Seen | undefined {
		const bytes = Buffer.from(text, 'base64');
		if (bytes.length % RECORD_BYTES !== 0 || bytes.toString('base64') !== text) return undefined;
		return new Seen(byKey(recordsIn(bytes)));
	}

	/** 12 bytes an operation, as base64. */
	toText(): string {
		const all = [...this.records].flatMap(([key, records]) => records.map((record) => ({ key, ...record })));
		const bytes = Buffer.alloc(all.length * RECORD_BYTES);
		for (const [index, { key, second, rest }] of all.entries()) {
			const at = index * RECORD_BYTES;
			bytes.writeUInt32BE(second, at);
			bytes.write(key, at + SECOND_BYTES, 'latin1');
			bytes.writeUInt16BE(rest, at + SECOND_BYTES + KEY_BYTES);
		}
		return bytes.toString('base64');
	}

	/**
	 * Takes note of the operations of an answer.
	 *
	 * Of those that are known by the same, as many are new as the answer has more than were seen: which ones, what else they say
	 * tells, as far as it did not change. What was seen and is not in the answer stays seen.
	 * @param now in ms since 1970, for operations that do not tell their own time
	 */
	withAll(operations: readonly Operation[], now: number): { seen: Seen; unseen: Operation[] } {
		const answered = byKey(operations.map((operation) => [operation.key, operation] as const));
		const records = new Map(this.records);
		const isUnseen = new Set<Operation>();
		for (const [key, equal] of answered) {
			const known = this.records.get(key) ?? [];
			const { left, unmet } = without(known, equal);
			const more = Math.max(0, equal.length - known.length);
			for (const operation of unmet.slice(unmet.length - more)) isUnseen.add(operation);
			const noted = equal.map(({ instant, rest }): Record => ({ second: secondOf(instant ?? now), rest }));
			records.set(key, [...noted, ...left.slice(0, Math.max(0, known.length - equal.length))]);
		}
		return { seen: new Seen(records), unseen: operations.filter((operation) => isUnseen.has(operation)) };
	}

	/** Forgets what was before a time, in ms since 1970. */
	since(from: number): Seen {
		const first = secondOf(from);
		const kept = [...this.records].flatMap(([key, records]): Array<[string, readonly Record[]]> => {
			const left = records.filter(({ second }) => second >= first);
			return left.length === 0 ? [] : [[key, left]];
		});
		return new Seen(new Map(kept));
	}
}
