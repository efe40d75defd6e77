import type { IExecuteFunctions } from 'n8n-workflow';

import { BadInput } from '../methods/define';
import { MAX_DOCUMENT_BYTES } from '../methods/fields';
import { isBlank } from './values';

const PDF_MAGIC = '%PDF-';

/**
 * Reads a PDF document of an item as base64.
 * @param name the input field that holds it, as the user gave it; blank gives undefined
 * @throws {BadInput} when there is no such file, or it is no PDF or too large
 */
export async function readFile(context: IExecuteFunctions, itemIndex: number, label: string, name: unknown): Promise<string | undefined> {
	if (isBlank(name)) return undefined;
	if (typeof name !== 'string') throw new BadInput(label, 'must be the name of an input field with a file');
	const field = name.trim();
	const binary = context.getInputData()[itemIndex]?.binary;
	const file = binary !== undefined && Object.hasOwn(binary, field) ? binary[field] : undefined;
	if (file === undefined) throw new BadInput(label, `names the input field "${field}", which holds no file`);
	// Looked at first, so that a large file is not read at all.
	if (typeof file.bytes === 'number' && file.bytes > MAX_DOCUMENT_BYTES) throw new BadInput(label, 'must be at most 2 MB');
	const content = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	if (content.length > MAX_DOCUMENT_BYTES) throw new BadInput(label, 'must be at most 2 MB');
	if (content.toString('latin1', 0, PDF_MAGIC.length) !== PDF_MAGIC) throw new BadInput(label, 'must be a PDF file');
	return content.toString('base64');
}
