import { parse, stringify } from 'lossless-json';
import * as z from 'zod/v4-mini';

import { parseAnswer } from '../../json/exactJson';
import { jsonTextBytes, NotJson } from '../../json/jsonBytes';
import { isBlank } from '../../text/signs';
import { sampleAnswer } from '../answers';
import { BadInput, carriesRequestId, type AnswerKind, type Command, type Described, type Field, type Method, type Resolved } from '../define';
import { flag, json, oneOf, path, uuidSchema } from '../fields';
import type { InDocs } from '../inDocs';
import { namedOnly, suchAs } from '../namedOnly';
import { secretNamesIn } from '../secretNames';

const BODY = 'Body';

/** The body's own fields with their numbers as typed; a field that is there twice is refused. */
function exactFields(text: string): Record<string, unknown> {
	try {
		return parse(text) as Record<string, unknown>;
	} catch (error) {
		throw toBadInput(error);
	}
}

function toBadInput(error: unknown): BadInput {
	if (error instanceof NotJson) return new BadInput(BODY, error.path === '' ? error.reason : `has "${error.path}", which ${error.reason}`);
	const key = error instanceof Error ? /'(.*)'/s.exec(error.message)?.[1] : undefined;
	return new BadInput(BODY, key === undefined ? 'cannot be read' : `has the field "${key}" more than once`);
}

/** Checks text and makes the bytes to send of it. */
function checkedBytes(text: string): Buffer {
	try {
		return jsonTextBytes(text);
	} catch (error) {
		throw toBadInput(error);
	}
}

/** Stand-ins for the body's secret fields, however deep, so that they are masked as those of other methods are. */
function secretFields(body: Readonly<Record<string, unknown>>): Field[] {
	return [...new Set(secretNamesIn(body))].map((key) => ({ key, label: key, description: '', kind: 'secret', required: false, schema: z.unknown() }));
}

/** Inserts the request id, leaving every other number as it was typed. */
function withId(fields: Readonly<Record<string, unknown>>, requestId: string): Buffer {
	return Buffer.from(stringify({ request_id: requestId, ...fields }) ?? '', 'utf8');
}

/** Which of its fields are ids is unknown, and whether a second equal one is meant. */
const CHANGING = { identity: ['body'], repeat: 'asked', object: [], refusals: [] } as const;

const WITHOUT_ID = {
	...CHANGING,
	is: 'oneTimeCommand',
	ifUnknown: 'Do not repeat it blindly: it has no request ID, so FreedomPay cannot tell a repeat. Look first whether it was carried out, or ask FreedomPay.',
	ifAccepted: 'Look later whether it was carried out, or ask FreedomPay.',
} as const;

function methodOf(described: Described, isCommand: boolean, takesRequestId: boolean, ownId: string): Method {
	if (isCommand) return takesRequestId ? { ...described, ...CHANGING, is: 'command' } : { ...described, ...WITHOUT_ID };
	// A read's own id says what is read: it is sent as it is.
	return { ...described, is: 'read', requestId: takesRequestId && ownId === '' ? 'fresh' : 'none' };
}

function resolve(values: Readonly<Record<string, unknown>>): Resolved {
	const text = values.body as string;
	const typed = checkedBytes(text);
	const { request_id: given, ...rest } = exactFields(text);
	const body = Object.fromEntries(Object.entries(parseAnswer(text) ?? {}).filter(([key]) => key !== 'request_id'));
	const takesRequestId = values.takes_request_id === true;
	if (takesRequestId && !isBlank(given) && !z.safeParse(uuidSchema(), given).success) {
		throw new BadInput(BODY, 'has a request_id that is not a UUID such as 828cf71d-a447-4a67-a149-c1df8bc197ca');
	}
	const ownId = takesRequestId && typeof given === 'string' && !isBlank(given) ? given : '';
	const described: Described = {
		...send,
		name: values.path as string,
		path: values.path as string,
		answers: (values.answer_status ?? 'request') as AnswerKind,
		fields: secretFields(body),
	};
	const method = methodOf(described, values.retry_rule === 'command', takesRequestId, ownId);
	const isWhole = !carriesRequestId(method) && given !== undefined;
	return {
		method: isWhole ? { ...method, ids: ['request_id'] } : method,
		body: isWhole ? { request_id: given, ...body } : body,
		requestId: method.is === 'command' ? ownId : '',
		requestIdIsBlank: given !== undefined && isBlank(given),
		bytes: (id) => (id === undefined || ownId !== '' ? typed : withId(rest, id)),
		// Another body is another intent.
		identity: { body: rest },
	};
}

