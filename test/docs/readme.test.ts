import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { operations, resources } from '../../nodes/card-api/methods';
import { innerFields, panelFields, type Field } from '../../nodes/card-api/methods/define';
import { CAUSES } from '../../nodes/card-api/methods/refusals';

/*
 * Each row of the tables of what happens, and of troubleshooting, is backed by tests: here it says by which. A row without one
 * fails, as does a test that is gone. docs/what-happens.md has all rows, the README those that most people meet, word for word.
 */

const ROOT = join(__dirname, '../..');
const textOf = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const readme = textOf('README.md');
const whatHappens = textOf('docs/what-happens.md');
const russian = textOf('docs/README.ru.md');

/** Where a row is shown to hold: file below `test/`, and a part of the title of each test. */
type Proof = Readonly<Record<string, readonly string[]>>;

/** By the beginning of the first cell. */
const WHAT_HAPPENS: Readonly<Record<string, Proof>> = {
	'an ID is empty': {
		'input/badItems.test.ts': ['stops the node before anything is sent', 'bad values fail alone with'],
		'input/createClient.test.ts': ['the phone number %j is refused', 'all that is missing is told at once'],
	},
	'an expression comes out blank': {
		'input/blanks.test.ts': ['a blank expression in $name is refused, unless that is declared harmless', 'left empty by hand'],
		'methods/contracts.test.ts': ['absence says no more than "not known" of the fields that its contract names'],
	},
	'`{{ $json.event_id }}`': {
		'intent/eventIds.test.ts': ['an ID that is an expression and comes out blank', 'refused, the field is named, nothing is sent'],
		'input/eventIds.test.ts': ['the part is named, and what to do', 'leaves "%s" behind: refused', 'words that only hold such letters are events'],
		'e2e/intents.test.ts': ['as an Event ID, nothing is sent'],
	},
	'an expression is typed or pasted': {
		'input/templates.test.ts': ['an expression that is none is refused, however it was typed', 'and so is one that an earlier step gave', 'may hold what they like'],
		'input/eventIds.test.ts': ['a fixed text leaves a hint, an expression none'],
	},
	'a spreadsheet made': { 'input/numbers.test.ts': ["'1.23E+05'", "'15000.300000000001'", "'1 500,50'", 'is one amount however it is written', 'the phone number %j is refused'] },
	'a sign that nobody sees': {
		'input/signs.test.ts': ['blanks and invisible signs around it are not sent', 'an invisible sign inside it is refused, and named', 'a letter of another alphabet in %s is named', 'may be in any alphabet'],
	},
	'a day comes with a time': { 'input/days.test.ts': ["a Data Table's text", 'a midnight in another zone, as it is written', '%s is no day'] },
	'the Start or End Date': { 'input/days.test.ts': ['a date alone is the whole day in a period', 'the day that the picker ends a period with is in it, and a hint says so'] },
	'a limit or an account has a type': {
		'input/choices.test.ts': ['a slip of an expression is refused too', 'another value is sent in its place', 'a limit without an amount is refused'],
	},
	'two items of a run are the same': {
		'intent/equalItems.test.ts': [
			'none is sent, and the items are named', 'Event IDs tell them apart', 'one is sent, the others take its outcome over', 'to and fro, nobody can say what is meant', 'go out as they are asked for, with a hint on those that nothing tells apart',
		],
	},
	'FreedomPay cannot be reached': { 'delivery/giftCards.test.ts': ['never sent: tried three times'] },
	"n8n's SSRF protection or": {
		'delivery/ssrfProtection.test.ts': ['not sent, the protection is named, and it is not tried again'],
		'delivery/proxy.test.ts': ['not sent, and not tried again'],
		'e2e/network.test.ts': ['a host that is not allowed: an item that was not sent', 'that wants another name and password: not sent, and asked once'],
	},
	'the certificate of the host': { 'delivery/certificates.test.ts': ['an authority that n8n does not know', 'a certificate that is %s', 'a certificate for another host'] },
	'the connection breaks': {
		'delivery/lostAnswers.test.ts': ['asked for, not known, sent again with the same bytes', 'lost three times: never more than three sends', 'an unknown outcome'],
		'delivery/protocol.test.ts': ['the protocol tells the truth and acts once'],
	},
	'the same happens to a gift card': { 'delivery/giftCards.test.ts': ['sent once, unknown, with a way to check'], 'delivery/setPin.test.ts': ['sent once, unknown'] },
	'the same CRM event comes twice (with': {
		'intent/requestIds.test.ts': ['the same event delivered twice, in two executions, acts once'],
		'intent/earlierRequests.test.ts': ['is told as the earlier failure when it is delivered again, with what would help'],
	},
	'the same CRM event comes twice at the same moment': {
		'delivery/twins.test.ts': ['one event delivered twice at the same moment', 'a refusal that does not speak of a repeat, and is not known'],
		'e2e/intents.test.ts': ["by a double click on n8n's Retry"],
	},
	'the same event comes again after': { 'intent/earlierRequests.test.ts': ['leaves a hint with how many and since when, each time', 'stands in the message of a run that stops'] },
	'one event is used for two commands': { 'intent/eventIds.test.ts': ['in a Link and a Close: two IDs, two effects', 'is another command: two IDs, two effects'] },
	'a typed Request ID is used already': {
		'intent/requestIds.test.ts': ['a UUID that was used for something else: told as used'],
		'intent/typedRequestIds.test.ts': ['the same typed UUID in two items'],
	},
	'Retry On Fail is on': {
		'intent/retryOnFail.test.ts': ['Retry On Fail after item 3 of 5 failed'],
		'intent/retryButton.test.ts': ['the button Retry', 'a corrected card is another command'],
		'intent/exceptions.test.ts': ['Retry On Fail with %s', 'another item failed'],
	},
	'before that Retry you change': {
		'intent/retry.test.ts': ['an Event ID is added', 'the node is cut and pasted', '%s before the Retry: each is made once', 'leaves a hint', 'an outcome that was taken over under a wrong Event ID is asked for again', 'another amount is another refund', 'another partner is sent everything again'],
		'e2e/intents.test.ts': ["n8n's Retry of a run of refunds that stopped, after the node was edited"],
	},
	'you click Retry on the *original*': {
		'intent/exceptions.test.ts': ['does nothing again where no ID was edited', 'does again what the first Retry sent, where IDs were edited between the two', 'sets again the PINs that the first Retry set'],
	},
	'what FreedomPay refused is mended': {
		'intent/retry.test.ts': ['what was refused and is mended is sent under the next ID, and done'],
		'intent/earlierRequests.test.ts': ['is told as the earlier failure', 'acts under another Event ID once the cause is mended'],
	},
	'Retry On Fail or Retry meets Set PIN': {
		'intent/retryOnFail.test.ts': ['only what was surely not carried out goes out', 'unknown stays unknown', 'one that was refused is not sent again'],
		'intent/retry.test.ts': ['whose outcome is unknown stays so in a Retry', 'that was refused is sent in a Retry, when somebody has seen it, but not by Retry On Fail'],
	},
	'a Custom Request is run again': {
		'intent/retry.test.ts': ['with another body after one that is done fails, and nothing is sent', 'whose body comes out anew each time acts once over Retry On Fail'],
		'methods/custom/send.test.ts': ['the same event with the same body acts once, with another body twice'],
	},
	'failed items come back': {
		'intent/loops.test.ts': [
			'whose outcome is unknown comes back from the error output: done once', 'an item that is changed on the way is another command', 'an equal one of which nobody knows where it comes from is not sent', 'two equal refunds of two events',
		],
		'e2e/intents.test.ts': ['a failed item that is led back to the node by the error output'],
	},
	'the node is in a sub-workflow': {
		'intent/exceptions.test.ts': ['does everything again without Event IDs', 'does nothing again with them'],
		'e2e/intents.test.ts': ['that its caller runs again on failure: with Event IDs every refund happens once'],
	},
	'an AI agent asks': { 'tools/commands.test.ts': ['refunded once, and both calls get the outcome', 'with Retry On Fail'] },
	'n8n is killed in the middle': {
		'intent/retry.test.ts': ['every command with a request ID is done once, also in another order', 'equal refunds that meet are unknown'],
		'intent/exceptions.test.ts': ['everything is done again where an Event ID %s before the Retry', 'a PIN is set again', 'in an n8n that keeps no token'],
		'e2e/intents.test.ts': ['n8n killed in the middle of an execution, and its Retry'],
	},
	'you run it anew': { 'e2e/delivery.test.ts': ['kill'], 'intent/requestIds.test.ts': ['a new execution makes new ids'] },
	'FreedomPay says "too many requests"': { 'delivery/rateLimit.test.ts': ['a rate limit', 'it slows all items down'] },
	'the key is wrong': {
		'delivery/clearAnswers.test.ts': ['401: one request, the credential is named, no further item is started'],
		'credentials/tenants.test.ts': ['does not stop another'],
	},
	'the credential is missing': { 'run/continuing.test.ts': ['every item failed, and nothing was sent'], 'credentials/credentialTest.test.ts': ['with a Base URL without a scheme'] },
	'one of many items fails': {
		'output/stoppedRuns.test.ts': ['a run that stops'],
		'run/slots.test.ts': ['a stopped run lets those finish that are on their way'],
	},
	'the node is set to *Continue*': { 'run/continuing.test.ts': ['no item leaves as what it is not'] },
	'commands are still processing': { 'output/outcomes.test.ts': ['is a failed item, and keeps no other from starting', 'ends a run that stops on errors when all have ended', 'is a success where nobody waits'], 'output/stoppedRuns.test.ts': ['still being processed'] },
	'you run commands by hand': { 'output/hints.test.ts': ['is told in a manual run to a host of the user', 'stands in the message of a run that stops'] },
	'Dry Run is on': { 'output/hints.test.ts': ['says that nothing was sent'] },
	'a list is empty, or longer': {
		'output/hints.test.ts': ['says how many entries there are'],
		'output/lists.test.ts': ['no operation gives no item, and a hint'],
	},
	'you cancel the execution': { 'run/canceling.test.ts': ['with requests in flight: nothing new is sent'] },
	'FreedomPay answers a command with a status': {
		'delivery/statusWords.test.ts': ['a word that is not documented'],
		'delivery/clearAnswers.test.ts': ['an unknown status word, for good: no outcome'],
	},
	'a page or a redirect': { 'delivery/turnedAway.test.ts': ['a command that is turned away before the API', 'new items wait', "[[303, 'unknown'], [304, 'unknown']"] },
	"FreedomPay's answer is nested": { 'delivery/oddAnswers.test.ts': ['is a success where it says so, and the others are sent', 'deeper parts say that they are left out'] },
	'FreedomPay answers with new fields': { 'delivery/statusWords.test.ts': ['a read passes it on'], 'methods/contracts.test.ts': ['request as documented, answer whole'] },
};

