/**
 * Lints code as if it stood in a file of this project, by the project's own rules.
 *
 * Standard input: a JSON list of `{ filePath, code }`. Standard output: for each, the errors of n8n's two plugins, as text.
 */
import { text } from 'node:stream/consumers';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

// n8n's rules look at the text alone: without the rules that ask for types, the compiler need not read the whole project first.
const eslint = new ESLint({ overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }] });
const found: string[][] = [];
for (const { filePath, code } of JSON.parse(await text(process.stdin)) as Array<{ filePath: string; code: string }>) {
	const results = await eslint.lintText(code, { filePath });
	const ofN8n = results.flatMap(({ messages }) => messages).filter(({ ruleId, severity, fatal }) => fatal || (severity === 2 && /^(?:@n8n\/|n8n-nodes-base\/)/.test(ruleId ?? '')));
	found.push(ofN8n.map(({ ruleId, line, message }) => `${ruleId ?? 'syntax'}, line ${line}: ${message}`));
}
console.log(JSON.stringify(found));