const send: Described = {
	resource: 'custom',
	operation: 'send',
	name: 'Send',
	action: ['Send a custom request', ...namedOnly.flatMap(({ does }) => does ?? []).map((does, index) => `${index === 0 ? 'to' : 'or'} ${does}`)].join(' '),
	subtitle: 'Send a custom request',
	description: `Call any other method by path and JSON body${suchAs(2)}`,
	path: '',
	source: 'https://docs.freedompay.kz/doc-760202',
	answers: 'request',
	fields: [
		path({
			key: 'path',
			label: 'Path',
			description: 'Path of the method below /v5/, without host and query',
			placeholder: 'e.g. card-api/card/unblock',
		}),
		oneOf(
			[
				{
					name: 'Changes Something',
					value: 'command',
					description: 'A command: after an unknown outcome it is sent again only if it has a request ID',
				},
				{ name: 'Only Reads', value: 'read', description: 'It is sent again when the answer fails to come' },
			],
			{
				key: 'retry_rule',
				label: 'Kind of Request',
				description: 'Whether the method changes something, which decides when it may be sent again',
				default: 'command',
			},
		),
		flag({
			key: 'takes_request_id',
			label: 'Send Request ID',
			description: 'Whether the documentation of the method names a field request_id. The node inserts it where the body has none.',
			default: true,
		}),
		json({
			key: 'body',
			label: BODY,
			description: 'Body as a JSON object, sent byte for byte as it is typed; only a missing request_id is inserted',
			default: '{}',
		}),
		oneOf(
			[
				{ name: 'Number', value: 'gift', description: 'The status is a number, 0 for success, as for gift cards' },
				{ name: 'Word', value: 'request', description: 'The status is ok or error, as for payment cards' },
			],
			{
				key: 'answer_status',
				label: 'Answer Status',
				description: 'How the answer says whether the request succeeded',
				default: 'request',
				required: false,
			},
		),
	],
	ids: [],
	notice:
		`For methods that are public by name only${suchAs()}. Take path and body from the documentation that FreedomPay gave you.`,
	answer: z.looseObject({}),
	resolve,
	sample: {
		request: {
			path: '/v5/card-api/card/unblock',
			retry_rule: 'command',
			takes_request_id: true,
			body: '{"card_id":"019ab688-bef2-72c4-6a29-d0e08be76d95","description":"Lost by the cardholder"}',
		},
		answer: sampleAnswer,
	},
};

export const sendCustomRequest: Command = {
	...send,
	...CHANGING,
	is: 'command',
	commandWhen: { retryRule: ['command'], takesRequestId: [true] },
};

export const inDocs: InDocs = {
	// A getter, since the build leaves nothing out that is worked out when the file is loaded.
	get russian() {
		return `любой другой метод по пути и телу JSON${namedOnly.map(({ russian }, index) => `${index === 0 ? ':' : ','} ${russian}`).join('')}`;
	},
	title: 'Unblock Card',
	input: { card_id: 'card-1002', ticket: 'TKT-44' },
	parameters: {
		path: 'card-api/card/unblock',
		body: '={\n  "card_id": "{{ $json.card_id }}",\n  "description": "Found again"\n}',
		eventId: '={{ $json.ticket }}',
	},
};
