import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { FreedomPayApi } from '../../credentials/FreedomPayApi.credentials';
import { FreedomPayCard } from '../../nodes/FreedomPayCard/FreedomPayCard.node';
import { FreedomPayCardTrigger } from '../../nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node';

/*
 * n8n's lint sees literals only, and this panel is computed: here it is written out as literals, in the form of a node's file, and
 * both of n8n's plugins look at it.
 */

const ROOT = join(__dirname, '../..');

/** As code is written: keys without quotes, which is how the plugins know them, and n8n's constant for a connection. */
function asCode(value: unknown): string {
	return JSON.stringify(value, null, '\t')
		.replace(/^(\s*)"([a-zA-Z_]\w*)":/gm, '$1$2:')
		.replace(/(inputs|outputs): \[\s*"main"\s*\]/g, '$1: [NodeConnectionTypes.Main]');
}

const NODE = {
	filePath: 'nodes/FreedomPayCard/FreedomPayCard.node.ts',
	code: `import { NodeConnectionTypes, type IExecuteFunctions, type INodeExecutionData, type INodeType, type INodeTypeDescription } from 'n8n-workflow';

export class FreedomPayCard implements INodeType {
	description: INodeTypeDescription = ${asCode(new FreedomPayCard().description)};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [];
	}
}
`,
};

const TRIGGER = {
	filePath: 'nodes/FreedomPayCardTrigger/FreedomPayCardTrigger.node.ts',
	code: `import { NodeConnectionTypes, type INodeExecutionData, type INodeType, type INodeTypeDescription, type IPollFunctions } from 'n8n-workflow';

export class FreedomPayCardTrigger implements INodeType {
	description: INodeTypeDescription = ${asCode(new FreedomPayCardTrigger().description)};

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		return null;
	}
}
`,
};

const { name, displayName, icon, documentationUrl, properties, test: request } = new FreedomPayApi();
const CREDENTIAL = {
	filePath: 'credentials/FreedomPayApi.credentials.ts',
	code: `import type { ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

export class FreedomPayApi implements ICredentialType {
	name = ${asCode(name)};

	displayName = ${asCode(displayName)};

	icon = ${asCode(icon)} as const;

	documentationUrl = ${asCode(documentationUrl)};

	properties: INodeProperties[] = ${asCode(properties)};

	test: ICredentialTestRequest = ${asCode(request)};
}
`,
};

/** What would be wrong if this stood in the panel. */
const WRONG: ReadonlyArray<readonly [what: string, right: string, wrong: string, rule: RegExp]> = [
	['an action in parentheses', '"Close a card for good"', '"Close a card (cannot be undone)"', /action-miscased/],
	['a list out of order', '"Gift Card"', '"Z Card"', /unsorted-items/],
	['a switch that does not say Whether', '"Whether to only check', '"If to only check', /boolean-without-whether/],
	['a token in plain sight', 'password: true', 'rows: 1', /password-missing/],
];

let found: string[][];
beforeAll(() => {
	const changed = WRONG.map(([, right, wrong]) => ({ ...NODE, code: NODE.code.replaceAll(right, wrong) }));
	const input = JSON.stringify([NODE, CREDENTIAL, TRIGGER, ...changed]);
	const script = join(ROOT, 'test/support/lintText.ts');
	// The older plugin looks at another file when it takes a run for one of its own tests.
	const env = { ...process.env, NODE_ENV: undefined, JEST_WORKER_ID: undefined };
	found = JSON.parse(execFileSync(process.execPath, [script], { cwd: ROOT, env, input, encoding: 'utf8', maxBuffer: 1e8 })) as string[][];
});

test("the panel, written out as literals, passes both of n8n's lint plugins", () => {
	expect(found[0]).toEqual([]);
});

test("the credential, written out as literals, passes both of n8n's lint plugins", () => {
	expect(found[1]).toEqual([]);
});

test("the trigger's panel, written out as literals, passes both of n8n's lint plugins", () => {
	expect(found[2]).toEqual([]);
});

test.each(WRONG.map(([what, , , rule], index): [string, RegExp, number] => [what, rule, index + 3]))('%s would be seen', (_, rule, index) => {
	expect(found[index]?.join('\n')).toMatch(rule);
});