/** By the beginning of the first cell. */
const TROUBLESHOOTING: Readonly<Record<string, Proof>> = {
	'*FreedomPay refused the signature': {
		'credentials/credentialTest.test.ts': ['a wrong credential fails'],
		'delivery/clearAnswers.test.ts': ['401: one request, the credential is named'],
	},
	'*begins or ends with white space*': { 'credentials/credentialTest.test.ts': ['with white space after the Partner Key'] },
	'*The Partner Key holds': { 'credentials/credentialTest.test.ts': ['with a zero-width space in the Partner Key', 'with a Cyrillic letter in the Partner Key'], 'credentials/tenants.test.ts': ['whose key holds a sign that nobody sees'] },
	'*The Base URL': { 'credentials/credentialTest.test.ts': ['with a Base URL without a scheme'] },
	'`ENOTFOUND`': { 'e2e/firstHour.test.ts': ['a host where nothing answers', 'a host name that does not exist'] },
	'*The host answered with a web page*': {
		'credentials/credentialTest.test.ts': ['that answers with a web page'],
		'delivery/clearAnswers.test.ts': ['404 with a web page: a wrong path or environment'],
	},
	'*n8n does not trust the certificate': { 'delivery/certificates.test.ts': ['an authority that n8n does not know: NODE_EXTRA_CA_CERTS is the way'] },
	'*The certificate of': { 'delivery/certificates.test.ts': ['a certificate that is %s', 'a certificate for another host'] },
	'*… is an expression that gives nothing*': { 'input/blanks.test.ts': ['is an expression that gives nothing'] },
	'*… holds an expression that n8n takes for text*': { 'input/templates.test.ts': ['holds an expression that n8n takes for text'] },
	'*… holds a sign that cannot be seen*': { 'input/signs.test.ts': ['an invisible sign inside it is refused, and named', 'is Cyrillic'] },
	'*… as a spreadsheet shortens': { 'input/numbers.test.ts': ['as a spreadsheet shortens a long number'] },
	'*… is the same command in items': { 'intent/equalItems.test.ts': ['two equal ones among others stop a run before anything is sent'] },
	'*The request was sent with another body': { 'intent/retry.test.ts': ['with another body after one that is done fails'] },
	'*It is unknown whether this is the command': { 'intent/loops.test.ts': ['an equal one of which nobody knows where it comes from is not sent, and names the earlier one'] },
	'*card not found*': { 'output/nextSteps.test.ts': ['card not found'] },
	'*The Request ID is used already': { 'intent/requestIds.test.ts': ['a UUID that was used for something else'] },
	'*This is the outcome of an earlier request*': {
		'intent/earlierRequests.test.ts': ['is told as the earlier failure', 'acts under another Event ID'],
	},
	'the outcome `processing`': { 'delivery/waiting.test.ts': ['asks until what was left in process is done'], 'e2e/automations/reconcile.ts': ['Reconcile'] },
	'*It is unknown whether FreedomPay': {
		'delivery/lostAnswers.test.ts': ['an unknown outcome'],
		'intent/requestIds.test.ts': ['the same event delivered twice'],
	},
	'*FreedomPay could not be reached*': {
		'delivery/proxy.test.ts': ['goes through the proxy of n8n', 'a host in NO_PROXY', 'a proxy that cannot be reached'],
		'delivery/ssrfProtection.test.ts': ['a name that the proxy alone would know'],
	},
	'*The proxy that n8n is set to use refused': {
		'delivery/proxy.test.ts': ['that the proxy wants a name and password for', 'the proxy refuses with a page', 'a proxy whose address is not valid'],
		'e2e/network.test.ts': ['that refuses with a page of its own'],
	},
	"*n8n's SSRF protection blocked": {
		'delivery/ssrfProtection.test.ts': ['a host that is not allowed', 'an allowed host is reached'],
		'e2e/network.test.ts': ['the test of the credential passes where the host is allowed, and says why where it is not'],
	},
	'*[left out': { 'delivery/oddAnswers.test.ts': ['deeper parts say that they are left out'] },
	'the node is missing': {
		'e2e/start.test.ts': ['lists the package among the installed community nodes'],
		'e2e/network.test.ts': ['an installed package runs where n8n neither offers community packages nor installs unverified ones'],
	},
	'an older n8n': {
		'docs/readme.test.ts': ['the n8n versions that the README names are those that the tests run'],
		'compat/checks.ts': ["credential's test", 'loads, whole'],
	},
};

