import { hash } from 'node:crypto';

import { normalAmount } from '../../FreedomPayCard/input/amounts';
import { canonicalJson } from '../../card-api/json/canonical';
import type { JsonObject } from '../../card-api/json/exactJson';

/** How many bytes of a digest stand for an operation, and for what it says besides. */
export const KEY_BYTES = 6;
export const REST_BYTES = 2;

/** An operation of a statement, and what it is known by. */
export interface Operation {
	fields: JsonObject;
	/** When it was, in ms since 1970; undefined where the answer does not tell. */
	instant: number | undefined;
	/**
	 * What it is known by: an operation has no id, so that is when it was, its RRN, its amount and currency. Equal ones may be two
	 * operations, since nothing says that they are one.
	 */
	key: string;
	/** All that may change afterwards, such as its type and commission. */
	rest: number;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const WITH_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** When an operation was. A time without a zone, which the documentation does not show, is read as UTC. */
function instantOf(datetime: unknown): number | undefined {
	if (typeof datetime !== 'string') return undefined;
	const text = datetime.trim();
	const instant = DATE_TIME.test(text) ? Date.parse(WITH_ZONE.test(text) ? text : `${text}Z`) : NaN;
	return Number.isNaN(instant) ? undefined : instant;
}

function amountOf(amount: unknown): unknown {
	return typeof amount === 'number' || typeof amount === 'string' ? normalAmount(amount) : amount;
}

function plainly(value: unknown): unknown {
	return typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : value;
}

function digestOf(content: unknown): Buffer {
	return hash('sha256', canonicalJson(content), 'buffer');
}

/** Reads an entry of a statement. Whatever it holds, it is an operation. */
export function operationOf(entry: unknown): Operation {
	const isFields = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
	const fields = isFields ? (entry as JsonObject) : { operations: entry };
	const { datetime, rrn, amount, currency, ...rest } = fields;
	const instant = instantOf(datetime);
	const known = [instant ?? plainly(datetime), plainly(rrn), amountOf(amount), plainly(currency)];
	return {
		fields,
		instant,
		key: digestOf(known).toString('latin1', 0, KEY_BYTES),
		rest: digestOf(rest).readUInt16BE(0),
	};
}
