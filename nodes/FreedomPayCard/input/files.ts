import type { IExecuteFunctions } from 'n8n-workflow';

import { digest } from '../../card-api/json/digest';
import { BadInput, type Field, type FileValue } from '../../card-api/methods/define';
import { MAX_DOCUMENT_BYTES } from '../../card-api/methods/fields';
import type { Given } from './given';
import { lookedAt } from './looks';
import { Broken, refusal } from './refusals';
import { isBlank, quoted } from '../../card-api/text/signs';

/** What of n8n's context gives the files of the input. */
export type FileContext = Pick<IExecuteFunctions, 'getInputData' | 'helpers'>;

const PDF_MAGIC = '%PDF-';

/**
 * Checks a PDF document of an item. It is read again each time it is sent: a run's documents together may be larger than the memory.
 * @param given the name of the input field that holds it; a blank one is given back
 * @returns the {@link FileValue} in place of the name
 * @throws {BadInput} when there is no such file, or it is no PDF or too large
 */
export async function checkFile(context: FileContext, itemIndex: number, { label }: Field, given: Given): Promise<Given> {
	if (isBlank(given.value)) return given;
	if (typeof given.value !== 'string') throw new BadInput(label, 'must be the name of an input field with a file');
	const field = nameOf(label, given.value, given.typed);
	const binary = context.getInputData()[itemIndex]?.binary;
	const found = binary !== undefined && Object.hasOwn(binary, field) ? binary[field] : undefined;
	if (found === undefined) throw new BadInput(label, `names the input field ${quoted(field)}, which holds no file`);
	// Looked at first, so that a large file is not read at all.
	if (typeof found.bytes === 'number' && found.bytes > MAX_DOCUMENT_BYTES) throw new BadInput(label, 'must be at most 2 MB');
	const content = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	if (content.length > MAX_DOCUMENT_BYTES) throw new BadInput(label, 'must be at most 2 MB');
	if (content.toString('latin1', 0, PDF_MAGIC.length) !== PDF_MAGIC) throw new BadInput(label, 'must be a PDF file');
	const checked = digest(content);
	const file: FileValue = {
		byteLength: content.length,
		async base64() {
			const again = await context.helpers.getBinaryDataBuffer(itemIndex, field);
			if (digest(again) !== checked) throw new Error(`${label} is another file than the one that was checked`);
			return again.toString('base64');
		},
	};
	return { value: file };
}

function nameOf(label: string, value: string, typed: unknown): string {
	try {
		return lookedAt('file', value, typed);
	} catch (error) {
		throw error instanceof Broken ? refusal(label, value, error.rule) : error;
	}
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFile(value: unknown): value is FileValue {
	return isObject(value) && typeof value.base64 === 'function';
}

/**
 * Puts the files of a body in, as base64 text.
 * @returns a copy
 * @throws when a file cannot be read any more, or is another one than was checked
 */
export async function withFiles(body: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
	const filled: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(body)) {
		if (isFile(value)) filled[key] = await value.base64();
		else filled[key] = isObject(value) ? await withFiles(value) : value;
	}
	return filled;
}