/** By the beginning of the first cell. */
const OUTCOMES: Readonly<Record<string, Proof>> = {
	'`done`': { 'delivery/lostAnswers.test.ts': ['asked for, not known, sent again with the same bytes', 'asked for, known, taken over'] },
	'`done_before`': { 'intent/requestIds.test.ts': ['the same event delivered twice, in two executions, acts once'] },
	'`dry_run`': { 'output/dryRun.test.ts': ['shows the request and sends nothing'] },
	'`processing`': { 'output/outcomes.test.ts': ['is a failed item, and keeps no other from starting', 'is a success where nobody waits', 'whether to try again follows'] },
	'`not_done`': {
		'delivery/giftCards.test.ts': ['never sent: tried three times'],
		'output/outcomes.test.ts': ["['input', undefined", 'whether to try again follows'],
	},
	'`refused`': { 'output/nextSteps.test.ts': ['card not found'], 'output/outcomes.test.ts': ['whether to try again follows'] },
	'`unknown`': { 'delivery/lostAnswers.test.ts': ['an unknown outcome'], 'output/outcomes.test.ts': ['whether to try again follows'] },
};

/** What stands between two comments of a page. */
const between = (page: string, name: string) => page.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';

/** The rows of the tables between two comments, without their heads. */
function rowsOf(page: string, name: string): string[] {
	const tables = between(page, name).split(/\n\n+/).map((part) => part.split('\n').filter((line) => line.startsWith('|')));
	return tables.flatMap((table) => table.slice(2));
}

