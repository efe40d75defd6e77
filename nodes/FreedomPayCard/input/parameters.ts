import type { IExecuteFunctions, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { holdsExpression } from '../../card-api/json/expressions';
import type { Given } from './given';

/** What of n8n's context gives the node's parameters. */
export type ParameterContext = Pick<IExecuteFunctions, 'getNode' | 'getNodeParameter'>;

/** An expression that is a field of the item and nothing else, as n8n writes it when a field is dragged in. */
const FIELD = /^=\{\{ *\$json\.([A-Za-z_][A-Za-z0-9_]*) *\}\}$/;

/**
 * The node's parameters, as n8n gives them for an item.
 *
 * Of many items, asking n8n for each parameter of each one costs more than all else that this node does. So one without an expression,
 * which is the same for all, is asked for once; and an expression that is just a field of the item is looked up in the item, as long
 * as it is text, a number or a boolean there, which n8n hands over as they are.
 */
export class Parameters {
	private readonly typed: INodeParameters;

	private readonly constants = new Map<string, unknown>();

	/** The field that a parameter is, by its name. */
	private readonly fields: ReadonlyMap<string, string>;

	constructor(
		private readonly context: ParameterContext,
		private readonly items: readonly INodeExecutionData[],
	) {
		this.typed = context.getNode().parameters;
		const fields = Object.entries(this.typed).map(([name, typed]) => [name, typeof typed === 'string' ? FIELD.exec(typed)?.[1] : undefined] as const);
		this.fields = new Map(fields.filter((entry): entry is [string, string] => entry[1] !== undefined));
	}

	/**
	 * A parameter as it comes out for an item; null where the panel has none of that name.
	 * @throws whatever n8n throws for an expression that fails
	 */
	valueOf(name: string, itemIndex: number): unknown {
		if (this.constants.has(name)) return this.constants.get(name);
		const field = this.fieldOf(name, itemIndex);
		if (field !== undefined) return field;
		const value: unknown = this.context.getNodeParameter(name, itemIndex, null);
		if (!holdsExpression(this.asTyped(name))) this.constants.set(name, value);
		return value;
	}

	/** A parameter as it comes out for an item, and as it was typed. */
	givenTo(name: string, itemIndex: number): Given {
		return { value: this.valueOf(name, itemIndex), typed: this.typed[name] };
	}

	private fieldOf(name: string, itemIndex: number): string | number | boolean | undefined {
		const field = this.fields.get(name);
		const json = this.items[itemIndex]?.json;
		const value = field !== undefined && json !== undefined && Object.hasOwn(json, field) ? json[field] : undefined;
		return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
	}

	/** Whether a parameter comes out the same for every item. */
	isConstant(name: string): boolean {
		return this.constants.has(name);
	}

	/** A parameter as the user saved it, its expressions as text. */
	asTyped(name: string): unknown {
		return this.typed[name];
	}
}
