import { ExpressionParser, type IExecuteFunctions } from 'n8n-workflow';

import { isExpression, isOfModel, type Given } from './given';
import { refusal, type Rule } from './refusals';
import { isBlank, quoted } from '../../card-api/text/signs';

/** What of n8n's context evaluates a part of an expression. */
export type ExpressionContext = Pick<IExecuteFunctions, 'evaluateExpression'>;

/** What JavaScript writes for a value that is none, wherever it stands. */
const NO_VALUE = /undefined|\[object |Invalid Date/;

/** The same, where words may hold it. */
const NO_VALUE_ALONE = /(?<![\p{L}\p{N}])(?:null|NaN)(?![\p{L}\p{N}])/u;

/** What a part of an expression gave instead of text or a number; undefined when it gave such. */
function lackOf(value: unknown): string | undefined {
	if (isBlank(value)) return 'nothing';
	if (typeof value === 'number' && Number.isNaN(value)) return 'no number';
	if (Array.isArray(value)) return 'a list';
	return typeof value === 'object' || typeof value === 'function' ? 'an object' : undefined;
}

/** The codes between `{{` and `}}`, where there is more than one such and nothing else: n8n writes what each gives into a text. */
function partsOf(typed: string): string[] {
	const chunks = ExpressionParser.splitExpression(typed.slice(1));
	const codes = chunks.filter(({ type }) => type === 'code').map(({ text }) => text);
	const isOnlyCode = chunks.every(({ type, text }) => type === 'code' || text === '');
	return codes.length === 1 && isOnlyCode ? [] : codes;
}

function partRule(context: ExpressionContext, typed: string, itemIndex: number): Rule | undefined {
	for (const part of partsOf(typed)) {
		// As n8n writes a bracket inside one.
		const code = `{{${part.replace('}}', '\\}}')}}}`;
		const lack = lackOf(context.evaluateExpression(code, itemIndex));
		if (lack !== undefined) return { is: 'hollow', part: `{{${part}}}`, lack };
	}
	return undefined;
}

/**
 * Refuses an id that stands for a command, if a model makes it up: it would make another one at every call.
 * @throws {BadInput}
 */
export function refuseIdOfModel(label: string, typed: unknown): void {
	if (isOfModel(typed)) throw refusal(label, undefined, { is: 'ofModel' });
}

/**
 * Refuses an Event ID that a missing field left its mark on: every such event would count as the same.
 * @param read the Event ID as it was read, undefined when it was left out
 * @throws {BadInput} and whatever n8n throws for a part of an expression that fails
 */
export function refuseHollow(context: ExpressionContext, label: string, { typed }: Given, read: string | undefined, itemIndex: number): void {
	if (read === undefined) return;
	const ofPart = isExpression(typed) ? partRule(context, typed, itemIndex) : undefined;
	const found = NO_VALUE.exec(read)?.[0] ?? NO_VALUE_ALONE.exec(read)?.[0];
	const rule: Rule | undefined = ofPart ?? (found === undefined ? undefined : { is: 'noValue', found });
	if (rule !== undefined) throw refusal(label, read, rule);
}

/** That an Event ID is the same for every item and every run; undefined where an expression gives it. */
export function fixedEventHint(label: string, { typed }: Given, read: string | undefined): string | undefined {
	if (read === undefined || (isExpression(typed) && typed.includes('{{'))) return undefined;
	return `${label} is the text ${quoted(read)} and no expression, so every run counts as the same event, and it acts once. Drag the ID of the event into the field instead.`;
}