const firstCell = (row: string) => row.split('|')[1]?.trim() ?? '';

/** Of the table of `docs/trigger.md`, by the beginning of the first cell. */
const TRIGGER: Readonly<Record<string, Proof>> = {
	'it is published for the first time': { 'trigger/publishing.test.ts': ['the past is not told at the first publishing', 'since it is younger', 'publishing does without the network'] },
	'a card is added': { 'trigger/publishing.test.ts': ['a card that is added is watched from then on, the others go on'] },
	'an operation is booked late': { 'trigger/newOperations.test.ts': ['one that is booked late comes out as far as Look Back reaches'] },
	'n8n is restarted, or': { 'trigger/publishing.test.ts': ['a start of n8n goes on from what was saved', 'what was unpublished is told at the next publishing', '31 days back at most, with a line in the log'] },
	'nothing has come out yet': { 'trigger/publishing.test.ts': ['before anything came out, n8n has nothing saved'] },
	'the trigger is renamed': { 'trigger/publishing.test.ts': ['another partner is a new beginning, another key is none'], 'e2e/trigger.test.ts': ['renamed, duplicated or imported, it begins anew'] },
	'a Code node writes': { 'e2e/trigger.test.ts': ['a Code node that writes the static data can put back what was remembered'] },
	'n8n is killed in the milliseconds': { 'e2e/trigger.test.ts': ['n8n killed right after a poll'] },
	'some cards cannot be read': { 'trigger/troubles.test.ts': ['the others come out, and those that failed go on from where they were', 'are an error once a day, in a poll that has nothing else to give'] },
	'no card can be read': { 'trigger/troubles.test.ts': ['are nothing the first time, an error from the second on, and that hourly at most'] },
	'FreedomPay refuses the credential': { 'trigger/troubles.test.ts': ['who publishes with a credential that FreedomPay refuses hears so', "at n8n's start nobody would: the next poll says it", 'settings that cannot be used are an error at once'] },
	'a poll takes longer': { 'trigger/troubles.test.ts': ['a poll that starts while another is on its way gives nothing'] },
	'the time that n8n gives': { 'trigger/troubles.test.ts': ['is kept, and what was not reached comes first the next time'] },
};

const IN_BOTH = [
	{ name: 'what-happens', page: whatHappens, proofs: WHAT_HAPPENS },
	{ name: 'troubleshooting', page: whatHappens, proofs: TROUBLESHOOTING },
];

test.each(IN_BOTH)('the table $name has rows in the README too, in the same words', ({ name }) => {
	const shown = rowsOf(readme, name);
	const all = rowsOf(whatHappens, name).map((row) => row.replaceAll('../README.md#', '#'));
	expect(shown.length).toBeGreaterThan(10);
	expect(shown.filter((row) => !all.includes(row))).toEqual([]);
});

describe.each([...IN_BOTH, { name: 'outcomes', page: readme, proofs: OUTCOMES }, { name: 'trigger', page: textOf('docs/trigger.md'), proofs: TRIGGER }])('the table $name', ({ name, page, proofs }) => {
	test('has a proof for every row, and no other', () => {
		const beginnings = Object.keys(proofs);
		const rows = rowsOf(page, name).map(firstCell);
		expect(rows).not.toEqual([]);
		expect(rows.map((row) => beginnings.filter((beginning) => row.startsWith(beginning)).length)).toEqual(rows.map(() => 1));
		expect(beginnings.filter((beginning) => !rows.some((row) => row.startsWith(beginning)))).toEqual([]);
	});

	test.each(Object.entries(proofs))('%s…', (_, proof) => {
		for (const [file, titles] of Object.entries(proof)) {
			const source = readFileSync(join(ROOT, 'test', file), 'utf8').replaceAll("\\'", "'");
			for (const title of titles) expect([file, title, source.includes(title)]).toEqual([file, title, true]);
		}
	});
});

test('the causes are those that there are, each with what it says', () => {
	const inReadme = readme.split('\n').find((line) => line.startsWith('| `cause` |')) ?? '';
	expect([...inReadme.matchAll(/`([^`]+)`/g)].map(([, word]) => word)).toEqual(['cause', ...CAUSES]);
	const table = textOf('docs/outputs.md').split('\n## Causes\n')[1]?.split('\n').filter((line) => line.startsWith('| `')) ?? [];
	expect(table.map(firstCell)).toEqual(['`cause`', ...CAUSES.map((cause) => `\`${cause}\``)]);
});

/** The fields of which a blank expression is left out, by their names in the panel. */
function mayComeOutBlank(fields: readonly Field[]): string[] {
	return panelFields(fields).flatMap((field) => [...(field.blank === 'leftOut' ? [field.label] : []), ...mayComeOutBlank(innerFields(field))]);
}

test('the fields that may come out blank are few, and those that are named', () => {
	const labels = [...new Set(operations.flatMap(({ fields }) => mayComeOutBlank(fields)))].sort();
	expect(labels.length).toBeLessThan(8);
	for (const page of ['README.md', 'docs/what-happens.md']) {
		const [, named = ''] = /Left out is only a blank (.*?), and whatever/.exec(textOf(page)) ?? [];
		expect([page, named.split(/, | or /).map((words) => words.replace(/ of a .*/, '')).sort()]).toEqual([page, labels]);
	}
	const [, inRussian = ''] = /Пропускаются только пустые (.*?) и то, что/.exec(russian) ?? [];
	expect(labels.filter((label) => !inRussian.includes(label))).toEqual([]);
});

test('the operations that have Simplify are those that are named', () => {
	const having = operations.filter(({ simplify }) => simplify !== undefined);
	const named = having.map(({ resource, name }) => `${resources[resource]}: ${name}`).join(' and ');
	expect(readme).toContain(`*Simplify* is on ${named}.`);
	expect(textOf('docs/fields.md')).toContain(`- **Simplify** (${named}) `);
});

/** Besides the table of operations, which is as long as there are operations. */
const MAX_README_LINES = 240;

test('the README is short enough to be read', () => {
	const besides = readme.replace(between(readme, 'operations'), '');
	expect(besides.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES);
});

test('every page of docs/ is reached from the README', () => {
	const linked = [...readme.matchAll(/\]\(docs\/([^)#]+)/g)].map(([, page]) => page);
	const elsewhere = [...textOf('docs/at-scale.md').matchAll(/\]\(([^)#:/]+\.md)/g)].map(([, page]) => page);
	expect(readdirSync(join(ROOT, 'docs')).filter((page) => ![...linked, ...elsewhere].includes(page))).toEqual([]);
});

const PAGES = ['README.md', '.github/CONTRIBUTING.md', '.github/SECURITY.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).map((page) => `docs/${page}`)];

/** The headings of a page, as GitHub names them in links. */
function anchorsOf(page: string): Set<string> {
	const headings = page.match(/^#{1,6} .*$/gm) ?? [];
	return new Set(headings.map((heading) => heading.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')));
}

test.each(PAGES)('every link and picture of %s leads somewhere', (page) => {
	const text = textOf(page);
	for (const [, inMarkdown, inHtml] of text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)) {
		const target = inMarkdown ?? inHtml ?? '';
		if (/^(?:https?|mailto):/.test(target)) continue;
		const [path = '', anchor] = target.split('#');
		const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
		expect([page, target, existsSync(file)]).toEqual([page, target, true]);
		if (anchor !== undefined) expect([target, anchorsOf(readFileSync(file, 'utf8')).has(decodeURIComponent(anchor))]).toEqual([target, true]);
	}
});

const listed = (versions: readonly string[]) => new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(versions);

test('the n8n versions that the README names are those that the tests run', () => {
	const folder = join(ROOT, 'test/compat/versions');
	const manifest = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { dependencies: { n8n: string }; lacks?: string[] };
	const versions = readdirSync(folder).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
	const isLacking = (version: string) => manifest(join(folder, version)).lacks !== undefined;
	const lacking = versions.filter(isLacking);
	const whole = versions.filter((version) => !isLacking(version));
	const [oldest = ''] = whole;

	// What is lacking, is lacking in the oldest ones.
	expect(versions).toEqual([...lacking, ...whole]);
	expect(between(readme, 'n8n-tested')).toBe(listed(whole));
	expect(between(textOf('docs/n8n-versions.md'), 'n8n-lacking')).toBe(listed(lacking));
	const named = [readme, textOf('docs/n8n-versions.md'), russian].flatMap((page) => [...page.matchAll(/n8n (\d+\.\d+(?:\.\d+)?)/g)].map(([, version]) => version));
	expect([...new Set(named)].sort()).toEqual([lacking[0], oldest].sort());

	// Both ends are tried as a whole n8n, too; the newest is the one that all other tests run in.
	expect(readdirSync(join(ROOT, 'test/compat/hosts'))).toEqual([oldest]);
	expect(manifest(join(ROOT, 'test/compat/hosts', oldest)).dependencies.n8n).toBe(oldest);
	expect(manifest(join(ROOT, 'test/n8n')).dependencies.n8n).toBe(whole.at(-1));
});

test('every example workflow is in the table, and no other', () => {
	for (const page of [readme, russian]) {
		const inTable = [...page.matchAll(/\]\((?:\.\.\/)?workflows\/([^)]+)\)/g)].map(([, file]) => file).sort();
		expect(inTable).toEqual(readdirSync(join(ROOT, 'workflows')).sort());
	}
});
